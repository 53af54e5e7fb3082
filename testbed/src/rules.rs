//! The money rules, held against every step and against the truth.

use antom_core::flow::EntryKind;
use antom_core::flow::payment::{Attempt, AttemptState, Event, Input, NextStep, Payment, Transition};
use antom_core::signature::ClientId;

use crate::book::State;
use crate::far::Truth;

/// A broken rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Violation {
    /// The order.
    pub order: u32,
    /// The rule, in a few words.
    pub rule: &'static str,
    /// What was seen.
    pub seen: String,
}

/// Whether a verdict may change like this at all.
fn allowed(before: &AttemptState, after: &AttemptState) -> bool {
    use AttemptState::{Authorised, Cancelled, Failed, Paid, Pending, Unresolved};
    matches!(
        (before, after),
        (Unresolved, _)
            | (Pending, Pending | Authorised | Paid | Failed { .. } | Cancelled)
            | (Authorised, Authorised | Paid | Cancelled)
            | (Paid, Paid | Cancelled)
            | (Failed { .. }, Failed { .. })
            | (Cancelled, Cancelled)
    )
}

/// What one transition breaks by itself.
pub fn check_step(
    before: &Payment,
    input: &Input,
    turn: &Transition,
    client: &ClientId,
    mut broken: impl FnMut(&'static str),
) {
    let next = &turn.next;
    if next.attempts().iter().filter(|attempt| !attempt.is_final_unpaid()).count() > 1 {
        broken("at most one attempt may take money (6)");
    }
    for (old, new) in before.attempts().iter().zip(next.attempts()) {
        if old.request_id != new.request_id || old.expected != new.expected {
            broken("an attempt's id and amount never change (7)");
        }
        if old.payment_id.is_some() && old.payment_id != new.payment_id {
            broken("a bound payment id never changes (2)");
        }
        if old.state != new.state {
            check_verdict(old, new, input, turn, &mut broken);
        }
    }
    for entry in &turn.entries {
        if !entry.evidence.proof().is_signed() || entry.evidence.client_id() != Some(client) {
            broken("no entry without a signed fact for this account (1)");
        }
    }
    if let NextStep::Send { request_id } | NextStep::SendAgain { request_id } = &turn.step {
        match next.attempt(request_id) {
            Some(attempt) if attempt.closing.is_none() && attempt.is_open() => {}
            _ => broken("no pay leaves under a cancel intent or after a verdict (6)"),
        }
    }
}

fn check_verdict(
    old: &Attempt,
    new: &Attempt,
    input: &Input,
    turn: &Transition,
    broken: &mut impl FnMut(&'static str),
) {
    if !allowed(&old.state, &new.state) {
        broken("a verdict never turns back (8)");
    }
    if turn.events.iter().all(|event| matches!(event, Event::Ignored { .. })) {
        broken("no verdict changes silently (8)");
    }
    let has = |kind| turn.entries.iter().any(|entry| entry.kind == kind);
    match (&old.state, &new.state) {
        (AttemptState::Paid, AttemptState::Cancelled)
            if old.closing.is_none() || !has(EntryKind::Cancelled) =>
        {
            broken("money taken is never closed without an intent and an entry (8)");
        }
        (_, AttemptState::Authorised) if !has(EntryKind::Authorised) => {
            broken("an authorization has its entry (8)")
        }
        (_, AttemptState::Failed { .. }) if matches!(input, Input::Tick) && old.sends() > 0 => {
            broken("time alone proves no failure of what was sent (5)");
        }
        _ => {}
    }
}

/// Whether what the merchant believes about an attempt is so, at any moment.
pub fn check_truth(
    payment: &Payment,
    attempt: &Attempt,
    truth: Option<Truth>,
    mut broken: impl FnMut(&'static str),
) {
    let charged = truth.is_some_and(|truth| truth.state == State::Paid);
    if attempt.is_final_unpaid() && charged {
        broken("an attempt is closed as unpaid while the buyer is charged (5)");
    }
    if matches!(attempt.state, AttemptState::Paid | AttemptState::Authorised) {
        let known = truth.is_some_and(|truth| matches!(truth.state, State::Paid | State::Cancelled));
        if !known {
            broken("a success rests on a payment the gateway has (3)");
        }
    }
    if payment.may_ship() && payment.current().is_some_and(|current| current.request_id == attempt.request_id)
    {
        let there = truth.is_some_and(|truth| {
            truth.state == State::Paid
                && u128::from(truth.amount) == attempt.expected.minor_units().unwrap_or(0)
                && u128::from(truth.taken) >= attempt.captured()
        });
        if !there {
            broken("goods leave only for money that is there, all of it (3, 7)");
        }
    }
}

/// Whether the merchant and the gateway agree when all is over.
pub fn check_end(payment: &Payment, truths: &[Option<Truth>], mut broken: impl FnMut(&'static str)) {
    let settled = matches!(payment.resting_step(), NextStep::Settled(_) | NextStep::AwaitPay);
    if payment.due().is_some() || !settled {
        broken("no terminal state is unsettled");
    }
    for (attempt, truth) in payment.attempts().iter().zip(truths) {
        let paid = truth.is_some_and(|truth| truth.state == State::Paid);
        let believed = matches!(attempt.state, AttemptState::Paid | AttemptState::Authorised);
        if paid != believed {
            broken("the verdict at the end is the truth");
        }
        let (taken, returned) = truth.map_or((0, 0), |truth| (truth.taken, truth.returned));
        if paid && (attempt.captured(), attempt.refunded()) != (u128::from(taken), u128::from(returned)) {
            broken("what was taken and given back at the end is the truth (8)");
        }
    }
}
