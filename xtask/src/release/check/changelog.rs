//! CHANGELOG.md: `## 0.1.0 (unreleased)` while it grows, `## 0.1.0 - 2026-01-31` once it is released.

use std::fs;
use std::path::Path;

use super::{Failure, Found};
use crate::metadata::Package;

/// A version's part of the changelog.
#[derive(Debug, PartialEq, Eq)]
pub(in crate::release) struct Entry {
    pub(in crate::release) released: bool,
    /// How many things it names.
    pub(in crate::release) points: usize,
}

pub(super) fn check(root: &Path, packages: &[&Package]) -> Result<Found, Failure> {
    let Some(version) = packages.first().map(|package| package.version.as_str()) else {
        return Ok(Found::default());
    };
    let mut found = Found::default();
    match Entry::of(root, version)? {
        Ok(entry) if entry.points == 0 => {
            found.problems.push(format!("the entry for {version} names nothing"))
        }
        Ok(entry) => {
            let state = if entry.released { "with its date" } else { "unreleased" };
            found.said.push(format!("CHANGELOG.md: {version}, {state}, {} points", entry.points));
        }
        Err(problem) => found.problems.push(problem),
    }
    Ok(found)
}

impl Entry {
    /// Reads the entry of a version; the inner error is a problem of the text.
    pub(in crate::release) fn of(root: &Path, version: &str) -> Result<Result<Self, String>, Failure> {
        let file = root.join("CHANGELOG.md");
        let text = fs::read_to_string(&file).map_err(|error| Failure::file("reading", &file, &error))?;
        Ok(Self::read(&text, version))
    }

    fn read(text: &str, version: &str) -> Result<Self, String> {
        let heading = format!("## {version}");
        let mut lines = text.lines();
        let Some(rest) =
            lines.find_map(|line| line.strip_prefix(&heading).filter(|rest| !rest.starts_with('.')))
        else {
            return Err(format!("CHANGELOG.md has no heading `{heading}`"));
        };
        let released = match rest {
            " (unreleased)" => false,
            rest if rest.strip_prefix(" - ").is_some_and(is_date) => true,
            _ => {
                return Err(format!(
                    "`{heading}{rest}` is neither `{heading} (unreleased)` nor `{heading} - YYYY-MM-DD`"
                ));
            }
        };
        let points =
            lines.take_while(|line| !line.starts_with("## ")).filter(|line| line.starts_with("- ")).count();
        Ok(Self { released, points })
    }
}

fn is_date(text: &str) -> bool {
    let parts: Vec<&str> = text.split('-').collect();
    let lengths: Vec<usize> = parts.iter().map(|part| part.len()).collect();
    lengths == [4, 2, 2] && parts.iter().all(|part| part.bytes().all(|byte| byte.is_ascii_digit()))
}

#[cfg(test)]
mod tests {
    use super::Entry;

    #[test]
    fn an_entry_is_released_or_not() {
        let text = "# Changelog\n\n## 0.2.0 (unreleased)\n\n- A.\n- B,\n  and more.\n\n## 0.1.0 - 2026-01-31\n\n- C.\n";
        assert_eq!(Entry::read(text, "0.2.0"), Ok(Entry { released: false, points: 2 }));
        assert_eq!(Entry::read(text, "0.1.0"), Ok(Entry { released: true, points: 1 }));
        assert!(Entry::read(text, "0.3.0").unwrap_err().contains("no heading `## 0.3.0`"));
        assert!(Entry::read("## 0.1.0.1 (unreleased)", "0.1.0").is_err());
    }

    #[test]
    fn a_heading_without_date_is_refused() {
        for rest in ["", " - soon", " - 2026-1-31", " 2026-01-31", " - 2026-01-31 "] {
            assert!(Entry::read(&format!("## 0.1.0{rest}\n- A.\n"), "0.1.0").is_err(), "{rest}");
        }
        assert_eq!(Entry::read("## 0.1.0 (unreleased)\n## 0.0.1\n- A.\n", "0.1.0").unwrap().points, 0);
    }
}
