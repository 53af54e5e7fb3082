//! A merchant, and a gateway that signs what it is told to.

use antom_core::api::models::{Order, PaymentMethod, PaymentMethodType, ProductCode};
use antom_core::api::payments::{InquiryPaymentRequest, PayRequest};
use antom_core::profile::{Credentials, Gateway, Profile};
use antom_core::signature::{ClientId, KeyVersion, Keyring, PrivateKey, PublicKey, RsaSigner, sandbox_keys};
use antom_core::time::UnixTime;
use antom_core::{Amount, Currency};
use antom_transport::testing::{Script, sign_answer};

pub(crate) const CLIENT: &str = "SANDBOX_5Y00000000000000";

pub(crate) fn start() -> UnixTime {
    UnixTime::from_secs(1_790_000_000)
}

pub(crate) fn client_id() -> ClientId {
    ClientId::new(CLIENT).unwrap()
}

pub(crate) fn profile() -> Profile {
    let credentials = Credentials::Rsa { client_id: client_id(), key_version: KeyVersion::FIRST };
    Profile::new(credentials, Gateway::parse("http://127.0.0.1:1").unwrap())
}

pub(crate) fn merchant() -> RsaSigner {
    RsaSigner::new(&PrivateKey::parse(sandbox_keys::MERCHANT_PRIVATE_KEY).unwrap(), KeyVersion::FIRST)
        .unwrap()
}

pub(crate) fn gateway() -> RsaSigner {
    RsaSigner::new(&PrivateKey::parse(sandbox_keys::GATEWAY_PRIVATE_KEY).unwrap(), KeyVersion::FIRST).unwrap()
}

pub(crate) fn keys() -> Keyring {
    let key = PublicKey::parse(sandbox_keys::GATEWAY_PUBLIC_KEY).unwrap();
    Keyring::new(&client_id(), [(KeyVersion::FIRST, key)], None).unwrap()
}

pub(crate) fn pay_request() -> PayRequest {
    PayRequest::new(
        ProductCode::CASHIER_PAYMENT,
        "pay-1",
        Order::new("order-1", "two books", Amount::new(Currency::EUR, 3000)),
        Amount::new(Currency::EUR, 3000),
        PaymentMethod::new(PaymentMethodType::from("CARD")),
    )
}

pub(crate) fn inquiry_request() -> InquiryPaymentRequest {
    InquiryPaymentRequest::new().with_payment_request_id("pay-1")
}

pub(crate) fn answer(status: &str, code: &str) -> String {
    format!(
        r#"{{"paymentRequestId":"pay-1","result":{{"resultCode":"{code}","resultStatus":"{status}","resultMessage":"m"}}}}"#
    )
}

/// The gateway's signed answer, dated like the request.
pub(crate) fn signed(body: &str) -> Script {
    let body = body.to_owned();
    Script::reply(move |request| {
        let time = request.headers().iter().find(|header| header.name == "request-time").unwrap();
        let at = UnixTime::from_millis(time.value.parse().unwrap());
        sign_answer(&gateway(), &client_id(), request.path(), at, body.clone()).unwrap()
    })
}
