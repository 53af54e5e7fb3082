use async_trait::async_trait;

use super::MemoryStore;
use super::state::Record;
use crate::card::{CardRow, CardState, StoredCard};
use crate::error::StoreError;
use crate::store::Cards;

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
