//! Links from the Markdown pages to files of the tree lead somewhere.

use std::fs;
use std::path::{Path, PathBuf};

/// The links that lead nowhere, one a line.
pub(super) fn check(root: &Path) -> Vec<String> {
    let mut pages = Vec::new();
    collect(root, &mut pages);
    pages.sort();
    let mut broken = Vec::new();
    for page in pages {
        let Ok(text) = fs::read_to_string(&page) else { continue };
        let folder = page.parent().unwrap_or(root);
        for link in links(&text).filter(|link| is_file(link)) {
            let (file, place) = link.split_once('#').unwrap_or((link, ""));
            let target = if file.is_empty() { page.clone() } else { folder.join(file) };
            if !target.exists() || !has_place(&target, place) {
                let shown = page.strip_prefix(root).unwrap_or(&page).display();
                broken.push(format!("{shown}: the link to {link} leads nowhere"));
            }
        }
    }
    broken.extend(unlisted(root));
    broken
}

/// Whether a page has a heading of this name. What is no page, or a line of a program, is not looked at.
fn has_place(file: &Path, place: &str) -> bool {
    if place.is_empty() || file.extension().is_none_or(|ending| ending != "md") {
        return true;
    }
    fs::read_to_string(file).is_ok_and(|text| plain(&text).any(|line| anchor(line).as_deref() == Some(place)))
}

/// What a heading is called in a link: its letters and digits, with dashes for the spaces.
fn anchor(line: &str) -> Option<String> {
    let title = line.trim_start_matches('#');
    if title.len() == line.len() || !title.starts_with(' ') {
        return None;
    }
    let kept = title.trim().chars().filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'));
    Some(kept.flat_map(char::to_lowercase).map(|c| if c == ' ' { '-' } else { c }).collect())
}

/// The pages of the book that its list does not name: nobody would find them.
fn unlisted(root: &Path) -> Vec<String> {
    let docs = root.join("docs");
    let Ok(summary) = fs::read_to_string(docs.join("SUMMARY.md")) else { return Vec::new() };
    let listed: Vec<PathBuf> = links(&summary).map(|link| docs.join(link)).collect();
    let mut pages = Vec::new();
    collect(&docs, &mut pages);
    pages.sort();
    pages
        .iter()
        .filter(|page| !listed.contains(page) && !page.ends_with("SUMMARY.md"))
        .map(|page| {
            format!("docs/SUMMARY.md does not name {}", page.strip_prefix(root).unwrap_or(page).display())
        })
        .collect()
}

fn collect(folder: &Path, pages: &mut Vec<PathBuf>) {
    let Ok(entries) = fs::read_dir(folder) else { return };
    for entry in entries.flatten() {
        let (path, name) = (entry.path(), entry.file_name());
        if path.is_dir() {
            if name != "target" && !name.to_string_lossy().starts_with('.') {
                collect(&path, pages);
            }
        } else if path.extension().is_some_and(|ending| ending == "md") {
            pages.push(path);
        }
    }
}

/// Whether a link names a file beside the page, not a place in the web or an item of the documentation.
fn is_file(link: &str) -> bool {
    let web = ["http:", "https:", "mailto:"].iter().any(|scheme| link.starts_with(scheme));
    !web && !link.contains("::") && !link.contains(char::is_whitespace)
}

/// The lines outside code blocks.
fn plain(text: &str) -> impl Iterator<Item = &str> {
    let mut code = false;
    text.lines().filter(move |line| {
        let fence = line.trim_start().starts_with("```");
        code ^= fence;
        !code && !fence
    })
}

/// What stands between `](` and `)`, outside code blocks.
fn links(text: &str) -> impl Iterator<Item = &str> {
    plain(text).flat_map(|line| line.split("](").skip(1).filter_map(|rest| Some(rest.split_once(')')?.0)))
}

#[cfg(test)]
mod tests {
    use super::{anchor, is_file, links};

    #[test]
    fn links_are_found_outside_code() {
        let text = "[a](b.md) and [c](d#e)\n```\n[x](y)\n```\n[f](https://g) [h](antom::Client)";
        assert_eq!(links(text).collect::<Vec<_>>(), ["b.md", "d#e", "https://g", "antom::Client"]);
        assert_eq!(links(text).filter(|link| is_file(link)).count(), 2);
    }

    #[test]
    fn a_broken_link_is_named() {
        let folder = std::env::temp_dir().join(format!("xtask-links-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(folder.join("a.md"), "[self](a.md) [gone](b.md)").unwrap();
        let found = super::check(&folder);
        std::fs::remove_dir_all(&folder).unwrap();
        assert_eq!(found, ["a.md: the link to b.md leads nowhere"]);
    }

    #[test]
    fn places_within_pages_are_headings() {
        assert_eq!(anchor("## Back up and restore").as_deref(), Some("back-up-and-restore"));
        assert_eq!(anchor("### `Reply`: why?").as_deref(), Some("reply-why"));
        assert_eq!((anchor("no heading"), anchor("#!/bin/sh")), (None, None));
        let folder = std::env::temp_dir().join(format!("xtask-places-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(folder.join("a.md"), "# One\n[here](#one) [there](#two) [it](a.md#one)").unwrap();
        let found = super::check(&folder);
        std::fs::remove_dir_all(&folder).unwrap();
        assert_eq!(found, ["a.md: the link to #two leads nowhere"]);
    }

    #[test]
    fn a_page_that_the_book_does_not_name_is_named() {
        let root = std::env::temp_dir().join(format!("xtask-book-{}", std::process::id()));
        std::fs::create_dir_all(root.join("docs")).unwrap();
        for (name, text) in [("SUMMARY.md", "[a](a.md)"), ("a.md", ""), ("b.md", "")] {
            std::fs::write(root.join("docs").join(name), text).unwrap();
        }
        let found = super::check(&root);
        std::fs::remove_dir_all(&root).unwrap();
        assert_eq!(found, ["docs/SUMMARY.md does not name docs/b.md"]);
    }
}
