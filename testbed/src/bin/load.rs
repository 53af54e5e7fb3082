//! `load`: see `cargo xtask load --help`.
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a program for a terminal")]

use std::process::ExitCode;

use antom_testbed::load::{Settings, run, serve};
use clap::Parser;

/// Pays against a sandbox of another process, many at a time, and counts what went wrong.
#[derive(Debug, Parser)]
#[command(name = "cargo xtask load", version)]
struct Arguments {
    /// How many payments, each with a notification; fewer than 4,000 say nothing about memory.
    #[arg(long, default_value_t = 10_000, value_parser = clap::value_parser!(u64).range(4_000..))]
    payments: u64,
    /// How many at a time.
    #[arg(long, default_value_t = 64)]
    at_once: usize,
    /// Prints one JSON object.
    #[arg(long)]
    json: bool,
    #[arg(long, hide = true)]
    serve: Option<String>,
}

#[tokio::main]
async fn main() -> ExitCode {
    let Arguments { payments, at_once, json, serve: notify_url } = Arguments::parse();
    let result = match notify_url {
        Some(notify_url) => serve(notify_url).await.map(|()| true),
        None => run(Settings { payments, at_once }).await.map(|report| {
            println!("{}", if json { report.json() } else { report.text() });
            report.is_good()
        }),
    };
    match result {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("load: {error}");
            ExitCode::from(2)
        }
    }
}
