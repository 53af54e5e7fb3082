//! `cargo xtask kill-test`: runs the kill test of the testbed, optimised, with a database server where it needs
//! one.

use std::process::ExitCode;

use clap::Args;

use crate::postgres::{Found, Server};
use crate::testbed;

/// What is handed on to the kill test.
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// `[--orders N] [--seconds S] [--processes P] [--store sqlite|postgres|URL] [--seed N] [--json]`
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    arguments: Vec<String>,
}

#[expect(clippy::print_stderr, reason = "a program for people")]
pub(crate) fn main(arguments: &Arguments) -> ExitCode {
    let wants_server =
        arguments.arguments.iter().any(|word| word == "postgres" || word == "--store=postgres");
    let server = match wants_server.then(Server::find) {
        Some(Found::Started(server)) => Some(server),
        Some(Found::Absent(why)) => {
            eprintln!("kill-test: there is no PostgreSQL to start: {why}");
            return ExitCode::from(2);
        }
        Some(Found::Named) | None => None,
    };
    let variables = server.iter().flat_map(Server::variables);
    testbed::run("kill-test", &arguments.arguments, variables)
}
