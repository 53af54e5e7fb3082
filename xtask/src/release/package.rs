//! `cargo xtask release package`: packs every published crate, and builds and tests them from their archives.

mod archive;
mod contents;

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use super::Failure;
use crate::ci::tests_with_postgres;
use crate::metadata::{Metadata, Package};
use crate::process::{cargo, plain, say};

/// What `cargo xtask release package` is told.
#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// Names every file of every archive.
    #[arg(long)]
    list: bool,
    /// Packs and looks at the archives; builds and tests nothing.
    #[arg(long)]
    no_test: bool,
    /// Packs what is not committed too.
    #[arg(long)]
    allow_dirty: bool,
}

pub(super) fn run(arguments: &Arguments, metadata: &Metadata) -> Result<(), Failure> {
    let packages = metadata.published();
    let folder = unpacked(metadata, &packages, arguments.allow_dirty)?;
    let mut problems = Vec::new();
    for package in &packages {
        let files = archive::files(&folder.join(name(package)))?;
        let bytes: u64 = files.iter().map(|file| file.bytes).sum();
        say(&format!("{:<24} {:>4} files {:>5} KiB\n", name(package), files.len(), bytes / 1024));
        if arguments.list {
            for file in &files {
                say(&format!("   {:>7} {}\n", file.bytes, file.name));
            }
        }
        problems.extend(contents::check(metadata, package, &folder.join(name(package)), &files)?);
    }
    for problem in &problems {
        say(&format!("   {problem}\n"));
    }
    if !problems.is_empty() {
        return Err(Failure::new(format!(
            "package: {} problem(s) in what is packed, named above; a file that is meant is committed, one that is not \
             is in `exclude` of its Cargo.toml and in xtask/src/release/package/contents.rs",
            problems.len()
        )));
    }
    if arguments.no_test {
        say(&format!("package: {} crates packed\n", packages.len()));
        return Ok(());
    }
    // Each as a user who adds it gets it; what it needs was built before.
    for package in &packages {
        plain(inside(metadata, &folder, &["check", "--quiet", "--package", &package.name]))?;
    }
    let tests = ["test", "--quiet", "--workspace", "--all-features"];
    let tally = tests_with_postgres(inside(metadata, &folder, &tests))?;
    say(&format!(
        "package: {} crates packed, built and tested from their archives: {tally}\n",
        packages.len()
    ));
    Ok(())
}

/// Packs the crates and unpacks the archives into one workspace, in a folder that is made anew.
pub(super) fn unpacked(metadata: &Metadata, packages: &[&Package], dirty: bool) -> Result<PathBuf, Failure> {
    let mut command = cargo(&["package", "--quiet", "--locked", "--no-verify"]);
    command.args(dirty.then_some("--allow-dirty"));
    command.args(packages.iter().flat_map(|package| ["--package", package.name.as_str()]));
    plain(command)?;
    let folder = metadata.target.join("packed");
    if folder.exists() {
        fs::remove_dir_all(&folder).map_err(|error| Failure::file("removing", &folder, &error))?;
    }
    fs::create_dir_all(&folder).map_err(|error| Failure::file("making", &folder, &error))?;
    for package in packages {
        archive::unpack(&metadata.target.join("package").join(format!("{}.crate", name(package))), &folder)?;
    }
    let manifest = folder.join("Cargo.toml");
    fs::write(&manifest, workspace(packages)).map_err(|error| Failure::file("writing", &manifest, &error))?;
    // The versions that the repository is tested with; cargo strikes what only unpublished packages need.
    let lock = metadata.root.join("Cargo.lock");
    fs::copy(&lock, folder.join("Cargo.lock")).map_err(|error| Failure::file("copying", &lock, &error))?;
    Ok(folder)
}

/// A workspace of the packed crates, which find each other by patches: crates.io does not have them yet.
fn workspace(packages: &[&Package]) -> String {
    let mut text = String::from("[workspace]\nresolver = \"3\"\nmembers = [\n");
    for package in packages {
        // Writing to a String cannot fail.
        let _ = writeln!(text, "    \"{}\",", name(package));
    }
    text.push_str("]\n\n[patch.crates-io]\n");
    for package in packages {
        let _ = writeln!(text, "{} = {{ path = \"{}\" }}", package.name, name(package));
    }
    // As in the repository, so that nothing of others is built twice.
    text.push_str("\n[profile.dev]\ndebug = \"line-tables-only\"\n");
    text
}

/// Cargo in the folder of the packed crates. It shares the target folder, and with it what others wrote.
pub(super) fn inside(metadata: &Metadata, folder: &Path, arguments: &[&str]) -> std::process::Command {
    let mut command = cargo(arguments);
    command.current_dir(folder).env("CARGO_TARGET_DIR", &metadata.target);
    command
}

fn name(package: &Package) -> String {
    format!("{}-{}", package.name, package.version)
}

#[cfg(test)]
mod tests {
    use super::workspace;
    use crate::metadata::Package;

    #[test]
    fn the_workspace_names_every_crate_twice() {
        let package =
            |name: &str| Package { name: name.into(), version: "0.1.0".into(), ..Package::default() };
        let text = workspace(&[&package("cup"), &package("pot")]);
        assert!(text.contains("members = [\n    \"cup-0.1.0\",\n    \"pot-0.1.0\",\n]\n"), "{text}");
        assert!(text.contains("cup = { path = \"cup-0.1.0\" }\npot = { path = \"pot-0.1.0\" }\n"), "{text}");
    }
}
