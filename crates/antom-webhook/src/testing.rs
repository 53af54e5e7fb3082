//! For tests of your own webhook handler: deliveries signed as the gateway would sign them, and an inbox
//! in memory.
//!
//! ```
//! use antom_webhook::WebhookVerifier;
//! use antom_webhook::signature::ClientId;
//! use antom_webhook::testing::TestGateway;
//! use antom_webhook::time::UnixTime;
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let client_id = ClientId::new("SANDBOX_5Y0000000000000")?;
//! let gateway = TestGateway::published(client_id.clone())?;
//! let verifier = WebhookVerifier::builder(client_id, gateway.keyring().clone()).path("/notify").build()?;
//!
//! let now = UnixTime::from_secs(1_772_360_430);
//! let sent = gateway.sign("/notify", r#"{"notifyType":"PAYMENT_RESULT"}"#, now)?;
//! let verified = verifier.verify(&sent.head(), sent.body().clone(), now)?;
//! assert_eq!(verified.raw(), sent.body());
//! # Ok(()) }
//! ```

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::sync::{Mutex, PoisonError};

use antom_core::signature::{
    ClientId, KeyError, KeyVersion, Keyring, KeyringError, PrivateKey, RsaSigner, SignError, Signature,
    Signer, content, header, sandbox_keys,
};
use antom_core::time::{UnixTime, WireTime};
use async_trait::async_trait;
use bytes::Bytes;

use crate::dedup::DedupKey;
use crate::head::WebhookHead;
use crate::inbox::{Inbox, InboxEntry, Kept};

/// The gateway's side of a webhook: a key that signs, and the key ring that verifies it.
///
/// ```
/// use antom_webhook::testing::TestGateway;
/// use antom_webhook::WebhookVerifier;
/// use antom_webhook::signature::ClientId;
/// use antom_webhook::time::UnixTime;
///
/// let client_id = ClientId::new("SANDBOX_5Y0000000000000")?;
/// let gateway = TestGateway::published(client_id.clone())?;
/// let verifier = WebhookVerifier::builder(client_id, gateway.keyring().clone()).path("/notify").build()?;
/// let now = UnixTime::from_secs(1_772_360_430);
/// // Both forms that are seen: the bare path signed, and the path with its query.
/// for sent in [gateway.sign("/notify?shop=1", "{}", now)?, gateway.sign_with_query("/notify?shop=1", "{}", now)?] {
///     assert!(verifier.verify(&sent.head(), sent.body().clone(), now).is_ok());
/// }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct TestGateway {
    client_id: ClientId,
    signer: RsaSigner,
    keyring: Keyring,
}

/// Why a test gateway cannot be set up.
///
/// ```
/// use antom_webhook::signature::ClientId;
/// use antom_webhook::testing::{SetupError, TestGateway};
///
/// // Everybody has the published key: it is of no use outside the sandbox.
/// let refused = TestGateway::published(ClientId::new("5Y0000000000000")?);
/// assert!(matches!(refused, Err(SetupError::Keyring(_))));
/// # Ok::<(), antom_webhook::signature::ClientIdError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SetupError {
    /// The private key cannot be used.
    #[error("test gateway: the signing key cannot be used")]
    Key(#[from] KeyError),
    /// The public key is not taken for this client id; the published keys need a `SANDBOX_` id.
    #[error("test gateway: the verifying key cannot be used")]
    Keyring(#[from] KeyringError),
}

impl TestGateway {
    /// A gateway that signs with the published sandbox key, for a client id that begins with `SANDBOX_`.
    ///
    /// # Errors
    ///
    /// The client id is no sandbox id.
    pub fn published(client_id: ClientId) -> Result<Self, SetupError> {
        let key = PrivateKey::parse(sandbox_keys::GATEWAY_PRIVATE_KEY)?;
        Self::new(client_id, &key, KeyVersion::FIRST)
    }

    /// A gateway that signs with this key under this version.
    ///
    /// # Errors
    ///
    /// The key cannot sign, or is a published one and the client id no sandbox id.
    pub fn new(client_id: ClientId, key: &PrivateKey, version: KeyVersion) -> Result<Self, SetupError> {
        let keyring = Keyring::new(&client_id, [(version, key.public().clone())], None)?;
        Ok(Self { signer: RsaSigner::new(key, version)?, client_id, keyring })
    }

    /// What a verifier needs to trust this gateway.
    #[must_use]
    pub fn keyring(&self) -> &Keyring {
        &self.keyring
    }

    /// A signed delivery, its time in the form the gateway uses for notifications. With a query in
    /// `target`, only the path is signed, as in captured traffic.
    ///
    /// # Errors
    ///
    /// The key could not sign.
    pub fn sign(
        &self,
        target: &str,
        body: impl Into<Bytes>,
        at: UnixTime,
    ) -> Result<SignedDelivery, SignError> {
        let path = target.split_once('?').map_or(target, |(path, _)| path);
        self.sign_over(path, target, body.into(), at)
    }

    /// The same with the query among what is signed, as the documentation has it.
    ///
    /// # Errors
    ///
    /// The key could not sign.
    pub fn sign_with_query(
        &self,
        target: &str,
        body: impl Into<Bytes>,
        at: UnixTime,
    ) -> Result<SignedDelivery, SignError> {
        self.sign_over(target, target, body.into(), at)
    }

    fn sign_over(
        &self,
        signed_path: &str,
        target: &str,
        body: Bytes,
        at: UnixTime,
    ) -> Result<SignedDelivery, SignError> {
        let text = at.to_rfc3339();
        let time = WireTime::parse(&text).map_err(|_| SignError::new("the time has no text"))?;
        let signature: Signature =
            self.signer.sign(&content("POST", signed_path, &self.client_id, &time, &body))?;
        let headers = [
            ("client-id", self.client_id.as_str().to_owned()),
            ("request-time", text),
            ("signature", header::render(&signature, self.signer.key_version())),
            ("content-type", "application/json; charset=UTF-8".to_owned()),
        ];
        Ok(SignedDelivery { target: target.to_owned(), headers, body })
    }
}

/// A delivery as it would come over the wire.
///
/// ```
/// use antom_webhook::signature::ClientId;
/// use antom_webhook::time::UnixTime;
/// # use antom_webhook::testing::TestGateway;
/// # let client_id = ClientId::new("SANDBOX_5Y0000000000000")?;
/// # let gateway = TestGateway::published(client_id.clone())?;
/// # let now = UnixTime::from_secs(1_772_360_430);
///
/// let sent = gateway.sign("/notify?shop=1", "{}", now)?;
/// // What a test puts on the wire.
/// assert_eq!((sent.target(), &sent.body()[..]), ("/notify?shop=1", &b"{}"[..]));
/// assert!(sent.headers().any(|(name, value)| name == "request-time" && value == "2026-03-01T10:20:30Z"));
/// assert_eq!(sent.head().path(), "/notify");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedDelivery {
    target: String,
    headers: [(&'static str, String); 4],
    body: Bytes,
}

impl SignedDelivery {
    /// Path and query of the request; its method is `POST`.
    #[must_use]
    pub fn target(&self) -> &str {
        &self.target
    }

    /// The headers: client-id, request-time, signature and content-type.
    pub fn headers(&self) -> impl Iterator<Item = (&'static str, &str)> {
        self.headers.iter().map(|(name, value)| (*name, value.as_str()))
    }

    /// The body.
    #[must_use]
    pub fn body(&self) -> &Bytes {
        &self.body
    }

    /// The head, for [`WebhookVerifier::verify`](crate::WebhookVerifier::verify).
    #[must_use]
    pub fn head(&self) -> WebhookHead {
        let head = WebhookHead::new("POST", &self.target);
        self.headers().fold(head, |head, (name, value)| head.with_header(name, value))
    }
}

/// An inbox that lasts as long as the test.
///
/// ```
/// use antom_webhook::testing::MemoryInbox;
/// use antom_webhook::{Inbox, InboxEntry, Kept};
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
/// # tokio::runtime::Builder::new_current_thread().build()?.block_on(async {
/// let inbox = MemoryInbox::new();
/// let entry = InboxEntry::new(verified, now);
/// assert_eq!(inbox.keep(&entry).await, Ok(Kept::Now));
/// assert_eq!(inbox.keep(&entry).await, Ok(Kept::Before));
/// assert_eq!(inbox.entries().len(), 1);
/// # });
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Default)]
pub struct MemoryInbox {
    entries: Mutex<BTreeMap<DedupKey, InboxEntry>>,
}

impl MemoryInbox {
    /// An empty inbox.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// What was kept, in the order of keys.
    #[must_use]
    pub fn entries(&self) -> Vec<InboxEntry> {
        self.entries.lock().unwrap_or_else(PoisonError::into_inner).values().cloned().collect()
    }
}

#[async_trait]
impl Inbox for MemoryInbox {
    type Error = Infallible;

    async fn keep(&self, entry: &InboxEntry) -> Result<Kept, Self::Error> {
        let mut entries = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
        if entries.contains_key(&entry.key) {
            return Ok(Kept::Before);
        }
        entries.insert(entry.key, entry.clone());
        Ok(Kept::Now)
    }
}
