//! A merchant, a gateway's key, and the answers it can sign.

use std::time::Duration;

use antom_core::api::models::{Order, PaymentMethod, PaymentMethodType, ProductCode};
use antom_core::api::payments::{InquiryPaymentRequest, PayRequest};
use antom_core::call::IncomingResponse;
use antom_core::profile::{Credentials, Profile, Region};
use antom_core::signature::{
    ClientId, KeyVersion, Keyring, PrivateKey, PublicKey, RsaSigner, Signer, content, header, sandbox_keys,
};
use antom_core::time::{Now, UnixTime, UtcOffset, WireTime};
use antom_core::{Amount, Currency};

pub const CLIENT: &str = "SANDBOX_5Y00000000000000";
pub const PAY_PATH: &str = "/ams/sandbox/api/v1/payments/pay";
pub const INQUIRY_PATH: &str = "/ams/sandbox/api/v1/payments/inquiryPayment";

/// A Tuesday in 2026.
pub fn start() -> Now {
    Now::new(UnixTime::from_secs(1_790_000_000), Duration::from_secs(1000))
}

pub fn later(now: Now, by: Duration) -> Now {
    Now::new(now.wall.saturating_add(by), now.mono + by)
}

pub fn client_id() -> ClientId {
    ClientId::new(CLIENT).unwrap()
}

pub fn profile() -> Profile {
    let credentials = Credentials::Rsa { client_id: client_id(), key_version: KeyVersion::default() };
    Profile::new(credentials, Region::Asia)
}

pub fn merchant() -> RsaSigner {
    RsaSigner::new(&PrivateKey::parse(sandbox_keys::MERCHANT_PRIVATE_KEY).unwrap(), KeyVersion::default())
        .unwrap()
}

pub fn gateway() -> RsaSigner {
    RsaSigner::new(&PrivateKey::parse(sandbox_keys::GATEWAY_PRIVATE_KEY).unwrap(), KeyVersion::default())
        .unwrap()
}

pub fn keys() -> Keyring {
    let key = PublicKey::parse(sandbox_keys::GATEWAY_PUBLIC_KEY).unwrap();
    Keyring::new(&client_id(), [(KeyVersion::default(), key)], None).unwrap()
}

pub fn pay_request() -> PayRequest {
    PayRequest::new(
        ProductCode::CASHIER_PAYMENT,
        "pay-1",
        Order::new("order-1", "two books", Amount::new(Currency::EUR, 3000)),
        Amount::new(Currency::EUR, 3000),
        PaymentMethod::new(PaymentMethodType::from("CARD")),
    )
}

pub fn inquiry_request() -> InquiryPaymentRequest {
    InquiryPaymentRequest::new().with_payment_request_id("pay-1")
}

/// An answer as the gateway signs it, one second later.
pub fn signed(path: &str, at: UnixTime, body: &str) -> IncomingResponse {
    let time = at.saturating_add(Duration::from_secs(1)).to_rfc3339_at(UtcOffset::CHINA);
    let input = content("POST", path, &client_id(), &WireTime::parse(&time).unwrap(), body.as_bytes());
    let signature = header::render(&gateway().sign(&input).unwrap(), KeyVersion::default());
    IncomingResponse::new(200, body.to_owned())
        .with_header("content-type", "application/json")
        .with_header("client-id", CLIENT)
        .with_header("response-time", time)
        .with_header("signature", signature)
}

pub fn result(status: &str, code: &str) -> String {
    format!(r#""result":{{"resultCode":"{code}","resultStatus":"{status}","resultMessage":"m"}}"#)
}

pub fn answer(status: &str, code: &str) -> String {
    format!(r#"{{"paymentRequestId":"pay-1",{}}}"#, result(status, code))
}
