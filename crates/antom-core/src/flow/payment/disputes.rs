//! Disputes about an attempt.

use core::time::Duration;

use super::turn::Turn;
use super::{ConflictKind, Event};
use crate::flow::dispute::{Dispute, DisputeFact, DisputeSays, DisputeState};
use crate::flow::evidence::Unfit;
use crate::flow::ledger::EntryKind;

/// How long before the deadline the merchant is reminded to defend.
const REMINDER: Duration = Duration::from_secs(24 * 3600);

impl Turn<'_> {
    pub(super) fn dispute_fact(&mut self, fact: &DisputeFact) {
        if !self.admits(&fact.evidence) {
            return;
        }
        let bound = self.attempt.payment_id.as_ref();
        if bound.is_some() && fact.payment_id.is_some() && bound != fact.payment_id.as_ref() {
            self.conflict(ConflictKind::PaymentId, Some(&fact.evidence));
            return;
        }
        let Some(id) = fact.id.clone() else { return self.ignore(Unfit::Insufficient) };
        if let DisputeSays::Unknown { .. } = fact.says {
            return self.ignore(Unfit::UnknownStatus);
        }
        let known = self.attempt.disputes.iter().position(|dispute| dispute.id == id);
        let place = match known {
            Some(place) => place,
            None => self.open_dispute(id, fact),
        };
        self.hear_dispute(place, known.is_none(), fact);
    }

    /// Notes a dispute, whatever its first message is: the opening may be on its way still.
    fn open_dispute(&mut self, id: alloc::string::String, fact: &DisputeFact) -> usize {
        let amount = fact.amount.clone().unwrap_or_else(|| self.attempt.expected.clone());
        self.entry(EntryKind::Disputed, Some(id.clone()), amount.clone(), &fact.evidence);
        self.event(|attempt| Event::DisputeOpened {
            attempt,
            dispute: id.clone(),
            defend_by: fact.defend_by,
        });
        let evidence = fact.evidence.clone();
        let (state, defend_by) = (DisputeState::Open, None);
        self.attempt.disputes.push(Dispute { id, state, amount, defend_by, evidence, due: None });
        self.attempt.disputes.len().saturating_sub(1)
    }

    fn hear_dispute(&mut self, place: usize, new: bool, fact: &DisputeFact) {
        let now = self.now;
        let Some(dispute) = self.attempt.disputes.get_mut(place) else { return };
        let (id, amount) = (dispute.id.clone(), dispute.amount.clone());
        let (state, won) = match (&fact.says, dispute.state) {
            (DisputeSays::Open, DisputeState::Open) => {
                if fact.defend_by.is_some() && dispute.defend_by != fact.defend_by {
                    dispute.defend_by = fact.defend_by;
                    dispute.due = fact.defend_by.map(|by| by.saturating_sub(REMINDER).max(now));
                } else if !new {
                    self.ignore(Unfit::Stale);
                }
                return;
            }
            (DisputeSays::Defended, DisputeState::Open) => {
                dispute.state = DisputeState::Defended;
                dispute.due = None;
                dispute.evidence = fact.evidence.clone();
                return self.event(|attempt| Event::DisputeDefended { attempt, dispute: id });
            }
            (DisputeSays::Won, DisputeState::Open | DisputeState::Defended) => (DisputeState::Won, true),
            (DisputeSays::Lost, DisputeState::Open | DisputeState::Defended) => (DisputeState::Lost, false),
            (DisputeSays::Won, DisputeState::Lost) | (DisputeSays::Lost, DisputeState::Won) => {
                self.conflict(ConflictKind::DisputeContradicted { dispute: id }, Some(&fact.evidence));
                return;
            }
            _ => return self.ignore(Unfit::Stale),
        };
        dispute.state = state;
        dispute.due = None;
        dispute.evidence = fact.evidence.clone();
        let kind = if won { EntryKind::DisputeWon } else { EntryKind::DisputeLost };
        self.entry(kind, Some(id.clone()), amount, &fact.evidence);
        self.event(|attempt| Event::DisputeEnded { attempt, dispute: id, won });
    }

    /// Reminds of a deadline; says whether there was one.
    pub(super) fn tick_disputes(&mut self) -> bool {
        let now = self.now;
        let due = self.attempt.disputes.iter_mut().find(|dispute| dispute.due.is_some_and(|due| due <= now));
        let Some(dispute) = due else { return false };
        dispute.due = None;
        let (id, defend_by) = (dispute.id.clone(), dispute.defend_by);
        self.event(|attempt| Event::DisputeDue { attempt, dispute: id, defend_by });
        true
    }
}
