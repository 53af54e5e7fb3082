use std::fmt;

use antom_core::profile::{ApiKeyError, GatewayError};
use antom_core::signature::{ClientIdError, KeyError, KeyVersion, KeyringError, PublishedKeyError};

use super::KeySourceError;

/// Everything that is wrong with a client's settings, at once.
///
/// ```
/// use antom::{Client, ConfigProblem};
///
/// // Everything that is missing is said at once.
/// let error = Client::builder().build().unwrap_err();
/// assert!(error.problems().len() > 1);
/// assert!(matches!(error.problems()[0], ConfigProblem::NoGateway));
/// ```
#[derive(Debug)]
pub struct ConfigError {
    problems: Vec<ConfigProblem>,
}

impl ConfigError {
    pub(super) fn new(problems: Vec<ConfigProblem>) -> Self {
        Self { problems }
    }

    /// The problems, in the order of the settings; at least one.
    #[must_use]
    pub fn problems(&self) -> &[ConfigProblem] {
        &self.problems
    }
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the client cannot be built:")?;
        for problem in &self.problems {
            write!(f, "\n- {problem}")?;
        }
        Ok(())
    }
}

impl std::error::Error for ConfigError {}

/// One thing that is wrong with a client's settings. The texts tell all; keys are never in them.
///
/// ```
/// use antom::{ApiKeyClient, ConfigProblem};
///
/// let error = ApiKeyClient::builder().gateway_url("http://gateway.example").api_key("isak_TEST_m_s").build().unwrap_err();
/// // Not in the clear.
/// assert!(matches!(error.problems()[0], ConfigProblem::Gateway(_)));
/// ```
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ConfigProblem {
    /// There is no gateway.
    #[error("gateway: none given; call `region`, or `gateway_url` for a sandbox of your own")]
    NoGateway,
    /// The gateway's URL cannot be used.
    #[error("gateway: {0}")]
    Gateway(GatewayError),
    /// The upload gateway's URL cannot be used.
    #[error("upload gateway: {0}")]
    UploadGateway(GatewayError),
    /// There is no API key.
    #[error("API key: none given; call `api_key`, or use a client with RSA keys")]
    NoApiKey,
    /// The API key could not be fetched.
    #[error("API key: {0}")]
    ApiKeySource(KeySourceError),
    /// The API key cannot be used.
    #[error("{0}")]
    ApiKey(ApiKeyError),
    /// There is no client id.
    #[error("client id: none given; call `client_id` with the id from the dashboard")]
    NoClientId,
    /// The client id cannot be used.
    #[error("{0}")]
    ClientId(ClientIdError),
    /// There is no private key and no signer.
    #[error("private key: none given; call `private_key`, or `signer` for a key that is kept elsewhere")]
    NoPrivateKey,
    /// The private key could not be fetched.
    #[error("private key: {0}")]
    PrivateKeySource(KeySourceError),
    /// The private key cannot be used.
    #[error("{0}")]
    PrivateKey(KeyError),
    /// The private key is public knowledge.
    #[error("private {0}")]
    Published(PublishedKeyError),
    /// The signer is for another key version than the one set.
    #[error(
        "key version: {set} was set, but the signer signs with version {signer}; leave out `key_version`"
    )]
    KeyVersion {
        /// The version that was set.
        set: KeyVersion,
        /// The signer's version.
        signer: KeyVersion,
    },
    /// A gateway key could not be fetched.
    #[error("gateway key {version}: {error}")]
    GatewayKeySource {
        /// The key's version.
        version: KeyVersion,
        /// What failed.
        error: KeySourceError,
    },
    /// A gateway key cannot be used.
    #[error("gateway key {version}: {error}")]
    GatewayKey {
        /// The key's version.
        version: KeyVersion,
        /// What is wrong with it.
        error: KeyError,
    },
    /// The gateway keys do not go together, or not with the account.
    #[error("{0}")]
    GatewayKeys(KeyringError),
    /// The agent token cannot stand in a header.
    #[error("agent token: must be visible ASCII and not empty; was a line break copied along?")]
    AgentToken,
    /// The policy allows no send.
    #[error(
        "policy: `max_sends`, `deadline`, `send.total`, `send.connect` and `send.read` must all be more than zero"
    )]
    Policy,
    /// The default transport could not be set up.
    #[error("transport: {0}")]
    Transport(String),
    /// There is no transport.
    #[error(
        "transport: none given; call `transport`, or switch a feature on: `reqwest` or `hyper`, and `ureq` for a blocking client"
    )]
    NoTransport,
    /// There is no timer.
    #[error(
        "sleep: none given; call `sleep` with your runtime's timer, or switch the feature `reqwest` or `hyper` on"
    )]
    NoSleep,
}
