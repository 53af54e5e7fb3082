//! What rustdoc says of a library's public items, as lines of text.

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use crate::metadata::{Metadata, Package};
use crate::process::{Failure, cargo, quiet};

/// One public item, as it is written in the code.
#[derive(Debug, Clone, Default)]
pub(crate) struct Item {
    pub(crate) id: u32,
    pub(crate) parent: Option<u32>,
    pub(crate) text: String,
    /// Whether it is a function that has a body: in a trait, not each does.
    pub(crate) provided: bool,
    pub(crate) docs: Option<String>,
    /// From the root of the workspace.
    pub(crate) file: Option<String>,
}

/// Lets rustdoc describe these libraries with all their features, and gives the folder of the descriptions.
///
/// The JSON is behind an unstable flag. `RUSTC_BOOTSTRAP` lets the pinned compiler take it: another compiler would
/// write another format. The folder is one of its own, since build scripts look at that variable, and the next
/// build would start from the beginning.
pub(crate) fn describe(metadata: &Metadata, packages: &[&Package]) -> Result<PathBuf, Failure> {
    let target = metadata.target.join("api");
    let folder = target.join("doc");
    // What rustdoc wrote for an older tree must not be taken for an answer.
    for package in packages {
        let file = json_file(&folder, package);
        if file.exists() {
            fs::remove_file(&file).map_err(|error| Failure::file("removing", &file, &error))?;
        }
    }
    let mut command = cargo(&["doc", "--quiet", "--locked", "--all-features", "--lib", "--no-deps"]);
    command.args(packages.iter().flat_map(|package| ["--package", package.name.as_str()]));
    command.env("CARGO_TARGET_DIR", &target).env("RUSTC_BOOTSTRAP", "1");
    command.env("RUSTDOCFLAGS", "-Z unstable-options --output-format json");
    quiet(command)?;
    Ok(folder)
}

/// The public items of a library that was described.
pub(crate) fn items(folder: &Path, package: &Package) -> Result<Vec<Item>, Failure> {
    let file = json_file(folder, package);
    let entries = entries(&file)?;
    let api = public_api::Builder::from_rustdoc_json(&file).omit_blanket_impls(true).build().map_err(|error| {
        Failure::new(format!(
            "reading what rustdoc wrote of {} failed: {error}; the version of `public-api` in xtask/Cargo.toml has \
             to fit the toolchain",
            package.name
        ))
    })?;
    let items = api.items().map(|item| {
        let entry = entries.get(&item.id().0);
        Item {
            id: item.id().0,
            parent: item.parent_id().map(|id| id.0),
            text: item.to_string(),
            provided: entry
                .and_then(|entry| entry.inner.function.as_ref())
                .is_some_and(|function| function.has_body),
            docs: entry.and_then(|entry| entry.docs.clone()),
            file: entry.and_then(|entry| entry.span.as_ref()).map(|span| span.filename.clone()),
        }
    });
    Ok(items.collect())
}

fn json_file(folder: &Path, package: &Package) -> PathBuf {
    folder.join(format!("{}.json", package.name.replace('-', "_")))
}

/// What `public-api` does not tell of an item.
#[derive(Deserialize)]
struct Entry {
    inner: Inner,
    docs: Option<String>,
    span: Option<Span>,
}

#[derive(Deserialize)]
struct Inner {
    function: Option<Function>,
}

#[derive(Deserialize)]
struct Function {
    has_body: bool,
}

#[derive(Deserialize)]
struct Span {
    filename: String,
}

fn entries(file: &Path) -> Result<HashMap<u32, Entry>, Failure> {
    #[derive(Deserialize)]
    struct Document {
        index: HashMap<u32, Entry>,
    }
    let text = fs::read_to_string(file).map_err(|error| Failure::file("reading", file, &error))?;
    let document: Document = serde_json::from_str(&text)
        .map_err(|error| Failure::new(format!("reading {} failed: {error}", file.display())))?;
    Ok(document.index)
}
