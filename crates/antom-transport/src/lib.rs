//! Sends what `antom-core` prepared, and drives an exchange from its first step to its last.
//!
//! The core decides what to do next and never does it; this crate does it and never decides. A driver asks
//! the [`Engine`](antom_core::exchange::Engine) for its next step, carries it out with the parts it was
//! given, and hands the result back:
//!
//! | step | part |
//! | --- | --- |
//! | sign | a [`RemoteSigner`]; every [`Signer`](antom_core::signature::Signer) is one |
//! | send | a [`Transport`] or [`BlockingTransport`] |
//! | wait | a [`Sleep`] or [`BlockingSleep`] |
//! | what time is it | a [`Clock`] |
//!
//! | driver | for |
//! | --- | --- |
//! | [`drive`] | any runtime whose futures are `Send` |
//! | [`drive_local`] | runtimes on one thread: transport and timer are async closures |
//! | [`drive_blocking`] | programs without a runtime |
//!
//! What calls look like from outside, for metrics and traces, is in [`observe`].
//!
//! What matters about a failure is whether the request may have arrived:
//! [`Sent`](antom_core::call::Sent). Every transport here states it, and a driver that is dropped half-way
//! leaves it on record.
//!
//! ```
//! # mod kit { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/kit.rs")); }
//! # use kit::{AnyKey, Stamp, answer, engine};
//! use antom_core::call::RawAnswer;
//! use antom_core::outcome::Outcome;
//! use antom_transport::testing::{ManualClock, Script, ScriptedTransport};
//! use antom_transport::drive_blocking;
//! # let (mut engine, signer, keys, answer) = (engine(), Stamp, AnyKey, answer());
//!
//! // The engine decides, the driver does; here with parts that need no network and no time.
//! let clock = ManualClock::new(antom_core::time::UnixTime::from_secs(1_700_000_000));
//! let transport = ScriptedTransport::new([Script::Answer(answer)]);
//! drive_blocking(&mut engine, &signer, &keys, &clock, &clock, &transport);
//! assert!(matches!(engine.finish::<RawAnswer>()?, Outcome::Completed(_)));
//! # Ok::<(), antom_core::outcome::CallError>(())
//! ```
#![cfg_attr(docsrs, feature(doc_cfg))]

pub mod backend;
mod clock;
#[cfg(feature = "conformance")]
#[cfg_attr(docsrs, doc(cfg(feature = "conformance")))]
pub mod conformance;
mod drive;
pub mod observe;
#[cfg(feature = "tokio")]
mod offloaded;
mod signer;
mod sleep;
#[cfg(feature = "testing")]
#[cfg_attr(docsrs, doc(cfg(feature = "testing")))]
pub mod testing;
mod transport;

pub use clock::{Clock, SystemClock};
pub use drive::{drive, drive_blocking, drive_local};
#[cfg(feature = "tokio")]
#[cfg_attr(docsrs, doc(cfg(feature = "tokio")))]
pub use offloaded::OffloadedSigner;
pub use signer::RemoteSigner;
#[cfg(feature = "tokio")]
#[cfg_attr(docsrs, doc(cfg(feature = "tokio")))]
pub use sleep::TokioSleep;
pub use sleep::{BlockingSleep, Sleep, ThreadSleep};
pub use transport::{BlockingTransport, Transport};

#[cfg(feature = "hyper")]
#[cfg_attr(docsrs, doc(cfg(feature = "hyper")))]
pub use backend::HyperTransport;
#[cfg(feature = "tower")]
#[cfg_attr(docsrs, doc(cfg(feature = "tower")))]
pub use backend::TowerTransport;
#[cfg(feature = "ureq")]
#[cfg_attr(docsrs, doc(cfg(feature = "ureq")))]
pub use backend::UreqTransport;
#[cfg(feature = "reqwest")]
#[cfg_attr(docsrs, doc(cfg(feature = "reqwest")))]
pub use backend::{ReqwestBuilder, ReqwestTransport};
#[cfg(any(feature = "reqwest", feature = "hyper", feature = "ureq"))]
#[cfg_attr(docsrs, doc(cfg(any(feature = "reqwest", feature = "hyper", feature = "ureq"))))]
pub use backend::{SetupError, rustls};

/// The example of this crate's README, compiled.
#[cfg(all(doctest, feature = "hyper"))]
#[doc = include_str!("../README.md")]
struct Readme;
