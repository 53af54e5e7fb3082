//! `cargo xtask ci`: every check a change has to pass, in the order in which failures are cheapest.
//!
//! Needs the Rust toolchain and a C compiler, nothing else. Steps that need more belong to `.ci/run`.

mod arrows;
mod dependencies;
mod fences;
mod house;
mod links;
mod run;
mod steps;
mod tally;

use std::fmt::Write as _;
use std::process::ExitCode;
use std::time::{Duration, Instant};

pub(crate) use run::tests_with_postgres;
use steps::{STEPS, Step};
pub(crate) use tally::Tally;

use crate::process::{Failure, say};

/// What `cargo xtask ci` is told.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// Plays this step alone; may be given more than once.
    #[arg(long, value_name = "STEP")]
    only: Vec<String>,
    /// Names the steps and what each is for, and plays none.
    #[arg(long)]
    list: bool,
}

/// Plays the steps; the first failure ends it with what to do about it.
pub(crate) fn main(arguments: &Arguments) -> ExitCode {
    if arguments.list {
        say(&list());
        return ExitCode::SUCCESS;
    }
    match chosen(&arguments.only) {
        Ok(steps) => play(&steps),
        Err(message) => {
            say(&message);
            ExitCode::from(2)
        }
    }
}

fn chosen(only: &[String]) -> Result<Vec<&'static Step>, String> {
    if only.is_empty() {
        return Ok(STEPS.iter().collect());
    }
    only.iter()
        .map(|name| {
            STEPS
                .iter()
                .find(|step| step.name == name)
                .ok_or_else(|| format!("There is no step `{name}`. The steps are:\n{}", list()))
        })
        .collect()
}

fn list() -> String {
    let mut text = String::new();
    for step in STEPS {
        // Writing to a String cannot fail.
        let _ = writeln!(text, "{:<16} {}", step.name, step.purpose);
    }
    text
}

fn play(steps: &[&'static Step]) -> ExitCode {
    let begin = Instant::now();
    let mut done: Vec<(&Step, Duration, Option<Tally>)> = Vec::new();
    for (number, step) in steps.iter().enumerate() {
        say(&format!("\n── {}/{} {}: {}\n", number + 1, steps.len(), step.name, step.purpose));
        let start = Instant::now();
        match run::step(step) {
            Ok(tally) => {
                say(&format!("── {} passed in {}\n", step.name, seconds(start.elapsed())));
                done.push((step, start.elapsed(), tally));
            }
            Err(Failure { what }) => {
                say(&table(&done));
                say(&format!("\n── {} FAILED after {}: {what}\n", step.name, seconds(start.elapsed())));
                say(&format!("   What to do: {}\n", step.remedy));
                say(&format!("   Again:      cargo xtask ci --only {}\n", step.name));
                return ExitCode::FAILURE;
            }
        }
    }
    say(&table(&done));
    say(&format!("\nci: all {} steps passed in {}\n", done.len(), seconds(begin.elapsed())));
    ExitCode::SUCCESS
}

fn table(done: &[(&Step, Duration, Option<Tally>)]) -> String {
    let mut text = String::from("\n");
    for (step, time, tally) in done {
        let tests = tally.as_ref().map(ToString::to_string).unwrap_or_default();
        let _ = writeln!(text, "   {:<16} {:>8}  {tests}", step.name, seconds(*time));
    }
    text
}

fn seconds(time: Duration) -> String {
    format!("{}.{} s", time.as_secs(), time.subsec_millis() / 100)
}
