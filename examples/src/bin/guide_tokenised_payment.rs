//! Tokenised payment with an order table: a stored card is charged again without the buyer; the answer, the notification
//! and the inquiry may each be lost. The guide is docs/guides/tokenised-payment.md.
#![allow(clippy::print_stdout)] // It is a program for a terminal.

use std::time::Duration;

use antom::core::flow::payment::{Capture, PaymentState, Product};
use antom::core::preset::{self, Purchase};
use antom::core::profile::ProductFamily;
use antom_examples::open::{OpenShop, place};
use antom_examples::{Failure, price};
use antom_sandbox::engine::{CardEntry, Fault, FaultTarget, TEST_CARDS};

const BACK: &str = "https://shop.example/thanks";
const AUTOMATIC: Product = Product::Card { capture: Capture::Automatic };

#[tokio::main]
async fn main() -> Result<(), Failure> {
    let open = OpenShop::open(ProductFamily::Online).await?;
    let orders = open.shop.orders();

    // The first payment, on the hosted page, leaves a token for the card.
    let purchase = Purchase::new("PAY-1", "ORDER-1", "First month", price());
    let request = preset::card_hosted(purchase, BACK).with_payment_notify_url(open.notify_url.clone());
    let turn = orders.pay("ORDER-1", request, AUTOMATIC).await?;
    let card = TEST_CARDS.first().ok_or("a test card")?.number;
    // Here this program is the buyer, once.
    open.sandbox.buyer_enters_card(&place(turn.show())?, CardEntry::valid(card))?;
    open.sandbox.idle().await;
    let first = orders.get("ORDER-1").await?;
    let card =
        first.current().and_then(|attempt| attempt.card.as_ref()).ok_or("what is known of the card")?;
    let token = card.token.clone().ok_or("a token")?;
    println!("ORDER-1 is paid; the card left a token");

    // The second month is charged by token. The answer is lost on its way, and the notification with it.
    let purchase = Purchase::new("PAY-2", "ORDER-2", "Second month", price());
    let request = preset::card_stored(purchase, BACK, token).with_payment_notify_url(open.notify_url.clone());
    open.sandbox.set_fault(FaultTarget::RequestId("PAY-2".into()), Fault::NoAnswer, Some(1));
    open.sandbox.set_fault(FaultTarget::Operation("payments/pay".into()), Fault::NotifyLost, None);
    let turn = orders.pay("ORDER-2", request, AUTOMATIC).await?;
    let attempt = turn.payment.current().ok_or("an attempt")?;
    println!("ORDER-2 is {:?}", attempt.state);

    // The order table has the intent: a worker inquires, and finds what happened. Nothing is charged twice.
    open.pass(Duration::from_secs(120)).await?;
    let second = orders.get("ORDER-2").await?;
    let PaymentState::Paid { captured } = second.state() else {
        return Err(format!("not paid: {:?}", second.state()).into());
    };
    println!("ORDER-2 is paid: {captured}, in {} attempt", second.attempts().len());
    let measures = open.shop.measure().await?;
    println!("orders that are open: {}", measures.orders.open);
    Ok(())
}
