//! `mutate`: breaks the money rules in a copy of the sources, each in one line, and looks which net catches it:
//! the unit tests of the flows, the model checker, its
//! replay on the sandbox's engine, the simulation. Fails when one is caught by none.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a program for people")]

use std::fs;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};
use std::time::{Duration, Instant};

use clap::Parser;

#[derive(Debug, Parser)]
#[command(about = "Breaks each money rule in one line of a copy of the sources, and looks what catches it")]
struct Arguments {
    /// A folder for the copy and what is built of it; it is kept, so that a second run builds less.
    scratch: PathBuf,
    /// Only mutations whose rule contains this.
    #[arg(long, default_value = "")]
    only: String,
}

/// One rule, broken in one line.
struct Mutation {
    rule: &'static str,
    file: &'static str,
    from: &'static str,
    to: &'static str,
}

const fn mutation(rule: &'static str, file: &'static str, from: &'static str, to: &'static str) -> Mutation {
    Mutation { rule, file, from, to }
}

const MUTATIONS: &[Mutation] = &[
    mutation(
        "1: unsigned facts are refused",
        "crates/antom-core/src/flow/evidence.rs",
        "if !accept_tls && !self.proof.is_signed() {",
        "if !accept_tls && false {",
    ),
    mutation(
        "2: facts for another account are refused",
        "crates/antom-core/src/flow/evidence.rs",
        "Some(_) => Err(Unfit::OtherClient),",
        "Some(_) => Ok(()),",
    ),
    mutation(
        "2: a bound payment id holds",
        "crates/antom-core/src/flow/payment/facts.rs",
        "if other(&self.attempt.payment_id, &fact.payment_id) {",
        "if false && other(&self.attempt.payment_id, &fact.payment_id) {",
    ),
    mutation(
        "3: only SUCCESS is paid",
        "crates/antom-core/src/flow/read/payment.rs",
        "if let (Ok(Outcome::Completed(_)), Some(\"SUCCESS\")) = (call, fact.code.as_deref()) {",
        "if let Ok(Outcome::Completed(_)) = call {",
    ),
    mutation(
        "3: success on a card is authorised",
        "crates/antom-core/src/flow/payment/facts.rs",
        "Product::Card { capture } => capture,",
        "Product::Card { capture } if capture == Capture::Manual && self.plan.accept_tls => capture,",
    ),
    mutation(
        "4: what is under way is never sent again",
        "crates/antom-core/src/flow/payment/facts.rs",
        "let again = attempt.state == AttemptState::Unresolved",
        "let again = attempt.is_open()",
    ),
    mutation(
        "5: only F to the first and only send proves failure",
        "crates/antom-core/src/flow/payment/facts.rs",
        "let only = first_send && self.attempt.sends <= 1;",
        "let only = true;",
    ),
    mutation(
        "5: a refusal that speaks of an earlier copy proves nothing",
        "crates/antom-core/src/flow/payment/facts.rs",
        "&& !pay_proves_nothing(fact.code.as_deref())",
        "&& !crate::flow::movement::proves_nothing(fact.code.as_deref())",
    ),
    mutation(
        "5: an unknown order is not a cancelled one",
        "crates/antom-core/src/flow/payment/closing.rs",
        "if code.as_deref() == Some(\"ORDER_NOT_EXIST\") {",
        "if code.as_deref() == Some(\"ORDER_NOT_EXIST\") { self.cancelled(&fact.evidence);",
    ),
    mutation(
        "5: silence is no failure",
        "crates/antom-core/src/flow/payment/tick.rs",
        "self.close(ClosingReason::Expired)",
        "self.never_sent()",
    ),
    mutation(
        "6: one live attempt",
        "crates/antom-core/src/flow/payment/wishes.rs",
        ".find(|attempt| !attempt.is_final_unpaid())",
        ".find(|attempt| attempt.state == AttemptState::Paid)",
    ),
    mutation(
        "6: no pay under a cancel intent",
        "crates/antom-core/src/flow/payment/facts.rs",
        "            && attempt.closing.is_none()\n            && attempt.replayable",
        "            && attempt.replayable",
    ),
    mutation(
        "7: another amount is a conflict",
        "crates/antom-core/src/flow/payment/facts.rs",
        "if stated.same_money(&self.attempt.expected) != Ok(true) {",
        "if false && stated.same_money(&self.attempt.expected) != Ok(true) {",
    ),
    mutation(
        "8: what was paid is not undone silently",
        "crates/antom-core/src/flow/payment/closing.rs",
        "AttemptState::Paid if self.attempt.closing.is_none() => {",
        "AttemptState::Paid if false => {",
    ),
    mutation(
        "8: success after a cancel leaves it cancelled",
        "crates/antom-core/src/flow/payment/facts.rs",
        "AttemptState::Cancelled => self.success_after_cancel(fact, amount),",
        "AttemptState::Cancelled => self.succeed(fact),",
    ),
    mutation(
        "8: money that comes late is not shipped",
        "crates/antom-core/src/flow/payment/facts.rs",
        "            self.attempt.paid_late = true;",
        "            self.attempt.paid_late = false;",
    ),
    mutation(
        "8: an unresolved refund counts",
        "crates/antom-core/src/flow/movement.rs",
        "!matches!(self.state, MovementState::Failed { .. } | MovementState::Returned)",
        "matches!(self.state, MovementState::Done)",
    ),
    mutation(
        "8: the captures of a cancelled payment end",
        "crates/antom-core/src/flow/payment/closing.rs",
        "        self.captures_end(evidence);",
        "",
    ),
    mutation(
        "tokens: a late code is not used",
        "crates/antom-core/src/flow/token/facts.rs",
        "            _ => self.events.push(TokenEvent::LateCode),",
        "            _ => { self.grant.state = GrantState::Applying; self.grant.code = Some(code.clone()); self.send_apply() }",
    ),
    mutation(
        "tokens: F after an unresolved try is an orphan",
        "crates/antom-core/src/flow/token/facts.rs",
        "let only = *first_send && self.grant.sends <= 1;",
        "let only = true;",
    ),
    mutation(
        "tokens: a stored revocation stops refreshes",
        "crates/antom-core/src/flow/token/tick.rs",
        "GrantState::Revoking => self.send_revoke(),",
        "GrantState::Revoking => self.send_refresh(),",
    ),
    mutation(
        "tokens: a refresh answered after the revocation is revoked too",
        "crates/antom-core/src/flow/token/facts.rs",
        "if revoking || self.grant.state == unwanted || self.grant.state == unproven {",
        "if false {",
    ),
    mutation(
        "tokens: a revocation with a refresh under way is not proven",
        "crates/antom-core/src/flow/token/facts.rs",
        "let newer = self.grant.refresh_in_flight;",
        "let newer = false;",
    ),
    mutation(
        "tokens: the end of an older token proves nothing about the newer",
        "crates/antom-core/src/flow/token/facts.rs",
        "if self.grant.state != GrantState::Revoking || !asked {",
        "if self.grant.state != GrantState::Revoking {",
    ),
    mutation(
        "tokens: the buyer's cancellation ends it",
        "crates/antom-core/src/flow/token/facts.rs",
        "self.end(EndReason::CancelledByBuyer);",
        "self.ignore(Unfit::Stale);",
    ),
    mutation(
        "10: a stale commit is not written",
        "crates/antom-store/src/memory/commit.rs",
        "if subject.is_some() && current != change.expected {",
        "if subject.is_some() && false {",
    ),
];

/// The nets, as the table names them: what to run with cargo.
const NETS: [&[&str]; 4] = [
    &["test", "--quiet", "-p", "antom-core", "--lib", "flow"],
    &["test", "--quiet", "-p", "antom-testbed", "--test", "model"],
    &["test", "--quiet", "-p", "antom-testbed", "--test", "replay"],
    &["test", "--quiet", "-p", "antom-testbed", "--test", "simulation"],
];

fn copy(from: &Path, to: &Path) -> std::io::Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let (source, target) = (entry.path(), to.join(entry.file_name()));
        if entry.file_type()?.is_dir() {
            if entry.file_name() != "target" && entry.file_name() != ".git" {
                copy(&source, &target)?;
            }
        } else if fs::read(&target).ok().as_deref() != Some(fs::read(&source)?.as_slice()) {
            fs::copy(&source, &target)?;
        }
    }
    Ok(())
}

/// A net that needs longer has caught something: a world that never rests.
const LONGEST: Duration = Duration::from_secs(300);

/// Whether a net stays silent, within its time.
fn passes(root: &Path, arguments: &[&str]) -> std::io::Result<bool> {
    let mut child = Command::new("cargo")
        .args(arguments)
        .current_dir(root)
        .env("CARGO_TARGET_DIR", root.join("target"))
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .process_group(0)
        .spawn()?;
    let until = Instant::now() + LONGEST;
    loop {
        if let Some(status) = child.try_wait()? {
            return Ok(status.success());
        }
        if Instant::now() > until {
            // Cargo and what it runs are a group of their own.
            Command::new("kill").args(["-9", "--", &format!("-{}", child.id())]).status()?;
            child.wait()?;
            return Ok(false);
        }
        std::thread::sleep(Duration::from_millis(50));
    }
}

fn run(arguments: &Arguments) -> std::io::Result<bool> {
    let here = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap_or(Path::new("."));
    let root = arguments.scratch.join("copy");
    let mut good = true;
    println!("| rule, broken in one line | unit tests | model | replay | simulation |");
    println!("| --- | --- | --- | --- | --- |");
    for mutation in MUTATIONS.iter().filter(|mutation| mutation.rule.contains(&arguments.only)) {
        copy(here, &root)?;
        let path = root.join(mutation.file);
        let text = fs::read_to_string(&path)?;
        if text.matches(mutation.from).count() != 1 {
            eprintln!("{}: the line is not there once; mend the table", mutation.rule);
            good = false;
            continue;
        }
        fs::write(&path, text.replacen(mutation.from, mutation.to, 1))?;
        if !passes(&root, &["check", "--quiet", "-p", "antom-core", "-p", "antom-store"])? {
            eprintln!("{}: the mutation does not compile; mend the table", mutation.rule);
            good = false;
            continue;
        }
        let mut cells = Vec::new();
        for net in NETS {
            cells.push(if passes(&root, net)? { "" } else { "caught" });
        }
        println!("| {} | {} |", mutation.rule, cells.join(" | "));
        good &= cells.contains(&"caught");
    }
    Ok(good)
}

fn main() -> ExitCode {
    match run(&Arguments::parse()) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("copying the sources or starting cargo failed: {error}");
            ExitCode::FAILURE
        }
    }
}
