use core::time::Duration;

use antom_core::signature::ClientId;
use antom_core::time::UnixTime;
use async_trait::async_trait;

use super::MemoryStore;
use crate::error::StoreError;
use crate::rows::{Rate, RecoveryRow};
use crate::store::Shared;

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
