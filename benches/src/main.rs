//! Measures the figures and prints them; `cargo xtask bench` runs it.
#![allow(clippy::expect_used, reason = "a measurement that fails has nothing to report")]

use std::io::{Write as _, stdout};
use std::process::ExitCode;

use antom_benches::figure::{head, line};
use antom_benches::figures::GROUPS;
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
    /// Names the figures and measures none.
    #[arg(long)]
    list: bool,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let wanted =
        |name: &str| arguments.figure.is_empty() || arguments.figure.iter().any(|part| name.contains(part));
    let effort = if arguments.quick { Effort::QUICK } else { Effort::FULL };
    let mut out = stdout().lock();
    if !arguments.json && !arguments.list {
        out.write_all(head().as_bytes()).expect("standard output takes it");
    }
    let mut found = false;
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
            let text = if arguments.json { format!("{}\n", figure.json()) } else { line(figure) };
            out.write_all(text.as_bytes()).expect("standard output takes it");
        }
    }
    if found { ExitCode::SUCCESS } else { ExitCode::from(2) }
}
