//! Updated amounts, disputes, refunds from the dashboard, and the redirect that proves nothing.

use super::*;
use crate::flow::Returned;
use crate::flow::dispute::{DisputeFact, DisputeSays, DisputeState};
use crate::flow::evidence::Source;
use crate::flow::fact::{AmountFact, MovementKind};
use crate::flow::kit::{PAYMENT, movement, notice, signed};

const MANUAL: Product = Product::Card { capture: Capture::Manual };

fn update(id: &str, minor: u64, says: Says) -> AmountFact {
    AmountFact {
        evidence: signed(Source::Notification),
        says,
        update_id: Some(id.into()),
        request_id: Some(PAY.into()),
        payment_id: Some(PAYMENT.into()),
        amount: Some(eur(minor)),
        code: None,
        auth_expires: None,
    }
}

fn dispute(says: DisputeSays, defend_by: Option<i64>) -> Input {
    Input::DisputeNoticed(DisputeFact {
        evidence: signed(Source::Notification),
        says,
        id: Some("D-1".into()),
        payment_id: Some(PAYMENT.into()),
        request_id: Some(PAY.into()),
        amount: Some(eur(1050)),
        defend_by: defend_by.map(at),
    })
}

fn authorised() -> Bench {
    let mut bench = Bench::new(MANUAL);
    bench.noticed(notice(Says::Success));
    bench
}

fn paid() -> Bench {
    let mut bench = Bench::new(Product::Cashier);
    bench.noticed(notice(Says::Success));
    bench
}

fn expected(bench: &Bench) -> Amount {
    bench.payment.current().unwrap().expected.clone()
}

#[test]
fn an_updated_amount_changes_what_is_expected_by_a_fact() {
    let mut bench = authorised();
    bench.step(Input::AmountNoticed(update("U-1", 1500, Says::Success)));
    assert_eq!(expected(&bench), eur(1500));
    assert!(bench.events.contains(&Event::AmountUpdated {
        attempt: PAY.into(),
        from: eur(1050),
        to: eur(1500)
    }));
    assert_eq!(bench.entries, [EntryKind::Authorised, EntryKind::AmountUpdated]);
    // Told twice is once; a success that was signed before is old, one with the new amount is known.
    bench.step(Input::AmountNoticed(update("U-1", 1500, Says::Success)));
    bench.noticed(notice(Says::Success));
    bench.noticed(PaymentFact { amount: Some(eur(1500)), ..notice(Says::Success) });
    assert_eq!(bench.entries.len(), 2);
    assert!(bench.conflicts().is_empty());
    // More may be captured now, and the double click of the first request is still the same one.
    let capture = NewCapture { request_id: "CAP-1".into(), amount: eur(1500), last: true };
    assert!(matches!(bench.step(Input::Capture(capture)), NextStep::Capture { .. }));
    assert!(bench.put(Input::Pay(Bench::attempt(PAY, MANUAL))).is_ok());
}

#[test]
fn an_update_that_does_not_fit_is_a_conflict_and_changes_nothing() {
    let other = AmountFact {
        amount: Some(Amount::new(crate::money::Currency::USD, 1500)),
        ..update("U-1", 0, Says::Success)
    };
    for fact in [other, update("U-1", 0, Says::Success)] {
        let mut bench = authorised();
        bench.step(Input::AmountNoticed(fact));
        assert_eq!(expected(&bench), eur(1050));
        assert!(matches!(bench.conflicts().as_slice(), [ConflictKind::Amount { .. }]));
    }
    let mut bench = authorised();
    bench.step(Input::AmountNoticed(AmountFact {
        payment_id: Some("OTHER".into()),
        ..update("U-1", 1500, Says::Success)
    }));
    assert_eq!((expected(&bench), bench.conflicts()), (eur(1050), alloc::vec![ConflictKind::PaymentId]));
    // A failed one and one without amount change nothing and say so; so does a wallet's.
    let mut bench = authorised();
    bench.step(Input::AmountNoticed(update("U-1", 1500, Says::Failed)));
    bench.step(Input::AmountNoticed(AmountFact { amount: None, ..update("U-1", 0, Says::Success) }));
    assert_eq!((expected(&bench), bench.conflicts().len()), (eur(1050), 0));
    assert!(bench.events.contains(&Event::AmountUpdateFailed { attempt: PAY.into(), code: None }));
    let mut bench = paid();
    bench.step(Input::AmountNoticed(update("U-1", 1500, Says::Success)));
    assert_eq!((expected(&bench), bench.conflicts().len()), (eur(1050), 1));
}

#[test]
fn an_amount_that_came_before_its_update_is_reported_until_the_update_explains_it() {
    let mut bench = authorised();
    bench.noticed(PaymentFact { amount: Some(eur(1500)), ..notice(Says::Success) });
    assert_eq!(bench.payment.state(), PaymentState::Conflict);
    bench.step(Input::AmountNoticed(update("U-1", 1500, Says::Success)));
    assert_eq!(bench.payment.state(), PaymentState::Authorised);
}

#[test]
fn a_dispute_has_a_deadline_and_an_end() {
    let mut bench = paid();
    assert!(bench.payment.may_ship());
    bench.step(dispute(DisputeSays::Open, Some(10 * 24 * 3600)));
    assert!(!bench.payment.may_ship());
    assert_eq!(bench.payment.due(), Some(at(9 * 24 * 3600)));
    bench.now = at(9 * 24 * 3600);
    bench.step(Input::Tick);
    let due = |event: &Event| matches!(event, Event::DisputeDue { defend_by: Some(by), .. } if *by == at(10 * 24 * 3600));
    assert!(bench.events.iter().any(due));
    assert_eq!(bench.payment.due(), None);
    bench.step(dispute(DisputeSays::Defended, None));
    bench.step(dispute(DisputeSays::Won, None));
    assert_eq!(bench.entries, [EntryKind::Captured, EntryKind::Disputed, EntryKind::DisputeWon]);
    assert!(bench.payment.may_ship());
    // The same again is nothing, the contrary is a contradiction.
    bench.step(dispute(DisputeSays::Won, None));
    assert_eq!(bench.entries.len(), 3);
    bench.step(dispute(DisputeSays::Lost, None));
    assert_eq!(bench.conflicts(), [ConflictKind::DisputeContradicted { dispute: "D-1".into() }]);
    assert_eq!(bench.payment.current().unwrap().disputes[0].state, DisputeState::Won);
}

#[test]
fn a_dispute_whose_opening_is_late_and_one_with_a_new_word() {
    let mut bench = paid();
    bench.step(dispute(DisputeSays::Lost, None));
    assert_eq!(bench.entries, [EntryKind::Captured, EntryKind::Disputed, EntryKind::DisputeLost]);
    bench.step(dispute(DisputeSays::Open, None));
    assert_eq!(bench.entries.len(), 3);
    assert!(!bench.payment.may_ship());
    let mut bench = paid();
    bench.step(dispute(DisputeSays::Unknown { status: "NEW".into() }, None));
    assert!(bench.payment.current().unwrap().disputes.is_empty());
    assert!(bench.events.contains(&Event::Ignored { attempt: Some(PAY.into()), why: Unfit::UnknownStatus }));
}

#[test]
fn more_given_back_than_taken_is_a_conflict() {
    let mut bench = paid();
    bench.step(Input::MovementNoticed(movement(MovementKind::Refund, "DASH-1", 1000, Says::Success)));
    assert!(bench.conflicts().is_empty());
    bench.step(Input::MovementNoticed(movement(MovementKind::Refund, "DASH-2", 51, Says::Success)));
    assert_eq!(bench.conflicts(), [ConflictKind::RefundExceeds]);
    assert_eq!(bench.entries, [EntryKind::Captured, EntryKind::Refunded, EntryKind::Refunded]);
}

#[test]
fn a_redirect_leads_to_an_inquiry_and_to_nothing_else() {
    let mut bench = Bench::new(Product::Cashier);
    assert!(matches!(bench.step(Returned::to(PAY).inquire()), NextStep::Inquire { .. }));
    assert_eq!(bench.payment.state(), PaymentState::Unresolved);
    bench.step(Returned::to("PAY-X").inquire());
    assert!(bench.events.contains(&Event::Ignored { attempt: None, why: Unfit::NotOurs }));
    let mut bench = paid();
    assert!(matches!(bench.step(Returned::to(PAY).inquire()), NextStep::Settled(_)));
}

#[test]
fn cards_authenticated_by_a_korean_issuer_answer_f_u_or_nothing() {
    let product = Product::Card { capture: Capture::Automatic };
    // U, then the notification and the automatic capture.
    let mut bench = Bench::new(product);
    bench.answered(Answer::Accepted(accepted()));
    bench.noticed(notice(Says::Success));
    let capture = NewCapture { request_id: "CAP-1".into(), amount: eur(1050), last: true };
    assert_eq!(bench.put(Input::Capture(capture)), Err(Refused::CapturedAutomatically));
    bench.step(Input::MovementNoticed(movement(MovementKind::Capture, "OWN-1", 1050, Says::Success)));
    assert_eq!(bench.payment.state(), PaymentState::Paid { captured: eur(1050) });
    // No answer: asked about, never taken as failed.
    let mut bench = Bench::new(product);
    bench.answered(Answer::Unresolved);
    assert!(matches!(bench.tick(), NextStep::Inquire { .. }));
    assert_eq!(bench.payment.state(), PaymentState::Unresolved);
}
