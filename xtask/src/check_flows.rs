//! `cargo xtask check-flows`: explores the small worlds of the flows, optimised.

use std::process::ExitCode;

use clap::Args;

/// What is handed on to the explorer.
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// `--seconds N` and what else `--help` of the explorer names.
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    arguments: Vec<String>,
}

pub(crate) fn main(arguments: &Arguments) -> ExitCode {
    crate::testbed::run("check-flows", &arguments.arguments, std::iter::empty())
}
