use antom_core::flow::payment::Payment;
use antom_core::flow::token::Grant;
use antom_core::flow::{MovementKind, Observed};
use antom_core::secret::Secret;
use antom_core::signature::ClientId;
#[cfg(feature = "memory")]
use sha2::{Digest, Sha256};

use crate::card::{CardState, StoredCard};

/// Something a notification names, by which its order or authorization is found: always within one account.
///
/// ```
/// use antom_core::signature::ClientId;
/// use antom_store::{Key, KeyName};
///
/// let account = ClientId::new("SANDBOX_5Y00000000000000")?;
/// assert!(Key::new(&account, KeyName::Request("PAY-1".into())).is_unique());
/// // Two authorizations may bring the same token.
/// assert!(!Key::new(&account, KeyName::Token("token".to_owned().into())).is_unique());
/// # Ok::<(), antom_core::signature::ClientIdError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Key {
    /// The account.
    pub client_id: ClientId,
    /// What is named.
    pub name: KeyName,
}

/// The kind of thing that is named.
///
/// ```
/// # mod kit { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/kit.rs")); }
/// # use kit::client_id;
/// use antom_store::{Key, KeyName};
/// # let account = client_id();
///
/// // The same text as another kind of thing, or of another account, is another key.
/// let request = Key::new(&account, KeyName::Request("A-1".into()));
/// assert_ne!(request, Key::new(&account, KeyName::Refund("A-1".into())));
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum KeyName {
    /// A `paymentRequestId`; unique.
    Request(String),
    /// A `paymentId`; unique.
    Payment(String),
    /// A `captureRequestId`; unique among the merchant's own.
    Capture(String),
    /// A `refundRequestId`; unique among the merchant's own.
    Refund(String),
    /// An `authState`; unique.
    AuthState(String),
    /// An access token or a card token. Two authorizations may bring the same one.
    Token(Secret<String>),
}

impl Key {
    /// A key within an account.
    #[must_use]
    pub fn new(client_id: &ClientId, name: KeyName) -> Self {
        Self { client_id: client_id.clone(), name }
    }

    /// Whether at most one order or authorization may have it.
    #[must_use]
    pub fn is_unique(&self) -> bool {
        !matches!(self.name, KeyName::Token(_))
    }

    /// An index entry that does not show a token.
    #[cfg(feature = "memory")]
    pub(crate) fn digest(&self) -> [u8; 32] {
        let (kind, text) = self.name.parts();
        // Neither a kind nor a client id holds a line break.
        let mut digest = Sha256::new();
        for part in [kind, "\n", self.client_id.as_str(), "\n", text] {
            digest.update(part);
        }
        digest.finalize().into()
    }
}

#[cfg(any(feature = "memory", feature = "sqlite", feature = "postgres"))]
impl KeyName {
    /// The kind as a word, and the text.
    pub(crate) fn parts(&self) -> (&'static str, &str) {
        match self {
            KeyName::Request(id) => ("request", id),
            KeyName::Payment(id) => ("payment", id),
            KeyName::Capture(id) => ("capture", id),
            KeyName::Refund(id) => ("refund", id),
            KeyName::AuthState(id) => ("state", id),
            KeyName::Token(token) => ("token", token.expose()),
        }
    }
}

/// What an order is found by.
///
/// ```
/// # mod kit { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/kit.rs")); }
/// # use kit::turn;
/// use antom_store::{KeyName, keys_of_payment};
/// # let payment = turn().next;
///
/// let keys = keys_of_payment(&payment);
/// assert_eq!(keys[0].name, KeyName::Request("PAY-1".into()));
/// ```
#[must_use]
pub fn keys_of_payment(payment: &Payment) -> Vec<Key> {
    let mut keys = Vec::new();
    for attempt in payment.attempts() {
        let mut add = |name| keys.push(Key::new(&attempt.client_id, name));
        add(KeyName::Request(attempt.request_id.clone()));
        if let Some(id) = &attempt.payment_id {
            add(KeyName::Payment(id.clone()));
        }
        for movement in attempt.captures.iter().chain(&attempt.refunds).filter(|movement| movement.ours) {
            add(movement_name(movement.kind, movement.request_id.clone()));
        }
    }
    keys
}

/// What an authorization is found by, older tokens included.
///
/// ```
/// # mod kit { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/kit.rs")); }
/// # use kit::consulting;
/// use antom_store::{KeyName, keys_of_grant};
/// # let grant = consulting().next;
///
/// let keys = keys_of_grant(&grant);
/// assert!(matches!(&keys[..], [key] if matches!(key.name, KeyName::AuthState(_)))); // No token yet.
/// ```
#[must_use]
pub fn keys_of_grant(grant: &Grant) -> Vec<Key> {
    let tokens = grant.token().map(|token| &token.access_token).into_iter().chain(grant.superseded());
    core::iter::once(KeyName::AuthState(grant.auth_state().into()))
        .chain(tokens.cloned().map(KeyName::Token))
        .map(|name| Key::new(grant.client_id(), name))
        .collect()
}

/// What a stored card is found by; a removed one by nothing.
///
/// ```
/// # mod kit { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/kit.rs")); }
/// # use kit::{NOW, client_id};
/// use antom_store::{StoredCard, keys_of_card};
/// # let (account, now) = (client_id(), NOW);
///
/// let card = StoredCard::new("CARD-1", account, "buyer-7", "ALIPAYx1nXnXn".into(), now);
/// assert_eq!(keys_of_card(&card).len(), 1); // Its token.
/// ```
#[must_use]
pub fn keys_of_card(card: &StoredCard) -> Vec<Key> {
    match card.state {
        CardState::Active => vec![Key::new(&card.client_id, KeyName::Token(card.token.clone()))],
        CardState::Removed => Vec::new(),
    }
}

/// What a notification to this account names. Any of the keys leads to what it is about.
///
/// ```
/// # mod kit { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/kit.rs")); }
/// # use kit::{client_id, entry};
/// use antom_store::{KeyName, keys_of_fact};
/// # let (account, fact) = (client_id(), entry().fact.unwrap());
///
/// // A notification about a payment names its request and its id: either leads to the order.
/// let names: Vec<KeyName> = keys_of_fact(&account, &fact).into_iter().map(|key| key.name).collect();
/// assert_eq!(names, [KeyName::Request("PAY-1".into()), KeyName::Payment("20231114001".into())]);
/// ```
#[must_use]
pub fn keys_of_fact(account: &ClientId, fact: &Observed) -> Vec<Key> {
    let owned = |id: Option<&str>| id.map(String::from);
    let names: Vec<Option<KeyName>> = match fact {
        Observed::Payment(fact) => vec![
            owned(fact.request_id()).map(KeyName::Request),
            owned(fact.payment_id()).map(KeyName::Payment),
        ],
        Observed::Amount(fact) => vec![
            owned(fact.request_id()).map(KeyName::Request),
            owned(fact.payment_id()).map(KeyName::Payment),
        ],
        Observed::Dispute(fact) => vec![
            owned(fact.request_id()).map(KeyName::Request),
            owned(fact.payment_id()).map(KeyName::Payment),
        ],
        Observed::Movement(fact) => vec![
            owned(fact.request_id()).map(|id| movement_name(fact.kind(), id)),
            owned(fact.payment_id()).map(KeyName::Payment),
        ],
        Observed::Code(fact) => vec![owned(fact.auth_state()).map(KeyName::AuthState)],
        Observed::Token(fact) | Observed::TokenCancelled(fact) => vec![
            owned(fact.auth_state()).map(KeyName::AuthState),
            fact.access_token().cloned().map(KeyName::Token),
        ],
        _ => Vec::new(),
    };
    names.into_iter().flatten().map(|name| Key::new(account, name)).collect()
}

fn movement_name(kind: MovementKind, id: String) -> KeyName {
    match kind {
        MovementKind::Capture => KeyName::Capture(id),
        MovementKind::Refund => KeyName::Refund(id),
    }
}
