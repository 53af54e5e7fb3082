//! What kind of failure an HTTP stack's error is.

use std::error::Error as StdError;
use std::io;

use antom_core::call::TransportErrorKind;

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
        if let Some(cause) = cause.downcast_ref::<hyper::Error>() {
            if cause.is_parse() {
                return TransportErrorKind::Protocol;
            }
            if cause.is_incomplete_message() || cause.is_canceled() || cause.is_closed() {
                return TransportErrorKind::Interrupted;
            }
        }
        if let Some(cause) = cause.downcast_ref::<io::Error>() {
            return kind_of_io(cause);
        }
    }
    match causes(error).any(|cause| cause.is::<hyper::Error>()) {
        true => TransportErrorKind::Interrupted,
        false => TransportErrorKind::Other,
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
