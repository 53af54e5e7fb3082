//! Settings of clients: [`Builder`] for the four of them.
//!
//! ```
//! use antom::core::signature::sandbox_keys;
//! use antom::prelude::*;
//!
//! let client = Client::builder()
//!     .region(Region::Asia)
//!     .client_id("SANDBOX_5Y0000000000000001")
//!     .private_key(sandbox_keys::MERCHANT_PRIVATE_KEY)
//!     .gateway_key(1, sandbox_keys::GATEWAY_PUBLIC_KEY)
//!     .build()?;
//! assert!(client.profile().is_sandbox());
//! # Ok::<(), antom::ConfigError>(())
//! ```

use std::fmt;
use std::hash::{BuildHasher, Hasher, RandomState};
use std::sync::Arc;

use antom_core::exchange::Policy;
use antom_core::profile::{Gateway, GatewayError, ProductFamily, Profile, Region};
use antom_core::secret::Secret;
use antom_core::signature::KeyVersion;
#[cfg(feature = "blocking")]
use antom_core::signature::Signer;
use antom_transport::observe::Observer;
#[cfg(feature = "blocking")]
use antom_transport::{BlockingSleep, BlockingTransport};
use antom_transport::{Clock, RemoteSigner, Sleep, SystemClock, Transport};

#[cfg(feature = "blocking")]
use super::blocking;
use super::credentials::{Ready, Signing};
use super::inner::Parts;
use super::{ApiKeyClient, Client, ConfigError, ConfigProblem, Inner, KeySource, keep};

pub use super::credentials::{Bearer, Rsa};

pub use super::kind::Async;
#[cfg(feature = "blocking")]
pub use super::kind::Blocking;
pub use super::kind::Kind;

/// Settings of a client, with credentials `C`, that waits as `K` says. A gateway and credentials are needed;
/// `build` reports all problems at once.
///
/// ```
/// # mod kit { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/kit.rs")); }
/// # use kit::clock;
/// use antom::core::signature::sandbox_keys;
/// use antom::prelude::*;
/// use antom::transport::observe::Observer;
/// # use antom::transport::testing::ScriptedTransport;
/// # #[derive(Debug)] struct Count;
/// # impl Observer for Count {}
/// # let (transport, clock, sleep) = (ScriptedTransport::new([]), clock(), clock());
///
/// // All of these have defaults but the gateway and the credentials.
/// let client = Client::builder()
///     .gateway_url("https://gateway.example")
///     .upload_gateway_url("https://files.example")
///     .client_id("SANDBOX_5Y0000000000000001")
///     .private_key(sandbox_keys::MERCHANT_PRIVATE_KEY)
///     .gateway_key(1, sandbox_keys::GATEWAY_PUBLIC_KEY)
///     .key_version(2)
///     .agent_token("281010")
///     .product_family(ProductFamily::Online)
///     .policy(Policy::DEFAULT)
///     .transport(transport)
///     .clock(clock)
///     .sleep(sleep)
///     .seeds(|| 42)
///     .observer(Count)
///     .build()?;
/// assert_eq!(client.profile().gateway().origin(), "https://gateway.example");
/// # Ok::<(), antom::ConfigError>(())
/// ```
#[must_use]
pub struct Builder<C, K: Kind> {
    gateway: Option<Result<Gateway, GatewayError>>,
    upload_gateway: Option<Result<Gateway, GatewayError>>,
    credentials: C,
    family: ProductFamily,
    policy: Policy,
    transport: Option<Arc<K::Transport>>,
    clock: Option<Arc<dyn Clock>>,
    sleep: Option<Arc<K::Sleep>>,
    seeds: Option<Arc<dyn Fn() -> u64 + Send + Sync>>,
    observer: Option<Arc<dyn Observer>>,
}

impl<C, K: Kind> Builder<C, K> {
    pub(super) fn new(credentials: C) -> Self {
        Self {
            gateway: None,
            upload_gateway: None,
            credentials,
            family: ProductFamily::default(),
            policy: Policy::default(),
            transport: None,
            clock: None,
            sleep: None,
            seeds: None,
            observer: None,
        }
    }

    /// Calls Antom's gateway in this region.
    ///
    /// ```
    /// use antom::prelude::*;
    /// use antom::{Client, ConfigProblem};
    ///
    /// // With a region the gateway is no problem any more; credentials are.
    /// let error = Client::builder().region(Region::UnitedStates).build().unwrap_err();
    /// assert!(!error.problems().iter().any(|problem| matches!(problem, ConfigProblem::NoGateway)));
    /// ```
    pub fn region(mut self, region: Region) -> Self {
        self.gateway = Some(Ok(region.into()));
        self
    }

    /// Calls this gateway: `https://host`, `https://host:port`, or for a sandbox on this machine
    /// `http://127.0.0.1:port`.
    pub fn gateway_url(mut self, url: &str) -> Self {
        self.gateway = Some(Gateway::parse(url));
        self
    }

    /// Uploads files to this gateway; Antom's own of the same region unless set.
    pub fn upload_gateway_url(mut self, url: &str) -> Self {
        self.upload_gateway = Some(Gateway::parse(url));
        self
    }

    /// The kind of product; online unless set. `in_store` of a client makes the other one of it.
    pub fn product_family(mut self, family: ProductFamily) -> Self {
        self.family = family;
        self
    }

    /// Time limits and repetitions.
    pub fn policy(mut self, policy: Policy) -> Self {
        self.policy = policy;
        self
    }

    /// Tells the time; the system's clocks unless set.
    pub fn clock(mut self, clock: impl Clock + 'static) -> Self {
        self.clock = Some(Arc::new(clock));
        self
    }

    /// Where the seeds of the waits' jitter come from; the standard library's random hash keys unless set.
    pub fn seeds(mut self, seeds: impl Fn() -> u64 + Send + Sync + 'static) -> Self {
        self.seeds = Some(Arc::new(seeds));
        self
    }

    /// Tells this observer of every call and every attempt, for metrics.
    pub fn observer(mut self, observer: impl Observer + 'static) -> Self {
        self.observer = Some(Arc::new(observer));
        self
    }

    /// Checks everything and builds. What the credentials come to, `ready` says.
    fn assemble<T>(
        self,
        ready: impl FnOnce(&C, &mut Vec<ConfigProblem>) -> Option<(Ready<K>, T)>,
    ) -> Result<(Inner<K>, T), ConfigError> {
        let mut problems = Vec::new();
        let gateway = match self.gateway {
            None => keep(&mut problems, Err(ConfigProblem::NoGateway)),
            Some(gateway) => keep(&mut problems, gateway.map_err(ConfigProblem::Gateway)),
        };
        let upload = self
            .upload_gateway
            .and_then(|gateway| keep(&mut problems, gateway.map_err(ConfigProblem::UploadGateway)));
        let ready = ready(&self.credentials, &mut problems);
        let Policy { max_sends, deadline, send, .. } = self.policy;
        if max_sends == 0
            || [deadline, send.total, send.connect, send.read].iter().any(|limit| limit.is_zero())
        {
            problems.push(ConfigProblem::Policy);
        }
        let transport = match self.transport {
            Some(transport) => Some(transport),
            None => gateway.as_ref().and_then(|gateway| keep(&mut problems, K::transport(gateway))),
        };
        let sleep = match self.sleep {
            Some(sleep) => Some(sleep),
            None => keep(&mut problems, K::sleep()),
        };
        let (Some(gateway), Some((ready, more)), Some(transport), Some(sleep), true) =
            (gateway, ready, transport, sleep, problems.is_empty())
        else {
            return Err(ConfigError::new(problems));
        };
        let mut profile = Profile::new(ready.credentials, gateway).with_family(self.family);
        if let Some(upload) = upload {
            profile = profile.with_upload_gateway(upload);
        }
        if let Some(token) = ready.agent_token {
            profile = profile.with_agent_token(token);
        }
        let parts = Parts {
            signer: ready.signer,
            keys: ready.keys,
            transport,
            clock: self.clock.unwrap_or_else(|| Arc::new(SystemClock::new())),
            sleep,
            seeds: self.seeds.unwrap_or_else(|| Arc::new(random_seed)),
            observer: self.observer,
        };
        Ok((Inner { profile, policy: self.policy, parts: Arc::new(parts) }, more))
    }
}

impl<C> Builder<C, Async> {
    /// Sends with this transport. To share its connections between clients give each of them a clone.
    pub fn transport(mut self, transport: impl Transport + 'static) -> Self {
        self.transport = Some(Arc::new(transport));
        self
    }

    /// Waits between repetitions; tokio's timer unless set.
    pub fn sleep(mut self, sleep: impl Sleep + 'static) -> Self {
        self.sleep = Some(Arc::new(sleep));
        self
    }
}

impl<K: Kind> Builder<Rsa<K>, K> {
    /// The client id from the dashboard. One that begins with `SANDBOX_` calls the sandbox.
    pub fn client_id(mut self, client_id: impl Into<String>) -> Self {
        self.credentials.client_id = Some(client_id.into());
        self
    }

    /// Signs with this private key of yours.
    pub fn private_key(mut self, key: impl Into<KeySource>) -> Self {
        self.credentials.signing = Some(Signing::Key(key.into()));
        self
    }

    /// The version of your private key; 1 unless set.
    pub fn key_version(mut self, version: u32) -> Self {
        self.credentials.key_version = Some(KeyVersion::new(version));
        self
    }

    /// Adds a public key of the gateway. The dashboard shows it beside your own; give each its version, and
    /// during a rotation give the old and the new one.
    pub fn gateway_key(mut self, version: u32, key: impl Into<KeySource>) -> Self {
        self.credentials.gateway_keys.push((KeyVersion::new(version), key.into()));
        self
    }

    /// Acts for the merchant that gave this token.
    pub fn agent_token(mut self, token: impl Into<Secret<String>>) -> Self {
        self.credentials.agent_token = Some(token.into());
        self
    }
}

impl<K: Kind> Builder<Bearer, K> {
    /// The API key from the dashboard: `PREFIX_ENV_IDENTITY_SECRET`. One with `TEST` calls the sandbox.
    ///
    /// ```
    /// use antom::ApiKeyClient;
    /// use antom::prelude::*;
    ///
    /// let client = ApiKeyClient::builder().region(Region::Europe).api_key("isak_TEST_merchant_s3cret").build()?;
    /// assert!(client.profile().is_sandbox()); // A key with `TEST`.
    /// # Ok::<(), antom::ConfigError>(())
    /// ```
    pub fn api_key(mut self, key: impl Into<KeySource>) -> Self {
        self.credentials.api_key = Some(key.into());
        self
    }
}

impl Builder<Rsa<Async>, Async> {
    /// Signs with a signer of your own: any [`Signer`](antom_core::signature::Signer), or a
    /// [`RemoteSigner`] for a key service.
    ///
    /// ```
    /// use antom::core::signature::{KeyVersion, PrivateKey, RsaSigner, sandbox_keys};
    /// use antom::prelude::*;
    ///
    /// let key = PrivateKey::parse(sandbox_keys::MERCHANT_PRIVATE_KEY)?;
    /// let client = Client::builder()
    ///     .region(Region::Asia)
    ///     .client_id("SANDBOX_5Y0000000000000001")
    ///     .signer(RsaSigner::new(&key, KeyVersion::new(3))?)
    ///     .gateway_key(1, sandbox_keys::GATEWAY_PUBLIC_KEY)
    ///     .build()?;
    /// # let _ = client;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn signer(mut self, signer: impl RemoteSigner + 'static) -> Self {
        let signer: Arc<dyn RemoteSigner> = Arc::new(signer);
        self.credentials.signing = Some(Signing::Signer(signer));
        self
    }

    /// Reads the keys, checks everything and builds the client.
    ///
    /// # Errors
    ///
    /// Settings are missing, unreadable or do not go together. The error lists all of them.
    pub fn build(self) -> Result<Client, ConfigError> {
        let (inner, keys) = self.assemble(Rsa::ready)?;
        Ok(Client { inner, keys })
    }
}

impl Builder<Bearer, Async> {
    /// Reads the key, checks everything and builds the client.
    ///
    /// # Errors
    ///
    /// Settings are missing, unreadable or do not go together. The error lists all of them.
    pub fn build(self) -> Result<ApiKeyClient, ConfigError> {
        let (inner, ()) = self.assemble(Bearer::ready)?;
        Ok(ApiKeyClient::new(inner))
    }
}

#[cfg(feature = "blocking")]
impl<C> Builder<C, Blocking> {
    /// Sends with this transport. To share its connections between clients give each of them a clone.
    pub fn transport(mut self, transport: impl BlockingTransport + 'static) -> Self {
        self.transport = Some(Arc::new(transport));
        self
    }

    /// Waits between repetitions; `std::thread::sleep` unless set.
    ///
    /// ```
    /// use antom::blocking::ApiKeyClient;
    /// use antom::transport::ThreadSleep;
    ///
    /// let builder = ApiKeyClient::builder().sleep(ThreadSleep);
    /// # let _ = builder;
    /// ```
    pub fn sleep(mut self, sleep: impl BlockingSleep + 'static) -> Self {
        self.sleep = Some(Arc::new(sleep));
        self
    }
}

#[cfg(feature = "blocking")]
impl Builder<Rsa<Blocking>, Blocking> {
    /// Signs with a signer of your own.
    ///
    /// ```
    /// use antom::blocking::Client;
    /// use antom::core::signature::{KeyVersion, PrivateKey, RsaSigner, sandbox_keys};
    /// use antom::prelude::Region;
    ///
    /// let key = PrivateKey::parse(sandbox_keys::MERCHANT_PRIVATE_KEY)?;
    /// let client = Client::builder()
    ///     .region(Region::Asia)
    ///     .client_id("SANDBOX_5Y0000000000000001")
    ///     .signer(RsaSigner::new(&key, KeyVersion::new(3))?)
    ///     .gateway_key(1, sandbox_keys::GATEWAY_PUBLIC_KEY)
    ///     .build()?;
    /// # let _ = client;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn signer(mut self, signer: impl Signer + 'static) -> Self {
        let signer: Arc<dyn Signer> = Arc::new(signer);
        self.credentials.signing = Some(Signing::Signer(signer));
        self
    }

    /// Reads the keys, checks everything and builds the client.
    ///
    /// # Errors
    ///
    /// Settings are missing, unreadable or do not go together. The error lists all of them.
    pub fn build(self) -> Result<blocking::Client, ConfigError> {
        let (inner, keys) = self.assemble(Rsa::ready)?;
        Ok(blocking::Client::new(inner, keys))
    }
}

#[cfg(feature = "blocking")]
impl Builder<Bearer, Blocking> {
    /// Reads the key, checks everything and builds the client.
    ///
    /// # Errors
    ///
    /// Settings are missing, unreadable or do not go together. The error lists all of them.
    pub fn build(self) -> Result<blocking::ApiKeyClient, ConfigError> {
        let (inner, ()) = self.assemble(Bearer::ready)?;
        Ok(blocking::ApiKeyClient::new(inner))
    }
}

/// Jitter needs numbers that differ between calls and processes, nothing more.
fn random_seed() -> u64 {
    RandomState::new().build_hasher().finish()
}

impl<C: fmt::Debug, K: Kind> fmt::Debug for Builder<C, K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Builder")
            .field("gateway", &self.gateway)
            .field("credentials", &self.credentials)
            .finish_non_exhaustive()
    }
}
