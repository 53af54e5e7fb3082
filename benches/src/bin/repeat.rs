//! Repeats one side of one piece and nothing else, to be looked at with valgrind:
//! `valgrind --tool=callgrind target/release/repeat parse ours 1000`.
#![allow(clippy::expect_used, reason = "a measurement that fails has nothing to report")]

use std::hint::black_box;
use std::process::ExitCode;

use antom_benches::pieces;
use clap::Parser;

/// Repeats one side of one piece.
#[derive(Debug, Parser)]
struct Arguments {
    /// The piece.
    #[arg(value_parser = pieces::NAMES)]
    piece: String,
    /// The side.
    #[arg(value_parser = ["ours", "bound"])]
    side: String,
    /// How often.
    times: u32,
}

fn main() -> ExitCode {
    let Arguments { piece, side, times } = Arguments::parse();
    let Some(mut work) = pieces::find(&piece, side == "ours") else { return ExitCode::FAILURE };
    work(black_box(times));
    ExitCode::SUCCESS
}
