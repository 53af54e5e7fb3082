//! The order code system: the till shows a code, the buyer scans it, the notification says that it is paid. An order that
//! nobody pays is cancelled. The guide is docs/guides/order-code.md.
#![allow(clippy::print_stdout)] // It is a program for a terminal.

use std::time::Duration;

use antom::core::flow::payment::{PaymentState, Product};
use antom::core::profile::ProductFamily;
use antom_examples::open::{OpenShop, place};
use antom_examples::{Failure, two_coffees};

#[tokio::main]
async fn main() -> Result<(), Failure> {
    let open = OpenShop::open(ProductFamily::InStore).await?;
    let orders = open.shop.orders();

    // Signed, submitted, its answer verified. The id is stored before the first byte is sent.
    let request = two_coffees("PAY-1", "ORDER-1").with_payment_notify_url(open.notify_url.clone());
    let turn = orders.pay("ORDER-1", request, Product::InStore).await?;
    let code = place(turn.show())?;
    println!("the till shows a code");

    // From here on this program is the buyer.
    open.sandbox.buyer_approves(&code)?;
    open.sandbox.idle().await;

    // The notification came to the webhook: verified, stored, acknowledged.
    let order = orders.get("ORDER-1").await?;
    let PaymentState::Paid { captured } = order.state() else {
        return Err(format!("not paid: {:?}", order.state()).into());
    };
    println!("ORDER-1 is paid: {captured}; it may be shipped: {}", order.may_ship());
    println!("notifications not acknowledged: {}", open.sandbox.unacknowledged());

    // A second order whose buyer changes their mind. A cancel with `S` proves that nothing is taken.
    let request = two_coffees("PAY-2", "ORDER-2").with_payment_notify_url(open.notify_url.clone());
    orders.pay("ORDER-2", request, Product::InStore).await?;
    let turn = orders.cancel("ORDER-2").await?;
    println!("ORDER-2 is {:?}", turn.payment.state());

    // A third one that nobody pays: inquired in the documented rhythm, cancelled at its end, by the workers.
    let request = two_coffees("PAY-3", "ORDER-3").with_payment_notify_url(open.notify_url.clone());
    orders.pay("ORDER-3", request, Product::InStore).await?;
    let turn = orders.inquire_now("ORDER-3").await?;
    println!("ORDER-3 is {:?}", turn.payment.state());
    open.pass(Duration::from_secs(20 * 60)).await?;
    println!("twenty minutes later it is {:?}", orders.get("ORDER-3").await?.state());
    Ok(())
}
