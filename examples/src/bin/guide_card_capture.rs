//! Cards: authorised on the hosted page or with card data that the shop sends itself, captured by hand. The guide is
//! docs/guides/card-authorization.md.
#![allow(clippy::print_stdout)] // It is a program for a terminal.

use antom::core::api::payments::{PayRequest, PaymentFactor};
use antom::core::flow::payment::{Capture, NewCapture, NewRefund, PaymentState, Product};
use antom::core::preset::{self, CardMetaData, Purchase, ThreeDs};
use antom::core::profile::ProductFamily;
use antom::core::{Amount, Currency};
use antom_examples::open::{OpenShop, place};
use antom_examples::{Failure, price};
use antom_sandbox::engine::{CardEntry, TEST_CARDS};
use std::time::Duration;

const BACK: &str = "https://shop.example/thanks";
const MANUAL: Product = Product::Card { capture: Capture::Manual };

/// Money is only reserved until the shop captures it.
fn captured_by_hand(request: PayRequest) -> PayRequest {
    let factor = PaymentFactor::new().with_is_authorization(true).with_capture_mode("MANUAL");
    request.with_payment_factor(factor)
}

#[tokio::main]
async fn main() -> Result<(), Failure> {
    let open = OpenShop::open(ProductFamily::Online).await?;
    let orders = open.shop.orders();
    let test_card = TEST_CARDS.first().ok_or("a test card")?.number;

    // On the hosted page: the shop never sees the card.
    let purchase = Purchase::new("PAY-1", "ORDER-1", "A lamp", price());
    let request = captured_by_hand(preset::card_hosted(purchase, BACK))
        .with_payment_notify_url(open.notify_url.clone());
    let turn = orders.pay("ORDER-1", request, MANUAL).await?;
    // Here this program is the buyer.
    open.sandbox.buyer_enters_card(&place(turn.show())?, CardEntry::valid(test_card))?;
    open.sandbox.idle().await;
    let order = orders.get("ORDER-1").await?;
    println!("ORDER-1 is {:?}; it may be shipped: {}", order.state(), order.may_ship());

    // Captured in part when it is packed; the rest is let go with the last capture.
    let part = Amount::new(Currency::SGD, 500);
    let capture = NewCapture { request_id: "CAPTURE-1".into(), amount: part.clone(), last: true };
    orders.capture("ORDER-1", capture).await?;
    open.sandbox.idle().await;
    let order = orders.get("ORDER-1").await?;
    let PaymentState::Paid { captured } = order.state() else {
        return Err(format!("not captured: {:?}", order.state()).into());
    };
    println!("ORDER-1: {captured} captured; it may be shipped: {}", order.may_ship());

    // Given back, no more than was captured.
    let refund = NewRefund { request_id: "REFUND-1".into(), amount: part, capture_id: None };
    orders.refund("ORDER-1", refund).await?;
    open.pass(Duration::from_secs(60)).await?;
    let entries = orders.ledger("ORDER-1").await?;
    println!("the ledger: {:?}", entries.iter().map(|entry| entry.kind).collect::<Vec<_>>());

    // Server to server, with the buyer's bank in between. The card's number passes through this program, which is
    // what PCI DSS is about; it is stored nowhere.
    let card = preset::Card::new(test_card, "12", "29").with_cvv("123");
    let purchase = Purchase::new("PAY-2", "ORDER-2", "A chair", price());
    let mut request = captured_by_hand(preset::card_server_to_server(purchase, BACK, card))
        .with_payment_notify_url(open.notify_url.clone());
    CardMetaData::new().with_three_ds(ThreeDs::Demand).apply(&mut request.payment_method);
    let turn = orders.pay("ORDER-2", request, MANUAL).await?;
    // Here this program is the buyer again.
    open.sandbox.buyer_approves(&place(turn.show())?)?;
    open.sandbox.idle().await;
    println!("ORDER-2 is {:?}", orders.get("ORDER-2").await?.state());
    let capture = NewCapture { request_id: "CAPTURE-2".into(), amount: price(), last: true };
    let turn = orders.capture("ORDER-2", capture).await?;
    println!("ORDER-2 is {:?}", turn.payment.state());
    Ok(())
}
