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
///
/// ```
/// # mod kit { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/kit.rs")); }
/// # use kit::{block_on, request};
/// use antom_core::call::{IncomingResponse, OutgoingRequest, SendOptions, Sent, TransportError, TransportErrorKind};
/// use antom_transport::Transport;
/// # let request = request();
///
/// # block_on(async {
/// /// Any HTTP stack: one call, one sending, and bytes as they are.
/// #[derive(Debug)]
/// struct MyStack;
///
/// #[async_trait::async_trait]
/// impl Transport for MyStack {
///     async fn send(&self, request: OutgoingRequest, _: &SendOptions) -> Result<IncomingResponse, TransportError> {
///         if request.needs_http2() {
///             return Err(TransportError::new(TransportErrorKind::Unsupported, Sent::No));
///         }
///         // POST `request.body()` to `request.url()` with `request.headers()` ...
///         Ok(IncomingResponse::new(200, "{}"))
///     }
/// }
/// let response = MyStack.send(request, &SendOptions::DEFAULT).await?;
/// assert_eq!(response.status(), 200);
/// # Ok(()) });
/// ```
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
///
/// ```
/// # mod kit { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/kit.rs")); }
/// # use kit::request;
/// use antom_core::call::{IncomingResponse, OutgoingRequest, SendOptions, Sent, TransportError, TransportErrorKind};
/// use antom_transport::BlockingTransport;
/// # let request = request();
///
/// /// A stack whose cable is cut: nothing leaves, and it says so.
/// #[derive(Debug)]
/// struct NoCable;
///
/// impl BlockingTransport for NoCable {
///     fn send(&self, _: OutgoingRequest, _: &SendOptions) -> Result<IncomingResponse, TransportError> {
///         Err(TransportError::new(TransportErrorKind::Connect, Sent::No))
///     }
/// }
/// assert_eq!(NoCable.send(request, &SendOptions::DEFAULT).unwrap_err().sent(), Sent::No);
/// ```
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
