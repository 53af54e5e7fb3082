//! What statements about a payment do to an attempt. Money rules 2, 3, 4, 5, 7 and 8 live here.

use alloc::boxed::Box;
use core::time::Duration;

use super::turn::{Turn, usable};
use super::{AttemptState, Capture, ClosingReason, ConflictKind, Event, NextStep, Product};
use crate::flow::evidence::{Source, Unfit};
use crate::flow::fact::{Answer, PaymentFact, Says, Show};
use crate::flow::ledger::EntryKind;
use crate::flow::movement::{MovementState, pay_proves_nothing};
use crate::flow::timing;
use crate::money::Amount;

/// The most times one pay request is put on the wire; after that the attempt is inquired and, at its
/// expiry, cancelled.
const MOST_SENDS: u32 = 5;
/// A request that would arrive this close to its expiry is not sent again.
const TOO_LATE: Duration = Duration::from_secs(5);

impl Turn<'_> {
    pub(super) fn pay_answered(&mut self, answer: &Answer<PaymentFact>) {
        match usable(self, answer, |fact| &fact.evidence) {
            Answer::Done(fact) => self.payment_fact(fact),
            Answer::Accepted(fact) => self.accepted(fact),
            Answer::Refused { fact, first_send } => self.refused(fact, *first_send),
            Answer::Unresolved => self.look_again(),
            Answer::NotSent => {
                // Nothing left this machine with that call: it does not count as a sending.
                self.attempt.sends = self.attempt.sends.saturating_sub(1);
                if self.attempt.is_open() && self.attempt.closing.is_none() {
                    self.attempt.due = Some(self.now.saturating_add(timing::repeat_wait(0)));
                }
            }
        }
    }

    /// `U` with a meaning: show what it brings, then wait. It is never sent again.
    fn accepted(&mut self, fact: &PaymentFact) {
        if !self.binds(fact) {
            return;
        }
        self.take_over(fact);
        self.waiting();
        if self.attempt.state != AttemptState::Pending || self.attempt.closing.is_some() {
            return;
        }
        if let Some(Show::Code { expires: Some(expires), .. }) = &fact.show {
            self.attempt.expires = self.attempt.expires.min(*expires);
        }
        self.schedule();
        let Some(show) = fact.show.clone() else { return };
        self.attempt.show = Some(show.clone());
        let request_id = self.id();
        let tick_at = self.attempt.due.unwrap_or(self.now);
        self.out.step = Some(match show {
            Show::Code { .. } => NextStep::ShowCode { request_id, show, tick_at },
            Show::Redirect { .. } => NextStep::Redirect { request_id, show, tick_at },
        });
    }

    /// `F`. Proof only as the answer to the first and only send of this id, and not for every code.
    fn refused(&mut self, fact: &PaymentFact, first_send: bool) {
        let only = first_send && self.attempt.sends <= 1;
        if only && self.attempt.state == AttemptState::Unresolved && !pay_proves_nothing(fact.code.as_deref())
        {
            if self.binds(fact) {
                self.take_over(fact);
                self.failed(&fact.evidence, fact.code.clone());
            }
        } else {
            self.look_again();
        }
    }

    pub(super) fn inquired(&mut self, answer: &Answer<PaymentFact>) {
        match usable(self, answer, |fact| &fact.evidence) {
            Answer::Done(fact) => {
                self.payment_fact(fact);
                self.capture_again_if_unknown(fact);
            }
            Answer::Refused { fact, .. } if fact.code.as_deref() == Some("ORDER_NOT_EXIST") => {
                self.not_found()
            }
            // A refusal speaks of the inquiry, not of the payment.
            Answer::Refused { .. } | Answer::Accepted(_) | Answer::Unresolved | Answer::NotSent => {}
        }
    }

    /// The gateway does not know the id. That proves nothing, for the request may still land; but the same
    /// request may be sent again.
    fn not_found(&mut self) {
        let attempt = &self.attempt;
        let again = attempt.state == AttemptState::Unresolved
            && attempt.closing.is_none()
            && attempt.replayable
            && attempt.sends < MOST_SENDS
            && self.now.saturating_add(TOO_LATE) < attempt.expires;
        if again {
            self.send();
        }
    }

    /// A statement about this payment, from whatever message.
    pub(super) fn payment_fact(&mut self, fact: &PaymentFact) {
        if !self.admits(&fact.evidence) || !self.binds(fact) {
            return;
        }
        self.take_over(fact);
        match &fact.says {
            Says::Success => self.success(fact),
            Says::Failed => self.failure(fact),
            Says::Cancelled => self.cancelled_by_statement(fact),
            Says::Processing => {
                self.waiting();
                if fact.show.is_some() && self.attempt.state == AttemptState::Pending {
                    self.attempt.show.clone_from(&fact.show);
                }
            }
            Says::Nothing => self.insufficient(fact, Unfit::Insufficient),
            Says::Unknown { .. } => self.insufficient(fact, Unfit::UnknownStatus),
        }
        for movement in &fact.movements {
            self.movement_fact(movement);
        }
    }

    /// Money rules 2 and 7: the statement is about this payment, with this amount and currency.
    pub(super) fn binds(&mut self, fact: &PaymentFact) -> bool {
        let evidence = Some(&fact.evidence);
        let other =
            |ours: &Option<_>, stated: &Option<_>| ours.is_some() && stated.is_some() && ours != stated;
        if other(&self.attempt.merchant_account, &fact.merchant_account) {
            self.conflict(ConflictKind::MerchantAccount, evidence);
            return false;
        }
        if other(&self.attempt.payment_id, &fact.payment_id) {
            self.conflict(ConflictKind::PaymentId, evidence);
            return false;
        }
        if let Some(stated) = &fact.amount {
            if stated.same_money(&self.attempt.expected) != Ok(true) {
                if self.names_an_older_amount(fact, stated) {
                    self.ignore(Unfit::Stale);
                    self.look_again();
                    return false;
                }
                let (expected, stated) = (self.attempt.expected.clone(), stated.clone());
                self.conflict(ConflictKind::Amount { expected, stated }, evidence);
                return false;
            }
        }
        if self.attempt.payment_id.is_none() {
            self.attempt.payment_id.clone_from(&fact.payment_id);
        }
        true
    }

    /// What a statement says beside the status.
    fn take_over(&mut self, fact: &PaymentFact) {
        if let Some(card) = &fact.card {
            let known = self.attempt.card.get_or_insert_with(Box::default);
            let had_token = known.token.is_some();
            known.merge(card);
            if !had_token && known.token.is_some() {
                self.event(|attempt| Event::CardStored { attempt });
            }
        }
        if let Some(under_way) = fact.in_review.filter(|now| *now != self.attempt.in_review) {
            self.attempt.in_review = under_way;
            self.event(|attempt| Event::Review { attempt, under_way });
        }
        if fact.auth_expires.is_some() {
            self.attempt.capture_by = fact.auth_expires;
        }
    }

    fn waiting(&mut self) {
        if self.attempt.state == AttemptState::Unresolved {
            self.attempt.state = AttemptState::Pending;
            self.event(|attempt| Event::Waiting { attempt });
        }
    }

    fn success(&mut self, fact: &PaymentFact) {
        let Some(amount) = &fact.amount else { return self.insufficient(fact, Unfit::Insufficient) };
        match self.attempt.state {
            AttemptState::Unresolved | AttemptState::Pending => self.succeed(fact),
            AttemptState::Authorised | AttemptState::Paid => self.ignore(Unfit::Stale),
            AttemptState::Failed { .. } => {
                if self.conflict(ConflictKind::SuccessAfterFailure, Some(&fact.evidence)) {
                    self.entry(EntryKind::SuccessAfterFailure, None, amount.clone(), &fact.evidence);
                }
            }
            AttemptState::Cancelled if self.attempt.success_after_cancel => self.ignore(Unfit::Stale),
            AttemptState::Cancelled => self.success_after_cancel(fact, amount),
        }
    }

    /// The verdict stays. The funds go back by themselves; inquiries watch that they do.
    fn success_after_cancel(&mut self, fact: &PaymentFact, amount: &Amount) {
        self.attempt.success_after_cancel = true;
        self.attempt.asked = 0;
        self.attempt.due = Some(self.now.saturating_add(timing::WATCH_WAIT));
        self.entry(EntryKind::SuccessAfterCancel, None, amount.clone(), &fact.evidence);
        self.event(|attempt| Event::SuccessAfterCancel { attempt });
    }

    fn succeed(&mut self, fact: &PaymentFact) {
        self.attempt.evidence = Some(fact.evidence.clone());
        self.attempt.show = None;
        self.attempt.asked = 0;
        let amount = self.attempt.expected.clone();
        let capture = match self.attempt.product {
            Product::Card { capture } => capture,
            _ => {
                self.attempt.state = AttemptState::Paid;
                self.entry(EntryKind::Captured, None, amount, &fact.evidence);
                return self.paid();
            }
        };
        self.attempt.state = AttemptState::Authorised;
        self.entry(EntryKind::Authorised, None, amount, &fact.evidence);
        self.event(|attempt| Event::Authorised { attempt });
        let by = *self
            .attempt
            .capture_by
            .get_or_insert_with(|| self.now.saturating_add(timing::AUTHORISATION_LASTS));
        if self.attempt.captures.iter().any(|movement| movement.state == MovementState::Done) {
            return self.captured();
        }
        if self.attempt.closing.is_some() {
            return self.late();
        }
        match capture {
            Capture::Automatic => self.schedule(),
            Capture::Manual => {
                self.attempt.due = Some(by.saturating_sub(timing::CAPTURE_REMINDER).max(self.now));
            }
        }
    }

    /// Money was taken.
    pub(super) fn paid(&mut self) {
        if self.attempt.closing.is_some() {
            return self.late();
        }
        self.attempt.due = None;
        self.event(|attempt| Event::Paid { attempt });
    }

    /// Money came while the attempt was being closed: the cancellation goes on, or where the gateway
    /// refused it, the merchant refunds.
    fn late(&mut self) {
        if !self.attempt.paid_late {
            self.attempt.paid_late = true;
            self.event(|attempt| Event::PaidLate { attempt });
        }
        if self.attempt.closing.as_ref().is_some_and(|closing| closing.refused) {
            self.attempt.closing = None;
            self.attempt.due = None;
            if self.attempt.state == AttemptState::Authorised {
                self.schedule();
            }
        } else {
            self.look_now();
        }
    }

    fn failure(&mut self, fact: &PaymentFact) {
        match &self.attempt.state {
            AttemptState::Unresolved | AttemptState::Pending => {}
            AttemptState::Authorised | AttemptState::Paid => {
                self.conflict(ConflictKind::FailureAfterSuccess, Some(&fact.evidence));
                return;
            }
            AttemptState::Failed { .. } | AttemptState::Cancelled => return self.ignore(Unfit::Stale),
        }
        // A payment at a counter that an inquiry states failed is cancelled all the same, as the product's
        // page asks: the buyer may be about to try again with the same code.
        let at_counter = self.attempt.product == Product::InStore
            && self.attempt.cancellable
            && fact.evidence.source() == Source::PaymentInquiry;
        match &self.attempt.closing {
            None if at_counter => {
                let (evidence, code) = (fact.evidence.clone(), fact.code.clone());
                self.close(ClosingReason::FailedInStore { evidence, code });
            }
            _ => self.failed(&fact.evidence, fact.code.clone()),
        }
    }

    fn cancelled_by_statement(&mut self, fact: &PaymentFact) {
        if self.attempt.state == AttemptState::Cancelled {
            // The watch after a late success has seen what it waited for.
            self.attempt.due = None;
        }
        self.cancelled(&fact.evidence);
    }

    /// The fact lacks something: an inquiry knows more, unless this was one.
    fn insufficient(&mut self, fact: &PaymentFact, why: Unfit) {
        self.ignore(why);
        if fact.evidence.source() != Source::PaymentInquiry {
            self.look_again();
        }
    }

    /// Asks at the next tick, where there is still something to learn.
    pub(super) fn look_again(&mut self) {
        if self.attempt.is_open() {
            self.look_now();
        }
    }
}
