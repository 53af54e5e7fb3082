//! Head and body of a delivery: nothing that was not signed is accepted.
#![no_main]

// The same body runs as a property test on the stable compiler.
#[path = "../../crates/antom-webhook/tests/bodies/mod.rs"]
mod bodies;

libfuzzer_sys::fuzz_target!(|data: &[u8]| bodies::nothing_unsigned_is_accepted(data));
