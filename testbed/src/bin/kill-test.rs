//! `kill-test`: see `cargo xtask kill-test --help`.
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a program for a terminal")]

use std::process::ExitCode;

use antom_testbed::kill::{ChildSettings, Failure, Settings, child, parent};
use clap::{Parser, ValueEnum};

/// Settles orders with processes that are killed at random, and counts what became of them.
#[derive(Debug, Parser)]
#[command(name = "cargo xtask kill-test", version)]
struct Arguments {
    /// How many orders.
    #[arg(long, default_value_t = 10_000)]
    orders: u64,
    /// How long processes are killed, in seconds.
    #[arg(long, default_value_t = 60)]
    seconds: u64,
    /// How many processes, of four workers each.
    #[arg(long, default_value_t = 2)]
    processes: usize,
    /// Where orders are kept: `sqlite` (a temporary file), `postgres` (the server in ANTOM_TEST_POSTGRES), or a
    /// store's URL.
    #[arg(long, default_value = "sqlite")]
    store: String,
    /// Decides who is killed when.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Prints one JSON object.
    #[arg(long)]
    json: bool,
    #[arg(long, hide = true)]
    child: bool,
    #[arg(long, hide = true, default_value = "")]
    gateway: String,
    #[arg(long, hide = true, default_value = "")]
    hub: String,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Known {
    Sqlite,
    Postgres,
}

#[tokio::main]
async fn main() -> ExitCode {
    match play(Arguments::parse()).await {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("kill-test: {error}");
            ExitCode::from(2)
        }
    }
}

async fn play(arguments: Arguments) -> Result<bool, Failure> {
    if arguments.child {
        let token = std::env::var("ANTOM_KILL_TOKEN")?;
        let Arguments { store, gateway, hub, .. } = arguments;
        child(ChildSettings { store, gateway, hub, token }).await?;
        return Ok(true);
    }
    let folder = std::env::temp_dir().join(format!("antom-kill-{}", std::process::id()));
    std::fs::create_dir_all(&folder)?;
    let store = match Known::from_str(&arguments.store, true) {
        Ok(Known::Sqlite) => format!("sqlite:{}", folder.join("shop.db").display()),
        Ok(Known::Postgres) => std::env::var("ANTOM_TEST_POSTGRES")
            .map_err(|_| "ANTOM_TEST_POSTGRES names no server; run it with `cargo xtask kill-test`")?,
        Err(_) => arguments.store,
    };
    let settings = Settings {
        orders: arguments.orders,
        seconds: arguments.seconds,
        processes: arguments.processes,
        store,
        seed: arguments.seed,
        program: std::env::current_exe()?,
    };
    let report = parent(&settings, |line| eprintln!("{line}")).await;
    std::fs::remove_dir_all(&folder)?;
    let report = report?;
    match arguments.json {
        true => println!("{}", report.to_json()),
        false => println!("{report}"),
    }
    Ok(report.passed())
}
