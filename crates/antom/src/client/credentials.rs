use std::fmt;
use std::sync::Arc;

use antom_core::profile::{ApiKey, Credentials};
use antom_core::secret::Secret;
use antom_core::signature::{
    ClientId, KeyVersion, PrivateKey, PublicKey, RsaSigner, Verifier, check_not_published,
};

use super::kind::Kind;
use super::no_keys::NoKeys;
use super::{ConfigProblem, GatewayKeys, KeySource, keep};

/// RSA keys: the client id, a private key or signer, and the gateway's public key are needed.
///
/// ```
/// use antom::builder::{Async, Builder, Rsa};
///
/// fn for_this_shop(builder: Builder<Rsa<Async>, Async>) -> Builder<Rsa<Async>, Async> {
///     builder.client_id("SANDBOX_5Y0000000000000001").key_version(2)
/// }
/// assert!(for_this_shop(antom::Client::builder()).build().is_err()); // It has no keys yet.
/// ```
pub struct Rsa<K: Kind> {
    pub(super) client_id: Option<String>,
    pub(super) signing: Option<Signing<K>>,
    pub(super) key_version: Option<KeyVersion>,
    pub(super) gateway_keys: Vec<(KeyVersion, KeySource)>,
    pub(super) agent_token: Option<Secret<String>>,
}

pub(super) enum Signing<K: Kind> {
    Key(KeySource),
    Signer(Arc<K::Signer>),
}

/// An API key.
///
/// ```
/// use antom::builder::{Async, Bearer, Builder};
///
/// fn for_this_shop(builder: Builder<Bearer, Async>) -> Builder<Bearer, Async> {
///     builder.api_key("isak_TEST_merchant_s3cret")
/// }
/// assert!(for_this_shop(antom::ApiKeyClient::builder()).build().is_err()); // It has no gateway yet.
/// ```
#[derive(Debug)]
pub struct Bearer {
    pub(super) api_key: Option<KeySource>,
}

/// What credentials come to.
pub(super) struct Ready<K: Kind> {
    pub(super) credentials: Credentials,
    pub(super) agent_token: Option<Secret<String>>,
    pub(super) signer: Arc<K::Signer>,
    pub(super) keys: Arc<dyn Verifier>,
}

/// A signer, and its public half where that is known.
struct Signs<K: Kind> {
    signer: Arc<K::Signer>,
    own: Option<PublicKey>,
}

impl<K: Kind> Rsa<K> {
    pub(super) fn new() -> Self {
        Self {
            client_id: None,
            signing: None,
            key_version: None,
            gateway_keys: Vec::new(),
            agent_token: None,
        }
    }

    pub(super) fn ready(&self, problems: &mut Vec<ConfigProblem>) -> Option<(Ready<K>, GatewayKeys)> {
        let client_id = match &self.client_id {
            None => keep(problems, Err(ConfigProblem::NoClientId)),
            Some(text) => keep(problems, ClientId::new(text).map_err(ConfigProblem::ClientId)),
        };
        let signs = keep(problems, self.signs(client_id.as_ref()));
        let keys = self.keys(client_id.as_ref(), signs.as_ref(), problems);
        let token_ok = |token: &Secret<String>| {
            !token.expose().is_empty() && token.expose().bytes().all(|byte| byte.is_ascii_graphic())
        };
        if !self.agent_token.as_ref().is_none_or(token_ok) {
            problems.push(ConfigProblem::AgentToken);
        }
        let (client_id, Signs { signer, .. }, keys) = (client_id?, signs?, keys?);
        let key_version = K::key_version(&signer);
        let ready = Ready {
            credentials: Credentials::Rsa { client_id, key_version },
            agent_token: self.agent_token.clone(),
            signer,
            keys: Arc::new(keys.clone()),
        };
        Some((ready, keys))
    }

    fn signs(&self, client_id: Option<&ClientId>) -> Result<Signs<K>, ConfigProblem> {
        let source = match &self.signing {
            None => return Err(ConfigProblem::NoPrivateKey),
            Some(Signing::Signer(signer)) => {
                let version = K::key_version(signer);
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
        Ok(Signs { signer: K::rsa(signer), own: Some(key.public().clone()) })
    }

    fn keys(
        &self,
        client_id: Option<&ClientId>,
        signs: Option<&Signs<K>>,
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

impl Bearer {
    pub(super) fn new() -> Self {
        Self { api_key: None }
    }

    pub(super) fn ready<K: Kind>(&self, problems: &mut Vec<ConfigProblem>) -> Option<(Ready<K>, ())> {
        let key = keep(problems, self.read())?;
        let ready = Ready {
            credentials: Credentials::ApiKey(key),
            agent_token: None,
            signer: K::no_keys(),
            keys: Arc::new(NoKeys),
        };
        Some((ready, ()))
    }

    fn read(&self) -> Result<ApiKey, ConfigProblem> {
        let source = self.api_key.as_ref().ok_or(ConfigProblem::NoApiKey)?;
        let bytes = source.read().map_err(ConfigProblem::ApiKeySource)?;
        // What is not text holds the replacement character, which no key may. A file ends with a line break.
        let text = Secret::new(String::from_utf8_lossy(bytes.expose().trim_ascii_end()).into_owned());
        ApiKey::parse(text).map_err(ConfigProblem::ApiKey)
    }
}

impl<K: Kind> fmt::Debug for Rsa<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Rsa")
            .field("client_id", &self.client_id)
            .field("gateway_keys", &self.gateway_keys.len())
            .finish_non_exhaustive()
    }
}
