//! `cargo xtask COMMAND`: one module per command.

mod bench;
mod book;
mod check_flows;
mod ci;
mod docs;
mod kill_test;
mod load;
mod metadata;
mod optimised;
mod postgres;
mod process;
mod release;
mod simulate;
mod testbed;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

#[derive(Debug, Parser)]
#[command(name = "cargo xtask", about = "Chores of the repository")]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Measures what things cost.
    Bench(bench::Arguments),
    /// Points links of the book that leave its folder to the repository: a preprocessor for mdBook.
    Book(book::Arguments),
    /// Explores the small worlds of the flows.
    CheckFlows(check_flows::Arguments),
    /// Runs every check that a change has to pass.
    Ci(ci::Arguments),
    /// Writes crates/antom-core/src/api from xtask/spec.
    Codegen(xtask::codegen::Arguments),
    /// Counts what the documentation has.
    Docs(docs::Arguments),
    /// Settles orders with processes that are killed at random.
    KillTest(kill_test::Arguments),
    /// Pays against a sandbox, many payments at a time.
    Load(load::Arguments),
    /// Runs a command with a throw-away PostgreSQL server.
    Postgres(postgres::Arguments),
    /// Plans, checks, packs and tags a release; uploads nothing.
    Release(release::Arguments),
    /// Simulates payments while much goes wrong.
    Simulate(simulate::Arguments),
}

fn main() -> ExitCode {
    match Arguments::parse().command {
        Command::Bench(arguments) => bench::main(&arguments),
        Command::Book(arguments) => book::main(&arguments),
        Command::CheckFlows(arguments) => check_flows::main(&arguments),
        Command::Ci(arguments) => ci::main(&arguments),
        Command::Codegen(arguments) => xtask::codegen::run(&arguments),
        Command::Docs(arguments) => docs::main(&arguments),
        Command::KillTest(arguments) => kill_test::main(&arguments),
        Command::Load(arguments) => load::main(&arguments),
        Command::Postgres(arguments) => postgres::main(&arguments),
        Command::Release(arguments) => release::main(&arguments),
        Command::Simulate(arguments) => simulate::main(&arguments),
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    #[test]
    fn the_commands_go_together() {
        super::Arguments::command().debug_assert();
    }
}
