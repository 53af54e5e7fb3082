//! `cargo xtask release`: what a release needs, from the plan to the tags. Nothing here uploads anything.

pub(crate) mod api;
mod change;
mod check;
mod git;
mod package;
mod plan;
mod sbom;
mod snapshot;
pub(crate) mod surface;
mod tag;
mod version;

use std::process::ExitCode;

use crate::metadata::{Metadata, Package};
use crate::process::{Failure, ended};

/// What `cargo xtask release` is told.
///
/// Ends with 0 if all is well, with 1 if something does not hold or a program failed, and with 2 if the command line
/// cannot be read.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    /// Checks what has to hold before a version is tagged.
    Check(check::Arguments),
    /// Packs every published crate, and builds and tests them from the archives.
    Package(package::Arguments),
    /// Says which crates changed since their last tags, and which version each needs.
    ///
    /// Compares the snapshots of the API at the tags with those in the tree; `check` sees to it that they are true.
    Plan(plan::Arguments),
    /// Writes what the published crates are built of, as CycloneDX 1.5.
    Sbom(sbom::Arguments),
    /// Writes the public API of each library to xtask/api-snapshots, or compares it.
    Snapshot(snapshot::Arguments),
    /// Names or makes the tags, and names the commands that publish.
    Tag(tag::Arguments),
}

pub(crate) fn main(arguments: &Arguments) -> ExitCode {
    let done = Metadata::load().and_then(|metadata| match &arguments.command {
        Command::Check(arguments) => check::run(arguments, &metadata),
        Command::Package(arguments) => package::run(arguments, &metadata),
        Command::Plan(arguments) => plan::run(arguments, &metadata),
        Command::Sbom(arguments) => sbom::run(arguments, &metadata),
        Command::Snapshot(arguments) => snapshot::run(arguments, &metadata),
        Command::Tag(arguments) => tag::run(arguments, &metadata),
    });
    ended("release", done)
}

/// The published packages, or those of them that are named, in the order in which they are published.
fn chosen<'a>(metadata: &'a Metadata, names: &[String]) -> Result<Vec<&'a Package>, Failure> {
    let published = metadata.published();
    if let Some(unknown) = names.iter().find(|name| published.iter().all(|package| package.name != **name)) {
        let known: Vec<&str> = published.iter().map(|package| package.name.as_str()).collect();
        return Err(Failure::new(format!(
            "there is no published crate `{unknown}`; there are {}",
            known.join(", ")
        )));
    }
    Ok(published.into_iter().filter(|package| names.is_empty() || names.contains(&package.name)).collect())
}
