use antom_core::call::{HeaderName, IncomingResponse};
use antom_core::signature::{ClientId, SignError, Signer, content, header};
use antom_core::time::{UnixTime, WireTime};
use bytes::Bytes;

/// A signed answer as the gateway gives it, signed with a key of the test's own.
///
/// # Errors
///
/// The signer has no signature.
///
/// ```
/// # mod kit { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/kit.rs")); }
/// # use kit::{NOW, Stamp, client_id};
/// use antom_core::call::HeaderName;
/// use antom_transport::testing::sign_answer;
/// # let (signer, client_id) = (Stamp, client_id());
///
/// // `signer` is a key of the test's own.
/// let response = sign_answer(&signer, &client_id, "/ams/api/v1/payments/pay", NOW, "{}")?;
/// assert_eq!(response.header(HeaderName::ResponseTime), Ok(Some("1700000000000")));
/// # Ok::<(), antom_core::signature::SignError>(())
/// ```
pub fn sign_answer(
    signer: &dyn Signer,
    client_id: &ClientId,
    path: &str,
    at: UnixTime,
    body: impl Into<Bytes>,
) -> Result<IncomingResponse, SignError> {
    let body = body.into();
    let time = WireTime::epoch_ms(at);
    let signature = signer.sign(&content("POST", path, client_id, &time, &body))?;
    Ok(IncomingResponse::new(200, body)
        .with_header("content-type", "application/json; charset=UTF-8")
        .with_header(HeaderName::ClientId.as_str(), client_id.as_str())
        .with_header(HeaderName::ResponseTime.as_str(), time.as_str())
        .with_header(HeaderName::Signature.as_str(), header::render(&signature, signer.key_version())))
}
