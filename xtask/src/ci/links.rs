//! Links from the Markdown pages to files of the tree lead somewhere, to the heading that they name, and the book's
//! summary names every page of the book.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Component, Path, PathBuf};

use crate::book::TREE;

/// The folder of the book, and the page that lists the others.
const BOOK: &str = "docs";
const SUMMARY: &str = "docs/SUMMARY.md";

/// What is wrong, one a line.
pub(super) fn check(root: &Path) -> Vec<String> {
    let pages = pages(root);
    let mut problems: Vec<String> =
        pages.iter().flat_map(|(page, text)| broken(root, page, text, &pages)).collect();
    problems.extend(left_out(&pages));
    problems
}

/// Every page, by its path from the root.
fn pages(root: &Path) -> BTreeMap<PathBuf, String> {
    let mut files = Vec::new();
    collect(root, &mut files);
    let inside = |file: &Path| file.strip_prefix(root).unwrap_or(file).to_owned();
    files.iter().filter_map(|file| Some((inside(file), fs::read_to_string(file).ok()?))).collect()
}

fn collect(folder: &Path, pages: &mut Vec<PathBuf>) {
    let Ok(entries) = fs::read_dir(folder) else { return };
    for entry in entries.flatten() {
        let (path, name) = (entry.path(), entry.file_name());
        if path.is_dir() {
            // `book` is what mdBook writes.
            if name != "target" && name != "book" && !name.to_string_lossy().starts_with('.') {
                collect(&path, pages);
            }
        } else if path.extension().is_some_and(|ending| ending == "md") {
            pages.push(path);
        }
    }
}

fn broken(root: &Path, page: &Path, text: &str, pages: &BTreeMap<PathBuf, String>) -> Vec<String> {
    let folder = page.parent().unwrap_or(Path::new(""));
    let wrong = |link: &str| {
        let (file, anchor) = link.split_once('#').map_or((link, None), |(file, anchor)| (file, Some(anchor)));
        let target = match file.strip_prefix(TREE) {
            // As the README of a crate writes it, which a registry shows alone.
            Some(file) => PathBuf::from(file),
            None if file.is_empty() => page.to_owned(),
            None => plain(&folder.join(file)),
        };
        if !root.join(&target).exists() {
            return Some(format!("{}: the link to {link} leads nowhere", page.display()));
        }
        // Lines of a source file, such as `#L10`, and whatever else is no page have no headings.
        let headings = pages.get(&target).map(|text| anchors(text))?;
        let missing = anchor.is_some_and(|anchor| !headings.contains(anchor));
        missing.then(|| format!("{}: the link to {link} names no heading of that page", page.display()))
    };
    links(text).filter(|link| is_file(link)).filter_map(wrong).collect()
}

/// The pages of the book that its summary does not name.
fn left_out(pages: &BTreeMap<PathBuf, String>) -> Vec<String> {
    let of_the_book = pages.keys().filter(|page| page.starts_with(BOOK) && *page != Path::new(SUMMARY));
    let summary = pages.get(Path::new(SUMMARY)).map(String::as_str).unwrap_or_default();
    let named: BTreeSet<PathBuf> = links(summary).map(|link| plain(&Path::new(BOOK).join(link))).collect();
    of_the_book
        .filter(|page| !named.contains(*page))
        .map(|page| format!("{SUMMARY}: {} is in the book's folder and not in its summary", page.display()))
        .collect()
}

/// The path without `.` and `..`.
fn plain(path: &Path) -> PathBuf {
    let mut plain = PathBuf::new();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir => {
                plain.pop();
            }
            other => plain.push(other),
        }
    }
    plain
}

/// Whether a link names a file of the tree, not another place in the web or an item of the documentation.
fn is_file(link: &str) -> bool {
    let web = ["http:", "https:", "mailto:"].iter().any(|scheme| link.starts_with(scheme));
    (!web || link.starts_with(TREE)) && !link.contains("::") && !link.contains(char::is_whitespace)
}

/// The lines outside code blocks.
fn prose(text: &str) -> impl Iterator<Item = &str> {
    let mut code = false;
    text.lines().filter(move |line| {
        let fence = line.trim_start().starts_with("```");
        code ^= fence;
        !code && !fence
    })
}

/// What stands between `](` and `)`, or as a picture's `src`, outside code.
fn links(text: &str) -> impl Iterator<Item = &str> {
    prose(text).flat_map(|line| {
        let marked = line.split("](").skip(1).filter_map(|rest| Some(rest.split_once(')')?.0));
        let pictures = line.split("src=\"").skip(1).filter_map(|rest| Some(rest.split_once('"')?.0));
        marked.chain(pictures)
    })
}

/// What headings are called in links, as forges and mdBook make it: small letters, dashes for blanks, no punctuation; a
/// repeated one is numbered.
fn anchors(text: &str) -> BTreeSet<String> {
    let mut anchors = BTreeSet::new();
    let heading = |line: &str| {
        let rest = line.trim_start_matches('#');
        (rest.len() < line.len()).then(|| rest.strip_prefix(' ').map(str::to_owned)).flatten()
    };
    for heading in prose(text).filter_map(heading) {
        let anchor = anchor(&heading);
        let numbered = (1..).map(|number| format!("{anchor}-{number}"));
        let free = std::iter::once(anchor.clone()).chain(numbered).find(|anchor| !anchors.contains(anchor));
        anchors.extend(free);
    }
    anchors
}

fn anchor(heading: &str) -> String {
    // Of a link its text counts.
    let mut shown = String::new();
    for (index, part) in heading.split("](").enumerate() {
        shown.push_str(if index == 0 { part } else { part.split_once(')').map_or(part, |(_, rest)| rest) });
    }
    let kept = |letter: &char| letter.is_alphanumeric() || matches!(letter, ' ' | '-' | '_');
    shown
        .trim()
        .to_lowercase()
        .chars()
        .filter(kept)
        .map(|letter| if letter == ' ' { '-' } else { letter })
        .collect()
}

#[cfg(test)]
mod tests {
    use std::path::{Path, PathBuf};

    use super::{anchors, is_file, links, plain};

    /// A folder with these files, and what is wrong in it.
    fn check(name: &str, files: &[(&str, &str)]) -> Vec<String> {
        let folder = std::env::temp_dir().join(format!("xtask-links-{name}-{}", std::process::id()));
        for (file, text) in files {
            let path = folder.join(file);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        }
        let found = super::check(&folder);
        std::fs::remove_dir_all(&folder).unwrap();
        found
    }

    #[test]
    fn links_are_found_outside_code() {
        let text = "[a](b.md) and [c](d#e)\n```\n[x](y)\n```\n[f](https://g) [h](antom::Client)\n<img src=\"p.svg\">";
        assert_eq!(links(text).collect::<Vec<_>>(), ["b.md", "d#e", "https://g", "antom::Client", "p.svg"]);
        assert_eq!(links(text).filter(|link| is_file(link)).count(), 3);
    }

    #[test]
    fn a_broken_link_is_named() {
        let found = check("broken", &[("a.md", "[self](a.md) [gone](b.md) ![picture](c.svg)")]);
        assert_eq!(found, ["a.md: the link to b.md leads nowhere", "a.md: the link to c.svg leads nowhere"]);
    }

    #[test]
    fn whole_addresses_of_the_tree_are_followed() {
        let text = format!(
            "[1]({}a.md#top) [2]({}b.md) [3](https://elsewhere.example/b.md)",
            super::TREE,
            super::TREE
        );
        let found = check("whole", &[("crates/x/README.md", text.as_str()), ("a.md", "# Top")]);
        assert_eq!(found, [format!("crates/x/README.md: the link to {}b.md leads nowhere", super::TREE)]);
    }

    #[test]
    fn a_heading_that_is_not_there_is_named() {
        let there = "# Top\n## What is not\n```\n# no heading\n```\n";
        let links =
            "[1](sub/b.md#what-is-not) [2](sub/b.md#no-heading) [3](#here) [4](#there) [5](c.rs#L3)\n# Here";
        let found = check("anchors", &[("a.md", links), ("sub/b.md", there), ("c.rs", "")]);
        assert_eq!(
            found,
            [
                "a.md: the link to sub/b.md#no-heading names no heading of that page",
                "a.md: the link to #there names no heading of that page",
            ]
        );
    }

    #[test]
    fn headings_are_called_as_forges_call_them() {
        let text = "# The `core`, alone\n## What's not?\n## A [link](b.md)\n## Twice\n## Twice\n#no\n#### Dots … and – dashes";
        let expected = ["a-link", "dots--and--dashes", "the-core-alone", "twice", "twice-1", "whats-not"];
        assert_eq!(anchors(text).into_iter().collect::<Vec<_>>(), expected);
    }

    #[test]
    fn every_page_of_the_book_is_in_its_summary() {
        let found = check(
            "summary",
            &[
                ("docs/SUMMARY.md", "- [One](one.md)\n- [Two](guides/two.md)\n- [Out](../README.md)"),
                ("docs/one.md", ""),
                ("docs/guides/two.md", ""),
                ("docs/guides/three.md", ""),
                ("README.md", ""),
            ],
        );
        assert_eq!(
            found,
            ["docs/SUMMARY.md: docs/guides/three.md is in the book's folder and not in its summary"]
        );
        let found = check("no-summary", &[("docs/one.md", "")]);
        assert_eq!(found, ["docs/SUMMARY.md: docs/one.md is in the book's folder and not in its summary"]);
    }

    #[test]
    fn paths_are_made_plain() {
        assert_eq!(plain(Path::new("docs/guides/../one.md")), PathBuf::from("docs/one.md"));
        assert_eq!(plain(Path::new("./a/./b")), PathBuf::from("a/b"));
    }
}
