//! `Payment::settle`, against a sandbox whose clock the client moves by waiting: no test takes longer for
//! that.
#![allow(clippy::unwrap_used)]

use std::sync::{Arc, Mutex};
use std::time::Duration;

use antom::core::api::models::PaymentMethodType;
use antom::core::api::payments::{PayRequest, PaymentFactor};
use antom::core::flow::payment::{Capture, PaymentState, Product};
use antom::core::flow::{EntryKind, Show};
use antom::core::preset::{self, Purchase};
use antom::core::signature::sandbox_keys;
use antom::core::time::{DateTimeText, UnixTime, UtcOffset};
use antom::prelude::*;
use antom::{Payment, SettleError, Settled};
use antom_examples::{BEGIN, SandboxTime, price, two_coffees};
use antom_sandbox::engine::{BuyerAction, CardEntry, Fault, FaultTarget, TEST_CARDS};
use antom_sandbox::{Clock, Sandbox, SandboxConfig};

async fn world() -> (Arc<Sandbox>, Client) {
    let mut config = SandboxConfig::default();
    config.clock = Clock::fixed(BEGIN);
    let sandbox = Arc::new(Sandbox::start(config).await.unwrap());
    let client = Client::builder()
        .gateway_url(sandbox.gateway_url())
        .client_id(sandbox.client_id())
        .private_key(sandbox_keys::MERCHANT_PRIVATE_KEY)
        .gateway_key(1, sandbox_keys::GATEWAY_PUBLIC_KEY)
        .clock(SandboxTime(Arc::clone(&sandbox)))
        .sleep(SandboxTime(Arc::clone(&sandbox)))
        .build()
        .unwrap();
    (sandbox, client)
}

fn place(show: &Show) -> String {
    match show {
        Show::Code { text, .. } => text.expose().clone(),
        Show::Redirect { url, .. } => url.as_ref().unwrap().expose().clone(),
        _ => String::new(),
    }
}

fn cashier() -> PayRequest {
    let purchase = Purchase::new("PAY-1", "ORDER-1", "A book", price());
    preset::cashier(purchase, PaymentMethodType::GCASH, "https://shop.example/thanks")
}

/// Settles; the buyer does this at whatever is shown.
async fn settle(
    request: PayRequest,
    product: Product,
    fault: Option<Fault>,
    action: Option<BuyerAction>,
) -> (Settled, usize) {
    let (sandbox, client) = world().await;
    if let Some(fault) = fault {
        sandbox.set_fault(FaultTarget::Operation("payments/pay".into()), fault, Some(1));
    }
    let shows = Mutex::new(0);
    let settled = Payment::new(request, product)
        .settle(&client, |show| {
            *shows.lock().unwrap() += 1;
            if let Some(action) = &action {
                sandbox.buyer(&place(show), action.clone()).unwrap();
            }
        })
        .await
        .unwrap();
    let shown = *shows.lock().unwrap();
    (settled, shown)
}

#[tokio::test]
async fn a_code_that_the_buyer_pays() {
    let request = two_coffees("PAY-1", "ORDER-1");
    let (settled, shown) = settle(request, Product::InStore, None, Some(BuyerAction::Approve)).await;
    assert!(matches!(settled.payment.state(), PaymentState::Paid { .. }));
    assert_eq!(shown, 1);
    assert!(settled.payment.may_ship());
    assert_eq!(settled.payment.order_id(), "ORDER-1");
    assert!(settled.ledger.iter().all(|entry| entry.evidence.proof().is_signed()));
}

#[tokio::test]
async fn a_page_at_which_nobody_pays_is_closed_at_its_expiry() {
    let (settled, shown) = settle(cashier(), Product::Cashier, None, None).await;
    assert_eq!(shown, 1);
    assert!(settled.payment.current().unwrap().is_final_unpaid(), "{:?}", settled.payment.state());
    assert!(!settled.payment.may_ship());
}

#[tokio::test]
async fn a_bank_transfer_is_open_for_two_days() {
    let purchase = Purchase::new("PAY-1", "ORDER-1", "A book", price());
    let request =
        preset::cashier(purchase, PaymentMethodType::BANKTRANSFER_BNI, "https://shop.example/thanks");
    let (settled, _) = settle(request, Product::Cashier, None, None).await;
    let attempt = settled.payment.current().unwrap();
    assert_eq!(attempt.expires.since(BEGIN), Duration::from_secs(48 * 3600 - 60));
    assert!(!attempt.cancellable, "Indonesian methods know no cancellation");
    assert_eq!(settled.payment.state(), PaymentState::Failed);
}

#[tokio::test]
async fn a_buyer_who_declines() {
    let (settled, _) = settle(cashier(), Product::Cashier, None, Some(BuyerAction::Decline)).await;
    assert_eq!(settled.payment.state(), PaymentState::Failed);
    assert!(settled.ledger.is_empty(), "{:?}", settled.ledger);
}

#[tokio::test]
async fn an_answer_that_proves_nothing_is_inquired_and_not_taken_for_a_failure() {
    // The gateway has the payment, and the buyer is never shown the page: it is inquired and then closed.
    let (settled, _) = settle(cashier(), Product::Cashier, Some(Fault::Unsigned), None).await;
    assert!(settled.payment.current().unwrap().is_final_unpaid());
    assert_eq!(settled.payment.attempts().len(), 1);
}

#[tokio::test]
async fn a_card_is_settled_when_it_is_authorised() {
    let purchase = Purchase::new("PAY-1", "ORDER-1", "A book", price());
    let factor = PaymentFactor::new().with_is_authorization(true).with_capture_mode("MANUAL");
    let request = preset::card_hosted(purchase, "https://shop.example/thanks").with_payment_factor(factor);
    let card = BuyerAction::EnterCard(CardEntry::valid(TEST_CARDS[0].number));
    let (settled, _) = settle(request, Product::Card { capture: Capture::Manual }, None, Some(card)).await;
    assert_eq!(settled.payment.state(), PaymentState::Authorised);
    assert!(!settled.payment.may_ship(), "nothing was taken yet");
    assert!(settled.ledger.iter().any(|entry| entry.kind == EntryKind::Authorised));
}

#[tokio::test]
async fn what_cannot_be_paid_is_not_sent() {
    let (sandbox, client) = world().await;
    let over = DateTimeText::at(UnixTime::from_secs(BEGIN.as_secs() - 60), UtcOffset::UTC);
    let request = cashier().with_payment_expiry_time(over);
    let error = Payment::new(request, Product::Cashier).settle(&client, |_| ()).await.unwrap_err();
    assert!(matches!(error, SettleError::Refused(_)), "{error}");
    assert!(sandbox.journal().is_empty());
}
