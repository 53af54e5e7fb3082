//! `cargo xtask bench compile`: what antom-core alone costs to compile, in CPU seconds.
//!
//! CPU seconds, because they say the same on an idle machine and on a busy one, nearly: wall time does not. Other
//! work on the machine still raises them by a quarter or so, so compare figures of one run.

#![allow(clippy::float_arithmetic, reason = "seconds are measured, not money")]

use std::io::Write as _;
use std::path::PathBuf;
use std::process::{Command, ExitCode, Stdio};

/// What `cargo xtask bench compile` is told.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// Prints one JSON object a figure.
    #[arg(long)]
    json: bool,
}

/// One set of features and what compiling it may cost.
struct Bill {
    name: &'static str,
    features: &'static str,
    debug_goal: Option<f64>,
    release_goal: Option<f64>,
}

const BILLS: [Bill; 5] = [
    Bill { name: "no groups", features: "std,ring", debug_goal: None, release_goal: None },
    Bill {
        name: "default groups",
        features: "std,ring,authorizations,payments",
        debug_goal: Some(8.0),
        release_goal: Some(20.0),
    },
    Bill { name: "full", features: "std,ring,full", debug_goal: Some(25.0), release_goal: Some(60.0) },
    Bill {
        name: "default groups, wire-mirror",
        features: "std,ring,authorizations,payments,wire-mirror",
        debug_goal: None,
        release_goal: None,
    },
    Bill {
        name: "full, wire-mirror",
        features: "std,ring,full,wire-mirror",
        debug_goal: None,
        release_goal: None,
    },
];

/// Compiles antom-core alone, cleanly, with each set of features in both profiles.
pub(crate) fn main(arguments: &Arguments) -> ExitCode {
    match measure(arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            let _ = writeln!(std::io::stderr(), "bench compile: {message}");
            ExitCode::FAILURE
        }
    }
}

fn measure(arguments: &Arguments) -> Result<(), String> {
    let mut out = std::io::stdout();
    let mut print =
        |line: String| writeln!(out, "{line}").map_err(|error| format!("writing failed: {error}"));
    if !arguments.json {
        print(format!(
            "{:<28} {:>9} {:>6} {:>9} {:>6}",
            "antom-core alone, CPU s", "debug", "goal", "release", "goal"
        ))?;
    }
    for bill in &BILLS {
        let debug = cpu_seconds(bill.features, false)?;
        let release = cpu_seconds(bill.features, true)?;
        if arguments.json {
            for (profile, ours, goal) in
                [("debug", debug, bill.debug_goal), ("release", release, bill.release_goal)]
            {
                let figure = serde_json::json!({
                    "figure": format!("compile {}, {profile}", bill.name),
                    "ours": ours,
                    "bound": null,
                    "ratio": null,
                    "goal": goal,
                    "met": goal.map(|goal| ours <= goal),
                });
                print(figure.to_string())?;
            }
        } else {
            let goal = |goal: Option<f64>| goal.map_or_else(|| "–".to_owned(), |goal| format!("{goal:.0}"));
            print(format!(
                "{:<28} {debug:>9.1} {:>6} {release:>9.1} {:>6}",
                bill.name,
                goal(bill.debug_goal),
                goal(bill.release_goal)
            ))?;
        }
    }
    Ok(())
}

/// CPU seconds of compiling antom-core alone; its dependencies are built before.
fn cpu_seconds(features: &str, release: bool) -> Result<f64, String> {
    build(features, release)?;
    cargo(&["clean", "--package", "antom-core"], release)?;
    let before = children_cpu()?;
    build(features, release)?;
    Ok(children_cpu()? - before)
}

fn build(features: &str, release: bool) -> Result<(), String> {
    let arguments =
        ["build", "--lib", "--package", "antom-core", "--no-default-features", "--features", features];
    cargo(&arguments, release)
}

fn cargo(arguments: &[&str], release: bool) -> Result<(), String> {
    let status = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
        .args(arguments)
        .args(["--quiet", "--locked"])
        .args(release.then_some("--release"))
        .env("CARGO_INCREMENTAL", "0")
        .env("CARGO_TARGET_DIR", target())
        .stdin(Stdio::null())
        .status()
        .map_err(|error| format!("cargo could not be started: {error}"))?;
    if status.success() { Ok(()) } else { Err(format!("cargo {} failed", arguments.join(" "))) }
}

/// A folder of its own, so that nobody's build is thrown away.
fn target() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../target/bench-compile")
}

/// CPU seconds of all processes that this one has waited for, their own children included.
fn children_cpu() -> Result<f64, String> {
    let stat = std::fs::read_to_string("/proc/self/stat")
        .map_err(|error| format!("/proc/self/stat, where Linux counts CPU time, cannot be read: {error}"))?;
    // The second field is a name in brackets and may hold anything; the numbers begin behind it.
    let numbers: Vec<&str> =
        stat.rsplit_once(')').map(|(_, rest)| rest.split_whitespace().collect()).unwrap_or_default();
    let ticks = |index: usize| numbers.get(index).and_then(|field| field.parse::<f64>().ok());
    // `cutime` and `cstime`, in hundredths of a second on every Linux.
    match (ticks(13), ticks(14)) {
        (Some(user), Some(system)) => Ok((user + system) / 100.0),
        _ => Err("/proc/self/stat does not have the form that Linux documents".to_owned()),
    }
}
