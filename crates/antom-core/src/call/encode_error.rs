use alloc::string::String;

/// Why a request cannot be put on the wire. Nothing was sent.
///
/// ```
/// # mod kit { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/kit.rs")); }
/// # use kit::{CLOCKS, profile};
/// use antom_core::call::{EncodeError, Operation, Prepared};
/// use antom_core::api::payments::InquiryPayment;
/// # let (profile, now) = (profile(), CLOCKS);
///
/// let refused = Prepared::json(InquiryPayment::INFO, b"[1]", &profile, now.wall);
/// assert!(matches!(refused, Err(EncodeError::Body(_))));
/// ```
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum EncodeError {
    /// The operation is carried in another way.
    #[error("{operation} cannot be sent as a signed JSON body; use the call that is made for it")]
    WrongTransport {
        /// The operation's id.
        operation: &'static str,
    },
    /// An API key cannot reach this path.
    #[error("{operation} cannot be called with an API key; use RSA credentials")]
    NotWithApiKey {
        /// The operation's id.
        operation: &'static str,
    },
    /// The body of a raw call is no JSON that could be sent.
    #[error("the body must be one JSON object without duplicate keys")]
    Body(#[source] crate::codec::DecodeError),
    /// The path of a raw call has characters that do not belong there.
    #[error("the path must begin with a slash and hold visible ASCII only")]
    Path,
    /// Files go to a gateway of their own, and none is known that belongs to this one.
    #[error("no upload gateway is known for {gateway}; give the profile one with `with_upload_gateway`")]
    NoUploadGateway {
        /// The gateway's scheme, host and port.
        gateway: String,
    },
    /// The file is empty or too long.
    #[error("the file has {length} bytes; 1 to {limit} are possible")]
    FileLength {
        /// The file's length in bytes.
        length: usize,
        /// The longest file in bytes.
        limit: usize,
    },
    /// The request describes another file.
    #[error("`fileSha256` is not the SHA-256 of the file; take it from `File::sha256`")]
    FileDigest,
    /// The session id cannot stand in a header.
    #[error(
        "the session id must be visible ASCII and not empty; take it from the answer of meter/createSession"
    )]
    SessionId,
}
