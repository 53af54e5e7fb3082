//! `check-flows`: explores the small model exhaustively within its bounds.
#![expect(clippy::print_stdout, reason = "a program for people")]

use std::fmt::Debug;
use std::hash::Hash;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use antom_testbed::model::token::{self, Tokens};
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
    /// Attempts the merchant makes; codes the buyer makes.
    #[arg(long, default_value_t = 1)]
    attempts: u8,
    /// Refunds the merchant wants.
    #[arg(long, default_value_t = 0)]
    refunds: u8,
    /// The merchant never closes the order nor revokes, and the buyer never cancels in the wallet.
    #[arg(long)]
    no_cancel: bool,
    /// Seconds for all products together.
    #[arg(long, default_value_t = 60)]
    seconds: u64,
    /// Only the model with this number, from 0.
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
    let mut good = true;
    let wanted = |number: usize| arguments.product.is_none_or(|wanted| wanted == number);
    let models = Small::PRODUCTS.len() + 2;
    let until = Instant::now() + Duration::from_secs(arguments.seconds);
    // What one model leaves of its share goes to those after it.
    let share = |number: usize| {
        let after = if arguments.product.is_some() { 0 } else { models.saturating_sub(number + 1) };
        let left = until.saturating_duration_since(Instant::now());
        left / u32::try_from(after + 1).unwrap_or(1)
    };
    for (number, product) in Small::PRODUCTS.into_iter().enumerate().filter(|(number, _)| wanted(*number)) {
        let Some(model) = Small::of(product, bounds) else { continue };
        good &= explore(model.name(), model, share(number), number);
    }
    for (number, repeats) in [true, false].into_iter().enumerate() {
        let number = Small::PRODUCTS.len() + number;
        let bounds = token::Bounds {
            losses: arguments.losses,
            doubles: arguments.doubles,
            crashes: arguments.crashes,
            codes: arguments.attempts,
            revoke: !arguments.no_cancel,
            buyer_cancels: !arguments.no_cancel,
        };
        let Some(model) = Tokens::of(repeats, bounds).filter(|_| wanted(number)) else { continue };
        good &= explore(model.name(), model, share(number), number);
    }
    if good { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// Explores one model and tells what was found; whether nothing was.
fn explore<M>(name: &str, model: M, share: Duration, number: usize) -> bool
where
    M: Model<State: Debug + Hash + Clone + PartialEq + Send + Sync, Action: Debug + Clone + PartialEq>
        + Send
        + Sync
        + 'static,
{
    let one = Instant::now();
    let checker =
        model.checker().threads(2).timeout(share).finish_when(HasDiscoveries::Any).spawn_bfs().join();
    let done = checker.is_done() && one.elapsed() < share;
    println!(
        "{number} {name}: {} states, {} distinct, depth {}, {:.1} s, {}",
        checker.state_count(),
        checker.unique_state_count(),
        checker.max_depth(),
        one.elapsed().as_secs_f64(),
        if done { "all of them" } else { "not all: time was up" },
    );
    let discoveries = checker.discoveries();
    for (property, path) in &discoveries {
        println!("  broken: {property}");
        for (moment, act) in path.clone().into_vec() {
            println!("    {act:?}");
            if act.is_none() {
                println!("    in the end: {moment:?}");
            }
        }
    }
    discoveries.is_empty()
}
