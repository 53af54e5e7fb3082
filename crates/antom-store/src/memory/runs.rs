use core::ops::Bound;

use antom_core::time::UnixTime;
use async_trait::async_trait;

use super::MemoryStore;
use crate::error::StoreError;
use crate::run::{FindingRow, RunRow};
use crate::store::Runs;

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
