use antom_core::secret::Secret;
use antom_core::signature::ClientId;
use antom_core::time::UnixTime;

use crate::rows::Revision;

/// A card that the buyer allowed to be kept, as the gateway's token for it. The number is never here.
///
/// ```
/// # mod kit { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/kit.rs")); }
/// # use kit::{NOW, client_id};
/// use antom_store::{CardState, StoredCard};
/// # let (account, now) = (client_id(), NOW);
///
/// let card = StoredCard::new("CARD-1", account, "buyer-7", "ALIPAYx1nXnXn".into(), now)
///     .with_brand("VISA")
///     .with_last_digits("************1111")
///     .with_expiry(now.saturating_add(std::time::Duration::from_secs(365 * 86_400)));
/// assert_eq!((card.last_digits.as_deref(), card.state), (Some("1111"), CardState::Active));
/// // The buyer wants it gone: the token goes with it.
/// assert!(card.removed().token.expose().is_empty());
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct StoredCard {
    /// The merchant's id for it.
    pub card_id: String,
    /// The account the token belongs to.
    pub client_id: ClientId,
    /// The merchant's id of the buyer.
    pub buyer: String,
    /// The card token, as `paymentMethod.paymentMethodId` takes it.
    pub token: Secret<String>,
    /// The brand, as the gateway names it.
    pub brand: Option<String>,
    /// The last digits, to show.
    pub last_digits: Option<String>,
    /// The first moment at which the token is of no use any more, where it is known.
    pub expires: Option<UnixTime>,
    /// Whether it may be used.
    pub state: CardState,
    /// When it was stored first.
    pub created: UnixTime,
}

/// Whether a stored card may be used.
///
/// ```
/// # mod kit { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/kit.rs")); }
/// # use kit::{NOW, client_id};
/// use antom_store::{CardState, StoredCard, keys_of_card};
/// # let (account, now) = (client_id(), NOW);
///
/// let card = StoredCard::new("CARD-1", account, "buyer-7", "ALIPAYx1nXnXn".into(), now).removed();
/// assert_eq!(card.state, CardState::Removed);
/// assert!(keys_of_card(&card).is_empty(), "nothing finds it any more");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum CardState {
    /// It may.
    Active,
    /// The buyer or the gateway took it away. Its token is erased with it.
    Removed,
}

impl StoredCard {
    /// A card that may be used.
    #[must_use]
    pub fn new(
        card_id: impl Into<String>,
        client_id: ClientId,
        buyer: impl Into<String>,
        token: Secret<String>,
        created: UnixTime,
    ) -> Self {
        Self {
            card_id: card_id.into(),
            client_id,
            buyer: buyer.into(),
            token,
            brand: None,
            last_digits: None,
            expires: None,
            state: CardState::Active,
            created,
        }
    }

    /// With its brand.
    #[must_use]
    pub fn with_brand(mut self, brand: impl Into<String>) -> Self {
        self.brand = Some(brand.into());
        self
    }

    /// With its last digits: the last four of the text, whatever else it holds, so that no number is kept.
    #[must_use]
    pub fn with_last_digits(mut self, masked: &str) -> Self {
        let mut last: Vec<char> = masked.chars().rev().take_while(char::is_ascii_digit).take(4).collect();
        last.reverse();
        self.last_digits = Some(last.into_iter().collect());
        self
    }

    /// With the end of its token.
    #[must_use]
    pub fn with_expiry(mut self, expires: UnixTime) -> Self {
        self.expires = Some(expires);
        self
    }

    /// The same card, removed: without its token.
    #[must_use]
    pub fn removed(mut self) -> Self {
        self.state = CardState::Removed;
        self.token = Secret::new(String::new());
        self
    }
}

/// A card as stored.
///
/// ```
/// # mod kit { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/kit.rs")); }
/// # use kit::{block_on, NOW, client_id};
/// use antom_store::{CardRow, Cards, Change, MemoryStore, Store, StoredCard, Write};
/// # let (store, account, now) = (MemoryStore::new(), client_id(), NOW);
///
/// # block_on(async {
/// let card = StoredCard::new("CARD-1", account, "buyer-7", "ALIPAYx1nXnXn".into(), now);
/// let _ = store.commit(Change::write(Write::Card(Box::new(card)), None, now)).await?;
/// let CardRow { card, revision } = store.card("CARD-1").await?.expect("it was stored");
/// let _ = store.commit(Change::write(Write::Card(Box::new(card.removed())), Some(revision), now)).await?;
/// assert!(store.cards_of("buyer-7").await?.is_empty());
/// # Ok(()) });
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CardRow {
    /// The card.
    pub card: StoredCard,
    /// Its revision.
    pub revision: Revision,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_card_keeps_more_than_four_digits_or_its_token_after_removal() {
        let card = StoredCard::new(
            "CARD-1",
            ClientId::new("SANDBOX_1").unwrap(),
            "BUYER-1",
            Secret::from("TOKEN"),
            UnixTime::from_secs(0),
        );
        assert_eq!(card.clone().with_last_digits("4111111111111111").last_digits.as_deref(), Some("1111"));
        assert_eq!(card.clone().with_last_digits("****1111").last_digits.as_deref(), Some("1111"));
        assert_eq!(card.clone().with_last_digits("1111****").last_digits.as_deref(), Some(""));
        assert!(card.removed().token.expose().is_empty());
    }
}
