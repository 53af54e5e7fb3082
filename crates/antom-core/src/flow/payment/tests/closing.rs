//! Money rule 8 and closing: by cancel, never by silence; the verdict never changes silently.

use super::*;
use crate::flow::evidence::Source;
use crate::flow::kit::{PAYMENT, fact, notice, refusal};

fn cancel_step(id: Option<&str>) -> NextStep {
    NextStep::Cancel { request_id: PAY.into(), payment_id: id.map(Into::into) }
}

fn refused(code: &str) -> Answer<PaymentFact> {
    Answer::Refused { fact: refusal(Source::CancelReply, code), first_send: true }
}

fn done() -> Answer<PaymentFact> {
    Answer::Done(PaymentFact { amount: None, ..fact(Source::CancelReply, Says::Cancelled) })
}

#[test]
fn a_merchants_cancel_closes_the_order() {
    let mut bench = Bench::new(Product::Cashier);
    bench.answered(Answer::Accepted(accepted()));
    assert_eq!(bench.step(Input::Cancel), cancel_step(Some(PAYMENT)));
    assert_eq!(bench.payment.state(), PaymentState::Cancelling);
    // Twice is once.
    assert!(matches!(bench.step(Input::Cancel), NextStep::InquireNotBefore(_)));
    assert_eq!(bench.cancelled(done()), NextStep::Settled(Verdict::Cancelled));
    assert_eq!(bench.payment.state(), PaymentState::Cancelled);
    assert_eq!(bench.put(Input::Pay(Bench::attempt("PAY-2", Product::Cashier))), Err(Refused::Closed));
}

#[test]
fn a_lost_cancel_is_repeated_and_no_pay_leaves_meanwhile() {
    let mut bench = Bench::new(Product::InStore);
    bench.step(Input::Cancel);
    bench.cancelled(Answer::Unresolved);
    let mut cancels = 0;
    for _ in 0..30 {
        match bench.tick() {
            NextStep::Cancel { .. } => cancels += 1,
            NextStep::Inquire { .. } => {
                let gone = refusal(Source::PaymentInquiry, "ORDER_NOT_EXIST");
                let step = bench.inquired(Answer::Refused { fact: gone, first_send: true });
                assert!(!matches!(step, NextStep::SendAgain { .. }));
            }
            NextStep::Send { .. } | NextStep::SendAgain { .. } => panic!("a pay left under a cancel intent"),
            _ => {}
        }
    }
    assert!(cancels > 10);
    assert_eq!(bench.payment.state(), PaymentState::Cancelling);
}

#[test]
fn an_expired_payment_is_asked_about_once_more_and_then_cancelled() {
    let mut bench = Bench::new(Product::Cashier);
    bench.answered(Answer::Accepted(accepted()));
    bench.now = at(600);
    assert!(matches!(bench.step(Input::Tick), NextStep::Inquire { .. }));
    assert_eq!(bench.tick(), cancel_step(Some(PAYMENT)));
    bench.cancelled(done());
    assert_eq!(bench.payment.state(), PaymentState::Cancelled);
    // Expiry closes the attempt, not the order.
    assert!(
        bench
            .put(Input::Pay(NewAttempt::new(client(), "PAY-2", eur(1050), Product::Cashier, at(9_000))))
            .is_ok()
    );
}

#[test]
fn methods_that_cannot_be_cancelled_are_asked_until_final() {
    let mut bench = Bench::planned(Product::Cashier, Plan::default(), NewAttempt::not_cancellable);
    bench.answered(Answer::Accepted(accepted()));
    assert_eq!(bench.put(Input::Cancel), Err(Refused::NotCancellable));
    bench.now = at(700);
    for _ in 0..20 {
        assert!(matches!(bench.tick(), NextStep::Inquire { .. }));
    }
    bench.inquired(Answer::Done(fact(Source::PaymentInquiry, Says::Success)));
    assert_eq!(bench.payment.state(), PaymentState::Paid { captured: eur(1050) });
}

#[test]
fn a_success_before_the_cancel_is_confirmed_is_paid_late_and_given_back() {
    let mut bench = Bench::new(Product::Cashier);
    bench.step(Input::Cancel);
    bench.noticed(notice(Says::Success));
    assert!(bench.events.contains(&Event::PaidLate { attempt: PAY.into() }));
    assert_eq!(bench.payment.state(), PaymentState::Cancelling);
    assert!(!bench.payment.may_ship());
    assert_eq!(bench.tick(), cancel_step(Some(PAYMENT)), "the cancellation goes on");
    bench.cancelled(done());
    assert_eq!(bench.payment.state(), PaymentState::Cancelled);
    assert_eq!(bench.entries, [EntryKind::Captured, EntryKind::Cancelled]);
}

#[test]
fn a_refused_cancel_is_asked_about_and_late_money_is_never_shipped() {
    for code in ["CANCEL_WINDOW_EXCEED", "PROCESS_FAIL"] {
        let mut bench = Bench::new(Product::Cashier);
        bench.step(Input::Cancel);
        bench.cancelled(refused(code));
        assert!(matches!(bench.tick(), NextStep::Inquire { .. }), "{code}");
        bench.inquired(Answer::Done(fact(Source::PaymentInquiry, Says::Success)));
        assert_eq!(bench.payment.state(), PaymentState::Paid { captured: eur(1050) });
        assert!(bench.payment.current().unwrap().paid_late && !bench.payment.may_ship());
        // The way back is a refund.
        let refund = NewRefund { request_id: "REFUND-1".into(), amount: eur(1050), capture_id: None };
        assert!(matches!(bench.step(Input::Refund(refund)), NextStep::Refund { .. }));
    }
}

#[test]
fn order_not_exist_never_ends_a_cancel() {
    let mut bench = Bench::new(Product::Cashier);
    bench.step(Input::Cancel);
    for _ in 0..30 {
        bench.cancelled(refused("ORDER_NOT_EXIST"));
        bench.tick();
    }
    assert_eq!(bench.payment.state(), PaymentState::Cancelling);
    // After a day it is reported, and still not decided.
    bench.now = at(600 + 24 * 3600);
    bench.step(Input::Tick);
    assert_eq!(bench.conflicts(), [ConflictKind::NeverSettled]);
    assert!(!bench.payment.current().unwrap().is_final_unpaid());
}

#[test]
fn success_after_a_confirmed_cancel_leaves_it_cancelled_and_is_watched() {
    let mut bench = Bench::new(Product::Cashier);
    bench.step(Input::Cancel);
    bench.cancelled(done());
    bench.noticed(notice(Says::Success));
    assert_eq!(bench.payment.state(), PaymentState::Cancelled);
    assert_eq!(bench.entries, [EntryKind::Cancelled, EntryKind::SuccessAfterCancel]);
    assert!(bench.events.contains(&Event::SuccessAfterCancel { attempt: PAY.into() }));
    let refund = NewRefund { request_id: "REFUND-1".into(), amount: eur(1050), capture_id: None };
    assert_eq!(bench.put(Input::Refund(refund)), Err(Refused::NotNow));
    // Recorded once, watched until the funds went back.
    bench.noticed(notice(Says::Success));
    assert_eq!(bench.entries.len(), 2);
    assert!(matches!(bench.tick(), NextStep::Inquire { .. }));
    bench.inquired(Answer::Done(fact(Source::PaymentInquiry, Says::Cancelled)));
    assert_eq!(bench.payment.due(), None);
}

#[test]
fn funds_that_do_not_go_back_are_reported() {
    let mut bench = Bench::new(Product::Cashier);
    bench.step(Input::Cancel);
    bench.cancelled(done());
    bench.noticed(notice(Says::Success));
    while bench.payment.due().is_some() {
        bench.tick();
    }
    assert_eq!(bench.conflicts(), [ConflictKind::MoneyNotReturned]);
    assert_eq!(bench.payment.current().unwrap().state, AttemptState::Cancelled);
}

#[test]
fn a_counter_payment_stated_failed_by_inquiry_is_cancelled_too() {
    let mut bench = Bench::new(Product::InStore);
    bench.answered(Answer::Accepted(accepted()));
    bench.tick();
    let step = bench.inquired(Answer::Done(fact(Source::PaymentInquiry, Says::Failed)));
    assert_eq!(step, cancel_step(Some(PAYMENT)));
    bench.cancelled(done());
    assert_eq!(bench.payment.state(), PaymentState::Cancelled);
    // A second statement ends it where the cancellation stays unanswered.
    let mut bench = Bench::new(Product::InStore);
    bench.inquired(Answer::Done(fact(Source::PaymentInquiry, Says::Failed)));
    bench.inquired(Answer::Done(fact(Source::PaymentInquiry, Says::Failed)));
    assert_eq!(bench.payment.state(), PaymentState::Failed);
}

#[test]
fn a_cancellation_by_someone_else_is_reported() {
    let mut bench = Bench::new(Product::Cashier);
    bench.noticed(notice(Says::Success));
    bench.inquired(Answer::Done(fact(Source::PaymentInquiry, Says::Cancelled)));
    assert_eq!(bench.conflicts(), [ConflictKind::CancelledAfterPaid]);
    assert_eq!(bench.entries, [EntryKind::Captured, EntryKind::Reversed]);
    assert_eq!(bench.payment.current().unwrap().state, AttemptState::Paid);
    assert!(!bench.payment.may_ship());
}

#[test]
fn a_failure_after_success_is_reported() {
    let mut bench = Bench::new(Product::Cashier);
    bench.noticed(notice(Says::Success));
    bench.noticed(notice(Says::Failed));
    assert_eq!(bench.conflicts(), [ConflictKind::FailureAfterSuccess]);
    assert_eq!(bench.payment.current().unwrap().state, AttemptState::Paid);
}

#[test]
fn only_what_was_reported_as_never_settled_can_be_written_off() {
    let write_off = || Input::WriteOff { request_id: PAY.into() };
    let mut bench = Bench::new(Product::Cashier);
    assert_eq!(bench.put(write_off()), Err(Refused::NotStuck));
    bench.step(Input::Cancel);
    bench.now = at(600 + 24 * 3600);
    bench.step(Input::Tick);
    assert_eq!(bench.conflicts(), [ConflictKind::NeverSettled]);
    assert_eq!(bench.step(write_off()), NextStep::Settled(Verdict::Failed { code: None }));
    assert!(bench.events.contains(&Event::WrittenOff { attempt: PAY.into() }));
    assert_eq!(bench.payment.due(), None);
    // Should money show up all the same, it is a conflict.
    bench.noticed(notice(Says::Success));
    assert_eq!(bench.payment.state(), PaymentState::Conflict);
    assert_eq!(bench.entries, [EntryKind::SuccessAfterFailure]);
    assert_eq!(bench.put(write_off()), Err(Refused::NotNow));
}
