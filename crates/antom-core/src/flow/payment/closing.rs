use alloc::string::String;
use alloc::vec::Vec;

use super::turn::{Turn, usable};
use super::{AttemptState, Closing, ClosingReason, ConflictKind, Event, NextStep};
use crate::flow::evidence::{Evidence, Unfit};
use crate::flow::fact::{Answer, PaymentFact, Says};
use crate::flow::ledger::EntryKind;
use crate::flow::movement::MovementState;
use crate::flow::timing;
use crate::money::Amount;

impl Turn<'_> {
    /// Stores the intent to cancel, and cancels. From here on no pay leaves.
    pub(super) fn close(&mut self, reason: ClosingReason) {
        self.attempt.closing = Some(Closing { reason, since: self.now, refused: false, sends: 0, tries: 0 });
        self.event(|attempt| Event::Closing { attempt });
        self.send_cancel();
    }

    /// Cancels, for the first time or again with the same values.
    pub(super) fn send_cancel(&mut self) {
        let Some(closing) = &mut self.attempt.closing else { return };
        closing.sends = closing.sends.saturating_add(1);
        closing.tries = closing.tries.saturating_add(1);
        self.attempt.due = Some(self.now.saturating_add(timing::repeat_wait(closing.tries)));
        self.out.step =
            Some(NextStep::Cancel { request_id: self.id(), payment_id: self.attempt.payment_id.clone() });
    }

    pub(super) fn cancel_answered(&mut self, answer: &Answer<PaymentFact>) {
        let answer = usable(self, answer, |fact| &fact.evidence);
        match answer {
            Answer::Done(fact) if fact.says == Says::Cancelled => {
                if self.binds(fact) {
                    self.cancelled(&fact.evidence);
                }
            }
            Answer::Done(_) => self.ignore(Unfit::Insufficient),
            Answer::Refused { fact, .. } => self.cancel_refused(fact),
            // Under way or unknown: the tick repeats it with the same values.
            Answer::Accepted(_) | Answer::Unresolved | Answer::NotSent => {}
        }
    }

    /// The gateway will not cancel. What that means is for an inquiry to say; an unknown order may still
    /// land, so there the intent stays and the cancellation is repeated.
    fn cancel_refused(&mut self, fact: &PaymentFact) {
        if self.attempt.closing.is_none() {
            return self.ignore(Unfit::Stale);
        }
        let code = fact.code.clone();
        if code.as_deref() == Some("ORDER_NOT_EXIST") {
            return;
        }
        self.event(|attempt| Event::CancelRefused { attempt, code });
        let Some(closing) = &mut self.attempt.closing else { return };
        match self.attempt.state {
            AttemptState::Authorised | AttemptState::Paid => {
                // The money stays: the cancellation is over. Another fact, such as a refund, ends it.
                self.attempt.closing = None;
                self.attempt.due = None;
                if self.attempt.state == AttemptState::Authorised {
                    self.schedule();
                }
            }
            _ => {
                closing.refused = true;
                self.look_now();
            }
        }
    }

    /// Proven unpaid: money rule 5.
    pub(super) fn failed(&mut self, evidence: &Evidence, code: Option<String>) {
        self.attempt.state = AttemptState::Failed { code: code.clone() };
        self.attempt.evidence = Some(evidence.clone());
        self.attempt.closing = None;
        self.attempt.show = None;
        self.attempt.due = None;
        self.event(|attempt| Event::Failed { attempt, code });
    }

    /// Taken to be unpaid by a person's decision.
    pub(super) fn written_off(&mut self) {
        self.attempt.state = AttemptState::Failed { code: None };
        self.attempt.closing = None;
        self.attempt.show = None;
        self.attempt.due = None;
        self.event(|attempt| Event::WrittenOff { attempt });
    }

    /// Proven cancelled. What was reserved or taken goes back.
    pub(super) fn cancelled(&mut self, evidence: &Evidence) {
        match self.attempt.state {
            AttemptState::Cancelled | AttemptState::Failed { .. } => return self.ignore(Unfit::Stale),
            // Nobody here asked for it: the verdict stays, the contradiction is reported.
            AttemptState::Paid if self.attempt.closing.is_none() => {
                if self.conflict(ConflictKind::CancelledAfterPaid, Some(evidence)) {
                    let amount = self.stake();
                    self.entry(EntryKind::Reversed, None, amount, evidence);
                    self.event(|attempt| Event::Reversed { attempt });
                }
                return;
            }
            _ => {}
        }
        let amount = self.stake();
        self.entry(EntryKind::Cancelled, None, amount, evidence);
        self.attempt.state = AttemptState::Cancelled;
        self.attempt.evidence = Some(evidence.clone());
        self.attempt.closing = None;
        self.attempt.show = None;
        self.attempt.due = None;
        self.event(|attempt| Event::Cancelled { attempt });
        self.captures_end(evidence);
    }

    /// What is cancelled takes no more money: a capture that nobody knew the end of has failed.
    fn captures_end(&mut self, evidence: &Evidence) {
        let mut ended = Vec::new();
        for capture in self.attempt.captures.iter_mut().filter(|capture| capture.is_open()) {
            capture.state = MovementState::Failed { code: None };
            capture.evidence = Some(evidence.clone());
            capture.due = None;
            ended.push(capture.request_id.clone());
        }
        for movement in ended {
            self.event(|attempt| Event::MovementFailed { attempt, movement, code: None });
        }
    }

    fn stake(&self) -> Amount {
        Amount::from_minor(self.attempt.expected.currency().clone(), self.attempt.at_stake())
            .unwrap_or_else(|_| self.attempt.expected.clone())
    }
}
