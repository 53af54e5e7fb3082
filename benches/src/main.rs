//! Measures the figures and prints them; `cargo xtask bench` runs it.
#![allow(clippy::expect_used, reason = "a measurement that fails has nothing to report")]

use std::io::{Write as _, stdout};
use std::process::ExitCode;

use antom_benches::figure::{head, line};
use antom_benches::figures::{GATES, GROUPS};
use antom_benches::measure::Effort;
use clap::Parser;

/// Measures what the SDK adds to the bare libraries.
#[derive(Debug, Parser)]
struct Arguments {
    /// One JSON object a figure instead of a table.
    #[arg(long)]
    json: bool,
    /// Measures the figures whose name holds this text; may be given more than once.
    #[arg(long, value_name = "NAME")]
    figure: Vec<String>,
    /// Few rounds: to see whether it runs.
    #[arg(long)]
    quick: bool,
    /// Measures what does not depend on time, and fails where a goal is missed: for machines that are busy.
    #[arg(long, conflicts_with_all = ["figure", "list"])]
    gates: bool,
    /// Names the figures and measures none.
    #[arg(long)]
    list: bool,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let wanted = |name: &str| match arguments.gates {
        true => GATES.contains(&name),
        false => arguments.figure.is_empty() || arguments.figure.iter().any(|part| name.contains(part)),
    };
    let effort = if arguments.quick || arguments.gates { Effort::QUICK } else { Effort::FULL };
    let mut out = stdout().lock();
    if !arguments.json && !arguments.list {
        out.write_all(head().as_bytes()).expect("standard output takes it");
    }
    let (mut found, mut missed) = (false, false);
    for group in GROUPS {
        if !group.names.iter().any(|name| wanted(name)) {
            continue;
        }
        found = true;
        if arguments.list {
            for name in group.names {
                writeln!(out, "{name}").expect("standard output takes it");
            }
            continue;
        }
        for figure in (group.run)(effort).iter().filter(|figure| wanted(figure.name)) {
            missed |= figure.met() == Some(false);
            let text = if arguments.json { format!("{}\n", figure.json()) } else { line(figure) };
            out.write_all(text.as_bytes()).expect("standard output takes it");
        }
    }
    match found {
        true if arguments.gates && missed => ExitCode::FAILURE,
        true => ExitCode::SUCCESS,
        false => ExitCode::from(2),
    }
}
