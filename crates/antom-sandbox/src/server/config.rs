//! How a sandbox is started, and why it was not.

use std::net::SocketAddr;

use antom_core::profile::GatewayError;
use antom_core::secret::Secret;
use antom_core::signature::{ClientIdError, PublicKey};

use super::Clock;
#[cfg(feature = "state-file")]
use super::file::StateFileError;
use crate::engine::{KeySet, SettingsError};

/// How a sandbox is started.
///
/// ```
/// use antom_core::time::UnixTime;
/// use antom_sandbox::{Clock, Sandbox, SandboxConfig};
///
/// # tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(async {
/// let mut config = SandboxConfig::default();
/// config.clock = Clock::fixed(UnixTime::from_secs(1_700_000_000)); // Time passes when the test says so.
/// config.strict = true;
/// let sandbox = Sandbox::start(config).await?;
/// assert!(sandbox.address().ip().is_loopback());
/// # sandbox.shutdown().await;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// # })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct SandboxConfig {
    /// Where it listens; port 0 takes a free one.
    pub listen: SocketAddr,
    /// Whether it may listen beyond the loopback, for a phone or another machine. Commands are then
    /// taken at an address of their own on the loopback.
    pub beyond_loopback: bool,
    /// What commands are known by; drawn at random if there is none.
    pub admin_token: Option<Secret<String>>,
    /// The client it serves; must begin with `SANDBOX_`.
    pub client_id: String,
    /// Its keys; the published ones if there are none.
    pub keys: Option<KeySet>,
    /// Further clients, each with a state of its own. What names no client is about the first one, `client_id`.
    pub clients: Vec<SandboxClient>,
    /// A SQLite file in which the state outlives the process; made if there is none. It holds the tokens that the
    /// sandbox made up, and is readable by its owner alone. Faults and the journal are of one run.
    #[cfg(feature = "state-file")]
    pub state_file: Option<std::path::PathBuf>,
    /// Decides every id and token.
    pub seed: u64,
    /// Where notifications go whose request names no URL.
    pub notify_url: Option<String>,
    /// Hosts beside the loopback that notifications may go to, by their names or addresses.
    pub notify_hosts: Vec<String>,
    /// Where it takes the time from.
    pub clock: Clock,
    /// Whether requests are refused for what the API would only ignore.
    pub strict: bool,
    /// How many journal entries are kept.
    pub journal_size: usize,
    /// How many payments are kept, how many authorizations, and how many notifications that nobody acknowledged.
    pub max_objects: usize,
    /// The most connections of a listener at a time, one at least. A client beyond it waits in the system's queue until
    /// one ends.
    pub max_connections: usize,
    /// Whether it serves HTTPS, under an authority made for the run ([`Sandbox::authority`](super::Sandbox::authority)).
    #[cfg(feature = "tls")]
    pub tls: bool,
    /// Certificates as PEM that deliveries over HTTPS trust beside the platform's: an authority of the merchant's own.
    #[cfg(feature = "tls")]
    pub notify_ca: Option<String>,
}

impl Default for SandboxConfig {
    /// A free port of 127.0.0.1, the published keys, the system's time.
    fn default() -> Self {
        Self {
            listen: SocketAddr::from(([127, 0, 0, 1], 0)),
            beyond_loopback: false,
            admin_token: None,
            client_id: "SANDBOX_5Y0000000000000001".into(),
            keys: None,
            clients: Vec::new(),
            #[cfg(feature = "state-file")]
            state_file: None,
            seed: 1,
            notify_url: None,
            notify_hosts: Vec::new(),
            clock: Clock::system(),
            strict: false,
            journal_size: 1_000,
            max_objects: 20_000,
            max_connections: 1_024,
            #[cfg(feature = "tls")]
            tls: false,
            #[cfg(feature = "tls")]
            notify_ca: None,
        }
    }
}

/// One more client of a sandbox.
///
/// ```
/// use antom_sandbox::{Sandbox, SandboxClient, SandboxConfig};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let second = SandboxClient::new("SANDBOX_5Y00000000000001").with_notify_url("http://127.0.0.1:8080/antom");
/// let mut config = SandboxConfig::default();
/// config.clients.push(second);
/// let sandbox = Sandbox::start(config).await?;
/// assert!(sandbox.client("SANDBOX_5Y00000000000001").is_some());
/// assert!(sandbox.client("SANDBOX_5Y00000000000002").is_none());
/// # sandbox.shutdown().await;
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct SandboxClient {
    /// Its client id; must begin with `SANDBOX_`.
    pub client_id: String,
    /// The key that its requests are signed for; that of the first client if there is none.
    pub merchant: Option<PublicKey>,
    /// Where its notifications go whose request names no URL.
    pub notify_url: Option<String>,
}

impl SandboxClient {
    /// A client that signs with the first one's key.
    #[must_use]
    pub fn new(client_id: impl Into<String>) -> Self {
        Self { client_id: client_id.into(), merchant: None, notify_url: None }
    }

    /// The same with a key of its own.
    ///
    /// ```
    /// use antom_core::signature::{PublicKey, sandbox_keys};
    /// use antom_sandbox::SandboxClient;
    ///
    /// let key = PublicKey::parse(sandbox_keys::MERCHANT_PUBLIC_KEY)?;
    /// let second = SandboxClient::new("SANDBOX_SECOND").with_merchant_public_key(key);
    /// assert!(second.merchant.is_some());
    /// # Ok::<(), antom_core::signature::KeyError>(())
    /// ```
    #[must_use]
    pub fn with_merchant_public_key(self, merchant: PublicKey) -> Self {
        Self { merchant: Some(merchant), ..self }
    }

    /// The same with a URL for its notifications.
    #[must_use]
    pub fn with_notify_url(self, url: impl Into<String>) -> Self {
        Self { notify_url: Some(url.into()), ..self }
    }
}

/// Why a sandbox did not start.
///
/// ```
/// use antom_sandbox::{Sandbox, SandboxConfig, SandboxError};
///
/// # tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(async {
/// let mut config = SandboxConfig::default();
/// config.listen = "192.0.2.1:8080".parse()?;
/// // Nobody said that it may be reached from elsewhere.
/// assert!(matches!(Sandbox::start(config).await, Err(SandboxError::NotLoopback(_))));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// # })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SandboxError {
    /// The client id has no valid form.
    #[error("starting the sandbox: {0}")]
    ClientId(#[from] ClientIdError),
    /// Two clients have the same id.
    #[error("starting the sandbox: the client {0} is there twice")]
    SameClient(String),
    /// The state file cannot be used.
    #[cfg(feature = "state-file")]
    #[error("starting the sandbox: {0}")]
    StateFile(#[from] StateFileError),
    /// The settings cannot be used.
    #[error("starting the sandbox: {0}")]
    Settings(#[from] SettingsError),
    /// The address is not one of this machine's loopback addresses, and nobody said that it may be another.
    #[error("starting the sandbox: it listens on loopback addresses only unless told otherwise, not on {0}")]
    NotLoopback(SocketAddr),
    /// No token for commands could be drawn.
    #[error("starting the sandbox: the system gives no randomness")]
    NoRandomness,
    /// The address cannot be listened on.
    #[error("starting the sandbox: cannot listen on {address}: {source}")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// What the system said.
        source: std::io::Error,
    },
    /// No certificate could be made.
    #[cfg(feature = "tls")]
    #[error("starting the sandbox: making its certificate: {0}")]
    Tls(String),
    /// What deliveries are to trust are no certificates.
    #[cfg(feature = "tls")]
    #[error(
        "starting the sandbox: what its deliveries are to trust must be one or more certificates as PEM: {0}"
    )]
    NotifyCa(String),
    /// The address makes no gateway URL.
    #[error("starting the sandbox: {0}")]
    Url(#[from] GatewayError),
}
