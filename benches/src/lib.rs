//! What the SDK adds to the bare libraries.
//!
//! Every figure has two sides: `ours`, the SDK as a program uses it, and `bound`, the same work written by
//! hand from the same crates with nothing around it. Both run in turn in one process, and what counts is
//! the ratio: a neighbour who takes the processor takes it from both.
#![allow(clippy::expect_used, reason = "a measurement that fails has nothing to report")]
#![allow(clippy::float_arithmetic, reason = "ratios, not money")]

pub mod bound;
pub mod figure;
pub mod figures;
pub mod fixture;
pub mod measure;
pub mod ours;
pub mod peer;
pub mod pieces;
