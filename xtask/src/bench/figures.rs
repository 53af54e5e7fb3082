//! `cargo xtask bench`: what the SDK adds to the bare libraries, as ratios.
//!
//! The measuring itself is in `benches/`, which this only builds and runs, because nothing here may depend
//! on the crates of the SDK.

use std::io::Write as _;
use std::process::{Command, ExitCode};

/// What `cargo xtask bench` is told.
#[derive(Debug, clap::Args)]
pub(super) struct Choice {
    /// One JSON object a figure instead of a table.
    #[arg(long)]
    json: bool,
    /// Measures the figures whose name holds this text; may be given more than once.
    #[arg(long, value_name = "NAME")]
    figure: Vec<String>,
    /// Few rounds: to see whether it runs.
    #[arg(long)]
    quick: bool,
    /// Measures what does not depend on time, and fails where a goal is missed.
    #[arg(long, conflicts_with_all = ["figure", "list"])]
    gates: bool,
    /// Names the figures and measures none.
    #[arg(long)]
    list: bool,
}

/// Builds the measuring program with optimisation and runs it. It ends with the program's own code; a goal
/// that is missed is no failure, for time on a shared machine is no proof.
pub(super) fn main(arguments: &Choice) -> ExitCode {
    // All its programs are built: it measures one of them from outside.
    let program = match crate::optimised::program("antom-benches") {
        Ok(program) => program,
        Err(message) => {
            let _ = writeln!(std::io::stderr(), "{message}");
            return ExitCode::FAILURE;
        }
    };
    let status = Command::new(program).args(passed_on(arguments)).status();
    match status {
        Ok(status) => {
            status.code().and_then(|code| u8::try_from(code).ok()).map_or(ExitCode::FAILURE, ExitCode::from)
        }
        Err(_) => ExitCode::FAILURE,
    }
}

fn passed_on(arguments: &Choice) -> Vec<&str> {
    let Choice { json, figure, quick, gates, list } = arguments;
    let switches = [(*json, "--json"), (*quick, "--quick"), (*gates, "--gates"), (*list, "--list")];
    let switches = switches.into_iter().filter_map(|(on, name)| on.then_some(name));
    switches.chain(figure.iter().flat_map(|name| ["--figure", name.as_str()])).collect()
}

#[cfg(test)]
mod tests {
    use super::{Choice, passed_on};

    #[test]
    fn everything_is_passed_on() {
        let figure = vec!["sign".to_owned(), "call".to_owned()];
        let arguments = Choice { json: true, figure, quick: false, gates: false, list: true };
        assert_eq!(passed_on(&arguments), ["--json", "--list", "--figure", "sign", "--figure", "call"]);
    }
}
