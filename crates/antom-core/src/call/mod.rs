//! One request and its answer.
//!
//! A [`Call`] is built from a typed request and a [`Profile`]; what comes
//! out is the exact bytes to sign. A signature makes it ready; a ready call has the request to send and
//! judges the answer. Path and body are computed once: what is signed is what is sent, what is verified
//! is what was received.
//!
//! ```text
//! PayRequest ─► Call<Pay, Unsigned> ─ signing_input() ─► your key
//!                      │ sign(signature)                    │
//!                      ▼ ◄──────────────────────────────────┘
//!               Call<Pay, Ready> ─ request() ─► your HTTP stack ─► IncomingResponse
//!                      │ receive(response, keys, now)               │
//!                      ▼ ◄──────────────────────────────────────────┘
//!                Reply<PayResponse>  or  ReplyError
//! ```
//!
//! ```
//! # mod kit { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/kit.rs")); }
//! # use kit::{AnyKey, CLOCKS, answer, profile};
//! use antom_core::api::payments::{InquiryPayment, InquiryPaymentRequest};
//! use antom_core::call::Call;
//! # use antom_core::signature::Signature;
//! # let (profile, keys, now) = (profile(), AnyKey, CLOCKS);
//! # let sign = |_: &[u8]| Signature::new(vec![1; 256]);
//! # let http = |_: &antom_core::call::OutgoingRequest| answer(r#"{"result":{"resultCode":"SUCCESS","resultStatus":"S"}}"#);
//!
//! // `sign` and `http` are yours: a key, and any HTTP stack.
//! let request = InquiryPaymentRequest::new().with_payment_request_id("PAY-1");
//! let call = Call::<InquiryPayment, _>::new(&request, &profile, now.wall)?;
//! let signature = sign(call.signing_input());
//! let call = call.sign(&signature);
//! let response = http(call.request());
//! let reply = call.receive(&response, &keys, now)?;
//! assert!(reply.verified().proof().is_signed());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod encode_error;
mod operation;
mod prepared;
mod raw;
mod reply;
mod request;
mod transport;
mod upload;

use alloc::vec::Vec;
use core::marker::PhantomData;

pub use encode_error::EncodeError;
pub use operation::{Operation, OperationInfo, Repeat, SandboxPath, TransportKind};
pub use prepared::{EchoedId, Prepared};
pub use raw::RawAnswer;
pub use reply::{Reply, ReplyError, Untrusted, Window};
pub(crate) use request::Parts;
pub use request::{Header, HeaderName, IncomingResponse, OutgoingRequest};
pub use transport::{SendOptions, Sent, TransportError, TransportErrorKind};
pub use upload::File;
pub(crate) use upload::upload_gateway;

use crate::codec::Message;
use crate::profile::Profile;
use crate::signature::{Signature, Verifier};
use crate::time::{Now, UnixTime};

/// A call that still needs a signature.
///
/// ```
/// # mod kit { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/kit.rs")); }
/// # use kit::{CLOCKS, profile};
/// use antom_core::call::{Call, Unsigned};
/// use antom_core::api::payments::{InquiryPayment, InquiryPaymentRequest};
/// # let (profile, now) = (profile(), CLOCKS);
///
/// let request = InquiryPaymentRequest::new().with_payment_request_id("PAY-1");
/// let call: Call<InquiryPayment, Unsigned> = Call::new(&request, &profile, now.wall)?;
/// assert!(call.signing_input().starts_with(b"POST /ams/sandbox/api/v1/payments/inquiryPayment\n"));
/// # Ok::<(), antom_core::call::EncodeError>(())
/// ```
#[derive(Debug)]
pub enum Unsigned {}

/// A call that can be sent.
///
/// ```
/// # mod kit { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/kit.rs")); }
/// # use kit::{CLOCKS, profile};
/// use antom_core::call::{Call, Ready};
/// use antom_core::signature::Signature;
/// use antom_core::api::payments::{InquiryPayment, InquiryPaymentRequest};
/// # let (profile, now) = (profile(), CLOCKS);
///
/// let request = InquiryPaymentRequest::new().with_payment_request_id("PAY-1");
/// let unsigned = Call::<InquiryPayment, _>::new(&request, &profile, now.wall)?;
/// // Only a signature makes a call that can be sent.
/// let call: Call<InquiryPayment, Ready> = unsigned.sign(&Signature::new(vec![1; 256]));
/// assert_eq!(call.request().method(), "POST");
/// # Ok::<(), antom_core::call::EncodeError>(())
/// ```
#[derive(Debug)]
pub enum Ready {}

/// One call to one operation: a typestate over [`Prepared`].
///
/// ```
/// # mod kit { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/kit.rs")); }
/// # use kit::{AnyKey, CLOCKS, answer, profile};
/// use antom_core::call::Call;
/// use antom_core::signature::Signature;
/// use antom_core::api::payments::{InquiryPayment, InquiryPaymentRequest};
/// # let (profile, keys, now) = (profile(), AnyKey, CLOCKS);
/// # let response = answer(r#"{"result":{"resultCode":"SUCCESS","resultStatus":"S"},"paymentRequestId":"PAY-1"}"#);
///
/// let request = InquiryPaymentRequest::new().with_payment_request_id("PAY-1");
/// let call = Call::<InquiryPayment, _>::new(&request, &profile, now.wall)?;
/// assert!(call.signing_input().ends_with(br#"{"paymentRequestId":"PAY-1"}"#));
/// let call = call.sign(&Signature::new(vec![1; 256]));
/// assert_eq!(&call.request().body()[..], br#"{"paymentRequestId":"PAY-1"}"#);
///
/// // `response` is what your HTTP stack brought back.
/// let reply = call.receive(&response, &keys, now)?;
/// assert_eq!(reply.value().payment_request_id.as_deref(), Some("PAY-1"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct Call<O, State> {
    prepared: Prepared,
    marker: PhantomData<fn() -> (O, State)>,
}

impl<O: Operation> Call<O, Unsigned> {
    /// Writes the request and the text to sign.
    ///
    /// # Errors
    ///
    /// The operation cannot be reached with this profile, or the request has no form on the wire.
    pub fn new(request: &O::Request, profile: &Profile, at: UnixTime) -> Result<Self, EncodeError> {
        let prepared = Prepared::new(O::INFO, request, profile, at)?;
        Ok(Self { prepared, marker: PhantomData })
    }

    /// The bytes to sign with the merchant's private key; empty with API-key credentials, which sign
    /// nothing.
    #[must_use]
    pub fn signing_input(&self) -> &[u8] {
        self.prepared.signing_input()
    }

    /// Attaches the signature over [`signing_input`](Self::signing_input).
    #[must_use]
    pub fn sign(mut self, signature: &Signature) -> Call<O, Ready> {
        self.prepared.attach(signature);
        Call { prepared: self.prepared, marker: PhantomData }
    }
}

impl<O: Operation> Call<O, Ready> {
    /// The request to send; cloning it is cheap.
    ///
    /// # Errors
    ///
    /// None for a call made ready by [`sign`](Call::sign).
    #[must_use]
    pub fn request(&self) -> &OutgoingRequest {
        self.prepared.request()
    }

    /// Judges an answer: verified first, read afterwards.
    ///
    /// # Errors
    ///
    /// The answer is no proof (see [`ReplyError`]); whether the request took effect is then unknown.
    pub fn receive(
        &self,
        response: &IncomingResponse,
        keys: &dyn Verifier,
        now: Now,
    ) -> Result<Reply<O::Response>, ReplyError> {
        let verified = self.prepared.verify(response, keys, now.wall, Window::DEFAULT)?;
        Reply::read(self.prepared.info(), verified)
    }
}

/// The value of a top-level text member of a message, if it has one.
pub(crate) fn text_member<'a>(message: &'a impl Message, name: &str) -> Option<&'a str> {
    let index = message.table().find(name, 0)?;
    match message.view(index) {
        crate::codec::View::Text(text) => Some(text),
        _ => None,
    }
}

/// The echoed ids of a request.
pub(crate) fn echoed_ids(info: &'static OperationInfo, request: &impl Message) -> Vec<EchoedId> {
    let mut ids = Vec::with_capacity(info.echoes.len());
    for &name in info.echoes {
        if let Some(value) = text_member(request, name) {
            ids.push(EchoedId { name, value: value.into() });
        }
    }
    ids
}
