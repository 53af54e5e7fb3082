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
///
/// ```
/// use antom_webhook::testing::MemoryInbox;
/// use antom_webhook::{Clock, Kept, Receiver, Sleep};
/// use antom_webhook::WebhookVerifier;
/// use antom_webhook::signature::ClientId;
/// use antom_webhook::time::UnixTime;
/// # use antom_webhook::testing::TestGateway;
/// # let client_id = ClientId::new("SANDBOX_5Y0000000000000")?;
/// # let gateway = TestGateway::published(client_id.clone())?;
/// # let now = UnixTime::from_secs(1_772_360_430);
/// # let verifier = WebhookVerifier::builder(client_id, gateway.keyring().clone()).path("/notify").build()?;
/// # let receiver = Receiver::new([verifier], Sleep::tokio())?.with_clock(Clock::fixed(now));
/// # let sent = gateway.sign("/notify", r#"{"notifyType":"PAYMENT_RESULT"}"#, now)?;
/// # let mut request = http::Request::post("/notify");
/// # for (name, value) in sent.headers() {
/// #     request = request.header(name, value);
/// # }
/// # let request = request.body(http_body_util::Full::new(sent.body().clone()))?;
/// # tokio::runtime::Builder::new_current_thread().enable_time().build()?.block_on(async {
/// # let delivery = receiver.receive(request).await?;
///
/// // `delivery` is what an adapter hands to your handler: its signature held.
/// assert_eq!(delivery.received_at(), now);
/// assert!(delivery.verified().proof().is_signed() && delivery.client_id().is_sandbox());
/// assert!(delivery.notification().is_ok());
/// let inbox = MemoryInbox::new();
/// let (ack, kept) = delivery.keep_in(&inbox).await;
/// assert!(ack.is_success() && kept == Ok(Kept::Now));
/// assert_eq!(inbox.entries()[0].key, delivery.dedup_key());
/// // With a store of your own:
/// let (ack, _) = delivery.acknowledge_after(async { Ok::<(), String>(()) }).await;
/// assert_eq!(ack, delivery.acknowledge());
/// let bytes = delivery.into_verified();
/// # let _ = bytes;
/// # Ok::<(), antom_webhook::WebhookError>(())
/// # })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
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
