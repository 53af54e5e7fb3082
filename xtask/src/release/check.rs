//! `cargo xtask release check`: what has to hold before a version is tagged.

mod changelog;
mod features;
mod fields;
mod floors;
mod licences;
mod toolchains;
mod versions;

use std::time::Instant;

use super::{Failure, snapshot};
use crate::docs::coverage;
use crate::metadata::{Metadata, Package};
use crate::process::say;

pub(super) use changelog::Entry;

/// What `cargo xtask release check` is told.
#[derive(Debug, Default, clap::Args)]
pub(super) struct Arguments {
    /// Leaves out what builds: takes a second.
    #[arg(long)]
    quick: bool,
    /// Only this check; may be given more than once.
    #[arg(long, value_enum, value_name = "CHECK")]
    only: Vec<Check>,
    /// Only this crate; may be given more than once.
    #[arg(long, value_name = "CRATE")]
    package: Vec<String>,
}

impl Arguments {
    /// Every check of every crate, or the quick ones.
    pub(super) fn all(quick: bool) -> Self {
        Self { quick, ..Self::default() }
    }
}

/// The checks, in the order in which they are played.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Check {
    /// One version everywhere, and our crates name each other with it.
    Versions,
    /// CHANGELOG.md has an entry for the version.
    Changelog,
    /// Every published crate has the licences of the repository.
    Licences,
    /// Every published crate has the fields that crates.io and docs.rs read.
    Fields,
    /// No dependency wants a newer compiler than the crate says; a build with that compiler, where it is found.
    RustVersion,
    /// The public API is what the snapshots say.
    Snapshot,
    /// Every public module, type and function that was written by hand has an example.
    Examples,
    /// Each feature builds alone, and groups of features with each other.
    Features,
    /// Everything builds with the oldest versions that the manifests allow.
    Floors,
}

/// What a check came to.
#[derive(Debug, Default)]
struct Found {
    /// What does not hold; none, and the check passed.
    problems: Vec<String>,
    /// What a reader should know beside that: what was counted, what was left out.
    said: Vec<String>,
}

impl Found {
    fn problems(problems: Vec<String>) -> Self {
        Self { problems, said: Vec::new() }
    }
}

impl Check {
    const ALL: [Self; 9] = [
        Self::Versions,
        Self::Changelog,
        Self::Licences,
        Self::Fields,
        Self::RustVersion,
        Self::Snapshot,
        Self::Examples,
        Self::Features,
        Self::Floors,
    ];

    fn name(self) -> String {
        clap::ValueEnum::to_possible_value(&self).map(|value| value.get_name().to_owned()).unwrap_or_default()
    }

    fn is_quick(self) -> bool {
        !matches!(self, Self::Snapshot | Self::Examples | Self::Features | Self::Floors)
    }

    fn remedy(self) -> &'static str {
        match self {
            Self::Versions => {
                "set one version in Cargo.toml: [workspace.package] and [workspace.dependencies]"
            }
            Self::Changelog => "write what is new under `## VERSION (unreleased)` in CHANGELOG.md",
            Self::Licences => "copy LICENSE-MIT and LICENSE-APACHE from the root",
            Self::Fields => "complete the crate's Cargo.toml",
            Self::RustVersion => {
                "keep the older dependency with `cargo update --precise`, or raise `rust-version`"
            }
            Self::Snapshot => "run `cargo xtask release snapshot` and commit what it wrote",
            Self::Examples => "write an example there, or call it in the example of its type",
            Self::Features => "gate the import or item by the feature that needs it",
            Self::Floors => "raise the version in Cargo.toml to the first that has what is used",
        }
    }

    fn run(self, quick: bool, metadata: &Metadata, packages: &[&Package]) -> Result<Found, Failure> {
        match self {
            Self::Versions => Ok(Found::problems(versions::check(packages))),
            Self::Changelog => changelog::check(&metadata.root, packages),
            Self::Licences => Ok(Found::problems(licences::check(&metadata.root, packages))),
            Self::Fields => Ok(Found::problems(fields::check(packages))),
            Self::RustVersion => toolchains::check(metadata, packages, quick),
            Self::Snapshot => snapshot::check(metadata, packages).map(|()| Found::default()),
            Self::Examples => coverage::missing(metadata, packages).map(Found::problems),
            Self::Features => features::check(metadata, packages),
            Self::Floors => floors::check(metadata, packages),
        }
    }
}

/// Plays the checks; the first that does not pass ends it with what to do.
pub(super) fn run(arguments: &Arguments, metadata: &Metadata) -> Result<(), Failure> {
    let packages = super::chosen(metadata, &arguments.package)?;
    let begin = Instant::now();
    let checks = Check::ALL
        .into_iter()
        .filter(|check| arguments.only.is_empty() || arguments.only.contains(check))
        .filter(|check| check.is_quick() || !arguments.quick);
    let mut played = 0;
    for check in checks {
        let start = Instant::now();
        let found = check.run(arguments.quick, metadata, &packages).map_err(|Failure { what }| {
            Failure::new(format!("check {}: {what}\n   What to do: {}", check.name(), check.remedy()))
        })?;
        for line in &found.said {
            say(&format!("   {line}\n"));
        }
        for problem in &found.problems {
            say(&format!("   {problem}\n"));
        }
        let time = start.elapsed().as_secs_f32();
        if !found.problems.is_empty() {
            return Err(Failure::new(format!(
                "check {}: {} problem(s), named above\n   What to do: {}",
                check.name(),
                found.problems.len(),
                check.remedy()
            )));
        }
        say(&format!("{:<13} passed in {time:.1} s\n", check.name()));
        played += 1;
    }
    say(&format!("release check: {played} checks passed in {:.1} s\n", begin.elapsed().as_secs_f32()));
    Ok(())
}
