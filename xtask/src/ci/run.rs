//! Plays one step.

use std::path::Path;
use std::process::Command;

use super::steps::{Action, Step};
use super::tally::Tally;
use super::{arrows, dependencies, fences, house, links};
use crate::metadata::Metadata;
use crate::postgres::{Found, Server};
use crate::process::{Failure, cargo, plain, say, tests};

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
        Action::EachUserCrate { before, after, variables, tests: counted } => {
            let packages = user_crates(&Metadata::load()?);
            let packages = packages.iter().flat_map(|name| ["--package", name.as_str()]);
            let arguments: Vec<&str> =
                before.iter().copied().chain(packages).chain(after.iter().copied()).collect();
            let mut command = cargo(&arguments);
            command.envs(variables.iter().copied());
            match counted {
                true => tests_with_postgres(command).map(Some),
                false => plain(command).map(|()| None),
            }
        }
        Action::Xtask(arguments) => {
            let program = std::env::current_exe()
                .map_err(|error| Failure::new(format!("finding this program failed: {error}")))?;
            let mut command = Command::new(program);
            command.args(arguments);
            plain(command).map(|()| None)
        }
        Action::Arrows => {
            let metadata = Metadata::load()?;
            let mut found = arrows::check(&metadata);
            found.extend(crate::docs::map::check(&metadata));
            problems(&found)
        }
        Action::Dependencies => problems(&dependencies::check(&Metadata::load()?)),
        Action::House => {
            let mut found = house::check(&Metadata::load()?);
            let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap_or(Path::new("."));
            found.extend(links::check(root));
            found.extend(fences::check(root));
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

/// Runs tests, with a throw-away server where its programs are found.
pub(crate) fn tests_with_postgres(mut command: Command) -> Result<Tally, Failure> {
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
