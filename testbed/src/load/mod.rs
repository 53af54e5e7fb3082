//! Many payments at a time against a sandbox of another process: every call is answered, every notification
//! arrives, and the sandbox's memory stays what it was.

mod merchant;
mod report;

use std::process::Stdio;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use antom::core::outcome::Outcome;
use antom::core::preset::{self, Party, Purchase, Terminal};
use antom::core::signature::sandbox_keys;
use antom::core::{Amount, Currency};
use antom::{Client, KeySource};
use antom_sandbox::{Sandbox, SandboxConfig};
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::{Child, Command};

use merchant::Merchant;
pub use report::Report;

/// Why the load could not be played.
pub type Failure = Box<dyn std::error::Error + Send + Sync>;

/// How much is played.
#[derive(Debug, Clone, Copy)]
pub struct Settings {
    /// How many payments.
    pub payments: u64,
    /// How many at a time.
    pub at_once: usize,
}

const CLIENT_ID: &str = "SANDBOX_5Y0000000000000001";
/// What the sandbox keeps: few enough that it forgets long before the load ends.
const KEPT: usize = 500;
/// How long the last notifications are waited for.
const PATIENCE: Duration = Duration::from_secs(60);

/// Serves a sandbox until the process is ended; says where on the standard output.
///
/// # Errors
///
/// It does not start.
pub async fn serve(notify_url: String) -> Result<(), Failure> {
    let mut config = SandboxConfig::default();
    config.client_id = CLIENT_ID.into();
    config.notify_url = Some(notify_url);
    config.max_objects = KEPT;
    let sandbox = Sandbox::start(config).await?;
    #[expect(clippy::print_stdout, reason = "the parent reads it")]
    {
        println!("{}", sandbox.gateway_url());
    }
    // The parent kills it.
    std::future::pending::<()>().await;
    Ok(())
}

/// A sandbox of another process; ended with this value.
struct Far {
    child: Child,
    url: String,
}

impl Far {
    async fn start(notify_url: &str) -> Result<Self, Failure> {
        let mut child = Command::new(std::env::current_exe()?)
            .args(["--serve", notify_url])
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()?;
        let output = child.stdout.take().ok_or("the sandbox has no output")?;
        let line = BufReader::new(output).lines().next_line().await?;
        Ok(Self { child, url: line.ok_or("the sandbox did not start")? })
    }

    /// The memory it holds, in kilobytes.
    fn memory(&self) -> Result<u64, Failure> {
        let id = self.child.id().ok_or("the sandbox ended")?;
        let status = std::fs::read_to_string(format!("/proc/{id}/status"))?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
        let number = line.and_then(|line| line.split_whitespace().next());
        Ok(number.ok_or("the system does not tell a process's memory")?.parse()?)
    }
}

/// Plays it.
///
/// # Errors
///
/// Something could not be started, or the sandbox ended.
pub async fn run(settings: Settings) -> Result<Report, Failure> {
    let merchant = Merchant::start(CLIENT_ID).await?;
    let far = Far::start(&merchant.url).await?;
    let client = Client::builder()
        .gateway_url(&far.url)
        .client_id(CLIENT_ID)
        .private_key(KeySource::text(sandbox_keys::MERCHANT_PRIVATE_KEY))
        .gateway_key(1, KeySource::text(sandbox_keys::GATEWAY_PUBLIC_KEY))
        .build()?;
    let (next, errors) = (Arc::new(AtomicU64::new(0)), Arc::new(AtomicU64::new(0)));
    let began = Instant::now();
    let payers: Vec<_> = (0..settings.at_once)
        .map(|_| {
            let (client, next, errors) = (client.clone(), Arc::clone(&next), Arc::clone(&errors));
            tokio::spawn(async move {
                loop {
                    let number = next.fetch_add(1, Ordering::Relaxed);
                    if number >= settings.payments {
                        return;
                    }
                    if !pay(&client, number).await {
                        errors.fetch_add(1, Ordering::Relaxed);
                    }
                }
            })
        })
        .collect();
    // One sample each time another fiftieth of the payments is through.
    let mut memory = Vec::new();
    let part = (settings.payments / 50).max(1);
    while payers.iter().any(|payer| !payer.is_finished()) {
        let through = next.load(Ordering::Relaxed).min(settings.payments) / part;
        if usize::try_from(through)? > memory.len() {
            memory.push(far.memory()?);
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    for payer in payers {
        payer.await?;
    }
    let paying = began.elapsed();
    let waited = Instant::now();
    while merchant.told() < settings.payments && waited.elapsed() < PATIENCE {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    memory.push(far.memory()?);
    Ok(Report {
        payments: settings.payments,
        seconds: paying.as_secs_f64(),
        errors: errors.load(Ordering::Relaxed),
        lost: settings.payments.saturating_sub(merchant.told()),
        forged: merchant.refused(),
        memory,
    })
}

/// Pays with a code that the buyer shows; whether it was answered as it should be.
async fn pay(client: &Client, number: u64) -> bool {
    let party = |id| Party::new(id, "Coffee", "5814");
    let purchase = Purchase::new(
        payment_id(number),
        format!("ORDER-{number}"),
        "Two coffees",
        Amount::new(Currency::USD, 750),
    );
    let shop = preset::Shop::new(party("M-1"), party("S-1"));
    let terminal = Terminal::new("T-1", "2026-01-01T12:00:00+08:00");
    let code = format!("28{number:016}");
    let request = preset::user_presented_code(purchase, shop, terminal, code);
    matches!(client.payments().pay(&request).await, Ok(Outcome::Completed(_) | Outcome::Accepted(_)))
}

fn payment_id(number: u64) -> String {
    format!("LOAD-{number}")
}
