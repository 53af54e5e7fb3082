//! `cargo xtask docs`: figures about the documentation.

mod coverage;

use std::process::ExitCode;

use crate::metadata::Metadata;
use crate::process::{Failure, say};

/// What `cargo xtask docs` is told.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    /// Counts the public items of each library that are described, and those that have an example.
    Coverage(coverage::Arguments),
}

pub(crate) fn main(arguments: &Arguments) -> ExitCode {
    let Command::Coverage(arguments) = &arguments.command;
    match Metadata::load().and_then(|metadata| coverage::run(arguments, &metadata)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(Failure { what }) => {
            say(&format!("docs: {what}\n"));
            ExitCode::FAILURE
        }
    }
}
