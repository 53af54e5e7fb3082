use std::collections::{BTreeMap, BTreeSet};

use antom_core::flow::LedgerEntry;
use antom_core::flow::payment::Payment;
use antom_core::flow::token::Grant;
use antom_core::signature::ClientId;
use antom_core::time::UnixTime;

use super::Kept;
use crate::card::StoredCard;
use crate::change::Placement;
use crate::record::{MoneyRecord, RecordKind};
use crate::rows::{InboxEntry, InboxKey, OutboxRow, RecoveryRow, Revision, Subject};
use crate::run::{Finding, RunRow};

/// Index entry of a key.
pub(super) type Digest = [u8; 32];

/// How many handed-over events are kept for readers of the whole outbox.
const KEPT_EVENTS: usize = 10_000;

#[derive(Debug, Default)]
pub(super) struct State {
    pub(super) orders: BTreeMap<String, Record<Payment>>,
    pub(super) grants: BTreeMap<String, Record<Grant>>,
    pub(super) due_orders: BTreeSet<(UnixTime, String)>,
    pub(super) due_grants: BTreeSet<(UnixTime, String)>,
    pub(super) buyers: BTreeMap<String, Vec<String>>,
    pub(super) expiries: BTreeSet<(UnixTime, String)>,
    pub(super) owners: BTreeMap<Digest, Vec<Subject>>,
    pub(super) bodies: BTreeMap<(ClientId, String), Kept>,
    pub(super) ledger: BTreeMap<(String, u64), LedgerEntry>,
    pub(super) inbox: BTreeMap<InboxKey, InboxRecord>,
    pub(super) parked: BTreeSet<(UnixTime, InboxKey)>,
    pub(super) parked_under: BTreeMap<Digest, BTreeSet<InboxKey>>,
    pub(super) events: BTreeMap<u64, OutboxRow>,
    /// Events that were not handed over, with the end of the lease they are under.
    pub(super) pending: BTreeMap<u64, Option<UnixTime>>,
    pub(super) sequence: u64,
    pub(super) cards: BTreeMap<String, Record<StoredCard>>,
    pub(super) cards_of: BTreeMap<String, Vec<String>>,
    pub(super) records: BTreeMap<RecordPlace, MoneyRecord>,
    /// The open orders by when they were last written.
    pub(super) open_orders: BTreeSet<(UnixTime, String)>,
    pub(super) recoveries: BTreeMap<String, RecoveryRow>,
    pub(super) runs: BTreeMap<String, RunRow>,
    pub(super) findings: BTreeMap<(String, u64), Finding>,
    /// The mark of each gate: see [`Rate::admit`](crate::rows::Rate::admit).
    pub(super) gates: BTreeMap<String, i64>,
}

/// The place of a record in its list: its kind, its request id, its account and its order.
pub(super) type RecordPlace = (RecordKind, String, ClientId, String);

pub(super) fn record_place(record: &MoneyRecord) -> RecordPlace {
    (record.kind, record.request_id.clone(), record.client_id.clone(), record.order_id.clone())
}

/// A state with what the indexes hold about it.
#[derive(Debug)]
pub(super) struct Record<T> {
    pub(super) value: T,
    pub(super) revision: Revision,
    pub(super) keys: Vec<Digest>,
    /// Its place in the due index: its next tick, or the end of its lease.
    pub(super) due: Option<UnixTime>,
    /// When it was written.
    pub(super) written: UnixTime,
}

#[derive(Debug)]
pub(super) struct InboxRecord {
    /// Without its bytes.
    pub(super) entry: InboxEntry,
    pub(super) body: Option<Kept>,
    pub(super) placement: Placement,
}

impl State {
    pub(super) fn next_sequence(&mut self) -> u64 {
        self.sequence = self.sequence.saturating_add(1);
        self.sequence
    }

    /// Moves a row in the due index.
    pub(super) fn set_due(&mut self, subject: &Subject, due: Option<UnixTime>) {
        let (index, id, place) = match subject {
            Subject::Order(id) => {
                let Some(record) = self.orders.get_mut(id) else { return };
                (&mut self.due_orders, id, &mut record.due)
            }
            Subject::Grant(id) => {
                let Some(record) = self.grants.get_mut(id) else { return };
                (&mut self.due_grants, id, &mut record.due)
            }
            _ => return,
        };
        if let Some(old) = place.take() {
            index.remove(&(old, id.clone()));
        }
        if let Some(due) = due {
            index.insert((due, id.clone()));
        }
        *place = due;
    }

    /// Replaces what a subject is found by.
    pub(super) fn set_keys(&mut self, subject: &Subject, old: &[Digest], new: &[Digest]) {
        for digest in old.iter().filter(|digest| !new.contains(digest)) {
            if let Some(owners) = self.owners.get_mut(digest) {
                owners.retain(|owner| owner != subject);
                if owners.is_empty() {
                    self.owners.remove(digest);
                }
            }
        }
        for digest in new {
            let owners = self.owners.entry(*digest).or_default();
            if !owners.contains(subject) {
                owners.push(subject.clone());
            }
        }
    }

    /// Takes a notification out of the parking place.
    pub(super) fn unpark(&mut self, key: InboxKey) {
        let Some(record) = self.inbox.get(&key) else { return };
        let Placement::Parked(names) = &record.placement else { return };
        for digest in names.iter().map(crate::keys::Key::digest) {
            if let Some(waiting) = self.parked_under.get_mut(&digest) {
                waiting.remove(&key);
                if waiting.is_empty() {
                    self.parked_under.remove(&digest);
                }
            }
        }
        self.parked.remove(&(record.entry.received, key));
    }

    /// Forgets the oldest events that were handed over, beyond those that are kept.
    pub(super) fn clear_events(&mut self) {
        while self.events.len().saturating_sub(self.pending.len()) > KEPT_EVENTS {
            let oldest = self.events.keys().find(|sequence| !self.pending.contains_key(sequence)).copied();
            let Some(oldest) = oldest else { return };
            self.events.remove(&oldest);
        }
    }
}
