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
