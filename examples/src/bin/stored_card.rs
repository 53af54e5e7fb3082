//! A stored card is charged again without the buyer; the answer is lost on its way, and the notification with it.
//!
//! The sandbox stands where Antom stands; its clock stands still until somebody waits.
#![allow(clippy::print_stdout)] // It is a program for a terminal.

use antom::core::flow::payment::{Capture, PaymentState, Product};
use antom::core::preset::{self, CardMetaData, MerchantInitiated, Purchase, RecurringType};
use antom_examples::{Failure, Play, place, price};
use antom_sandbox::engine::{CardEntry, Fault, FaultTarget};

const BACK: &str = "https://shop.example/thanks";
/// A test card that Antom publishes.
const VISA: &str = "4054695723100768";
const AUTOMATIC: Product = Product::Card { capture: Capture::Automatic };

#[tokio::main]
async fn main() -> Result<(), Failure> {
    let play = Play::start().await?;
    let (orders, sandbox) = (play.shop.orders(), &play.sandbox);

    // The first payment, on the hosted page, leaves a token for the card. Here this program is the buyer, once.
    let purchase = Purchase::new("PAY-1", "ORDER-1", "First month", price());
    let request = preset::card_hosted(purchase, BACK).with_payment_notify_url(play.notify_url.clone());
    let turn = orders.pay("ORDER-1", request, AUTOMATIC).await?;
    sandbox.buyer_enters_card(&place(turn.show())?, CardEntry::valid(VISA))?;
    play.work().await?;
    let first = orders.get("ORDER-1").await?;
    let card =
        first.current().and_then(|attempt| attempt.card.as_ref()).ok_or("what is known of the card")?;
    println!("ORDER-1: paid, the card left a token: {}", card.token.is_some());

    // The second month is charged by token. `MerchantInitiated` tells the issuer that nobody is there to be asked.
    let token = card.token.clone().ok_or("a token")?;
    let network = card.network_transaction_id.clone().ok_or("the first payment's id in the card network")?;
    let purchase = Purchase::new("PAY-2", "ORDER-2", "Second month", price());
    let mut request =
        preset::card_stored(purchase, BACK, token).with_payment_notify_url(play.notify_url.clone());
    let again = MerchantInitiated::new(RecurringType::SCHEDULED, network);
    CardMetaData::new().with_merchant_initiated(again).apply(&mut request.payment_method);
    sandbox.set_fault(FaultTarget::RequestId("PAY-2".into()), Fault::NoAnswer, Some(1));
    sandbox.set_fault(FaultTarget::Operation("payments/pay".into()), Fault::NotifyLost, None);
    let turn = orders.pay("ORDER-2", request, AUTOMATIC).await?;
    println!("ORDER-2: {:?}", turn.payment.state());

    // The intent is stored: a worker inquires, and finds what happened. Nothing is charged twice.
    play.work().await?;
    let second = orders.get("ORDER-2").await?;
    let paid = matches!(second.state(), PaymentState::Paid { .. });
    println!("ORDER-2: paid: {paid}, in {} attempt", second.attempts().len());
    Ok(())
}
