use alloc::boxed::Box;
use core::fmt;
use core::time::Duration;

/// Whether a request can have reached the gateway. For money this is the fact about an error that counts.
///
/// ```
/// use antom_core::call::Sent;
///
/// // The more that may have happened, the greater.
/// assert!(Sent::No < Sent::Maybe && Sent::Maybe < Sent::Yes);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Sent {
    /// Certainly not: it may be sent again as it is.
    No,
    /// Perhaps: it may have taken effect.
    Maybe,
    /// Certainly: an answer came, even if it was of no use.
    Yes,
}

/// Why a transport has no answer.
///
/// ```
/// use antom_core::call::{Sent, TransportError, TransportErrorKind};
///
/// // Only a transport that is sure says so; everything else may have moved money.
/// let error = TransportError::new(TransportErrorKind::Connect, Sent::No).with_source("refused");
/// assert_eq!((error.kind(), error.sent()), (TransportErrorKind::Connect, Sent::No));
/// ```
#[derive(Debug)]
pub struct TransportError {
    kind: TransportErrorKind,
    sent: Sent,
    source: Option<Box<dyn core::error::Error + Send + Sync>>,
}

/// What failed.
///
/// ```
/// use antom_core::call::{Sent, TransportError, TransportErrorKind};
///
/// let error = TransportError::new(TransportErrorKind::Timeout, Sent::Maybe);
/// assert_eq!(error.to_string(), "a time limit ran out (the request may have been sent)");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum TransportErrorKind {
    /// The host's name could not be resolved or no connection was made.
    Connect,
    /// The secure channel could not be set up: certificate, name, version.
    Tls,
    /// A time limit ran out.
    Timeout,
    /// The connection broke.
    Interrupted,
    /// The answer broke HTTP.
    Protocol,
    /// The answer is longer than the limit.
    TooLarge,
    /// The stack cannot do what the request needs.
    Unsupported,
    /// The drive was dropped while a request was on its way.
    Cancelled,
    /// Anything else.
    Other,
}

impl TransportError {
    /// An error of this kind.
    #[must_use]
    pub fn new(kind: TransportErrorKind, sent: Sent) -> Self {
        Self { kind, sent, source: None }
    }

    /// The error with its cause.
    #[must_use]
    pub fn with_source(mut self, source: impl Into<Box<dyn core::error::Error + Send + Sync>>) -> Self {
        self.source = Some(source.into());
        self
    }

    /// What failed.
    #[must_use]
    pub fn kind(&self) -> TransportErrorKind {
        self.kind
    }

    /// Whether the request can have reached the gateway.
    #[must_use]
    pub fn sent(&self) -> Sent {
        self.sent
    }
}

impl fmt::Display for TransportErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Connect => "no connection to the gateway",
            Self::Tls => "the secure channel to the gateway could not be set up",
            Self::Timeout => "a time limit ran out",
            Self::Interrupted => "the connection broke",
            Self::Protocol => "the answer is not HTTP",
            Self::TooLarge => "the answer is longer than the limit",
            Self::Unsupported => "the HTTP stack cannot send this request",
            Self::Cancelled => "the call was dropped while the request was on its way",
            Self::Other => "the HTTP stack failed",
        })
    }
}

impl fmt::Display for TransportError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sent = match self.sent {
            Sent::No => "the request was not sent",
            Sent::Maybe => "the request may have been sent",
            Sent::Yes => "the request was sent",
        };
        write!(f, "{} ({sent})", self.kind)
    }
}

impl core::error::Error for TransportError {
    fn source(&self) -> Option<&(dyn core::error::Error + 'static)> {
        self.source.as_deref().map(|source| source as _)
    }
}

/// Time limits and caps for one sending.
///
/// ```
/// use antom_core::call::SendOptions;
/// use core::time::Duration;
///
/// let options = SendOptions { total: Duration::from_secs(5), ..SendOptions::DEFAULT };
/// assert!(options.connect > options.total, "the total is the one that ends it");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SendOptions {
    /// For name, connection and secure channel.
    pub connect: Duration,
    /// Between the last byte of the request and the first of the answer, and between two reads.
    pub read: Duration,
    /// For everything.
    pub total: Duration,
    /// The longest answer in bytes; checked while it streams in.
    pub max_answer: usize,
}

impl SendOptions {
    /// 10 s to connect, 15 s between reads, 30 s in all, answers up to 16 MiB.
    pub const DEFAULT: Self = Self {
        connect: Duration::from_secs(10),
        read: Duration::from_secs(15),
        total: Duration::from_secs(30),
        max_answer: crate::codec::Limits::ANSWER.max_bytes,
    };
}

impl Default for SendOptions {
    fn default() -> Self {
        Self::DEFAULT
    }
}
