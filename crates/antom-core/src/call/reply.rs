use alloc::borrow::ToOwned;
use alloc::boxed::Box;
use alloc::string::String;
use core::fmt;
use core::time::Duration;

use super::{HeaderName, IncomingResponse, OperationInfo};
use crate::api::models::ResultInfo;
use crate::codec::{DecodeError, Limits, ReadMessage, Reader, View, read_document};
use crate::fact::Verified;
use crate::signature::{HeaderError, VerifyError};
use crate::time::{TimeError, UnixTime};

/// How far an answer's time may lie outside the time of its call.
///
/// ```
/// use antom_core::call::Window;
/// use core::time::Duration;
///
/// assert_eq!(Window::DEFAULT, Window { skew: Duration::from_secs(300) });
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Window {
    /// How far the two clocks may differ.
    pub skew: Duration,
}

impl Window {
    /// Five minutes: wide enough for an ordinary server's clock, narrow enough that yesterday's signed
    /// answer cannot be played back.
    pub const DEFAULT: Self = Self { skew: Duration::from_secs(300) };
}

/// A verified answer, read.
///
/// ```
/// # mod kit { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/kit.rs")); }
/// # use kit::called;
/// # use antom_core::api::payments::{InquiryPayment, InquiryPaymentRequest};
/// # let call = called::<InquiryPayment>(&InquiryPaymentRequest::new(),
/// #     r#"{"result":{"resultCode":"SUCCESS","resultStatus":"S"},"paymentStatus":"PROCESSING"}"#);
/// use antom_core::outcome::Outcome;
///
/// // `call` is what a driver brought back from inquiryPayment.
/// let Ok(Outcome::Completed(reply)) = call else { panic!("no answer") };
/// assert_eq!(reply.operation().id, "payments/inquiryPayment");
/// assert!(reply.verified().proof().is_signed());
/// assert_eq!(reply.result().result_code.as_ref().unwrap().as_str(), "SUCCESS");
/// // The call succeeded. The payment did not, yet:
/// assert_eq!(reply.value().payment_status.as_ref().unwrap().as_str(), "PROCESSING");
/// assert!(reply.into_value().payment_id.is_none());
/// ```
#[derive(Clone)]
pub struct Reply<T> {
    value: Box<Placed<T>>,
    verified: Verified,
    result: ResultInfo,
    info: &'static OperationInfo,
}

/// An answer where it stays. Answers are large, and a box whose content has a default makes it in its own
/// memory instead of copying it there.
#[derive(Clone)]
struct Placed<T>(T);

impl<T: ReadMessage> Default for Placed<T> {
    fn default() -> Self {
        Self(T::placeholder())
    }
}

impl<T: ReadMessage> Reply<T> {
    /// Reads a verified answer.
    pub(crate) fn read(info: &'static OperationInfo, verified: Verified) -> Result<Self, ReplyError> {
        let mut value = Box::<Placed<T>>::default();
        read_document(verified.raw(), &Limits::ANSWER, &mut value.0).map_err(ReplyError::Unreadable)?;
        let result = value.0.table().find("result", 0).map(|index| value.0.view(index));
        let Some(View::Message(result)) = result else { return Err(ReplyError::NoResult) };
        let result = result_of(result);
        Ok(Self { value, verified, result, info })
    }
}

impl<T: fmt::Debug> fmt::Debug for Reply<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reply")
            .field("value", &self.value.0)
            .field("verified", &self.verified)
            .field("result", &self.result)
            .field("info", &self.info)
            .finish()
    }
}

/// Copies the result out of a message that is one.
fn result_of(message: &dyn crate::codec::DynMessage) -> ResultInfo {
    let table = message.table();
    let text = |name, near| match table.find(name, near).map(|index| message.view(index)) {
        Some(View::Text(text)) => Some(text),
        _ => None,
    };
    let mut result = ResultInfo::new();
    result.result_code = text("resultCode", 0).map(Into::into);
    result.result_status = text("resultStatus", 1).map(Into::into);
    result.result_message = text("resultMessage", 2).map(ToOwned::to_owned);
    result
}

impl<T> Reply<T> {
    /// The typed answer.
    #[must_use]
    pub fn value(&self) -> &T {
        &self.value.0
    }

    /// The typed answer, alone.
    #[must_use]
    pub fn into_value(self) -> T {
        self.value.0
    }

    /// The bytes, their proof, path and time.
    #[must_use]
    pub fn verified(&self) -> &Verified {
        &self.verified
    }

    /// The result as it was sent. It speaks of this call, not of the money; see
    /// [`Outcome`](crate::outcome::Outcome).
    #[must_use]
    pub fn result(&self) -> &ResultInfo {
        &self.result
    }

    /// The operation that was called.
    #[must_use]
    pub fn operation(&self) -> &'static OperationInfo {
        self.info
    }
}

/// What an unproven answer says. It may explain an error to a person; no program may act on it.
///
/// ```
/// # mod kit { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/kit.rs")); }
/// # use kit::{AnyKey, CLOCKS, profile};
/// use antom_core::call::{IncomingResponse, Prepared, ReplyError, Window};
/// # use antom_core::api::payments::{InquiryPayment, InquiryPaymentRequest};
/// # use antom_core::call::Operation;
/// # let prepared = Prepared::new(InquiryPayment::INFO, &InquiryPaymentRequest::new(), &profile(), CLOCKS.wall).unwrap();
/// # let (keys, now) = (AnyKey, CLOCKS.wall);
///
/// // A proxy answered in the gateway's place.
/// let response = IncomingResponse::new(502, "<html>bad gateway</html>");
/// let Err(ReplyError::HttpStatus(seen)) = prepared.verify(&response, &keys, now, Window::DEFAULT) else {
///     panic!("believed a proxy");
/// };
/// assert_eq!((seen.status, seen.body_form, seen.result_code), (502, "HTML", None));
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Untrusted {
    /// The HTTP status.
    pub status: u16,
    /// The result code, if the body had one of a plausible form.
    pub result_code: Option<String>,
    /// The length of the body in bytes.
    pub body_length: usize,
    /// What the body looks like: `JSON`, `HTML`, `empty`, `not UTF-8` or `text`.
    pub body_form: &'static str,
    /// How long the gateway asks to wait.
    pub retry_after: Option<Duration>,
}

impl Untrusted {
    pub(crate) fn look(response: &IncomingResponse) -> Self {
        let body = response.body();
        let text = core::str::from_utf8(body).map(str::trim_start);
        let body_form = match text {
            Err(_) => "not UTF-8",
            Ok("") => "empty",
            Ok(text) if text.starts_with('<') => "HTML",
            Ok(text) if text.starts_with('{') => "JSON",
            Ok(_) => "text",
        };
        let retry_after = response
            .header(HeaderName::RetryAfter)
            .ok()
            .flatten()
            .and_then(|value| value.parse::<u32>().ok())
            .map(|seconds| Duration::from_secs(seconds.into()));
        let result_code = untrusted_text(body, "resultCode").filter(|code| {
            code.len() <= 64
                && code.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_')
        });
        Self { status: response.status(), result_code, body_length: body.len(), body_form, retry_after }
    }

    /// Whether the answer says that the request is refused, `F`.
    pub(crate) fn is_refusal(response: &IncomingResponse) -> bool {
        untrusted_text(response.body(), "resultStatus").is_some_and(|status| status == "F")
    }
}

/// The text of this member of `/result`, if the document can be read that far.
fn untrusted_text(body: &[u8], member: &str) -> Option<String> {
    let mut reader = Reader::new(body, &Limits::ANSWER).ok()?;
    reader.enter_object().ok()?;
    while let Some(key) = reader.next_key().ok()? {
        if key != "result" {
            reader.read_raw().ok()?;
            continue;
        }
        reader.enter_object().ok()?;
        while let Some(key) = reader.next_key().ok()? {
            if key == member {
                return reader.read_text().ok().map(|text| text.into_owned());
            }
            reader.read_raw().ok()?;
        }
    }
    None
}

impl fmt::Display for Untrusted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "HTTP {}, {} body of {} bytes", self.status, self.body_form, self.body_length)?;
        match &self.result_code {
            Some(code) => write!(f, ", claims {code} without proof"),
            None => Ok(()),
        }
    }
}

/// Why an answer is no proof of anything. The request may have taken effect: for an operation that moves
/// money the next step is to inquire, never to start anew.
///
/// ```
/// # mod kit { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/kit.rs")); }
/// # use kit::{AnyKey, CLOCKS, profile};
/// use antom_core::call::{IncomingResponse, Prepared, ReplyError, Window};
/// # use antom_core::api::payments::{InquiryPayment, InquiryPaymentRequest};
/// # use antom_core::call::Operation;
/// # let prepared = Prepared::new(InquiryPayment::INFO, &InquiryPaymentRequest::new(), &profile(), CLOCKS.wall).unwrap();
/// # let (keys, now) = (AnyKey, CLOCKS.wall);
///
/// // It says that all is well, and nobody signed it.
/// let response = IncomingResponse::new(200, r#"{"result":{"resultStatus":"S","resultCode":"SUCCESS"}}"#);
/// let refused = prepared.verify(&response, &keys, now, Window::DEFAULT).unwrap_err();
/// assert!(matches!(refused, ReplyError::Unsigned(_)));
/// ```
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum ReplyError {
    /// The HTTP status is not 200.
    #[error("checking the status failed: expected 200 from the gateway ({0})")]
    HttpStatus(Untrusted),
    /// The answer carries no signature at all: the gateway rejected the request before it knew who
    /// asked, or something in between answered.
    #[error(
        "the answer is unsigned ({0}); check client id, private key, key version and path: the gateway signs only \
         answers to requests whose signature it accepted"
    )]
    Unsigned(Untrusted),
    /// One of the two headers of a signed answer is absent.
    #[error(
        "reading the answer's headers failed: `{header}` is absent; a signed answer has signature and response-time"
    )]
    MissingHeader {
        /// The absent header.
        header: &'static str,
    },
    /// A header came twice.
    #[error("reading the answer's headers failed: `{header}` came more than once")]
    DuplicateHeader {
        /// The repeated header.
        header: &'static str,
    },
    /// The signature header is malformed.
    #[error("reading the answer's signature header failed")]
    Header(#[source] HeaderError),
    /// The response-time is malformed.
    #[error("reading the answer's response-time failed")]
    Time(#[source] TimeError),
    /// The answer is for another client.
    #[error("the answer names another client id than the request")]
    ClientId,
    /// The answer's time does not fit this attempt.
    #[error(
        "the answer is dated {answered_at}, the request {sent_at}: further apart than the window allows; check this \
         machine's clock"
    )]
    OutsideWindow {
        /// The answer's time.
        answered_at: UnixTime,
        /// The request's time.
        sent_at: UnixTime,
    },
    /// The signature does not hold.
    #[error(
        "verifying the answer failed; check the gateway's public key (not your own) and that nothing rewrites the body"
    )]
    Signature(#[source] VerifyError),
    /// The answer speaks of another object than the one asked for.
    #[error("the answer is about another object: `{member}` differs from the request")]
    Misdirected {
        /// The member that differs.
        member: &'static str,
    },
    /// The verified bytes do not fit the type.
    #[error("reading the verified answer failed")]
    Unreadable(#[source] DecodeError),
    /// The verified answer has no result.
    #[error("the verified answer has no `result`")]
    NoResult,
    /// The answer is longer than the limit.
    #[error("the answer is longer than the limit of {limit} bytes")]
    TooLarge {
        /// The limit in bytes.
        limit: usize,
    },
}
