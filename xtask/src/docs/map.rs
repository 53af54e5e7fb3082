//! The map of the crates, drawn from their manifests: who names whom, and what each is for.

mod picture;

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;

use crate::metadata::{Kind, Metadata, Package};
use crate::process::{Failure, say};

const PAGE: &str = "docs/crates.md";
const PICTURE: &str = "docs/pictures/crates.svg";
const BEGIN: &str = "<!-- map: begin (cargo xtask docs map) -->";
const END: &str = "<!-- map: end -->";

/// What `cargo xtask docs map` is told.
#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// Writes nothing, and fails if page or picture are not what the manifests say.
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
    for (file, text) in drawn(metadata)? {
        let path = metadata.root.join(file);
        fs::write(&path, text).map_err(|error| Failure::file("writing", &path, &error))?;
        say(&format!("{file}\n"));
    }
    Ok(())
}

/// What is wrong with the page and the picture that are there.
pub(crate) fn check(metadata: &Metadata) -> Vec<String> {
    let drawn = match drawn(metadata) {
        Ok(drawn) => drawn,
        Err(failure) => return vec![failure.what],
    };
    let differs = |(file, text): &(&str, String)| {
        let there = fs::read_to_string(metadata.root.join(file)).unwrap_or_default();
        (there != *text).then(|| format!("{file} is not what the manifests say: run `cargo xtask docs map`"))
    };
    drawn.iter().filter_map(differs).collect()
}

/// The files as they should be.
fn drawn(metadata: &Metadata) -> Result<[(&'static str, String); 2], Failure> {
    let path = metadata.root.join(PAGE);
    let page = fs::read_to_string(&path).map_err(|error| Failure::file("reading", &path, &error))?;
    let page = replace(&page, &table(metadata))
        .ok_or_else(|| Failure::new(format!("{PAGE}: the marks around the table are gone")))?;
    Ok([(PAGE, page), (PICTURE, picture::draw(metadata))])
}

/// The page with another table between the marks.
fn replace(page: &str, table: &str) -> Option<String> {
    let (head, rest) = page.split_once(BEGIN)?;
    let (_, tail) = rest.split_once(END)?;
    Some(format!("{head}{BEGIN}\n\n{table}\n{END}{tail}"))
}

/// A row for each crate: what it is for, which of ours it names, and its features.
fn table(metadata: &Metadata) -> String {
    let mut members: Vec<&Package> = metadata.members().collect();
    members.sort_by_key(|package| (!package.published, package.name.as_str()));
    let ours: BTreeSet<&str> = members.iter().map(|package| package.name.as_str()).collect();
    let mut text = String::from(
        "| crate | published | Rust | what it is for | names | features |\n| --- | --- | --- | --- | --- | --- |\n",
    );
    let quoted =
        |names: Vec<&str>| names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
    for package in members {
        let names: Vec<&str> = named(package, &ours).collect();
        let features = package.features.keys().map(String::as_str);
        let features = features.filter(|name| *name != "default" && package.published).collect();
        // Writing to a String cannot fail.
        let _ = writeln!(
            text,
            "| `{}` | {} | {} | {} | {} | {} |",
            package.name,
            if package.published { "yes" } else { "" },
            package.rust_version.as_deref().unwrap_or_default(),
            package.description.as_deref().unwrap_or_default(),
            if names.is_empty() { "nothing of ours".to_owned() } else { quoted(names) },
            quoted(features),
        );
    }
    text
}

/// Which of ours a crate is linked with, tests apart.
fn named<'a>(package: &'a Package, ours: &BTreeSet<&str>) -> impl Iterator<Item = &'a str> {
    let is_one =
        |name: &str, kind: Kind| kind != Kind::Development && name != package.name && ours.contains(name);
    let names: BTreeSet<&str> = package
        .declared
        .iter()
        .filter(|needed| is_one(&needed.name, needed.kind))
        .map(|needed| needed.name.as_str())
        .collect();
    names.into_iter()
}

#[cfg(test)]
mod tests {
    use crate::metadata::Declared;

    use super::*;

    /// A package's name, whether it is published, and what it names.
    type Made<'a> = (&'a str, bool, &'a [(&'a str, Kind)]);

    /// A workspace of packages by name, with what each needs.
    pub(super) fn world(packages: &[Made<'_>]) -> Metadata {
        let mut metadata = Metadata::default();
        for (name, published, needs) in packages {
            let need = |(name, kind): &(&str, Kind)| Declared {
                name: (*name).into(),
                kind: *kind,
                ..Declared::default()
            };
            let package = Package {
                name: (*name).into(),
                published: *published,
                rust_version: Some("1.89".into()),
                description: Some(format!("is {name}")),
                declared: needs.iter().map(need).collect(),
                ..Package::default()
            };
            metadata.members.push((*name).into());
            metadata.packages.insert((*name).into(), package);
        }
        metadata
    }

    #[test]
    fn the_table_has_arrows_without_those_of_tests() {
        let metadata = world(&[
            ("tests", false, &[("a", Kind::Normal)]),
            ("a-core", true, &[("serde", Kind::Normal)]),
            ("a", true, &[("a-core", Kind::Normal), ("tests", Kind::Development)]),
        ]);
        let expected = "| crate | published | Rust | what it is for | names | features |
| --- | --- | --- | --- | --- | --- |
| `a` | yes | 1.89 | is a | `a-core` |  |
| `a-core` | yes | 1.89 | is a-core | nothing of ours |  |
| `tests` |  | 1.89 | is tests | `a` |  |
";
        assert_eq!(table(&metadata), expected);
    }

    #[test]
    fn only_what_stands_between_the_marks_is_replaced() {
        let page = format!("a\n{BEGIN}\nold\n{END}\nb\n");
        let new = replace(&page, "new\n").unwrap();
        assert_eq!(new, format!("a\n{BEGIN}\n\nnew\n\n{END}\nb\n"));
        assert_eq!(replace(&new, "new\n").unwrap(), new);
        assert_eq!(replace("no marks", "new"), None);
    }
}
