//! `cargo xtask simulate`: runs the simulation of the testbed, optimised.

use std::process::{Command, ExitCode};

use clap::Args;

/// What is handed on to the simulation.
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// `--payments N --seed S [--faults none|light|heavy] [--wire] [--json] [--trace]`
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    arguments: Vec<String>,
}

#[expect(clippy::print_stderr, reason = "a program for people")]
pub(crate) fn main(arguments: &Arguments) -> ExitCode {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let status = Command::new(cargo)
        .args(["run", "--quiet", "--release", "-p", "antom-testbed", "--bin", "simulate", "--"])
        .args(&arguments.arguments)
        .status();
    match status {
        Ok(status) if status.success() => ExitCode::SUCCESS,
        Ok(_) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("starting cargo failed: {error}");
            ExitCode::FAILURE
        }
    }
}
