use std::collections::BTreeSet;
use std::fmt;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use antom::Client;
use antom::core::api::authorizations::{ApplyTokenRequest, ConsultRequest, GrantType};
use antom::core::api::models::{ScopeType, TerminalType};
use antom::core::flow::EntryKind;
use antom::core::flow::payment::PaymentState;
use antom::core::outcome::Outcome;
use antom::core::signature::sandbox_keys;
use antom::core::time::UnixTime;
use antom::store::{Backend, open};
use antom_sandbox::{Sandbox, SandboxConfig};
use tokio::process::{Child, Command};

use super::hub::Hub;
use super::{Failure, cipher, order_id};
use crate::rng::Rng;

/// How long orders may take to settle after the killing has ended.
const GRACE: Duration = Duration::from_secs(180);

/// What is played.
#[derive(Debug, Clone)]
pub struct Settings {
    /// How many orders.
    pub orders: u64,
    /// How long processes are killed.
    pub seconds: u64,
    /// How many processes.
    pub processes: usize,
    /// The store's URL.
    pub store: String,
    /// Decides who is killed when.
    pub seed: u64,
    /// This very program.
    pub program: PathBuf,
}

/// What it came to.
#[derive(Debug, Clone, Default)]
pub struct Report {
    /// Orders that were begun.
    pub orders: u64,
    /// Processes that were killed.
    pub killed: u64,
    /// Orders that are paid, with one captured line in the ledger.
    pub settled: u64,
    /// Orders whose payment was told to the merchant's program.
    pub delivered: u64,
    /// Events that were handed over more than once, each time under the same number: at least once means that.
    pub repeated: u64,
    /// Orders with more than one payment: charged, written or told twice.
    pub double: u64,
    /// Orders that were stored and are gone, or whose payment was never told.
    pub lost: u64,
    /// Orders that nobody settled, and events and leases that nobody let go of.
    pub stuck: u64,
    /// How long everything took.
    pub seconds: u64,
}

impl Report {
    /// Whether every order is settled and told once, and nothing is left over.
    #[must_use]
    pub fn passed(&self) -> bool {
        self.orders > 0
            && self.killed > 0
            && self.settled == self.orders
            && self.delivered == self.orders
            && (self.double, self.lost, self.stuck) == (0, 0, 0)
    }

    /// As one JSON object.
    #[must_use]
    pub fn to_json(&self) -> String {
        serde_json::json!({
            "orders": self.orders, "killed": self.killed, "settled": self.settled, "delivered": self.delivered,
            "repeated": self.repeated, "double": self.double, "lost": self.lost, "stuck": self.stuck,
            "seconds": self.seconds, "passed": self.passed(),
        })
        .to_string()
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { orders, killed, settled, delivered, repeated, double, lost, stuck, seconds } = self;
        writeln!(f, "orders     {orders:>8}   in {seconds} s, {killed} processes killed")?;
        writeln!(f, "settled    {settled:>8}")?;
        writeln!(f, "delivered  {delivered:>8}   ({repeated} events more than once, under the same number)")?;
        writeln!(f, "double     {double:>8}")?;
        writeln!(f, "lost       {lost:>8}")?;
        write!(f, "stuck      {stuck:>8}")
    }
}

/// Plays it; `progress` is told every few seconds.
///
/// # Errors
///
/// The sandbox, the store or the processes cannot be started.
pub async fn run(settings: &Settings, progress: impl Fn(&str)) -> Result<Report, Failure> {
    let begin = Instant::now();
    let mut config = SandboxConfig::default();
    config.journal_size = 16;
    let sandbox = Sandbox::start(config).await?;
    let hub = Hub::new(settings.orders);
    let url = hub.serve().await?;
    let store = open(&settings.store, cipher()?).await?;
    let token = token(&sandbox, &hub, &url).await?;
    let spawn = || -> Result<Child, Failure> {
        Ok(Command::new(&settings.program)
            .arg("--child")
            .args(["--store", &settings.store, "--gateway", sandbox.gateway_url(), "--hub", &url])
            .env("ANTOM_KILL_TOKEN", &token)
            .kill_on_drop(true)
            .spawn()?)
    };
    let mut children = (0..settings.processes.max(1)).map(|_| spawn()).collect::<Result<Vec<_>, _>>()?;
    let (mut rng, mut killed) = (Rng::new(settings.seed), 0);
    let killing = Duration::from_secs(settings.seconds);
    let mut said = Instant::now();
    loop {
        let wait = u64::try_from(rng.between(200, 1500)).unwrap_or(500);
        tokio::time::sleep(Duration::from_millis(wait)).await;
        let (stored, told) = hub.progress();
        if said.elapsed() > Duration::from_secs(5) {
            progress(&format!(
                "{} s: {stored} stored, {told} told, {killed} killed",
                begin.elapsed().as_secs()
            ));
            said = Instant::now();
        }
        for child in &mut children {
            if let Some(status) = child.try_wait()? {
                return Err(format!("a process ended by itself, with {status}").into());
            }
        }
        if begin.elapsed() < killing {
            let victim = usize::try_from(rng.below(u64::try_from(children.len())?))?;
            if let Some(child) = children.get_mut(victim) {
                child.kill().await?;
                *child = spawn()?;
                killed += 1;
            }
        } else {
            let done = u64::try_from(told)? >= settings.orders && is_quiet(&*store).await?;
            if done || begin.elapsed() > killing + GRACE {
                break;
            }
        }
    }
    for child in &mut children {
        child.kill().await?;
    }
    let mut report = count(&*store, &hub, settings.orders).await?;
    report.killed = killed;
    report.seconds = begin.elapsed().as_secs();
    Ok(report)
}

async fn is_quiet(store: &dyn Backend) -> Result<bool, Failure> {
    let orders = store.order_stats(UnixTime::from(std::time::SystemTime::now())).await?;
    Ok(orders.open == 0 && store.outbox_stats().await?.waiting == 0)
}

/// Compares what is stored with what was told.
async fn count(store: &dyn Backend, hub: &Hub, orders: u64) -> Result<Report, Failure> {
    let told = hub.told();
    let mut report = Report { orders, ..Report::default() };
    for number in 1..=orders {
        let id = order_id(number);
        let Some(row) = store.order(&id).await? else {
            if told.stored.contains(&number) {
                report.lost += 1;
            } else {
                report.stuck += 1;
            }
            continue;
        };
        let captured = store.ledger(&id, 0, 100).await?;
        let captured = captured.iter().filter(|row| row.entry.kind == EntryKind::Captured).count();
        let paid = matches!(row.payment.state(), PaymentState::Paid { .. });
        let events: BTreeSet<u64> =
            told.events.get(&number).into_iter().flatten().map(|(at, _)| *at).collect();
        if captured > 1 || events.len() > 1 || row.payment.attempts().len() > 1 {
            report.double += 1;
        }
        match (paid, captured) {
            (true, 1) => report.settled += 1,
            _ => report.stuck += 1,
        }
        match events.len() {
            0 if paid => report.lost += 1,
            0 => {}
            _ => report.delivered += 1,
        }
    }
    let repeated = told.events.values().flat_map(|events| events.values()).filter(|times| **times > 1);
    report.repeated = u64::try_from(repeated.count())?;
    report.stuck += store.outbox_stats().await?.waiting;
    Ok(report)
}

/// A token that pays: a buyer authorizes once.
async fn token(sandbox: &Sandbox, hub: &Hub, hub_url: &str) -> Result<String, Failure> {
    let client = Client::builder()
        .gateway_url(sandbox.gateway_url())
        .client_id(sandbox.client_id())
        .private_key(sandbox_keys::MERCHANT_PRIVATE_KEY)
        .gateway_key(1, sandbox_keys::GATEWAY_PUBLIC_KEY)
        .build()?;
    let consult = ConsultRequest::new(
        "GCASH",
        "https://shop.example/linked",
        vec![ScopeType::AGREEMENT_PAY],
        "the-state-of-the-kill-test",
        TerminalType::WEB,
    )
    .with_auth_notify_url(format!("{hub_url}/code"));
    let page = match client.authorizations().consult(&consult).await? {
        Outcome::Completed(reply) => reply.value().auth_url.clone().ok_or("consult gave no page")?,
        other => return Err(format!("consult: {other:?}").into()),
    };
    sandbox.buyer_approves(page.expose())?;
    let code = loop {
        if let Some(code) = hub.code() {
            break code;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    };
    let apply = ApplyTokenRequest::new(GrantType::AUTHORIZATION_CODE, "GCASH").with_auth_code(code);
    match client.authorizations().apply_token(&apply).await? {
        Outcome::Completed(reply) => {
            let token = reply.value().access_token.clone().ok_or("applyToken gave no token")?;
            Ok(token.expose().clone())
        }
        other => Err(format!("applyToken: {other:?}").into()),
    }
}
