//! `cargo xtask bench`: what things cost, as ratios against a stated bound.

mod compile;
mod figures;
mod instructions;

use std::process::ExitCode;

/// What `cargo xtask bench` is told.
#[derive(Debug, clap::Args)]
#[command(args_conflicts_with_subcommands = true)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    part: Option<Part>,
    #[command(flatten)]
    figures: figures::Choice,
}

#[derive(Debug, clap::Subcommand)]
enum Part {
    /// CPU seconds of compiling antom-core alone.
    Compile(compile::Arguments),
    /// Instructions of each piece without RSA; needs valgrind.
    Instructions(instructions::Arguments),
}

/// Measures the part that was asked for; without one, what the SDK adds to the bare libraries.
pub(crate) fn main(arguments: &Arguments) -> ExitCode {
    match &arguments.part {
        None => figures::main(&arguments.figures),
        Some(Part::Compile(arguments)) => compile::main(arguments),
        Some(Part::Instructions(arguments)) => instructions::main(arguments),
    }
}
