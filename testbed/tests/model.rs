//! The small world, explored exhaustively within bounds that a test can afford. `check-flows` goes further.

use std::fmt::Debug;
use std::hash::Hash;

use antom_testbed::model::token::{self, Tokens};
use antom_testbed::model::{Bounds, Small};
use stateright::{Checker, Model};

const NONE: Bounds = Bounds { losses: 0, doubles: 0, crashes: 0, cancel: true, attempts: 1, refunds: 0 };

fn states<M>(name: &str, model: M) -> usize
where
    M: Model<State: Debug + Hash + Clone + PartialEq + Send + Sync, Action: Debug + Clone + PartialEq>
        + Send
        + Sync
        + 'static,
{
    let checker = model.checker().threads(2).spawn_bfs().join();
    assert!(checker.is_done());
    let found: Vec<_> =
        checker.discoveries().into_iter().map(|(rule, path)| (rule, path.into_actions())).collect();
    assert!(found.is_empty(), "{name}: {found:#?}");
    checker.unique_state_count()
}

fn explore(bounds: Bounds) -> usize {
    let models = Small::PRODUCTS.into_iter().filter_map(|product| Small::of(product, bounds));
    models.map(|model| states(model.name(), model)).sum()
}

#[test]
fn without_faults() {
    assert!(explore(NONE) > 10_000);
}

#[test]
fn with_a_dead_worker_and_a_refund() {
    assert!(explore(Bounds { crashes: 1, cancel: false, refunds: 1, ..NONE }) > 10_000);
}

#[test]
fn with_a_lost_or_late_message() {
    assert!(explore(Bounds { losses: 1, cancel: false, ..NONE }) > 10_000);
}

#[test]
fn with_a_second_attempt() {
    assert!(explore(Bounds { attempts: 2, cancel: false, ..NONE }) > 10_000);
}

#[test]
fn tokens() {
    let none =
        token::Bounds { losses: 0, doubles: 0, crashes: 0, codes: 1, revoke: true, buyer_cancels: true };
    let all = [
        token::Bounds { losses: 1, buyer_cancels: false, ..none },
        token::Bounds { doubles: 1, ..none },
        token::Bounds { crashes: 1, codes: 2, ..none },
    ];
    for bounds in all {
        for repeats in [true, false] {
            let model = Tokens::of(repeats, bounds).unwrap();
            assert!(states(model.name(), model) > 1_000, "{bounds:?}");
        }
    }
}
