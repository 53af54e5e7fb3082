//! What calls look like from outside: hooks for metrics, and spans with the feature `tracing`.
//!
//! A [`Watch`] follows one call. It wraps the transport, so every driver works with it, and tells an
//! [`Observer`] of each attempt and of the end. The client of the `antom` crate does all this by itself.
//!
//! With the feature `tracing` a call is the span `antom.call` and each attempt in it the span
//! `antom.attempt`, with these fields; nothing of a request's or an answer's content is among them.
//!
//! | field | span | value |
//! | --- | --- | --- |
//! | `antom.operation` | both | such as `payments/pay` |
//! | `antom.result.status`, `antom.result.code` | call | of a proven answer |
//! | `error.type` | both | the [`Ending`] of a call that is unresolved or not sent; of an attempt see [`Attempt::error_type`] |
//! | `http.request.method` | attempt | `POST` |
//! | `server.address`, `server.port` | attempt | of the gateway |
//! | `url.template` | attempt | the path; Antom's paths hold no ids |
//! | `http.request.resend_count` | attempt | from the second attempt on |
//! | `http.response.status_code` | attempt | if there is an answer |
//! | `otel.name`, `otel.kind` | attempt | what exporters to OpenTelemetry go by |
//!
//! A call whose future is dropped is not reported; its spans end without a result.
//!
//! ```
//! use antom_transport::observe::{Called, Ending, Observer};
//! use std::sync::atomic::{AtomicU64, Ordering};
//!
//! /// Counts the calls whose effect nobody knows: the number to alert on.
//! #[derive(Debug, Default)]
//! struct Unresolved(AtomicU64);
//!
//! impl Observer for Unresolved {
//!     fn called(&self, call: &Called<'_>) {
//!         if call.ending == Ending::Unresolved {
//!             self.0.fetch_add(1, Ordering::Relaxed);
//!         }
//!     }
//! }
//! assert_eq!(Unresolved::default().0.into_inner(), 0);
//! ```

#[cfg(feature = "tracing")]
mod spans;
mod watch;

use std::borrow::Cow;
use std::fmt::Debug;
use std::time::Duration;

use antom_core::call::{OperationInfo, TransportError, TransportErrorKind};
use antom_core::profile::Gateway;

pub use watch::{Watch, Watched};

/// Is told of calls and attempts, for metrics. It is called on the way: count, and return.
///
/// ```
/// # mod kit { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/kit.rs")); }
/// # use kit::{AnyKey, NOW, Stamp, answer, engine};
/// use antom_transport::observe::{Attempt, Called, Observer};
/// use std::sync::Mutex;
/// # use antom_core::call::RawAnswer;
/// # use antom_transport::drive_blocking;
/// # use antom_transport::testing::{ManualClock, Script, ScriptedTransport};
/// # fn play(observer: &dyn Observer) {
/// #     let (mut engine, clock) = (engine(), ManualClock::new(NOW));
/// #     let transport = ScriptedTransport::new([Script::Answer(answer())]);
/// #     let watch = Watch::start(engine.prepared().info(), Some(observer), &clock);
/// #     let watched = watch.transport(&transport);
/// #     watch.call_blocking(|| drive_blocking(&mut engine, &Stamp, &AnyKey, &clock, &clock, &watched));
/// #     watch.finished(&engine.finish::<RawAnswer>());
/// # }
/// # use antom_transport::observe::Watch;
///
/// /// Keeps a line for each attempt and each call.
/// #[derive(Debug, Default)]
/// struct Lines(Mutex<Vec<String>>);
///
/// impl Observer for Lines {
///     fn attempted(&self, attempt: &Attempt<'_>) {
///         self.0.lock().unwrap().push(format!("{} sent, {:?}", attempt.operation.id, attempt.result.ok()));
///     }
///     fn called(&self, call: &Called<'_>) {
///         self.0.lock().unwrap().push(format!("{} {}", call.operation.id, call.ending.as_str()));
///     }
/// }
/// let lines = Lines::default();
/// // A client tells it of every call; here of one inquiry.
/// # play(&lines);
/// assert_eq!(lines.0.into_inner().unwrap(), [
///     "payments/inquiryPayment sent, Some(200)",
///     "payments/inquiryPayment completed",
/// ]);
/// ```
pub trait Observer: Debug + Send + Sync {
    /// A request was sent, or could not be.
    fn attempted(&self, attempt: &Attempt<'_>) {
        let _ = attempt;
    }

    /// A call is over.
    fn called(&self, call: &Called<'_>) {
        let _ = call;
    }
}

/// One sending of a request.
///
/// ```
/// # mod kit { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/kit.rs")); }
/// # use kit::{AnyKey, NOW, Stamp, answer, engine};
/// use antom_transport::observe::{Attempt, Observer};
/// # use antom_core::call::RawAnswer;
/// # use antom_transport::drive_blocking;
/// # use antom_transport::testing::{ManualClock, Script, ScriptedTransport};
/// # fn play(observer: &dyn Observer) {
/// #     let (mut engine, clock) = (engine(), ManualClock::new(NOW));
/// #     let transport = ScriptedTransport::new([Script::Answer(answer())]);
/// #     let watch = Watch::start(engine.prepared().info(), Some(observer), &clock);
/// #     let watched = watch.transport(&transport);
/// #     watch.call_blocking(|| drive_blocking(&mut engine, &Stamp, &AnyKey, &clock, &clock, &watched));
/// #     watch.finished(&engine.finish::<RawAnswer>());
/// # }
/// # use antom_transport::observe::Watch;
///
/// #[derive(Debug)]
/// struct Metrics;
///
/// impl Observer for Metrics {
///     fn attempted(&self, attempt: &Attempt<'_>) {
///         // A counter with the label `error_type`, and a histogram of `took`.
///         assert_eq!((attempt.error_type(), attempt.resends), (None, 0));
///         assert!(attempt.gateway.is_https());
///     }
/// }
/// # play(&Metrics);
/// ```
#[derive(Debug)]
#[non_exhaustive]
pub struct Attempt<'a> {
    /// The operation.
    pub operation: &'static OperationInfo,
    /// Where it was sent.
    pub gateway: &'a Gateway,
    /// How often this call had been sent before.
    pub resends: u32,
    /// How long it took.
    pub took: Duration,
    /// The HTTP status of the answer, or why there is none.
    pub result: Result<u16, &'a TransportError>,
}

impl Attempt<'_> {
    /// What went wrong, as a word of a small set: the kind of transport error, or a status other than 200.
    #[must_use]
    pub fn error_type(&self) -> Option<Cow<'static, str>> {
        match self.result {
            Ok(200) => None,
            Ok(status) => Some(status.to_string().into()),
            Err(error) => Some(word(error.kind()).into()),
        }
    }
}

/// A call that is over.
///
/// ```
/// # mod kit { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/kit.rs")); }
/// # use kit::{AnyKey, NOW, Stamp, answer, engine};
/// use antom_transport::observe::{Called, Ending, Observer};
/// # use antom_core::call::RawAnswer;
/// # use antom_transport::drive_blocking;
/// # use antom_transport::testing::{ManualClock, Script, ScriptedTransport};
/// # fn play(observer: &dyn Observer) {
/// #     let (mut engine, clock) = (engine(), ManualClock::new(NOW));
/// #     let transport = ScriptedTransport::new([Script::Answer(answer())]);
/// #     let watch = Watch::start(engine.prepared().info(), Some(observer), &clock);
/// #     let watched = watch.transport(&transport);
/// #     watch.call_blocking(|| drive_blocking(&mut engine, &Stamp, &AnyKey, &clock, &clock, &watched));
/// #     watch.finished(&engine.finish::<RawAnswer>());
/// # }
/// # use antom_transport::observe::Watch;
///
/// #[derive(Debug)]
/// struct Metrics;
///
/// impl Observer for Metrics {
///     fn called(&self, call: &Called<'_>) {
///         assert_eq!((call.ending, call.sends), (Ending::Completed, 1));
///         assert_eq!(call.result_code, Some("SUCCESS"));
///     }
/// }
/// # play(&Metrics);
/// ```
#[derive(Debug)]
#[non_exhaustive]
pub struct Called<'a> {
    /// The operation.
    pub operation: &'static OperationInfo,
    /// How often its request was put on the wire, or was to be.
    pub sends: u32,
    /// How long everything took: signing, sending, waiting.
    pub took: Duration,
    /// What it came to.
    pub ending: Ending,
    /// The result status of a proven answer.
    pub result_status: Option<&'a str>,
    /// The result code of a proven answer.
    pub result_code: Option<&'a str>,
}

/// What a call came to: the cases of [`Outcome`](antom_core::outcome::Outcome), and that nothing was sent.
///
/// ```
/// use antom_transport::observe::Ending;
///
/// assert_eq!(Ending::NotSent.as_str(), "not_sent");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Ending {
    /// `S`.
    Completed,
    /// `U`, under way.
    Accepted,
    /// `F`.
    Declined,
    /// Nobody knows.
    Unresolved,
    /// Nothing was sent.
    NotSent,
}

impl Ending {
    /// The ending as a word, such as `not_sent`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Completed => "completed",
            Self::Accepted => "accepted",
            Self::Declined => "declined",
            Self::Unresolved => "unresolved",
            Self::NotSent => "not_sent",
        }
    }
}

fn word(kind: TransportErrorKind) -> &'static str {
    match kind {
        TransportErrorKind::Connect => "connect",
        TransportErrorKind::Tls => "tls",
        TransportErrorKind::Timeout => "timeout",
        TransportErrorKind::Interrupted => "interrupted",
        TransportErrorKind::Protocol => "protocol",
        TransportErrorKind::TooLarge => "too_large",
        TransportErrorKind::Unsupported => "unsupported",
        TransportErrorKind::Cancelled => "cancelled",
        _ => "other",
    }
}
