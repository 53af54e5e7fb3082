//! The body of an authentic delivery: kept whatever it is, read or refused without a panic.
#![no_main]

// The same body runs as a property test on the stable compiler.
#[path = "../../crates/antom-webhook/tests/bodies/mod.rs"]
mod bodies;

libfuzzer_sys::fuzz_target!(|data: &[u8]| bodies::any_signed_body_is_kept(data));
