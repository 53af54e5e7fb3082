//! From the description to source files.

mod coverage;
mod example;
mod group;
mod message;
mod notifications;
mod tables;
mod words;

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

pub(super) use coverage::coverage;

use super::plan::Plan;
use super::spec::{Home, Shape, Spec, TypeId};
use super::text::{Text, WIDTH};

/// A section that is longer is divided by topic.
const SECTION: usize = 600;

type Files = BTreeMap<PathBuf, String>;

/// A rendered declaration.
struct Item {
    topic: Option<String>,
    text: String,
}

pub(super) fn files(spec: &Spec, plan: &Plan) -> Files {
    let mut files = Files::new();
    let mut root = Text::file(
        "The messages of the API: one module per group of operations, with its operations, requests, answers, \
         models and words. What several groups share is in [`models`]; notifications are always compiled.",
    );
    root.line(0, "// What a file needs and shows depends on the features that are on.");
    root.line(0, "#![allow(unused_imports, unreachable_pub)]");
    root.line(0, "");
    for group in &spec.groups {
        root.line(0, &format!("#[cfg(feature = {:?})]", group.name));
        root.line(0, &format!("pub mod {};", group.name));
        group::render(&mut files, spec, plan, group);
    }
    root.line(0, "");
    for module in ["catalog", "models", "notifications"] {
        root.line(0, &format!("pub mod {module};"));
    }
    root.line(0, "mod parts;");
    root.line(0, "pub mod result_codes;");
    files.insert(PathBuf::from("mod.rs"), root.into_string());

    let mut parts = Text::file("What every generated file uses.");
    for line in [
        "pub(crate) use alloc::boxed::Box;",
        "pub(crate) use alloc::string::String;",
        "pub(crate) use alloc::vec::Vec;",
        "",
    ] {
        parts.line(0, line);
    }
    let mut ours: BTreeSet<String> = [
        "crate::codec::{DecimalText, Map, RawJson, message, operation, setters}",
        "crate::open_enum::{open_enum, vocabulary}",
        "crate::secret::{Personal, Secret}",
        "crate::time::DateTimeText",
    ]
    .into_iter()
    .map(str::to_owned)
    .collect();
    for found in spec.types.values() {
        if let Shape::Rust(path) = &found.shape {
            ours.insert(path.clone());
        }
    }
    for line in ours {
        parts.line(0, &format!("pub(crate) use {line};"));
    }
    files.insert(PathBuf::from("parts.rs"), parts.into_string());

    models(&mut files, spec, plan);
    notifications::render(&mut files, spec, plan);
    files.insert(PathBuf::from("catalog.rs"), tables::catalog(spec));
    files.insert(PathBuf::from("result_codes.rs"), tables::result_codes(spec));
    files
}

fn models(files: &mut Files, spec: &Spec, plan: &Plan) {
    let mut topics: BTreeMap<String, Vec<&TypeId>> = BTreeMap::new();
    for (id, found) in &spec.types {
        if id.home == Home::Models && !matches!(found.shape, Shape::Rust(_)) {
            topics.entry(found.topic.clone().unwrap_or_else(|| "common".to_owned())).or_default().push(id);
        }
    }
    let mut root = Text::file("Types that several groups, or a group and a notification, share.");
    for topic in topics.keys() {
        root.line(0, &format!("mod {topic};"));
    }
    root.line(0, "");
    for topic in topics.keys() {
        root.line(0, &format!("pub use {topic}::*;"));
    }
    files.insert(PathBuf::from("models/mod.rs"), root.into_string());
    for (topic, ids) in topics {
        let mut text = Text::file(&format!("Shared types: {}.", topic.replace('_', " ")));
        imports(&mut text, &["super::*"]);
        for id in ids {
            text.push(&declaration(spec, plan, id));
        }
        files.insert(PathBuf::from(format!("models/{topic}.rs")), text.into_string());
    }
}

/// The declaration of a type, whatever its shape.
fn declaration(spec: &Spec, plan: &Plan, id: &TypeId) -> String {
    match spec.types.get(id) {
        Some(found) => match &found.shape {
            Shape::Object(object) => message::render(spec, plan, id, found, object),
            Shape::Words(words) => words::render(plan, id, found, words),
            Shape::Rust(_) => String::new(),
        },
        None => String::new(),
    }
}

fn imports(text: &mut Text, more: &[&str]) {
    let mut lines = vec!["crate::api::parts::*"];
    lines.extend(more);
    // As rustfmt has it: `super` before `crate`.
    lines.sort_unstable_by_key(|line| (!line.starts_with("super"), *line));
    for line in lines {
        text.line(0, &format!("use {line};"));
    }
}

/// The condition under which a shared type exists, as an attribute in the form rustfmt gives it.
fn gate(plan: &Plan, id: &TypeId) -> Option<String> {
    let groups = plan.gate(id)?;
    let features: Vec<String> = groups.iter().map(|group| format!("feature = {group:?}")).collect();
    let one_line = match features.as_slice() {
        [one] => format!("#[cfg({one})]"),
        _ => format!("#[cfg(any({}))]", features.join(", ")),
    };
    if one_line.len() < WIDTH {
        return Some(one_line);
    }
    Some(format!("#[cfg(any(\n    {}\n))]", features.join(",\n    ")))
}

/// Writes one section of a module: a file, or a folder of files by topic if it is long.
fn section(files: &mut Files, folder: &str, name: &str, doc: &str, uses: &[&str], items: Vec<Item>) {
    let lines: usize = items.iter().map(|item| lines(&item.text)).sum();
    let topics: BTreeSet<String> = items.iter().map(topic).collect();
    if lines <= SECTION || topics.len() < 2 {
        let mut text = Text::file(doc);
        imports(&mut text, uses);
        for item in items {
            text.push(&item.text);
        }
        files.insert(PathBuf::from(format!("{folder}/{name}.rs")), text.into_string());
        return;
    }
    let mut root = Text::file(doc);
    for topic in &topics {
        root.line(0, &format!("mod {topic};"));
    }
    root.line(0, "");
    for topic in &topics {
        root.line(0, &format!("pub use {topic}::*;"));
    }
    files.insert(PathBuf::from(format!("{folder}/{name}/mod.rs")), root.into_string());
    for wanted in &topics {
        let mut text = Text::file(&format!("{} Topic: {}.", doc.trim_end(), wanted.replace('_', " ")));
        imports(&mut text, uses);
        for item in items.iter().filter(|item| topic(item) == *wanted) {
            text.push(&item.text);
        }
        files.insert(PathBuf::from(format!("{folder}/{name}/{wanted}.rs")), text.into_string());
    }
}

/// The lines of a declaration, its example aside: that is no reason to divide a file.
fn lines(text: &str) -> usize {
    let mut inside = false;
    let counts = |line: &&str| {
        let fence = line.trim_start() == "/// ```";
        inside ^= fence;
        !fence && !inside && line.trim_start() != "///"
    };
    text.lines().filter(counts).count()
}

fn topic(item: &Item) -> String {
    item.topic.clone().unwrap_or_else(|| "common".to_owned())
}
