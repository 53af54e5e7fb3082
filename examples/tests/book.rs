//! The guides of the book and the programs that they are about.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test stops where something is not as it should be")]

use std::fs;
use std::path::Path;

/// The lines of each block of Rust, trimmed.
fn blocks(page: &str) -> Vec<Vec<&str>> {
    let mut blocks = Vec::new();
    let mut lines = page.lines();
    while let Some(line) = lines.next() {
        if line == "```rust" {
            blocks.push(lines.by_ref().take_while(|line| *line != "```").map(str::trim).collect());
        }
    }
    blocks
}

/// The program that a page is about.
fn program(page: &str) -> &str {
    let start = page.find("--bin guide_").unwrap() + "--bin ".len();
    page[start..].split_whitespace().next().unwrap()
}

#[test]
fn what_a_guide_shows_is_in_its_program() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut seen = 0;
    for entry in fs::read_dir(root.join("../docs/guides")).unwrap() {
        let path = entry.unwrap().path();
        let page = fs::read_to_string(&path).unwrap();
        let source = root.join(format!("src/bin/{}.rs", program(&page)));
        let source =
            fs::read_to_string(&source).unwrap_or_else(|error| panic!("{}: {error}", source.display()));
        let lines: Vec<&str> = source.lines().map(str::trim).collect();
        let blocks = blocks(&page);
        assert!(blocks.len() >= 2, "{}: {} excerpts", path.display(), blocks.len());
        for block in blocks {
            let there = lines.windows(block.len()).any(|window| window == block);
            assert!(there, "{}: this is not in its program:\n{}", path.display(), block.join("\n"));
        }
        seen += 1;
    }
    assert_eq!(seen, 4, "one guide for each system");
}
