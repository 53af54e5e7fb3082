//! An Antom payments gateway for one's own machine: for tests and demos, offline, deterministic.
//!
//! - [`engine::Gateway`] is the gateway without a socket. Values in, values out.
//! - [`Sandbox`] puts it on a loopback port and delivers its notifications (feature `server`).
//!
//! It checks every request's signature, keeps state, signs its answers, and sends signed notifications until
//! they are acknowledged. Not affiliated with Antom.

pub mod engine;
#[cfg(feature = "server")]
mod server;

#[cfg(feature = "state-file")]
pub use server::StateFileError;
#[cfg(feature = "server")]
pub use server::{ClientOf, Clock, Sandbox, SandboxClient, SandboxConfig, SandboxError};

/// The example of this crate's README, compiled.
#[cfg(all(doctest, feature = "server"))]
#[doc = include_str!("../README.md")]
struct Readme;
