//! Calls and exchanges against a gateway made of nothing but a key: every answer a bad network or a bad
//! gateway can give.
#![cfg(all(feature = "ring", feature = "payments"))]
#![allow(
    missing_docs,
    unreachable_pub,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

mod answers;
mod exchanges;
#[cfg(feature = "billing")]
mod uploads;
mod world;
