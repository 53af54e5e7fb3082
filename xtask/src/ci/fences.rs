//! Examples that nothing compiles: a fence with `ignore` rots without a word.

use std::fs;
use std::path::{Path, PathBuf};

/// Every such fence in the published crates and in the guides, one line each.
pub(super) fn check(root: &Path) -> Vec<String> {
    let mut problems = Vec::new();
    let mut queue = vec![root.join("crates"), root.join("docs"), root.join("README.md")];
    while let Some(path) = queue.pop() {
        if path.is_dir() {
            queue.extend(entries(&path));
            continue;
        }
        let ending = path.extension().and_then(|ending| ending.to_str());
        if !matches!(ending, Some("rs" | "md")) {
            continue;
        }
        let shown = path.strip_prefix(root).unwrap_or(&path).display().to_string();
        match fs::read_to_string(&path) {
            Ok(text) => problems.extend(ignored(&text).map(|line| {
                format!("{shown}:{line}: an example with `ignore`; `no_run` and `compile_fail` are compiled, `text` is no code")
            })),
            Err(error) => problems.push(format!("{shown}: reading it failed: {error}")),
        }
    }
    problems.sort();
    problems
}

fn entries(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    entries.map(|entry| entry.path()).filter(|path| !path.ends_with("target")).collect()
}

/// The lines, from one, at which an ignored example begins.
fn ignored(text: &str) -> impl Iterator<Item = usize> {
    text.lines().enumerate().filter(|(_, line)| is_ignored(line)).map(|(index, _)| index + 1)
}

fn is_ignored(line: &str) -> bool {
    let line = line.trim_start();
    let line = line.strip_prefix("///").or_else(|| line.strip_prefix("//!")).unwrap_or(line).trim_start();
    let Some(words) = line.strip_prefix("```").or_else(|| line.strip_prefix("~~~")) else { return false };
    words
        .trim_start_matches(['`', '~', '{'])
        .split([',', ' ', '}'])
        .any(|word| word == "ignore" || word == "ignored" || word.starts_with("ignore-"))
}

#[cfg(test)]
mod tests {
    use super::ignored;

    #[test]
    fn a_fence_that_is_ignored_is_found() {
        let text = "//! ```ignore\n/// ```rust,ignore\n    /// ``` rust, ignore\n```ignore-wasm32\n//! ```no_run\n```text\n\
                    // say ignore\n/// Do not ignore.\n~~~ignore\n";
        assert_eq!(ignored(text).collect::<Vec<_>>(), [1, 2, 3, 4, 9]);
    }
}
