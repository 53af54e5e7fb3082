//! `cargo xtask simulate`: runs the simulation of the testbed, optimised.

use std::process::ExitCode;

use clap::Args;

/// What is handed on to the simulation.
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// `--payments N --seed S [--faults none|light|heavy] [--wire] [--json] [--trace]`
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    arguments: Vec<String>,
}

pub(crate) fn main(arguments: &Arguments) -> ExitCode {
    crate::testbed::run("simulate", &arguments.arguments, std::iter::empty())
}
