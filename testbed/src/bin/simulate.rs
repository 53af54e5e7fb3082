//! `simulate`: many payments, much goes wrong, and nothing may be broken.
#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    clippy::float_arithmetic,
    reason = "a program for people"
)]

use std::process::ExitCode;
use std::time::Instant;

use antom_testbed::fault::Level;
use antom_testbed::run::{Mode, Run, run};
use clap::{Parser, ValueEnum};

#[derive(Debug, Parser)]
#[command(
    about = "Simulates payments against a gateway while much goes wrong; fails when a money rule is broken"
)]
struct Arguments {
    /// How many payments.
    #[arg(long, default_value_t = 10_000)]
    payments: u64,
    /// Decides everything.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// How much goes wrong.
    #[arg(long, value_enum, default_value_t = Faults::Light)]
    faults: Faults,
    /// Through real bytes, parsing and a cheap test signer, against the sandbox's engine.
    #[arg(long)]
    wire: bool,
    /// Prints one JSON object.
    #[arg(long)]
    json: bool,
    /// Prints everything that happens, a line each; for a few payments.
    #[arg(long)]
    trace: bool,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Faults {
    None,
    Light,
    Heavy,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let (level, name) = match arguments.faults {
        Faults::None => (Level::None, "none"),
        Faults::Light => (Level::Light, "light"),
        Faults::Heavy => (Level::Heavy, "heavy"),
    };
    let mode = if arguments.wire { Mode::Wire } else { Mode::Typed };
    let begun = Instant::now();
    let Arguments { payments, seed, trace: lines, .. } = arguments;
    let (outcome, trace) = run(Run { payments, seed, level, mode, lines });
    let real = begun.elapsed().as_secs_f64();
    print!("{trace}");
    let mode = if arguments.wire { "wire" } else { "typed" };
    if arguments.json {
        println!("{}", outcome.json(mode, name, seed, real));
    } else {
        let [paid, failed, cancelled] = outcome.ends;
        println!("mode {mode}, faults {name}, seed {seed}, trace {:016x}", outcome.digest);
        println!("payments          {}", outcome.payments);
        println!(
            "settled           {} (paid {paid}, failed {failed}, cancelled {cancelled})",
            outcome.settled
        );
        println!("written off       {}", outcome.written_off);
        println!("recovered notices {}", outcome.recovered);
        println!("commits           {}", outcome.commits);
        println!("violations        {}", outcome.violations);
        println!("virtual seconds   {}", outcome.virtual_millis / 1000);
        println!("real seconds      {real:.3}");
        println!("faults");
        for fault in antom_testbed::fault::Fault::ALL {
            println!("  {:<32}{}", fault.name(), outcome.faults.get(*fault));
        }
    }
    for violation in &outcome.first {
        eprintln!("order {}: {}: {}", violation.order, violation.rule, violation.seen);
    }
    if outcome.violations == 0 && outcome.settled == outcome.payments {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}
