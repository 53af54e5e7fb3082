//! What crates.io and docs.rs read of a manifest.

use std::path::Path;

use crate::metadata::Package;

pub(super) fn check(packages: &[&Package]) -> Vec<String> {
    packages.iter().flat_map(|package| of(package)).collect()
}

fn of(package: &Package) -> Vec<String> {
    let mut problems = Vec::new();
    let mut need = |fine: bool, what: &str| {
        if !fine {
            problems.push(format!("{}: {what}", package.name));
        }
    };
    need(package.description.as_deref().is_some_and(|text| text.len() > 20), "`description` says nothing");
    need(package.licence.is_some(), "`license` is missing");
    need(package.repository.is_some(), "`repository` is missing");
    need(package.rust_version.is_some(), "`rust-version` is missing");
    let readme = package.readme.as_deref().map(|name| Path::new(&package.manifest).with_file_name(name));
    need(readme.is_some_and(|file| file.is_file()), "`readme` names no file");
    let word =
        |text: &String| text.len() <= 20 && text.starts_with(|first: char| first.is_ascii_alphanumeric());
    let keywords = &package.keywords;
    need(
        (1..=5).contains(&keywords.len()) && keywords.iter().all(word),
        "one to five `keywords` of up to 20 letters",
    );
    need((1..=5).contains(&package.categories.len()), "one to five `categories`");
    // docs.rs shows libraries; without the table it shows their default features.
    need(!package.library || package.docs_rs, "`[package.metadata.docs.rs]` names no features");
    problems
}

#[cfg(test)]
mod tests {
    use super::of;
    use crate::metadata::Package;

    #[test]
    fn what_is_missing_is_named() {
        let found = of(&Package { name: "a".into(), library: true, ..Package::default() });
        for what in [
            "description",
            "license",
            "repository",
            "rust-version",
            "readme",
            "keywords",
            "categories",
            "docs.rs",
        ] {
            assert!(found.iter().any(|line| line.contains(what)), "{what}: {found:?}");
        }
        assert_eq!(found.len(), 8);
    }

    #[test]
    fn what_is_complete_passes() {
        let fine = Package {
            name: "a".into(),
            description: Some("Makes tea as it ought to be.".into()),
            licence: Some("MIT".into()),
            repository: Some("https://example.org".into()),
            rust_version: Some("1.85".into()),
            readme: Some("Cargo.toml".into()),
            manifest: concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml").into(),
            keywords: vec!["tea".into()],
            categories: vec!["api-bindings".into()],
            ..Package::default()
        };
        assert!(of(&fine).is_empty(), "{:?}", of(&fine));
        let six = Package { keywords: vec!["tea".into(); 6], ..fine };
        assert_eq!(of(&six), ["a: one to five `keywords` of up to 20 letters"]);
    }
}
