//! Cards, captures and refunds.

use super::*;
use crate::flow::evidence::Source;
use crate::flow::fact::{Card, MovementFact, MovementKind};
use crate::flow::kit::{PAYMENT, fact, movement, notice, signed};
use crate::flow::movement::MovementState;
use crate::secret::Secret;

const MANUAL: Product = Product::Card { capture: Capture::Manual };
const AUTOMATIC: Product = Product::Card { capture: Capture::Automatic };

fn authorised() -> Bench {
    let mut bench = Bench::new(MANUAL);
    bench.noticed(notice(Says::Success));
    bench
}

fn capture(id: &str, minor: u64, last: bool) -> Input {
    Input::Capture(NewCapture { request_id: id.into(), amount: eur(minor), last })
}

fn refund(id: &str, minor: u64) -> Input {
    Input::Refund(NewRefund { request_id: id.into(), amount: eur(minor), capture_id: None })
}

fn captured(id: &str, minor: u64) -> Input {
    Input::MovementNoticed(movement(MovementKind::Capture, id, minor, Says::Success))
}

fn refunded(id: &str, minor: u64, says: Says) -> Input {
    Input::MovementNoticed(MovementFact {
        payment_id: None,
        ..movement(MovementKind::Refund, id, minor, says)
    })
}

fn refused(kind: MovementKind, code: &str, first_send: bool) -> Answer<MovementFact> {
    let fact =
        MovementFact { code: Some(code.into()), ..MovementFact::new(kind, signed(Source::RefundReply)) };
    Answer::Refused { fact, first_send }
}

#[test]
fn success_on_a_card_is_authorised_and_ships_after_capture() {
    let mut bench = authorised();
    assert_eq!(bench.payment.state(), PaymentState::Authorised);
    assert!(!bench.payment.may_ship());
    let by = bench.now.saturating_add(core::time::Duration::from_secs(7 * 24 * 3600));
    assert_eq!(bench.payment.resting_step(), NextStep::AwaitCapture { request_id: PAY.into(), by: Some(by) });
    let step = bench.step(capture("CAP-1", 1050, true));
    let expected = NextStep::Capture {
        payment_id: PAYMENT.into(),
        capture_request_id: "CAP-1".into(),
        amount: eur(1050),
        last: true,
    };
    assert_eq!(step, expected);
    let accepted = movement(MovementKind::Capture, "CAP-1", 1050, Says::Processing);
    bench.step(Input::CaptureAnswered {
        capture_request_id: "CAP-1".into(),
        answer: Answer::Accepted(accepted),
    });
    assert!(!bench.payment.may_ship());
    bench.step(captured("CAP-1", 1050));
    assert_eq!(bench.entries, [EntryKind::Authorised, EntryKind::Captured]);
    assert_eq!(bench.payment.state(), PaymentState::Paid { captured: eur(1050) });
    assert!(bench.payment.may_ship());
}

#[test]
fn shipping_on_authorisation_is_a_decision_of_the_merchant() {
    let plan = Plan { ship_on_authorisation: true, ..Plan::default() };
    let mut bench = Bench::planned(MANUAL, plan, |attempt| attempt);
    bench.noticed(notice(Says::Success));
    assert!(bench.payment.may_ship());
}

#[test]
fn automatic_captures_carry_ids_never_issued() {
    let mut bench = Bench::new(AUTOMATIC);
    bench.noticed(notice(Says::Success));
    assert_eq!(bench.put(capture("CAP-1", 1050, true)), Err(Refused::CapturedAutomatically));
    assert!(matches!(bench.tick(), NextStep::Inquire { .. }));
    bench.step(captured("GATEWAY-CAP", 1050));
    assert_eq!(bench.payment.state(), PaymentState::Paid { captured: eur(1050) });
    let capture = bench.payment.current().unwrap().captures.first().unwrap();
    assert!(!capture.ours);
}

#[test]
fn captures_stay_within_the_authorisation() {
    let mut bench = authorised();
    bench.step(capture("CAP-1", 600, false));
    assert_eq!(bench.put(capture("CAP-2", 451, false)), Err(Refused::Exceeds { left: 450 }));
    bench.step(capture("CAP-2", 400, true));
    assert_eq!(bench.put(capture("CAP-3", 1, false)), Err(Refused::LastCaptureMade));
    bench.step(captured("CAP-1", 600));
    assert!(!bench.payment.may_ship(), "the last capture is not done");
    bench.step(captured("CAP-2", 400));
    assert_eq!(bench.payment.state(), PaymentState::Paid { captured: eur(1000) });
    assert!(bench.payment.may_ship());
    // More than that from outside is a conflict.
    bench.step(captured("SOMEONE", 51));
    assert_eq!(bench.conflicts(), [ConflictKind::CaptureExceeds]);
}

#[test]
fn a_capture_before_the_authorisation_is_kept_until_it_comes() {
    let mut bench = Bench::new(AUTOMATIC);
    bench.noticed(notice(Says::Processing));
    bench.step(captured("GATEWAY-CAP", 1050));
    assert_eq!(bench.payment.state(), PaymentState::Pending);
    assert!(bench.events.contains(&Event::CaptureBeforeAuthorisation { attempt: PAY.into() }));
    bench.noticed(notice(Says::Success));
    assert_eq!(bench.payment.state(), PaymentState::Paid { captured: eur(1050) });
}

#[test]
fn nothing_is_captured_during_a_review() {
    let mut bench = authorised();
    bench.noticed(PaymentFact { in_review: Some(true), ..notice(Says::Success) });
    assert_eq!(bench.put(capture("CAP-1", 1050, true)), Err(Refused::InReview));
    bench.noticed(PaymentFact { in_review: Some(false), ..notice(Says::Success) });
    assert!(bench.put(capture("CAP-1", 1050, true)).is_ok());
}

#[test]
fn a_lost_capture_answer_is_asked_about_and_sent_again() {
    let mut bench = authorised();
    bench.step(capture("CAP-1", 1050, true));
    bench.step(Input::CaptureAnswered { capture_request_id: "CAP-1".into(), answer: Answer::Unresolved });
    assert!(matches!(bench.tick(), NextStep::Inquire { .. }));
    let step = bench.inquired(Answer::Done(fact(Source::PaymentInquiry, Says::Success)));
    assert!(matches!(step, NextStep::Capture { .. }), "{step:?}");
    bench.tick();
    let mut known = fact(Source::PaymentInquiry, Says::Success);
    known.movements.push(movement(MovementKind::Capture, "CAP-1", 1050, Says::Success));
    bench.inquired(Answer::Done(known));
    assert_eq!(bench.payment.state(), PaymentState::Paid { captured: eur(1050) });
}

#[test]
fn the_merchant_is_reminded_before_the_authorisation_ends() {
    let mut bench = Bench::new(MANUAL);
    let ends = at(3 * 24 * 3600);
    bench.noticed(PaymentFact { auth_expires: Some(ends), ..notice(Says::Success) });
    bench.tick();
    assert!(bench.events.contains(&Event::CaptureDue { attempt: PAY.into(), by: ends }));
    assert_eq!(bench.now, at(2 * 24 * 3600));
    assert!(matches!(bench.tick(), NextStep::Inquire { .. }));
    bench.inquired(Answer::Done(fact(Source::PaymentInquiry, Says::Cancelled)));
    assert_eq!(bench.entries, [EntryKind::Authorised, EntryKind::Cancelled]);
}

#[test]
fn a_saved_card_is_kept_and_never_shown() {
    let mut bench = Bench::new(AUTOMATIC);
    let card = Card {
        token: Some(Secret::from("CARD_TOKEN_CANARY")),
        network_transaction_id: Some(Secret::from("NTI_CANARY")),
        avs: Some("A".into()),
        ..Card::default()
    };
    bench.noticed(PaymentFact { card: Some(card.into()), ..notice(Says::Success) });
    assert!(bench.events.contains(&Event::CardStored { attempt: PAY.into() }));
    assert!(!alloc::format!("{:?}", bench.payment).contains("CANARY"));
    let kept = bench.payment.current().unwrap().card.clone().unwrap();
    assert_eq!(kept.token.unwrap().expose(), "CARD_TOKEN_CANARY");
}

#[test]
fn refunds_are_reserved_before_they_are_sent() {
    let mut bench = Bench::new(Product::InStore);
    bench.noticed(notice(Says::Success));
    let step = bench.step(refund("REF-1", 300));
    assert!(matches!(step, NextStep::Refund { .. }));
    assert!(matches!(bench.step(refund("REF-1", 300)), NextStep::InquireNotBefore(_)), "a repeated wish");
    assert_eq!(bench.put(refund("REF-1", 301)), Err(Refused::IdReused { request_id: "REF-1".into() }));
    // `U` counts.
    bench.step(Input::RefundAnswered { refund_request_id: "REF-1".into(), answer: Answer::Unresolved });
    assert_eq!(bench.put(refund("REF-2", 751)), Err(Refused::Exceeds { left: 750 }));
    assert_eq!(bench.put(Input::Cancel), Err(Refused::HasRefunds));
    // Done by inquiry, with the same id.
    assert!(matches!(bench.tick(), NextStep::InquireRefund { .. }));
    let answer = Answer::Done(movement(MovementKind::Refund, "REF-1", 300, Says::Success));
    bench.step(Input::RefundInquired { refund_request_id: "REF-1".into(), answer });
    assert_eq!(bench.entries, [EntryKind::Captured, EntryKind::Refunded]);
    assert_eq!(bench.payment.current().unwrap().refunded(), 300);
}

#[test]
fn only_a_proven_failure_frees_a_refund() {
    let refund_id = || "REF-1".into();
    let mut bench = Bench::new(Product::InStore);
    bench.noticed(notice(Says::Success));
    bench.step(refund("REF-1", 1050));
    bench.step(Input::RefundAnswered {
        refund_request_id: refund_id(),
        answer: refused(MovementKind::Refund, "REFUND_WINDOW_EXCEED", true),
    });
    let failed = MovementState::Failed { code: Some("REFUND_WINDOW_EXCEED".into()) };
    assert_eq!(bench.payment.current().unwrap().refunds.first().unwrap().state, failed);
    bench.step(refund("REF-2", 1050));
    // A repetition's refusal does not free.
    bench.step(Input::RefundAnswered { refund_request_id: "REF-2".into(), answer: Answer::Unresolved });
    bench.tick();
    let step = bench.step(Input::RefundInquired {
        refund_request_id: "REF-2".into(),
        answer: refused(MovementKind::Refund, "ORDER_NOT_EXIST", true),
    });
    assert!(matches!(step, NextStep::Refund { .. }), "the same refund again");
    bench.step(Input::RefundAnswered {
        refund_request_id: "REF-2".into(),
        answer: refused(MovementKind::Refund, "REFUND_WINDOW_EXCEED", true),
    });
    assert_eq!(bench.put(refund("REF-3", 1)), Err(Refused::Exceeds { left: 0 }));
}

#[test]
fn a_refund_can_come_back() {
    let mut bench = Bench::new(Product::InStore);
    bench.noticed(notice(Says::Success));
    bench.step(refund("REF-1", 300));
    bench.step(refunded("REF-1", 300, Says::Success));
    bench.step(refunded("REF-1", 300, Says::Failed));
    assert_eq!(bench.entries, [EntryKind::Captured, EntryKind::Refunded, EntryKind::RefundReturned]);
    assert_eq!(bench.payment.current().unwrap().refunded(), 0);
}

#[test]
fn strange_movements_have_named_outcomes() {
    let mut bench = Bench::new(Product::InStore);
    bench.noticed(notice(Says::Success));
    // A refund nobody here asked for, from a notification that does not say which payment.
    bench.step(refunded("REF-OF-SOMEONE", 300, Says::Success));
    assert_eq!(bench.ignored(), Some(Unfit::NotOurs));
    // The same from an inquiry of this payment is a refund from the dashboard.
    let mut fact = fact(Source::PaymentInquiry, Says::Success);
    fact.movements.push(movement(MovementKind::Refund, "DASHBOARD", 200, Says::Success));
    bench.inquired(Answer::Done(fact));
    assert_eq!(bench.payment.current().unwrap().refunded(), 200);
    // Ours, with another amount.
    bench.step(refund("REF-1", 300));
    bench.step(refunded("REF-1", 299, Says::Success));
    assert_eq!(bench.conflicts(), [ConflictKind::MovementAmount { movement: "REF-1".into() }]);
    assert_eq!(bench.payment.current().unwrap().refunded(), 200);
}

#[test]
fn a_capture_nobody_knew_the_end_of_ends_with_the_cancellation() {
    let mut bench = authorised();
    bench.step(capture("CAP-1", 1050, true));
    bench.step(Input::CaptureAnswered { capture_request_id: "CAP-1".into(), answer: Answer::Unresolved });
    assert!(matches!(bench.step(Input::Cancel), NextStep::Cancel { .. }));
    let step = bench.step(Input::CancelAnswered {
        request_id: PAY.into(),
        answer: Answer::Done(fact(Source::CancelReply, Says::Cancelled)),
    });
    assert_eq!(step, NextStep::Settled(Verdict::Cancelled));
    // The refusal of the delayed capture comes last, and wakes nothing up.
    bench.step(Input::CaptureAnswered {
        capture_request_id: "CAP-1".into(),
        answer: refused(MovementKind::Capture, "ORDER_STATUS_INVALID", true),
    });
    assert_eq!(bench.payment.due(), None);
    assert!(matches!(bench.payment.attempts()[0].captures[0].state, MovementState::Failed { .. }));
}
