use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use antom_core::time::UnixTime;
use bytes::Bytes;

use crate::adapter::body::BodyBuffer;
use crate::adapter::delivery::Delivery;
use crate::adapter::sleep::Sleep;
use crate::clock::Clock;
use crate::error::{FailedStep, WebhookError};
use crate::head::WebhookHead;
use crate::verifier::{CheckedHead, ConfigError, WebhookVerifier};

/// The endpoints of one server and what it needs beside its framework: clock, sleep, a limit on the time
/// a body may take. Every adapter takes one. Cheap to clone.
///
/// Several accounts on one server have a verifier each, chosen by path.
///
/// ```
/// use std::time::Duration;
/// use antom_webhook::{Clock, Receiver, Sleep};
/// use antom_webhook::WebhookVerifier;
/// use antom_webhook::signature::ClientId;
/// use antom_webhook::time::UnixTime;
/// # use antom_webhook::testing::TestGateway;
/// # let client_id = ClientId::new("SANDBOX_5Y0000000000000")?;
/// # let gateway = TestGateway::published(client_id.clone())?;
/// # let now = UnixTime::from_secs(1_772_360_430);
/// # let verifier = WebhookVerifier::builder(client_id, gateway.keyring().clone()).path("/notify").build()?;
///
/// let receiver = Receiver::new([verifier], Sleep::tokio())?
///     .with_clock(Clock::system())
///     .with_body_deadline(Duration::from_secs(5))
///     .on_refusal(|error| eprintln!("webhook: {error}"));
/// assert_eq!(receiver.endpoints()[0].path(), "/notify");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct Receiver(Arc<Setup>);

#[derive(Clone)]
struct Setup {
    endpoints: Vec<WebhookVerifier>,
    clock: Clock,
    sleep: Sleep,
    body_deadline: Duration,
    on_refusal: Option<Observer>,
}

type Observer = Arc<dyn Fn(&WebhookError) + Send + Sync>;

impl Receiver {
    /// How long a body may take unless something else is set: 10 seconds.
    pub const BODY_DEADLINE: Duration = Duration::from_secs(10);

    /// A receiver for these endpoints, on the machine's clock.
    ///
    /// # Errors
    ///
    /// There is no endpoint, or two have the same path.
    pub fn new(
        endpoints: impl IntoIterator<Item = WebhookVerifier>,
        sleep: Sleep,
    ) -> Result<Self, ConfigError> {
        let endpoints: Vec<_> = endpoints.into_iter().collect();
        if endpoints.is_empty() {
            return Err(ConfigError::NoEndpoint);
        }
        for (at, endpoint) in endpoints.iter().enumerate() {
            if endpoints.iter().take(at).any(|earlier| earlier.local_path() == endpoint.local_path()) {
                return Err(ConfigError::DuplicatePath { path: endpoint.local_path().to_owned() });
            }
        }
        let (clock, body_deadline) = (Clock::system(), Self::BODY_DEADLINE);
        Ok(Self(Arc::new(Setup { endpoints, clock, sleep, body_deadline, on_refusal: None })))
    }

    /// The same with another clock.
    #[must_use]
    pub fn with_clock(self, clock: Clock) -> Self {
        Self(Arc::new(Setup { clock, ..Arc::unwrap_or_clone(self.0) }))
    }

    /// The same with another limit on the time from a delivery's head to the end of its body.
    #[must_use]
    pub fn with_body_deadline(self, limit: Duration) -> Self {
        Self(Arc::new(Setup { body_deadline: limit, ..Arc::unwrap_or_clone(self.0) }))
    }

    /// The same, telling of every refusal: log it there.
    #[must_use]
    pub fn on_refusal(self, observer: impl Fn(&WebhookError) + Send + Sync + 'static) -> Self {
        Self(Arc::new(Setup { on_refusal: Some(Arc::new(observer)), ..Arc::unwrap_or_clone(self.0) }))
    }

    /// The endpoints.
    #[must_use]
    pub fn endpoints(&self) -> &[WebhookVerifier] {
        &self.0.endpoints
    }
}

impl Receiver {
    /// Finds the endpoint and checks everything that needs no body.
    pub(crate) fn open(&self, head: WebhookHead) -> Result<Opened, WebhookError> {
        let now = self.0.clock.now();
        let endpoint = self.0.endpoints.iter().find(|endpoint| endpoint.local_path() == head.path());
        let Some(endpoint) = endpoint else {
            return Err(self.tell(WebhookError::new(FailedStep::Path, &head, None)));
        };
        let checked = endpoint.check_head(&head, now).map_err(|error| self.tell(error))?;
        Ok(Opened { endpoint: endpoint.clone(), head, checked, now })
    }

    /// Checks the signature over the body.
    fn close(&self, opened: Opened, body: Bytes) -> Result<Delivery, WebhookError> {
        let Opened { endpoint, head, checked, now } = opened;
        let verified = endpoint.check_body(&head, checked, body).map_err(|error| self.tell(error))?;
        Ok(Delivery::new(verified, endpoint.client_id().clone(), now, self.0.clock.clone()))
    }

    /// Reads the body with `read`, within the limits of size and time, and checks the signature over it.
    /// `announced` is the length the sender stated, if it did.
    pub(crate) async fn complete(
        &self,
        opened: Opened,
        announced: Option<u64>,
        read: impl AsyncFnOnce(&mut BodyBuffer) -> Result<(), FailedStep>,
    ) -> Result<Delivery, WebhookError> {
        let mut buffer = BodyBuffer::new(opened.endpoint.max_body());
        let limit = self.0.body_deadline;
        let read = match buffer.check_announced(announced) {
            Ok(()) => self.0.sleep.limit(limit, read(&mut buffer)).await,
            Err(step) => Some(Err(step)),
        };
        match read.unwrap_or(Err(FailedStep::BodyTooSlow { limit })) {
            Ok(()) => self.close(opened, buffer.finish()),
            Err(step) => Err(self.tell(opened.endpoint.error(step, &opened.head))),
        }
    }

    fn tell(&self, error: WebhookError) -> WebhookError {
        if let Some(observer) = &self.0.on_refusal {
            observer(&error);
        }
        error
    }
}

/// A delivery whose head is in order and whose body is still to come.
#[derive(Debug)]
pub(crate) struct Opened {
    endpoint: WebhookVerifier,
    head: WebhookHead,
    checked: CheckedHead,
    now: UnixTime,
}

impl fmt::Debug for Receiver {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Receiver")
            .field("endpoints", &self.0.endpoints)
            .field("body_deadline", &self.0.body_deadline)
            .finish_non_exhaustive()
    }
}
