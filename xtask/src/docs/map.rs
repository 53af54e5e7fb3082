//! The map of the crates, drawn from their manifests: who names whom, and what each is for.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;

use crate::metadata::{Kind, Metadata, Package};
use crate::process::{Failure, say};

const FILE: &str = "docs/crates.md";

/// What `cargo xtask docs map` is told.
#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// Writes nothing, and fails if the page is not what the manifests say.
    #[arg(long)]
    check: bool,
}

pub(super) fn run(arguments: &Arguments, metadata: &Metadata) -> Result<(), Failure> {
    if arguments.check {
        return match check(metadata).first() {
            None => Ok(()),
            Some(problem) => Err(Failure::new(problem.clone())),
        };
    }
    fs::write(metadata.root.join(FILE), draw(metadata))
        .map_err(|error| Failure::new(format!("writing {FILE} failed: {error}")))?;
    say(&format!("{FILE}\n"));
    Ok(())
}

/// What is wrong with the page that is there.
pub(crate) fn check(metadata: &Metadata) -> Vec<String> {
    match fs::read_to_string(metadata.root.join(FILE)) {
        Ok(text) if text == draw(metadata) => Vec::new(),
        Ok(_) => vec![format!("{FILE} is not what the manifests say: run `cargo xtask docs map`")],
        Err(error) => vec![format!("reading {FILE} failed: {error}")],
    }
}

fn draw(metadata: &Metadata) -> String {
    let mut members: Vec<&Package> = metadata.members().collect();
    members.sort_by(|a, b| (!a.published, &a.name).cmp(&(!b.published, &b.name)));
    let ours: BTreeSet<&str> = members.iter().map(|package| package.name.as_str()).collect();
    let mut page = String::from(
        "<!-- Written by `cargo xtask docs map` from the manifests. Do not edit. -->\n# Crates\n\n\
         After this page you know which crate is for what, and which may name which. An arrow leads from a crate to one that it\n\
         depends on; the dashed boxes are not published.\n\n```mermaid\ngraph TD\n",
    );
    for package in &members {
        let (open, close) = if package.published { ("[", "]") } else { ("([", "])") };
        let _ = writeln!(page, "  {}{open}{}{close}", node(&package.name), package.name);
    }
    for package in &members {
        let needed: BTreeSet<&str> = package
            .declared
            .iter()
            .filter(|needed| needed.kind == Kind::Normal && needed.name != package.name)
            .map(|needed| needed.name.as_str())
            .filter(|name| ours.contains(name))
            .collect();
        for name in needed {
            let _ = writeln!(page, "  {} --> {}", node(&package.name), node(name));
        }
    }
    let inner: Vec<String> =
        members.iter().filter(|package| !package.published).map(|package| node(&package.name)).collect();
    if !inner.is_empty() {
        let _ = writeln!(page, "  classDef inner stroke-dasharray: 4 3\n  class {} inner", inner.join(","));
    }
    page.push_str("```\n\n| crate | what it is for | features |\n| --- | --- | --- |\n");
    for package in &members {
        let features: Vec<String> = package
            .features
            .keys()
            .filter(|name| *name != "default" && package.published)
            .map(|name| format!("`{name}`"))
            .collect();
        let description = package.description.as_deref().unwrap_or_default();
        let _ = writeln!(page, "| `{}` | {description} | {} |", package.name, features.join(", "));
    }
    page
}

/// A name as the picture takes it.
fn node(name: &str) -> String {
    name.replace('-', "_")
}

#[cfg(test)]
mod tests {
    use crate::metadata::Declared;

    use super::*;

    #[test]
    fn arrows_and_purposes_are_drawn() {
        let package = |name: &str, published, needs: &[(&str, Kind)]| Package {
            name: name.into(),
            published,
            description: Some(format!("is {name}")),
            declared: needs
                .iter()
                .map(|(name, kind)| Declared { name: (*name).into(), kind: *kind, ..Declared::default() })
                .collect(),
            ..Package::default()
        };
        let mut metadata = Metadata::default();
        for (id, package) in [
            ("1", package("a-core", true, &[("serde", Kind::Normal)])),
            ("2", package("a", true, &[("a-core", Kind::Normal), ("tests", Kind::Development)])),
            ("3", package("tests", false, &[("a", Kind::Normal)])),
        ] {
            metadata.members.push(id.into());
            metadata.packages.insert(id.into(), package);
        }
        let page = draw(&metadata);
        for line in ["  a --> a_core", "  tests --> a", "  tests([tests])", "| `a-core` | is a-core |  |"] {
            assert!(page.lines().any(|known| known == line), "{line} in\n{page}");
        }
        assert!(!page.contains("a --> tests") && !page.contains("serde"), "{page}");
    }
}
