//! Shows that a transport keeps its promises, by sending through it to a server that breaks every rule.
//!
//! The suite starts the server itself, on the loopback and with nothing but threads, so it needs no
//! runtime. Every [`Case`] says what the server does and what a transport must make of it: an answer, or an
//! error of a certain [kind](antom_core::call::TransportErrorKind) with a certain
//! [`Sent`](antom_core::call::Sent).
//!
//! ```
//! # #[cfg(feature = "ureq")] {
//! use antom_transport::{UreqTransport, conformance};
//!
//! let report = conformance::run_blocking(conformance::cases(), |settings| {
//!     let builder = UreqTransport::builder().extra_roots(settings.extra_root.as_str());
//!     match &settings.proxy {
//!         Some(url) => builder.proxy(url.as_str()).build(),
//!         None => builder.no_proxy().build(),
//!     }
//! });
//! assert!(report.is_passed(), "{report}");
//! # }
//! ```
//!
//! An asynchronous transport is tested with [`run`], which takes the way to wait for a future beside it.
//!
//! # What is required
//!
//! | what happened | `Sent` |
//! | --- | --- |
//! | no connection, no secure channel, no tunnel | `No` |
//! | a limit ran out, or the connection broke, after the body was on its way | `Maybe` |
//! | the head of the answer broke off or is no HTTP | `Maybe` |
//! | the head of the answer came, the rest did not | `Yes` |
//!
//! Where stacks differ by right a case allows more than one kind. It allows more than one `Sent` only where
//! the request and the end of the connection cross on the wire, so that each of them is true of some run.
//!
//! A stack that has no secure channel or no proxies answers
//! [`Unsupported`](antom_core::call::TransportErrorKind::Unsupported) with `Sent::No`, or fails to be
//! built; the report then says so, and it counts as neither passed nor failed. Everything else is for all.

mod breaks;
mod case;
mod framing;
mod h2;
mod limits;
mod peer;
mod plain;
mod play;
mod pool;
mod proxy;
mod report;
mod secure;
mod server;
mod tls;
mod wire;

use std::future::Future;
use std::pin::Pin;
use std::sync::LazyLock;
use std::time::Instant;

use antom_core::call::{OutgoingRequest, SendOptions};

pub use case::{Case, Required};
pub use play::Settings;
pub use report::{Report, Row, Verdict};

use crate::{BlockingTransport, Transport};
use play::{Driven, Observed};

/// A future that [`run`] hands out to be waited for.
pub type Waiting<'a> = Pin<Box<dyn Future<Output = ()> + Send + 'a>>;

/// All cases. A transport is right when it passes all of them; to look into one, filter by
/// [`name`](Case::name).
#[must_use]
pub fn cases() -> &'static [Case] {
    static CASES: LazyLock<Vec<Case>> = LazyLock::new(|| {
        [
            plain::CASES,
            framing::CASES,
            breaks::CASES,
            limits::CASES,
            pool::CASES,
            secure::CASES,
            h2::CASES,
            proxy::CASES,
        ]
        .concat()
    });
    &CASES
}

/// Runs cases against a transport; each gets one of its own.
///
/// `make` builds the transport and `block_on` waits for a future, on the runtime that the transport needs.
/// Both are called inside of that future's runtime, so a transport may take what it needs from there.
///
/// ```
/// # #[cfg(feature = "hyper")] {
/// use antom_transport::{HyperTransport, conformance};
///
/// let block_on = |waiting: conformance::Waiting<'_>| {
///     let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
///     runtime.block_on(waiting)
/// };
/// let make = |settings: &conformance::Settings| {
///     HyperTransport::builder().extra_roots(settings.extra_root.as_str()).no_proxy().build()
/// };
/// // One of them; a transport of your own is given all, and the proxy that the settings name.
/// let cases = &conformance::cases()[..1];
/// let report = conformance::run(cases, make, block_on);
/// assert!(report.is_passed(), "{report}");
/// assert_eq!(report.rows().len(), 1);
/// # }
/// ```
#[must_use]
pub fn run<T, E>(
    cases: &[Case],
    make: impl Fn(&Settings) -> Result<T, E> + Sync,
    block_on: impl Fn(Waiting<'_>),
) -> Report
where
    T: Transport,
    E: std::fmt::Display,
{
    play::all(cases, &mut |settings: &Settings, plan: Vec<(OutgoingRequest, SendOptions)>| {
        let mut driven = Driven::NotRun;
        block_on(Box::pin(async {
            let transport = match make(settings) {
                Ok(transport) => transport,
                Err(error) => {
                    driven = Driven::NotBuilt(error.to_string());
                    return;
                }
            };
            let mut observed = Vec::new();
            for (request, options) in plan {
                let start = Instant::now();
                let result = transport.send(request, &options).await;
                observed.push(Observed { result, took: start.elapsed() });
            }
            driven = Driven::Ran(observed);
        }));
        driven
    })
}

/// [`run`] for a blocking transport.
#[must_use]
pub fn run_blocking<T, E>(cases: &[Case], make: impl Fn(&Settings) -> Result<T, E>) -> Report
where
    T: BlockingTransport,
    E: std::fmt::Display,
{
    play::all(cases, &mut |settings: &Settings, plan: Vec<(OutgoingRequest, SendOptions)>| {
        let transport = match make(settings) {
            Ok(transport) => transport,
            Err(error) => return Driven::NotBuilt(error.to_string()),
        };
        let send = |(request, options): (OutgoingRequest, SendOptions)| {
            let start = Instant::now();
            let result = transport.send(request, &options);
            Observed { result, took: start.elapsed() }
        };
        Driven::Ran(plan.into_iter().map(send).collect())
    })
}
