//! Money rules 1, 3, 4 and 5: what counts as paid, and what proves unpaid.

use super::*;
use crate::fact::Proof;
use crate::flow::evidence::{Evidence, Source};
use crate::flow::fact::Show;
use crate::flow::kit::{PAYMENT, fact, notice, refusal};
use crate::secret::Secret;

fn refused(code: &str, first_send: bool) -> Answer<PaymentFact> {
    Answer::Refused { fact: refusal(Source::PayReply, code), first_send }
}

#[test]
fn order_code_is_shown_and_then_paid_by_notification() {
    let mut bench = Bench::new(Product::InStore);
    let show = Show::Code { text: Secret::from("https://code"), image: None, expires: Some(at(300)) };
    let step = bench.answered(Answer::Accepted(PaymentFact { show: Some(show.clone()), ..accepted() }));
    assert_eq!(step, NextStep::ShowCode { request_id: PAY.into(), show, tick_at: at(5) });
    assert_eq!(bench.payment.state(), PaymentState::Pending);
    assert_eq!(bench.payment.current().unwrap().expires, at(300), "the code ends before the payment does");

    let step = bench.noticed(notice(Says::Success));
    assert_eq!(step, NextStep::Settled(Verdict::Paid { captured: eur(1050) }));
    assert_eq!(bench.entries, [EntryKind::Captured]);
    assert!(bench.payment.may_ship());
    assert_eq!(bench.payment.due(), None);
    // Delivered again: nothing moves.
    bench.noticed(notice(Says::Success));
    assert_eq!((bench.entries.len(), bench.ignored()), (1, Some(Unfit::Stale)));
}

#[test]
fn a_reply_that_a_notification_overtook_changes_nothing() {
    let mut bench = Bench::new(Product::Tokenised);
    bench.noticed(notice(Says::Success));
    bench.answered(Answer::Accepted(accepted()));
    assert_eq!(bench.payment.state(), PaymentState::Paid { captured: eur(1050) });
    assert_eq!(bench.entries, [EntryKind::Captured]);
}

#[test]
fn pending_words_beside_s_are_not_paid() {
    let mut bench = Bench::new(Product::Cashier);
    bench.noticed(notice(Says::Processing));
    assert_eq!(bench.payment.state(), PaymentState::Pending);
    // `S` that says nothing about the payment: ask.
    let mut bench = Bench::new(Product::Cashier);
    bench.answered(Answer::Done(fact(Source::PayReply, Says::Nothing)));
    assert_eq!(bench.payment.state(), PaymentState::Unresolved);
    assert!(matches!(bench.tick(), NextStep::Inquire { .. }));
    assert!(!bench.payment.may_ship() && bench.entries.is_empty());
}

#[test]
fn an_answered_inquiry_is_not_a_paid_order() {
    let mut bench = Bench::new(Product::Cashier);
    bench.tick();
    bench.inquired(Answer::Done(fact(Source::PaymentInquiry, Says::Processing)));
    assert_eq!(bench.payment.state(), PaymentState::Pending);
    bench.tick();
    bench.inquired(Answer::Done(fact(Source::PaymentInquiry, Says::Nothing)));
    assert_eq!((bench.payment.state(), bench.ignored()), (PaymentState::Pending, Some(Unfit::Insufficient)));
}

#[test]
fn a_status_never_heard_of_is_asked_about() {
    let mut bench = Bench::new(Product::Cashier);
    bench.noticed(notice(Says::Unknown { status: "HALF_PAID".into() }));
    assert_eq!(
        (bench.payment.state(), bench.ignored()),
        (PaymentState::Unresolved, Some(Unfit::UnknownStatus))
    );
    assert_eq!(bench.payment.due(), Some(bench.now));
}

#[test]
fn no_answer_is_asked_about_and_sent_again_with_the_same_id() {
    let mut bench = Bench::new(Product::InStore);
    bench.answered(Answer::Unresolved);
    assert_eq!(bench.payment.state(), PaymentState::Unresolved);
    assert_eq!(bench.tick(), inquire());
    let step = bench.inquired(Answer::Refused {
        fact: refusal(Source::PaymentInquiry, "ORDER_NOT_EXIST"),
        first_send: true,
    });
    assert_eq!(step, NextStep::SendAgain { request_id: PAY.into() });
    // The refusal of a repetition proves nothing: the first send may have landed after all.
    bench.answered(refused("USER_BALANCE_NOT_ENOUGH", true));
    assert_eq!(bench.payment.state(), PaymentState::Unresolved);
    assert!(matches!(
        bench.put(Input::Pay(Bench::attempt("PAY-2", Product::InStore))),
        Err(Refused::AttemptLive { .. })
    ));
}

#[test]
fn accepted_is_never_sent_again() {
    let mut bench = Bench::new(Product::Cashier);
    bench.answered(Answer::Accepted(accepted()));
    for _ in 0..40 {
        let step = bench.tick();
        assert!(!matches!(step, NextStep::Send { .. } | NextStep::SendAgain { .. }), "{step:?}");
        if matches!(step, NextStep::Inquire { .. }) {
            let code = refusal(Source::PaymentInquiry, "ORDER_NOT_EXIST");
            let step = bench.inquired(Answer::Refused { fact: code, first_send: true });
            assert!(!matches!(step, NextStep::Send { .. } | NextStep::SendAgain { .. }), "{step:?}");
        }
    }
}

#[test]
fn a_refusal_of_the_first_and_only_send_is_final() {
    let mut bench = Bench::new(Product::Tokenised);
    let step = bench.answered(refused("USER_BALANCE_NOT_ENOUGH", true));
    assert_eq!(step, NextStep::Settled(Verdict::Failed { code: Some("USER_BALANCE_NOT_ENOUGH".into()) }));
    assert_eq!(bench.payment.state(), PaymentState::Failed);
    // Only now may another attempt begin.
    assert!(bench.put(Input::Pay(Bench::attempt("PAY-2", Product::Tokenised))).is_ok());
}

#[test]
fn these_refusals_are_never_final() {
    for code in ["REPEAT_REQ_INCONSISTENT", "ORDER_STATUS_INVALID", "ORDER_NOT_EXIST"] {
        let mut bench = Bench::new(Product::Tokenised);
        bench.answered(refused(code, true));
        assert_eq!(bench.payment.state(), PaymentState::Unresolved, "{code}");
    }
    // The call sent it twice by itself.
    let mut bench = Bench::new(Product::Tokenised);
    bench.answered(refused("PROCESS_FAIL", false));
    assert_eq!(bench.payment.state(), PaymentState::Unresolved);
    // A refusal of an inquiry speaks of the inquiry.
    bench.inquired(Answer::Refused {
        fact: refusal(Source::PaymentInquiry, "PROCESS_FAIL"),
        first_send: true,
    });
    assert_eq!(bench.payment.state(), PaymentState::Unresolved);
}

#[test]
fn a_proven_failure_is_final() {
    let mut bench = Bench::new(Product::Cashier);
    let mut failed = notice(Says::Failed);
    failed.amount = None;
    bench.noticed(failed);
    assert_eq!(bench.payment.state(), PaymentState::Failed);
    assert_eq!(bench.payment.resting_step(), NextStep::Settled(Verdict::Failed { code: None }));
}

#[test]
fn channel_proofs_count_only_where_the_plan_says_so() {
    let mut fact = notice(Says::Success);
    fact.evidence = Evidence::for_test(Source::PaymentInquiry, Proof::Tls, None, at(0));
    let mut bench = Bench::new(Product::Cashier);
    bench.inquired(Answer::Done(fact.clone()));
    assert_eq!((bench.payment.state(), bench.ignored()), (PaymentState::Unresolved, Some(Unfit::Unsigned)));

    let plan = Plan { accept_tls: true, ..Plan::default() };
    let mut bench = Bench::planned(Product::Cashier, plan, |attempt| attempt);
    bench.inquired(Answer::Done(fact));
    assert_eq!(bench.payment.state(), PaymentState::Paid { captured: eur(1050) });
    let evidence = bench.payment.current().unwrap().evidence.clone().unwrap();
    assert_eq!(evidence.proof(), &Proof::Tls);
}

#[test]
fn facts_of_others_change_nothing() {
    let mut bench = Bench::new(Product::Cashier);
    let mut other = notice(Says::Success);
    other.evidence = Evidence::for_test(
        Source::Notification,
        Proof::Signature(Default::default()),
        Some("SANDBOX_OTHER"),
        at(0),
    );
    bench.noticed(other);
    assert_eq!(bench.ignored(), Some(Unfit::OtherClient));

    let mut unknown = notice(Says::Success);
    unknown.request_id = Some("PAY-OF-SOMEONE".into());
    bench.noticed(unknown);
    assert_eq!(bench.ignored(), Some(Unfit::NotOurs));
    assert_eq!(bench.payment.state(), PaymentState::Unresolved);

    bench.noticed(notice(Says::Processing));
    let mut swapped = notice(Says::Success);
    swapped.payment_id = Some("2024OTHER".into());
    bench.noticed(swapped);
    assert_eq!(bench.conflicts(), [ConflictKind::PaymentId]);
    assert_eq!(bench.payment.current().unwrap().payment_id.as_deref(), Some(PAYMENT));
}

#[test]
fn a_refusal_that_speaks_of_an_earlier_copy_proves_nothing() {
    // The network delivered the request twice: the first copy was paid and then cancelled, the second one
    // is refused.
    for code in ["ORDER_IS_CLOSED", "ORDER_IS_CANCELED", "ORDER_IS_CANCELLED"] {
        let mut bench = Bench::new(Product::Cashier);
        bench.step(Input::Cancel);
        bench.answered(refused(code, true));
        assert_eq!(bench.payment.state(), PaymentState::Cancelling, "{code}");
        assert!(!bench.payment.current().unwrap().is_final_unpaid());
    }
}
