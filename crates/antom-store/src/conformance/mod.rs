//! The suite that every backend passes, this crate's own and yours.
//!
//! ```
//! # #[cfg(feature = "memory")] {
//! use std::sync::Arc;
//! use antom_store::conformance::{Maker, run};
//! use antom_store::{Backend, MemoryStore};
//!
//! #[derive(Debug)]
//! struct InMemory;
//!
//! #[async_trait::async_trait]
//! impl Maker for InMemory {
//!     async fn fresh(&self) -> Arc<dyn Backend> {
//!         Arc::new(MemoryStore::new())
//!     }
//! }
//!
//! async fn my_backend_conforms() {
//!     let report = run(&InMemory).await;
//!     assert!(report.passed(), "{report}");
//! }
//! # }
//! ```
//!
//! It needs no runtime of its own. Concurrency is that of futures polled in turn; run the suite of a
//! backend with real threads or connections on a runtime that has them.

mod cards;
mod claims;
mod grants;
mod inbox;
mod kit;
mod numbers;
mod orders;
mod outbox;
mod runs;
mod shared;

use core::fmt;
use core::future::Future;
use core::pin::Pin;
use std::sync::Arc;

use async_trait::async_trait;

use crate::store::Backend;

/// Makes empty stores.
///
/// ```
/// # mod kit { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/kit.rs")); }
/// # use kit::block_on;
/// use std::sync::Arc;
/// use antom_store::conformance::Maker;
/// use antom_store::{Backend, MemoryStore};
///
/// #[derive(Debug)]
/// struct InMemory;
///
/// #[async_trait::async_trait]
/// impl Maker for InMemory {
///     async fn fresh(&self) -> Arc<dyn Backend> {
///         Arc::new(MemoryStore::new()) // Nothing is left of the case before.
///     }
/// }
/// # block_on(async {
/// # let _ = InMemory.fresh().await;
/// # Ok(()) });
/// ```
#[async_trait]
pub trait Maker: fmt::Debug + Send + Sync {
    /// An empty store that shares nothing with those before it.
    async fn fresh(&self) -> Arc<dyn Backend>;
}

/// Why a case failed.
///
/// ```
/// use antom_store::StoreError;
/// use antom_store::conformance::Failure;
///
/// // Cases end with `?`: an error becomes the reason.
/// let failure = Failure::from(StoreError::TwoLiveAttempts);
/// assert!(failure.0.contains("two attempts"));
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure(pub String);

impl<E: std::error::Error> From<E> for Failure {
    fn from(error: E) -> Self {
        let mut text = error.to_string();
        let mut source = error.source();
        while let Some(cause) = source {
            text.push_str(": ");
            text.push_str(&cause.to_string());
            source = cause.source();
        }
        Self(text)
    }
}

/// What one case came to.
type Outcome = Result<(), Failure>;
type Running = Pin<Box<dyn Future<Output = Outcome> + Send>>;

/// A case: its name and how to run it on an empty store.
#[derive(Clone, Copy)]
struct Case {
    name: &'static str,
    run: fn(Arc<dyn Backend>) -> Running,
}

/// What the suite came to.
///
/// ```
/// use antom_store::conformance::{Failure, Report};
///
/// let report = Report { cases: vec![("a commit is atomic", None), ("keys are unique", Some(Failure("found twice".into())))] };
/// assert!(!report.passed());
/// assert!(report.to_string().contains("FAILED  keys are unique: found twice"));
/// assert!(!Report::default().passed(), "no case is no proof");
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Report {
    /// Each case with its failure, if it failed.
    pub cases: Vec<(&'static str, Option<Failure>)>,
}

impl Report {
    /// Whether every case passed, and there were some.
    #[must_use]
    pub fn passed(&self) -> bool {
        !self.cases.is_empty() && self.cases.iter().all(|(_, failure)| failure.is_none())
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (name, failure) in &self.cases {
            match failure {
                None => writeln!(f, "ok      {name}")?,
                Some(Failure(why)) => writeln!(f, "FAILED  {name}: {why}")?,
            }
        }
        Ok(())
    }
}

/// Runs every case on a store of its own.
///
/// ```
/// # mod kit { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/kit.rs")); }
/// # use kit::block_on;
/// use std::sync::Arc;
/// use antom_store::conformance::{Maker, run};
/// use antom_store::{Backend, MemoryStore};
///
/// #[derive(Debug)]
/// struct InMemory;
///
/// #[async_trait::async_trait]
/// impl Maker for InMemory {
///     async fn fresh(&self) -> Arc<dyn Backend> {
///         Arc::new(MemoryStore::new())
///     }
/// }
/// # block_on(async {
/// let report = run(&InMemory).await;
/// assert!(report.passed(), "{report}");
/// # Ok(()) });
/// ```
pub async fn run(maker: &dyn Maker) -> Report {
    let mut report = Report::default();
    for case in [
        orders::CASES,
        inbox::CASES,
        claims::CASES,
        grants::CASES,
        outbox::CASES,
        cards::CASES,
        numbers::CASES,
        shared::CASES,
        runs::CASES,
    ]
    .into_iter()
    .flatten()
    {
        let store = maker.fresh().await;
        report.cases.push((case.name, (case.run)(store).await.err()));
    }
    report
}

/// Fails the case unless the condition holds.
macro_rules! ensure {
    ($condition:expr, $($why:tt)+) => {
        if !$condition {
            return Err($crate::conformance::Failure(format!($($why)+)));
        }
    };
}

/// Lists async functions as cases.
macro_rules! cases {
    ($($name:ident),* $(,)?) => {
        pub(super) const CASES: &[$crate::conformance::Case] = &[
            $($crate::conformance::Case { name: stringify!($name), run: |store| Box::pin($name(store)) }),*
        ];
    };
}

use {cases, ensure};
