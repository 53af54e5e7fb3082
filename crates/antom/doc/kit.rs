// What the examples of this crate stand on, taken in by hidden lines: clients whose gateway plays a script, at a
// time that stands still. The keys are the published ones of the sandbox.

use std::future::Future;

use antom::core::call::IncomingResponse;
use antom::core::signature::{ClientId, KeyVersion, PrivateKey, RsaSigner, Signer, content, sandbox_keys};
use antom::core::fact::{Verified, VerifyInput};
use antom::core::time::{UnixTime, WireTime};
use antom::transport::testing::{ManualClock, Script, ScriptedTransport, sign_answer};
use antom::{ApiKeyClient, Client};

/// The time of the examples: 2023-11-14 22:13:20 UTC.
pub const NOW: UnixTime = UnixTime::from_secs(1_700_000_000);

pub const CLIENT_ID: &str = "SANDBOX_5Y0000000000000001";

pub type Result = std::result::Result<(), Box<dyn std::error::Error>>;

pub fn block_on(example: impl Future<Output = Result>) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(example).unwrap();
}

pub fn clock() -> ManualClock {
    ManualClock::new(NOW)
}

pub fn client_id() -> ClientId {
    ClientId::new(CLIENT_ID).unwrap()
}

fn gateway_key() -> RsaSigner {
    let key = PrivateKey::parse(sandbox_keys::GATEWAY_PRIVATE_KEY).unwrap();
    RsaSigner::new(&key, KeyVersion::FIRST).unwrap()
}

/// A gateway that answers these, one after the other, and signs them.
pub fn gateway(answers: &'static [&'static str]) -> ScriptedTransport {
    let sign = |body: &'static str| {
        Script::reply(move |request| {
            sign_answer(&gateway_key(), &client_id(), request.path(), NOW, body).unwrap()
        })
    };
    ScriptedTransport::new(answers.iter().copied().map(sign))
}

macro_rules! with_keys {
    ($builder:expr, $answers:expr) => {
        $builder
            .gateway_url("https://gateway.example")
            .client_id(CLIENT_ID)
            .private_key(sandbox_keys::MERCHANT_PRIVATE_KEY)
            .gateway_key(1, sandbox_keys::GATEWAY_PUBLIC_KEY)
            .transport(gateway($answers))
            .clock(clock())
            .sleep(clock())
            .build()
            .unwrap()
    };
}

macro_rules! with_api_key {
    ($builder:expr, $answers:expr) => {
        $builder
            .gateway_url("https://gateway.example")
            .api_key("isak_TEST_merchant_s3cret_part")
            .transport(unsigned($answers))
            .clock(clock())
            .sleep(clock())
            .build()
            .unwrap()
    };
}

/// A gateway that answers these, one after the other, and signs nothing.
fn unsigned(answers: &'static [&'static str]) -> ScriptedTransport {
    ScriptedTransport::new(answers.iter().map(|body| Script::Answer(IncomingResponse::new(200, *body))))
}

/// A client of the gateway that signs.
pub fn client(answers: &'static [&'static str]) -> Client {
    with_keys!(Client::builder(), answers)
}

/// A client with an API key, of the gateway that signs nothing.
pub fn api_key_client(answers: &'static [&'static str]) -> ApiKeyClient {
    with_api_key!(ApiKeyClient::builder(), answers)
}

/// The clients that block.
#[cfg(feature = "blocking")]
pub fn blocking_client(answers: &'static [&'static str]) -> antom::blocking::Client {
    with_keys!(antom::blocking::Client::builder(), answers)
}

#[cfg(feature = "blocking")]
pub fn blocking_api_key_client(answers: &'static [&'static str]) -> antom::blocking::ApiKeyClient {
    with_api_key!(antom::blocking::ApiKeyClient::builder(), answers)
}

/// A shop of that client with an empty store.
#[cfg(feature = "store")]
pub fn shop(answers: &'static [&'static str]) -> antom::shop::Shop {
    antom::shop::Shop::new(client(answers), std::sync::Arc::new(antom::store::MemoryStore::new())).unwrap()
}

/// A payment PAY-1 of 10.50 EUR on a cashier page.
#[cfg(feature = "payments")]
pub fn request() -> antom::core::api::payments::PayRequest {
    use antom::core::preset::{Purchase, card_hosted};
    let amount = antom::core::Amount::new(antom::core::Currency::EUR, 1050);
    card_hosted(Purchase::new("PAY-1", "ORDER-1", "A book", amount), "https://shop.example/back")
}

/// The answers to a pay that waits for the buyer, and to one that was paid at once.
pub const WAITS: &str = r#"{"result":{"resultCode":"PAYMENT_IN_PROCESS","resultStatus":"U"},"paymentRequestId":"PAY-1",
    "paymentId":"20231114001","paymentAmount":{"currency":"EUR","value":"1050"},"normalUrl":"https://pay.example/1"}"#;
pub const PAID: &str = r#"{"result":{"resultCode":"SUCCESS","resultStatus":"S"},"paymentRequestId":"PAY-1",
    "paymentId":"20231114001","paymentAmount":{"currency":"EUR","value":"1050"}}"#;

/// A notification with this body, signed by the gateway and verified.
pub fn verified(client: &Client, body: &str) -> Verified {
    let time = WireTime::epoch_ms(NOW);
    let signed = content("POST", "/antom/notify", &client_id(), &time, body.as_bytes());
    let input = VerifyInput {
        path: "/antom/notify".into(),
        client_id: client_id(),
        time,
        key_hint: None,
        signature: gateway_key().sign(&signed).unwrap(),
        body: body.to_owned().into(),
    };
    Verified::signed(input, &*client.gateway_keys().current()).unwrap()
}

/// The notification that PAY-1 succeeded.
pub const NOTICE: &str = r#"{"notifyType":"PAYMENT_RESULT","paymentRequestId":"PAY-1","paymentId":"20231114001",
    "paymentAmount":{"currency":"EUR","value":"1050"},"result":{"resultCode":"SUCCESS","resultStatus":"S"}}"#;
