//! The signature header: total, and what is read is rendered alike.
#![no_main]

// The same body runs as a property test on the stable compiler.
#[path = "../../crates/antom-webhook/tests/bodies/mod.rs"]
mod bodies;

libfuzzer_sys::fuzz_target!(|data: &[u8]| bodies::signature_headers_are_read_or_refused(data));
