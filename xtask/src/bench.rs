//! `cargo xtask bench`: what things cost, as ratios against a stated bound.

mod compile;

use std::process::ExitCode;

/// What `cargo xtask bench` is told.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    part: Part,
}

#[derive(Debug, clap::Subcommand)]
enum Part {
    /// CPU seconds of compiling antom-core alone.
    Compile(compile::Arguments),
}

/// Measures the part that was asked for.
pub(crate) fn main(arguments: &Arguments) -> ExitCode {
    match &arguments.part {
        Part::Compile(arguments) => compile::main(arguments),
    }
}
