use std::fmt;
use std::hash::{BuildHasher, Hasher, RandomState};
use std::sync::Arc;

use antom_core::exchange::Policy;
use antom_core::profile::{Credentials, Gateway, GatewayError, ProductFamily, Profile, Region};
use antom_core::secret::Secret;
use antom_core::signature::{ClientId, KeyVersion, PrivateKey, PublicKey, RsaSigner, check_not_published};
use antom_transport::{Clock, RemoteSigner, Sleep, SystemClock, Transport};

use super::{Client, ConfigError, ConfigProblem, GatewayKeys, KeySource, Parts};

/// Settings of a [`Client`]. Needed are a gateway, a client id, a private key or signer, and the gateway's
/// public key. [`build`](Self::build) reports all problems at once.
#[derive(Default)]
#[must_use]
pub struct ClientBuilder {
    gateway: Option<Result<Gateway, GatewayError>>,
    client_id: Option<String>,
    signing: Option<Signing>,
    key_version: Option<KeyVersion>,
    gateway_keys: Vec<(KeyVersion, KeySource)>,
    agent_token: Option<Secret<String>>,
    family: ProductFamily,
    policy: Policy,
    transport: Option<Arc<dyn Transport>>,
    clock: Option<Arc<dyn Clock>>,
    sleep: Option<Arc<dyn Sleep>>,
    seeds: Option<Arc<dyn Fn() -> u64 + Send + Sync>>,
}

enum Signing {
    Key(KeySource),
    Signer(Arc<dyn RemoteSigner>),
}

/// A signer, and its public half where that is known.
struct Signs {
    signer: Arc<dyn RemoteSigner>,
    own: Option<PublicKey>,
}

impl ClientBuilder {
    /// Calls Antom's gateway in this region.
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

    /// The client id from the dashboard. One that begins with `SANDBOX_` calls the sandbox.
    pub fn client_id(mut self, client_id: impl Into<String>) -> Self {
        self.client_id = Some(client_id.into());
        self
    }

    /// Signs with this private key of yours.
    pub fn private_key(mut self, key: impl Into<KeySource>) -> Self {
        self.signing = Some(Signing::Key(key.into()));
        self
    }

    /// Signs with a signer of your own: any [`Signer`](antom_core::signature::Signer), or a
    /// [`RemoteSigner`] for a key service.
    pub fn signer(mut self, signer: impl RemoteSigner + 'static) -> Self {
        self.signing = Some(Signing::Signer(Arc::new(signer)));
        self
    }

    /// The version of your private key; 1 unless set.
    pub fn key_version(mut self, version: u32) -> Self {
        self.key_version = Some(KeyVersion::new(version));
        self
    }

    /// Adds a public key of the gateway. The dashboard shows it beside your own; give each its version, and
    /// during a rotation give the old and the new one.
    pub fn gateway_key(mut self, version: u32, key: impl Into<KeySource>) -> Self {
        self.gateway_keys.push((KeyVersion::new(version), key.into()));
        self
    }

    /// Acts for the merchant that gave this token.
    pub fn agent_token(mut self, token: impl Into<Secret<String>>) -> Self {
        self.agent_token = Some(token.into());
        self
    }

    /// The kind of product; online unless set. [`Client::in_store`] makes the other one of a client.
    pub fn product_family(mut self, family: ProductFamily) -> Self {
        self.family = family;
        self
    }

    /// Time limits and repetitions.
    pub fn policy(mut self, policy: Policy) -> Self {
        self.policy = policy;
        self
    }

    /// Sends with this transport. To share its connections between clients give each of them a clone.
    pub fn transport(mut self, transport: impl Transport + 'static) -> Self {
        self.transport = Some(Arc::new(transport));
        self
    }

    /// Tells the time; the system's clocks unless set.
    pub fn clock(mut self, clock: impl Clock + 'static) -> Self {
        self.clock = Some(Arc::new(clock));
        self
    }

    /// Waits between repetitions; tokio's timer unless set.
    pub fn sleep(mut self, sleep: impl Sleep + 'static) -> Self {
        self.sleep = Some(Arc::new(sleep));
        self
    }

    /// Where the seeds of the waits' jitter come from; the standard library's random hash keys unless set.
    pub fn seeds(mut self, seeds: impl Fn() -> u64 + Send + Sync + 'static) -> Self {
        self.seeds = Some(Arc::new(seeds));
        self
    }

    /// Reads the keys, checks everything and builds the client.
    ///
    /// # Errors
    ///
    /// Settings are missing, unreadable or do not go together. The error lists all of them.
    pub fn build(self) -> Result<Client, ConfigError> {
        let mut problems = Vec::new();
        let gateway = match &self.gateway {
            None => keep(&mut problems, Err(ConfigProblem::NoGateway)),
            Some(gateway) => keep(&mut problems, gateway.clone().map_err(ConfigProblem::Gateway)),
        };
        let client_id = match &self.client_id {
            None => keep(&mut problems, Err(ConfigProblem::NoClientId)),
            Some(text) => keep(&mut problems, ClientId::new(text).map_err(ConfigProblem::ClientId)),
        };
        let signs = keep(&mut problems, self.signs(client_id.as_ref()));
        let keys = self.keys(client_id.as_ref(), signs.as_ref(), &mut problems);
        let token_ok = |token: &Secret<String>| {
            !token.expose().is_empty() && token.expose().bytes().all(|byte| byte.is_ascii_graphic())
        };
        if !self.agent_token.as_ref().is_none_or(token_ok) {
            problems.push(ConfigProblem::AgentToken);
        }
        let Policy { max_sends, deadline, send, .. } = self.policy;
        if max_sends == 0
            || [deadline, send.total, send.connect, send.read].iter().any(|limit| limit.is_zero())
        {
            problems.push(ConfigProblem::Policy);
        }
        let transport = match self.transport {
            Some(transport) => Some(transport),
            None => gateway.as_ref().and_then(|gateway| keep(&mut problems, default_transport(gateway))),
        };
        let sleep = match self.sleep {
            Some(sleep) => Some(sleep),
            None => keep(&mut problems, default_sleep()),
        };
        let (Some(gateway), Some(client_id), Some(signs), Some(keys), Some(transport), Some(sleep), true) =
            (gateway, client_id, signs, keys, transport, sleep, problems.is_empty())
        else {
            return Err(ConfigError::new(problems));
        };
        let credentials = Credentials::Rsa { client_id, key_version: signs.signer.remote_key_version() };
        let profile = Profile::new(credentials, gateway).with_family(self.family);
        Ok(Client {
            profile: match self.agent_token {
                Some(token) => profile.with_agent_token(token),
                None => profile,
            },
            policy: self.policy,
            parts: Arc::new(Parts {
                signer: signs.signer,
                keys,
                transport,
                clock: self.clock.unwrap_or_else(|| Arc::new(SystemClock::new())),
                sleep,
                seeds: self.seeds.unwrap_or_else(|| Arc::new(random_seed)),
            }),
        })
    }

    fn signs(&self, client_id: Option<&ClientId>) -> Result<Signs, ConfigProblem> {
        let source = match &self.signing {
            None => return Err(ConfigProblem::NoPrivateKey),
            Some(Signing::Signer(signer)) => {
                let version = signer.remote_key_version();
                return match self.key_version {
                    Some(set) if set != version => Err(ConfigProblem::KeyVersion { set, signer: version }),
                    _ => Ok(Signs { signer: signer.clone(), own: None }),
                };
            }
            Some(Signing::Key(source)) => source,
        };
        let text = source.read().map_err(ConfigProblem::PrivateKeySource)?;
        let key = PrivateKey::parse(text.expose()).map_err(ConfigProblem::PrivateKey)?;
        if let Some(client_id) = client_id {
            check_not_published(client_id, key.public()).map_err(ConfigProblem::Published)?;
        }
        let version = self.key_version.unwrap_or_default();
        let signer = RsaSigner::new(&key, version).map_err(ConfigProblem::PrivateKey)?;
        Ok(Signs { signer: Arc::new(signer), own: Some(key.public().clone()) })
    }

    fn keys(
        &self,
        client_id: Option<&ClientId>,
        signs: Option<&Signs>,
        problems: &mut Vec<ConfigProblem>,
    ) -> Option<GatewayKeys> {
        let mut keys = Vec::new();
        let mut all_read = true;
        for (version, source) in &self.gateway_keys {
            let version = *version;
            let key = source
                .read()
                .map_err(|error| ConfigProblem::GatewayKeySource { version, error })
                .and_then(|text| {
                    PublicKey::parse(text.expose())
                        .map_err(|error| ConfigProblem::GatewayKey { version, error })
                });
            match keep(problems, key) {
                Some(key) => keys.push((version, key)),
                None => all_read = false,
            }
        }
        // With a key missing, complaints about the rest would mislead.
        let client_id = client_id.filter(|_| all_read)?;
        let own = signs.and_then(|signs| signs.own.clone());
        keep(problems, GatewayKeys::new(client_id.clone(), own, keys).map_err(ConfigProblem::GatewayKeys))
    }
}

fn keep<T>(problems: &mut Vec<ConfigProblem>, result: Result<T, ConfigProblem>) -> Option<T> {
    result.map_err(|problem| problems.push(problem)).ok()
}

#[cfg(feature = "reqwest")]
fn default_transport(gateway: &Gateway) -> Result<Arc<dyn Transport>, ConfigProblem> {
    let builder = antom_transport::ReqwestTransport::builder();
    let transport = if gateway.is_https() { builder.build() } else { builder.build_loopback() };
    match transport {
        Ok(transport) => Ok(Arc::new(transport)),
        Err(error) => Err(ConfigProblem::Transport(error.to_string())),
    }
}

#[cfg(not(feature = "reqwest"))]
fn default_transport(_: &Gateway) -> Result<Arc<dyn Transport>, ConfigProblem> {
    Err(ConfigProblem::NoTransport)
}

#[cfg(feature = "reqwest")]
fn default_sleep() -> Result<Arc<dyn Sleep>, ConfigProblem> {
    Ok(Arc::new(antom_transport::TokioSleep))
}

#[cfg(not(feature = "reqwest"))]
fn default_sleep() -> Result<Arc<dyn Sleep>, ConfigProblem> {
    Err(ConfigProblem::NoSleep)
}

/// Jitter needs numbers that differ between calls and processes, nothing more.
fn random_seed() -> u64 {
    RandomState::new().build_hasher().finish()
}

impl fmt::Debug for ClientBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClientBuilder")
            .field("gateway", &self.gateway)
            .field("client_id", &self.client_id)
            .field("gateway_keys", &self.gateway_keys.len())
            .finish_non_exhaustive()
    }
}
