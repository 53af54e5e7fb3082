//! Money rule 6: one live attempt, ids stored before sending, nothing sent under a cancel intent.

use super::*;
use crate::flow::evidence::Source;
use crate::flow::kit::{fact, notice, refusal};

#[test]
fn a_double_click_is_one_attempt() {
    let mut bench = Bench::new(Product::Cashier);
    let before = bench.payment.clone();
    let step = bench.step(Input::Pay(Bench::attempt(PAY, Product::Cashier)));
    assert_eq!(step, NextStep::InquireNotBefore(at(15)));
    assert_eq!(bench.payment, before);
    let other = NewAttempt::new(client(), PAY, eur(1), Product::Cashier, at(600));
    assert_eq!(bench.put(Input::Pay(other)), Err(Refused::IdReused { request_id: PAY.into() }));
}

#[test]
fn a_second_attempt_waits_for_proof() {
    let mut bench = Bench::new(Product::Cashier);
    let second = || Input::Pay(Bench::attempt("PAY-2", Product::Cashier));
    let live = Err(Refused::AttemptLive { request_id: PAY.into() });
    assert_eq!(bench.put(second()), live);
    bench.answered(Answer::Accepted(accepted()));
    assert_eq!(bench.put(second()), live);
    bench.noticed(notice(Says::Failed));
    assert_eq!(bench.put(second()), Ok(NextStep::Send { request_id: "PAY-2".into() }));
    assert_eq!(bench.payment.attempts().len(), 2);
    // A late contradiction about the first does not touch the second, and is reported.
    bench.noticed(notice(Says::Success));
    assert_eq!(bench.conflicts(), [ConflictKind::SuccessAfterFailure]);
    assert_eq!(bench.entries, [EntryKind::SuccessAfterFailure]);
    assert_eq!(bench.payment.current().unwrap().state, AttemptState::Unresolved);
}

#[test]
fn a_call_that_never_left_is_sent_as_the_first_again() {
    let mut bench = Bench::new(Product::Tokenised);
    bench.answered(Answer::NotSent);
    assert_eq!(bench.payment.current().unwrap().sends(), 0);
    assert_eq!(bench.tick(), NextStep::Send { request_id: PAY.into() });
    // It is the first and only send, so its refusal is final.
    let fact = refusal(Source::PayReply, "USER_BALANCE_NOT_ENOUGH");
    bench.answered(Answer::Refused { fact, first_send: true });
    assert_eq!(bench.payment.state(), PaymentState::Failed);
}

#[test]
fn an_attempt_that_never_left_ends_at_its_expiry() {
    let mut bench = Bench::new(Product::Cashier);
    bench.answered(Answer::NotSent);
    bench.now = at(601);
    bench.step(Input::Tick);
    assert_eq!(bench.payment.state(), PaymentState::Failed);
}

#[test]
fn card_requests_are_never_sent_again() {
    let mut bench = Bench::new(Product::Card { capture: Capture::Manual });
    bench.tick();
    let not_found =
        Answer::Refused { fact: refusal(Source::PaymentInquiry, "ORDER_NOT_EXIST"), first_send: true };
    let step = bench.inquired(not_found);
    assert!(matches!(step, NextStep::InquireNotBefore(_)), "{step:?}");
    assert_eq!(bench.payment.current().unwrap().sends(), 1);
}

#[test]
fn a_request_is_sent_a_bounded_number_of_times_and_not_near_its_expiry() {
    let not_found =
        || Answer::Refused { fact: refusal(Source::PaymentInquiry, "ORDER_NOT_EXIST"), first_send: true };
    let mut bench = Bench::new(Product::InStore);
    let mut sends = 1;
    for _ in 0..60 {
        match bench.tick() {
            NextStep::Inquire { .. } => {
                if let NextStep::SendAgain { .. } = bench.inquired(not_found()) {
                    sends += 1;
                    assert!(bench.now < at(595));
                }
            }
            NextStep::Cancel { .. } => break,
            _ => {}
        }
    }
    assert_eq!(sends, 5);

    let mut bench = Bench::new(Product::InStore);
    bench.now = at(597);
    bench.step(Input::Tick);
    assert!(matches!(bench.inquired(not_found()), NextStep::InquireNotBefore(_)));
}

#[test]
fn a_returning_buyer_makes_it_ask_and_proves_nothing() {
    let mut bench = Bench::new(Product::Cashier);
    bench.answered(Answer::Accepted(accepted()));
    let step = bench.step(Input::BuyerReturned { request_id: PAY.into() });
    assert!(matches!(step, NextStep::Inquire { .. }));
    assert_eq!(bench.payment.state(), PaymentState::Pending);
    bench.inquired(Answer::Done(fact(Source::PaymentInquiry, Says::Success)));
    let step = bench.step(Input::BuyerReturned { request_id: PAY.into() });
    assert_eq!(step, NextStep::Settled(Verdict::Paid { captured: eur(1050) }));
}

#[test]
fn every_open_payment_has_a_next_moment() {
    let mut bench = Bench::new(Product::Cashier);
    for _ in 0..200 {
        let before = bench.now;
        bench.tick();
        let due = bench.payment.due().expect("an unresolved payment must be looked at again");
        assert!(due > before, "time must move on");
    }
}
