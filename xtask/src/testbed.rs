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
    let program = match crate::optimised::program(program) {
        Ok(program) => program,
        Err(message) => {
            eprintln!("{message}");
            return ExitCode::FAILURE;
        }
    };
    let status = Command::new(&program).args(arguments).envs(variables).status();
    match status {
        Ok(status) if status.success() => ExitCode::SUCCESS,
        Ok(_) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("{}: starting it failed: {error}", program.display());
            ExitCode::FAILURE
        }
    }
}
