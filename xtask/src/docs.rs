//! `cargo xtask docs`: figures about the documentation, and the page that is drawn from the manifests.

pub(crate) mod coverage;
pub(crate) mod map;

use std::process::ExitCode;

use crate::metadata::Metadata;
use crate::process::ended;

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
    /// Draws the map of the crates in docs/crates.md.
    Map(map::Arguments),
}

pub(crate) fn main(arguments: &Arguments) -> ExitCode {
    let done = Metadata::load().and_then(|metadata| match &arguments.command {
        Command::Coverage(arguments) => coverage::run(arguments, &metadata),
        Command::Map(arguments) => map::run(arguments, &metadata),
    });
    ended("docs", done)
}
