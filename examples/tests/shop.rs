//! `antom::shop` against a sandbox, with a web server for its notifications and workers by hand, on one clock
//! that waiting moves.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test stops where something is not as it should be")]

mod support;

use std::sync::{Arc, Mutex};
use std::time::Duration;

use antom::core::api::authorizations::ConsultRequest;
use antom::core::api::models::{PaymentMethodType, ScopeType, TerminalType};
use antom::core::api::payments::PaymentFactor;
use antom::core::fact::Verified;
use antom::core::flow::EntryKind;
use antom::core::flow::payment::{
    AttemptState, Capture, ConflictKind, NewCapture, NewRefund, PaymentState, Product, Refused,
};
use antom::core::flow::token::{EndReason, GrantState, TokenSet};
use antom::core::preset::{self, Purchase};
use antom::core::time::UnixTime;
use antom::prelude::*;
use antom::shop::worker::{Courier, Handler, HandlerError, Pace, Round, Settler, Stop, Worker, run};
use antom::shop::{ImportedOrder, ImportedToken, Noticed, Shop, ShopError};
use antom::store::{MemoryStore, OutboxRow, Subject};
use antom_examples::{BEGIN, price, two_coffees};
use antom_sandbox::engine::{CardEntry, Fault, FaultTarget, TEST_CARDS};
use support::{World, place, signed_notice};

#[tokio::test]
async fn a_code_is_shown_and_its_payment_comes_by_notification() {
    let world = World::new().await;
    let orders = world.shop.orders();
    orders.create("ORDER-1").await.unwrap();
    assert_eq!(orders.create("ORDER-1").await.unwrap().attempts().len(), 0);
    let request = world.coffees("PAY-1", "ORDER-1");
    let turn = orders.pay("ORDER-1", request.clone(), Product::InStore).await.unwrap();
    world.sandbox.buyer_approves(&place(turn.show())).unwrap();
    world.sandbox.idle().await;
    let paid = orders.get("ORDER-1").await.unwrap();
    assert!(matches!(paid.state(), PaymentState::Paid { .. }), "{:?}", paid.state());
    assert!(paid.may_ship());
    let ledger = orders.ledger("ORDER-1").await.unwrap();
    assert_eq!(ledger.iter().map(|entry| entry.kind).collect::<Vec<_>>(), [EntryKind::Captured]);
    assert_eq!(world.sandbox.unacknowledged(), 0);
    // Asked again with the same id, nothing is sent.
    let calls = world.sandbox.journal().len();
    orders.pay("ORDER-1", request, Product::InStore).await.unwrap();
    assert_eq!(world.sandbox.journal().len(), calls, "a second pay was sent");
}

#[tokio::test]
async fn what_nobody_pays_is_closed_by_a_worker_and_may_be_tried_again() {
    let world = World::new().await;
    let orders = world.shop.orders();
    orders.pay("ORDER-1", world.cashier("PAY-1", "ORDER-1"), Product::Cashier).await.unwrap();
    let again = orders.pay("ORDER-1", world.cashier("PAY-2", "ORDER-1"), Product::Cashier).await;
    assert!(matches!(again, Err(ShopError::Refused(_))), "two live attempts: {again:?}");
    world.settle_all().await;
    let closed = orders.get("ORDER-1").await.unwrap();
    assert!(closed.current().unwrap().is_final_unpaid(), "{:?}", closed.state());
}

#[tokio::test]
async fn a_process_that_died_before_it_sent_leaves_a_payment_that_another_one_sends() {
    let world = World::new().await;
    // The gateway took nothing: the answer was lost on the way there.
    world.sandbox.set_fault(FaultTarget::Operation("payments/pay".into()), Fault::NoAnswer, Some(1));
    let request = world.coffees("PAY-1", "ORDER-1");
    let turn = world.shop.orders().pay("ORDER-1", request, Product::InStore).await.unwrap();
    assert!(turn.show().is_none());
    let attempt = |payment: &antom::core::flow::payment::Payment| payment.current().unwrap().clone();
    assert_eq!(attempt(&turn.payment).state, AttemptState::Unresolved);
    for _ in 0..20 {
        world.settle().await;
        world.sandbox.advance(Duration::from_secs(3)).await;
        let stored = world.shop.orders().get("ORDER-1").await.unwrap();
        if let Some(show) = &attempt(&stored).show {
            world.sandbox.buyer_approves(&place(Some(show))).unwrap();
            world.sandbox.idle().await;
            let paid = world.shop.orders().get("ORDER-1").await.unwrap();
            assert!(matches!(paid.state(), PaymentState::Paid { .. }));
            assert_eq!(paid.attempts().len(), 1);
            return;
        }
        if attempt(&stored).state != AttemptState::Unresolved {
            // The gateway had it all the same, and an inquiry brought no code: it is closed at its expiry.
            world.settle_all().await;
            let closed = world.shop.orders().get("ORDER-1").await.unwrap();
            assert!(attempt(&closed).is_final_unpaid());
            return;
        }
    }
    panic!("the payment stayed unresolved for a minute");
}

#[tokio::test]
async fn a_card_is_captured_in_part_and_given_back() {
    let world = World::new().await;
    let orders = world.shop.orders();
    let purchase = Purchase::new("PAY-1", "ORDER-1", "A book", price());
    let factor = PaymentFactor::new().with_is_authorization(true).with_capture_mode("MANUAL");
    let request = preset::card_hosted(purchase, "https://shop.example/thanks")
        .with_payment_factor(factor)
        .with_payment_notify_url(world.notify.clone());
    let product = Product::Card { capture: Capture::Manual };
    let turn = orders.pay("ORDER-1", request, product).await.unwrap();
    let card = CardEntry::valid(TEST_CARDS[0].number);
    world.sandbox.buyer_enters_card(&place(turn.show()), card).unwrap();
    world.sandbox.idle().await;
    assert_eq!(orders.get("ORDER-1").await.unwrap().state(), PaymentState::Authorised);
    let part = Amount::new(Currency::SGD, 500);
    let capture = NewCapture { request_id: "CAP-1".into(), amount: part.clone(), last: true };
    let turn = orders.capture("ORDER-1", capture.clone()).await.unwrap();
    assert_eq!(turn.payment.state(), PaymentState::Paid { captured: part.clone() });
    let refund = NewRefund { request_id: "REF-1".into(), amount: part.clone(), capture_id: None };
    orders.refund("ORDER-1", refund).await.unwrap();
    world.settle_all().await;
    let kinds: Vec<_> = orders.ledger("ORDER-1").await.unwrap().iter().map(|entry| entry.kind).collect();
    assert_eq!(kinds, [EntryKind::Authorised, EntryKind::Captured, EntryKind::Refunded]);
    let more = NewRefund { request_id: "REF-2".into(), amount: part, capture_id: None };
    assert!(matches!(orders.refund("ORDER-1", more).await, Err(ShopError::Refused(_))));
}

#[tokio::test]
async fn a_request_with_a_card_number_is_not_stored() {
    let world = World::new().await;
    let purchase = Purchase::new("PAY-1", "ORDER-1", "A book", price());
    let card = preset::Card::new(TEST_CARDS[0].number, "12", "29").with_cvv("123");
    let request = preset::card_server_to_server(purchase, "https://shop.example/thanks", card)
        .with_payment_notify_url(world.notify.clone());
    let product = Product::Card { capture: Capture::Automatic };
    let turn = world.shop.orders().pay("ORDER-1", request, product).await.unwrap();
    assert!(!turn.payment.current().unwrap().replayable);
    let client_id = world.shop.client().profile().client_id().unwrap().clone();
    assert!(world.shop.store().body(&client_id, "PAY-1").await.unwrap().is_none());
}

#[tokio::test]
async fn many_who_ask_at_once_make_one_inquiry() {
    let world = World::new().await;
    let orders = world.shop.orders();
    orders.pay("ORDER-1", world.coffees("PAY-1", "ORDER-1"), Product::InStore).await.unwrap();
    let calls = world.sandbox.journal().len();
    let asked = (0..20).map(|_| {
        let shop = world.shop.clone();
        tokio::spawn(async move { shop.orders().inquire_now("ORDER-1").await.map(|turn| turn.payment) })
    });
    for answer in asked.collect::<Vec<_>>() {
        answer.await.unwrap().unwrap();
    }
    let made = world.sandbox.journal().len() - calls;
    assert_eq!(made, 1, "{made} inquiries for twenty questions");
}

#[tokio::test]
async fn the_same_notification_a_hundred_times_is_one_transition() {
    let world = World::new().await;
    let orders = world.shop.orders();
    orders.pay("ORDER-1", world.coffees("PAY-1", "ORDER-1"), Product::InStore).await.unwrap();
    let before = world.shop.store().order("ORDER-1").await.unwrap().unwrap().revision;
    let notice = paid_notice(world.shop.client(), "PAY-1", world.sandbox.now());
    let taken = (0..100).map(|_| {
        let (shop, notice, now) = (world.shop.clone(), notice.clone(), world.sandbox.now());
        tokio::spawn(async move { shop.on_notification(&notice, now).await.unwrap() })
    });
    let (mut turns, mut repeats) = (0, 0);
    for noticed in taken.collect::<Vec<_>>() {
        match noticed.await.unwrap() {
            Noticed::Order(_) => turns += 1,
            Noticed::Before => repeats += 1,
            other => panic!("{other:?}"),
        }
    }
    assert_eq!((turns, repeats), (1, 99));
    let after = world.shop.store().order("ORDER-1").await.unwrap().unwrap();
    assert_eq!(after.revision, before.next());
    assert!(matches!(after.payment.state(), PaymentState::Paid { .. }));
}

/// A payment's success.
fn paid_notice(client: &Client, request: &str, at: UnixTime) -> Verified {
    let body = format!(
        r#"{{"notifyType":"PAYMENT_RESULT","result":{{"resultCode":"SUCCESS","resultStatus":"S"}},"paymentRequestId":"{request}","paymentAmount":{{"currency":"SGD","value":"950"}}}}"#
    );
    signed_notice(client, body, at)
}

#[tokio::test]
async fn a_buyer_authorizes_and_the_token_pays_is_refreshed_and_revoked() {
    let world = World::new().await;
    let tokens = world.shop.tokens();
    let request = ConsultRequest::new(
        "GCASH",
        "https://shop.example/linked",
        vec![ScopeType::AGREEMENT_PAY],
        "",
        TerminalType::WEB,
    )
    .with_auth_notify_url(world.notify.clone());
    let turn = tokens.authorize("BUYER-1", request).await.unwrap();
    let state = turn.grant.auth_state().to_owned();
    assert_eq!(state.len(), 40);
    world.sandbox.buyer_approves(&place(turn.show())).unwrap();
    world.sandbox.idle().await;
    assert_eq!(tokens.get(&state).await.unwrap().state(), &GrantState::Applying);
    // The fresh code is due at once.
    let round = world.keep().await;
    assert_eq!((round.claimed, round.done), (1, 1));
    let grant = tokens.get(&state).await.unwrap();
    assert_eq!(grant.state(), &GrantState::Active);
    let first = grant.token().unwrap().clone();

    let purchase = Purchase::new("PAY-1", "ORDER-1", "A ride", price());
    let request = preset::agreement(purchase, PaymentMethodType::GCASH, first.access_token.clone())
        .with_payment_notify_url(world.notify.clone());
    world.shop.orders().pay_with_token("ORDER-1", request, &state).await.unwrap();
    world.settle_all().await;
    let paid = world.shop.orders().get("ORDER-1").await.unwrap();
    assert!(matches!(paid.state(), PaymentState::Paid { .. }), "{:?}", paid.state());

    // Ten days and some hours before its end it is refreshed, by one of two processes.
    let end = first.expires.unwrap();
    let ahead = end.since(world.sandbox.now()).saturating_sub(Duration::from_secs(10 * 24 * 3600));
    world.sandbox.advance(ahead).await;
    let both = tokio::join!(world.keep(), world.keep());
    assert_eq!(both.0.done + both.1.done, 1);
    let second = tokens.get(&state).await.unwrap().token().unwrap().clone();
    assert_ne!(first.access_token, second.access_token);

    let turn = tokens.revoke(&state).await.unwrap();
    assert_eq!(turn.grant.state(), &GrantState::Ended { why: EndReason::Revoked });
    let purchase = Purchase::new("PAY-2", "ORDER-2", "A ride", price());
    let request = preset::agreement(purchase, PaymentMethodType::GCASH, second.access_token);
    let late = world.shop.orders().pay_with_token("ORDER-2", request, &state).await;
    assert!(matches!(late, Err(ShopError::NoUsableToken)), "{late:?}");
}

/// Takes events; refuses the first so many times.
#[derive(Debug, Default)]
struct Books {
    refusals: Mutex<u32>,
    seen: Mutex<Vec<(u64, Subject)>>,
}

#[async_trait::async_trait]
impl Handler for Books {
    async fn handle(&self, event: &OutboxRow) -> Result<(), HandlerError> {
        let mut refusals = self.refusals.lock().unwrap();
        if *refusals > 0 {
            *refusals -= 1;
            return Err("the books are closed".into());
        }
        self.seen.lock().unwrap().push((event.sequence, event.subject.clone()));
        Ok(())
    }
}

#[tokio::test]
async fn events_are_handed_over_in_order_and_again_until_they_are_taken() {
    let world = World::new().await;
    for number in 1..=3 {
        let (order, request) = (format!("ORDER-{number}"), format!("PAY-{number}"));
        let request = world.coffees(&request, &order);
        let turn = world.shop.orders().pay(&order, request, Product::InStore).await.unwrap();
        world.sandbox.buyer_approves(&place(turn.show())).unwrap();
    }
    world.sandbox.idle().await;
    let books = Arc::new(Books { refusals: Mutex::new(2), ..Books::default() });
    let courier = Courier::new(world.process(), books.clone());
    let first = courier.round(Pace::default()).await.unwrap();
    assert_eq!(first.failed.len(), 2);
    assert!(first.failed.iter().all(|(_, error)| error.to_string().contains("try 1: the books are closed")));
    for _ in 0..10 {
        world.sandbox.advance(Duration::from_secs(60)).await;
        courier.round(Pace::default()).await.unwrap();
    }
    let all = world.shop.store().events(0, 100).await.unwrap();
    let seen = books.seen.lock().unwrap().clone();
    assert_eq!(seen.len(), all.len(), "each event once: nobody died");
    for (_, subject) in &seen {
        let order: Vec<_> = seen.iter().filter(|(_, other)| other == subject).map(|(at, _)| *at).collect();
        assert!(order.is_sorted(), "{subject:?}: {order:?}");
    }
    assert_eq!(world.shop.measure().await.unwrap().outbox.waiting, 0);
}

#[tokio::test]
async fn imported_orders_are_asked_about_and_imported_tokens_refreshed() {
    let world = World::new().await;
    // An earlier system paid this one.
    let earlier = Shop::new(world.shop.client().clone(), Arc::new(MemoryStore::new())).unwrap();
    let request = two_coffees("OLD-1", "ORDER-1");
    let turn = earlier.orders().pay("ORDER-1", request, Product::InStore).await.unwrap();
    world.sandbox.buyer_approves(&place(turn.show())).unwrap();
    let expires = BEGIN.saturating_add(Duration::from_secs(600));
    let order = |number: u8, request: &str| {
        ImportedOrder::new(format!("ORDER-{number}"), request, price(), Product::InStore, BEGIN, expires)
    };
    world.sandbox.advance(Duration::from_secs(24 * 3600 * 2)).await;
    let orders = world.shop.orders();
    assert!(orders.import(order(1, "OLD-1")).await.unwrap());
    assert!(!orders.import(order(1, "OLD-1")).await.unwrap());
    assert!(orders.import(order(2, "NEVER-SENT")).await.unwrap());
    world.settle().await;
    let paid = orders.get("ORDER-1").await.unwrap();
    assert!(matches!(paid.state(), PaymentState::Paid { .. }), "{:?}", paid.state());
    let unknown = orders.get("ORDER-2").await.unwrap();
    assert_eq!(unknown.current().unwrap().state, AttemptState::Unresolved, "not found proves nothing");

    let token = TokenSet {
        access_token: antom::core::secret::Secret::from("TOKEN-OF-ANOTHER-SYSTEM"),
        expires: Some(world.sandbox.now().saturating_add(Duration::from_secs(365 * 24 * 3600))),
        refresh_token: None,
        refresh_expires: None,
        user_login_id: None,
    };
    let state = world.shop.tokens().import(ImportedToken::new("BUYER-1", "GCASH", token)).await.unwrap();
    assert_eq!(world.shop.tokens().get(&state).await.unwrap().state(), &GrantState::Active);
}

#[tokio::test]
async fn an_attempt_that_nobody_can_settle_is_reported_and_may_then_be_written_off() {
    let world = World::new().await;
    let orders = world.shop.orders();
    // It never reached the gateway, and the system that sent it is no more.
    let expires = BEGIN.saturating_add(Duration::from_secs(600));
    let order = ImportedOrder::new("ORDER-1", "LOST-1", price(), Product::InStore, BEGIN, expires);
    assert!(orders.import(order).await.unwrap());
    world.settle().await;
    let early = orders.write_off("ORDER-1", "LOST-1").await;
    assert!(matches!(early, Err(ShopError::Refused(Refused::NotStuck))), "{early:?}");
    for _ in 0..30 {
        world.sandbox.advance(Duration::from_secs(3600)).await;
        world.settle().await;
    }
    let stuck = orders.get("ORDER-1").await.unwrap();
    assert_eq!(stuck.state(), PaymentState::Conflict);
    let open: Vec<_> = stuck.attempts()[0].open_conflicts().map(|conflict| conflict.kind.clone()).collect();
    assert_eq!(open, [ConflictKind::NeverSettled]);
    let turn = orders.write_off("ORDER-1", "LOST-1").await.unwrap();
    assert!(turn.payment.current().unwrap().is_final_unpaid(), "{:?}", turn.payment);
    assert_eq!(world.shop.measure().await.unwrap().orders.open, 0);
}

#[tokio::test]
async fn workers_run_until_they_are_stopped() {
    let world = World::new().await;
    let turn = world.shop.orders().pay("ORDER-1", world.cashier("PAY-1", "ORDER-1"), Product::Cashier).await;
    turn.unwrap();
    let (stop, rounds) = (Stop::new(), Mutex::new(0));
    let settler = Settler::new(world.shop.clone());
    let watch = |round: Result<&Round, &ShopError>| {
        round.unwrap();
        *rounds.lock().unwrap() += 1;
    };
    let ends = async {
        loop {
            tokio::task::yield_now().await;
            if world.shop.measure().await.unwrap().orders.open == 0 {
                stop.stop();
                return;
            }
        }
    };
    tokio::join!(run(&world.shop, &settler, Pace::default(), &stop, &watch), ends);
    assert!(*rounds.lock().unwrap() > 1);
    assert!(world.shop.orders().get("ORDER-1").await.unwrap().current().unwrap().is_final_unpaid());
}

#[tokio::test]
async fn what_was_never_asked_for_is_parked() {
    let world = World::new().await;
    // A payment of another system under the same account.
    let earlier = Shop::new(world.shop.client().clone(), Arc::new(MemoryStore::new())).unwrap();
    let request = world.coffees("OTHER-1", "ORDER-9");
    let turn = earlier.orders().pay("ORDER-9", request, Product::InStore).await.unwrap();
    world.sandbox.buyer_approves(&place(turn.show())).unwrap();
    world.sandbox.idle().await;
    let parked = world.shop.measure().await.unwrap().inbox;
    assert_eq!(parked.parked, 1);
    assert_eq!(world.sandbox.unacknowledged(), 0, "it is stored, so it was acknowledged");
    // The order appears, and what was parked is applied to it.
    let expires = BEGIN.saturating_add(Duration::from_secs(600));
    let order = ImportedOrder::new("ORDER-9", "OTHER-1", price(), Product::InStore, BEGIN, expires);
    world.shop.orders().import(order).await.unwrap();
    let paid = world.shop.orders().get("ORDER-9").await.unwrap();
    assert!(matches!(paid.state(), PaymentState::Paid { .. }), "{:?}", paid.state());
    assert_eq!(world.shop.measure().await.unwrap().inbox.parked, 0);
}
