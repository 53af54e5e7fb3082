//! The map of the crates in docs/crates.md and its picture, drawn from `cargo metadata`.

mod picture;

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::process::ExitCode;

use super::metadata::{Kind, Metadata, Package};
use super::say;

/// What `cargo xtask map` is told.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// Writes nothing; fails if the page is not what the manifests say.
    #[arg(long)]
    check: bool,
}

const PAGE: &str = "docs/crates.md";
const PICTURE: &str = "docs/pictures/crates.svg";
const BEGIN: &str = "<!-- map: begin (cargo xtask map) -->";
const END: &str = "<!-- map: end -->";

/// Draws the map anew, or says whether it is up to date.
pub(crate) fn main(arguments: &Arguments) -> ExitCode {
    match refresh(arguments.check) {
        Ok(()) => ExitCode::SUCCESS,
        Err(what) => {
            say(&format!("{what}\n"));
            ExitCode::FAILURE
        }
    }
}

fn refresh(check: bool) -> Result<(), String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let metadata = Metadata::load().map_err(|failure| failure.what)?;
    let page = fs::read_to_string(root.join(PAGE)).map_err(|error| format!("{PAGE}: {error}"))?;
    let page =
        replace(&page, &table(&metadata)).ok_or(format!("{PAGE}: the marks around the map are gone"))?;
    for (file, new) in [(PAGE, page), (PICTURE, picture::draw(&metadata))] {
        let old = fs::read_to_string(root.join(file)).unwrap_or_default();
        if old != new && check {
            return Err(format!("{file}: it is not what the manifests say; run `cargo xtask map`"));
        }
        if old != new {
            fs::write(root.join(file), new).map_err(|error| format!("{file}: {error}"))?;
        }
    }
    Ok(())
}

/// The page with another map between the marks.
fn replace(page: &str, map: &str) -> Option<String> {
    let (head, rest) = page.split_once(BEGIN)?;
    let (_, tail) = rest.split_once(END)?;
    Some(format!("{head}{BEGIN}\n\n{map}\n{END}{tail}"))
}

/// A row for each crate: what it is for, and which of ours it names.
fn table(metadata: &Metadata) -> String {
    let mut packages: Vec<&Package> = metadata.members().collect();
    packages.sort_by_key(|package| (!package.published, package.name.as_str()));
    let ours: BTreeSet<&str> = packages.iter().map(|package| package.name.as_str()).collect();
    let mut text =
        String::from("| crate | published | Rust | what it is | names |\n| --- | --- | --- | --- | --- |\n");
    for package in packages {
        let names: Vec<String> = named(package, &ours).map(|name| format!("`{name}`")).collect();
        // Writing to a String cannot fail.
        let _ = writeln!(
            text,
            "| `{}` | {} | {} | {} | {} |",
            package.name,
            if package.published { "yes" } else { "" },
            package.rust_version.as_deref().unwrap_or_default(),
            package.description.as_deref().unwrap_or_default(),
            if names.is_empty() { "nothing of ours".to_owned() } else { names.join(", ") },
        );
    }
    text
}

/// Which of ours a crate is linked with, tests apart.
fn named<'a>(package: &'a Package, ours: &BTreeSet<&str>) -> impl Iterator<Item = &'a str> {
    let names: BTreeSet<&str> = package
        .declared
        .iter()
        .filter(|(name, kind)| *kind != Kind::Development && ours.contains(name.as_str()))
        .map(|(name, _)| name.as_str())
        .collect();
    names.into_iter()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{replace, table};
    use crate::ci::metadata::Metadata;

    #[test]
    fn the_table_has_arrows_without_those_of_tests() {
        let package = |name: &str, publish: serde_json::Value, dependencies: serde_json::Value| {
            json!({
                "id": name, "name": name, "publish": publish, "rust_version": "1.89", "description": format!("Is {name}."),
                "dependencies": dependencies,
            })
        };
        let metadata = Metadata::read(&json!({
            "workspace_members": ["b-tools", "a-core", "a"],
            "packages": [
                package("b-tools", json!([]), json!([{ "name": "a", "kind": null }])),
                package("a-core", json!(null), json!([{ "name": "serde", "kind": null }])),
                package("a", json!(null), json!([
                    { "name": "a-core", "kind": null },
                    { "name": "a-core", "kind": null },
                    { "name": "b-tools", "kind": "dev" },
                ])),
            ],
        }));
        let expected = "| crate | published | Rust | what it is | names |
| --- | --- | --- | --- | --- |
| `a` | yes | 1.89 | Is a. | `a-core` |
| `a-core` | yes | 1.89 | Is a-core. | nothing of ours |
| `b-tools` |  | 1.89 | Is b-tools. | `a` |
";
        assert_eq!(table(&metadata), expected);
    }

    #[test]
    fn only_what_stands_between_the_marks_is_replaced() {
        let page = "a\n<!-- map: begin (cargo xtask map) -->\nold\n<!-- map: end -->\nb\n";
        let new = replace(page, "new\n").unwrap();
        assert_eq!(new, "a\n<!-- map: begin (cargo xtask map) -->\n\nnew\n\n<!-- map: end -->\nb\n");
        assert_eq!(replace(&new, "new\n").unwrap(), new);
        assert_eq!(replace("no marks", "new"), None);
    }
}
