//! docs/sandbox.md says what the engine does. The package leaves this file out: it has no folder beside it.
#![allow(clippy::unwrap_used, reason = "tests")]

use antom_sandbox::engine::OPERATIONS;

#[path = "../src/engine/tests/fault_names.rs"]
mod fault_names;

const DOCUMENT: &str = include_str!("../../../docs/sandbox.md");

#[test]
fn the_table_of_operations_is_what_is_served() {
    let rows: Vec<&str> = DOCUMENT.lines().filter(|line| line.contains("| stateful: ")).collect();
    // A row names its group once: `payments/pay`, `cancel`.
    let mut named = Vec::new();
    for row in rows {
        let words = row.split('|').nth(1).unwrap().split('`').skip(1).step_by(2);
        let mut group = "";
        for word in words {
            group = word.split_once('/').map_or(group, |(group, _)| group);
            named.push(format!("{group}/{}", word.rsplit('/').next().unwrap()));
        }
    }
    named.sort();
    let mut served: Vec<String> = OPERATIONS.iter().map(|name| (*name).to_owned()).collect();
    served.sort();
    assert_eq!(named, served);
}

#[test]
fn the_table_of_faults_has_every_name() {
    for name in fault_names::NAMES {
        assert!(DOCUMENT.contains(&format!("| `{name}` |")), "{name} is not in docs/sandbox.md");
    }
}
