use std::fmt;

use antom_core::call::{Operation, OperationInfo, RawAnswer};
use antom_core::exchange::Policy;
use antom_core::outcome::{CallError, Outcome};
use antom_core::profile::{ProductFamily, Profile};

use super::builder::{Bearer, Builder};
use super::kind::Async;
use super::macros::like_all_clients;
use super::{ApiKeyClientBuilder, Inner};

/// Calls Antom's API with an API key instead of RSA keys.
///
/// The key goes along with every request, over https only (or to a sandbox on this machine). A `TEST` key
/// calls the sandbox's paths, a `PROD` key the live ones.
///
/// **What this means.** Nothing is signed. That an answer comes from Antom is known from the secure channel
/// alone, so every reply carries [`Proof::Tls`](antom_core::fact::Proof::Tls): whoever can end that channel
/// on the way, such as a proxy with a certificate of the company's own, can read the key and write the
/// answers, and an answer proves nothing to a third party later. Flows and stores refuse such facts unless
/// told otherwise. Notifications are signed with RSA all the same; verify them with a
/// `WebhookVerifier` of their own. Files cannot be uploaded, nobody can be acted for, and
/// `payments/retrievePaymentSession` cannot be called. Where both are possible, prefer
/// [`Client`](crate::Client).
///
/// ```no_run
/// # async fn example() -> Result<(), Box<dyn std::error::Error>> {
/// use antom::prelude::*;
/// use antom::ApiKeyClient;
/// let client = ApiKeyClient::builder()
///     .region(Region::Europe)
///     .api_key(KeySource::env("ANTOM_API_KEY"))
///     .build()?;
/// assert!(client.profile().gateway().is_https());
/// assert_eq!(client.policy(), Policy::DEFAULT);
/// // Clients like this one.
/// let till = client.in_store().with_policy(Policy::ONCE);
/// # let _ = (till, ApiKeyClient::operation("payments/pay"));
/// # Ok(()) }
/// ```
#[derive(Clone)]
pub struct ApiKeyClient {
    pub(crate) inner: Inner<Async>,
}

impl ApiKeyClient {
    /// Settings for a client.
    pub fn builder() -> ApiKeyClientBuilder {
        Builder::new(Bearer::new())
    }

    pub(super) fn new(inner: Inner<Async>) -> Self {
        Self { inner }
    }

    /// Calls an operation; as [`Client::call`](crate::Client::call), but the channel alone proves the answer.
    ///
    /// # Errors
    ///
    /// Nothing was sent: calling again with the same request is safe.
    ///
    /// ```
    /// # mod kit { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/kit.rs")); }
    /// # use kit::{block_on, api_key_client};
    /// use antom::core::api::payments::{InquiryPayment, InquiryPaymentRequest};
    /// use antom::core::fact::Proof;
    /// # let client = api_key_client(&[r#"{"result":{"resultCode":"SUCCESS","resultStatus":"S"},"paymentRequestId":"PAY-1","paymentStatus":"SUCCESS"}"#]);
    ///
    /// # block_on(async {
    /// let request = InquiryPaymentRequest::new().with_payment_request_id("PAY-1");
    /// let outcome = client.call::<InquiryPayment>(&request).await?;
    /// assert_eq!(outcome.reply().unwrap().verified().proof(), &Proof::Tls); // Nobody signed it.
    /// # Ok(()) });
    /// ```
    pub async fn call<O: Operation>(&self, request: &O::Request) -> Result<Outcome<O::Response>, CallError> {
        self.inner.call::<O>(request).await
    }

    /// Calls an operation with JSON that the types do not know; as
    /// [`Client::call_raw`](crate::Client::call_raw).
    ///
    /// # Errors
    ///
    /// As [`call`](Self::call); and the text must be one JSON object without duplicate keys.
    ///
    /// ```
    /// # mod kit { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/kit.rs")); }
    /// # use kit::{block_on, api_key_client};
    /// use antom::ApiKeyClient;
    /// use antom::prelude::*;
    /// # let client = api_key_client(&[r#"{"result":{"resultCode":"SUCCESS","resultStatus":"S"},"paymentRequestId":"PAY-1","paymentStatus":"SUCCESS"}"#]);
    ///
    /// # block_on(async {
    /// let operation = ApiKeyClient::operation("payments/inquiryPayment").expect("a known one");
    /// let outcome = client.call_raw(operation, r#"{"paymentRequestId":"PAY-1"}"#).await?;
    /// assert!(outcome.value().is_some());
    /// // Clients like this one.
    /// assert_eq!(client.in_store().profile().family(), ProductFamily::InStore);
    /// assert_eq!(client.with_policy(Policy::ONCE).policy(), Policy::ONCE);
    /// # Ok(()) });
    /// ```
    pub async fn call_raw(
        &self,
        operation: &'static OperationInfo,
        json: impl AsRef<[u8]>,
    ) -> Result<Outcome<RawAnswer>, CallError> {
        self.inner.call_raw(operation, json.as_ref()).await
    }
}

like_all_clients!(ApiKeyClient);
