//! `cargo metadata`, as far as the checks look at it.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use serde_json::Value;

use crate::process::{Failure, cargo};

/// The workspace and everything it depends on, with all features and for every target.
#[derive(Debug, Default)]
pub(crate) struct Metadata {
    pub(crate) packages: BTreeMap<String, Package>,
    pub(crate) members: Vec<String>,
    /// The folder of the workspace, and where cargo builds.
    pub(crate) root: PathBuf,
    pub(crate) target: PathBuf,
}

/// One package; the key in [`Metadata::packages`] is its id.
#[derive(Debug, Default)]
pub(crate) struct Package {
    pub(crate) name: String,
    pub(crate) version: String,
    /// None for what lies in a folder.
    pub(crate) source: Option<String>,
    pub(crate) manifest: String,
    pub(crate) edition: String,
    pub(crate) licence: Option<String>,
    pub(crate) description: Option<String>,
    pub(crate) rust_version: Option<String>,
    pub(crate) repository: Option<String>,
    pub(crate) readme: Option<String>,
    pub(crate) keywords: Vec<String>,
    pub(crate) categories: Vec<String>,
    /// Whether `[package.metadata.docs.rs]` says which features the documentation shows.
    pub(crate) docs_rs: bool,
    /// Whether there is a library for others to use.
    pub(crate) library: bool,
    /// The features with what they turn on.
    pub(crate) features: BTreeMap<String, Vec<String>>,
    /// `publish = false` is an empty list of registries.
    pub(crate) published: bool,
    /// As the manifest has them.
    pub(crate) declared: Vec<Declared>,
    /// Ids of what is linked into it.
    pub(crate) normal: Vec<String>,
    /// Ids of what its build script is linked with.
    pub(crate) build: Vec<String>,
}

/// One dependency as a manifest has it.
#[derive(Debug, Clone, Default)]
pub(crate) struct Declared {
    pub(crate) name: String,
    pub(crate) kind: Kind,
    pub(crate) requirement: String,
    /// Whether a folder is named, which is so for our own.
    pub(crate) path: bool,
}

/// Why a package is depended on.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Kind {
    #[default]
    Normal,
    Build,
    Development,
}

impl Metadata {
    /// Asks cargo.
    pub(crate) fn load() -> Result<Self, Failure> {
        let output = cargo(&["metadata", "--format-version", "1", "--all-features", "--locked"])
            .output()
            .map_err(|error| Failure::new(format!("starting cargo metadata failed: {error}")))?;
        if !output.status.success() {
            let message = String::from_utf8_lossy(&output.stderr).trim().to_owned();
            return Err(Failure::new(format!("cargo metadata failed: {message}")));
        }
        let document = serde_json::from_slice(&output.stdout)
            .map_err(|error| Failure::new(format!("reading the answer of cargo metadata failed: {error}")))?;
        Ok(Self::read(&document))
    }

    /// Reads a document of format version 1.
    pub(crate) fn read(document: &Value) -> Self {
        let mut packages: BTreeMap<_, _> = array(&document["packages"])
            .map(|package| (text(&package["id"]), Package::read(package)))
            .collect();
        for node in document.pointer("/resolve/nodes").into_iter().flat_map(array) {
            let Some(package) = packages.get_mut(&text(&node["id"])) else { continue };
            package.normal = edges(node, Kind::Normal);
            package.build = edges(node, Kind::Build);
        }
        let members = array(&document["workspace_members"]).map(text).collect();
        let folder = |name: &str| PathBuf::from(text(&document[name]));
        Self { packages, members, root: folder("workspace_root"), target: folder("target_directory") }
    }

    /// The published packages, each behind those that it needs, tests included.
    pub(crate) fn published(&self) -> Vec<&Package> {
        let mut waiting: Vec<&Package> = self.members().filter(|package| package.published).collect();
        waiting.sort_by(|one, other| one.name.cmp(&other.name));
        let mut sorted = Vec::new();
        while !waiting.is_empty() {
            let names: BTreeSet<&str> = waiting.iter().map(|package| package.name.as_str()).collect();
            let needs_another = |package: &Package| {
                package
                    .declared
                    .iter()
                    .any(|needed| needed.name != package.name && names.contains(needed.name.as_str()))
            };
            let (later, now): (Vec<_>, Vec<_>) = waiting.iter().partition(|package| needs_another(package));
            // A circle, which cargo refuses: nothing would ever be ready.
            if now.is_empty() {
                sorted.extend(later);
                break;
            }
            sorted.extend(now);
            waiting = later;
        }
        sorted
    }

    /// The packages of the workspace.
    pub(crate) fn members(&self) -> impl Iterator<Item = &Package> {
        self.members.iter().filter_map(|id| self.packages.get(id))
    }
}

impl Package {
    /// The licence as an expression. Old manifests write `MIT/Apache-2.0`.
    pub(crate) fn spdx(&self) -> Option<String> {
        self.licence
            .as_ref()
            .map(|licence| licence.split('/').map(str::trim).collect::<Vec<_>>().join(" OR "))
    }

    fn read(value: &Value) -> Self {
        let optional = |name: &str| value[name].as_str().map(str::to_owned);
        let kinds = |target: &Value| array(&target["kind"]).any(|kind| kind == "lib");
        Self {
            name: text(&value["name"]),
            version: text(&value["version"]),
            source: optional("source"),
            manifest: text(&value["manifest_path"]),
            edition: text(&value["edition"]),
            licence: optional("license"),
            description: optional("description"),
            rust_version: optional("rust_version"),
            repository: optional("repository"),
            readme: optional("readme"),
            keywords: array(&value["keywords"]).map(text).collect(),
            categories: array(&value["categories"]).map(text).collect(),
            docs_rs: value
                .pointer("/metadata/docs/rs")
                .is_some_and(|table| table.get("all-features").is_some() || table.get("features").is_some()),
            library: array(&value["targets"]).any(kinds),
            features: value["features"]
                .as_object()
                .into_iter()
                .flatten()
                .map(|(name, implied)| (name.clone(), array(implied).map(text).collect()))
                .collect(),
            published: value["publish"].as_array().is_none_or(|registries| !registries.is_empty()),
            declared: array(&value["dependencies"])
                .map(|dependency| Declared {
                    name: text(&dependency["name"]),
                    kind: Kind::read(&dependency["kind"]),
                    requirement: text(&dependency["req"]),
                    path: dependency["path"].is_string(),
                })
                .collect(),
            normal: Vec::new(),
            build: Vec::new(),
        }
    }
}

impl Kind {
    fn read(value: &Value) -> Self {
        match value.as_str() {
            Some("dev") => Self::Development,
            Some("build") => Self::Build,
            _ => Self::Normal,
        }
    }
}

fn edges(node: &Value, wanted: Kind) -> Vec<String> {
    let is_wanted = |edge: &&Value| array(&edge["dep_kinds"]).any(|kind| Kind::read(&kind["kind"]) == wanted);
    array(&node["deps"]).filter(is_wanted).map(|edge| text(&edge["pkg"])).collect()
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

fn array(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::Metadata;

    #[test]
    fn what_is_needed_comes_first() {
        let package = |name: &str, needed: &[&str]| {
            let needed: Vec<_> = needed.iter().map(|name| json!({ "name": name })).collect();
            json!({ "id": name, "name": name, "dependencies": needed })
        };
        let metadata = Metadata::read(&json!({
            "packages": [package("a", &["c", "a", "serde"]), package("b", &[]), package("c", &["b"])],
            "workspace_members": ["a", "b", "c"],
        }));
        let names: Vec<&str> = metadata.published().iter().map(|package| package.name.as_str()).collect();
        assert_eq!(names, ["b", "c", "a"]);
    }
}
