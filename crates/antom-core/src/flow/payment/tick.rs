//! What time asks for. Each tick takes the one thing that is due, and moves its next moment before the
//! step is taken, so that two workers that tick at once cannot both win the commit.

use core::time::Duration;

use super::turn::Turn;
use super::{AttemptState, Capture, ClosingReason, ConflictKind, Event, NextStep, Product};
use crate::flow::fact::MovementKind;
use crate::flow::movement::{Movement, MovementState};
use crate::flow::timing;

/// How long after its expiry an attempt nobody can settle is reported to a person.
const REPORT_AFTER: Duration = Duration::from_secs(24 * 3600);

impl Turn<'_> {
    pub(super) fn tick(&mut self) {
        if self.tick_movements() || self.tick_disputes() {
            return;
        }
        if self.attempt.due.is_none_or(|due| due > self.now) {
            return;
        }
        match self.attempt.state {
            _ if self.attempt.closing.is_some() => self.tick_closing(),
            AttemptState::Unresolved | AttemptState::Pending => self.tick_open(),
            AttemptState::Authorised => self.tick_authorised(),
            AttemptState::Cancelled => self.tick_watch(),
            AttemptState::Paid | AttemptState::Failed { .. } => self.attempt.due = None,
        }
    }

    fn tick_open(&mut self) {
        let expired = self.now >= self.attempt.expires;
        if self.attempt.sends == 0 {
            // Every call of pay ended before anything left this machine.
            if expired { self.never_sent() } else { self.send() }
        } else if !expired {
            self.schedule_and_inquire();
        } else if !self.attempt.last_look {
            self.attempt.last_look = true;
            self.attempt.due = Some(self.now.saturating_add(timing::repeat_wait(0)));
            self.inquire();
        } else if self.attempt.cancellable {
            self.close(ClosingReason::Expired);
        } else {
            self.report_if_stuck();
            self.schedule_and_inquire();
        }
    }

    /// The intent stays until the gateway says `S` or an inquiry is final. Every third turn asks instead,
    /// because a cancellation whose answers are lost shows in the payment's status.
    fn tick_closing(&mut self) {
        let open = self.attempt.is_open();
        if open && self.attempt.sends == 0 {
            return self.never_sent();
        }
        if open {
            self.report_if_stuck();
        }
        let Some(closing) = &mut self.attempt.closing else { return };
        if closing.refused {
            return self.schedule_and_inquire();
        }
        if closing.tries % 3 == 2 {
            closing.tries = closing.tries.saturating_add(1);
            self.attempt.due = Some(self.now.saturating_add(timing::repeat_wait(closing.tries)));
            self.inquire();
        } else {
            self.send_cancel();
        }
    }

    /// No byte of this attempt ever left the machine, so there is nothing the gateway could do or state.
    fn never_sent(&mut self) {
        self.attempt.state = AttemptState::Failed { code: None };
        self.attempt.closing = None;
        self.attempt.due = None;
        self.event(|attempt| Event::Failed { attempt, code: None });
    }

    fn tick_authorised(&mut self) {
        let Product::Card { capture: Capture::Manual } = self.attempt.product else {
            return self.schedule_and_inquire();
        };
        let Some(by) = self.attempt.capture_by.filter(|by| *by > self.now) else {
            // The issuer lets the money go: the gateway will say so.
            return self.schedule_and_inquire();
        };
        let remind_at = by.saturating_sub(timing::CAPTURE_REMINDER);
        if self.now < remind_at {
            self.attempt.due = Some(remind_at);
            return;
        }
        self.attempt.due = Some(by);
        if !core::mem::replace(&mut self.attempt.reminded, true) {
            self.event(|attempt| Event::CaptureDue { attempt, by });
        }
    }

    /// Watches that the funds of a cancelled payment go back.
    fn tick_watch(&mut self) {
        if self.attempt.asked >= timing::WATCH_LOOKS {
            self.attempt.due = None;
            self.conflict(ConflictKind::MoneyNotReturned, None);
            return;
        }
        self.attempt.due = Some(self.now.saturating_add(timing::WATCH_WAIT));
        self.inquire();
    }

    fn report_if_stuck(&mut self) {
        if self.now >= self.attempt.expires.saturating_add(REPORT_AFTER) {
            self.conflict(ConflictKind::NeverSettled, None);
        }
    }

    fn schedule_and_inquire(&mut self) {
        self.inquire();
        self.schedule();
    }

    /// Takes a capture or refund that is due; says whether there was one.
    fn tick_movements(&mut self) -> bool {
        let now = self.now;
        let is_due = |movement: &&mut Movement| movement.due.is_some_and(|due| due <= now);
        let mut movements = self.attempt.captures.iter_mut().chain(&mut self.attempt.refunds);
        let Some(movement) = movements.find(is_due) else { return false };
        if !movement.is_open() {
            movement.due = None;
            return true;
        }
        movement.tries = movement.tries.saturating_add(1);
        movement.due = Some(now.saturating_add(timing::movement_wait(movement.tries)));
        let movement = movement.clone();
        if movement.sends == 0 && movement.state == MovementState::Unresolved {
            self.send_movement_again(movement.kind, &movement.request_id);
        } else if movement.kind == MovementKind::Refund && movement.ours {
            self.out.step = Some(NextStep::InquireRefund {
                refund_request_id: movement.request_id,
                refund_id: movement.id,
            });
        } else {
            // Captures, and refunds someone else started, show in the payment's own inquiry.
            self.inquire();
        }
        true
    }
}
