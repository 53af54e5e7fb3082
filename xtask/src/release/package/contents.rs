//! What may be in an archive: what is committed in the crate's folder, without what is left out on purpose.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use super::Failure;
use super::archive::File;
use crate::metadata::{Metadata, Package};
use crate::release::git::git;

/// What cargo adds.
const ADDED: &[&str] = &[".cargo_vcs_info.json", "Cargo.lock", "Cargo.toml.orig"];

/// What is committed and not packed: it reads files outside its crate.
const LEFT_OUT: &[(&str, &str)] =
    &[("antom-sandbox", "tests/documented.rs"), ("antom-webhook", "tests/vectors.rs")];

/// Private keys that are published: they open nothing.
const KNOWN_KEYS: &[(&str, &str)] = &[
    // The sandbox's, which everybody who develops against it uses.
    ("antom-core", "src/signature/sandbox/gateway-private.pem"),
    ("antom-core", "src/signature/sandbox/merchant-private.pem"),
    // Made for the tests beside them.
    ("antom-core", "tests/vectors/keys.json"),
    ("antom", "tests/client/live-gateway-private.pem"),
];

/// The kinds of files that a crate consists of.
const ENDINGS: &[&str] = &["css", "hex", "js", "json", "lock", "md", "orig", "pem", "rs", "sql", "toml"];

/// What crates.io takes is ten times as much.
const MOST_BYTES: u64 = 1024 * 1024;

/// Everything that should not be in an archive or is missing there, one line each.
pub(super) fn check(
    metadata: &Metadata,
    package: &Package,
    folder: &Path,
    files: &[File],
) -> Result<Vec<String>, Failure> {
    let home = Path::new(&package.manifest).parent().unwrap_or(&metadata.root);
    let tracked = git(home, &["ls-files", "--cached", "."])?;
    let mut problems = names(&package.name, &tracked.lines().collect(), files);
    // What a build on this machine could leave behind.
    let own: Vec<String> = [metadata.root.to_str().map(str::to_owned), std::env::var("HOME").ok()]
        .into_iter()
        .flatten()
        .filter(|path| path.len() > 3)
        .collect();
    for file in files {
        let path = folder.join(&file.name);
        let bytes = fs::read(&path).map_err(|error| Failure::file("reading", &path, &error))?;
        problems.extend(text(&package.name, &file.name, &String::from_utf8_lossy(&bytes), &own));
    }
    Ok(problems)
}

fn names(package: &str, tracked: &BTreeSet<&str>, files: &[File]) -> Vec<String> {
    let mut problems = Vec::new();
    let left_out = |name: &str| LEFT_OUT.contains(&(package, name));
    for file in files {
        let name = file.name.as_str();
        if !tracked.contains(name) && !ADDED.contains(&name) {
            problems.push(format!("{package}: {name} is packed and not committed"));
        }
        if left_out(name) {
            problems.push(format!("{package}: {name} is packed and reads files outside its crate"));
        }
        let ending = name.rsplit_once('.').map(|(_, ending)| ending);
        if !name.starts_with("LICENSE-") && ending.is_none_or(|ending| !ENDINGS.contains(&ending)) {
            problems.push(format!("{package}: {name} is of no kind that a crate consists of"));
        }
        if file.bytes > MOST_BYTES {
            problems.push(format!("{package}: {name} has {} bytes", file.bytes));
        }
    }
    let packed: BTreeSet<&str> = files.iter().map(|file| file.name.as_str()).collect();
    let missing = tracked.iter().filter(|name| !packed.contains(**name) && !left_out(name));
    problems.extend(missing.map(|name| format!("{package}: {name} is committed and not packed")));
    problems
}

fn text(package: &str, name: &str, text: &str, own: &[String]) -> Vec<String> {
    let mut problems = Vec::new();
    // A key in the source of a test is cut into words; one that could be used has these and its body.
    let key =
        text.contains("-----BEGIN") && text.contains("PRIVATE KEY-----\n") || name.ends_with("keys.json");
    if key && !name.ends_with(".rs") && !KNOWN_KEYS.contains(&(package, name)) {
        problems.push(format!("{package}: {name} holds a private key that nobody knows of"));
    }
    for path in own.iter().filter(|path| text.contains(path.as_str())) {
        problems.push(format!("{package}: {name} names {path}, a folder of this machine"));
    }
    problems
}

#[cfg(test)]
mod tests {
    use super::{File, names, text};

    fn files(names: &[&str]) -> Vec<File> {
        names.iter().map(|name| File { name: (*name).into(), bytes: 1 }).collect()
    }

    #[test]
    fn what_is_committed_is_packed_and_nothing_else() {
        let tracked = ["Cargo.toml", "LICENSE-MIT", "src/lib.rs", "tests/vectors.rs"].into();
        let fine = files(&["Cargo.toml", "Cargo.toml.orig", "LICENSE-MIT", "src/lib.rs"]);
        assert_eq!(names("antom-webhook", &tracked, &fine), [] as [&str; 0]);
        // The other crate has no reason to leave it out.
        assert_eq!(names("antom", &tracked, &fine), ["antom: tests/vectors.rs is committed and not packed"]);
        assert_eq!(
            names(
                "antom-webhook",
                &tracked,
                &files(&["Cargo.toml", "LICENSE-MIT", "src/lib.rs", ".env", "tests/vectors.rs"])
            ),
            [
                "antom-webhook: .env is packed and not committed",
                "antom-webhook: .env is of no kind that a crate consists of",
                "antom-webhook: tests/vectors.rs is packed and reads files outside its crate",
            ]
        );
        let big = [File { name: "src/lib.rs".into(), bytes: 2_000_000 }];
        assert_eq!(names("antom", &["src/lib.rs"].into(), &big), ["antom: src/lib.rs has 2000000 bytes"]);
    }

    #[test]
    fn keys_and_folders_of_the_machine_are_found() {
        let own = [String::from("/home/ada")];
        let key = "-----BEGIN RSA PRIVATE KEY-----\nMII";
        assert_eq!(text("antom", "a.pem", key, &own).len(), 1);
        assert!(text("antom", "tests/client/live-gateway-private.pem", key, &own).is_empty());
        assert!(text("antom", "a.pem", "-----BEGIN PUBLIC KEY-----\n", &own).is_empty());
        assert_eq!(
            text("antom", "src/lib.rs", "// see /home/ada/notes", &own),
            ["antom: src/lib.rs names /home/ada, a folder of this machine"]
        );
    }
}
