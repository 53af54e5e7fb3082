//! An Antom payments gateway for one's own machine: for tests and demos, offline, deterministic.
//!
//! - [`engine::Gateway`] is the gateway without a socket. Values in, values out.
//! - [`Sandbox`] puts it on a loopback port and delivers its notifications (feature `server`).
//!
//! It checks every request's signature, keeps state, signs its answers, and sends signed notifications until
//! they are acknowledged. Not affiliated with Antom.
//!
//! ```
//! # mod kit { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/kit.rs")); }
//! # use kit::{NOW, gateway, pay};
//! use antom_sandbox::engine::BuyerAction;
//! # let mut gateway = gateway();
//! # let (page, now) = (pay(&mut gateway), NOW);
//!
//! // A merchant asked for a payment, and got the URL of a page. The buyer pays there.
//! let done = gateway.buyer(now, &page, BuyerAction::Approve)?;
//! // The merchant is told by a signed notification, until it is acknowledged.
//! assert_eq!(done.deliveries[0].url, "http://127.0.0.1:9090/notify");
//! assert_eq!(gateway.unacknowledged(), 1);
//! # Ok::<(), antom_sandbox::engine::BuyerError>(())
//! ```

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
