//! Ways through the model, played on the sandbox's engine.

use antom_core::flow::payment::{Capture, Product};
use antom_testbed::model::replay::{replay, walk};
use antom_testbed::model::{Bounds, Small};

/// A tokenised payment is decided by the engine's clock, not by an act, so it has no replay.
const PRODUCTS: [Product; 4] = [
    Product::InStore,
    Product::Cashier,
    Product::Card { capture: Capture::Automatic },
    Product::Card { capture: Capture::Manual },
];

#[test]
fn the_engine_comes_to_the_end_of_the_model() {
    let bounds = Bounds { losses: 2, doubles: 2, crashes: 1, cancel: true, attempts: 2, refunds: 1 };
    for product in PRODUCTS {
        let model = Small::of(product, bounds).unwrap();
        for seed in 0..300 {
            let path = walk(&model, seed).unwrap();
            let played = replay(&model, &path, seed).unwrap();
            let acts: Vec<_> = path.steps.iter().map(|(_, act)| act).collect();
            assert!(
                played.wrong.is_empty(),
                "{}, seed {seed}: {:#?}\nafter {acts:#?}",
                model.name(),
                played.wrong
            );
        }
    }
}
