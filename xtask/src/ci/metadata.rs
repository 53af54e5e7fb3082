//! `cargo metadata`, as far as the checks look at it.

use std::collections::BTreeMap;

use serde_json::Value;

use super::run::{Failure, cargo};

/// The workspace and everything it depends on, with all features and for every target.
#[derive(Debug, Default)]
pub(super) struct Metadata {
    pub(super) packages: BTreeMap<String, Package>,
    pub(super) members: Vec<String>,
}

/// One package; the key in [`Metadata::packages`] is its id.
#[derive(Debug, Default)]
pub(super) struct Package {
    pub(super) name: String,
    pub(super) manifest: String,
    pub(super) edition: String,
    pub(super) licence: Option<String>,
    pub(super) description: Option<String>,
    pub(super) rust_version: Option<String>,
    /// `publish = false` is an empty list of registries.
    pub(super) published: bool,
    /// As the manifest has them: name and kind.
    pub(super) declared: Vec<(String, Kind)>,
    /// Ids of what is linked into it.
    pub(super) normal: Vec<String>,
}

/// Why a package is depended on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Normal,
    Build,
    Development,
}

impl Metadata {
    /// Asks cargo.
    pub(super) fn load() -> Result<Self, Failure> {
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
    pub(super) fn read(document: &Value) -> Self {
        let mut packages: BTreeMap<_, _> = array(&document["packages"])
            .map(|package| (text(&package["id"]), Package::read(package)))
            .collect();
        for node in document.pointer("/resolve/nodes").into_iter().flat_map(array) {
            let Some(package) = packages.get_mut(&text(&node["id"])) else { continue };
            package.normal = array(&node["deps"])
                .filter(|edge| {
                    array(&edge["dep_kinds"]).any(|kind| Kind::read(&kind["kind"]) == Kind::Normal)
                })
                .map(|edge| text(&edge["pkg"]))
                .collect();
        }
        let members = array(&document["workspace_members"]).map(text).collect();
        Self { packages, members }
    }

    /// The packages of the workspace.
    pub(super) fn members(&self) -> impl Iterator<Item = &Package> {
        self.members.iter().filter_map(|id| self.packages.get(id))
    }
}

impl Package {
    fn read(value: &Value) -> Self {
        let optional = |name: &str| value[name].as_str().map(str::to_owned);
        Self {
            name: text(&value["name"]),
            manifest: text(&value["manifest_path"]),
            edition: text(&value["edition"]),
            licence: optional("license"),
            description: optional("description"),
            rust_version: optional("rust_version"),
            published: value["publish"].as_array().is_none_or(|registries| !registries.is_empty()),
            declared: array(&value["dependencies"])
                .map(|dependency| (text(&dependency["name"]), Kind::read(&dependency["kind"])))
                .collect(),
            normal: Vec::new(),
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

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

fn array(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}
