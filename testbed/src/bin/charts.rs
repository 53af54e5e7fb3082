//! `charts`: draws the charts of docs/flows.md anew, or says with `--check` whether they are up to date.
#![expect(clippy::print_stderr, reason = "a program for people")]

use std::fs;
use std::path::Path;
use std::process::ExitCode;

fn main() -> ExitCode {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/flows.md");
    let check = std::env::args().any(|argument| argument == "--check");
    let result = fs::read_to_string(&path).and_then(|old| match antom_testbed::chart::refresh(&old) {
        Some(new) if new == old => Ok(true),
        Some(_) if check => Ok(false),
        Some(new) => fs::write(&path, new).map(|()| true),
        None => Err(std::io::Error::other("the marks around the charts are gone")),
    });
    match result {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => {
            eprintln!(
                "the charts of docs/flows.md are not what the code does: run cargo run -p antom-testbed --bin charts"
            );
            ExitCode::FAILURE
        }
        Err(error) => {
            eprintln!("docs/flows.md: {error}");
            ExitCode::FAILURE
        }
    }
}
