mod api_key;
#[cfg(feature = "blocking")]
pub mod blocking;
pub mod builder;
mod config_error;
mod credentials;
mod inner;
mod key_source;
mod keys;
pub(crate) mod kind;
mod macros;
mod no_keys;
#[cfg(feature = "billing")]
mod special;

use std::fmt;

use antom_core::call::{Operation, OperationInfo, RawAnswer};
use antom_core::exchange::Policy;
use antom_core::outcome::{CallError, Outcome};
use antom_core::profile::{ProductFamily, Profile};
use antom_core::secret::Secret;

use builder::{Bearer, Builder, Rsa};
use kind::Async;
use macros::{like_all_clients, like_rsa_clients};

pub use api_key::ApiKeyClient;
pub use config_error::{ConfigError, ConfigProblem};
pub(crate) use inner::Inner;
pub use key_source::{KeySource, KeySourceError};
pub use keys::GatewayKeys;

/// Settings of a [`Client`].
pub type ClientBuilder = Builder<Rsa<Async>, Async>;

/// Settings of an [`ApiKeyClient`].
pub type ApiKeyClientBuilder = Builder<Bearer, Async>;

/// Calls Antom's API for one client id.
///
/// It never changes; clones share everything and cost a reference count. One program may hold clients for
/// many merchants.
///
/// A call's future may be dropped, but then nobody learns what became of it: for a call that moves money,
/// keep the request's id and inquire.
///
/// ```
/// # mod kit { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/kit.rs")); }
/// # use kit::{block_on, client};
/// use antom::core::api::payments::{InquiryPayment, InquiryPaymentRequest};
/// use antom::prelude::*;
/// # let client = client(&[r#"{"result":{"resultCode":"SUCCESS","resultStatus":"S"},"paymentRequestId":"PAY-1","paymentStatus":"SUCCESS"}"#, r#"{"result":{"resultCode":"SUCCESS","resultStatus":"S"},"paymentRequestId":"PAY-1","paymentStatus":"SUCCESS"}"#]);
///
/// # block_on(async {
/// let request = InquiryPaymentRequest::new().with_payment_request_id("PAY-1");
/// let outcome = client.call::<InquiryPayment>(&request).await?;
/// assert!(outcome.reply().unwrap().verified().proof().is_signed());
///
/// // A member that Antom added yesterday.
/// let operation = Client::operation("payments/inquiryPayment").expect("a known one");
/// let outcome = client.call_raw(operation, r#"{"paymentRequestId":"PAY-1","newMember":true}"#).await?;
/// assert!(outcome.value().unwrap().rest.get("paymentStatus").is_some());
///
/// // Clients like this one: all of them share its connections.
/// assert!(client.profile().is_sandbox());
/// assert_eq!(client.in_store().profile().family(), ProductFamily::InStore);
/// assert_eq!(client.with_policy(Policy::ONCE).policy(), Policy::ONCE);
/// assert!(client.with_agent_token("281010").profile().agent_token().is_some());
///
/// // What receives notifications shares its keys.
/// let verifier = client.webhook_verifier("/antom/notify")?;
/// assert_eq!(client.gateway_keys().current().keys().count(), 1);
/// # let _ = verifier;
/// # Ok(()) });
/// ```
#[derive(Clone)]
pub struct Client {
    pub(crate) inner: Inner<Async>,
    keys: GatewayKeys,
}

impl Client {
    /// Settings for a client.
    ///
    /// ```
    /// use antom::core::signature::sandbox_keys;
    /// use antom::prelude::*;
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

    /// Calls an operation. The groups, such as [`Client::payments`], are this with names.
    ///
    /// The answer is verified before anything of it is believed. The request is sent again only where that
    /// cannot do harm; see [`Exchange`](antom_core::exchange::Exchange).
    ///
    /// # Errors
    ///
    /// Nothing was sent: calling again with the same request is safe. Everything else, a lost answer
    /// included, is an [`Outcome`].
    pub async fn call<O: Operation>(&self, request: &O::Request) -> Result<Outcome<O::Response>, CallError> {
        self.inner.call::<O>(request).await
    }

    /// Calls an operation with JSON that the types do not know, for example a member that Antom added
    /// yesterday. The text is sent byte for byte; everything else is as in [`call`](Self::call).
    ///
    /// An operation that this SDK knows is found by its id with [`operation`](Self::operation); for one that
    /// it does not know, declare an [`OperationInfo`] as a `static`.
    ///
    /// # Errors
    ///
    /// As [`call`](Self::call); and the text must be one JSON object without duplicate keys.
    pub async fn call_raw(
        &self,
        operation: &'static OperationInfo,
        json: impl AsRef<[u8]>,
    ) -> Result<Outcome<RawAnswer>, CallError> {
        self.inner.call_raw(operation, json.as_ref()).await
    }
}

like_all_clients!(Client);
like_rsa_clients!(Client);

fn operation(id_or_path: &str) -> Option<&'static OperationInfo> {
    antom_core::api::catalog::OPERATIONS
        .iter()
        .map(|entry| entry.info)
        .find(|info| info.id == id_or_path || info.path == id_or_path)
}

/// The value; or its problem goes to the others.
fn keep<T>(problems: &mut Vec<ConfigProblem>, result: Result<T, ConfigProblem>) -> Option<T> {
    result.map_err(|problem| problems.push(problem)).ok()
}
