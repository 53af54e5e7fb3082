//! What the merchant wants. Intents are stored before the first byte is sent: the transition is the intent.

use alloc::vec::Vec;

use super::turn::{Output, Turn};
use super::{Attempt, AttemptState, ClosingReason, ConflictKind, NewAttempt, NextStep, Payment, Refused};
use crate::flow::timing;
use crate::time::UnixTime;

impl Payment {
    pub(super) fn pay(&mut self, new: &NewAttempt, now: UnixTime, out: &mut Output) -> Result<(), Refused> {
        if let Some(known) = self.attempt(&new.request_id) {
            // A double click is one attempt: the step is whatever the attempt waits for.
            return if is_same(known, new) {
                Ok(())
            } else {
                Err(Refused::IdReused { request_id: new.request_id.clone() })
            };
        }
        if self.closed {
            return Err(Refused::Closed);
        }
        if let Some(live) = self.attempts.iter().find(|attempt| !attempt.is_final_unpaid()) {
            return Err(Refused::AttemptLive { request_id: live.request_id.clone() });
        }
        if !new.amount.minor_units().is_ok_and(|minor| minor > 0) {
            return Err(Refused::Amount);
        }
        if new.expires <= now {
            return Err(Refused::Expired);
        }
        self.attempts.push(Attempt {
            client_id: new.client_id.clone(),
            request_id: new.request_id.clone(),
            merchant_account: new.merchant_account.clone(),
            expected: new.amount.clone(),
            product: new.product,
            expires: new.expires,
            cancellable: new.cancellable,
            replayable: new.replayable,
            state: AttemptState::Unresolved,
            evidence: None,
            payment_id: None,
            closing: None,
            show: None,
            card: None,
            capture_by: None,
            in_review: false,
            paid_late: false,
            success_after_cancel: false,
            captures: Vec::new(),
            refunds: Vec::new(),
            disputes: Vec::new(),
            amount_updates: Vec::new(),
            conflicts: Vec::new(),
            sends: 1,
            asked: 0,
            due: Some(now.saturating_add(timing::answer_wait(new.product))),
            last_look: false,
            reminded: false,
        });
        out.step = Some(NextStep::Send { request_id: new.request_id.clone() });
        Ok(())
    }

    pub(super) fn cancel(&mut self, now: UnixTime, out: &mut Output) -> Result<(), Refused> {
        let plan = self.plan;
        if let Some(attempt) = self.attempts.last_mut() {
            match attempt.state {
                _ if attempt.closing.is_some() => return Ok(()),
                AttemptState::Failed { .. } | AttemptState::Cancelled => {}
                _ if !attempt.cancellable => return Err(Refused::NotCancellable),
                _ if attempt.refund_reserved() > 0 => return Err(Refused::HasRefunds),
                _ => Turn { attempt, plan, now, out }.close(ClosingReason::Merchant),
            }
        }
        self.closed = true;
        Ok(())
    }

    /// Ends an attempt nobody can settle, by a person's decision. Should money show up all the same, that is
    /// a conflict as after any other failure.
    pub(super) fn write_off(
        &mut self,
        request_id: &str,
        now: UnixTime,
        out: &mut Output,
    ) -> Result<(), Refused> {
        let plan = self.plan;
        let attempt = self.attempts.iter_mut().find(|attempt| attempt.request_id == request_id);
        let attempt = attempt.ok_or(Refused::NotNow)?;
        if !attempt.is_open() {
            return Err(Refused::NotNow);
        }
        if !attempt.conflicts.iter().any(|conflict| conflict.kind == ConflictKind::NeverSettled) {
            return Err(Refused::NotStuck);
        }
        for conflict in &mut attempt.conflicts {
            conflict.reviewed |= conflict.kind == ConflictKind::NeverSettled;
        }
        Turn { attempt, plan, now, out }.written_off();
        Ok(())
    }
}

/// Whether a wish repeats an attempt, so that it is no new one.
fn is_same(known: &Attempt, new: &NewAttempt) -> bool {
    known.client_id == new.client_id
        && known.merchant_account == new.merchant_account
        && known.product == new.product
        && known.asked_amount().same_money(&new.amount) == Ok(true)
}
