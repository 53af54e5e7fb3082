//! A whole run: worlds with seeds of their own, shared out to two threads.

use std::thread;

use antom_core::signature::ClientId;

use crate::fault::Level;
use crate::plan::Plan;
use crate::report::Outcome;
use crate::rng::mix;
use crate::typed::Typed;
use crate::wire::Wire;
use crate::world::{BEGIN, World};

/// How messages are made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// Facts without bytes.
    Typed,
    /// Real bytes, parsed and signed.
    Wire,
}

/// What to run.
#[derive(Debug, Clone, Copy)]
pub struct Run {
    /// How many payments.
    pub payments: u64,
    /// Decides everything.
    pub seed: u64,
    /// How much goes wrong.
    pub level: Level,
    /// How messages are made.
    pub mode: Mode,
    /// Whether the trace's text is kept.
    pub lines: bool,
}

/// Orders of one world: what is alive at a time.
const WORLD: u64 = 250;
/// Threads.
const SHARDS: u64 = 2;

/// Runs it. The result does not depend on how the threads interleave.
#[must_use]
pub fn run(run: Run) -> (Outcome, String) {
    let worlds = run.payments.div_ceil(WORLD);
    let mut results: Vec<(u64, Outcome, String)> = thread::scope(|scope| {
        let shard = |shard: u64| {
            scope.spawn(move || {
                let mine = (0..worlds).filter(|world| world % SHARDS == shard);
                mine.map(|world| {
                    let orders = WORLD.min(run.payments - world * WORLD);
                    let (outcome, text) =
                        one(run, mix(run.seed ^ mix(world)), u32::try_from(orders).unwrap_or(0));
                    (world, outcome, text)
                })
                .collect::<Vec<_>>()
            })
        };
        let threads: Vec<_> = (0..SHARDS).map(shard).collect();
        threads.into_iter().flat_map(|thread| thread.join().unwrap_or_default()).collect()
    });
    results.sort_by_key(|(world, _, _)| *world);
    let mut all = Outcome::default();
    let mut text = String::new();
    for (_, outcome, lines) in results {
        all.merge(outcome);
        text.push_str(&lines);
    }
    (all, text)
}

fn one(run: Run, seed: u64, orders: u32) -> (Outcome, String) {
    let Ok(client) = ClientId::new("SANDBOX_5Y0000000000000001") else { return Default::default() };
    match run.mode {
        Mode::Typed => {
            let far = |client: &ClientId, _: &[Plan]| Some(Typed::new(client.clone(), orders));
            World::planned(client, orders, seed, run.level, run.lines, far)
                .map(World::run)
                .unwrap_or_default()
        }
        Mode::Wire => World::planned(client, orders, seed, run.level, run.lines, |client, plans| {
            Wire::new(client, plans.iter().map(|plan| plan.kind).collect(), seed, BEGIN)
        })
        .map(World::run)
        .unwrap_or_default(),
    }
}
