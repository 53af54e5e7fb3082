// What the examples of this crate stand on, taken in by hidden lines: a call to send, and keys that hold every
// signature for good, since the examples have no gateway.

use std::time::Duration;

use antom_core::api::payments::{InquiryPayment, InquiryPaymentRequest};
use antom_core::call::{IncomingResponse, Operation, OutgoingRequest, Prepared};
use antom_core::exchange::{Engine, Policy};
use antom_core::profile::{Credentials, Profile, Region};
use antom_core::signature::{ClientId, KeyVersion, SignError, Signature, Signer, Verifier, VerifyError};
use antom_core::time::{Now, UnixTime, WireTime};

/// The time of the examples: 2023-11-14 22:13:20 UTC.
pub const NOW: UnixTime = UnixTime::from_secs(1_700_000_000);

#[derive(Debug)]
pub struct AnyKey;

impl Verifier for AnyKey {
    fn verify(
        &self,
        _hint: Option<KeyVersion>,
        _input: &[u8],
        _signature: &Signature,
    ) -> Result<KeyVersion, VerifyError> {
        Ok(KeyVersion::FIRST)
    }
}

#[derive(Debug)]
pub struct Stamp;

impl Signer for Stamp {
    fn key_version(&self) -> KeyVersion {
        KeyVersion::FIRST
    }

    fn sign(&self, _input: &[u8]) -> Result<Signature, SignError> {
        Ok(Signature::new(vec![1; 256]))
    }
}

pub fn client_id() -> ClientId {
    ClientId::new("SANDBOX_5Y0000000000000001").unwrap()
}

fn prepared() -> Prepared {
    let credentials = Credentials::Rsa { client_id: client_id(), key_version: KeyVersion::FIRST };
    let profile = Profile::new(credentials, Region::Asia);
    let request = InquiryPaymentRequest::new().with_payment_request_id("PAY-1");
    Prepared::new(InquiryPayment::INFO, &request, &profile, NOW).unwrap()
}

/// An inquiry that is about to be signed and sent.
pub fn engine() -> Engine {
    Engine::new(prepared(), Policy::DEFAULT, 42, Now::new(NOW, Duration::ZERO))
}

/// The same, signed: what a transport is given.
pub fn request() -> OutgoingRequest {
    let mut prepared = prepared();
    prepared.attach(&Signature::new(vec![1; 256]));
    prepared.request().clone()
}

/// An answer that holds under `AnyKey`.
pub fn answer() -> IncomingResponse {
    let body = r#"{"result":{"resultCode":"SUCCESS","resultStatus":"S"},"paymentRequestId":"PAY-1"}"#;
    IncomingResponse::new(200, body)
        .with_header("client-id", client_id().as_str())
        .with_header("response-time", WireTime::epoch_ms(NOW).as_str())
        .with_header("signature", "algorithm=RSA256,keyVersion=1,signature=AQEB")
}

pub type Outcome = std::result::Result<(), Box<dyn std::error::Error>>;

pub fn block_on(example: impl std::future::Future<Output = Outcome>) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(example).unwrap();
}
