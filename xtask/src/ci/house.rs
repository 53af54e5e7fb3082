//! What every package of the house has.

use std::fs;
use std::path::Path;

use crate::metadata::{Metadata, Package};

/// What is missing, one line each.
pub(super) fn check(metadata: &Metadata) -> Vec<String> {
    metadata.members().flat_map(|package| fields(package).into_iter().chain(files(package))).collect()
}

fn fields(package: &Package) -> Vec<String> {
    let mut problems = Vec::new();
    let mut need = |fine: bool, what: &str| {
        if !fine {
            problems.push(format!("{}: {what}", package.name));
        }
    };
    need(package.edition == "2024", "`edition.workspace = true` is missing");
    need(package.licence.as_deref() == Some("MIT OR Apache-2.0"), "`license.workspace = true` is missing");
    need(package.rust_version.is_some(), "`rust-version` is missing");
    need(package.description.is_some(), "`description` is missing");
    problems
}

fn files(package: &Package) -> Vec<String> {
    let manifest = Path::new(&package.manifest);
    let mut problems = Vec::new();
    match fs::read_to_string(manifest) {
        Ok(text) if takes_lints(&text) => {}
        Ok(_) => problems.push(format!("{}: `[lints] workspace = true` is missing", package.name)),
        Err(error) => problems.push(format!("{}: reading its Cargo.toml failed: {error}", package.name)),
    }
    if package.published && !manifest.with_file_name("README.md").is_file() {
        problems.push(format!("{}: README.md is missing", package.name));
    }
    problems
}

/// Whether a manifest has `workspace = true` in its table `[lints]`.
fn takes_lints(manifest: &str) -> bool {
    manifest
        .lines()
        .map(str::trim)
        .skip_while(|line| *line != "[lints]")
        .skip(1)
        .take_while(|line| !line.starts_with('['))
        .any(|line| line.replace(' ', "") == "workspace=true")
}

#[cfg(test)]
mod tests {
    use super::{fields, takes_lints};
    use crate::metadata::Package;

    #[test]
    fn lints_count_only_in_their_own_table() {
        assert!(takes_lints("[package]\nname = \"a\"\n\n[lints]\nworkspace = true\n"));
        assert!(!takes_lints("[lints]\n[dependencies]\nworkspace = true\n"));
        assert!(!takes_lints("[dependencies]\nworkspace = true\n"));
    }

    #[test]
    fn missing_fields_are_named() {
        let package = Package {
            name: "parlour".into(),
            edition: "2024".into(),
            licence: Some("MIT".into()),
            rust_version: Some("1.89".into()),
            ..Package::default()
        };
        assert_eq!(
            fields(&package),
            ["parlour: `license.workspace = true` is missing", "parlour: `description` is missing"]
        );
    }
}
