//! The head of a request for any stack that takes an `http` one.

use std::error::Error as StdError;

use antom_core::call::{OutgoingRequest, Sent, TransportError, TransportErrorKind};
use http::header::{HeaderName, HeaderValue};
use http::{Method, Request, Uri, Version};

/// The request without a body, as `http` has it.
pub(super) fn head_of(request: &OutgoingRequest) -> Result<Request<()>, TransportError> {
    let uri: Uri = request.url().parse().map_err(unsupported)?;
    if uri.path() != request.path() || uri.query().is_some() {
        return Err(unsupported("the URL parser would send another path than the one that was signed"));
    }
    let mut outgoing = Request::new(());
    if request.needs_http2() {
        *outgoing.version_mut() = Version::HTTP_2;
    }
    *outgoing.method_mut() = Method::from_bytes(request.method().as_bytes()).map_err(unsupported)?;
    *outgoing.uri_mut() = uri;
    for header in request.headers() {
        let name = HeaderName::from_bytes(header.name.as_bytes()).map_err(unsupported)?;
        let mut value = HeaderValue::from_str(&header.value).map_err(unsupported)?;
        value.set_sensitive(header.sensitive);
        outgoing.headers_mut().append(name, value);
    }
    Ok(outgoing)
}

/// The stack cannot send this.
pub(super) fn unsupported(cause: impl Into<Box<dyn StdError + Send + Sync>>) -> TransportError {
    TransportError::new(TransportErrorKind::Unsupported, Sent::No).with_source(cause)
}
