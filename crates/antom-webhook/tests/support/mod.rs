//! What the tests share.
#![allow(dead_code, reason = "every test program uses a part of it")]

use std::sync::LazyLock;

use antom_webhook::signature::ClientId;
use antom_webhook::testing::TestGateway;
use antom_webhook::time::UnixTime;
use antom_webhook::{WebhookHead, WebhookVerifier};

pub(crate) const CLIENT: &str = "SANDBOX_5Y0000000000000";
pub(crate) const PATH: &str = "/antom/notify";
pub(crate) const NOW: UnixTime = UnixTime::from_secs(1_772_360_430);
pub(crate) const BODY: &str = concat!(
    r#"{"notifyType":"PAYMENT_RESULT","paymentAmount":{"currency":"EUR","value":"4200"},"paymentId":"P-1","#,
    r#""paymentRequestId":"R-1","result":{"resultCode":"SUCCESS","resultMessage":"success.","resultStatus":"S"}}"#
);

pub(crate) static GATEWAY: LazyLock<TestGateway> =
    LazyLock::new(|| TestGateway::published(client_id()).unwrap());
pub(crate) static VERIFIER: LazyLock<WebhookVerifier> = LazyLock::new(|| verifier(PATH));

pub(crate) fn client_id() -> ClientId {
    ClientId::new(CLIENT).unwrap()
}

pub(crate) fn verifier(path: &str) -> WebhookVerifier {
    WebhookVerifier::builder(client_id(), GATEWAY.keyring().clone()).path(path).build().unwrap()
}

/// A head with these headers, in order.
pub(crate) fn head<'a, 'b>(
    method: &str,
    target: &str,
    headers: impl IntoIterator<Item = (&'a str, &'b str)>,
) -> WebhookHead {
    let head = WebhookHead::new(method, target);
    headers.into_iter().fold(head, |head, (name, value)| head.with_header(name, value))
}
