//! The small world, explored exhaustively within bounds that a test can afford. `check-flows` goes further.

use antom_testbed::model::{Bounds, Small};
use stateright::{Checker, Model};

const NONE: Bounds = Bounds { losses: 0, doubles: 0, crashes: 0, cancel: true, attempts: 1, refunds: 0 };

fn explore(bounds: Bounds) -> usize {
    let mut states = 0;
    for product in Small::PRODUCTS {
        let Some(model) = Small::of(product, bounds) else { continue };
        let name = model.name();
        let checker = model.checker().threads(2).spawn_bfs().join();
        assert!(checker.is_done());
        let found: Vec<_> =
            checker.discoveries().into_iter().map(|(rule, path)| (rule, path.into_actions())).collect();
        assert!(found.is_empty(), "{name}: {found:#?}");
        states += checker.unique_state_count();
    }
    states
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
