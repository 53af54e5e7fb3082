//! A report's file: read or refused without a panic.
#![no_main]

// The same body runs as a property test on the stable compiler.
#[path = "../../crates/antom-reports/tests/bodies/mod.rs"]
mod bodies;

libfuzzer_sys::fuzz_target!(|data: &[u8]| bodies::any_file_is_read_or_refused(data));
