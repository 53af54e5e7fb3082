//! Clients for programs without a runtime. A call blocks its thread until there is an outcome.
//!
//! ```no_run
//! # fn example() -> Result<(), Box<dyn std::error::Error>> {
//! use antom::prelude::*;
//! use antom::core::api::payments::InquiryPaymentRequest;
//!
//! let client = antom::blocking::Client::builder()
//!     .region(Region::Asia)
//!     .client_id("SANDBOX_5Y0000000000000000")
//!     .private_key(KeySource::env("ANTOM_PRIVATE_KEY"))
//!     .gateway_key(1, KeySource::file("antom-public-key.pem"))
//!     .build()?;
//! let request = InquiryPaymentRequest::new().with_payment_request_id("order-42-1");
//! let outcome = client.payments().inquiry_payment(&request)?;
//! # Ok(()) }
//! ```

use std::fmt;

use antom_core::call::{Operation, OperationInfo, RawAnswer};
use antom_core::exchange::Policy;
use antom_core::outcome::{CallError, Outcome};
use antom_core::profile::{ProductFamily, Profile};
use antom_core::secret::Secret;

use super::builder::{Bearer, Builder, Rsa};
use super::kind::Blocking;
use super::macros::{like_all_clients, like_rsa_clients};
use super::{GatewayKeys, Inner};

pub use crate::groups::blocking as groups;

/// Settings of a [`Client`].
pub type ClientBuilder = Builder<Rsa<Blocking>, Blocking>;

/// Settings of an [`ApiKeyClient`].
pub type ApiKeyClientBuilder = Builder<Bearer, Blocking>;

/// [`antom::Client`](crate::Client) for programs without a runtime.
///
/// ```
/// # mod kit { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/kit.rs")); }
/// # use kit::blocking_client;
/// use antom::prelude::*;
/// use antom::core::api::payments::{InquiryPayment, InquiryPaymentRequest};
/// use antom::blocking::Client;
/// # let client = blocking_client(&[r#"{"result":{"resultCode":"SUCCESS","resultStatus":"S"},"paymentRequestId":"PAY-1","paymentStatus":"SUCCESS"}"#, r#"{"result":{"resultCode":"SUCCESS","resultStatus":"S"},"paymentRequestId":"PAY-1","paymentStatus":"SUCCESS"}"#]);
///
/// let request = InquiryPaymentRequest::new().with_payment_request_id("PAY-1");
/// let outcome = client.call::<InquiryPayment>(&request)?;
/// assert!(outcome.reply().unwrap().verified().proof().is_signed());
///
/// let operation = Client::operation("payments/inquiryPayment").expect("a known one");
/// let outcome = client.call_raw(operation, r#"{"paymentRequestId":"PAY-1"}"#)?;
/// assert!(outcome.value().is_some());
///
/// assert!(client.profile().is_sandbox());
/// assert_eq!(client.in_store().profile().family(), ProductFamily::InStore);
/// assert_eq!(client.with_policy(Policy::ONCE).policy(), Policy::ONCE);
/// assert!(client.with_agent_token("281010").profile().agent_token().is_some());
/// assert!(client.webhook_verifier("/antom/notify").is_ok());
/// assert_eq!(client.gateway_keys().current().keys().count(), 1);
/// # Ok::<(), CallError>(())
/// ```
#[derive(Clone)]
pub struct Client {
    pub(crate) inner: Inner<Blocking>,
    keys: GatewayKeys,
}

impl Client {
    /// Settings for a client.
    ///
    /// ```
    /// use antom::blocking::Client;
    /// use antom::core::signature::sandbox_keys;
    /// use antom::prelude::Region;
    ///
    /// let client = Client::builder()
    ///     .region(Region::Asia)
    ///     .client_id("SANDBOX_5Y0000000000000001")
    ///     .private_key(sandbox_keys::MERCHANT_PRIVATE_KEY)
    ///     .gateway_key(1, sandbox_keys::GATEWAY_PUBLIC_KEY)
    ///     .build()?;
    /// # let _ = client;
    /// # Ok::<(), antom::ConfigError>(())
    /// ```
    pub fn builder() -> ClientBuilder {
        Builder::new(Rsa::new())
    }

    pub(super) fn new(inner: Inner<Blocking>, keys: GatewayKeys) -> Self {
        Self { inner, keys }
    }

    /// Calls an operation. The groups, such as [`Client::payments`], are this with names.
    ///
    /// # Errors
    ///
    /// Nothing was sent: calling again with the same request is safe. Everything else, a lost answer
    /// included, is an [`Outcome`].
    pub fn call<O: Operation>(&self, request: &O::Request) -> Result<Outcome<O::Response>, CallError> {
        self.inner.call::<O>(request)
    }

    /// Calls an operation with JSON that the types do not know; as
    /// [`antom::Client::call_raw`](crate::Client::call_raw).
    ///
    /// # Errors
    ///
    /// As [`call`](Self::call); and the text must be one JSON object without duplicate keys.
    pub fn call_raw(
        &self,
        operation: &'static OperationInfo,
        json: impl AsRef<[u8]>,
    ) -> Result<Outcome<RawAnswer>, CallError> {
        self.inner.call_raw(operation, json.as_ref())
    }
}

like_all_clients!(Client);
like_rsa_clients!(Client);

/// [`antom::ApiKeyClient`](crate::ApiKeyClient) for programs without a runtime; what is said there of its
/// answers holds here.
///
/// ```
/// # mod kit { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/kit.rs")); }
/// # use kit::blocking_api_key_client;
/// use antom::prelude::*;
/// use antom::core::api::payments::{InquiryPayment, InquiryPaymentRequest};
/// use antom::blocking::ApiKeyClient;
/// # let client = blocking_api_key_client(&[r#"{"result":{"resultCode":"SUCCESS","resultStatus":"S"},"paymentRequestId":"PAY-1","paymentStatus":"SUCCESS"}"#, r#"{"result":{"resultCode":"SUCCESS","resultStatus":"S"},"paymentRequestId":"PAY-1","paymentStatus":"SUCCESS"}"#]);
///
/// let request = InquiryPaymentRequest::new().with_payment_request_id("PAY-1");
/// let outcome = client.call::<InquiryPayment>(&request)?;
/// assert!(!outcome.reply().unwrap().verified().proof().is_signed());
///
/// let operation = ApiKeyClient::operation("payments/inquiryPayment").expect("a known one");
/// assert!(client.call_raw(operation, r#"{"paymentRequestId":"PAY-1"}"#)?.value().is_some());
///
/// assert!(client.profile().is_sandbox());
/// assert_eq!(client.in_store().profile().family(), ProductFamily::InStore);
/// assert_eq!(client.with_policy(Policy::ONCE).policy(), Policy::ONCE);
/// # Ok::<(), CallError>(())
/// ```
#[derive(Clone)]
pub struct ApiKeyClient {
    pub(crate) inner: Inner<Blocking>,
}

impl ApiKeyClient {
    /// Settings for a client.
    ///
    /// ```
    /// use antom::blocking::ApiKeyClient;
    /// use antom::prelude::Region;
    ///
    /// let client = ApiKeyClient::builder().region(Region::Europe).api_key("isak_TEST_merchant_s3cret").build()?;
    /// assert!(client.profile().is_sandbox());
    /// # Ok::<(), antom::ConfigError>(())
    /// ```
    pub fn builder() -> ApiKeyClientBuilder {
        Builder::new(Bearer::new())
    }

    pub(super) fn new(inner: Inner<Blocking>) -> Self {
        Self { inner }
    }

    /// Calls an operation; the channel alone proves the answer.
    ///
    /// # Errors
    ///
    /// Nothing was sent: calling again with the same request is safe.
    pub fn call<O: Operation>(&self, request: &O::Request) -> Result<Outcome<O::Response>, CallError> {
        self.inner.call::<O>(request)
    }

    /// Calls an operation with JSON that the types do not know; as
    /// [`antom::Client::call_raw`](crate::Client::call_raw).
    ///
    /// # Errors
    ///
    /// As [`call`](Self::call); and the text must be one JSON object without duplicate keys.
    pub fn call_raw(
        &self,
        operation: &'static OperationInfo,
        json: impl AsRef<[u8]>,
    ) -> Result<Outcome<RawAnswer>, CallError> {
        self.inner.call_raw(operation, json.as_ref())
    }
}

like_all_clients!(ApiKeyClient);
