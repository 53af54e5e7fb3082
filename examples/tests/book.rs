//! The book says what the code does: the guides' excerpts are out of the programs that are played.
#![allow(clippy::unwrap_used, reason = "a test stops where something is not as it should be")]

use std::fs;
use std::path::{Path, PathBuf};

fn docs() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs")
}

/// The blocks of a page that are fenced as Rust.
fn excerpts(page: &str) -> Vec<Vec<&str>> {
    let (mut blocks, mut open) = (Vec::new(), None::<Vec<&str>>);
    for line in page.lines() {
        match &mut open {
            Some(block) if line.trim() == "```" => {
                blocks.push(std::mem::take(block));
                open = None;
            }
            Some(block) => block.push(line),
            None if line.starts_with("```rust") => open = Some(Vec::new()),
            None => {}
        }
    }
    blocks
}

/// The lines without indentation, blank ones left out.
fn bare<'a>(lines: impl IntoIterator<Item = &'a str>) -> Vec<&'a str> {
    lines.into_iter().map(str::trim).filter(|line| !line.is_empty()).collect()
}

/// The name of the program that a guide is built around: the first that it links to.
fn program(page: &str) -> &str {
    let (_, rest) = page.split_once("examples/src/bin/").unwrap();
    rest.split_once(".rs").unwrap().0
}

#[test]
fn the_guides_excerpts_are_out_of_their_programs() {
    let mut guides: Vec<_> =
        fs::read_dir(docs().join("guides")).unwrap().map(|file| file.unwrap().path()).collect();
    guides.sort();
    assert_eq!(guides.len(), 4, "{guides:?}");
    for guide in guides {
        let page = fs::read_to_string(&guide).unwrap();
        let name = program(&page);
        let source = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("src/bin/{name}.rs"));
        let source = fs::read_to_string(source).unwrap();
        let code = bare(source.lines());
        let excerpts = excerpts(&page);
        assert!(excerpts.len() >= 5, "{}: {} excerpts", guide.display(), excerpts.len());
        for excerpt in excerpts {
            let lines = bare(excerpt.iter().copied());
            assert!(
                code.windows(lines.len()).any(|window| window == lines),
                "{}: this is not in {name}.rs:\n{}",
                guide.display(),
                excerpt.join("\n")
            );
        }
        assert!(page.contains(&format!("cargo run -p antom-examples --bin {name}")), "{}", guide.display());
    }
}

/// Generated pages, lists, notes on decisions, and the two that tell of a program instead of teaching.
const NO_LESSON: [&str; 7] = [
    "SUMMARY.md",
    "index.md",
    "coverage.md",
    "dependencies.md",
    "0001-codec.md",
    "sandbox.md",
    "performance.md",
];

#[test]
fn every_page_begins_with_what_its_reader_will_be_able_to_do() {
    let (mut paths, mut lessons) = (vec![docs()], 0);
    while let Some(path) = paths.pop() {
        if path.is_dir() {
            paths.extend(fs::read_dir(&path).unwrap().map(|entry| entry.unwrap().path()));
            continue;
        }
        let name = path.file_name().unwrap().to_str().unwrap();
        if !name.ends_with(".md") || NO_LESSON.contains(&name) {
            continue;
        }
        let text = fs::read_to_string(&path).unwrap();
        let mut lines = text.lines().filter(|line| !line.is_empty());
        assert!(lines.next().unwrap().starts_with("# "), "{name} has no title");
        assert!(lines.next().unwrap().starts_with("After this page "), "{name} does not say what it is for");
        lessons += 1;
    }
    assert!(lessons >= 20, "{lessons} pages");
}
