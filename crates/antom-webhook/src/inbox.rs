use std::fmt::Debug;

use antom_core::fact::Verified;
use antom_core::time::UnixTime;
use async_trait::async_trait;

use crate::dedup::DedupKey;

/// Where verified notifications are kept before they are acknowledged; it is also the guard against
/// repeats.
///
/// The guard's entry, the [`DedupKey`], must be committed in the same transaction as the notification:
/// committed earlier, a crash in between would lose the notification; committed later, it would be worked
/// on twice.
///
/// ```
/// use std::collections::BTreeMap;
/// use std::sync::Mutex;
/// use antom_webhook::{DedupKey, Inbox, InboxEntry, Kept};
///
/// /// A table with a unique column stands in place of the map.
/// #[derive(Debug, Default)]
/// struct Table(Mutex<BTreeMap<DedupKey, Vec<u8>>>);
///
/// #[async_trait::async_trait]
/// impl Inbox for Table {
///     type Error = std::convert::Infallible;
///
///     async fn keep(&self, entry: &InboxEntry) -> Result<Kept, Self::Error> {
///         let mut rows = self.0.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
///         // One transaction: the key and the bytes, or neither.
///         Ok(match rows.insert(entry.key, entry.verified.raw().to_vec()) {
///             None => Kept::Now,
///             Some(_) => Kept::Before,
///         })
///     }
/// }
/// # let _ = Table::default();
/// ```
#[async_trait]
pub trait Inbox: Debug + Send + Sync {
    /// Why keeping failed.
    type Error;

    /// Keeps a notification durably under its key, once. With a key that is there already nothing changes
    /// and the answer is [`Kept::Before`] — given only when the first one is durable, so that either
    /// answer may be acknowledged.
    async fn keep(&self, entry: &InboxEntry) -> Result<Kept, Self::Error>;
}

/// What is kept.
///
/// ```
/// use antom_webhook::{DedupKey, InboxEntry};
/// use antom_webhook::WebhookVerifier;
/// use antom_webhook::signature::ClientId;
/// use antom_webhook::time::UnixTime;
/// # use antom_webhook::testing::TestGateway;
/// # let client_id = ClientId::new("SANDBOX_5Y0000000000000")?;
/// # let gateway = TestGateway::published(client_id.clone())?;
/// # let now = UnixTime::from_secs(1_772_360_430);
/// # let verifier = WebhookVerifier::builder(client_id, gateway.keyring().clone()).path("/notify").build()?;
/// # let sent = gateway.sign("/notify", "{}", now)?;
/// # let verified = verifier.verify(&sent.head(), sent.body().clone(), now)?;
///
/// let entry = InboxEntry::new(verified, now);
/// assert_eq!(entry.key, DedupKey::of(&entry.verified));
/// assert_eq!(entry.received_at, now);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct InboxEntry {
    /// The key, to be unique.
    pub key: DedupKey,
    /// The bytes and their proof.
    pub verified: Verified,
    /// When it came in.
    pub received_at: UnixTime,
}

impl InboxEntry {
    /// An entry for a verified notification.
    #[must_use]
    pub fn new(verified: Verified, received_at: UnixTime) -> Self {
        Self { key: DedupKey::of(&verified), verified, received_at }
    }
}

/// What keeping came to.
///
/// ```
/// use antom_webhook::Kept;
///
/// /// Whether this delivery is to be worked on.
/// fn is_work(kept: Kept) -> bool {
///     matches!(kept, Kept::Now)
/// }
/// assert!(is_work(Kept::Now) && !is_work(Kept::Before)); // Both are acknowledged.
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kept {
    /// It is new and now durable.
    Now,
    /// It has been durable before: a repeat, to be acknowledged and otherwise left alone.
    Before,
}
