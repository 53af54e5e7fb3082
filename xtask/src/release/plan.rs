//! `cargo xtask release plan`: which crates changed since their last tags, and which version each needs.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use serde::Serialize;

use super::change::{Changes, Impact};
use super::git::{git, tag};
use super::version::Version;
use super::{Failure, snapshot};
use crate::metadata::{Metadata, Package};
use crate::process::{cargo, line, plain, say};

/// What `cargo xtask release plan` is told.
#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// Writes the plan as JSON.
    #[arg(long)]
    json: bool,
}

/// What becomes of one crate.
#[derive(Debug, Serialize)]
struct Row {
    name: String,
    /// The manifest's version.
    version: String,
    last_tag: Option<String>,
    state: State,
    impact: Option<String>,
    /// The least version it may have next; none where nothing changed.
    needs: Option<String>,
    #[serde(skip)]
    shown: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
enum State {
    New,
    Changed,
    Unchanged,
}

#[derive(Debug, Serialize)]
struct Plan {
    crates: Vec<Row>,
    /// The version that all crates share next; none where nothing changed.
    next: Option<String>,
    /// Whether the manifests have it, or a later one.
    ready: bool,
    semver_checks: &'static str,
}

pub(super) fn run(arguments: &Arguments, metadata: &Metadata) -> Result<(), Failure> {
    let plan = plan(metadata, arguments.json)?;
    if arguments.json {
        let text = serde_json::to_string_pretty(&plan)
            .map_err(|error| Failure::new(format!("writing the plan as JSON failed: {error}")))?;
        say(&format!("{text}\n"));
        return Ok(());
    }
    for row in &plan.crates {
        let since = row.last_tag.as_deref().unwrap_or("no tag");
        let impact = row.impact.as_deref().unwrap_or("");
        let needs = row.needs.as_deref().map(|needs| format!("needs {needs}")).unwrap_or_default();
        let state = format!("{:?}", row.state).to_lowercase();
        say(&format!(
            "{:<16} {:<8} {since:<24} {state:<10} {impact:<9} {needs}\n{}",
            row.name, row.version, row.shown
        ));
    }
    say(&format!("cargo-semver-checks: {}\n", plan.semver_checks));
    match (&plan.next, plan.ready) {
        (None, _) => say("nothing changed since the last tags: nothing to release\n"),
        (Some(next), true) => say(&format!(
            "all crates share one version: {next} or later, and the manifests have it; next is \
             `cargo xtask release check`\n"
        )),
        (Some(next), false) => say(&format!(
            "all crates share one version: set {next} in Cargo.toml, in [workspace.package] and at our own crates in \
             [workspace.dependencies]\n"
        )),
    }
    Ok(())
}

fn plan(metadata: &Metadata, quiet: bool) -> Result<Plan, Failure> {
    let tags = git(&metadata.root, &["tag", "--list"])?;
    let mut impacts: BTreeMap<&str, Impact> = BTreeMap::new();
    let mut rows = Vec::new();
    let mut next: Option<Version> = None;
    let published = metadata.published();
    for package in &published {
        let version: Version = package.version.parse().map_err(Failure::new)?;
        let Some(last) = last_release(&tags, &package.name) else {
            next = next.max(Some(version));
            rows.push(row(package, None, State::New, None, Some(version), String::new()));
            continue;
        };
        let name = tag(&package.name, last);
        let (own, shown) = changed(metadata, package, &name)?;
        // Every crate shows types of those below it, so what breaks below breaks above.
        let below = package.declared.iter().filter_map(|needed| impacts.get(needed.name.as_str())).max();
        let below = below.filter(|impact| **impact == Impact::Breaking).copied();
        let Some(impact) = own.max(below) else {
            rows.push(row(package, Some(name), State::Unchanged, None, None, String::new()));
            continue;
        };
        impacts.insert(&package.name, impact);
        next = next.max(Some(last.after(impact)));
        rows.push(row(package, Some(name), State::Changed, Some(impact), Some(last.after(impact)), shown));
    }
    let ready = next.is_none_or(|next| {
        published
            .iter()
            .all(|package| package.version.parse::<Version>().is_ok_and(|version| version >= next))
    });
    let tagged: Vec<&Row> = rows.iter().filter(|row| row.last_tag.is_some()).collect();
    let semver_checks = semver_checks(&tagged, quiet)?;
    Ok(Plan { crates: rows, next: next.map(|next| next.to_string()), ready, semver_checks })
}

fn row(
    package: &Package,
    last_tag: Option<String>,
    state: State,
    impact: Option<Impact>,
    needs: Option<Version>,
    shown: String,
) -> Row {
    Row {
        name: package.name.clone(),
        version: package.version.clone(),
        last_tag,
        state,
        impact: impact.map(|impact| impact.to_string()),
        needs: needs.map(|needs| needs.to_string()),
        shown,
    }
}

/// The highest version of which there is a tag.
fn last_release(tags: &str, package: &str) -> Option<Version> {
    let prefix = format!("{package}-v");
    tags.lines()
        .filter_map(|line| line.strip_prefix(&prefix))
        .filter_map(|version| version.parse().ok())
        .max()
}

/// What the changes since a tag mean, and their text; none if nothing that is packed changed.
fn changed(metadata: &Metadata, package: &Package, tag: &str) -> Result<(Option<Impact>, String), Failure> {
    let root = &metadata.root;
    let folder = Path::new(&package.manifest).parent().unwrap_or(root);
    let folder = folder.strip_prefix(root).unwrap_or(folder).to_string_lossy().into_owned();
    // The workspace's manifest is part of every packed manifest.
    if git(root, &["diff", "--name-only", tag, "--", &folder, "Cargo.toml"])?.is_empty() {
        return Ok((None, String::new()));
    }
    if !package.library {
        return Ok((
            Some(Impact::Patch),
            String::from("   a program: say yourself whether its commands changed\n"),
        ));
    }
    let place = snapshot::place(&package.name);
    let old = git(root, &["show", &format!("{tag}:{place}")])?;
    let file = root.join(&place);
    let new = fs::read_to_string(&file).map_err(|error| Failure::file("reading", &file, &error))?;
    let changes = Changes::between(&snapshot::read(&old), &snapshot::read(&new));
    Ok((Some(changes.impact()), changes.shown()))
}

/// Runs `cargo semver-checks` against the tags where it is installed.
fn semver_checks(tagged: &[&Row], quiet: bool) -> Result<&'static str, Failure> {
    let there = cargo(&["semver-checks", "--version"]).output().is_ok_and(|output| output.status.success());
    if !there {
        return Ok("not found, left out (cargo install cargo-semver-checks)");
    }
    if quiet {
        return Ok("found, and left out with --json");
    }
    for row in tagged.iter().filter(|row| row.state == State::Changed) {
        let baseline = row.last_tag.as_deref().unwrap_or_default();
        let command = cargo(&["semver-checks", "--package", &row.name, "--baseline-rev", baseline]);
        let told = line(&command);
        // It fails where the manifest's version is too low for what it found; the plan goes on.
        if let Err(Failure { what }) = plain(command) {
            say(&format!("   {told}: {what}\n"));
        }
    }
    Ok(if tagged.is_empty() { "found; there is no tag to compare with" } else { "found and run" })
}

#[cfg(test)]
mod tests {
    use super::last_release;

    #[test]
    fn the_last_release_is_the_highest_version() {
        let tags = "antom-core-v0.9.0\nantom-core-v0.10.0\nantom-v0.11.0\nantom-core-vnext\n";
        assert_eq!(last_release(tags, "antom-core").unwrap().to_string(), "0.10.0");
        assert_eq!(last_release(tags, "antom").unwrap().to_string(), "0.11.0");
        assert!(last_release(tags, "antom-store").is_none());
    }
}
