// What the examples of this crate stand on, taken in by hidden lines: a time, an account, an order that was
// begun, and a notification about it. Its key holds every signature for good: the examples have no gateway's.

use std::future::Future;
use std::time::Duration;

use antom_core::fact::{Verified, VerifyInput};
use antom_core::flow::Observed;
use antom_core::flow::payment::{Input, NewAttempt, Payment, Plan, Product, Transition};
use antom_core::flow::token;
use antom_core::money::{Amount, Currency};
use antom_core::signature::{ClientId, KeyVersion, Signature, Verifier, VerifyError};
use antom_core::time::{UnixTime, WireTime};
use antom_store::{Change, InboxEntry, InboxKey, MemoryStore, Store, StoredMessage};

/// The time of the examples: 2023-11-14 22:13:20 UTC.
pub const NOW: UnixTime = UnixTime::from_secs(1_700_000_000);

pub type Result = std::result::Result<(), Box<dyn std::error::Error>>;

pub fn block_on(example: impl Future<Output = Result>) {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(example).unwrap();
}

pub fn client_id() -> ClientId {
    ClientId::new("SANDBOX_5Y0000000000000001").unwrap()
}

/// What the wish to be paid made of ORDER-1: its payment PAY-1 of 10.50 EUR, about to be sent.
pub fn turn() -> Transition {
    let amount = Amount::new(Currency::EUR, 1050);
    let expires = NOW.saturating_add(Duration::from_secs(600));
    let attempt = NewAttempt::new(client_id(), "PAY-1", amount, Product::Cashier, expires);
    Payment::new("ORDER-1", Plan::default()).apply(&Input::Pay(attempt), NOW).unwrap()
}

/// The beginning of a buyer's authorization.
pub fn consulting() -> token::Transition {
    let new = token::NewGrant::new(client_id(), "q83uhFXpWm5rTnB2kYdLcE", "buyer-7", "GCASH").unwrap();
    token::Grant::begin(&new, NOW)
}

/// A store that holds ORDER-1.
pub async fn begun() -> MemoryStore {
    let store = MemoryStore::new();
    let _ = store.commit(Change::payment(&turn(), None, NOW)).await.unwrap();
    store
}

#[derive(Debug)]
struct AnyKey;

impl Verifier for AnyKey {
    fn verify(
        &self,
        _hint: Option<KeyVersion>,
        _input: &[u8],
        _signature: &Signature,
    ) -> std::result::Result<KeyVersion, VerifyError> {
        Ok(KeyVersion::FIRST)
    }
}

/// The notification that PAY-1 succeeded.
pub fn verified() -> Verified {
    let body = r#"{"notifyType":"PAYMENT_RESULT","paymentRequestId":"PAY-1","paymentId":"20231114001",
        "paymentAmount":{"currency":"EUR","value":"1050"},"result":{"resultCode":"SUCCESS","resultStatus":"S"}}"#;
    let input = VerifyInput {
        path: "/notify".into(),
        client_id: client_id(),
        time: WireTime::epoch_ms(NOW),
        key_hint: None,
        signature: Signature::new(vec![1; 256]),
        body: body.into(),
    };
    Verified::signed(input, &AnyKey).unwrap()
}

/// The same as the inbox keeps it.
pub fn entry() -> InboxEntry {
    let message = verified();
    InboxEntry {
        key: InboxKey([7; 32]),
        message: StoredMessage::of(&message),
        fact: Some(Observed::of(&message).unwrap()),
        received: NOW,
    }
}
