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
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kept {
    /// It is new and now durable.
    Now,
    /// It has been durable before: a repeat, to be acknowledged and otherwise left alone.
    Before,
}
