//! The head of a request for any stack that takes an `http` one.

use std::borrow::Cow;
use std::error::Error as StdError;

use antom_core::call::{OutgoingRequest, Sent, TransportError, TransportErrorKind};
use bytes::Bytes;
use http::header::{CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue, USER_AGENT};
#[cfg(any(feature = "hyper", feature = "tower", feature = "ureq"))]
use http::{Method, Request, Uri, Version};

#[cfg(any(feature = "hyper", feature = "tower", feature = "ureq"))]
use super::urls::Urls;

/// The request as `http` has it.
#[cfg(any(feature = "hyper", feature = "tower", feature = "ureq"))]
pub(super) fn request_of<B>(
    request: &OutgoingRequest,
    urls: &Urls<Uri>,
    body: B,
) -> Result<Request<B>, TransportError> {
    let uri = urls.of(request, |text| {
        let uri = Uri::try_from(text).map_err(unsupported)?;
        match uri.path() == request.path() && uri.query().is_none() {
            true => Ok(uri),
            false => Err(other_path()),
        }
    })?;
    let mut outgoing = Request::new(body);
    if request.needs_http2() {
        *outgoing.version_mut() = Version::HTTP_2;
    }
    *outgoing.method_mut() = Method::from_bytes(request.method().as_bytes()).map_err(unsupported)?;
    *outgoing.uri_mut() = uri;
    *outgoing.headers_mut() = headers_of(request)?;
    Ok(outgoing)
}

/// The headers of the request, with room for those that the stack adds.
pub(super) fn headers_of(request: &OutgoingRequest) -> Result<HeaderMap, TransportError> {
    let mut headers = HeaderMap::with_capacity(request.headers().len() + 2);
    for header in request.headers() {
        let mut value = match &header.value {
            Cow::Borrowed(text) => HeaderValue::from_maybe_shared(Bytes::from_static(text.as_bytes())),
            Cow::Owned(text) => HeaderValue::from_str(text),
        }
        .map_err(unsupported)?;
        value.set_sensitive(header.sensitive);
        headers.append(name_of(header.name)?, value);
    }
    Ok(headers)
}

/// The name as `http` has it: those of every signed request are ready.
fn name_of(name: &str) -> Result<HeaderName, TransportError> {
    static CLIENT_ID: HeaderName = HeaderName::from_static("client-id");
    static REQUEST_TIME: HeaderName = HeaderName::from_static("request-time");
    static SIGNATURE: HeaderName = HeaderName::from_static("signature");
    match name {
        "content-type" => Ok(CONTENT_TYPE),
        "user-agent" => Ok(USER_AGENT),
        "client-id" => Ok(CLIENT_ID.clone()),
        "request-time" => Ok(REQUEST_TIME.clone()),
        "signature" => Ok(SIGNATURE.clone()),
        other => HeaderName::from_bytes(other.as_bytes()).map_err(unsupported),
    }
}

/// A URL that is not what was signed.
pub(super) fn other_path() -> TransportError {
    unsupported("the URL parser would send another path than the one that was signed")
}

/// The stack cannot send this.
pub(super) fn unsupported(cause: impl Into<Box<dyn StdError + Send + Sync>>) -> TransportError {
    TransportError::new(TransportErrorKind::Unsupported, Sent::No).with_source(cause)
}
