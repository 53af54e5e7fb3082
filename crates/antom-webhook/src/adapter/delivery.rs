use std::future::Future;

use antom_core::api::notifications::Notification;
use antom_core::fact::{NotificationError, Verified};
use antom_core::signature::ClientId;
use antom_core::time::UnixTime;

use crate::ack::Ack;
use crate::clock::Clock;
use crate::dedup::DedupKey;
use crate::inbox::{Inbox, InboxEntry, Kept};

/// A verified notification in a handler's hands, still to be answered.
#[derive(Debug, Clone)]
pub struct Delivery {
    verified: Verified,
    client_id: ClientId,
    received_at: UnixTime,
    clock: Clock,
}

impl Delivery {
    pub(crate) fn new(verified: Verified, client_id: ClientId, received_at: UnixTime, clock: Clock) -> Self {
        Self { verified, client_id, received_at, clock }
    }

    /// The bytes and their proof.
    #[must_use]
    pub fn verified(&self) -> &Verified {
        &self.verified
    }

    /// The bytes and their proof, alone.
    #[must_use]
    pub fn into_verified(self) -> Verified {
        self.verified
    }

    /// The account it is for.
    #[must_use]
    pub fn client_id(&self) -> &ClientId {
        &self.client_id
    }

    /// When it came in.
    #[must_use]
    pub fn received_at(&self) -> UnixTime {
        self.received_at
    }

    /// The typed notification.
    ///
    /// # Errors
    ///
    /// The bytes are authentic but do not fit their type. Store them, acknowledge them and inquire.
    pub fn notification(&self) -> Result<Notification, NotificationError> {
        self.verified.notification()
    }

    /// Says whether it is the repeat of another one.
    #[must_use]
    pub fn dedup_key(&self) -> DedupKey {
        DedupKey::of(&self.verified)
    }

    /// The acknowledgement, for a delivery that is stored durably.
    pub fn acknowledge(&self) -> Ack {
        Ack::success(&self.client_id, self.clock.now())
    }

    /// Acknowledges once `work` has succeeded, else has it delivered again; see [`Ack::after`].
    pub async fn acknowledge_after<T, E>(
        &self,
        work: impl Future<Output = Result<T, E>>,
    ) -> (Ack, Result<T, E>) {
        Ack::after(&self.client_id, &self.clock, work).await
    }

    /// Keeps it and acknowledges it; a repeat is acknowledged, too, and only a failure to store is
    /// refused.
    pub async fn keep_in<I: Inbox + ?Sized>(&self, inbox: &I) -> (Ack, Result<Kept, I::Error>) {
        let entry = InboxEntry::new(self.verified.clone(), self.received_at);
        self.acknowledge_after(inbox.keep(&entry)).await
    }
}
