//! Other programs: how they are started, and what is said when they fail.

use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Command, ExitCode, ExitStatus, Stdio};

use crate::ci::Tally;

/// Why a step did not pass.
#[derive(Debug)]
pub(crate) struct Failure {
    pub(crate) what: String,
}

impl Failure {
    pub(crate) fn new(what: impl Into<String>) -> Self {
        Self { what: what.into() }
    }

    /// A file or folder with which something could not be done: `doing` is "reading", "writing".
    pub(crate) fn file(doing: &str, path: &Path, error: &std::io::Error) -> Self {
        Self::new(format!("{doing} {} failed: {error}", path.display()))
    }
}

/// Writes to standard output. A reader that went away is no reason to stop checking.
pub(crate) fn say(text: &str) {
    let mut out = std::io::stdout().lock();
    let _ = out.write_all(text.as_bytes()).and_then(|()| out.flush());
}

/// How a command ends; what failed is said behind the command's name.
pub(crate) fn ended(command: &str, done: Result<(), Failure>) -> ExitCode {
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(Failure { what }) => {
            say(&format!("{command}: {what}\n"));
            ExitCode::FAILURE
        }
    }
}

/// Cargo as the caller has it, without what the cargo that started this program left behind: build scripts
/// that watch those variables would build their crates again.
pub(crate) fn cargo(arguments: &[&str]) -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.args(arguments).stdin(Stdio::null());
    for (name, _) in std::env::vars_os() {
        let own = |name: &str| {
            ["CARGO_PKG_", "CARGO_MANIFEST_", "CARGO_BIN_", "CARGO_CRATE_", "CARGO_PRIMARY_"]
                .iter()
                .any(|prefix| name.starts_with(prefix))
        };
        if name.to_str().is_some_and(own) {
            command.env_remove(name);
        }
    }
    command
}

/// Runs a command whose output the reader sees as it comes.
pub(crate) fn plain(mut command: Command) -> Result<(), Failure> {
    announce(&command);
    let status = command.status().map_err(|error| unstartable(&command, &error))?;
    judge(&command, status)
}

/// Runs a command whose output is of interest only if it fails: standard output may be read by a program.
pub(crate) fn quiet(mut command: Command) -> Result<(), Failure> {
    let output = command.output().map_err(|error| unstartable(&command, &error))?;
    judge(&command, output.status).map_err(|Failure { what }| {
        Failure::new(format!("{what}:\n{}", String::from_utf8_lossy(&output.stderr).trim_end()))
    })
}

/// Runs tests; passes the runner's lines on as they come and counts what they say.
pub(crate) fn tests(mut command: Command) -> Result<Tally, Failure> {
    announce(&command);
    let mut child = command.stdout(Stdio::piped()).spawn().map_err(|error| unstartable(&command, &error))?;
    let mut tally = Tally::default();
    if let Some(output) = child.stdout.take() {
        // Not `lines()`: a test may print bytes that are not UTF-8.
        let mut output = BufReader::new(output);
        let mut line = Vec::new();
        while output
            .read_until(b'\n', &mut line)
            .map_err(|error| Failure::new(format!("reading failed: {error}")))?
            > 0
        {
            let text = String::from_utf8_lossy(&line);
            tally.read(&text);
            say(&text);
            line.clear();
        }
    }
    let status = child.wait().map_err(|error| unstartable(&command, &error))?;
    judge(&command, status)?;
    match tally.passed {
        0 => Err(Failure::new("no test ran")),
        _ => Ok(tally),
    }
}

fn announce(command: &Command) {
    say(&format!("   $ {}\n", line(command)));
}

pub(crate) fn line(command: &Command) -> String {
    let program = std::path::Path::new(command.get_program()).file_name().unwrap_or(command.get_program());
    let words = std::iter::once(program).chain(command.get_args());
    words.map(|word| word.to_string_lossy().into_owned()).collect::<Vec<_>>().join(" ")
}

pub(crate) fn unstartable(command: &Command, error: &std::io::Error) -> Failure {
    Failure::new(format!("starting `{}` failed: {error}", line(command)))
}

fn judge(command: &Command, status: ExitStatus) -> Result<(), Failure> {
    if status.success() {
        Ok(())
    } else {
        Err(Failure::new(format!("`{}` ended with {status}", line(command))))
    }
}
