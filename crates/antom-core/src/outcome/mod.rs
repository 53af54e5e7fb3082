//! What a call came to.
//!
//! [`Outcome`] speaks of the *call*. Whether money moved is a different question, answered by
//! [`flow`](crate::flow) from facts about the payment: an inquiry that was answered is not a paid order,
//! and `S` beside the code of an offline slip is not one either. That is why nothing here hands out a bare
//! `S`.
//!
//! ```
//! # mod kit { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/kit.rs")); }
//! # use kit::called;
//! use antom_core::outcome::Outcome;
//! # use antom_core::api::payments::{InquiryPayment, InquiryPaymentRequest};
//! # let call = called::<InquiryPayment>(&InquiryPaymentRequest::new(),
//! #     r#"{"result":{"resultCode":"UNKNOWN_EXCEPTION","resultStatus":"U"}}"#);
//!
//! // A signed answer says that the gateway does not know either. `call` is neither success nor failure.
//! let Outcome::Unresolved(unresolved) = call? else { panic!("somebody knew") };
//! assert_eq!(unresolved.sends, 1);
//! # Ok::<(), antom_core::outcome::CallError>(())
//! ```

mod advice;

use alloc::vec::Vec;

pub use advice::{Advice, advice, entries};

use crate::api::models::ResultStatus;
use crate::call::{EchoedId, OperationInfo, Reply, ReplyError, Sent, TransportError};
use crate::codec::ReadMessage;
use crate::signature::SignError;

/// What a call came to.
///
/// ```
/// use antom_core::outcome::Outcome;
///
/// fn next_step<T>(outcome: &Outcome<T>) -> &'static str {
///     match outcome {
///         Outcome::Completed(_) => "read what the answer says about the payment",
///         Outcome::Accepted(_) => "wait for the notification, and inquire",
///         Outcome::Declined(declined) if declined.first_send => "refused, unless an earlier call sent this id",
///         // Never a failure: the money may have moved.
///         _ => "inquire, then send the same id again",
///     }
/// }
/// # let _ = next_step::<()>;
/// ```
#[derive(Debug)]
#[must_use = "an unresolved call may have moved money: every case needs an answer"]
#[non_exhaustive]
pub enum Outcome<T> {
    /// `S`: the call did what it was asked to do. For a payment read what it says about the payment.
    Completed(Reply<T>),
    /// `U`, and a complete answer: under way. Show its code or URL if it has one, then wait for the
    /// notification and inquire; never send it again.
    Accepted(Reply<T>),
    /// `F`: refused. Whether that is final for a payment depends on whether this id was sent before.
    Declined(Declined<T>),
    /// Nobody knows: no answer, an unproven one, an unknown status, or `U` without a meaning. The request
    /// may have taken effect. Inquire, then send the same id again.
    Unresolved(Unresolved<T>),
}

/// A refusal.
///
/// ```
/// # mod kit { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/kit.rs")); }
/// # use kit::called;
/// use antom_core::outcome::{Advice, Outcome};
/// # use antom_core::api::payments::{Refund, RefundRequest};
/// # use antom_core::{Amount, Currency};
/// # let call = called::<Refund>(&RefundRequest::new("REF-1", "20231114001", Amount::new(Currency::EUR, 500)),
/// #     r#"{"result":{"resultCode":"REFUND_AMOUNT_EXCEED","resultStatus":"F"}}"#);
///
/// // `call` is what a driver brought back from a refund.
/// let Outcome::Declined(declined) = call? else { panic!("not refused") };
/// assert!(declined.first_send);
/// assert_eq!(declined.reply.operation().id, "payments/refund");
/// assert_ne!(declined.advice, Advice::Success);
/// # Ok::<(), antom_core::outcome::CallError>(())
/// ```
#[derive(Debug, Clone)]
pub struct Declined<T> {
    /// The answer.
    pub reply: Reply<T>,
    /// What to do, from the catalogue of result codes.
    pub advice: Advice,
    /// Whether this was the only time this call put the request on the wire. Only then, and only if no
    /// earlier call sent the same id, does the refusal prove that nothing happened.
    pub first_send: bool,
}

/// A call whose effect is unknown.
///
/// ```
/// # mod kit { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/kit.rs")); }
/// # use kit::called;
/// use antom_core::call::Sent;
/// use antom_core::outcome::Outcome;
/// # use antom_core::api::payments::{Refund, RefundRequest};
/// # use antom_core::{Amount, Currency};
/// # let call = called::<Refund>(&RefundRequest::new("REF-1", "20231114001", Amount::new(Currency::EUR, 500)),
/// #     r#"{"result":{"resultCode":"UNKNOWN_EXCEPTION","resultStatus":"U"}}"#);
///
/// // `call` is what a driver brought back from a refund.
/// let Outcome::Unresolved(unresolved) = call? else { panic!("somebody knew") };
/// assert_eq!(unresolved.inquire, Some("payments/inquiryRefund"));
/// assert_eq!(unresolved.ids[0].value, "REF-1");
/// assert_eq!((unresolved.sent, unresolved.operation.id), (Sent::Yes, "payments/refund"));
/// # Ok::<(), antom_core::outcome::CallError>(())
/// ```
#[derive(Debug)]
pub struct Unresolved<T> {
    /// The operation.
    pub operation: &'static OperationInfo,
    /// The operation that tells what became of it, if there is one.
    pub inquire: Option<&'static str>,
    /// The ids to inquire with or to send again.
    pub ids: Vec<EchoedId>,
    /// Whether the request can have reached the gateway.
    pub sent: Sent,
    /// Why it is unresolved.
    pub reason: Reason<T>,
    /// How often the request was put on the wire.
    pub sends: u32,
}

/// Why a call is unresolved.
///
/// ```
/// # mod kit { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/kit.rs")); }
/// # use kit::called;
/// use antom_core::outcome::{Outcome, Reason};
/// # use antom_core::api::payments::{InquiryPayment, InquiryPaymentRequest};
/// # let call = called::<InquiryPayment>(&InquiryPaymentRequest::new(),
/// #     r#"{"result":{"resultCode":"UNKNOWN_EXCEPTION","resultStatus":"U"}}"#);
///
/// let Outcome::Unresolved(unresolved) = call? else { panic!("somebody knew") };
/// assert!(matches!(unresolved.reason, Reason::Unknown(_)));
/// # Ok::<(), antom_core::outcome::CallError>(())
/// ```
#[derive(Debug)]
#[non_exhaustive]
pub enum Reason<T> {
    /// No answer came.
    NoAnswer(TransportError),
    /// An answer came that proves nothing.
    Unproven(ReplyError),
    /// A proven answer says that the gateway does not know either.
    Unknown(Reply<T>),
}

impl<T: ReadMessage> Outcome<T> {
    /// Classifies a verified answer.
    ///
    /// ```
    /// # mod kit { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/kit.rs")); }
    /// # use kit::{AnyKey, CLOCKS, answer, profile};
    /// use antom_core::call::Call;
    /// use antom_core::outcome::Outcome;
    /// use antom_core::signature::Signature;
    /// # use antom_core::api::payments::{InquiryPayment, InquiryPaymentRequest};
    /// # let (profile, keys, now) = (profile(), AnyKey, CLOCKS);
    /// # let response = answer(r#"{"result":{"resultCode":"SUCCESS","resultStatus":"S"},"paymentId":"20231114001"}"#);
    ///
    /// let call = Call::<InquiryPayment, _>::new(&InquiryPaymentRequest::new(), &profile, now.wall)?;
    /// let reply = call.sign(&Signature::new(vec![1; 256])).receive(&response, &keys, now)?;
    /// let outcome = Outcome::of(reply, true, &[], 1);
    /// assert!(outcome.reply().is_some());
    /// assert_eq!(outcome.value().unwrap().payment_id.as_deref(), Some("20231114001"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn of(reply: Reply<T>, first_send: bool, ids: &[EchoedId], sends: u32) -> Self {
        let code = reply.result().result_code.as_ref().map_or("", |code| code.as_str());
        match reply.result().result_status {
            Some(ResultStatus::S) => Self::Completed(reply),
            Some(ResultStatus::F) => {
                let advice = advice(reply.operation().id, code, "F");
                Self::Declined(Declined { reply, advice, first_send })
            }
            Some(ResultStatus::U) if is_accepted(code) => Self::Accepted(reply),
            _ => Self::Unresolved(Unresolved {
                operation: reply.operation(),
                inquire: reply.operation().inquiry,
                ids: ids.to_vec(),
                sent: Sent::Yes,
                reason: Reason::Unknown(reply),
                sends,
            }),
        }
    }
}

impl<T> Outcome<T> {
    /// The proven answer, if there is one.
    ///
    /// ```
    /// # mod kit { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/kit.rs")); }
    /// # use kit::called;
    /// use antom_core::outcome::Outcome;
    /// # use antom_core::api::payments::{InquiryPayment, InquiryPaymentRequest};
    /// # let call = called::<InquiryPayment>(&InquiryPaymentRequest::new(),
    /// #     r#"{"result":{"resultCode":"ACCESS_DENIED","resultStatus":"F"}}"#);
    ///
    /// let outcome = call?;
    /// // A refusal is an answer, too.
    /// assert!(matches!(outcome, Outcome::Declined(_)) && outcome.reply().is_some());
    /// # Ok::<(), antom_core::outcome::CallError>(())
    /// ```
    #[must_use]
    pub fn reply(&self) -> Option<&Reply<T>> {
        match self {
            Self::Completed(reply) | Self::Accepted(reply) => Some(reply),
            Self::Declined(declined) => Some(&declined.reply),
            Self::Unresolved(Unresolved { reason: Reason::Unknown(reply), .. }) => Some(reply),
            Self::Unresolved(_) => None,
        }
    }

    /// The typed answer, if there is a proven one.
    ///
    /// ```
    /// # mod kit { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/kit.rs")); }
    /// # use kit::called;
    /// # use antom_core::api::payments::{InquiryPayment, InquiryPaymentRequest};
    /// # let call = called::<InquiryPayment>(&InquiryPaymentRequest::new(),
    /// #     r#"{"result":{"resultCode":"SUCCESS","resultStatus":"S"},"paymentId":"20231114001"}"#);
    /// // `call` is what a driver brought back from inquiryPayment.
    /// assert_eq!(call?.value().unwrap().payment_id.as_deref(), Some("20231114001"));
    /// # Ok::<(), antom_core::outcome::CallError>(())
    /// ```
    #[must_use]
    pub fn value(&self) -> Option<&T> {
        self.reply().map(Reply::value)
    }
}

/// The codes of a `U` that is a complete answer: the request was taken and is under way.
///
/// ```
/// use antom_core::outcome::is_accepted;
///
/// assert!(is_accepted("PAYMENT_IN_PROCESS"));
/// assert!(!is_accepted("UNKNOWN_EXCEPTION"));
/// ```
#[must_use]
pub fn is_accepted(code: &str) -> bool {
    matches!(
        code,
        "PAYMENT_IN_PROCESS"
            | "PAYMENT_IN_PROCESSING"
            | "AUTH_IN_PROCESS"
            | "CAPTURE_IN_PROCESS"
            | "REFUND_IN_PROCESS"
            | "VERIFICATION_IN_PROCESS"
    )
}

/// Why a call has no outcome: nothing was sent.
///
/// ```
/// use antom_core::call::EncodeError;
/// use antom_core::outcome::{CallError, CallErrorKind};
///
/// // Nothing was sent: the same call may be made again.
/// let error = CallError { operation: "payments/pay", kind: CallErrorKind::Encode(EncodeError::Path) };
/// assert_eq!(error.to_string(), "payments/pay: writing the request failed");
/// ```
#[derive(Debug, thiserror::Error)]
#[error("{operation}: {kind}")]
pub struct CallError {
    /// The operation's id.
    pub operation: &'static str,
    /// What failed.
    #[source]
    pub kind: CallErrorKind,
}

/// What failed before anything was sent.
///
/// ```
/// use antom_core::outcome::CallErrorKind;
/// use antom_core::signature::SignError;
///
/// let kind = CallErrorKind::Sign(SignError::new("the key service is down"));
/// assert_eq!(kind.to_string(), "signing the request failed");
/// ```
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CallErrorKind {
    /// The request has no form on the wire.
    #[error("writing the request failed")]
    Encode(#[source] crate::call::EncodeError),
    /// The key did not sign.
    #[error("signing the request failed")]
    Sign(#[source] SignError),
    /// No attempt left this machine.
    #[error("the request was not sent; it is safe to call again with the same id")]
    NotSent(#[source] TransportError),
}
