//! What a release asks git.

use std::path::Path;
use std::process::Command;

use super::Failure;

/// Runs git in this folder; its output without the last line end.
pub(super) fn git(root: &Path, arguments: &[&str]) -> Result<String, Failure> {
    let output = Command::new("git")
        .arg("-C")
        .arg(root)
        .args(arguments)
        .output()
        .map_err(|error| Failure::new(format!("starting git failed: {error}")))?;
    let said = |bytes: &[u8]| String::from_utf8_lossy(bytes).trim_end().to_owned();
    match output.status.success() {
        true => Ok(said(&output.stdout)),
        false => Err(Failure::new(format!("`git {}` failed: {}", arguments.join(" "), said(&output.stderr)))),
    }
}

/// What is not committed, one line each.
pub(super) fn uncommitted(root: &Path) -> Result<Vec<String>, Failure> {
    Ok(git(root, &["status", "--porcelain"])?.lines().map(str::to_owned).collect())
}

/// The tag of a release of one crate.
pub(super) fn tag(package: &str, version: impl std::fmt::Display) -> String {
    format!("{package}-v{version}")
}
