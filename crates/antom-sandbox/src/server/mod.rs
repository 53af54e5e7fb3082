//! The server around the engine.

mod admin;
mod client;
mod clock;
mod config;
mod deliver;
#[cfg(feature = "state-file")]
mod file;
mod http;
mod inspector;
mod json;
mod listen;
mod pages;
mod shared;
mod shown;
mod start;
#[cfg(feature = "tls")]
mod tls;
#[cfg(feature = "tls")]
mod trust;

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use antom_core::profile::Profile;
use antom_core::secret::Secret;
use antom_core::signature::{ClientId, KeyVersion, PrivateKey, PublicKey};
use antom_core::time::UnixTime;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use tokio::sync::watch;
use tokio::task::JoinHandle;

pub use client::ClientOf;
pub use clock::Clock;
pub use config::{SandboxClient, SandboxConfig, SandboxError};
#[cfg(feature = "state-file")]
pub use file::StateFileError;

use crate::engine::{
    BankAction, BankError, BuyerAction, BuyerError, BuyerNext, CardEntry, Entry, Fault, FaultTarget, KeySet,
    ReportFile, ReportPlan, Script, SettingsError,
};
use deliver::Targets;
#[cfg(feature = "state-file")]
use file::StateFile;
use http::Doors;
use listen::{Channel, accept, stop};
use shared::{Place, Rules, Shared};
use start::{bind, channel, gateways, hosts, token};

/// A gateway that serves on a loopback port. Dropping it stops it.
///
/// ```
/// use std::time::Duration;
/// use antom_core::signature::PrivateKey;
/// use antom_core::time::UnixTime;
/// use antom_sandbox::engine::FaultTarget;
/// use antom_sandbox::{Clock, Sandbox, SandboxConfig};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let mut config = SandboxConfig::default();
/// config.clock = Clock::fixed(UnixTime::from_secs(1_700_000_000)); // Time passes when the test says so.
/// let sandbox = Sandbox::start(config).await?;
/// assert_eq!(sandbox.gateway_url(), format!("http://{}", sandbox.address()));
/// assert!(sandbox.profile().is_sandbox() && sandbox.client(sandbox.client_id()).is_some());
///
/// // What a merchant signs with, and verifies with.
/// let key = sandbox.merchant_private_key().expect("the published one");
/// assert_eq!(PrivateKey::parse(key.expose())?.public(), sandbox.keys().merchant());
/// assert_eq!(sandbox.gateway_public_key(), sandbox.keys().gateway_public().to_spki_base64());
///
/// // The next payment is answered `U`, and what is notified comes a day later.
/// let pay = FaultTarget::RequestId("PAY-1".into());
/// sandbox.set_script(pay.clone(), "U,S".parse()?);
/// sandbox.clear_fault(&pay); // Or not.
/// sandbox.advance(Duration::from_secs(86_400)).await;
/// sandbox.idle().await;
/// assert_eq!(sandbox.now(), UnixTime::from_secs(1_700_086_400));
/// assert!(sandbox.journal().is_empty() && sandbox.unacknowledged() == 0);
///
/// // The pages for people, and what a program sends with each command.
/// assert!(sandbox.admin_url().ends_with("/_sandbox/") && sandbox.admin_token().expose().len() >= 22);
/// sandbox.shutdown().await;
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct Sandbox {
    shared: Arc<Shared>,
    keys: KeySet,
    address: SocketAddr,
    admin_url: String,
    #[cfg(feature = "tls")]
    authority: Option<String>,
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
        let client_id = ClientId::new(&config.client_id)?;
        let keys =
            config.keys.clone().map_or_else(|| KeySet::published().map_err(SettingsError::from), Ok)?;
        let doors = match config.listen.ip().is_loopback() {
            true => Doors::All,
            false if config.beyond_loopback => Doors::Public,
            false => return Err(SandboxError::NotLoopback(config.listen)),
        };
        let (listener, address) = bind(config.listen).await?;
        let channel = channel(&config)?;
        // Who listens everywhere is reached here; whoever is elsewhere knows the machine's name.
        let reached = match address.ip() {
            ip if ip.is_unspecified() => SocketAddr::new(Ipv4Addr::LOCALHOST.into(), address.port()),
            _ => address,
        };
        let url = format!("{}://{reached}", channel.scheme());
        let gateways = gateways(&config, &client_id, &keys, &url)?;
        let admin = match doors {
            Doors::Public => Some(bind(SocketAddr::from((Ipv4Addr::LOCALHOST, 0))).await?),
            _ => None,
        };
        let admin_address = admin.as_ref().map_or(address, |(_, address)| *address);
        let token = config.admin_token.clone().map_or_else(token, Ok)?;
        let targets = Targets {
            hosts: config.notify_hosts,
            #[cfg(feature = "tls")]
            trust: trust::Trust::new(config.notify_ca.as_deref())?,
        };
        let rules = Rules {
            token,
            hosts: hosts(admin_address),
            targets,
            max_connections: config.max_connections.max(1),
            #[cfg(feature = "state-file")]
            file: config.state_file.as_deref().map(StateFile::open).transpose()?,
        };
        let shared = Shared::new(gateways, config.clock, rules);
        #[cfg(feature = "state-file")]
        shared.restore()?;
        let (stop, stopped) = watch::channel(false);
        let mut tasks = vec![tokio::spawn(keep_time(Arc::clone(&shared), stopped.clone()))];
        let admin_url = match &admin {
            Some(_) => format!("http://{admin_address}/_sandbox/"),
            None => format!("{url}/_sandbox/"),
        };
        #[cfg(feature = "tls")]
        let authority = match &channel {
            Channel::Https(tls) => Some(tls.authority().to_owned()),
            Channel::Http => None,
        };
        if let Some((listener, _)) = admin {
            let serving = accept(listener, Channel::Http, Doors::Admin, Arc::clone(&shared), stopped.clone());
            tasks.push(tokio::spawn(serving));
        }
        tasks.push(tokio::spawn(accept(listener, channel, doors, Arc::clone(&shared), stopped)));
        Ok(Self {
            shared,
            keys,
            address,
            admin_url,
            #[cfg(feature = "tls")]
            authority,
            stop,
            tasks,
        })
    }

    /// Where commands go: to paths under this URL.
    #[must_use]
    pub fn admin_url(&self) -> &str {
        &self.admin_url
    }

    /// What commands are known by: `Authorization: Bearer …`.
    #[must_use]
    pub fn admin_token(&self) -> &Secret<String> {
        &self.shared.rules.token
    }

    /// The certificate authority of this run as PEM, if it serves HTTPS: what clients have to trust.
    ///
    /// ```
    /// use antom_sandbox::{Sandbox, SandboxConfig};
    ///
    /// # tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(async {
    /// let mut config = SandboxConfig::default();
    /// config.tls = true;
    /// let sandbox = Sandbox::start(config).await?;
    /// assert!(sandbox.gateway_url().starts_with("https://"));
    /// assert!(sandbox.authority().is_some_and(|pem| pem.contains("BEGIN CERTIFICATE")));
    /// # sandbox.shutdown().await;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// # })?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[cfg(feature = "tls")]
    #[must_use]
    pub fn authority(&self) -> Option<&str> {
        self.authority.as_deref()
    }

    /// Scheme, host and port, such as `http://127.0.0.1:40123`.
    #[must_use]
    pub fn gateway_url(&self) -> &str {
        self.shared.profile(Place::FIRST).gateway().origin()
    }

    /// The address it listens on.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The client it serves.
    #[must_use]
    pub fn client_id(&self) -> &str {
        self.shared.profile(Place::FIRST).client_id().map_or("", ClientId::as_str)
    }

    /// A profile for calls to it: its URL and its client id, for online products.
    #[must_use]
    pub fn profile(&self) -> Profile {
        self.shared.profile(Place::FIRST).clone()
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
    ///
    /// ```
    /// use antom_sandbox::engine::{BuyerAction, BuyerError};
    /// use antom_sandbox::{Sandbox, SandboxConfig};
    ///
    /// # tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(async {
    /// let sandbox = Sandbox::start(SandboxConfig::default()).await?;
    /// // A page that it never handed out. After a payment it is the URL or the code of the answer.
    /// assert_eq!(sandbox.buyer("no-page", BuyerAction::Approve), Err(BuyerError::Unknown));
    /// # sandbox.shutdown().await;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// # })?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn buyer(&self, at: &str, action: BuyerAction) -> Result<Option<BuyerNext>, BuyerError> {
        self.shared.buyer(at, &action)
    }

    /// The buyer pays, passes 3-D Secure, or grants the authorization.
    ///
    /// # Errors
    ///
    /// See [`BuyerError`].
    ///
    /// ```
    /// use antom_sandbox::engine::BuyerError;
    /// use antom_sandbox::{Sandbox, SandboxConfig};
    ///
    /// # tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(async {
    /// let sandbox = Sandbox::start(SandboxConfig::default()).await?;
    /// assert_eq!(sandbox.buyer_approves("no-page"), Err(BuyerError::Unknown));
    /// # sandbox.shutdown().await;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// # })?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn buyer_approves(&self, at: &str) -> Result<Option<BuyerNext>, BuyerError> {
        self.buyer(at, BuyerAction::Approve)
    }

    /// The buyer types a card on the hosted page.
    ///
    /// # Errors
    ///
    /// See [`BuyerError`].
    ///
    /// ```
    /// use antom_sandbox::engine::{BuyerError, CardEntry, TEST_CARDS};
    /// use antom_sandbox::{Sandbox, SandboxConfig};
    ///
    /// # tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(async {
    /// let sandbox = Sandbox::start(SandboxConfig::default()).await?;
    /// let card = CardEntry::valid(TEST_CARDS[0].number);
    /// assert_eq!(sandbox.buyer_enters_card("no-page", card), Err(BuyerError::Unknown));
    /// # sandbox.shutdown().await;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// # })?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn buyer_enters_card(&self, at: &str, card: CardEntry) -> Result<Option<BuyerNext>, BuyerError> {
        self.buyer(at, BuyerAction::EnterCard(card))
    }

    /// The buyer's bank disputes a payment, by its id or its request's id; the dispute's id.
    ///
    /// # Errors
    ///
    /// See [`BankError`]; nothing has changed then.
    ///
    /// ```
    /// use antom_sandbox::engine::{BankAction, BankError};
    /// use antom_sandbox::{Sandbox, SandboxConfig};
    ///
    /// # tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(async {
    /// let sandbox = Sandbox::start(SandboxConfig::default()).await?;
    /// assert_eq!(sandbox.dispute("PAY-1"), Err(BankError::Unknown)); // Nobody paid.
    /// assert_eq!(sandbox.bank("D-1", BankAction::Cancel), Err(BankError::Unknown));
    /// # sandbox.shutdown().await;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// # })?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn dispute(&self, payment: &str) -> Result<String, BankError> {
        self.shared.dispute(payment)
    }

    /// The buyer's bank decides a dispute, or takes it back.
    ///
    /// # Errors
    ///
    /// See [`BankError`]; nothing has changed then.
    ///
    /// ```
    /// use antom_sandbox::engine::{BankAction, BankError};
    /// use antom_sandbox::{Sandbox, SandboxConfig};
    ///
    /// # tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(async {
    /// let sandbox = Sandbox::start(SandboxConfig::default()).await?;
    /// let judged = sandbox.bank("D-1", BankAction::Judge { merchant_wins: false });
    /// assert_eq!(judged, Err(BankError::Unknown)); // There is no such dispute.
    /// # sandbox.shutdown().await;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// # })?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn bank(&self, dispute_id: &str, action: BankAction) -> Result<(), BankError> {
        self.shared.bank(dispute_id, action)
    }

    /// Switches a fault on, for so many requests or until [`clear_fault`](Self::clear_fault).
    ///
    /// ```
    /// use antom_sandbox::engine::{Fault, FaultTarget};
    /// use antom_sandbox::{Sandbox, SandboxConfig};
    ///
    /// # tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(async {
    /// let sandbox = Sandbox::start(SandboxConfig::default()).await?;
    /// // The next two payments happen, and their answers are lost.
    /// let pay = FaultTarget::Operation("payments/pay".into());
    /// sandbox.set_fault(pay.clone(), Fault::NoAnswer, Some(2));
    /// // This payment's first answer is `U`.
    /// sandbox.set_script(FaultTarget::RequestId("PAY-1".into()), "U,S".parse()?);
    /// sandbox.clear_fault(&pay);
    /// # sandbox.shutdown().await;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// # })?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn set_fault(&self, target: FaultTarget, fault: Fault, times: Option<u32>) {
        self.shared.gateway(Place::FIRST).set_fault(target, fault, times);
    }

    /// The next requests of a target meet the steps of a script, one each.
    pub fn set_script(&self, target: FaultTarget, script: Script) {
        self.shared.gateway(Place::FIRST).set_script(target, script);
    }

    /// Switches a fault off.
    pub fn clear_fault(&self, target: &FaultTarget) {
        self.shared.gateway(Place::FIRST).clear_fault(target);
    }

    /// What happened lately, oldest first; without card data and tokens.
    #[must_use]
    pub fn journal(&self) -> Vec<Entry> {
        self.shared.gateway(Place::FIRST).journal().cloned().collect()
    }

    /// The settlement of what moved; see [`Gateway::settlement_reports`](crate::engine::Gateway::settlement_reports).
    ///
    /// ```
    /// use antom_core::time::UnixTime;
    /// use antom_sandbox::engine::ReportPlan;
    /// use antom_sandbox::{Sandbox, SandboxConfig};
    ///
    /// # tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(async {
    /// let sandbox = Sandbox::start(SandboxConfig::default()).await?;
    /// let plan = ReportPlan::new(UnixTime::EPOCH, sandbox.now());
    /// // Nothing moved: whatever files there are, none has a payment.
    /// assert!(sandbox.settlement_reports(&plan).iter().all(|file| !file.text.contains("PAYMENT")));
    /// # sandbox.shutdown().await;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// # })?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn settlement_reports(&self, plan: &ReportPlan) -> Vec<ReportFile> {
        self.shared.gateway(Place::FIRST).settlement_reports(plan)
    }

    /// The details of transactions; see
    /// [`Gateway::transaction_reports`](crate::engine::Gateway::transaction_reports).
    ///
    /// ```
    /// use antom_core::time::UnixTime;
    /// use antom_sandbox::engine::ReportPlan;
    /// use antom_sandbox::{Sandbox, SandboxConfig};
    ///
    /// # tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(async {
    /// let sandbox = Sandbox::start(SandboxConfig::default()).await?;
    /// let plan = ReportPlan::new(UnixTime::EPOCH, sandbox.now());
    /// assert!(sandbox.transaction_reports(&plan).iter().all(|file| !file.text.contains("PAYMENT")));
    /// # sandbox.shutdown().await;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// # })?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn transaction_reports(&self, plan: &ReportPlan) -> Vec<ReportFile> {
        self.shared.gateway(Place::FIRST).transaction_reports(plan)
    }

    /// One of the clients, by its id: what this type does for the first one.
    #[must_use]
    pub fn client(&self, client_id: &str) -> Option<ClientOf<'_>> {
        Some(ClientOf::new(&self.shared, self.shared.client(client_id)?))
    }

    /// From now on answers and notifications to the first client are signed with this key; its version. The key before
    /// is used by [`Fault::OldKey`](crate::engine::Fault::OldKey) alone.
    ///
    /// # Errors
    ///
    /// The key cannot be used, or is the merchant's.
    ///
    /// ```
    /// use antom_core::signature::{PrivateKey, sandbox_keys};
    /// use antom_sandbox::{Sandbox, SandboxConfig};
    ///
    /// # tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(async {
    /// let sandbox = Sandbox::start(SandboxConfig::default()).await?;
    /// // Any key but the merchant's. Whoever still trusts version 1 alone sees now what that means.
    /// let key = PrivateKey::parse(sandbox_keys::GATEWAY_PRIVATE_KEY)?;
    /// assert_eq!(sandbox.rotate(&key)?.get(), 2);
    /// # sandbox.shutdown().await;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// # })?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn rotate(&self, key: &PrivateKey) -> Result<KeyVersion, SettingsError> {
        self.shared.gateway(Place::FIRST).rotate(key)
    }

    /// From now on the first client may sign with this key as well. The four newest keys are taken.
    ///
    /// # Errors
    ///
    /// It is the gateway's own key.
    ///
    /// ```
    /// use antom_core::signature::{PublicKey, sandbox_keys};
    /// use antom_sandbox::{Sandbox, SandboxConfig};
    ///
    /// # tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(async {
    /// let sandbox = Sandbox::start(SandboxConfig::default()).await?;
    /// let own = PublicKey::parse(sandbox_keys::GATEWAY_PUBLIC_KEY)?;
    /// assert!(sandbox.accept_merchant_key(own).is_err()); // The gateway's own.
    /// # sandbox.shutdown().await;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// # })?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn accept_merchant_key(&self, key: PublicKey) -> Result<(), SettingsError> {
        self.shared.gateway(Place::FIRST).accept_merchant_key(key)
    }

    /// How many notifications are neither acknowledged nor given up.
    #[must_use]
    pub fn unacknowledged(&self) -> usize {
        self.shared.gateway(Place::FIRST).unacknowledged()
    }

    /// Waits until no delivery is on its way. Redeliveries that are due later are not waited for.
    pub async fn idle(&self) {
        self.shared.idle().await;
    }

    /// Moves the clock on. Everything that falls due on the way happens at its own time and in its order:
    /// each delivery is answered, or fails, before the next moment comes.
    pub async fn advance(&self, by: Duration) {
        self.shared.advance(by).await;
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

/// Wakes the engine when something falls due.
async fn keep_time(shared: Arc<Shared>, mut stopped: watch::Receiver<bool>) {
    loop {
        let next = shared.next_wakeup();
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
