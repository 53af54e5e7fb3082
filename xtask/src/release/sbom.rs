//! `cargo xtask release sbom`: what the published crates are built of, as CycloneDX 1.5.
//!
//! Deterministic: the same lock file gives the same bytes, so there is no time and no random serial number in it.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::PathBuf;

use serde_json::{Value, json};

use super::Failure;
use crate::metadata::{Metadata, Package};
use crate::process::say;

/// What `cargo xtask release sbom` is told.
#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// Where it is written; without it, to standard output.
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

pub(super) fn run(arguments: &Arguments, metadata: &Metadata) -> Result<(), Failure> {
    let file = metadata.root.join("Cargo.lock");
    let lock = fs::read_to_string(&file).map_err(|error| Failure::file("reading", &file, &error))?;
    let bill = bill(metadata, &checksums(&lock))?;
    let mut text = serde_json::to_string_pretty(&bill)
        .map_err(|error| Failure::new(format!("sbom: writing JSON failed: {error}")))?;
    text.push('\n');
    let Some(out) = &arguments.out else {
        say(&text);
        return Ok(());
    };
    fs::write(out, &text).map_err(|error| Failure::file("writing", out, &error))?;
    let count = bill.get("components").and_then(Value::as_array).map(Vec::len).unwrap_or_default();
    say(&format!("sbom: {count} components in {}\n", out.display()));
    Ok(())
}

fn bill(metadata: &Metadata, checksums: &BTreeMap<(String, String), String>) -> Result<Value, Failure> {
    let published = metadata.published();
    let linked = reached(metadata, &published, |package| package.normal.iter().collect());
    let needed =
        reached(metadata, &published, |package| package.normal.iter().chain(&package.build).collect());
    let mut components = BTreeMap::new();
    let mut edges = BTreeMap::new();
    for id in &needed {
        let Some(package) = metadata.packages.get(*id) else { continue };
        components.insert(purl(package), component(package, linked.contains(id), checksums)?);
        let below: BTreeSet<String> = package
            .normal
            .iter()
            .chain(&package.build)
            .filter_map(|id| metadata.packages.get(id))
            .map(purl)
            .collect();
        edges.insert(purl(package), below);
    }
    let own: BTreeSet<String> = published.iter().map(|package| purl(package)).collect();
    edges.insert("antom-workspace".to_owned(), own);
    let edges: Vec<Value> =
        edges.into_iter().map(|(from, to)| json!({ "ref": from, "dependsOn": to })).collect();
    let first = published.first();
    Ok(json!({
        "$schema": "http://cyclonedx.org/schema/bom-1.5.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.5",
        "version": 1,
        "metadata": {
            "lifecycles": [{ "phase": "build" }],
            "tools": { "components": [{ "type": "application", "name": "xtask" }] },
            "component": {
                "type": "library",
                "bom-ref": "antom-workspace",
                "name": "antom-workspace",
                "description": "Every crate that this workspace publishes, with all features, for every target.",
                "version": first.map(|package| package.version.as_str()).unwrap_or_default(),
                "licenses": first.map(|package| licences(package)).unwrap_or_default(),
                "externalReferences": first.and_then(|package| package.repository.as_ref())
                    .map(|url| vec![json!({ "type": "vcs", "url": url })]).unwrap_or_default(),
            },
        },
        "components": components.into_values().collect::<Vec<_>>(),
        "dependencies": edges,
    }))
}

/// The packages and everything below them, along these edges.
fn reached<'a>(
    metadata: &'a Metadata,
    from: &[&'a Package],
    edges: impl Fn(&'a Package) -> Vec<&'a String>,
) -> BTreeSet<&'a str> {
    let mut seen = BTreeSet::new();
    let names: BTreeSet<&str> = from.iter().map(|package| package.name.as_str()).collect();
    let mut queue: Vec<&str> = metadata
        .members
        .iter()
        .filter(|id| metadata.packages.get(*id).is_some_and(|package| names.contains(package.name.as_str())))
        .map(String::as_str)
        .collect();
    while let Some(id) = queue.pop() {
        if seen.insert(id) {
            queue.extend(metadata.packages.get(id).map(&edges).into_iter().flatten().map(String::as_str));
        }
    }
    seen
}

fn component(
    package: &Package,
    linked: bool,
    checksums: &BTreeMap<(String, String), String>,
) -> Result<Value, Failure> {
    let mut hashes = Vec::new();
    if package.source.is_some() {
        let key = (package.name.clone(), package.version.clone());
        let Some(checksum) = checksums.get(&key) else {
            return Err(Failure::new(format!(
                "sbom: Cargo.lock has no checksum of {} {}; every dependency comes from crates.io",
                package.name, package.version
            )));
        };
        hashes.push(json!({ "alg": "SHA-256", "content": checksum }));
    }
    Ok(json!({
        "type": if package.library || package.source.is_some() { "library" } else { "application" },
        "bom-ref": purl(package),
        "name": package.name,
        "version": package.version,
        "purl": purl(package),
        // Build scripts and what they use run where it is built, and are in no program.
        "scope": if linked { "required" } else { "excluded" },
        "licenses": licences(package),
        "hashes": hashes,
    }))
}

fn purl(package: &Package) -> String {
    // A `+` of a version means a blank elsewhere.
    format!("pkg:cargo/{}@{}", package.name, package.version.replace('+', "%2B"))
}

fn licences(package: &Package) -> Vec<Value> {
    package.spdx().map(|expression| json!({ "expression": expression })).into_iter().collect()
}

/// What Cargo.lock says of each package from crates.io.
fn checksums(lock: &str) -> BTreeMap<(String, String), String> {
    let value = |block: &str, key: &str| {
        let line = block.lines().find_map(|line| line.strip_prefix(key)?.strip_prefix(" = \""))?;
        line.strip_suffix('"').map(str::to_owned)
    };
    lock.split("[[package]]")
        .filter_map(|block| {
            Some(((value(block, "name")?, value(block, "version")?), value(block, "checksum")?))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{bill, checksums};
    use crate::metadata::Metadata;

    const LOCK: &str = r#"
[[package]]
name = "shop"
version = "0.1.0"

[[package]]
name = "cup"
version = "1.0.0+blue"
source = "registry+https://github.com/rust-lang/crates.io-index"
checksum = "aa"

[[package]]
name = "kiln"
version = "2.0.0"
source = "registry+https://github.com/rust-lang/crates.io-index"
checksum = "bb"
"#;

    fn world() -> Metadata {
        let package = |name: &str, version: &str, source: Option<&str>, licence: &str| {
            json!({
                "id": name, "name": name, "version": version, "source": source, "license": licence,
                "targets": [{ "kind": ["lib"] }],
            })
        };
        let edge = |name: &str, kind: Option<&str>| json!({ "pkg": name, "dep_kinds": [{ "kind": kind }] });
        Metadata::read(&json!({
            "packages": [
                package("shop", "0.1.0", None, "MIT"),
                package("cup", "1.0.0+blue", Some("registry"), "MIT/Apache-2.0"),
                package("kiln", "2.0.0", Some("registry"), "Zlib"),
                package("tester", "3.0.0", Some("registry"), "MIT"),
            ],
            "resolve": { "nodes": [
                { "id": "shop", "deps": [edge("cup", None), edge("tester", Some("dev"))] },
                { "id": "cup", "deps": [edge("kiln", Some("build"))] },
            ] },
            "workspace_members": ["shop"],
        }))
    }

    #[test]
    fn every_package_of_the_tree_is_there() {
        let bill = bill(&world(), &checksums(LOCK)).unwrap();
        let of = |name: &str| {
            let found =
                bill["components"].as_array().unwrap().iter().find(|component| component["name"] == name);
            found.cloned().unwrap_or(Value::Null)
        };
        let cup = of("cup");
        assert_eq!(cup["purl"], "pkg:cargo/cup@1.0.0%2Bblue");
        assert_eq!(cup["licenses"], json!([{ "expression": "MIT OR Apache-2.0" }]));
        assert_eq!(cup["hashes"], json!([{ "alg": "SHA-256", "content": "aa" }]));
        assert_eq!(cup["scope"], "required");
        assert_eq!(of("kiln")["scope"], "excluded");
        // Ours has no archive yet, and what only tests use is in nobody's program.
        assert_eq!(of("shop")["hashes"], json!([]));
        assert_eq!(of("tester"), Value::Null);
        assert_eq!(bill["components"].as_array().unwrap().len(), 3);
        let edges = bill["dependencies"].as_array().unwrap();
        assert!(edges.contains(
            &json!({ "ref": "pkg:cargo/shop@0.1.0", "dependsOn": ["pkg:cargo/cup@1.0.0%2Bblue"] })
        ));
        assert!(edges.contains(&json!({ "ref": "antom-workspace", "dependsOn": ["pkg:cargo/shop@0.1.0"] })));
    }

    #[test]
    fn a_package_without_checksum_is_refused() {
        let failure = bill(&world(), &checksums("")).unwrap_err();
        assert!(failure.what.contains("no checksum of"), "{}", failure.what);
    }

    #[test]
    fn the_workspace_s_own_bill_names_its_whole_tree() {
        let metadata = Metadata::load().unwrap();
        let lock = std::fs::read_to_string(metadata.root.join("Cargo.lock")).unwrap();
        let bill = bill(&metadata, &checksums(&lock)).unwrap();
        let components = bill["components"].as_array().unwrap();
        // Walked here by itself: from each published crate to what is linked into it.
        let mut queue: Vec<&String> = metadata
            .members
            .iter()
            .filter(|id| metadata.packages.get(*id).is_some_and(|package| package.published))
            .collect();
        let mut seen = std::collections::BTreeSet::new();
        while let Some(id) = queue.pop() {
            if !seen.insert(id) {
                continue;
            }
            let package = &metadata.packages[id];
            let named = |component: &&Value| {
                component["name"] == package.name.as_str() && component["version"] == package.version.as_str()
            };
            let component = components.iter().find(named);
            let component =
                component.unwrap_or_else(|| panic!("{} {} is missing", package.name, package.version));
            assert!(component["purl"].as_str().unwrap().starts_with("pkg:cargo/"));
            assert!(component["licenses"][0]["expression"].is_string(), "{}", package.name);
            let checksum = component["hashes"][0]["content"].as_str();
            assert_eq!(
                checksum.is_some_and(|text| text.len() == 64),
                package.source.is_some(),
                "{}",
                package.name
            );
            queue.extend(&package.normal);
        }
        assert!(seen.len() > 100, "{} packages", seen.len());
    }
}
