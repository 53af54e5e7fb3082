//! Chores of the repository that other programs of it can call.
//!
//! Nothing here depends on the crates of the SDK, so that code generation works when they do not build.

pub mod codegen;
pub mod json;
