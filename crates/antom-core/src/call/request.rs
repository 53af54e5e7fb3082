use alloc::borrow::{Cow, ToOwned};
use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::fmt;

use bytes::Bytes;

use super::{OperationInfo, TransportKind};
use crate::ascii;
use crate::profile::Gateway;

/// A request as it goes out. Cloning it copies no text and no body.
///
/// ```
/// # mod kit { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/kit.rs")); }
/// # use kit::{CLOCKS, profile};
/// use antom_core::api::payments::{InquiryPayment, InquiryPaymentRequest};
/// use antom_core::call::Call;
/// use antom_core::signature::Signature;
/// # let (profile, now) = (profile(), CLOCKS);
///
/// let request = InquiryPaymentRequest::new().with_payment_request_id("PAY-1");
/// let call = Call::<InquiryPayment, _>::new(&request, &profile, now.wall)?.sign(&Signature::new(vec![1; 256]));
/// let request = call.request();
/// assert_eq!(request.url(), format!("{}{}", request.gateway().origin(), request.path()));
/// assert_eq!((request.method(), request.operation().id), ("POST", "payments/inquiryPayment"));
/// assert!(!request.body().is_empty() && !request.needs_http2());
/// assert!(request.headers().iter().any(|header| header.name == "signature"));
/// # Ok::<(), antom_core::call::EncodeError>(())
/// ```
#[derive(Clone)]
pub struct OutgoingRequest(Arc<Parts>);

/// What a request is made of.
#[derive(Clone)]
pub(crate) struct Parts {
    pub(crate) info: &'static OperationInfo,
    pub(crate) gateway: Arc<Gateway>,
    pub(crate) path: Arc<str>,
    pub(crate) headers: Vec<Header>,
    pub(crate) body: Bytes,
}

/// A header of a request.
///
/// ```
/// use antom_core::call::Header;
///
/// let header = Header { name: "authorization", value: "Bearer sk_test_1".into(), sensitive: true };
/// assert_eq!(format!("{header:?}"), "authorization: [sensitive]");
/// ```
#[derive(Clone)]
pub struct Header {
    /// The name in lower case.
    pub name: &'static str,
    /// The value.
    pub value: Cow<'static, str>,
    /// Whether the value must not be logged or indexed for compression.
    pub sensitive: bool,
}

impl OutgoingRequest {
    pub(crate) fn new(parts: Parts) -> Self {
        Self(Arc::new(parts))
    }

    pub(crate) fn parts(&self) -> &Parts {
        &self.0
    }

    /// To change it. Whoever has a clone keeps what was.
    pub(crate) fn parts_mut(&mut self) -> &mut Parts {
        Arc::make_mut(&mut self.0)
    }

    /// The operation that is called.
    #[must_use]
    pub fn operation(&self) -> &'static OperationInfo {
        self.0.info
    }

    /// The method; Antom knows no other.
    #[must_use]
    pub fn method(&self) -> &'static str {
        "POST"
    }

    /// The gateway: scheme, host and port.
    #[must_use]
    pub fn gateway(&self) -> &Gateway {
        &self.0.gateway
    }

    /// The path that was signed.
    #[must_use]
    pub fn path(&self) -> &str {
        &self.0.path
    }

    /// The whole URL.
    #[must_use]
    pub fn url(&self) -> String {
        [self.0.gateway.origin(), &*self.0.path].concat()
    }

    /// The headers, without `host` and `content-length`, which the transport sets.
    #[must_use]
    pub fn headers(&self) -> &[Header] {
        &self.0.headers
    }

    /// Whether it must be sent with HTTP/2. A transport that cannot do so refuses it with
    /// [`Unsupported`](super::TransportErrorKind::Unsupported) and [`Sent::No`](super::Sent::No).
    #[must_use]
    pub fn needs_http2(&self) -> bool {
        self.0.info.transport == TransportKind::Session
    }

    /// The body. For signed JSON a slice of the bytes that were signed.
    #[must_use]
    pub fn body(&self) -> &Bytes {
        &self.0.body
    }
}

impl fmt::Debug for OutgoingRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OutgoingRequest")
            .field("operation", &self.0.info.id)
            .field("gateway", &self.0.gateway.origin())
            .field("path", &self.0.path)
            .field("headers", &self.0.headers)
            .field("body", &format_args!("{} bytes", self.0.body.len()))
            .finish()
    }
}

impl fmt::Debug for Header {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.sensitive {
            true => write!(f, "{}: [sensitive]", self.name),
            false => write!(f, "{}: {}", self.name, self.value),
        }
    }
}

/// The response headers that mean something to this SDK.
///
/// ```
/// use antom_core::call::HeaderName;
///
/// // What a transport has to hand over; it may drop every other header.
/// let names: Vec<&str> = HeaderName::ALL.iter().map(|name| name.as_str()).collect();
/// assert!(names.contains(&"signature") && names.contains(&"response-time"));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HeaderName {
    /// `signature`
    Signature,
    /// `response-time`
    ResponseTime,
    /// `client-id`
    ClientId,
    /// `retry-after`
    RetryAfter,
}

impl HeaderName {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Signature, Self::ResponseTime, Self::ClientId, Self::RetryAfter];

    /// Their names, in the same order.
    const TEXTS: [&str; Self::ALL.len()] = ["signature", "response-time", "client-id", "retry-after"];

    /// The name in lower case.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        Self::TEXTS.get(self as usize).copied().unwrap_or_default()
    }
}

/// An answer as it came in: nothing about it is trusted yet.
///
/// ```
/// use antom_core::call::{HeaderName, IncomingResponse};
///
/// let response = IncomingResponse::new(200, "{}").with_header("Client-Id", "SANDBOX_5Y");
/// assert_eq!((response.status(), &response.body()[..]), (200, &b"{}"[..]));
/// assert_eq!(response.header(HeaderName::ClientId), Ok(Some("SANDBOX_5Y")));
/// ```
#[derive(Clone, Default)]
pub struct IncomingResponse {
    status: u16,
    headers: [Slot; HeaderName::ALL.len()],
    body: Bytes,
}

#[derive(Clone, Default)]
enum Slot {
    #[default]
    Absent,
    One(String),
    Many,
}

/// The text of a header, with `?` for what is not visible ASCII.
fn visible(value: &[u8]) -> String {
    match core::str::from_utf8(value) {
        Ok(text) if ascii::only(value, b' ', b'\t') => text.to_owned(),
        _ => {
            let visible = |byte: &u8| matches!(byte, b' '..=b'~' | b'\t');
            value.iter().map(|byte| if visible(byte) { char::from(*byte) } else { '?' }).collect()
        }
    }
}

impl IncomingResponse {
    /// An answer with this status and body.
    #[must_use]
    pub fn new(status: u16, body: impl Into<Bytes>) -> Self {
        Self { status, body: body.into(), ..Self::default() }
    }

    /// Adds a header; names are compared without case, headers of no meaning are dropped. Bytes that are
    /// not visible ASCII become `?`, which no signature survives.
    ///
    /// ```
    /// use antom_core::call::{HeaderName, IncomingResponse};
    ///
    /// let mut response = IncomingResponse::new(200, "{}");
    /// response.push_header("Signature", b"algorithm=RSA256,keyVersion=1,signature=AQEB");
    /// response.push_header("signature", b"again");
    /// // Two of them: nobody may choose.
    /// assert_eq!(response.header(HeaderName::Signature), Err(HeaderName::Signature));
    /// ```
    pub fn push_header(&mut self, name: &str, value: &[u8]) {
        let Some(place) = ascii::place(&HeaderName::TEXTS, name) else { return };
        let Some(slot) = self.headers.get_mut(place) else { return };
        *slot = match slot {
            Slot::Absent => Slot::One(visible(value)),
            _ => Slot::Many,
        };
    }

    /// The answer with a header more.
    #[must_use]
    pub fn with_header(mut self, name: &str, value: impl AsRef<[u8]>) -> Self {
        self.push_header(name, value.as_ref());
        self
    }

    /// The HTTP status.
    #[must_use]
    pub fn status(&self) -> u16 {
        self.status
    }

    /// A header's value without blanks around it: `Ok(None)` if absent.
    ///
    /// # Errors
    ///
    /// The header came more than once.
    pub fn header(&self, name: HeaderName) -> Result<Option<&str>, HeaderName> {
        match self.headers.get(name as usize) {
            // Of all blanks only spaces and tabs are visible.
            Some(Slot::One(value)) => Ok(Some(value.trim_ascii())),
            Some(Slot::Many) => Err(name),
            _ => Ok(None),
        }
    }

    /// The body as received.
    #[must_use]
    pub fn body(&self) -> &Bytes {
        &self.body
    }
}

impl fmt::Debug for IncomingResponse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("IncomingResponse")
            .field("status", &self.status)
            .field("body", &format_args!("{} bytes", self.body.len()))
            .finish_non_exhaustive()
    }
}
