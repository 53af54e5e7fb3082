//! The update of an authorised amount: it changes what is expected, by a fact and never silently.

use super::turn::Turn;
use super::{AmountUpdate, AttemptState, ConflictKind, Event};
use crate::flow::evidence::Unfit;
use crate::flow::fact::{AmountFact, PaymentFact, Says};
use crate::flow::ledger::EntryKind;
use crate::money::Amount;

impl Turn<'_> {
    pub(super) fn amount_fact(&mut self, fact: &AmountFact) {
        if !self.admits(&fact.evidence) {
            return;
        }
        let bound = self.attempt.payment_id.as_ref();
        if bound.is_some() && fact.payment_id.is_some() && bound != fact.payment_id.as_ref() {
            self.conflict(ConflictKind::PaymentId, Some(&fact.evidence));
            return;
        }
        match (&fact.says, &fact.amount) {
            (Says::Success, Some(amount)) => self.update_amount(fact, amount),
            (Says::Failed, _) => {
                let code = fact.code.clone();
                self.event(|attempt| Event::AmountUpdateFailed { attempt, code });
            }
            (Says::Unknown { .. }, _) => self.ignore(Unfit::UnknownStatus),
            _ => self.ignore(Unfit::Insufficient),
        }
    }

    fn update_amount(&mut self, fact: &AmountFact, amount: &Amount) {
        if self.attempt.is_final_unpaid() {
            return self.ignore(Unfit::Stale);
        }
        let same = |known: &Amount| known.same_money(amount) == Ok(true);
        let known = self.attempt.amount_updates.iter().find(|known| known.update_id == fact.update_id);
        if known.is_some_and(|known| same(&known.to)) {
            return self.ignore(Unfit::Stale);
        }
        let fits = known.is_none()
            && self.attempt.product.is_card()
            && amount.currency() == self.attempt.expected.currency()
            && amount.minor_units().is_ok_and(|minor| minor > 0 && minor >= self.attempt.captured());
        let (from, to) = (self.attempt.expected.clone(), amount.clone());
        if !fits {
            self.conflict(ConflictKind::Amount { expected: from, stated: to }, Some(&fact.evidence));
            return;
        }
        // Statements that named the new amount before this fact explained it.
        for conflict in &mut self.attempt.conflicts {
            conflict.reviewed |=
                matches!(&conflict.kind, ConflictKind::Amount { stated, .. } if same(stated));
        }
        if self.attempt.payment_id.is_none() {
            self.attempt.payment_id.clone_from(&fact.payment_id);
        }
        if fact.auth_expires.is_some() {
            self.attempt.capture_by = fact.auth_expires;
        }
        self.entry(EntryKind::AmountUpdated, fact.update_id.clone(), to.clone(), &fact.evidence);
        self.event(|attempt| Event::AmountUpdated { attempt, from: from.clone(), to: to.clone() });
        self.attempt.expected = to.clone();
        let (update_id, evidence) = (fact.update_id.clone(), fact.evidence.clone());
        self.attempt.amount_updates.push(AmountUpdate { update_id, from, to, evidence });
        if self.attempt.state == AttemptState::Unresolved {
            self.look_now();
        }
    }

    /// Whether a statement with another amount is older than the update that replaced its amount. It is
    /// no contradiction then, and no proof of anything either.
    pub(super) fn names_an_older_amount(&self, fact: &PaymentFact, stated: &Amount) -> bool {
        self.attempt.amount_updates.iter().any(|update| {
            update.from.same_money(stated) == Ok(true) && fact.evidence.time() <= update.evidence.time()
        })
    }
}
