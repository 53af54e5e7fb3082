//! `antom-dev`: the workbench of the antom SDK.

mod commands;
mod demo;
mod failure;
mod json;
mod lint;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// The workbench of the antom SDK: play the payment flows offline, run a sandbox gateway, check signatures and JSON.
#[derive(Debug, Parser)]
#[command(name = "antom-dev", version, max_term_width = 100)]
#[command(after_help = "Exit codes: 0 as it should be; 1 something was checked and is not as it should be; \
    2 the arguments or the files they name cannot be used. Commands with more say so in their help.")]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Call(commands::call::Arguments),
    Demo(demo::Arguments),
    Doctor(commands::doctor::Arguments),
    Keys(commands::keys::Arguments),
    Lint(commands::lint::Arguments),
    Listen(commands::listen::Arguments),
    Report(commands::report::Arguments),
    Sandbox(commands::sandbox::Arguments),
    Sign(commands::sign::Arguments),
    Trigger(commands::trigger::Arguments),
    Verify(commands::verify::Arguments),
}

fn main() -> ExitCode {
    let result = match Arguments::parse().command {
        Command::Call(arguments) => commands::call::run(&arguments),
        Command::Demo(arguments) => demo::run(&arguments),
        Command::Doctor(arguments) => commands::doctor::run(&arguments),
        Command::Keys(arguments) => commands::keys::run(&arguments),
        Command::Lint(arguments) => commands::lint::run(&arguments),
        Command::Listen(arguments) => commands::listen::run(&arguments),
        Command::Report(arguments) => commands::report::run(&arguments),
        Command::Sandbox(arguments) => commands::sandbox::run(&arguments),
        Command::Sign(arguments) => commands::sign::run(&arguments),
        Command::Trigger(arguments) => commands::trigger::run(&arguments),
        Command::Verify(arguments) => commands::verify::run(&arguments),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => failure.report(),
    }
}
