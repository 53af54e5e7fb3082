//! Files as they come and as they should not, and their reconciliation.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test stops where something is not as it should be")]

mod bad_input;
#[path = "../bodies/mod.rs"]
mod bodies;
mod check;
mod containers;
mod read;
mod reconcile;
mod support;

use antom_reports::{Decimal, ProblemKind};
use support::{file, kinds, row};

proptest::proptest! {
    #[test]
    fn no_bytes_make_the_reader_panic(bytes in proptest::collection::vec(proptest::num::u8::ANY, 0..400)) {
        bodies::any_file_is_read_or_refused(&bytes);
    }

    #[test]
    fn no_row_makes_the_reader_panic(text in "[-0-9.,\"\nA-Z/<>]{0,200}") {
        bodies::any_file_is_read_or_refused(text.as_bytes());
    }

    #[test]
    fn a_changed_amount_is_always_noticed(cents in 3_i128..1_000_000) {
        let settled = Decimal::new(1020 + cents, 2).to_string();
        let text = file(&[row("PAYMENT", "T1", "PAY-1", "10.50", "EUR", &settled, "-0.30")]);
        proptest::prop_assert_eq!(kinds(text), [ProblemKind::Formula]);
    }
}
