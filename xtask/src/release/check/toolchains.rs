//! `rust-version`: what the dependencies say, and a build with that compiler where rustup has it.

use std::collections::BTreeSet;
use std::process::Command;

use super::{Failure, Found};
use crate::metadata::{Metadata, Package};
use crate::process::{cargo, plain};

pub(super) fn check(metadata: &Metadata, packages: &[&Package], quick: bool) -> Result<Found, Failure> {
    let mut found = Found::problems(packages.iter().flat_map(|package| newer(metadata, package)).collect());
    if quick || !found.problems.is_empty() {
        return Ok(found);
    }
    let installed = installed();
    for package in packages {
        let Some(version) = package.rust_version.as_deref() else { continue };
        let Some(toolchain) = installed.iter().find(|name| is_of(name, version)) else {
            found.said.push(format!(
                "{}: Rust {version} not found, its build left out (rustup toolchain install {version})",
                package.name
            ));
            continue;
        };
        // Development dependencies may want a newer compiler.
        let what = if package.library { "--lib" } else { "--bins" };
        let mut command =
            cargo(&["check", "--quiet", "--locked", "--all-features", what, "--package", &package.name]);
        command.env("RUSTUP_TOOLCHAIN", toolchain).env_remove("RUSTC").env_remove("RUSTDOC");
        command.env("CARGO_TARGET_DIR", metadata.target.join("rust-version"));
        plain(command)?;
        found.said.push(format!("{}: builds with Rust {version}", package.name));
    }
    Ok(found)
}

/// What is linked into a package and says that it wants a newer compiler than the package does.
fn newer(metadata: &Metadata, package: &Package) -> Vec<String> {
    let Some(own) = package.rust_version.as_deref().map(numbers) else { return Vec::new() };
    let mut seen: BTreeSet<&str> = package.normal.iter().map(String::as_str).collect();
    let mut queue: Vec<&str> = seen.iter().copied().collect();
    let mut problems = Vec::new();
    while let Some(needed) = queue.pop().and_then(|id| metadata.packages.get(id)) {
        if needed.rust_version.as_deref().is_some_and(|wanted| numbers(wanted) > own) {
            let wanted = needed.rust_version.as_deref().unwrap_or_default();
            problems.push(format!(
                "{} says rust-version {}, but {} {} wants {wanted}",
                package.name,
                package.rust_version.as_deref().unwrap_or_default(),
                needed.name,
                needed.version
            ));
        }
        queue.extend(
            needed.normal.iter().chain(&needed.build).map(String::as_str).filter(|id| seen.insert(id)),
        );
    }
    problems.sort();
    problems
}

/// `1.85` and `1.85.0` are the same.
fn numbers(version: &str) -> [u64; 3] {
    let mut parts = version.split('.').map(|part| part.parse().unwrap_or_default());
    [(); 3].map(|()| parts.next().unwrap_or_default())
}

/// The names of rustup's toolchains; none where there is no rustup.
fn installed() -> Vec<String> {
    let output = Command::new("rustup").args(["toolchain", "list"]).output();
    let text = output.map(|output| String::from_utf8_lossy(&output.stdout).into_owned()).unwrap_or_default();
    text.lines().filter_map(|line| line.split_whitespace().next()).map(str::to_owned).collect()
}

/// Whether `1.85.1-x86_64-unknown-linux-gnu` is a compiler of `1.85`.
fn is_of(toolchain: &str, version: &str) -> bool {
    let wanted = numbers(version);
    let named = toolchain.split('-').next().unwrap_or_default();
    named.starts_with(|first: char| first.is_ascii_digit())
        && numbers(named).iter().take(2).eq(wanted.iter().take(2))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{is_of, newer};
    use crate::metadata::Metadata;

    #[test]
    fn a_dependency_that_wants_more_is_named() {
        let package = |name: &str, rust: &str| json!({ "id": name, "name": name, "version": "1.0.0", "rust_version": rust });
        let edge = |name: &str, kind: Option<&str>| json!({ "pkg": name, "dep_kinds": [{ "kind": kind }] });
        let metadata = Metadata::read(&json!({
            "packages": [package("shop", "1.85"), package("cup", "1.85.0"), package("pot", "1.90"), package("lid", "1.91")],
            "resolve": { "nodes": [
                { "id": "shop", "deps": [edge("cup", None), edge("lid", Some("dev"))] },
                { "id": "cup", "deps": [edge("pot", None)] },
            ] },
            "workspace_members": ["shop"],
        }));
        let shop = metadata.members().next().unwrap();
        assert_eq!(newer(&metadata, shop), ["shop says rust-version 1.85, but pot 1.0.0 wants 1.90"]);
    }

    #[test]
    fn a_toolchain_is_known_by_its_numbers() {
        assert!(is_of("1.85.1-x86_64-unknown-linux-gnu", "1.85"));
        assert!(is_of("1.85-aarch64-apple-darwin", "1.85.0"));
        assert!(!is_of("1.89.0-x86_64-unknown-linux-gnu", "1.85"));
        assert!(!is_of("nightly-x86_64-unknown-linux-gnu", "1.85"));
    }
}
