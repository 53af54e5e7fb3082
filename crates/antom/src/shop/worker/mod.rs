//! The workers that see a shop's orders and tokens through.
//!
//! | worker | what it does |
//! | --- | --- |
//! | [`Settler`] | inquires due payments, sends again, cancels what expired, repeats captures and refunds |
//! | [`TokenKeeper`] | turns codes into tokens, refreshes tokens before they end, repeats revocations |
//! | [`Courier`] | hands events to the merchant's program, at least once and in order for each order |
//! | [`Recoverer`] | fetches notifications that were missed |
//!
//! Each claims what is due under a lease, so that any number of processes may run any number of them. A
//! worker that dies holds nothing up for longer than its lease. None of them names a runtime: they wait as
//! the client does.
//!
//! ```no_run
//! # async fn example(shop: antom::shop::Shop) {
//! use antom::shop::worker::{Pace, Settler, Stop, run};
//!
//! let stop = Stop::new();
//! let settler = Settler::new(shop.clone());
//! // On a task of its own; `stop.stop()` ends it after the round it is in.
//! run(&shop, &settler, Pace::default(), &stop, &|round| {
//!     if let Err(error) = round {
//!         eprintln!("settler: {error}");
//!     }
//! })
//! .await;
//! # }
//! ```

mod courier;
mod keeper;
mod recoverer;
mod settler;
mod stop;

use core::fmt::Debug;
use core::future::Future;
use core::pin::pin;
use core::time::Duration;

use antom_store::Subject;
use async_trait::async_trait;
use futures_util::future::{Either, select};
use futures_util::stream::{FuturesUnordered, StreamExt as _};

use super::{Inner, Shop, ShopError};

pub use courier::{Courier, Handler, HandlerError};
pub use keeper::TokenKeeper;
pub use recoverer::Recoverer;
pub use settler::Settler;
pub use stop::Stop;

/// How a worker goes about it.
///
/// ```
/// use antom::shop::worker::Pace;
/// use std::time::Duration;
///
/// let patient = Pace::default()
///     .with_idle(Duration::from_secs(5))
///     .with_lease(Duration::from_secs(300))
///     .with_rows(10, 2);
/// assert_eq!((patient.batch, patient.at_once), (10, 2));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Pace {
    /// The wait after a round that found nothing.
    pub idle: Duration,
    /// How long what is claimed is held. It must be longer than a call may take, re-sends included.
    pub lease: Duration,
    /// The most rows of one round.
    pub batch: usize,
    /// The most rows worked on at once.
    pub at_once: usize,
}

impl Default for Pace {
    /// A second, two minutes, 100 rows, 16 at once.
    fn default() -> Self {
        Self { idle: Duration::from_secs(1), lease: Duration::from_secs(120), batch: 100, at_once: 16 }
    }
}

impl Pace {
    /// With another wait after a round that found nothing.
    #[must_use]
    pub fn with_idle(mut self, idle: Duration) -> Self {
        self.idle = idle;
        self
    }

    /// With another lease.
    #[must_use]
    pub fn with_lease(mut self, lease: Duration) -> Self {
        self.lease = lease;
        self
    }

    /// With other numbers of rows: in a round, and at once.
    #[must_use]
    pub fn with_rows(mut self, batch: usize, at_once: usize) -> Self {
        (self.batch, self.at_once) = (batch.max(1), at_once.max(1));
        self
    }
}

/// What one round came to.
///
/// ```
/// # mod kit { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/kit.rs")); }
/// # use kit::{block_on, shop};
/// use antom::shop::worker::{Pace, Settler, Worker};
/// # let shop = shop(&[]);
///
/// # block_on(async {
/// // Nothing is due.
/// let round = Settler::new(shop).round(Pace::default()).await?;
/// assert_eq!((round.claimed, round.done, round.failed.len(), round.gap), (0, 0, 0, false));
/// # Ok(()) });
/// ```
#[derive(Debug, Default)]
#[non_exhaustive]
pub struct Round {
    /// Rows that were claimed.
    pub claimed: usize,
    /// Calls that were made, or events handed over.
    pub done: usize,
    /// Rows that failed; each comes again when its lease ends.
    pub failed: Vec<(Subject, ShopError)>,
    /// Notifications of the time before what the gateway still lists are gone for good: inquire the orders of
    /// that time.
    pub gap: bool,
}

/// One of the workers. Its state is in the store; this only goes round.
///
/// ```
/// # mod kit { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/kit.rs")); }
/// # use kit::{block_on, shop};
/// use antom::shop::ShopError;
/// use antom::shop::worker::{Pace, Settler, TokenKeeper, Worker};
/// # let shop = shop(&[]);
///
/// # block_on(async {
/// /// All of them, one after the other: enough for a small shop.
/// async fn rounds(workers: &[&dyn Worker]) -> Result<usize, ShopError> {
///     let mut done = 0;
///     for worker in workers {
///         done += worker.round(Pace::default()).await?.done;
///     }
///     Ok(done)
/// }
/// let (settler, keeper) = (Settler::new(shop.clone()), TokenKeeper::new(shop));
/// assert_eq!(rounds(&[&settler, &keeper]).await?, 0);
/// # Ok(()) });
/// ```
#[async_trait]
pub trait Worker: Debug + Send + Sync {
    /// Claims what is due and works on it, once.
    ///
    /// # Errors
    ///
    /// The store failed before anything was claimed.
    async fn round(&self, pace: Pace) -> Result<Round, ShopError>;
}

/// Goes round until it is stopped; a round that has begun is finished. `watch` is told of every round that
/// did something or failed: for logs, metrics and alerts.
///
/// ```
/// # mod kit { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/kit.rs")); }
/// # use kit::{block_on, shop};
/// use antom::shop::worker::{Pace, Settler, Stop, run};
/// # let shop = shop(&[]);
///
/// # block_on(async {
/// let stop = Stop::new();
/// stop.stop(); // Here before it began; mostly when the process is told to end.
/// run(&shop, &Settler::new(shop.clone()), Pace::default(), &stop, &|_| {}).await;
/// assert!(stop.is_stopped());
/// # Ok(()) });
/// ```
pub async fn run(
    shop: &Shop,
    worker: &dyn Worker,
    pace: Pace,
    stop: &Stop,
    watch: &(dyn Fn(Result<&Round, &ShopError>) + Send + Sync),
) {
    let inner = &shop.inner;
    let mut failures = 0_u32;
    while !stop.is_stopped() {
        let rings = inner.bell.rings();
        let wait = match worker.round(pace).await {
            Ok(round) => {
                failures = 0;
                if round.claimed > 0 || round.gap {
                    watch(Ok(&round));
                }
                // There may be more of what there was this much of.
                if round.claimed >= pace.batch { Duration::ZERO } else { pace.idle }
            }
            Err(error) => {
                watch(Err(&error));
                failures = failures.saturating_add(1);
                pace.idle.saturating_mul(1 << failures.min(6))
            }
        };
        if wait.is_zero() {
            continue;
        }
        let woken = inner.bell.rung_since(rings);
        let slept = inner.client.inner.sleep(wait);
        either(stop.stopped(), either(woken, slept)).await;
    }
}

/// Waits for one of the two.
async fn either(one: impl Future<Output = ()>, other: impl Future<Output = ()>) {
    match select(pin!(one), pin!(other)).await {
        Either::Left(_) | Either::Right(_) => {}
    }
}

/// Works on all rows, so many at once.
async fn each<T, F>(rows: Vec<T>, at_once: usize, work: impl Fn(T) -> F) -> Round
where
    F: Future<Output = (Subject, Result<usize, ShopError>)> + Send,
{
    let mut round = Round { claimed: rows.len(), ..Round::default() };
    let (mut rows, mut running) = (rows.into_iter(), FuturesUnordered::new());
    running.extend(rows.by_ref().take(at_once.max(1)).map(&work));
    while let Some((subject, result)) = running.next().await {
        match result {
            Ok(done) => round.done = round.done.saturating_add(done),
            Err(error) => round.failed.push((subject, error)),
        }
        running.extend(rows.next().map(&work));
    }
    round
}

impl Inner {
    /// Waits for the turn of one call, where the calls of all processes are limited.
    async fn admitted(&self) -> Result<(), ShopError> {
        if let Some(rate) = self.rate {
            let wait = self.store.admit(self.client_id.as_str(), rate, 1, self.now()).await?;
            if !wait.is_zero() {
                self.client.inner.sleep(wait).await;
            }
        }
        Ok(())
    }
}
