//! The client against a gateway over real sockets, and its configuration.
#![cfg(all(feature = "reqwest", feature = "payments"))]
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod api_key;
#[cfg(feature = "blocking")]
mod blocking;
mod config;
mod gateway;
mod interleaved;
mod observed;
#[cfg(feature = "billing")]
mod special;

use std::time::Duration;

use antom::core::api::models::{Order, PaymentMethod, PaymentMethodType, ProductCode};
use antom::core::api::payments::{PayRequest, PayResponse};
use antom::core::call::{
    OperationInfo, Repeat, ReplyError, SandboxPath, SendOptions, TransportErrorKind, TransportKind,
};
use antom::core::outcome::CallErrorKind;
use antom::core::signature::{KeyVersion, PublicKey, sandbox_keys};
use antom::prelude::*;
use antom::{ClientBuilder, transport};
use gateway::{CLIENT, Gateway, Seen, answer, header, http, signed, signed_for};

const OTHER_KEY: &str = include_str!("other-public.pem");

fn builder(url: &str) -> ClientBuilder {
    Client::builder()
        .gateway_url(url)
        .client_id(CLIENT)
        .private_key(sandbox_keys::MERCHANT_PRIVATE_KEY)
        .gateway_key(1, sandbox_keys::GATEWAY_PUBLIC_KEY)
        .policy(Policy::ONCE)
}

fn client(gateway: &Gateway) -> Client {
    builder(&gateway.url).build().unwrap()
}

fn pay_request() -> PayRequest {
    PayRequest::new(
        ProductCode::CASHIER_PAYMENT,
        "pay-1",
        Order::new("order-1", "two books", Amount::new(Currency::EUR, 3000)),
        Amount::new(Currency::EUR, 3000),
        PaymentMethod::new(PaymentMethodType::from("CARD")),
    )
}

async fn pay(answer: impl Fn(&Seen) -> Option<Vec<u8>> + Send + Sync + 'static) -> Outcome<PayResponse> {
    let gateway = Gateway::start(answer).await;
    let outcome = client(&gateway).payments().pay(&pay_request()).await.unwrap();
    assert_eq!(gateway.seen().len(), 1, "a payment is never sent twice");
    outcome
}

async fn unproven(answer: impl Fn(&Seen) -> Option<Vec<u8>> + Send + Sync + 'static) -> ReplyError {
    match pay(answer).await {
        Outcome::Unresolved(Unresolved { reason: Reason::Unproven(error), sent: Sent::Yes, .. }) => error,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_signed_answer_is_read() {
    let outcome = pay(|seen| Some(signed(seen, &answer("pay-1", "U", "PAYMENT_IN_PROCESS")))).await;
    let Outcome::Accepted(reply) = outcome else { panic!("{outcome:?}") };
    assert!(reply.verified().proof().is_signed());
    assert_eq!(reply.value().rest.get("new").unwrap().as_str(), r#"{"a":1}"#);
}

#[tokio::test]
async fn an_answer_without_proof_is_unresolved() {
    let html = unproven(|_| Some(http("502 Bad Gateway", "", b"<html>busy</html>"))).await;
    let ReplyError::HttpStatus(seen) = html else { panic!("{html:?}") };
    assert_eq!((seen.status, seen.body_form), (502, "HTML"));

    let body = |bytes: &'static [u8]| unproven(move |_| Some(http("200 OK", "", bytes)));
    for (bytes, form) in [
        (&b"<html>"[..], "HTML"),
        (b"", "empty"),
        (b"\xff\xfe", "not UTF-8"),
        (br#"{"result":{"resultStatus":"S","resultCode":"SUCCESS"}}"#, "JSON"),
    ] {
        let error = body(bytes).await;
        let ReplyError::Unsigned(seen) = error else { panic!("{error:?}") };
        assert_eq!(seen.body_form, form);
    }
}

#[tokio::test]
async fn an_answer_to_another_request_is_unresolved() {
    let other_id = unproven(|seen| Some(signed(seen, &answer("pay-2", "S", "SUCCESS")))).await;
    assert!(matches!(other_id, ReplyError::Misdirected { member: "paymentRequestId" }), "{other_id:?}");
    let other_path = |seen: &Seen| {
        signed_for("/ams/sandbox/api/v1/payments/refund", seen, &answer("pay-1", "S", "SUCCESS"))
    };
    let other_path = unproven(move |seen| Some(other_path(seen))).await;
    assert!(matches!(other_path, ReplyError::Signature(_)), "{other_path:?}");
    let changed =
        |seen: &Seen| String::from_utf8(signed(seen, &answer("pay-1", "F", "PROCESS_FAIL"))).unwrap();
    let changed = unproven(move |seen| Some(changed(seen).replace("\"F\"", "\"S\"").into())).await;
    assert!(matches!(changed, ReplyError::Signature(_)), "{changed:?}");
}

#[tokio::test]
async fn a_redirect_is_an_unproven_answer_and_not_followed() {
    let other = Gateway::start(|seen| Some(signed(seen, &answer("pay-1", "S", "SUCCESS")))).await;
    let location = format!("location: {}/ams/sandbox/api/v1/payments/pay\r\n", other.url);
    let error = unproven(move |_| Some(http("307 Temporary Redirect", &location, b""))).await;
    assert!(matches!(error, ReplyError::HttpStatus(_)), "{error:?}");
    assert!(other.seen().is_empty());
}

async fn no_answer(gateway: &Gateway, policy: Policy) -> (TransportErrorKind, Sent) {
    let client = client(gateway).with_policy(policy);
    match client.payments().pay(&pay_request()).await.unwrap() {
        Outcome::Unresolved(unresolved) => match &unresolved.reason {
            Reason::NoAnswer(error) => (error.kind(), unresolved.sent),
            other => panic!("{other:?}"),
        },
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_lost_answer_is_unresolved() {
    let closing = Gateway::start(|_| Some(Vec::new())).await;
    assert_eq!(no_answer(&closing, Policy::DEFAULT).await, (TransportErrorKind::Interrupted, Sent::Maybe));

    let silent = Gateway::start(|_| None).await;
    let send = SendOptions { read: Duration::from_millis(50), ..SendOptions::DEFAULT };
    let short = Policy { send, ..Policy::DEFAULT };
    assert_eq!(no_answer(&silent, short).await, (TransportErrorKind::Timeout, Sent::Maybe));
    assert_eq!(silent.seen().len(), 1);

    let long = Gateway::start(|seen| Some(signed(seen, &answer("pay-1", "S", "SUCCESS")))).await;
    let small = Policy { send: SendOptions { max_answer: 20, ..SendOptions::DEFAULT }, ..Policy::DEFAULT };
    assert_eq!(no_answer(&long, small).await, (TransportErrorKind::TooLarge, Sent::Yes));
}

#[tokio::test]
async fn a_refused_connection_is_the_only_error() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let error = builder(&url).build().unwrap().payments().pay(&pay_request()).await.unwrap_err();
    let CallErrorKind::NotSent(cause) = &error.kind else { panic!("{error:?}") };
    assert_eq!((cause.kind(), cause.sent()), (TransportErrorKind::Connect, Sent::No));
}

#[tokio::test]
async fn a_dropped_call_can_be_followed_up() {
    let gateway = Gateway::start(|seen| match seen.path.ends_with("/pay") {
        true => None,
        false => Some(signed(seen, &answer("pay-1", "S", "SUCCESS"))),
    })
    .await;
    let client = client(&gateway);
    let lost = tokio::time::timeout(Duration::from_millis(50), client.payments().pay(&pay_request())).await;
    assert!(lost.is_err());
    let inquiry = antom::core::api::payments::InquiryPaymentRequest::new().with_payment_request_id("pay-1");
    let outcome = client.payments().inquiry_payment(&inquiry).await.unwrap();
    assert!(matches!(outcome, Outcome::Completed(_)), "{outcome:?}");
}

#[tokio::test]
async fn one_client_serves_online_in_store_and_agent_calls() {
    let gateway = Gateway::start(|seen| Some(signed(seen, &answer("pay-1", "S", "SUCCESS")))).await;
    let online = client(&gateway);
    for client in [online.clone(), online.in_store(), online.with_agent_token("t0ken")] {
        let outcome = client.payments().pay(&pay_request()).await.unwrap();
        assert!(matches!(outcome, Outcome::Completed(_)), "{outcome:?}");
    }
    let seen = gateway.seen();
    let paths: Vec<_> = seen.iter().map(|seen| seen.path.as_str()).collect();
    let sandbox = "/ams/sandbox/api/v1/payments/pay";
    assert_eq!(paths, [sandbox, "/ams/api/v1/payments/pay", sandbox]);
    let tokens: Vec<_> = seen.iter().map(|seen| header(&seen.head, "agent-token")).collect();
    assert_eq!(tokens, [None, None, Some("t0ken")]);
}

#[tokio::test]
async fn gateway_keys_are_swapped_while_the_client_runs() {
    let gateway = Gateway::start(|seen| Some(signed(seen, &answer("pay-1", "S", "SUCCESS")))).await;
    let client = Client::builder()
        .gateway_url(&gateway.url)
        .client_id(CLIENT)
        .private_key(sandbox_keys::MERCHANT_PRIVATE_KEY)
        .gateway_key(1, OTHER_KEY)
        .build()
        .unwrap();
    let clone = client.in_store();
    let before = clone.payments().pay(&pay_request()).await.unwrap();
    assert!(
        matches!(
            &before,
            Outcome::Unresolved(Unresolved { reason: Reason::Unproven(ReplyError::Signature(_)), .. })
        ),
        "{before:?}"
    );
    let own = PublicKey::parse(sandbox_keys::MERCHANT_PUBLIC_KEY).unwrap();
    assert!(client.gateway_keys().replace([(KeyVersion::new(1), own)]).is_err());
    assert!(client.gateway_keys().replace([]).is_err());
    let keys = [OTHER_KEY, sandbox_keys::GATEWAY_PUBLIC_KEY].map(|key| PublicKey::parse(key).unwrap());
    client.gateway_keys().replace((1..).map(KeyVersion::new).zip(keys)).unwrap();
    let after = clone.payments().pay(&pay_request()).await.unwrap();
    assert!(matches!(after, Outcome::Completed(_)), "{after:?}");
}

#[tokio::test]
async fn json_that_the_types_do_not_know_is_sent_as_it_is() {
    static TOMORROW: OperationInfo = OperationInfo {
        id: "payments/tomorrow",
        path: "/ams/api/v1/payments/tomorrow",
        group: "payments",
        repeat: Repeat::Never,
        inquiry: None,
        echoes: &["paymentRequestId"],
        moves_money: true,
        sandbox: SandboxPath::Rewrite,
        transport: TransportKind::Json,
        docs: "",
    };
    let gateway = Gateway::start(|seen| Some(signed(seen, &answer("pay-1", "S", "SUCCESS")))).await;
    let client = client(&gateway);
    let known = Client::operation("payments/pay").unwrap();
    assert_eq!(Client::operation("/ams/api/v1/payments/pay"), Some(known));
    assert_eq!(Client::operation("payments/nothing"), None);
    let json = r#"{ "paymentRequestId": "pay-1", "brandNew": [1, 2] }"#;
    for operation in [known, &TOMORROW] {
        let Outcome::Completed(reply) = client.call_raw(operation, json).await.unwrap() else { panic!() };
        assert_eq!(reply.value().rest.get("new").unwrap().as_str(), r#"{"a":1}"#);
        assert_eq!(&reply.verified().raw()[..], answer("pay-1", "S", "SUCCESS").as_bytes());
    }
    let seen = gateway.seen();
    assert!(seen.iter().all(|seen| seen.body == json));
    assert_eq!(seen[1].path, "/ams/sandbox/api/v1/payments/tomorrow");

    let other = client.call_raw(known, r#"{"paymentRequestId":"pay-9"}"#).await.unwrap();
    assert!(
        matches!(
            &other,
            Outcome::Unresolved(Unresolved { reason: Reason::Unproven(ReplyError::Misdirected { .. }), .. })
        ),
        "{other:?}"
    );
    let error = client.call_raw(known, r#"{"a":1,"a":2}"#).await.unwrap_err();
    assert!(matches!(error.kind, CallErrorKind::Encode(_)), "{error:?}");
}

#[test]
fn futures_of_calls_can_move_between_threads() {
    fn assert_send<T: Send>(_: T) {}
    let client = builder("http://127.0.0.1:1").build().unwrap();
    assert_send(client.payments().pay(&pay_request()));
    assert_send(client.call_raw(Client::operation("payments/pay").unwrap(), "{}"));
    fn assert_shared<T: Send + Sync + Clone + 'static>(_: T) {}
    assert_shared(client);
}

#[tokio::test]
async fn a_transport_clock_and_timer_of_the_programs_own_are_used() {
    use transport::testing::{ManualClock, Script, ScriptedTransport};
    let clock = ManualClock::new(antom::core::time::UnixTime::from_secs(1_790_000_000));
    let fail = || Script::Fail(TransportErrorKind::Connect, Sent::No);
    let client = builder("https://gateway.example")
        .transport(ScriptedTransport::new([fail(), fail(), fail()]))
        .clock(clock.clone())
        .sleep(clock.clone())
        .seeds(|| 7)
        .policy(Policy::DEFAULT)
        .build()
        .unwrap();
    assert!(client.payments().pay(&pay_request()).await.is_err());
    let expected: Vec<_> = antom::core::exchange::Backoff::new(&Policy::DEFAULT, 7).take(2).collect();
    assert_eq!(clock.waits(), expected);
}

#[cfg(feature = "webhook")]
#[tokio::test]
async fn the_webhook_verifier_follows_the_clients_keys() {
    use antom::webhook::WebhookHead;
    let client = builder("http://127.0.0.1:1").build().unwrap();
    let verifier = client.webhook_verifier("/notify").unwrap();
    assert!(client.webhook_verifier("no path").is_err());
    let at = antom::core::time::UnixTime::from_secs(1_790_000_000);
    let key = antom::core::signature::PrivateKey::parse(sandbox_keys::GATEWAY_PRIVATE_KEY).unwrap();
    let signer = antom::core::signature::RsaSigner::new(&key, KeyVersion::FIRST).unwrap();
    let client_id = antom::core::signature::ClientId::new(CLIENT).unwrap();
    // A notification is signed like an answer, with its time under another name.
    let signed = transport::testing::sign_answer(&signer, &client_id, "/notify", at, "{}").unwrap();
    let value = |name| signed.header(name).unwrap().unwrap().to_owned();
    use antom::core::call::HeaderName;
    let mut head = WebhookHead::new("POST", "/notify");
    head.push_header("client-id", CLIENT.as_bytes());
    head.push_header("request-time", value(HeaderName::ResponseTime).as_bytes());
    head.push_header("signature", value(HeaderName::Signature).as_bytes());
    assert!(verifier.verify_slice(&head, b"{}", at).is_ok());
    assert!(verifier.verify_slice(&head, b"{ }", at).is_err());
    client.gateway_keys().replace([(KeyVersion::FIRST, PublicKey::parse(OTHER_KEY).unwrap())]).unwrap();
    assert!(verifier.verify_slice(&head, b"{}", at).is_err());
}
