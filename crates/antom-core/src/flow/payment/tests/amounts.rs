//! Money rule 7: the stored amount, as integer and currency.

use super::*;
use crate::flow::evidence::Source;
use crate::flow::kit::{fact, notice};
use crate::money::{Amount, Currency};

#[test]
fn another_amount_is_a_conflict_and_is_kept() {
    for stated in [
        eur(1049),
        eur(105_000),
        Amount::new(Currency::USD, 1050),
        Amount::parse_wire("EUR", "10.50"),
        Amount::parse_wire("EUR", "-1050"),
        Amount::parse_wire("EUR", "1111111111111111111111111111111111111111"),
    ] {
        let mut bench = Bench::new(Product::Cashier);
        let step = bench.noticed(PaymentFact { amount: Some(stated.clone()), ..notice(Says::Success) });
        let conflict = ConflictKind::Amount { expected: eur(1050), stated };
        assert_eq!(step, NextStep::Conflict(conflict.clone()));
        assert_eq!(bench.conflicts(), [conflict]);
        assert_eq!(bench.payment.state(), PaymentState::Conflict);
        assert!(!bench.payment.may_ship() && bench.entries.is_empty());
        // Ticks go on: the truth may still be asked for.
        assert!(bench.payment.due().is_some());
    }
}

#[test]
fn leading_zeros_are_the_same_money() {
    let mut bench = Bench::new(Product::Cashier);
    let amount = Some(Amount::parse_wire("EUR", "0001050"));
    bench.noticed(PaymentFact { amount, ..notice(Says::Success) });
    assert_eq!(bench.payment.state(), PaymentState::Paid { captured: eur(1050) });
}

#[test]
fn an_absent_amount_is_asked_for() {
    let mut bench = Bench::new(Product::Cashier);
    bench.noticed(PaymentFact { amount: None, ..notice(Says::Success) });
    assert_eq!(
        (bench.payment.state(), bench.ignored()),
        (PaymentState::Unresolved, Some(Unfit::Insufficient))
    );
    assert!(matches!(bench.tick(), NextStep::Inquire { .. }));
    bench.inquired(Answer::Done(fact(Source::PaymentInquiry, Says::Success)));
    assert_eq!(bench.payment.state(), PaymentState::Paid { captured: eur(1050) });
}

#[test]
fn a_conflict_stays_reported_when_the_truth_comes() {
    let mut bench = Bench::new(Product::Cashier);
    bench.noticed(PaymentFact { amount: Some(eur(1)), ..notice(Says::Success) });
    bench.inquired(Answer::Done(fact(Source::PaymentInquiry, Says::Success)));
    assert_eq!(bench.entries, [EntryKind::Captured]);
    assert_eq!(bench.payment.state(), PaymentState::Conflict);
    assert!(!bench.payment.may_ship());
    bench.step(Input::ConflictsReviewed);
    assert_eq!(bench.payment.state(), PaymentState::Paid { captured: eur(1050) });
    assert!(bench.payment.may_ship());
    assert_eq!(bench.conflicts().len(), 1, "kept after the review");
}

#[test]
fn another_merchant_account_is_a_conflict() {
    let mut bench =
        Bench::planned(Product::InStore, Plan::default(), |attempt| attempt.with_merchant_account("SHOP-1"));
    let other = PaymentFact {
        merchant_account: Some("SHOP-2".into()),
        ..fact(Source::PaymentInquiry, Says::Success)
    };
    bench.inquired(Answer::Done(other));
    assert_eq!(bench.conflicts(), [ConflictKind::MerchantAccount]);
    assert!(bench.entries.is_empty());
}

#[test]
fn wishes_need_a_usable_amount() {
    let payment = Payment::new("ORDER", Plan::default());
    for amount in [eur(0), Amount::parse_wire("EUR", "1.5"), Amount::parse_wire("EUR", "")] {
        let attempt = NewAttempt::new(client(), PAY, amount, Product::Cashier, at(600));
        assert_eq!(payment.apply(&Input::Pay(attempt), at(0)), Err(Refused::Amount));
    }
    let late = NewAttempt::new(client(), PAY, eur(1), Product::Cashier, at(0));
    assert_eq!(payment.apply(&Input::Pay(late), at(0)), Err(Refused::Expired));
}
