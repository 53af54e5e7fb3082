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
            let file = link.split('#').next().unwrap_or_default();
            if !file.is_empty() && !folder.join(file).exists() {
                let shown = page.strip_prefix(root).unwrap_or(&page).display();
                broken.push(format!("{shown}: the link to {link} leads nowhere"));
            }
        }
    }
    broken
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

/// What stands between `](` and `)`, outside code blocks.
fn links(text: &str) -> impl Iterator<Item = &str> {
    let mut code = false;
    let plain = text.lines().filter(move |line| {
        let fence = line.trim_start().starts_with("```");
        code ^= fence;
        !code && !fence
    });
    plain.flat_map(|line| line.split("](").skip(1).filter_map(|rest| Some(rest.split_once(')')?.0)))
}

#[cfg(test)]
mod tests {
    use super::{is_file, links};

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
}
