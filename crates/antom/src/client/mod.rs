mod builder;
mod config_error;
mod key_source;
mod keys;
#[cfg(feature = "webhook")]
mod notifications;

use std::fmt;
use std::sync::Arc;

use antom_core::call::{Operation, OperationInfo, Prepared, RawAnswer};
use antom_core::exchange::{Engine, Exchange, Policy};
use antom_core::outcome::{CallError, CallErrorKind, Outcome};
use antom_core::profile::{ProductFamily, Profile};
use antom_core::secret::Secret;
use antom_transport::{Clock, RemoteSigner, Sleep, Transport, drive};

pub use builder::ClientBuilder;
pub use config_error::{ConfigError, ConfigProblem};
pub use key_source::{KeySource, KeySourceError};
pub use keys::GatewayKeys;

/// Calls Antom's API for one client id.
///
/// It never changes; clones share everything and cost a reference count. One program may hold clients for
/// many merchants.
///
/// A call's future may be dropped, but then nobody learns what became of it: for a call that moves money,
/// keep the request's id and inquire.
#[derive(Clone)]
pub struct Client {
    profile: Profile,
    policy: Policy,
    parts: Arc<Parts>,
}

struct Parts {
    signer: Arc<dyn RemoteSigner>,
    keys: GatewayKeys,
    transport: Arc<dyn Transport>,
    clock: Arc<dyn Clock>,
    sleep: Arc<dyn Sleep>,
    seeds: Arc<dyn Fn() -> u64 + Send + Sync>,
}

impl Client {
    /// Settings for a client.
    pub fn builder() -> ClientBuilder {
        ClientBuilder::default()
    }

    /// Calls an operation. The groups, such as [`Client::payments`], are this with names.
    ///
    /// The answer is verified before anything of it is believed. The request is sent again only where that
    /// cannot do harm; see [`Exchange`].
    ///
    /// # Errors
    ///
    /// Nothing was sent: calling again with the same request is safe. Everything else, a lost answer
    /// included, is an [`Outcome`].
    pub async fn call<O: Operation>(&self, request: &O::Request) -> Result<Outcome<O::Response>, CallError> {
        let (seed, now) = ((self.parts.seeds)(), self.parts.clock.now());
        let mut exchange = Exchange::<O>::new(request, &self.profile, self.policy, seed, now)?;
        self.drive(exchange.engine()).await;
        exchange.finish()
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
        let (seed, now) = ((self.parts.seeds)(), self.parts.clock.now());
        let prepared = Prepared::json(operation, json.as_ref(), &self.profile, now.wall)
            .map_err(|error| CallError { operation: operation.id, kind: CallErrorKind::Encode(error) })?;
        let mut engine = Engine::new(prepared, self.policy, seed, now);
        self.drive(&mut engine).await;
        engine.finish()
    }

    /// The operation with this id, such as `payments/pay`, or with this path.
    #[must_use]
    pub fn operation(id_or_path: &str) -> Option<&'static OperationInfo> {
        antom_core::api::catalog::OPERATIONS
            .iter()
            .map(|entry| entry.info)
            .find(|info| info.id == id_or_path || info.path == id_or_path)
    }

    async fn drive(&self, engine: &mut Engine) {
        let Parts { signer, keys, transport, clock, sleep, .. } = &*self.parts;
        drive(engine, &**signer, keys, &**clock, &**sleep, &**transport).await;
    }

    /// The same client for products sold at a counter: order code, entry code, user-presented code. In the
    /// sandbox they have other paths than online products; live, there is no difference.
    #[must_use]
    pub fn in_store(&self) -> Self {
        Self { profile: self.profile.clone().with_family(ProductFamily::InStore), ..self.clone() }
    }

    /// The same client, acting for the merchant that gave this token.
    #[must_use]
    pub fn with_agent_token(&self, token: impl Into<Secret<String>>) -> Self {
        Self { profile: self.profile.clone().with_agent_token(token), ..self.clone() }
    }

    /// The same client with other limits and repetitions.
    #[must_use]
    pub fn with_policy(&self, policy: Policy) -> Self {
        Self { policy, ..self.clone() }
    }

    /// Who calls, where to, and for which kind of product.
    #[must_use]
    pub fn profile(&self) -> &Profile {
        &self.profile
    }

    /// Limits and repetitions.
    #[must_use]
    pub fn policy(&self) -> Policy {
        self.policy
    }

    /// The gateway's public keys, shared by all clones and by the verifiers of notifications. They can be
    /// replaced while the program runs.
    #[must_use]
    pub fn gateway_keys(&self) -> &GatewayKeys {
        &self.parts.keys
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client")
            .field("client_id", &self.profile.client_id())
            .field("gateway", &self.profile.gateway().origin())
            .field("family", &self.profile.family())
            .field("transport", &self.parts.transport)
            .finish_non_exhaustive()
    }
}
