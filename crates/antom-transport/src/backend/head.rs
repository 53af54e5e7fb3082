//! The head of a request for any stack that takes an `http` one.

use std::borrow::Cow;
use std::error::Error as StdError;

use antom_core::call::{OutgoingRequest, Sent, TransportError, TransportErrorKind};
use bytes::Bytes;
use http::header::{HeaderName, HeaderValue};
use http::{Method, Request, Uri, Version};

/// The request without a body, as `http` has it.
pub(super) fn head_of(request: &OutgoingRequest) -> Result<Request<()>, TransportError> {
    let uri = Uri::try_from(request.url()).map_err(unsupported)?;
    if uri.path() != request.path() || uri.query().is_some() {
        return Err(unsupported("the URL parser would send another path than the one that was signed"));
    }
    let mut outgoing = Request::new(());
    if request.needs_http2() {
        *outgoing.version_mut() = Version::HTTP_2;
    }
    *outgoing.method_mut() = Method::from_bytes(request.method().as_bytes()).map_err(unsupported)?;
    *outgoing.uri_mut() = uri;
    // And for those that the stack adds.
    outgoing.headers_mut().reserve(request.headers().len() + 2);
    for header in request.headers() {
        let name = HeaderName::from_bytes(header.name.as_bytes()).map_err(unsupported)?;
        let mut value = match &header.value {
            Cow::Borrowed(text) => HeaderValue::from_maybe_shared(Bytes::from_static(text.as_bytes())),
            Cow::Owned(text) => HeaderValue::from_str(text),
        }
        .map_err(unsupported)?;
        value.set_sensitive(header.sensitive);
        outgoing.headers_mut().append(name, value);
    }
    Ok(outgoing)
}

/// The stack cannot send this.
pub(super) fn unsupported(cause: impl Into<Box<dyn StdError + Send + Sync>>) -> TransportError {
    TransportError::new(TransportErrorKind::Unsupported, Sent::No).with_source(cause)
}
