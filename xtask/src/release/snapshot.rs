//! `xtask/api-snapshots/CRATE.txt`: the public surface as text, reviewed with the change that moves it.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use super::change::Changes;
use super::surface::{BETWEEN, Surface};
use super::{api, surface};
use crate::metadata::{Metadata, Package};
use crate::process::{Failure, say};

/// What `cargo xtask release snapshot` is told.
#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// Compares and writes nothing; a difference is a failure.
    #[arg(long)]
    check: bool,
    /// Only this crate; may be given more than once.
    #[arg(long, value_name = "CRATE")]
    package: Vec<String>,
}

/// Where a crate's snapshot lies, from the root of the repository.
pub(super) fn place(package: &str) -> String {
    format!("xtask/api-snapshots/{package}.txt")
}

pub(super) fn run(arguments: &Arguments, metadata: &Metadata) -> Result<(), Failure> {
    let packages = super::chosen(metadata, &arguments.package)?;
    if arguments.check {
        return check(metadata, &packages);
    }
    for (package, surface) in surfaces(metadata, &packages)? {
        write(&metadata.root.join(place(&package.name)), &text(&package.name, &surface))?;
        say(&format!("{}: {} lines\n", place(&package.name), surface.len()));
    }
    Ok(())
}

/// Compares the snapshots with what rustdoc says.
pub(super) fn check(metadata: &Metadata, packages: &[&Package]) -> Result<(), Failure> {
    let mut differing = Vec::new();
    for (package, surface) in surfaces(metadata, packages)? {
        if !compare(package, &metadata.root.join(place(&package.name)), &surface) {
            differing.push(package.name.as_str());
        }
    }
    if differing.is_empty() {
        return Ok(());
    }
    Err(Failure::new(format!(
        "the public API of {} is not what the snapshot says; if that is meant, run `cargo xtask release snapshot` and \
         commit what it wrote with the change",
        differing.join(", ")
    )))
}

fn surfaces<'a>(
    metadata: &Metadata,
    packages: &[&'a Package],
) -> Result<Vec<(&'a Package, Surface)>, Failure> {
    let (libraries, programs): (Vec<&Package>, Vec<&Package>) =
        packages.iter().partition(|package| package.library);
    for program in programs {
        say(&format!("{}: a program, so there is no API to write down\n", program.name));
    }
    if libraries.is_empty() {
        return Ok(Vec::new());
    }
    let folder = api::describe(metadata, &libraries)?;
    let of = |package: &'a Package| {
        let items = api::items(&folder, package)?;
        Ok((package, surface::surface(&package.name.replace('-', "_"), &items)))
    };
    libraries.into_iter().map(of).collect()
}

/// Says what differs; whether nothing does.
fn compare(package: &Package, file: &Path, surface: &Surface) -> bool {
    let Ok(known) = fs::read_to_string(file) else {
        say(&format!("{}: there is no {}\n", package.name, place(&package.name)));
        return false;
    };
    let expected = text(&package.name, surface);
    if known == expected {
        say(&format!("{}: as the snapshot says, {} lines\n", package.name, surface.len()));
        return true;
    }
    let changes = Changes::between(&read(&known), surface);
    match changes.lines().is_empty() {
        true => say(&format!("{}: the snapshot's head or order was edited\n", package.name)),
        false => say(&format!("{}: {}\n{}", package.name, changes.impact(), changes.shown())),
    }
    false
}

fn write(file: &Path, text: &str) -> Result<(), Failure> {
    if let Some(folder) = file.parent() {
        fs::create_dir_all(folder).map_err(|error| Failure::file("making", folder, &error))?;
    }
    fs::write(file, text).map_err(|error| Failure::file("writing", file, &error))
}

/// The text of a surface.
pub(super) fn text(package: &str, surface: &Surface) -> String {
    let mut text = format!(
        "# The public API of {package} with all features: `cargo xtask release snapshot` writes it from rustdoc's JSON.\n\
         # Review the difference: what is missing or changed breaks users, what is new does not.\n\
         # Paths begin at the crate; common names of the standard library stand without theirs. Fields and variants\n\
         # stand in the line of their type, and traits in one line for each type: Send, Sync and Unpin where missing.\n"
    );
    if package == "antom-core" {
        text.push_str(
            "# The generated modules, `api::`, have one line for each type and each operation, all in it, since one line for\n\
             # each item made 48,000: `is message`, `is text` and `is operation` stand for the traits in `KINDS` of\n\
             # xtask/src/release/surface.rs, and the `with_` function of a field is left out.\n",
        );
    }
    text.push('\n');
    for (head, members) in surface {
        text.push_str(head);
        if !members.is_empty() {
            let members: Vec<&str> = members.iter().map(String::as_str).collect();
            // Writing to a String cannot fail.
            let _ = write!(text, " {{ {} }}", members.join(BETWEEN));
        }
        text.push('\n');
    }
    text
}

/// Reads what [`text`] wrote.
pub(super) fn read(text: &str) -> Surface {
    text.lines()
        .filter(|line| !line.starts_with("# ") && !line.is_empty())
        .map(|line| match line.strip_suffix(" }").and_then(|line| line.split_once(" { ")) {
            Some((head, members)) => (head.to_owned(), members.split(BETWEEN).map(str::to_owned).collect()),
            None => (line.to_owned(), Default::default()),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::{read, text};
    use crate::release::surface::Surface;

    #[test]
    fn what_is_written_is_read() {
        let mut surface = Surface::new();
        surface.insert("pub fn Amount::minor(&self) -> u64".into(), Default::default());
        let fields = ["rest: Rest", "value: [u8; 2]", "when: Option<(u8, u8)>"].map(str::to_owned);
        surface.insert("#[non_exhaustive] pub struct Amount".into(), fields.into());
        for package in ["antom-core", "antom"] {
            assert_eq!(read(&text(package, &surface)), surface);
        }
        let lines = text("antom", &surface);
        assert!(
            lines.contains("\n#[non_exhaustive] pub struct Amount { rest: Rest | value: [u8; 2] | when: "),
            "{lines}"
        );
    }
}
