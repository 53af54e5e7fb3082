//! The optimised programs of the testbed and of the benches. Both packages are built at once: alone, each would want
//! other features of the same crates, and nearly everything would be compiled twice.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Builds them, and says where the program of this name is.
pub(crate) fn program(name: &str) -> Result<PathBuf, String> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let built = Command::new(cargo)
        .args(["build", "--quiet", "--release", "--locked", "--bins"])
        .args(["--package", "antom-testbed", "--package", "antom-benches"])
        .arg("--message-format=json-render-diagnostics")
        .stderr(Stdio::inherit())
        .output();
    let built = built.map_err(|error| format!("{name}: starting cargo failed: {error}"))?;
    if !built.status.success() {
        return Err(format!("{name}: building it failed; cargo said why above"));
    }
    executable(&String::from_utf8_lossy(&built.stdout), name)
        .ok_or_else(|| format!("{name}: cargo built no program of this name"))
}

/// The program of this name among cargo's messages.
fn executable(messages: &str, name: &str) -> Option<PathBuf> {
    messages.lines().find_map(|line| {
        let message: serde_json::Value = serde_json::from_str(line).ok()?;
        let path = Path::new(message.get("executable")?.as_str()?);
        (path.file_stem()? == name).then(|| path.to_path_buf())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_is_found_by_its_name() {
        let messages = concat!(
            "{\"reason\":\"compiler-artifact\",\"executable\":null}\nnot JSON\n",
            "{\"reason\":\"compiler-artifact\",\"executable\":\"/a/load\"}\n",
            "{\"reason\":\"compiler-artifact\",\"executable\":\"/a/repeat\"}\n",
            "{\"reason\":\"build-finished\"}"
        );
        assert_eq!(executable(messages, "repeat"), Some(PathBuf::from("/a/repeat")));
        assert_eq!(executable(messages, "repea"), None);
    }
}
