//! `antom-dev doctor`: what is wrong with a set-up, and what to do about it.

mod keys;
mod probe;
mod verdict;

use std::io::{self, Write as _};

use antom::core::profile::{Gateway, ProductFamily, Region};
use antom::core::signature::ClientId;
use serde_json::json;

use super::account::Account;
use crate::failure::Failure;
use crate::json::object;

/// Examines a set-up: client id, keys, gateway, secure channel, clock and paths, each with the fix. The gateway is asked
/// about a payment that does not exist, which moves nothing.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  \
    antom-dev doctor --region asia --client-id SANDBOX_5Y0000000000000001 \\\n    \
    --private-key merchant-private.pem --gateway-key antom-public.txt\n\n\
    Exit codes: 0 nothing is wrong; 1 there is a problem; 2 the arguments cannot be used.")]
pub(crate) struct Arguments {
    #[command(flatten)]
    account: Account,
    /// Looks at what is on this machine only and calls nobody.
    #[arg(long)]
    offline: bool,
    /// Prints one JSON object a finding.
    #[arg(long)]
    json: bool,
}

/// How it stands with one thing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Good,
    /// It works, and yet.
    Warning,
    Problem,
    /// It could not be examined.
    Skipped,
}

impl State {
    fn name(self) -> &'static str {
        match self {
            Self::Good => "ok",
            Self::Warning => "warning",
            Self::Problem => "problem",
            Self::Skipped => "skipped",
        }
    }
}

/// What was found about one thing.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Finding {
    check: &'static str,
    state: State,
    says: String,
    fix: Option<String>,
}

impl Finding {
    fn good(check: &'static str, says: impl Into<String>) -> Self {
        Self { check, state: State::Good, says: says.into(), fix: None }
    }

    fn skipped(check: &'static str, says: impl Into<String>) -> Self {
        Self { check, state: State::Skipped, says: says.into(), fix: None }
    }

    fn warning(check: &'static str, says: impl Into<String>, fix: impl Into<String>) -> Self {
        Self { check, state: State::Warning, says: says.into(), fix: Some(fix.into()) }
    }

    fn problem(check: &'static str, says: impl Into<String>, fix: impl Into<String>) -> Self {
        Self { check, state: State::Problem, says: says.into(), fix: Some(fix.into()) }
    }
}

pub(crate) fn run(arguments: &Arguments) -> Result<(), Failure> {
    let findings = examine(arguments)?;
    let mut out = io::stdout().lock();
    for finding in &findings {
        let Finding { check, state, says, fix } = finding;
        if arguments.json {
            let line = object(&[
                ("check", json!(check)),
                ("state", json!(state.name())),
                ("says", json!(says)),
                ("fix", json!(fix)),
            ]);
            writeln!(out, "{line}")?;
        } else {
            writeln!(out, "{:8} {check:14} {says}", state.name())?;
            if let Some(fix) = fix {
                writeln!(out, "{:8} {:14} fix: {fix}", "", "")?;
            }
        }
    }
    let count = |state| findings.iter().filter(|finding| finding.state == state).count();
    match (count(State::Problem), count(State::Skipped)) {
        (0, _) => Ok(()),
        (problems, 0) => Err(Failure::Check(format!("{problems} problem(s)"))),
        (problems, skipped) => Err(Failure::Check(format!(
            "{problems} problem(s); {skipped} check(s) had to wait for them to be fixed"
        ))),
    }
}

fn examine(arguments: &Arguments) -> Result<Vec<Finding>, Failure> {
    let account = &arguments.account;
    let gateway = account.gateway()?;
    if let Some(place) = account.api_key()? {
        let mut findings = vec![about_gateway(false, &gateway)];
        let (key, finding) = keys::api_key(&place);
        let live = key.as_ref().is_some_and(|key| !key.is_test());
        if key.is_some() {
            findings = vec![about_gateway(live, &gateway)];
        }
        findings.push(finding);
        return called(arguments, &gateway, findings);
    }
    let named = account.client_id()?;
    let client_id = match ClientId::new(&named) {
        Ok(id) => id,
        Err(error) => {
            let fix = "copy the client id from the dashboard again";
            return Ok(vec![Finding::problem("client id", error.to_string(), fix)]);
        }
    };
    let mut findings = vec![about_client_id(&client_id), about_gateway(!client_id.is_sandbox(), &gateway)];
    findings.extend(keys::examine(account, &client_id, &gateway)?);
    called(arguments, &gateway, findings)
}

/// Adds what only the gateway can tell.
fn called(
    arguments: &Arguments,
    gateway: &Gateway,
    mut findings: Vec<Finding>,
) -> Result<Vec<Finding>, Failure> {
    const CALLED: [&str; 5] = ["secure channel", "reachability", "clock", "answer", "path"];
    if arguments.offline {
        findings.extend(CALLED.map(|check| Finding::skipped(check, "not examined: --offline")));
    } else if findings.iter().any(|finding| finding.state == State::Problem) {
        let why = "not examined: without sound keys nothing can be asked";
        findings.extend(CALLED.map(|check| Finding::skipped(check, why)));
    } else {
        findings.extend(call(&arguments.account, gateway)?);
    }
    Ok(findings)
}

fn about_client_id(id: &ClientId) -> Finding {
    match id.is_sandbox() {
        true => Finding::good("client id", format!("{id} is a sandbox account")),
        false => Finding::good("client id", format!("{id} is a live account: calls move real money")),
    }
}

fn about_gateway(live: bool, gateway: &Gateway) -> Finding {
    const REGIONS: [Region; 4] = [Region::Asia, Region::Europe, Region::NorthAmerica, Region::UnitedStates];
    let origin = gateway.origin();
    if REGIONS.iter().any(|region| region.origin() == origin) {
        return Finding::good("gateway", format!("{origin} is one of Antom's"));
    }
    match (gateway.is_https(), live) {
        (false, false) => Finding::good("gateway", format!("{origin} is a sandbox on this machine")),
        (false, true) => Finding::problem(
            "gateway",
            format!("{origin} is on this machine, and the account is a live one"),
            "give --region for the live gateway, or a SANDBOX_ client id for a sandbox on this machine",
        ),
        (true, _) => Finding::warning(
            "gateway",
            format!("{origin} is none of Antom's gateways that are known here"),
            "if you did not mean a proxy or a sandbox of your own, give --region",
        ),
    }
}

/// Asks the gateway, and judges what came back. A sandbox account is asked on both kinds of paths.
fn call(account: &Account, gateway: &Gateway) -> Result<Vec<Finding>, Failure> {
    let chosen = account.family();
    let other = match chosen {
        ProductFamily::Online => ProductFamily::InStore,
        ProductFamily::InStore => ProductFamily::Online,
    };
    let first = probe::ask(account, gateway, chosen)?;
    let second = match first.sandbox && first.was_answered() {
        true => Some(probe::ask(account, gateway, other)?),
        false => None,
    };
    Ok(verdict::findings(gateway, &first, second.as_ref()))
}
