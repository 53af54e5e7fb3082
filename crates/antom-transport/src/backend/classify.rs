//! What kind of failure an HTTP stack's error is.

use std::error::Error as StdError;
use std::io;

use antom_core::call::{Sent, TransportErrorKind};

use super::causes::causes;

/// The kind of an error, by what is found behind it.
///
/// The secure channel comes first: its errors hide behind those of the connection. Whether a request was
/// sent cannot be told from an error; that is the gate's part.
pub(super) fn kind_of(error: &(dyn StdError + 'static)) -> TransportErrorKind {
    if causes(error).any(|cause| cause.is::<rustls::Error>()) {
        return TransportErrorKind::Tls;
    }
    #[cfg(feature = "hyper")]
    if let Some(kind) = causes(error).find_map(super::hyper_connect::kind_of) {
        return kind;
    }
    for cause in causes(error) {
        if let Some(kind) = kind_of_hyper(cause) {
            return kind;
        }
        if let Some(cause) = cause.downcast_ref::<io::Error>() {
            return kind_of_io(cause);
        }
    }
    if causes(error).any(is_hyper) {
        return TransportErrorKind::Interrupted;
    }
    match causes(error).any(is_connect) {
        true => TransportErrorKind::Connect,
        false => TransportErrorKind::Other,
    }
}

/// Whether a stack says that it never had a connection. What a proxy answers is known to it alone.
fn is_connect(error: &(dyn StdError + 'static)) -> bool {
    #[cfg(feature = "hyper")]
    if let Some(error) = error.downcast_ref::<hyper_util::client::legacy::Error>() {
        return error.is_connect();
    }
    #[cfg(feature = "reqwest")]
    if let Some(error) = error.downcast_ref::<::reqwest::Error>() {
        return error.is_connect();
    }
    let _ = error;
    false
}

#[cfg(any(feature = "reqwest", feature = "hyper", feature = "tower"))]
fn kind_of_hyper(error: &(dyn StdError + 'static)) -> Option<TransportErrorKind> {
    let error = error.downcast_ref::<hyper::Error>()?;
    if error.is_parse() {
        return Some(TransportErrorKind::Protocol);
    }
    let ended = error.is_incomplete_message() || error.is_canceled() || error.is_closed();
    ended.then_some(TransportErrorKind::Interrupted)
}

#[cfg(any(feature = "reqwest", feature = "hyper", feature = "tower"))]
fn is_hyper(error: &(dyn StdError + 'static)) -> bool {
    error.is::<hyper::Error>()
}

#[cfg(not(any(feature = "reqwest", feature = "hyper", feature = "tower")))]
fn kind_of_hyper(_: &(dyn StdError + 'static)) -> Option<TransportErrorKind> {
    None
}

#[cfg(not(any(feature = "reqwest", feature = "hyper", feature = "tower")))]
fn is_hyper(_: &(dyn StdError + 'static)) -> bool {
    false
}

/// What breaks before the request is on its way is no connection, whatever the stack calls it.
pub(super) fn settle(kind: TransportErrorKind, sent: Sent) -> TransportErrorKind {
    match (kind, sent) {
        (TransportErrorKind::Interrupted | TransportErrorKind::Other, Sent::No) => {
            TransportErrorKind::Connect
        }
        (kind, _) => kind,
    }
}

/// The kind of an error of a socket, or of what reads from it.
pub(super) fn kind_of_io(error: &io::Error) -> TransportErrorKind {
    match error.kind() {
        // How readers of chunks and lengths say that what they read makes no sense.
        io::ErrorKind::InvalidData | io::ErrorKind::InvalidInput => TransportErrorKind::Protocol,
        io::ErrorKind::ConnectionRefused => TransportErrorKind::Connect,
        io::ErrorKind::TimedOut | io::ErrorKind::WouldBlock => TransportErrorKind::Timeout,
        _ => TransportErrorKind::Interrupted,
    }
}
