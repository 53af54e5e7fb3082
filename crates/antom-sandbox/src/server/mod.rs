//! The server around the engine.

mod clock;
mod deliver;
mod http;
mod shared;

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use antom_core::profile::{Credentials, Gateway as GatewayUrl, GatewayError, Profile};
use antom_core::secret::Secret;
use antom_core::signature::{ClientId, ClientIdError, KeyVersion, PublicKey};
use antom_core::time::UnixTime;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;

pub use clock::Clock;

use crate::engine::{
    BuyerAction, BuyerError, BuyerNext, CardEntry, Entry, Fault, FaultTarget, Gateway, KeySet, ReportFile,
    ReportNames, Settings, SettingsError,
};
use shared::{Batch, Shared};

/// How a sandbox is started.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct SandboxConfig {
    /// Where it listens; port 0 takes a free one.
    pub listen: SocketAddr,
    /// The client it serves; must begin with `SANDBOX_`.
    pub client_id: String,
    /// Its keys; the published ones if there are none.
    pub keys: Option<KeySet>,
    /// Decides every id and token.
    pub seed: u64,
    /// Where notifications go whose request names no URL.
    pub notify_url: Option<String>,
    /// Where it takes the time from.
    pub clock: Clock,
    /// How many journal entries are kept.
    pub journal_size: usize,
}

impl Default for SandboxConfig {
    /// A free port of 127.0.0.1, the published keys, the system's time.
    fn default() -> Self {
        Self {
            listen: SocketAddr::from(([127, 0, 0, 1], 0)),
            client_id: "SANDBOX_5Y0000000000000001".into(),
            keys: None,
            seed: 1,
            notify_url: None,
            clock: Clock::system(),
            journal_size: 1_000,
        }
    }
}

/// Why a sandbox did not start.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SandboxError {
    /// The client id has no valid form.
    #[error("starting the sandbox: {0}")]
    ClientId(#[from] ClientIdError),
    /// The settings cannot be used.
    #[error("starting the sandbox: {0}")]
    Settings(#[from] SettingsError),
    /// The address is not one of this machine's loopback addresses.
    #[error("starting the sandbox: it listens on loopback addresses only, not on {0}")]
    NotLoopback(SocketAddr),
    /// The address cannot be listened on.
    #[error("starting the sandbox: cannot listen on {address}: {source}")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// What the system said.
        source: std::io::Error,
    },
    /// The address makes no gateway URL.
    #[error("starting the sandbox: {0}")]
    Url(#[from] GatewayError),
}

/// A gateway that serves on a loopback port. Dropping it stops it.
///
/// ```
/// use antom_sandbox::{Sandbox, SandboxConfig};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let sandbox = Sandbox::start(SandboxConfig::default()).await?;
/// assert!(sandbox.gateway_url().starts_with("http://127.0.0.1:"));
/// assert!(sandbox.profile().is_sandbox());
/// sandbox.shutdown().await;
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct Sandbox {
    shared: Arc<Shared>,
    keys: KeySet,
    profile: Profile,
    address: SocketAddr,
    stop: watch::Sender<bool>,
    tasks: Vec<JoinHandle<()>>,
}

impl Sandbox {
    /// Starts serving. Must be called on a tokio runtime with I/O and time.
    ///
    /// # Errors
    ///
    /// See [`SandboxError`]; nothing is left running then.
    pub async fn start(config: SandboxConfig) -> Result<Self, SandboxError> {
        let SandboxConfig { listen, client_id, keys, seed, notify_url, clock, journal_size } = config;
        let client_id = ClientId::new(&client_id)?;
        let keys = keys.map_or_else(|| KeySet::published().map_err(SettingsError::from), Ok)?;
        if !listen.ip().is_loopback() {
            return Err(SandboxError::NotLoopback(listen));
        }
        let cannot_listen = |source| SandboxError::Listen { address: listen, source };
        let listener = TcpListener::bind(listen).await.map_err(cannot_listen)?;
        let address = listener.local_addr().map_err(cannot_listen)?;
        let url = format!("http://{address}");
        let credentials = Credentials::Rsa { client_id: client_id.clone(), key_version: KeyVersion::FIRST };
        let profile = Profile::new(credentials, GatewayUrl::parse(&url)?);
        let gateway = Gateway::new(Settings {
            seed,
            notify_url,
            journal_size,
            ..Settings::new(client_id, keys.clone(), url)
        })?;
        let shared = Shared::new(gateway, clock, tokio::runtime::Handle::current());
        let (stop, stopped) = watch::channel(false);
        let tasks = vec![
            tokio::spawn(accept(listener, Arc::clone(&shared), stopped.clone())),
            tokio::spawn(keep_time(Arc::clone(&shared), stopped)),
        ];
        Ok(Self { shared, keys, profile, address, stop, tasks })
    }

    /// Scheme, host and port, such as `http://127.0.0.1:40123`.
    #[must_use]
    pub fn gateway_url(&self) -> &str {
        self.profile.gateway().origin()
    }

    /// The address it listens on.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The client it serves.
    #[must_use]
    pub fn client_id(&self) -> &str {
        self.profile.client_id().map_or("", ClientId::as_str)
    }

    /// A profile for calls to it: its URL and its client id, for online products.
    #[must_use]
    pub fn profile(&self) -> Profile {
        self.profile.clone()
    }

    /// Its keys.
    #[must_use]
    pub fn keys(&self) -> &KeySet {
        &self.keys
    }

    /// The merchant's private key as one line of base64 (PKCS#8), if it is known here.
    #[must_use]
    pub fn merchant_private_key(&self) -> Option<Secret<String>> {
        let der = self.keys.merchant_private()?.to_pkcs8_der();
        Some(Secret::new(STANDARD.encode(der.expose())))
    }

    /// The gateway's public key as one line of base64 (SubjectPublicKeyInfo): what a merchant verifies with.
    #[must_use]
    pub fn gateway_public_key(&self) -> String {
        PublicKey::to_spki_base64(self.keys.gateway_public())
    }

    /// The sandbox's time.
    #[must_use]
    pub fn now(&self) -> UnixTime {
        self.shared.clock.now()
    }

    /// The buyer does something at a URL, code text or access token; notifications follow by themselves.
    ///
    /// # Errors
    ///
    /// See [`BuyerError`]; nothing has changed then.
    pub fn buyer(&self, at: &str, action: BuyerAction) -> Result<Option<BuyerNext>, BuyerError> {
        let done = self.shared.gateway().buyer(self.now(), at, action)?;
        self.shared.wake.notify_one();
        drop(Batch::new(&self.shared, done.deliveries));
        Ok(done.next)
    }

    /// The buyer pays, passes 3-D Secure, or grants the authorization.
    ///
    /// # Errors
    ///
    /// See [`BuyerError`].
    pub fn buyer_approves(&self, at: &str) -> Result<Option<BuyerNext>, BuyerError> {
        self.buyer(at, BuyerAction::Approve)
    }

    /// The buyer types a card on the hosted page.
    ///
    /// # Errors
    ///
    /// See [`BuyerError`].
    pub fn buyer_enters_card(&self, at: &str, card: CardEntry) -> Result<Option<BuyerNext>, BuyerError> {
        self.buyer(at, BuyerAction::EnterCard(card))
    }

    /// Switches a fault on, for so many requests or until [`clear_fault`](Self::clear_fault).
    pub fn set_fault(&self, target: FaultTarget, fault: Fault, times: Option<u32>) {
        self.shared.gateway().set_fault(target, fault, times);
    }

    /// Switches a fault off.
    pub fn clear_fault(&self, target: &FaultTarget) {
        self.shared.gateway().clear_fault(target);
    }

    /// What happened lately, oldest first; without card data and tokens.
    #[must_use]
    pub fn journal(&self) -> Vec<Entry> {
        self.shared.gateway().journal().cloned().collect()
    }

    /// The reports of what moved in a span; see [`Gateway::settlement_reports`](crate::engine::Gateway::settlement_reports).
    #[must_use]
    pub fn settlement_reports(
        &self,
        from: UnixTime,
        to: UnixTime,
        rows_a_file: usize,
        names: ReportNames,
    ) -> Vec<ReportFile> {
        self.shared.gateway().settlement_reports(from, to, rows_a_file, names)
    }

    /// How many notifications are neither acknowledged nor given up.
    #[must_use]
    pub fn unacknowledged(&self) -> usize {
        self.shared.gateway().unacknowledged()
    }

    /// Waits until no delivery is on its way. Redeliveries that are due later are not waited for.
    pub async fn idle(&self) {
        self.shared.idle().await;
    }

    /// Moves the clock on. Everything that falls due on the way happens at its own time and in its order:
    /// each delivery is answered, or fails, before the next moment comes.
    pub async fn advance(&self, by: Duration) {
        let target = self.now().saturating_add(by);
        self.idle().await;
        loop {
            let next = self.shared.gateway().next_wakeup();
            let Some(at) = next.filter(|at| *at <= target) else { break };
            self.shared.clock.move_to(at);
            self.shared.tick();
            self.idle().await;
        }
        self.shared.clock.move_to(target);
        self.shared.wake.notify_one();
    }

    /// Stops: no new connection, answers that are being written are finished, then the port is free.
    pub async fn shutdown(mut self) {
        // Nobody listens any more if the tasks have ended already.
        let _ = self.stop.send(true);
        for task in self.tasks.drain(..) {
            let _ = task.await;
        }
    }
}

/// How long connections may take to finish at shutdown.
const GRACE: Duration = Duration::from_secs(5);

async fn accept(listener: TcpListener, shared: Arc<Shared>, mut stopped: watch::Receiver<bool>) {
    let graceful = GracefulShutdown::new();
    loop {
        let stream = tokio::select! {
            () = stop(&mut stopped) => break,
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => stream,
                // Too many open files, or a connection that is gone already: the next one may be good.
                Err(_) => {
                    tokio::time::sleep(Duration::from_millis(10)).await;
                    continue;
                }
            },
        };
        // Small answers should not wait for more to come.
        let _ = stream.set_nodelay(true);
        let shared = Arc::clone(&shared);
        let service = service_fn(move |request| http::serve(Arc::clone(&shared), request));
        let connection = hyper::server::conn::http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(Duration::from_secs(30))
            .serve_connection(TokioIo::new(stream), service);
        let connection = graceful.watch(connection);
        // A connection that breaks is the client's affair.
        tokio::spawn(async move { drop(connection.await) });
    }
    drop(listener);
    let _ = tokio::time::timeout(GRACE, graceful.shutdown()).await;
}

/// Waits until the sandbox is shut down or dropped.
async fn stop(stopped: &mut watch::Receiver<bool>) {
    // An error means that the sandbox was dropped.
    drop(stopped.wait_for(|stop| *stop).await);
}

/// Wakes the engine when something falls due.
async fn keep_time(shared: Arc<Shared>, mut stopped: watch::Receiver<bool>) {
    loop {
        let next = shared.gateway().next_wakeup();
        let wait = next.and_then(|at| shared.clock.until(at));
        tokio::select! {
            () = stop(&mut stopped) => return,
            () = shared.wake.notified() => {}
            () = sleep(wait) => shared.tick(),
        }
    }
}

async fn sleep(wait: Option<Duration>) {
    match wait {
        // A wake-up a hair too early would find nothing due and come back at once.
        Some(wait) => tokio::time::sleep(wait.saturating_add(Duration::from_millis(1))).await,
        None => std::future::pending().await,
    }
}
