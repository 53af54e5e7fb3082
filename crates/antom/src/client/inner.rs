use std::fmt;
use std::sync::Arc;
#[cfg(feature = "payments")]
use std::time::Duration;

#[cfg(feature = "billing")]
use antom_core::call::File;
use antom_core::call::{Operation, OperationInfo, Prepared, RawAnswer};
use antom_core::exchange::{Engine, Exchange, Policy};
use antom_core::outcome::{CallError, CallErrorKind, Outcome};
use antom_core::profile::{ProductFamily, Profile};
use antom_core::secret::Secret;
use antom_core::signature::Verifier;
use antom_core::time::Now;
#[cfg(feature = "payments")]
use antom_core::time::UnixTime;
use antom_transport::observe::{Observer, Watch};
#[cfg(feature = "blocking")]
use antom_transport::{BlockingTransport, drive_blocking};
use antom_transport::{Clock, Transport, drive};

use super::kind::Async;
#[cfg(feature = "blocking")]
use super::kind::Blocking;
use super::kind::Kind;

/// What all clients are: a profile, a policy, and the parts that carry calls out.
pub(crate) struct Inner<K: Kind> {
    pub(super) profile: Profile,
    pub(super) policy: Policy,
    pub(super) parts: Arc<Parts<K>>,
}

pub(super) struct Parts<K: Kind> {
    pub(super) signer: Arc<K::Signer>,
    pub(super) keys: Arc<dyn Verifier>,
    pub(super) transport: Arc<K::Transport>,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) sleep: Arc<K::Sleep>,
    pub(super) seeds: Arc<dyn Fn() -> u64 + Send + Sync>,
    pub(super) observer: Option<Arc<dyn Observer>>,
}

impl<K: Kind> Inner<K> {
    pub(super) fn with_family(&self, family: ProductFamily) -> Self {
        Self { profile: self.profile.clone().with_family(family), ..self.clone() }
    }

    pub(super) fn with_agent_token(&self, token: Secret<String>) -> Self {
        Self { profile: self.profile.clone().with_agent_token(token), ..self.clone() }
    }

    pub(super) fn with_policy(&self, policy: Policy) -> Self {
        Self { policy, ..self.clone() }
    }

    pub(super) fn debug(&self, name: &str, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct(name)
            .field("client_id", &self.profile.client_id())
            .field("gateway", &self.profile.gateway().origin())
            .field("family", &self.profile.family())
            .field("transport", &self.parts.transport)
            .finish_non_exhaustive()
    }

    fn watch(&self, operation: &'static OperationInfo) -> Watch<'_> {
        Watch::start(operation, self.parts.observer.as_deref(), &*self.parts.clock)
    }

    /// The seed and the time of a new call.
    fn begin(&self) -> (u64, Now) {
        ((self.parts.seeds)(), self.parts.clock.now())
    }

    fn new_exchange<O: Operation>(&self, request: &O::Request) -> Result<Exchange<O>, CallError> {
        let (seed, now) = self.begin();
        Exchange::new(request, &self.profile, self.policy, seed, now)
    }

    #[cfg(feature = "billing")]
    fn new_upload<O: Operation>(&self, request: &O::Request, file: &File) -> Result<Exchange<O>, CallError> {
        let (seed, now) = self.begin();
        Exchange::upload(request, file, &self.profile, self.policy, seed, now)
    }

    #[cfg(feature = "billing")]
    fn new_session<O: Operation>(
        &self,
        request: &O::Request,
        session_id: &Secret<String>,
    ) -> Result<Exchange<O>, CallError> {
        let (seed, now) = self.begin();
        Exchange::session(request, session_id, &self.profile, self.policy, seed, now)
    }

    fn new_raw(&self, operation: &'static OperationInfo, json: &[u8]) -> Result<Engine, CallError> {
        let (seed, now) = self.begin();
        let prepared = Prepared::json(operation, json, &self.profile, now.wall)
            .map_err(|error| CallError { operation: operation.id, kind: CallErrorKind::Encode(error) })?;
        Ok(Engine::new(prepared, self.policy, seed, now))
    }
}

impl Inner<Async> {
    /// The time of this client's clock.
    #[cfg(feature = "payments")]
    pub(crate) fn now(&self) -> UnixTime {
        self.parts.clock.now().wall
    }

    /// Waits as this client waits between repetitions.
    #[cfg(feature = "payments")]
    pub(crate) async fn sleep(&self, duration: Duration) {
        self.parts.sleep.sleep(duration).await;
    }

    pub(crate) async fn call<O: Operation>(
        &self,
        request: &O::Request,
    ) -> Result<Outcome<O::Response>, CallError> {
        self.exchange(self.new_exchange::<O>(request)).await
    }

    /// Sends a request that was written before, byte for byte.
    #[cfg(feature = "store")]
    pub(crate) async fn call_text<O: Operation>(
        &self,
        json: &[u8],
    ) -> Result<Outcome<O::Response>, CallError> {
        let watch = self.watch(O::INFO);
        let result = match self.new_raw(O::INFO, json) {
            Ok(mut engine) => {
                self.drive(&mut engine, &watch).await;
                engine.finish()
            }
            Err(error) => Err(error),
        };
        watch.finished(&result);
        result
    }

    #[cfg(feature = "billing")]
    pub(crate) async fn upload<O: Operation>(
        &self,
        request: &O::Request,
        file: &File,
    ) -> Result<Outcome<O::Response>, CallError> {
        self.exchange(self.new_upload::<O>(request, file)).await
    }

    #[cfg(feature = "billing")]
    pub(crate) async fn session<O: Operation>(
        &self,
        request: &O::Request,
        session_id: &Secret<String>,
    ) -> Result<Outcome<O::Response>, CallError> {
        self.exchange(self.new_session::<O>(request, session_id)).await
    }

    pub(super) async fn call_raw(
        &self,
        operation: &'static OperationInfo,
        json: &[u8],
    ) -> Result<Outcome<RawAnswer>, CallError> {
        let watch = self.watch(operation);
        let result = match self.new_raw(operation, json) {
            Ok(mut engine) => {
                self.drive(&mut engine, &watch).await;
                engine.finish()
            }
            Err(error) => Err(error),
        };
        watch.finished(&result);
        result
    }

    async fn exchange<O: Operation>(
        &self,
        exchange: Result<Exchange<O>, CallError>,
    ) -> Result<Outcome<O::Response>, CallError> {
        let watch = self.watch(O::INFO);
        let result = match exchange {
            Ok(mut exchange) => {
                self.drive(exchange.engine(), &watch).await;
                exchange.finish()
            }
            Err(error) => Err(error),
        };
        watch.finished(&result);
        result
    }

    async fn drive(&self, engine: &mut Engine, watch: &Watch<'_>) {
        let Parts { signer, keys, transport, clock, sleep, .. } = &*self.parts;
        let watched = watch.transport(&**transport);
        // Who is not watched does not pay for it.
        let transport: &dyn Transport = if watch.is_on() { &watched } else { &**transport };
        watch.call(drive(engine, &**signer, &**keys, &**clock, &**sleep, transport)).await;
    }
}

#[cfg(feature = "blocking")]
impl Inner<Blocking> {
    pub(crate) fn call<O: Operation>(&self, request: &O::Request) -> Result<Outcome<O::Response>, CallError> {
        self.exchange(self.new_exchange::<O>(request))
    }

    #[cfg(feature = "billing")]
    pub(crate) fn upload<O: Operation>(
        &self,
        request: &O::Request,
        file: &File,
    ) -> Result<Outcome<O::Response>, CallError> {
        self.exchange(self.new_upload::<O>(request, file))
    }

    #[cfg(feature = "billing")]
    pub(crate) fn session<O: Operation>(
        &self,
        request: &O::Request,
        session_id: &Secret<String>,
    ) -> Result<Outcome<O::Response>, CallError> {
        self.exchange(self.new_session::<O>(request, session_id))
    }

    pub(super) fn call_raw(
        &self,
        operation: &'static OperationInfo,
        json: &[u8],
    ) -> Result<Outcome<RawAnswer>, CallError> {
        let watch = self.watch(operation);
        let result = self.new_raw(operation, json).and_then(|mut engine| {
            self.drive(&mut engine, &watch);
            engine.finish()
        });
        watch.finished(&result);
        result
    }

    fn exchange<O: Operation>(
        &self,
        exchange: Result<Exchange<O>, CallError>,
    ) -> Result<Outcome<O::Response>, CallError> {
        let watch = self.watch(O::INFO);
        let result = exchange.and_then(|mut exchange| {
            self.drive(exchange.engine(), &watch);
            exchange.finish()
        });
        watch.finished(&result);
        result
    }

    fn drive(&self, engine: &mut Engine, watch: &Watch<'_>) {
        let Parts { signer, keys, transport, clock, sleep, .. } = &*self.parts;
        let watched = watch.transport(&**transport);
        let transport: &dyn BlockingTransport = if watch.is_on() { &watched } else { &**transport };
        watch.call_blocking(|| drive_blocking(engine, &**signer, &**keys, &**clock, &**sleep, transport));
    }
}

// Derived they would ask for what the kind itself does not need.

impl<K: Kind> Clone for Inner<K> {
    fn clone(&self) -> Self {
        Self { profile: self.profile.clone(), policy: self.policy, parts: Arc::clone(&self.parts) }
    }
}

impl<K: Kind> fmt::Debug for Inner<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.debug("Inner", f)
    }
}
