//! `cargo xtask load`: plays the load of the testbed, optimised.

use std::process::ExitCode;

use clap::Args;

/// What is handed on to the load.
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// `[--payments N] [--at-once N] [--json]`
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    arguments: Vec<String>,
}

pub(crate) fn main(arguments: &Arguments) -> ExitCode {
    crate::testbed::run("load", &arguments.arguments, std::iter::empty())
}
