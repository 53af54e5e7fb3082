use antom_core::flow::payment::Payment;
use antom_core::flow::token::Grant;
use antom_core::time::UnixTime;
use async_trait::async_trait;

use super::state::{InboxRecord, Record, State, record_place};
use super::{Kept, MemoryStore, body_place, message_place};
use crate::body::FrozenBody;
use crate::card::StoredCard;
use crate::change::{Applied, Change, Changed, InboxWrite, Placement, Write};
use crate::check::check;
use crate::error::StoreError;
use crate::keys::{Key, keys_of_card, keys_of_grant, keys_of_payment};
use crate::record::records_of;
use crate::rows::{InboxEntry, OutboxRow, RecoveryRow, Revision, Subject, live_until};
use crate::run::{Run, RunRow};
use crate::store::Store;

/// The parts of a change that are encrypted before the lock is taken.
struct SealedParts {
    bodies: Vec<Kept>,
    message: Option<Kept>,
}

#[async_trait]
impl Store for MemoryStore {
    async fn commit(&self, change: Change) -> Result<Applied, StoreError> {
        let mut parts = SealedParts { bodies: Vec::new(), message: None };
        for child in &change.children {
            parts.bodies.push(self.seal(body_place(child.request_id()), child.bytes()).await?);
        }
        if let Some(InboxWrite { entry, .. }) = &change.inbox
            && let Some(body) = &entry.message.body
        {
            parts.message = Some(self.seal(message_place(&entry.key.to_string()), body).await?);
        }
        self.lock().commit(change, parts)
    }
}

impl State {
    /// Checks everything, then writes everything; between the two nothing can fail.
    fn commit(&mut self, change: Change, parts: SealedParts) -> Result<Applied, StoreError> {
        if change.inbox.as_ref().is_some_and(|write| self.is_handled(write)) {
            return Ok(Applied::AlreadyThere);
        }
        let subject = change.subject();
        let current = subject.as_ref().and_then(|subject| self.revision(subject));
        if subject.is_some() && current != change.expected {
            return Ok(Applied::Stale { current });
        }
        let keys = match &change.write {
            Write::Order(payment) => keys_of_payment(payment),
            Write::Grant(grant) => keys_of_grant(grant),
            Write::Card(card) => keys_of_card(card),
            Write::Recovery(..) | Write::Run(_) | Write::Nothing => Vec::new(),
        };
        self.check_keys(subject.as_ref(), &keys)?;
        check(&change)?;

        let mut changed = Changed::default();
        if let Some(subject) = subject {
            changed.revision = Some(self.write_state(&change, &subject, &keys, current));
            self.append(&change, &subject);
            changed.parked = self.waiting_for(&keys, change.inbox.as_ref());
        }
        for (child, kept) in change.children.iter().zip(parts.bodies) {
            self.keep_body(&change.write, child, kept);
        }
        if let Some(write) = change.inbox {
            changed.owners = self.write_inbox(write, parts.message);
        }
        Ok(Applied::Changed(changed))
    }

    /// Whether a notification needs no more: it is there, and this change does not take it out of the
    /// parking place.
    fn is_handled(&self, write: &InboxWrite) -> bool {
        self.inbox.get(&write.entry.key).is_some_and(|known| {
            !matches!((&known.placement, &write.placement), (Placement::Parked(_), Placement::Matched(_)))
        })
    }

    fn revision(&self, subject: &Subject) -> Option<Revision> {
        match subject {
            Subject::Order(id) => self.orders.get(id).map(|record| record.revision),
            Subject::Grant(id) => self.grants.get(id).map(|record| record.revision),
            Subject::Card(id) => self.cards.get(id).map(|record| record.revision),
            Subject::Recovery(id) => self.recoveries.get(id).map(|row| row.revision),
            Subject::Run(id) => self.runs.get(id).map(|row| row.revision),
        }
    }

    fn check_keys(&self, subject: Option<&Subject>, keys: &[Key]) -> Result<(), StoreError> {
        for key in keys.iter().filter(|key| key.is_unique()) {
            let owners = self.owners.get(&key.digest()).into_iter().flatten();
            if let Some(owner) = owners.into_iter().find(|owner| Some(*owner) != subject) {
                return Err(StoreError::KeyTaken { owner: owner.clone() });
            }
        }
        Ok(())
    }

    fn write_state(
        &mut self,
        change: &Change,
        subject: &Subject,
        keys: &[Key],
        current: Option<Revision>,
    ) -> Revision {
        let revision = current.map_or(Revision::FIRST, Revision::next);
        let digests: Vec<_> = keys.iter().map(Key::digest).collect();
        match (&change.write, subject) {
            (Write::Order(payment), Subject::Order(id)) => {
                let old = self.orders.get_mut(id).map(|record| core::mem::take(&mut record.keys));
                self.set_keys(subject, &old.unwrap_or_default(), &digests);
                self.drop_bodies(payment);
                let value = Payment::clone(payment);
                self.write_records(payment);
                let (due, place) = (value.due(), self.orders.get(id).and_then(|record| record.due));
                let record = Record { value, revision, keys: digests, due: place, written: change.at };
                if let Some(old) = self.orders.insert(id.clone(), record) {
                    self.open_orders.remove(&(old.written, id.clone()));
                }
                if due.is_some() {
                    self.open_orders.insert((change.at, id.clone()));
                }
                self.set_due(subject, due);
            }
            (Write::Grant(grant), Subject::Grant(id)) => {
                self.write_grant(grant, id, revision, change.at);
                let old = self.grants.get_mut(id).map(|record| core::mem::take(&mut record.keys));
                self.set_keys(subject, &old.unwrap_or_default(), &digests);
                if let Some(record) = self.grants.get_mut(id) {
                    record.keys = digests;
                }
                self.set_due(subject, grant.due());
            }
            (Write::Card(card), Subject::Card(id)) => {
                let old = self.cards.get_mut(id).map(|record| core::mem::take(&mut record.keys));
                if old.is_none() {
                    self.cards_of.entry(card.buyer.clone()).or_default().push(id.clone());
                }
                self.set_keys(subject, &old.unwrap_or_default(), &digests);
                let value = StoredCard::clone(card);
                let record = Record { value, revision, keys: digests, due: None, written: change.at };
                self.cards.insert(id.clone(), record);
            }
            (Write::Recovery(_, recovery), Subject::Recovery(id)) => {
                self.recoveries.insert(id.clone(), RecoveryRow { recovery: *recovery, revision });
            }
            (Write::Run(run), Subject::Run(id)) => {
                self.runs.insert(id.clone(), RunRow { run: Run::clone(run), revision });
                for finding in &change.findings {
                    let sequence = self.next_sequence();
                    self.findings.insert((id.clone(), sequence), finding.clone());
                }
            }
            _ => {}
        }
        revision
    }

    /// An order's records are never fewer than before.
    fn write_records(&mut self, payment: &Payment) {
        for record in records_of(payment) {
            self.records.insert(record_place(&record), record);
        }
    }

    fn write_grant(&mut self, grant: &Grant, id: &str, revision: Revision, written: UnixTime) {
        if let Some(old) = self.grants.get_mut(id) {
            if let Some(expiry) = live_until(&old.value) {
                self.expiries.remove(&(expiry, id.into()));
            }
            old.value = grant.clone();
            old.revision = revision;
            old.written = written;
        } else {
            let record = Record { value: grant.clone(), revision, keys: Vec::new(), due: None, written };
            self.grants.insert(id.into(), record);
            self.buyers.entry(grant.buyer().into()).or_default().push(id.into());
        }
        if let Some(expiry) = live_until(grant) {
            self.expiries.insert((expiry, id.into()));
        }
    }

    /// A request that will not be sent again is not kept.
    fn drop_bodies(&mut self, payment: &Payment) {
        for attempt in payment.attempts().iter().filter(|attempt| !attempt.is_open()) {
            self.bodies.remove(&(attempt.client_id.clone(), attempt.request_id.clone()));
        }
    }

    fn keep_body(&mut self, write: &Write, child: &FrozenBody, kept: Kept) {
        let Write::Order(payment) = write else { return };
        if payment.attempt(child.request_id()).is_some_and(antom_core::flow::payment::Attempt::is_open) {
            self.bodies.insert((child.client_id().clone(), child.request_id().into()), kept);
        }
    }

    fn append(&mut self, change: &Change, subject: &Subject) {
        if let Subject::Order(id) = subject {
            for entry in &change.ledger {
                let sequence = self.next_sequence();
                self.ledger.insert((id.clone(), sequence), entry.clone());
            }
        }
        for event in &change.outbox {
            let sequence = self.next_sequence();
            let (subject, event) = (subject.clone(), event.clone());
            self.events.insert(sequence, OutboxRow { sequence, subject, event, at: change.at, claims: 0 });
            self.pending.insert(sequence, None);
        }
    }

    /// The notifications parked for these keys, but for the one that this change is about.
    fn waiting_for(&self, keys: &[Key], own: Option<&InboxWrite>) -> Vec<InboxEntry> {
        let own = own.map(|write| write.entry.key);
        let mut found: Vec<(UnixTime, crate::rows::InboxKey)> = keys
            .iter()
            .filter_map(|key| self.parked_under.get(&key.digest()))
            .flatten()
            .filter(|key| Some(**key) != own)
            .filter_map(|key| self.inbox.get(key).map(|record| (record.entry.received, *key)))
            .collect();
        found.sort_unstable();
        found.dedup();
        found.iter().filter_map(|(_, key)| self.inbox.get(key)).map(|record| record.entry.clone()).collect()
    }

    /// Keeps a notification; says whose it is after all when it was parked too late.
    fn write_inbox(&mut self, write: InboxWrite, body: Option<Kept>) -> Vec<Subject> {
        let InboxWrite { mut entry, placement } = write;
        let key = entry.key;
        if self.inbox.contains_key(&key) {
            // Out of the parking place; its bytes stay as they were.
            self.unpark(key);
            if let Some(record) = self.inbox.get_mut(&key) {
                record.placement = placement;
            }
            return Vec::new();
        }
        let mut owners = Vec::new();
        if let Placement::Parked(names) = &placement {
            self.parked.insert((entry.received, key));
            for digest in names.iter().map(Key::digest) {
                self.parked_under.entry(digest).or_default().insert(key);
                owners.extend(self.owners.get(&digest).into_iter().flatten().cloned());
            }
            owners.sort_unstable();
            owners.dedup();
        }
        entry.message.body = None;
        self.inbox.insert(key, InboxRecord { entry, body, placement });
        owners
    }
}
