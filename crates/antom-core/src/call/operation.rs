use crate::codec::{Message, ReadMessage};
use serde::Serialize;
use serde::de::DeserializeOwned;

/// Ties a request type to its answer; implemented by the marker types of [`crate::api`].
///
/// ```
/// use antom_core::api::payments::{Pay, Refund};
/// use antom_core::call::Operation;
///
/// fn is_dangerous_to_repeat<O: Operation>() -> bool {
///     O::INFO.moves_money
/// }
/// assert!(is_dangerous_to_repeat::<Pay>() && is_dangerous_to_repeat::<Refund>());
/// assert_eq!(Pay::INFO.id, "payments/pay");
/// ```
pub trait Operation: 'static {
    /// What is sent.
    type Request: Message + Serialize;
    /// What is answered.
    type Response: ReadMessage + DeserializeOwned;
    /// What is known about the operation.
    const INFO: &'static OperationInfo;
}

/// What is known about an operation; travels with every request.
///
/// ```
/// use antom_core::api::payments::Pay;
/// use antom_core::call::{Operation, OperationInfo};
///
/// let info: &OperationInfo = Pay::INFO;
/// assert_eq!(info.path, "/ams/api/v1/payments/pay");
/// assert_eq!(info.inquiry, Some("payments/inquiryPayment"));
/// assert!(info.echoes.contains(&"paymentRequestId"));
/// ```
#[derive(Debug, PartialEq, Eq)]
pub struct OperationInfo {
    /// Group and name, such as `payments/pay`.
    pub id: &'static str,
    /// The production path.
    pub path: &'static str,
    /// The API group.
    pub group: &'static str,
    /// What sending it twice means.
    pub repeat: Repeat,
    /// The operation that tells what became of it.
    pub inquiry: Option<&'static str>,
    /// Top-level members of the request that the answer repeats under the same name.
    pub echoes: &'static [&'static str],
    /// Whether it moves money or changes who may move it.
    pub moves_money: bool,
    /// What its path is in the sandbox.
    pub sandbox: SandboxPath,
    /// How it is carried.
    pub transport: TransportKind,
    /// The page of Antom's documentation, below `https://docs.antom.com/`.
    pub docs: &'static str,
}

/// What sending a request a second time means.
///
/// ```
/// use antom_core::api::payments::{InquiryPayment, Pay};
/// use antom_core::call::{Operation, Repeat};
///
/// assert_eq!(InquiryPayment::INFO.repeat, Repeat::Read);
/// assert_eq!(Pay::INFO.repeat, Repeat::SameId("paymentRequestId"));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Repeat {
    /// It only reads.
    Read,
    /// The same value in this member makes it the same request.
    SameId(&'static str),
    /// A second one is a second effect.
    Never,
}

/// What becomes of a path in the sandbox.
///
/// ```
/// # mod kit { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/kit.rs")); }
/// # use kit::profile;
/// use antom_core::api::payments::Pay;
/// use antom_core::call::{Operation, SandboxPath};
/// # let profile = profile();
///
/// // The account of this profile is a sandbox account.
/// assert_eq!(Pay::INFO.sandbox, SandboxPath::Rewrite);
/// assert_eq!(&*profile.path(Pay::INFO)?, "/ams/sandbox/api/v1/payments/pay");
/// # Ok::<(), antom_core::call::EncodeError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SandboxPath {
    /// `/ams/api` becomes `/ams/sandbox/api`, unless the product is an in-store one.
    Rewrite,
    /// It stays as it is.
    Keep,
}

/// How an operation is carried.
///
/// ```
/// use antom_core::api::payments::Pay;
/// use antom_core::call::{Operation, TransportKind};
///
/// assert_eq!(Pay::INFO.transport, TransportKind::Json);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TransportKind {
    /// A signed JSON body.
    Json,
    /// A signed JSON part beside the bytes of a file.
    Multipart,
    /// HTTP/2 under a session of its own, unsigned.
    Session,
}
