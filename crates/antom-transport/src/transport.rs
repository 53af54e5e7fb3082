use std::fmt::Debug;

use antom_core::call::{IncomingResponse, OutgoingRequest, SendOptions, TransportError};
use async_trait::async_trait;

/// Sends one request and returns one answer, as they are.
///
/// What an implementation owes its callers:
///
/// - The body goes out byte for byte, and so does the path: both were signed.
/// - One call sends once. No redirect is followed, nothing is sent again; the engine decides about that.
/// - The answer's body comes back byte for byte: no content decoding, no change of character set.
/// - Every limit of [`SendOptions`] holds, the size limit while the answer streams in.
/// - An error states what is known about [`Sent`](antom_core::call::Sent). `No` is a promise: the request
///   has not reached the gateway and never will. When in doubt it is `Maybe`.
/// - What the stack cannot do is
///   [`Unsupported`](antom_core::call::TransportErrorKind::Unsupported) with `Sent::No`.
#[async_trait]
pub trait Transport: Debug + Send + Sync {
    /// Sends the request.
    ///
    /// # Errors
    ///
    /// There is no whole answer; the error says whether the request may have arrived. An answer with an
    /// unwelcome status is an answer.
    async fn send(
        &self,
        request: OutgoingRequest,
        options: &SendOptions,
    ) -> Result<IncomingResponse, TransportError>;
}

/// [`Transport`] for programs without a runtime; it owes the same.
pub trait BlockingTransport: Debug + Send + Sync {
    /// Sends the request and waits for the answer.
    ///
    /// # Errors
    ///
    /// As [`Transport::send`].
    fn send(
        &self,
        request: OutgoingRequest,
        options: &SendOptions,
    ) -> Result<IncomingResponse, TransportError>;
}
