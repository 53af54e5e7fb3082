//! Runs a program of the testbed, optimised.

use std::ffi::OsString;
use std::process::{Command, ExitCode};

/// Runs `program` with these arguments and variables; it ends as that program does.
#[expect(clippy::print_stderr, reason = "a program for people")]
pub(crate) fn run<'a>(
    program: &str,
    arguments: &[String],
    variables: impl Iterator<Item = (&'static str, &'a OsString)>,
) -> ExitCode {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let status = Command::new(cargo)
        .args(["run", "--quiet", "--release", "--package", "antom-testbed", "--bin", program, "--"])
        .args(arguments)
        .envs(variables)
        .status();
    match status {
        Ok(status) if status.success() => ExitCode::SUCCESS,
        Ok(_) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("{program}: starting cargo failed: {error}");
            ExitCode::FAILURE
        }
    }
}
