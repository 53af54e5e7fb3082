use core::ops::Bound;
use std::collections::BTreeSet;

use antom_core::secret::Secret;
use antom_core::signature::ClientId;
use antom_core::time::UnixTime;
use async_trait::async_trait;

use super::state::{InboxRecord, record_place};
use super::{Kept, MemoryStore, body_place, count, message_place};
use crate::claimed::Claimed;
use crate::error::StoreError;
use crate::keys::Key;
use crate::record::{MoneyRecord, RecordKind};
use crate::rows::{
    Claim, GrantRow, GrantStats, InboxEntry, InboxKey, InboxRow, InboxStats, LedgerRow, OrderRow, OrderStats,
    Subject,
};
use crate::store::{Grants, Inbox, Orders};

#[async_trait]
impl Orders for MemoryStore {
    async fn order(&self, order_id: &str) -> Result<Option<OrderRow>, StoreError> {
        let state = self.lock();
        Ok(state
            .orders
            .get(order_id)
            .map(|record| OrderRow { payment: record.value.clone(), revision: record.revision }))
    }

    async fn find(&self, key: &Key) -> Result<Vec<Subject>, StoreError> {
        Ok(self.lock().owners.get(&key.digest()).cloned().unwrap_or_default())
    }

    async fn body(
        &self,
        client_id: &ClientId,
        request_id: &str,
    ) -> Result<Option<Secret<Vec<u8>>>, StoreError> {
        let kept = self.lock().bodies.get(&(client_id.clone(), request_id.into())).cloned();
        match kept {
            Some(kept) => Ok(Some(self.open(body_place(request_id), kept).await?)),
            None => Ok(None),
        }
    }

    async fn ledger(&self, order_id: &str, after: u64, limit: usize) -> Result<Vec<LedgerRow>, StoreError> {
        let state = self.lock();
        let from = Bound::Excluded((order_id.to_owned(), after));
        let to = Bound::Included((order_id.to_owned(), u64::MAX));
        // A range from the last place there is would be empty and inverted.
        if after == u64::MAX {
            return Ok(Vec::new());
        }
        let rows = state.ledger.range((from, to)).take(limit);
        Ok(rows
            .map(|((_, sequence), entry)| LedgerRow { sequence: *sequence, entry: entry.clone() })
            .collect())
    }

    async fn order_stats(&self, now: UnixTime) -> Result<OrderStats, StoreError> {
        let state = self.lock();
        Ok(OrderStats {
            open: count(state.open_orders.len()),
            oldest_open: state.open_orders.first().map(|(written, _)| *written),
            due: due(&state.due_orders, now),
            oldest_due: state.due_orders.first().map(|(due, _)| *due).filter(|due| *due <= now),
        })
    }

    async fn records(
        &self,
        kind: RecordKind,
        after: Option<&MoneyRecord>,
        limit: usize,
    ) -> Result<Vec<MoneyRecord>, StoreError> {
        let from = after.map_or(Bound::Unbounded, |record| Bound::Excluded(record_place(record)));
        let state = self.lock();
        let records = state.records.range((from, Bound::Unbounded)).map(|(_, record)| record);
        let records =
            records.skip_while(|record| record.kind < kind).take_while(|record| record.kind == kind);
        Ok(records.take(limit).cloned().collect())
    }

    async fn claim_orders(&self, claim: Claim) -> Result<Vec<Claimed<OrderRow>>, StoreError> {
        Ok(self.lock().claim_orders(claim))
    }
}

#[async_trait]
impl Grants for MemoryStore {
    async fn grant(&self, auth_state: &str) -> Result<Option<GrantRow>, StoreError> {
        let state = self.lock();
        Ok(state
            .grants
            .get(auth_state)
            .map(|record| GrantRow { grant: record.value.clone(), revision: record.revision }))
    }

    async fn grants_of(&self, buyer: &str) -> Result<Vec<GrantRow>, StoreError> {
        let state = self.lock();
        let ids = state.buyers.get(buyer).into_iter().flatten();
        Ok(ids
            .filter_map(|id| state.grants.get(id))
            .map(|record| GrantRow { grant: record.value.clone(), revision: record.revision })
            .collect())
    }

    async fn claim_grants(&self, claim: Claim) -> Result<Vec<Claimed<GrantRow>>, StoreError> {
        Ok(self.lock().claim_grants(claim))
    }

    async fn grant_stats(&self, now: UnixTime, before: UnixTime) -> Result<GrantStats, StoreError> {
        let state = self.lock();
        Ok(GrantStats {
            due: due(&state.due_grants, now),
            oldest_due: state.due_grants.first().map(|(due, _)| *due).filter(|due| *due <= now),
            expiring: count(state.expiries.iter().take_while(|(end, _)| *end < before).count()),
        })
    }

    async fn expiring(
        &self,
        before: UnixTime,
        after: Option<(UnixTime, String)>,
        limit: usize,
    ) -> Result<Vec<GrantRow>, StoreError> {
        let state = self.lock();
        let from = after.map_or(Bound::Unbounded, Bound::Excluded);
        let rows = state.expiries.range((from, Bound::Unbounded)).take_while(|(end, _)| *end < before);
        Ok(rows
            .take(limit)
            .filter_map(|(_, id)| state.grants.get(id))
            .map(|record| GrantRow { grant: record.value.clone(), revision: record.revision })
            .collect())
    }
}

#[async_trait]
impl Inbox for MemoryStore {
    async fn notification(&self, key: InboxKey) -> Result<Option<InboxRow>, StoreError> {
        let found = self.lock().inbox.get(&key).map(parts);
        match found {
            Some(found) => Ok(Some(self.reveal(found).await?)),
            None => Ok(None),
        }
    }

    async fn parked(
        &self,
        after: Option<(UnixTime, InboxKey)>,
        limit: usize,
    ) -> Result<Vec<InboxRow>, StoreError> {
        let found: Vec<_> = {
            let state = self.lock();
            let from = after.map_or(Bound::Unbounded, Bound::Excluded);
            let keys = state.parked.range((from, Bound::Unbounded)).take(limit);
            keys.filter_map(|(_, key)| state.inbox.get(key)).map(parts).collect()
        };
        let mut rows = Vec::with_capacity(found.len());
        for found in found {
            rows.push(self.reveal(found).await?);
        }
        Ok(rows)
    }

    async fn inbox_stats(&self) -> Result<InboxStats, StoreError> {
        let state = self.lock();
        Ok(InboxStats {
            parked: count(state.parked.len()),
            oldest_parked: state.parked.first().map(|(received, _)| *received),
        })
    }
}

fn due(index: &BTreeSet<(UnixTime, String)>, now: UnixTime) -> u64 {
    count(index.iter().take_while(|(due, _)| *due <= now).count())
}

/// What is read under the lock; opening comes after it.
fn parts(record: &InboxRecord) -> (InboxRow, Option<Kept>) {
    let row = InboxRow { entry: InboxEntry::clone(&record.entry), placement: record.placement.clone() };
    (row, record.body.clone())
}

impl MemoryStore {
    async fn reveal(&self, (mut row, body): (InboxRow, Option<Kept>)) -> Result<InboxRow, StoreError> {
        if let Some(kept) = body {
            let key = row.entry.key.to_string();
            row.entry.message.body = Some(self.open(message_place(&key), kept).await?);
        }
        Ok(row)
    }
}
