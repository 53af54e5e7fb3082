//! Captures and refunds of an attempt.

use alloc::string::String;

use super::turn::{Output, Turn, usable};
use super::{AttemptState, ConflictKind, Event, NewCapture, NewRefund, NextStep, Payment, Refused};
use crate::flow::evidence::Unfit;
use crate::flow::fact::{Answer, MovementFact, MovementKind, PaymentFact, Says};
use crate::flow::ledger::EntryKind;
use crate::flow::movement::{Heard, Movement, MovementState, proves_nothing};
use crate::flow::{capture, refund, timing};
use crate::time::UnixTime;

impl Payment {
    pub(super) fn capture(
        &mut self,
        new: &NewCapture,
        now: UnixTime,
        out: &mut Output,
    ) -> Result<(), Refused> {
        let plan = self.plan;
        let attempt = self.attempts.last_mut().ok_or(Refused::NotNow)?;
        if let Some(known) = attempt.captures.iter().find(|known| known.request_id == new.request_id) {
            return same(known, known.amount.same_money(&new.amount) == Ok(true) && known.last == new.last);
        }
        capture::check(attempt, new)?;
        let due = now.saturating_add(timing::movement_wait(0));
        let mut movement =
            Movement::asked(MovementKind::Capture, new.request_id.clone(), new.amount.clone(), due);
        movement.last = new.last;
        let turn = Turn { attempt, plan, now, out };
        turn.out.step = turn.movement_step(&movement);
        turn.attempt.captures.push(movement);
        Ok(())
    }

    pub(super) fn refund(&mut self, new: &NewRefund, now: UnixTime, out: &mut Output) -> Result<(), Refused> {
        let plan = self.plan;
        let attempt = self.attempts.last_mut().ok_or(Refused::NotNow)?;
        if let Some(known) = attempt.refunds.iter().find(|known| known.request_id == new.request_id) {
            return same(
                known,
                known.amount.same_money(&new.amount) == Ok(true) && known.of_capture == new.capture_id,
            );
        }
        refund::check(attempt, new)?;
        let due = now.saturating_add(timing::movement_wait(0));
        let mut movement =
            Movement::asked(MovementKind::Refund, new.request_id.clone(), new.amount.clone(), due);
        movement.of_capture.clone_from(&new.capture_id);
        let turn = Turn { attempt, plan, now, out };
        turn.out.step = turn.movement_step(&movement);
        turn.attempt.refunds.push(movement);
        Ok(())
    }
}

/// A wish that repeats a known one changes nothing; one that contradicts it is refused.
fn same(known: &Movement, equal: bool) -> Result<(), Refused> {
    if equal { Ok(()) } else { Err(Refused::IdReused { request_id: known.request_id.clone() }) }
}

/// The answer to a call is about the id that was asked for, echoed or not; an echo of another id was refused
/// when the answer was verified.
fn about(id: &str, fact: &MovementFact) -> MovementFact {
    MovementFact { request_id: Some(id.into()), ..fact.clone() }
}

impl Turn<'_> {
    /// The call that asks for a movement.
    pub(super) fn movement_step(&self, movement: &Movement) -> Option<NextStep> {
        let payment_id = self.attempt.payment_id.clone()?;
        let (id, amount) = (movement.request_id.clone(), movement.amount.clone());
        Some(match movement.kind {
            MovementKind::Capture => {
                NextStep::Capture { payment_id, capture_request_id: id, amount, last: movement.last }
            }
            MovementKind::Refund => NextStep::Refund {
                payment_id,
                refund_request_id: id,
                amount,
                capture_id: movement.of_capture.clone(),
            },
        })
    }

    pub(super) fn capture_answered(&mut self, id: &str, answer: &Answer<MovementFact>) {
        self.movement_answered(MovementKind::Capture, id, answer);
    }

    pub(super) fn refund_answered(&mut self, id: &str, answer: &Answer<MovementFact>) {
        self.movement_answered(MovementKind::Refund, id, answer);
    }

    fn movement_answered(&mut self, kind: MovementKind, id: &str, answer: &Answer<MovementFact>) {
        let now = self.now;
        match usable(self, answer, |fact| &fact.evidence) {
            Answer::Done(fact) | Answer::Accepted(fact) => self.movement_fact(&about(id, fact)),
            Answer::Refused { fact, first_send } => {
                let Some(movement) = self.movement(kind, id) else { return };
                let only = *first_send && movement.sends <= 1 && movement.state == MovementState::Unresolved;
                if only && !proves_nothing(fact.code.as_deref()) {
                    // The first and only send was refused: no money moved, and its reservation is free.
                    let refused = MovementFact { says: Says::Failed, amount: None, ..about(id, fact) };
                    self.movement_fact(&refused);
                } else if movement.is_open() {
                    movement.due = Some(now);
                }
            }
            Answer::Unresolved => {
                if let Some(movement) = self.movement(kind, id).filter(|movement| movement.is_open()) {
                    movement.due = Some(now);
                }
            }
            Answer::NotSent => {
                if let Some(movement) = self.movement(kind, id).filter(|movement| movement.is_open()) {
                    movement.sends = movement.sends.saturating_sub(1);
                    movement.due = Some(now.saturating_add(timing::repeat_wait(0)));
                }
            }
        }
    }

    pub(super) fn refund_inquired(&mut self, id: &str, answer: &Answer<MovementFact>) {
        match usable(self, answer, |fact| &fact.evidence) {
            Answer::Done(fact) => self.movement_fact(&about(id, fact)),
            // The gateway does not know the refund: the same one may be sent again.
            Answer::Refused { fact, .. } if refund::is_not_found(fact.code.as_deref()) => {
                self.send_movement_again(MovementKind::Refund, id);
            }
            _ => {}
        }
    }

    /// An inquiry of the payment that does not list a capture nobody knows about: it may be sent again.
    pub(super) fn capture_again_if_unknown(&mut self, fact: &PaymentFact) {
        let missing = self.attempt.captures.iter().find(|capture| {
            capture.ours
                && capture.state == MovementState::Unresolved
                && capture.due.is_some_and(|due| due > self.now && capture.tries > 0)
                && !fact.movements.iter().any(|stated| capture.is_meant(stated))
        });
        if let Some(id) = missing.map(|capture| capture.request_id.clone()) {
            self.send_movement_again(MovementKind::Capture, &id);
        }
    }

    pub(super) fn send_movement_again(&mut self, kind: MovementKind, id: &str) {
        let now = self.now;
        if self.attempt.closing.is_some() || self.attempt.is_final_unpaid() {
            return;
        }
        let Some(movement) = self.movement(kind, id).filter(|known| known.state == MovementState::Unresolved)
        else {
            return;
        };
        movement.sends = movement.sends.saturating_add(1);
        movement.due = Some(now.saturating_add(timing::movement_wait(movement.tries)));
        let movement = movement.clone();
        self.out.step = self.movement_step(&movement);
    }

    fn movement(&mut self, kind: MovementKind, id: &str) -> Option<&mut Movement> {
        let movements = match kind {
            MovementKind::Capture => &mut self.attempt.captures,
            MovementKind::Refund => &mut self.attempt.refunds,
        };
        movements.iter_mut().find(|movement| movement.request_id == id)
    }

    /// A statement about a capture or refund, from whatever message.
    pub(super) fn movement_fact(&mut self, fact: &MovementFact) {
        if !self.admits(&fact.evidence) {
            return;
        }
        let bound = self.attempt.payment_id.as_ref();
        if fact.payment_id.is_some() && bound.is_some() && fact.payment_id.as_ref() != bound {
            self.conflict(ConflictKind::PaymentId, Some(&fact.evidence));
            return;
        }
        // Without a card the payment's success is the taking; a capture would count the money twice.
        if fact.kind == MovementKind::Capture && !self.attempt.product.is_card() {
            return self.ignore(Unfit::Stale);
        }
        let movements = match fact.kind {
            MovementKind::Capture => &mut self.attempt.captures,
            MovementKind::Refund => &mut self.attempt.refunds,
        };
        let known = movements.iter_mut().find(|movement| movement.is_meant(fact));
        let (heard, movement) = match known {
            Some(movement) => (movement.hear(fact), movement.clone()),
            None if matches!(fact.says, Says::Success | Says::Processing) => {
                let currency = self.attempt.expected.currency();
                let found =
                    Movement::found(fact, self.now).filter(|found| found.amount.currency() == currency);
                let Some(mut movement) = found else { return self.ignore(Unfit::Insufficient) };
                let heard = movement.hear(fact);
                movements.push(movement.clone());
                (heard, movement)
            }
            None => return self.ignore(Unfit::NotOurs),
        };
        self.heard(heard, &movement, fact);
    }

    fn heard(&mut self, heard: Heard, movement: &Movement, fact: &MovementFact) {
        let id = movement.request_id.clone();
        let evidence = &fact.evidence;
        match heard {
            Heard::Stale => self.ignore(Unfit::Stale),
            Heard::UnderWay => {}
            Heard::Insufficient => self.ignore(Unfit::Insufficient),
            Heard::UnknownStatus => self.ignore(Unfit::UnknownStatus),
            Heard::WrongAmount => {
                self.conflict(ConflictKind::MovementAmount { movement: id }, Some(evidence));
            }
            Heard::WrongId => {
                self.conflict(ConflictKind::MovementId { movement: id }, Some(evidence));
            }
            Heard::FailedAfterDone => self.contradicted(id, fact),
            Heard::Failed => {
                let code = fact.code.clone();
                self.event(|attempt| Event::MovementFailed { attempt, movement: id, code });
            }
            Heard::Returned => {
                self.entry(EntryKind::RefundReturned, Some(id.clone()), movement.amount.clone(), evidence);
                self.event(|attempt| Event::RefundReturned { attempt, movement: id });
            }
            Heard::Done | Heard::DoneAfterFailure => {
                let kind = match movement.kind {
                    MovementKind::Capture => EntryKind::Captured,
                    MovementKind::Refund => EntryKind::Refunded,
                };
                self.entry(kind, Some(id.clone()), movement.amount.clone(), evidence);
                self.event(|attempt| Event::MovementDone { attempt, movement: id.clone() });
                if heard == Heard::DoneAfterFailure {
                    self.contradicted(id, fact);
                }
                if movement.kind == MovementKind::Refund {
                    self.refund_done(fact);
                }
                if movement.kind == MovementKind::Capture {
                    self.capture_done(fact);
                }
            }
        }
    }

    /// More was given back than was taken: a refund from the dashboard that nobody here could check. With a
    /// card the capture it is about may be on its way still, so there an inquiry says.
    fn refund_done(&mut self, fact: &MovementFact) {
        let (taken, returned) = (self.attempt.captured(), self.attempt.refunded());
        if returned
            > taken.max(if self.attempt.product.is_card() { self.attempt.expected_minor() } else { 0 })
        {
            self.conflict(ConflictKind::RefundExceeds, Some(&fact.evidence));
        } else if returned > taken {
            self.look_now();
        }
    }

    fn contradicted(&mut self, movement: String, fact: &MovementFact) {
        self.conflict(ConflictKind::MovementContradicted { movement }, Some(&fact.evidence));
    }

    fn capture_done(&mut self, fact: &MovementFact) {
        if self.attempt.captured() > self.attempt.expected_minor() {
            self.conflict(ConflictKind::CaptureExceeds, Some(&fact.evidence));
        }
        match self.attempt.state {
            AttemptState::Authorised => {
                self.attempt.evidence = Some(fact.evidence.clone());
                self.captured();
            }
            AttemptState::Unresolved | AttemptState::Pending => {
                self.event(|attempt| Event::CaptureBeforeAuthorisation { attempt });
                self.look_now();
            }
            AttemptState::Paid => {}
            AttemptState::Failed { .. } | AttemptState::Cancelled => {
                self.conflict(ConflictKind::SuccessAfterFailure, Some(&fact.evidence));
            }
        }
    }

    /// Money of a reserved amount was taken.
    pub(super) fn captured(&mut self) {
        self.attempt.state = AttemptState::Paid;
        self.paid();
    }
}
