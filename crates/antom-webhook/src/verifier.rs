use std::sync::Arc;

use antom_core::codec::Limits;
use antom_core::fact::{Verified, VerifyInput};
use antom_core::signature::{
    ClientId, KeyVersion, PathError, Signature, Verifier, VerifyError, check_path, header,
};
use antom_core::time::{UnixTime, WireTime};
use bytes::Bytes;

use crate::error::{FailedStep, WebhookError};
use crate::freshness::Freshness;
use crate::head::{HeadHeader, Slot, WebhookHead};

/// Verifies deliveries to one endpoint of one account. Cheap to clone.
///
/// ```
/// # #[cfg(feature = "ring")] {
/// use antom_webhook::{WebhookHead, WebhookVerifier};
/// use antom_webhook::signature::{ClientId, Keyring, KeyVersion, PublicKey, sandbox_keys};
/// use antom_webhook::time::UnixTime;
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let client_id = ClientId::new("SANDBOX_5Y0000000000000")?;
/// let key = PublicKey::parse(sandbox_keys::GATEWAY_PUBLIC_KEY)?;
/// let keys = Keyring::new(&client_id, [(KeyVersion::FIRST, key)], None)?;
/// let verifier = WebhookVerifier::builder(client_id, keys).path("/antom/notify").build()?;
/// assert!(verifier.client_id().is_sandbox());
/// assert_eq!((verifier.path(), verifier.local_path()), ("/antom/notify", "/antom/notify"));
/// assert_eq!(verifier.max_body(), 1 << 20);
///
/// // Nothing is accepted that is not signed.
/// let head = WebhookHead::new("POST", "/antom/notify");
/// assert!(verifier.verify_slice(&head, b"{}", UnixTime::from_secs(1_772_360_430)).is_err());
/// # Ok(()) }
/// # main().unwrap(); }
/// ```
#[derive(Debug, Clone)]
pub struct WebhookVerifier(Arc<Settings>);

#[derive(Debug)]
struct Settings {
    client_id: ClientId,
    keys: Box<dyn Verifier>,
    public_path: Arc<str>,
    local_path: Arc<str>,
    freshness: Freshness,
    max_body: usize,
}

/// Collects the settings of a [`WebhookVerifier`].
///
/// ```
/// use antom_webhook::Freshness;
/// use antom_webhook::WebhookVerifier;
/// use antom_webhook::signature::ClientId;
/// use antom_webhook::time::UnixTime;
/// # use antom_webhook::testing::TestGateway;
/// # let client_id = ClientId::new("SANDBOX_5Y0000000000000")?;
/// # let gateway = TestGateway::published(client_id.clone())?;
/// # let now = UnixTime::from_secs(1_772_360_430);
/// # let keys = gateway.keyring().clone();
///
/// let verifier = WebhookVerifier::builder(client_id, keys)
///     .path("/antom/notify") // As Antom knows it: it is part of what is signed.
///     .local_path("/notify") // As this server sees it, behind a proxy.
///     .freshness(Freshness::DEFAULT)
///     .max_body(64 * 1024)
///     .build()?;
/// assert_eq!((verifier.path(), verifier.local_path(), verifier.max_body()), ("/antom/notify", "/notify", 65_536));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct WebhookVerifierBuilder {
    client_id: ClientId,
    keys: Box<dyn Verifier>,
    public_path: Option<String>,
    local_path: Option<String>,
    freshness: Freshness,
    max_body: usize,
}

/// Why a webhook configuration cannot work.
///
/// ```
/// use antom_webhook::ConfigError;
/// use antom_webhook::WebhookVerifier;
/// use antom_webhook::signature::ClientId;
/// use antom_webhook::time::UnixTime;
/// # use antom_webhook::testing::TestGateway;
/// # let client_id = ClientId::new("SANDBOX_5Y0000000000000")?;
/// # let gateway = TestGateway::published(client_id.clone())?;
/// # let now = UnixTime::from_secs(1_772_360_430);
/// # let keys = gateway.keyring().clone();
///
/// let refused = WebhookVerifier::builder(client_id, keys).path("/notify?shop=1").build();
/// assert_eq!(refused.unwrap_err(), ConfigError::PathHasQuery { which: "path" });
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ConfigError {
    /// No path was given.
    #[error("webhook: no path given; the path is part of what is signed, so give the notification URL's")]
    PathMissing,
    /// The path cannot be one.
    #[error("webhook: the {which} cannot be used")]
    Path {
        /// `path` or `local_path`.
        which: &'static str,
        /// What is wrong.
        #[source]
        source: PathError,
    },
    /// The path has a query or fragment.
    #[error("webhook: the {which} must end before `?` and `#`; the query is taken from each delivery")]
    PathHasQuery {
        /// `path` or `local_path`.
        which: &'static str,
    },
    /// A receiver without endpoints.
    #[error("webhook: no verifier given; a receiver needs one for every endpoint")]
    NoEndpoint,
    /// Two endpoints at one path.
    #[error("webhook: two verifiers are configured for {path}; give each account a path of its own")]
    DuplicatePath {
        /// The path.
        path: String,
    },
}

impl WebhookVerifierBuilder {
    /// The path of the notification URL as Antom knows it, without query. It is part of what is signed.
    #[must_use]
    pub fn path(mut self, path: impl Into<String>) -> Self {
        self.public_path = Some(path.into());
        self
    }

    /// The path at which this server sees the deliveries, when a reverse proxy changes it. Only requests
    /// to it are taken; the signature is still checked over the public [`path`](Self::path).
    #[must_use]
    pub fn local_path(mut self, path: impl Into<String>) -> Self {
        self.local_path = Some(path.into());
        self
    }

    /// How far the signed time may lie from now; [`Freshness::DEFAULT`] if not given.
    #[must_use]
    pub fn freshness(mut self, freshness: Freshness) -> Self {
        self.freshness = freshness;
        self
    }

    /// The longest body in bytes; 1 MiB if not given.
    #[must_use]
    pub fn max_body(mut self, bytes: usize) -> Self {
        self.max_body = bytes;
        self
    }

    /// Checks the settings.
    ///
    /// # Errors
    ///
    /// A path is missing or cannot be one.
    pub fn build(self) -> Result<WebhookVerifier, ConfigError> {
        let public_path = check("path", self.public_path.ok_or(ConfigError::PathMissing)?)?;
        let local_path = match self.local_path {
            Some(path) => check("local_path", path)?,
            None => public_path.clone(),
        };
        Ok(WebhookVerifier(Arc::new(Settings {
            client_id: self.client_id,
            keys: self.keys,
            public_path,
            local_path,
            freshness: self.freshness,
            max_body: self.max_body,
        })))
    }
}

fn check(which: &'static str, path: String) -> Result<Arc<str>, ConfigError> {
    check_path(&path).map_err(|source| ConfigError::Path { which, source })?;
    if path.contains(['?', '#']) {
        return Err(ConfigError::PathHasQuery { which });
    }
    Ok(path.into())
}

/// A head that passed every check which needs no body.
#[derive(Debug, Clone)]
pub(crate) struct CheckedHead {
    time: WireTime,
    key_hint: Option<KeyVersion>,
    signature: Signature,
}

impl WebhookVerifier {
    /// Begins with the account's client id and the gateway's public keys, usually a
    /// [`Keyring`](crate::signature::Keyring).
    #[must_use]
    pub fn builder(client_id: ClientId, keys: impl Verifier + 'static) -> WebhookVerifierBuilder {
        WebhookVerifierBuilder {
            client_id,
            keys: Box::new(keys),
            public_path: None,
            local_path: None,
            freshness: Freshness::DEFAULT,
            max_body: Limits::NOTIFICATION.max_bytes,
        }
    }

    /// The account whose deliveries are accepted.
    #[must_use]
    pub fn client_id(&self) -> &ClientId {
        &self.0.client_id
    }

    /// The path of the notification URL.
    #[must_use]
    pub fn path(&self) -> &str {
        &self.0.public_path
    }

    /// The path at which this server sees the deliveries.
    #[must_use]
    pub fn local_path(&self) -> &str {
        &self.0.local_path
    }

    /// The longest body in bytes.
    #[must_use]
    pub fn max_body(&self) -> usize {
        self.0.max_body
    }

    /// Verifies a delivery. The body must be the bytes as they came, before any parser.
    ///
    /// A `client-id` header may be absent: the configured id is what the signature is checked against.
    ///
    /// # Errors
    ///
    /// [`WebhookError`] names the step that failed. Such a request must change nothing.
    ///
    /// ```
    /// use antom_webhook::WebhookVerifier;
    /// use antom_webhook::signature::ClientId;
    /// use antom_webhook::time::UnixTime;
    /// # use antom_webhook::testing::TestGateway;
    /// # let client_id = ClientId::new("SANDBOX_5Y0000000000000")?;
    /// # let gateway = TestGateway::published(client_id.clone())?;
    /// # let now = UnixTime::from_secs(1_772_360_430);
    /// # let verifier = WebhookVerifier::builder(client_id, gateway.keyring().clone()).path("/notify").build()?;
    /// # let sent = gateway.sign("/notify", r#"{"notifyType":"PAYMENT_RESULT"}"#, now)?;
    /// # let (head, body) = (sent.head(), sent.body().clone());
    ///
    /// let verified = verifier.verify(&head, body, now)?;
    /// assert_eq!(verified.client_id(), Some(verifier.client_id()));
    /// // A byte of the body is another: nobody signed this.
    /// assert!(verifier.verify(&head, br#"{"notifyType":"PAYMENT_RESULT" }"#.as_slice().into(), now).is_err());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn verify(&self, head: &WebhookHead, body: Bytes, now: UnixTime) -> Result<Verified, WebhookError> {
        match self.check_head(head, now) {
            Ok(checked) => self.check_body(head, checked, body),
            Err(error) => Err(error.with_body(&body)),
        }
    }

    /// The same for borrowed bytes, which are copied.
    ///
    /// # Errors
    ///
    /// As [`verify`](Self::verify).
    pub fn verify_slice(
        &self,
        head: &WebhookHead,
        body: &[u8],
        now: UnixTime,
    ) -> Result<Verified, WebhookError> {
        self.verify(head, Bytes::copy_from_slice(body), now)
    }

    /// Every check that needs no body, so that a server can refuse before it reads one.
    pub(crate) fn check_head(&self, head: &WebhookHead, now: UnixTime) -> Result<CheckedHead, WebhookError> {
        if head.method() != "POST" {
            return Err(self.error(FailedStep::Method, head));
        }
        if head.path() != &*self.0.local_path {
            return Err(self.error(FailedStep::Path, head));
        }
        if self.text(head, HeadHeader::ClientId)?.is_some_and(|named| named != self.0.client_id.as_str()) {
            return Err(self.error(FailedStep::ClientId, head));
        }
        let time = self.required(head, HeadHeader::RequestTime)?;
        let time = WireTime::parse(time).map_err(|error| self.error(FailedStep::RequestTime(error), head))?;
        let dated = |step| self.error(step, head).at_time(time.as_str());
        let signature =
            self.required(head, HeadHeader::Signature).map_err(|error| error.at_time(time.as_str()))?;
        let header = header::parse(signature).map_err(|error| dated(FailedStep::SignatureHeader(error)))?;
        let key_hint = header.key_version;
        let signature = header.into_signature().map_err(|error| dated(FailedStep::SignatureHeader(error)))?;
        self.0.freshness.judge(time.instant(), now).map_err(|stale| dated(FailedStep::Freshness(stale)))?;
        Ok(CheckedHead { key_hint, signature, time })
    }

    /// The signature over the body.
    pub(crate) fn check_body(
        &self,
        head: &WebhookHead,
        checked: CheckedHead,
        body: Bytes,
    ) -> Result<Verified, WebhookError> {
        let time = checked.time.clone();
        let dated = |step, body| self.error(step, head).at_time(time.as_str()).with_body(body);
        if body.len() > self.0.max_body {
            return Err(dated(FailedStep::BodyTooLarge { limit: self.0.max_body }, &body));
        }
        // The gateway signs the bare path of a notification in all traffic seen; its documentation says the
        // query is signed too, as in requests. Exactly these two forms are accepted.
        let with_query = head.query().map(|query| [&*self.0.public_path, query].concat());
        let with_query = with_query.filter(|path| check_path(path).is_ok());
        let again = with_query.map(|path| (path, checked.clone()));
        let bare = self.holds_for(self.0.public_path.clone(), checked, &body);
        match (bare, again) {
            (Err(VerifyError::NoMatch { .. }), Some((path, checked))) => {
                self.holds_for(path.into(), checked, &body)
            }
            (verdict, _) => verdict,
        }
        .map_err(|error| dated(FailedStep::Signature(error), &body))
    }

    fn holds_for(&self, path: Arc<str>, checked: CheckedHead, body: &Bytes) -> Result<Verified, VerifyError> {
        let CheckedHead { time, key_hint, signature } = checked;
        let client_id = self.0.client_id.clone();
        let input = VerifyInput { path, client_id, time, key_hint, signature, body: body.clone() };
        Verified::signed(input, &*self.0.keys)
    }

    fn text<'a>(&self, head: &'a WebhookHead, header: HeadHeader) -> Result<Option<&'a str>, WebhookError> {
        match head.slot(header) {
            Slot::Absent => Ok(None),
            Slot::One(text) => Ok(Some(text)),
            Slot::Unreadable => Err(self.error(FailedStep::HeaderUnreadable { header }, head)),
            Slot::Many => Err(self.error(FailedStep::HeaderRepeated { header }, head)),
        }
    }

    fn required<'a>(&self, head: &'a WebhookHead, header: HeadHeader) -> Result<&'a str, WebhookError> {
        self.text(head, header)?.ok_or_else(|| self.error(FailedStep::HeaderMissing { header }, head))
    }

    #[cold]
    pub(crate) fn error(&self, step: FailedStep, head: &WebhookHead) -> WebhookError {
        WebhookError::new(step, head, Some(&self.0.client_id))
    }
}
