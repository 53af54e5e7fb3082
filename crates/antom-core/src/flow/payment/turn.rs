use alloc::string::String;
use alloc::vec::Vec;

use super::{Attempt, AttemptState, Conflict, ConflictKind, Event, Input, NextStep, Payment, Plan, Refused};
use crate::flow::evidence::{Evidence, Unfit};
use crate::flow::fact::{Answer, MovementFact};
use crate::flow::ledger::{EntryKind, LedgerEntry};
use crate::flow::timing;
use crate::money::Amount;
use crate::time::UnixTime;

/// What one input brings forth.
#[derive(Debug, Default)]
pub(super) struct Output {
    pub(super) entries: Vec<LedgerEntry>,
    pub(super) events: Vec<Event>,
    pub(super) step: Option<NextStep>,
}

/// One attempt while an input is taken in.
pub(super) struct Turn<'a> {
    pub(super) attempt: &'a mut Attempt,
    pub(super) plan: Plan,
    pub(super) now: UnixTime,
    pub(super) out: &'a mut Output,
}

impl Payment {
    pub(super) fn take_in(&mut self, input: &Input, now: UnixTime, out: &mut Output) -> Result<(), Refused> {
        match input {
            Input::Pay(new) => return self.pay(new, now, out),
            Input::Cancel => return self.cancel(now, out),
            Input::Capture(new) => return self.capture(new, now, out),
            Input::Refund(new) => return self.refund(new, now, out),
            Input::WriteOff { request_id } => return self.write_off(request_id, now, out),
            Input::ConflictsReviewed => {
                let conflicts = self.attempts.iter_mut().flat_map(|attempt| &mut attempt.conflicts);
                conflicts.for_each(|conflict| conflict.reviewed = true);
            }
            Input::BuyerReturned { request_id } => {
                if let Some(mut turn) = self.turn(request_id, now, out) {
                    turn.buyer_returned();
                }
            }
            Input::PayAnswered { request_id, answer } => {
                if let Some(mut turn) = self.turn(request_id, now, out) {
                    turn.pay_answered(answer);
                }
            }
            Input::CancelAnswered { request_id, answer } => {
                if let Some(mut turn) = self.turn(request_id, now, out) {
                    turn.cancel_answered(answer);
                }
            }
            Input::Inquired { request_id, answer } => {
                if let Some(mut turn) = self.turn(request_id, now, out) {
                    turn.inquired(answer);
                }
            }
            Input::PaymentNoticed(fact) => {
                let place = self.place(fact.request_id.as_deref(), fact.payment_id.as_deref());
                if let Some(mut turn) = self.turn_at(place, now, out) {
                    turn.payment_fact(fact);
                }
            }
            Input::AmountNoticed(fact) => {
                let place = self.place(fact.request_id.as_deref(), fact.payment_id.as_deref());
                if let Some(mut turn) = self.turn_at(place, now, out) {
                    turn.amount_fact(fact);
                }
            }
            Input::DisputeNoticed(fact) => {
                let place = self.place(fact.request_id.as_deref(), fact.payment_id.as_deref());
                if let Some(mut turn) = self.turn_at(place, now, out) {
                    turn.dispute_fact(fact);
                }
            }
            Input::MovementNoticed(fact) => self.movement_noticed(fact, now, out),
            Input::CaptureAnswered { capture_request_id: id, answer }
            | Input::RefundAnswered { refund_request_id: id, answer }
            | Input::RefundInquired { refund_request_id: id, answer } => {
                let place = self.movement_place(id, matches!(input, Input::CaptureAnswered { .. }));
                if let Some(mut turn) = self.turn_at(place, now, out) {
                    match input {
                        Input::CaptureAnswered { .. } => turn.capture_answered(id, answer),
                        Input::RefundAnswered { .. } => turn.refund_answered(id, answer),
                        _ => turn.refund_inquired(id, answer),
                    }
                }
            }
            Input::Tick => {
                for place in 0..self.attempts.len() {
                    let due = self.attempts.get(place).and_then(Attempt::next_due);
                    if due.is_none_or(|due| due > now) {
                        continue;
                    }
                    if let Some(mut turn) = self.turn_at(Some(place), now, out) {
                        turn.tick();
                    }
                    if out.step.is_some() {
                        break;
                    }
                }
            }
        }
        Ok(())
    }

    fn movement_noticed(&mut self, fact: &MovementFact, now: UnixTime, out: &mut Output) {
        let known = self.attempts.iter().position(|attempt| {
            attempt.captures.iter().chain(&attempt.refunds).any(|movement| movement.is_meant(fact))
        });
        let by_payment = || {
            let id = fact.payment_id.as_ref()?;
            self.attempts.iter().position(|attempt| attempt.payment_id.as_ref() == Some(id))
        };
        let place = known.or_else(by_payment);
        if let Some(mut turn) = self.turn_at(place, now, out) {
            turn.movement_fact(fact);
        }
    }

    /// The attempt a message names: by the merchant's id where it has one, else by the gateway's.
    fn place(&self, request_id: Option<&str>, payment_id: Option<&str>) -> Option<usize> {
        self.attempts.iter().position(|attempt| match (request_id, payment_id) {
            (Some(id), _) => attempt.request_id == id,
            (None, Some(_)) => attempt.payment_id.as_deref() == payment_id,
            (None, None) => false,
        })
    }

    fn movement_place(&self, id: &str, capture: bool) -> Option<usize> {
        self.attempts.iter().position(|attempt| {
            let movements = if capture { &attempt.captures } else { &attempt.refunds };
            movements.iter().any(|movement| movement.request_id == id)
        })
    }

    fn turn<'a>(&'a mut self, request_id: &str, now: UnixTime, out: &'a mut Output) -> Option<Turn<'a>> {
        let place = self.attempts.iter().position(|attempt| attempt.request_id == request_id);
        self.turn_at(place, now, out)
    }

    /// The attempt at work, or an event that there is none.
    fn turn_at<'a>(
        &'a mut self,
        place: Option<usize>,
        now: UnixTime,
        out: &'a mut Output,
    ) -> Option<Turn<'a>> {
        let plan = self.plan;
        match place.and_then(|place| self.attempts.get_mut(place)) {
            Some(attempt) => Some(Turn { attempt, plan, now, out }),
            None => {
                out.events.push(Event::Ignored { attempt: None, why: Unfit::NotOurs });
                None
            }
        }
    }
}

impl Turn<'_> {
    pub(super) fn id(&self) -> String {
        self.attempt.request_id.clone()
    }

    pub(super) fn event(&mut self, make: impl FnOnce(String) -> Event) {
        let event = make(self.id());
        self.out.events.push(event);
    }

    pub(super) fn ignore(&mut self, why: Unfit) {
        self.event(|attempt| Event::Ignored { attempt: Some(attempt), why });
    }

    pub(super) fn entry(
        &mut self,
        kind: EntryKind,
        movement: Option<String>,
        amount: Amount,
        evidence: &Evidence,
    ) {
        let attempt = self.id();
        self.out.entries.push(LedgerEntry {
            kind,
            attempt,
            movement,
            amount,
            evidence: evidence.clone(),
            at: self.now,
        });
    }

    /// Keeps and reports a contradiction, once; says whether it is new.
    pub(super) fn conflict(&mut self, kind: ConflictKind, evidence: Option<&Evidence>) -> bool {
        if self.attempt.conflicts.iter().any(|known| known.kind == kind) {
            return false;
        }
        let conflict =
            Conflict { kind: kind.clone(), evidence: evidence.cloned(), at: self.now, reviewed: false };
        self.attempt.conflicts.push(conflict);
        self.event(|attempt| Event::ConflictFound { attempt, conflict: kind });
        true
    }

    /// Money rules 1 and 2: whether the evidence counts here. Says so if not.
    pub(super) fn admits(&mut self, evidence: &Evidence) -> bool {
        match evidence.check(&self.attempt.client_id, self.plan.accept_tls) {
            Ok(()) => true,
            Err(why) => {
                self.ignore(why);
                false
            }
        }
    }

    /// Asks again after the wait of the product's rhythm; at the expiry if that is sooner.
    pub(super) fn schedule(&mut self) {
        let wait = timing::inquiry_wait(self.attempt.product, self.attempt.asked);
        let mut due = self.now.saturating_add(wait);
        if self.attempt.is_open() && self.now < self.attempt.expires {
            due = due.min(self.attempt.expires);
        }
        self.attempt.due = Some(due);
    }

    /// Asks at the next tick.
    pub(super) fn look_now(&mut self) {
        self.attempt.due = Some(self.now);
    }

    pub(super) fn inquire(&mut self) {
        self.attempt.asked = self.attempt.asked.saturating_add(1);
        self.out.step =
            Some(NextStep::Inquire { request_id: self.id(), payment_id: self.attempt.payment_id.clone() });
    }

    /// Puts the pay request on the wire once more. Money rule 6: never while a cancel intent is stored.
    pub(super) fn send(&mut self) {
        debug_assert!(self.attempt.closing.is_none());
        let first = self.attempt.sends == 0;
        self.attempt.sends = self.attempt.sends.saturating_add(1);
        self.attempt.due = Some(self.now.saturating_add(timing::answer_wait(self.attempt.product)));
        let request_id = self.id();
        self.out.step =
            Some(if first { NextStep::Send { request_id } } else { NextStep::SendAgain { request_id } });
    }

    fn buyer_returned(&mut self) {
        let settled = self.attempt.is_final_unpaid() || self.attempt.state == AttemptState::Paid;
        if !settled {
            self.inquire();
            self.schedule();
        }
    }
}

/// What is left of an answer when its proof does not count: nobody knows.
pub(super) fn usable<'a, F>(
    turn: &mut Turn<'_>,
    answer: &'a Answer<F>,
    evidence: impl Fn(&F) -> &Evidence,
) -> &'a Answer<F> {
    match answer.fact() {
        Some(fact) if !turn.admits(evidence(fact)) => &Answer::Unresolved,
        _ => answer,
    }
}
