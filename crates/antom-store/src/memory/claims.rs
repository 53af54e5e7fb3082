use std::collections::BTreeSet;

use antom_core::time::UnixTime;
use async_trait::async_trait;

use super::state::State;
use super::{MemoryStore, count};
use crate::claimed::Claimed;
use crate::error::StoreError;
use crate::rows::{Claim, GrantRow, OrderRow, OutboxRow, OutboxStats, Subject};
use crate::store::Outbox;

impl State {
    pub(super) fn claim_orders(&mut self, claim: Claim) -> Vec<Claimed<OrderRow>> {
        let mut rows = Vec::new();
        for id in due(&self.due_orders, claim) {
            // Until the lease ends the row is due then and not before; a commit moves it again.
            let record = self.orders.get(&id);
            let row =
                record.map(|record| OrderRow { payment: record.value.clone(), revision: record.revision });
            let subject = Subject::Order(id);
            self.set_due(&subject, Some(claim.now.saturating_add(claim.lease)));
            rows.extend(row.map(|row| Claimed::open_row(subject, row)));
        }
        rows
    }

    pub(super) fn claim_grants(&mut self, claim: Claim) -> Vec<Claimed<GrantRow>> {
        let mut rows = Vec::new();
        for id in due(&self.due_grants, claim) {
            let record = self.grants.get(&id);
            let row =
                record.map(|record| GrantRow { grant: record.value.clone(), revision: record.revision });
            let subject = Subject::Grant(id);
            self.set_due(&subject, Some(claim.now.saturating_add(claim.lease)));
            rows.extend(row.map(|row| Claimed::open_row(subject, row)));
        }
        rows
    }

    fn claim_events(&mut self, claim: Claim) -> Vec<Claimed<OutboxRow>> {
        let held = |lease: &Option<UnixTime>| lease.is_some_and(|until| until > claim.now);
        let mut rows = Vec::new();
        let mut busy = BTreeSet::new();
        for (sequence, lease) in &mut self.pending {
            if rows.len() >= claim.limit {
                break;
            }
            let Some(row) = self.events.get_mut(sequence) else { continue };
            if held(lease) {
                busy.insert(row.subject.clone());
            } else if !busy.contains(&row.subject) {
                *lease = Some(claim.now.saturating_add(claim.lease));
                rows.push(Claimed::open_row(row.subject.clone(), row.clone()));
                row.claims = row.claims.saturating_add(1);
            }
        }
        rows
    }
}

/// The rows that are due, the longest due first.
fn due(index: &BTreeSet<(UnixTime, String)>, claim: Claim) -> Vec<String> {
    let due = index.iter().take_while(|(due, _)| *due <= claim.now);
    due.take(claim.limit).map(|(_, id)| id.clone()).collect()
}

#[async_trait]
impl Outbox for MemoryStore {
    async fn claim_events(&self, claim: Claim) -> Result<Vec<Claimed<OutboxRow>>, StoreError> {
        Ok(self.lock().claim_events(claim))
    }

    async fn delivered(&self, sequence: u64) -> Result<(), StoreError> {
        let mut state = self.lock();
        state.pending.remove(&sequence);
        state.clear_events();
        Ok(())
    }

    async fn postpone(&self, sequence: u64, until: UnixTime) -> Result<(), StoreError> {
        if let Some(lease) = self.lock().pending.get_mut(&sequence) {
            *lease = Some(until);
        }
        Ok(())
    }

    async fn outbox_stats(&self) -> Result<OutboxStats, StoreError> {
        let state = self.lock();
        let waiting = || state.pending.keys().filter_map(|sequence| state.events.get(sequence));
        Ok(OutboxStats {
            waiting: count(state.pending.len()),
            oldest_waiting: waiting().next().map(|row| row.at),
            most_claims: waiting().map(|row| row.claims).max().unwrap_or_default(),
        })
    }

    async fn events(&self, after: u64, limit: usize) -> Result<Vec<OutboxRow>, StoreError> {
        let state = self.lock();
        let from = after.saturating_add(1);
        Ok(state.events.range(from..).take(limit).map(|(_, row)| row.clone()).collect())
    }
}
