//! Archives, by the `tar` that every system with a Rust toolchain has.

use std::fs;
use std::path::Path;
use std::process::Command;

use super::Failure;

/// A file of an unpacked archive.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct File {
    /// From the folder of the crate, with `/` between.
    pub(super) name: String,
    pub(super) bytes: u64,
}

pub(super) fn unpack(archive: &Path, folder: &Path) -> Result<(), Failure> {
    let output = Command::new("tar")
        .arg("-xzf")
        .arg(archive)
        .arg("-C")
        .arg(folder)
        .output()
        .map_err(|error| Failure::new(format!("package: starting tar failed: {error}")))?;
    match output.status.success() {
        true => Ok(()),
        false => Err(Failure::new(format!(
            "package: unpacking {} failed: {}",
            archive.display(),
            String::from_utf8_lossy(&output.stderr).trim()
        ))),
    }
}

/// Every file below a folder, in the order of the names.
pub(super) fn files(folder: &Path) -> Result<Vec<File>, Failure> {
    let mut found = Vec::new();
    let mut queue = vec![folder.to_owned()];
    while let Some(at) = queue.pop() {
        let entries = fs::read_dir(&at).map_err(|error| Failure::file("reading", &at, &error))?;
        for entry in entries {
            let entry = entry.map_err(|error| Failure::file("reading", &at, &error))?;
            let path = entry.path();
            let about = entry.metadata().map_err(|error| Failure::file("reading", &path, &error))?;
            if about.is_dir() {
                queue.push(path);
                continue;
            }
            let parts = path.strip_prefix(folder).unwrap_or(&path).iter().map(|part| part.to_string_lossy());
            found.push(File { name: parts.collect::<Vec<_>>().join("/"), bytes: about.len() });
        }
    }
    found.sort_by(|one, other| one.name.cmp(&other.name));
    Ok(found)
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::{File, files, unpack};

    #[test]
    fn what_was_packed_is_unpacked_and_listed() {
        let folder = std::env::temp_dir().join(format!("antom-archive-{}", std::process::id()));
        fs::create_dir_all(folder.join("cup/src")).unwrap();
        fs::write(folder.join("cup/src/lib.rs"), "// tea").unwrap();
        fs::write(folder.join("cup/Cargo.toml"), "").unwrap();
        let archive = folder.join("cup.crate");
        let mut pack = std::process::Command::new("tar");
        pack.arg("-czf").arg(&archive).arg("-C").arg(&folder).arg("cup");
        let packed = pack.status().unwrap();
        let to = folder.join("to");
        fs::create_dir(&to).unwrap();
        let unpacked = unpack(&archive, &to);
        let found = files(&to.join("cup"));
        let missing = unpack(&folder.join("pot.crate"), &to);
        fs::remove_dir_all(&folder).unwrap();
        assert!(packed.success() && unpacked.is_ok());
        let file = |name: &str, bytes| File { name: name.into(), bytes };
        assert_eq!(found.unwrap(), [file("Cargo.toml", 0), file("src/lib.rs", 6)]);
        assert!(missing.unwrap_err().what.contains("pot.crate"));
    }
}
