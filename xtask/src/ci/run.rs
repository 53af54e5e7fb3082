//! Plays one step.

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Command, ExitStatus, Stdio};

use super::metadata::Metadata;
use super::steps::{Action, Step};
use super::tally::Tally;
use super::{arrows, house, links, say};
use crate::postgres::{Found, Server};

/// Why a step did not pass.
#[derive(Debug)]
pub(super) struct Failure {
    pub(super) what: String,
}

impl Failure {
    pub(super) fn new(what: impl Into<String>) -> Self {
        Self { what: what.into() }
    }
}

/// Plays a step; a tally comes back from those that run tests.
pub(super) fn step(step: &Step) -> Result<Option<Tally>, Failure> {
    match step.action {
        Action::Cargo { arguments, variables } => {
            let mut command = cargo(arguments);
            command.envs(variables.iter().copied());
            plain(command).map(|()| None)
        }
        Action::Tests(arguments) => tests(cargo(arguments)).map(Some),
        Action::TestsWithPostgres(arguments) => tests_with_postgres(cargo(arguments)).map(Some),
        Action::EachUserCrate { before, after, tests: counted } => {
            let packages = user_crates(&Metadata::load()?);
            let packages = packages.iter().flat_map(|name| ["--package", name.as_str()]);
            let arguments: Vec<&str> =
                before.iter().copied().chain(packages).chain(after.iter().copied()).collect();
            match counted {
                true => tests_with_postgres(cargo(&arguments)).map(Some),
                false => plain(cargo(&arguments)).map(|()| None),
            }
        }
        Action::Xtask(arguments) => {
            let program = std::env::current_exe()
                .map_err(|error| Failure::new(format!("finding this program failed: {error}")))?;
            let mut command = Command::new(program);
            command.args(arguments);
            plain(command).map(|()| None)
        }
        Action::Arrows => problems(&arrows::check(&Metadata::load()?)),
        Action::House => {
            let mut found = house::check(&Metadata::load()?);
            let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap_or(Path::new("."));
            found.extend(links::check(root));
            problems(&found)
        }
    }
}

/// The published libraries without those that turn on features of the others for their own work.
fn user_crates(metadata: &Metadata) -> Vec<String> {
    metadata
        .members()
        .filter(|package| {
            package.published && !matches!(package.name.as_str(), "antom-sandbox" | "antom-cli")
        })
        .map(|package| package.name.clone())
        .collect()
}

fn problems(found: &[String]) -> Result<Option<Tally>, Failure> {
    for problem in found {
        say(&format!("   {problem}\n"));
    }
    match found.len() {
        0 => Ok(None),
        1 => Err(Failure::new("one problem, named above")),
        count => Err(Failure::new(format!("{count} problems, named above"))),
    }
}

/// Cargo as the caller has it, without what the cargo that started this program left behind: build scripts
/// that watch those variables would build their crates again.
pub(super) fn cargo(arguments: &[&str]) -> Command {
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

fn plain(mut command: Command) -> Result<(), Failure> {
    announce(&command);
    let status = command.status().map_err(|error| unstartable(&command, &error))?;
    judge(&command, status)
}

/// Runs tests, with a throw-away server where its programs are found.
fn tests_with_postgres(mut command: Command) -> Result<Tally, Failure> {
    let server = match Server::find() {
        Found::Started(server) => Some(server),
        Found::Named => None,
        Found::Absent(why) => {
            say(&format!("   postgres: not found, its tests say that they did not run ({why})\n"));
            None
        }
    };
    if let Some(server) = &server {
        command.envs(server.variables());
    }
    tests(command)
}

/// Runs tests; passes the runner's lines on as they come and counts what they say.
fn tests(mut command: Command) -> Result<Tally, Failure> {
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

fn line(command: &Command) -> String {
    let program = std::path::Path::new(command.get_program()).file_name().unwrap_or(command.get_program());
    let words = std::iter::once(program).chain(command.get_args());
    words.map(|word| word.to_string_lossy().into_owned()).collect::<Vec<_>>().join(" ")
}

fn unstartable(command: &Command, error: &std::io::Error) -> Failure {
    Failure::new(format!("starting `{}` failed: {error}", line(command)))
}

fn judge(command: &Command, status: ExitStatus) -> Result<(), Failure> {
    if status.success() {
        Ok(())
    } else {
        Err(Failure::new(format!("`{}` ended with {status}", line(command))))
    }
}
