//! What must hold for any sequence of inputs, whatever the gateway says and in whatever order.

use alloc::string::ToString;

use proptest::prelude::*;

use super::*;
use crate::fact::Proof;
use crate::flow::dispute::{DisputeFact, DisputeSays};
use crate::flow::evidence::{Evidence, Source};
use crate::flow::fact::{AmountFact, MovementFact, MovementKind};
use crate::flow::kit::{CLIENT, PAYMENT, signed};
use crate::flow::movement::MovementState;
use crate::money::{Amount, Currency};

fn says() -> impl Strategy<Value = Says> {
    prop_oneof![
        4 => Just(Says::Success),
        2 => Just(Says::Failed),
        2 => Just(Says::Cancelled),
        2 => Just(Says::Processing),
        1 => Just(Says::Nothing),
        1 => Just(Says::Unknown { status: "NEW".into() }),
    ]
}

fn source() -> impl Strategy<Value = Source> {
    prop_oneof![Just(Source::Notification), Just(Source::PaymentInquiry), Just(Source::PayReply)]
}

fn evidence() -> impl Strategy<Value = Evidence> {
    (source(), 0..12_u8).prop_map(|(source, odd)| match odd {
        0 => Evidence::for_test(source, Proof::Tls, None, at(0)),
        1 => Evidence::for_test(source, Proof::Signature(Default::default()), Some("SANDBOX_OTHER"), at(0)),
        _ => signed(source),
    })
}

fn amount() -> impl Strategy<Value = Option<Amount>> {
    prop_oneof![
        8 => Just(Some(eur(1050))),
        1 => Just(None),
        1 => Just(Some(eur(1))),
        1 => Just(Some(Amount::new(Currency::USD, 1050))),
        1 => Just(Some(Amount::parse_wire("EUR", "9999999999999999999"))),
    ]
}

fn request_id() -> impl Strategy<Value = String> {
    prop_oneof![6 => Just(PAY.to_string()), 2 => Just("PAY-2".into()), 1 => Just("PAY-X".into())]
}

fn code() -> impl Strategy<Value = Option<String>> {
    prop_oneof![
        Just(None),
        Just(Some("ORDER_NOT_EXIST".into())),
        Just(Some("PROCESS_FAIL".into())),
        Just(Some("RISK_REJECT".into())),
    ]
}

prop_compose! {
    fn payment_fact()(
        says in says(), evidence in evidence(), amount in amount(), code in code(),
        id in proptest::option::weighted(0.9, request_id()),
        payment_id in prop_oneof![8 => Just(Some(PAYMENT)), 1 => Just(None), 1 => Just(Some("OTHER"))],
        review in proptest::option::weighted(0.1, any::<bool>()),
        movements in proptest::collection::vec(movement_fact(), 0..3),
    ) -> PaymentFact {
        let mut fact = PaymentFact::new(evidence);
        fact.says = says;
        fact.amount = amount;
        fact.code = code;
        fact.request_id = id;
        fact.payment_id = payment_id.map(Into::into);
        fact.in_review = review;
        fact.movements = movements;
        fact
    }
}

prop_compose! {
    fn movement_fact()(
        kind in prop_oneof![Just(MovementKind::Capture), Just(MovementKind::Refund)],
        says in says(), evidence in evidence(), code in code(),
        id in prop_oneof![Just("M-1"), Just("M-2"), Just("M-X")],
        minor in prop_oneof![Just(1050_u64), Just(500), Just(1), Just(9_999)],
        stated in any::<bool>(), bound in any::<bool>(),
    ) -> MovementFact {
        let mut fact = MovementFact::new(kind, evidence);
        fact.says = says;
        fact.code = code;
        fact.request_id = Some(id.into());
        fact.amount = stated.then(|| eur(minor));
        fact.payment_id = bound.then(|| PAYMENT.into());
        fact
    }
}

prop_compose! {
    fn amount_fact()(says in says(), evidence in evidence(), amount in amount(), id in request_id(), update in any::<bool>()) -> AmountFact {
        AmountFact {
            evidence,
            says,
            update_id: update.then(|| "U-1".into()),
            request_id: Some(id),
            payment_id: Some(PAYMENT.into()),
            amount,
            code: None,
            auth_expires: None,
        }
    }
}

prop_compose! {
    fn dispute_fact()(
        says in prop_oneof![Just(DisputeSays::Open), Just(DisputeSays::Defended), Just(DisputeSays::Won), Just(DisputeSays::Lost)],
        evidence in evidence(), amount in amount(), id in request_id(), by in proptest::option::of(0..1_000_000_i64),
    ) -> DisputeFact {
        DisputeFact {
            evidence,
            says,
            id: Some("D-1".into()),
            payment_id: Some(PAYMENT.into()),
            request_id: Some(id),
            amount,
            defend_by: by.map(at),
        }
    }
}

fn answer<F: core::fmt::Debug + Clone + 'static>(
    fact: impl Strategy<Value = F> + 'static,
) -> impl Strategy<Value = Answer<F>> {
    (fact, 0..8_u8).prop_map(|(fact, kind)| match kind {
        0..=2 => Answer::Done(fact),
        3 => Answer::Accepted(fact),
        4 => Answer::Refused { fact, first_send: true },
        5 => Answer::Refused { fact, first_send: false },
        6 => Answer::Unresolved,
        _ => Answer::NotSent,
    })
}

fn input() -> impl Strategy<Value = Input> {
    let product = prop_oneof![
        Just(Product::InStore),
        Just(Product::Tokenised),
        Just(Product::Card { capture: Capture::Manual }),
        Just(Product::Card { capture: Capture::Automatic }),
    ];
    let movement_id = || prop_oneof![Just("M-1".to_string()), Just("M-2".to_string())];
    let minor = || prop_oneof![Just(1050_u64), Just(500), Just(1)];
    prop_oneof![
        3 => (request_id(), product).prop_map(|(id, product)| {
            Input::Pay(NewAttempt::new(client(), id, eur(1050), product, at(100_000)))
        }),
        1 => Just(Input::Cancel),
        1 => Just(Input::ConflictsReviewed),
        6 => Just(Input::Tick),
        1 => request_id().prop_map(|request_id| Input::BuyerReturned { request_id }),
        4 => payment_fact().prop_map(Input::PaymentNoticed),
        3 => movement_fact().prop_map(Input::MovementNoticed),
        1 => amount_fact().prop_map(Input::AmountNoticed),
        1 => dispute_fact().prop_map(Input::DisputeNoticed),
        3 => (request_id(), answer(payment_fact())).prop_map(|(request_id, answer)| Input::PayAnswered { request_id, answer }),
        3 => (request_id(), answer(payment_fact())).prop_map(|(request_id, answer)| Input::CancelAnswered { request_id, answer }),
        3 => (request_id(), answer(payment_fact())).prop_map(|(request_id, answer)| Input::Inquired { request_id, answer }),
        2 => (movement_id(), minor(), any::<bool>()).prop_map(|(request_id, minor, last)| {
            Input::Capture(NewCapture { request_id, amount: eur(minor), last })
        }),
        2 => (movement_id(), minor()).prop_map(|(request_id, minor)| {
            Input::Refund(NewRefund { request_id, amount: eur(minor), capture_id: None })
        }),
        1 => (movement_id(), answer(movement_fact())).prop_map(|(capture_request_id, answer)| Input::CaptureAnswered { capture_request_id, answer }),
        1 => (movement_id(), answer(movement_fact())).prop_map(|(refund_request_id, answer)| Input::RefundAnswered { refund_request_id, answer }),
        1 => (movement_id(), answer(movement_fact())).prop_map(|(refund_request_id, answer)| Input::RefundInquired { refund_request_id, answer }),
    ]
}

/// Whether a change of state may happen at all.
fn allowed(before: &AttemptState, after: &AttemptState) -> bool {
    use AttemptState::{Authorised, Cancelled, Failed, Paid, Pending, Unresolved};
    match (before, after) {
        (Unresolved, _) => true,
        (Pending, Unresolved) => false,
        (Pending, _) => true,
        (Authorised, Authorised | Paid | Cancelled) => true,
        // Only a stored intent to cancel may undo a payment; checked beside the ledger entry.
        (Paid, Paid | Cancelled) => true,
        (Failed { .. }, Failed { .. }) | (Cancelled, Cancelled) => true,
        _ => false,
    }
}

fn check(before: &Payment, input: &Input, turn: &Transition) {
    let next = &turn.next;
    let live = next.attempts().iter().filter(|attempt| !attempt.is_final_unpaid()).count();
    assert!(live <= 1, "two attempts could take money: {next:?}");
    for (old, new) in before.attempts().iter().zip(next.attempts()) {
        assert_eq!(old.request_id, new.request_id);
        if old.expected != new.expected {
            assert!(matches!(input, Input::AmountNoticed(_)), "the amount changed by {input:?}");
            assert!(turn.events.iter().any(|event| matches!(event, Event::AmountUpdated { .. })));
        }
        assert!(allowed(&old.state, &new.state), "{:?} became {:?} by {input:?}", old.state, new.state);
        assert!(old.payment_id.is_none() || old.payment_id == new.payment_id, "a bound payment id moved");
        if old.state != new.state {
            assert!(!turn.events.is_empty(), "silent change to {:?} by {input:?}", new.state);
        }
        let entries = |kind| turn.entries.iter().filter(|entry| entry.kind == kind).count();
        if old.state == AttemptState::Paid && new.state == AttemptState::Cancelled {
            assert!(old.closing.is_some(), "a payment was undone without an intent");
            assert_eq!(entries(EntryKind::Cancelled), 1);
        }
        if new.state == AttemptState::Authorised && old.state != AttemptState::Authorised {
            assert_eq!(entries(EntryKind::Authorised), 1);
        }
        if matches!(new.state, AttemptState::Failed { .. }) && old.state != new.state {
            let proven = match input {
                Input::PaymentNoticed(fact) => fact.says == Says::Failed,
                Input::Inquired { answer: Answer::Done(fact), .. }
                | Input::PayAnswered { answer: Answer::Done(fact), .. } => fact.says == Says::Failed,
                Input::PayAnswered { answer: Answer::Refused { first_send, .. }, .. } => {
                    *first_send && old.sends() <= 1
                }
                Input::Tick => old.sends() == 0,
                _ => false,
            };
            assert!(proven, "unproven failure by {input:?}");
        }
        if old.closing.is_some() {
            assert!(new.sends() <= old.sends(), "a pay left under a cancel intent");
        }
    }
    for entry in &turn.entries {
        assert!(entry.evidence.proof().is_signed(), "an unsigned fact moved money");
        assert_eq!(entry.evidence.client_id().map(|id| id.as_str()), Some(CLIENT));
    }
    for attempt in next.attempts() {
        let paid_needs = attempt.captured() > 0 || attempt.state != AttemptState::Paid;
        assert!(paid_needs, "paid without money: {attempt:?}");
        let asked =
            attempt.refunds.iter().filter(|refund| refund.ours && refund.state == MovementState::Unresolved);
        assert!(asked.count() <= 2);
        if attempt.is_open() && !attempt.closing.as_ref().is_some_and(|closing| closing.refused) {
            assert!(attempt.next_due().is_some(), "an open attempt nobody will look at: {attempt:?}");
        }
    }
    if next.may_ship() {
        let attempt = next.current().unwrap();
        assert_eq!(attempt.state, AttemptState::Paid);
        assert!(attempt.open_conflicts().next().is_none() && attempt.closing.is_none());
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, ..ProptestConfig::default() })]

    #[test]
    fn any_sequence_keeps_the_money_rules(inputs in proptest::collection::vec((input(), 0..40_000_i64), 1..60)) {
        let mut payment = Payment::new("ORDER-1", Plan::default());
        let mut now = at(0);
        for (input, wait) in inputs {
            now = now.saturating_add(core::time::Duration::from_millis(wait.unsigned_abs()));
            if matches!(input, Input::Tick) {
                now = payment.due().map_or(now, |due| due.max(now));
            }
            match payment.apply(&input, now) {
                Ok(turn) => {
                    check(&payment, &input, &turn);
                    prop_assert_eq!(&payment.apply(&input, now).unwrap(), &turn);
                    payment = turn.next;
                    let stored = payment.save();
                    prop_assert_eq!(&Payment::load(stored.expose()).unwrap(), &payment);
                }
                Err(refused) => prop_assert!(!refused.to_string().is_empty()),
            }
        }
    }

    #[test]
    fn any_text_is_loaded_or_refused(text in ".{0,200}") {
        let _ = Payment::load(&text);
    }
}
