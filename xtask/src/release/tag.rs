//! `cargo xtask release tag`: the annotated tags of a release, and the commands that publish it.

use std::fmt::Write as _;

use super::Failure;
use super::check::{self, Entry};
use super::git::{git, tag, uncommitted};
use crate::metadata::{Metadata, Package};
use crate::process::say;

/// What `cargo xtask release tag` is told.
#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// Prints the tags and makes none, after the quick checks: so it is without `--make`, too.
    #[arg(long, conflicts_with = "make")]
    dry_run: bool,
    /// Makes the tags, after every check. They are pushed by hand.
    #[arg(long)]
    make: bool,
}

pub(super) fn run(arguments: &Arguments, metadata: &Metadata) -> Result<(), Failure> {
    let root = &metadata.root;
    let uncommitted = uncommitted(root)?;
    if !uncommitted.is_empty() {
        return Err(Failure::new(format!(
            "tag: the tree has {} uncommitted change(s), expected none; commit or stash them:\n{}",
            uncommitted.len(),
            uncommitted.join("\n")
        )));
    }
    let packages = metadata.published();
    let Some(version) = packages.first().map(|package| package.version.as_str()) else {
        return Err(Failure::new("tag: no crate is published"));
    };
    let tags: Vec<String> = packages.iter().map(|package| tag(&package.name, &package.version)).collect();
    let known = git(root, &["tag", "--list"])?;
    if let Some(there) = tags.iter().find(|tag| known.lines().any(|line| line == **tag)) {
        return Err(Failure::new(format!(
            "tag: {there} is there already; `cargo xtask release plan` names the next version"
        )));
    }
    let checks = check::Arguments::all(!arguments.make);
    check::run(&checks, metadata)?;
    let entry = Entry::of(root, version)?.map_err(Failure::new)?;
    if arguments.make && !entry.released {
        return Err(Failure::new(format!(
            "tag: CHANGELOG.md says that {version} is unreleased; write `## {version} - YYYY-MM-DD` and commit it"
        )));
    }
    for (package, tag) in packages.iter().zip(&tags) {
        let message = format!("{} {}", package.name, package.version);
        if arguments.make {
            git(root, &["tag", "--annotate", tag, "--message", &message])?;
        }
        say(&format!("git tag --annotate {tag} --message '{message}'\n"));
    }
    if !entry.released {
        say(&format!("before `--make`: date the entry for {version} in CHANGELOG.md\n"));
    }
    say(match arguments.make {
        true => "the tags are made; push them, then publish, in this order:\n",
        false => "no tag was made; `--make` does. Publishing then goes in this order:\n",
    });
    say(&publishing(&packages));
    Ok(())
}

/// One command for each crate, each behind those that it needs.
fn publishing(packages: &[&Package]) -> String {
    packages.iter().fold(String::new(), |mut text, package| {
        // Writing to a String cannot fail.
        let _ = writeln!(text, "cargo publish -p {}", package.name);
        text
    })
}

#[cfg(test)]
mod tests {
    use super::publishing;
    use crate::metadata::Package;

    #[test]
    fn every_crate_is_published_in_its_turn() {
        let package = |name: &str| Package { name: name.into(), ..Package::default() };
        assert_eq!(
            publishing(&[&package("cup"), &package("pot")]),
            "cargo publish -p cup\ncargo publish -p pot\n"
        );
    }
}
