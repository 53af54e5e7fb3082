//! The blocking clients.

use antom::blocking::{ApiKeyClient, Client, ClientBuilder};
use antom::core::call::{SendOptions, TransportErrorKind};
use antom::core::exchange::Backoff;
use antom::core::outcome::CallErrorKind;
use antom::core::signature::{ClientId, KeyVersion, PrivateKey, RsaSigner, sandbox_keys};
use antom::core::time::UnixTime;
use antom::prelude::{Outcome, Policy, Sent};
use antom::transport::testing::{ManualClock, Script, ScriptedTransport, sign_answer};

use crate::gateway::{CLIENT, answer};
use crate::pay_request;

const NOW: UnixTime = UnixTime::from_secs(1_790_000_000);

fn builder(url: &str) -> ClientBuilder {
    Client::builder()
        .gateway_url(url)
        .client_id(CLIENT)
        .private_key(sandbox_keys::MERCHANT_PRIVATE_KEY)
        .gateway_key(1, sandbox_keys::GATEWAY_PUBLIC_KEY)
}

fn signed_answer() -> Script {
    let key = PrivateKey::parse(sandbox_keys::GATEWAY_PRIVATE_KEY).unwrap();
    let signer = RsaSigner::new(&key, KeyVersion::FIRST).unwrap();
    Script::reply(move |request| {
        let id = ClientId::new(CLIENT).unwrap();
        sign_answer(&signer, &id, request.path(), NOW, answer("pay-1", "S", "SUCCESS")).unwrap()
    })
}

#[test]
fn a_call_waits_and_sends_again_as_the_asynchronous_one_does() {
    let clock = ManualClock::new(NOW);
    let fail = || Script::Fail(TransportErrorKind::Connect, Sent::No);
    let client = builder("https://gateway.example")
        .transport(ScriptedTransport::new([fail(), fail(), signed_answer()]))
        .clock(clock.clone())
        .sleep(clock.clone())
        .seeds(|| 7)
        .build()
        .unwrap();
    let outcome = client.payments().pay(&pay_request()).unwrap();
    let Outcome::Completed(reply) = outcome else { panic!("{outcome:?}") };
    assert!(reply.verified().proof().is_signed());
    let expected: Vec<_> = Backoff::new(&Policy::DEFAULT, 7).take(2).collect();
    assert_eq!(clock.waits(), expected);
}

#[test]
fn typed_raw_and_key_clients_call_alike() {
    let clock = ManualClock::new(NOW);
    let client = builder("https://gateway.example")
        .transport(ScriptedTransport::new([signed_answer(), signed_answer()]))
        .clock(clock.clone())
        .build()
        .unwrap();
    let in_store = client.in_store().with_policy(Policy::ONCE);
    assert!(matches!(in_store.payments().pay(&pay_request()), Ok(Outcome::Completed(_))));
    let operation = Client::operation("payments/pay").unwrap();
    let raw = client.call_raw(operation, r#"{"paymentRequestId":"pay-1"}"#).unwrap();
    assert!(matches!(raw, Outcome::Completed(_)), "{raw:?}");
    let bad = client.call_raw(operation, "[]").unwrap_err();
    assert!(matches!(bad.kind, CallErrorKind::Encode(_)), "{bad:?}");

    let key = ApiKeyClient::builder()
        .gateway_url("https://gateway.example")
        .api_key("isak_TEST_id_secret")
        .transport(ScriptedTransport::new([signed_answer()]))
        .build()
        .unwrap();
    assert!(matches!(key.payments().pay(&pay_request()), Ok(Outcome::Completed(_))));
}

#[test]
fn blocking_clients_are_shared_between_threads() {
    fn assert_shared<T: Send + Sync + Clone + 'static>(_: &T) {}
    let client = builder("https://gateway.example").transport(ScriptedTransport::default()).build().unwrap();
    assert_shared(&client);
    let limits = SendOptions::DEFAULT;
    assert_eq!(client.policy().send, limits);
}

#[cfg(feature = "ureq")]
#[tokio::test(flavor = "multi_thread")]
async fn ureq_is_what_it_sends_with() {
    use crate::gateway::{Gateway, signed};
    let gateway = Gateway::start(|seen| Some(signed(seen, &answer("pay-1", "S", "SUCCESS")))).await;
    let client = builder(&gateway.url).build().unwrap();
    let outcome = tokio::task::spawn_blocking(move || client.payments().pay(&pay_request())).await.unwrap();
    assert!(matches!(outcome, Ok(Outcome::Completed(_))), "{outcome:?}");
    assert_eq!(gateway.seen().len(), 1);
}

#[cfg(not(feature = "ureq"))]
#[test]
fn without_ureq_a_transport_must_be_given() {
    let error = builder("https://gateway.example").build().unwrap_err();
    assert!(matches!(error.problems(), [antom::ConfigProblem::NoTransport]), "{error}");
}
