//! `check-flows`: explores the small model exhaustively within its bounds.
#![expect(clippy::print_stdout, clippy::float_arithmetic, reason = "a program for people")]

use std::process::ExitCode;
use std::time::{Duration, Instant};

use antom_testbed::model::{Bounds, Small};
use clap::Parser;
use stateright::{Checker, HasDiscoveries, Model};

#[derive(Debug, Parser)]
#[command(about = "Explores a small world exhaustively; fails when a money rule can be broken in it")]
struct Arguments {
    /// Messages that are lost or too late.
    #[arg(long, default_value_t = 1)]
    losses: u8,
    /// Messages that arrive twice.
    #[arg(long, default_value_t = 1)]
    doubles: u8,
    /// Workers that die.
    #[arg(long, default_value_t = 1)]
    crashes: u8,
    /// Attempts the merchant makes.
    #[arg(long, default_value_t = 1)]
    attempts: u8,
    /// Refunds the merchant wants.
    #[arg(long, default_value_t = 0)]
    refunds: u8,
    /// The merchant never closes the order.
    #[arg(long)]
    no_cancel: bool,
    /// Seconds for all products together.
    #[arg(long, default_value_t = 60)]
    seconds: u64,
    /// Only the product with this number, from 0.
    #[arg(long)]
    product: Option<usize>,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let bounds = Bounds {
        losses: arguments.losses,
        doubles: arguments.doubles,
        crashes: arguments.crashes,
        cancel: !arguments.no_cancel,
        attempts: arguments.attempts,
        refunds: arguments.refunds,
    };
    println!("{bounds:?}");
    let begun = Instant::now();
    let all = Duration::from_secs(arguments.seconds);
    let mut good = true;
    for (number, product) in Small::PRODUCTS.into_iter().enumerate() {
        if arguments.product.is_some_and(|wanted| wanted != number) {
            continue;
        }
        let Some(model) = Small::of(product, bounds) else { continue };
        let name = model.name();
        let (one, left) = (Instant::now(), all.saturating_sub(begun.elapsed()));
        let checker =
            model.checker().threads(2).timeout(left).finish_when(HasDiscoveries::Any).spawn_bfs().join();
        let done = checker.is_done() && begun.elapsed() < all;
        println!(
            "{name}: {} states, {} distinct, depth {}, {:.1} s, {}",
            checker.state_count(),
            checker.unique_state_count(),
            checker.max_depth(),
            one.elapsed().as_secs_f64(),
            if done { "all of them" } else { "not all: time was up" },
        );
        for (property, path) in checker.discoveries() {
            good = false;
            println!("  broken: {property}");
            for (moment, act) in path.into_vec() {
                println!("    {act:?}");
                if act.is_none() {
                    println!("    in the end: {moment:?}");
                }
            }
        }
    }
    if good { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
