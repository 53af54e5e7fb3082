use core::ops::Bound;
use core::time::Duration;

use antom_core::signature::ClientId;
use antom_core::time::UnixTime;
use async_trait::async_trait;

use super::MemoryStore;
use super::state::Record;
use crate::card::{CardRow, CardState, StoredCard};
use crate::error::StoreError;
use crate::rows::{Rate, RecoveryRow};
use crate::run::{FindingRow, RunRow};
use crate::store::{Cards, Runs, Shared};

fn card_row(record: &Record<StoredCard>) -> CardRow {
    CardRow { card: record.value.clone(), revision: record.revision }
}

#[async_trait]
impl Cards for MemoryStore {
    async fn card(&self, card_id: &str) -> Result<Option<CardRow>, StoreError> {
        Ok(self.lock().cards.get(card_id).map(card_row))
    }

    async fn cards_of(&self, buyer: &str) -> Result<Vec<CardRow>, StoreError> {
        let state = self.lock();
        let cards = state.cards_of.get(buyer).into_iter().flatten().filter_map(|id| state.cards.get(id));
        Ok(cards.filter(|record| record.value.state == CardState::Active).map(card_row).collect())
    }
}

#[async_trait]
impl Shared for MemoryStore {
    async fn recovery(&self, client_id: &ClientId) -> Result<Option<RecoveryRow>, StoreError> {
        Ok(self.lock().recoveries.get(client_id.as_str()).copied())
    }

    async fn admit(&self, gate: &str, rate: Rate, calls: u32, now: UnixTime) -> Result<Duration, StoreError> {
        let now = now.as_millis().saturating_mul(1000);
        let mut state = self.lock();
        let mark = state.gates.entry(gate.into()).or_insert(i64::MIN);
        *mark = (*mark).max(now).saturating_add(rate.cost(calls));
        Ok(rate.wait(*mark, now))
    }
}

#[async_trait]
impl Runs for MemoryStore {
    async fn run(&self, run_id: &str) -> Result<Option<RunRow>, StoreError> {
        Ok(self.lock().runs.get(run_id).cloned())
    }

    async fn runs(&self, after: Option<(UnixTime, String)>, limit: usize) -> Result<Vec<RunRow>, StoreError> {
        let mut rows: Vec<RunRow> = self.lock().runs.values().cloned().collect();
        rows.sort_unstable_by(|a, b| (b.run.started, &b.run.run_id).cmp(&(a.run.started, &a.run.run_id)));
        let later = |row: &RunRow| {
            after.as_ref().is_some_and(|(started, id)| (row.run.started, &row.run.run_id) >= (*started, id))
        };
        Ok(rows.into_iter().skip_while(later).take(limit).collect())
    }

    async fn findings(&self, run_id: &str, after: u64, limit: usize) -> Result<Vec<FindingRow>, StoreError> {
        if after == u64::MAX {
            return Ok(Vec::new());
        }
        let state = self.lock();
        let from = Bound::Excluded((run_id.to_owned(), after));
        let to = Bound::Included((run_id.to_owned(), u64::MAX));
        let rows = state.findings.range((from, to)).take(limit);
        Ok(rows
            .map(|((_, sequence), finding)| FindingRow { sequence: *sequence, finding: finding.clone() })
            .collect())
    }
}
