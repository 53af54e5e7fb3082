//! The program of docs/guides/card-authorization.md: a card is authorised, and its money taken later, in parts.
//!
//! The sandbox stands where Antom stands; its clock stands still until somebody waits.
#![allow(clippy::print_stdout)] // It is a program for a terminal.

use antom::core::api::models::PaymentMethod;
use antom::core::api::payments::{PayRequest, PaymentFactor};
use antom::core::flow::payment::{Capture, NewCapture, NewRefund, PaymentState, Product};
use antom::core::preset::{self, Card, CardMetaData, Purchase, ThreeDs};
use antom::prelude::*;
use antom_examples::{Failure, Play, place};
use antom_sandbox::engine::{BuyerAction, CardEntry};

const BACK: &str = "https://shop.example/thanks";
/// Test cards that Antom publishes.
const VISA: &str = "4054695723100768";
const VISA_WITHOUT_CHALLENGE: &str = "4035501000000008";
/// The merchant captures.
const MANUAL: Product = Product::Card { capture: Capture::Manual };
/// Antom captures.
const AUTOMATIC: Product = Product::Card { capture: Capture::Automatic };

fn euro(cents: u64) -> Amount {
    Amount::new(Currency::EUR, cents)
}

/// A payment whose card is entered at Antom, and whose money the merchant takes.
fn hosted(play: &Play, order: &str) -> PayRequest {
    let purchase = Purchase::new(format!("{order}-1"), order, "Two books", euro(30_000));
    let factor = PaymentFactor::new().with_is_authorization(true).with_capture_mode("MANUAL");
    preset::card_hosted(purchase, BACK)
        .with_payment_factor(factor)
        .with_payment_notify_url(play.notify_url.clone())
}

/// 3-D Secure only where the issuer asks for it.
fn ask_the_issuer(method: &mut PaymentMethod) {
    CardMetaData::new().with_three_ds(ThreeDs::IfIssuerAsks).apply(method);
}

#[tokio::main]
async fn main() -> Result<(), Failure> {
    let play = Play::start().await?;
    let (orders, sandbox) = (play.shop.orders(), &play.sandbox);
    let card = CardEntry::valid(VISA);

    // 1. The buyer enters the card on Antom's page.
    let mut request = hosted(&play, "ORDER-1");
    ask_the_issuer(&mut request.payment_method);
    let turn = orders.pay("ORDER-1", request, MANUAL).await?;
    sandbox.buyer(&place(turn.show())?, BuyerAction::EnterCard(card.clone()))?;
    sandbox.idle().await;
    let order = orders.get("ORDER-1").await?;
    println!("ORDER-1: {:?}, may be shipped: {}", order.state(), order.may_ship());

    // 2. The first parcel leaves: its part is taken. Then the rest, which is less than was reserved.
    let first = NewCapture { request_id: "CAP-1".into(), amount: euro(12_000), last: false };
    let turn = orders.capture("ORDER-1", first).await?;
    println!("ORDER-1: {:?}, may be shipped: {}", turn.payment.state(), turn.payment.may_ship());
    let last = NewCapture { request_id: "CAP-2".into(), amount: euro(15_000), last: true };
    orders.capture("ORDER-1", last).await?;
    play.work().await?;
    let order = orders.get("ORDER-1").await?;
    println!("ORDER-1: {:?}, may be shipped: {}", order.state(), order.may_ship());

    // 3. One book comes back.
    let captured =
        order.current().and_then(|attempt| attempt.captures.first()).and_then(|first| first.id.clone());
    let back = NewRefund { request_id: "REF-1".into(), amount: euro(12_000), capture_id: captured };
    orders.refund("ORDER-1", back).await?;
    play.work().await?;
    for line in orders.ledger("ORDER-1").await? {
        println!("ORDER-1: {:?} {}", line.kind, line.amount);
    }

    // 4. Another order cannot be delivered: the reservation is let go before anything was taken.
    let turn = orders.pay("ORDER-2", hosted(&play, "ORDER-2"), MANUAL).await?;
    sandbox.buyer(&place(turn.show())?, BuyerAction::EnterCard(card))?;
    sandbox.idle().await;
    let turn = orders.cancel("ORDER-2").await?;
    println!("ORDER-2: let go: {}", turn.payment.state() == PaymentState::Cancelled);

    // 5. A merchant who is qualified for card data (PCI DSS) sends the card itself, and Antom captures.
    let card = Card::new(VISA_WITHOUT_CHALLENGE, "12", "39").with_cvv("123");
    let purchase = Purchase::new("ORDER-3-1", "ORDER-3", "A book", euro(4_500));
    let mut request =
        preset::card_server_to_server(purchase, BACK, card).with_payment_notify_url(play.notify_url.clone());
    ask_the_issuer(&mut request.payment_method);
    let turn = orders.pay("ORDER-3", request, AUTOMATIC).await?;
    println!(
        "ORDER-3: stored and sent again: {}",
        turn.payment.current().is_some_and(|attempt| attempt.replayable)
    );
    play.work().await?;
    let order = orders.get("ORDER-3").await?;
    println!("ORDER-3: {:?}, may be shipped: {}", order.state(), order.may_ship());
    Ok(())
}
