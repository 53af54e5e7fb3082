//! The whole loop over real sockets: a small merchant calls a sandbox, the sandbox notifies the merchant.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use antom_core::api::authorizations::{ApplyToken, ApplyTokenRequest, Consult, ConsultRequest};
use antom_core::api::models::ScopeType;
use antom_core::api::notifications::Notification;
use antom_core::api::payments::{
    InquiryPayment, InquiryPaymentRequest, Pay, PayRequest, Refund, RefundRequest,
};
use antom_core::call::{Call, IncomingResponse, Operation, Unsigned};
use antom_core::fact::{Verified, VerifyInput};
use antom_core::money::{Amount, Currency};
use antom_core::preset::{self, Party, Purchase, Shop};
use antom_core::profile::Profile;
use antom_core::signature::{ClientId, KeyVersion, Keyring, RsaSigner, Signer as _, header};
use antom_core::time::{Now, UnixTime, WireTime};
use antom_sandbox::engine::{CardEntry, DeliveryResult, Event, Fault, FaultTarget, TEST_CARDS};
use antom_sandbox::{Clock, Sandbox, SandboxClient, SandboxConfig, SandboxError};
use bytes::Bytes;
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use tokio::net::{TcpListener, TcpStream};

/// What the merchant saw, in order.
#[derive(Debug, Clone, PartialEq)]
enum Seen {
    Answer(&'static str),
    Notice(&'static str),
}

#[derive(Default)]
struct Log {
    seen: Vec<Seen>,
    raw: Vec<Notification>,
    /// How many notifications to turn away before taking one.
    refuse: u32,
}

struct Merchant {
    sandbox: Sandbox,
    signer: RsaSigner,
    keys: Keyring,
    log: Arc<Mutex<Log>>,
}

impl Merchant {
    async fn start() -> Self {
        Self::start_with(Vec::new()).await
    }

    async fn start_with(clients: Vec<SandboxClient>) -> Self {
        let log = Arc::new(Mutex::new(Log::default()));
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let notify_url = format!("http://{}/antom/notify?shop=7", listener.local_addr().unwrap());
        let clock = Clock::fixed(UnixTime::from_secs(1_700_000_000));
        let mut config = SandboxConfig::default();
        config.notify_url = Some(notify_url);
        config.clock = clock;
        config.clients = clients;
        let sandbox = Sandbox::start(config).await.unwrap();
        let id = ClientId::new(sandbox.client_id()).unwrap();
        let gateway = antom_core::signature::PublicKey::parse(sandbox.gateway_public_key()).unwrap();
        let private = sandbox.merchant_private_key().unwrap();
        let private = antom_core::signature::PrivateKey::parse(private.expose()).unwrap();
        let keys = Keyring::new(&id, [(KeyVersion::FIRST, gateway)], Some(private.public())).unwrap();
        let signer = RsaSigner::new(&private, KeyVersion::FIRST).unwrap();
        tokio::spawn(listen(listener, id, keys.clone(), Arc::clone(&log)));
        Self { sandbox, signer, keys, log }
    }

    async fn call<O: Operation>(&self, request: &O::Request) -> Result<O::Response, String> {
        self.call_as::<O>(&self.sandbox.profile(), &self.keys, request).await
    }

    async fn call_as<O: Operation>(
        &self,
        profile: &Profile,
        keys: &Keyring,
        request: &O::Request,
    ) -> Result<O::Response, String> {
        let now = self.sandbox.now();
        let call = Call::<O, Unsigned>::new(request, profile, now).unwrap();
        let signature = self.signer.sign(call.signing_input()).unwrap();
        let call = call.sign(&signature);
        let out = call.request();
        let mut request = Request::post(out.path()).header("host", out.gateway().authority());
        for header in out.headers() {
            request = request.header(header.name, &*header.value);
        }
        let request = request.body(Full::new(out.body().clone())).unwrap();
        let response = http(self.sandbox.address(), request).await?;
        let answer = call.receive(&response, keys, Now::new(now, Duration::ZERO));
        self.log.lock().unwrap().seen.push(Seen::Answer(O::INFO.id));
        answer.map(|reply| reply.into_value()).map_err(|error| error.to_string())
    }

    fn seen(&self) -> Vec<Seen> {
        self.log.lock().unwrap().seen.clone()
    }

    fn last(&self) -> Notification {
        self.log.lock().unwrap().raw.last().unwrap().clone()
    }
}

async fn http(address: SocketAddr, request: Request<Full<Bytes>>) -> Result<IncomingResponse, String> {
    let stream = TcpStream::connect(address).await.map_err(|error| error.to_string())?;
    let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream))
        .await
        .map_err(|error| error.to_string())?;
    tokio::spawn(connection);
    let response = sender.send_request(request).await.map_err(|error| error.to_string())?;
    let (head, body) = response.into_parts();
    let body = body.collect().await.map_err(|error| error.to_string())?.to_bytes();
    let mut incoming = IncomingResponse::new(head.status.as_u16(), body);
    for (name, value) in &head.headers {
        incoming.push_header(name.as_str(), value.as_bytes());
    }
    Ok(incoming)
}

async fn listen(listener: TcpListener, id: ClientId, keys: Keyring, log: Arc<Mutex<Log>>) {
    loop {
        let (stream, _) = listener.accept().await.unwrap();
        let (id, keys, log) = (id.clone(), keys.clone(), Arc::clone(&log));
        let service =
            service_fn(move |request| notified(request, id.clone(), keys.clone(), Arc::clone(&log)));
        tokio::spawn(
            hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), service),
        );
    }
}

async fn notified(
    request: Request<Incoming>,
    id: ClientId,
    keys: Keyring,
    log: Arc<Mutex<Log>>,
) -> Result<Response<Full<Bytes>>, Infallible> {
    let (head, body) = request.into_parts();
    let body = body.collect().await.unwrap().to_bytes();
    let header = |name: &str| head.headers.get(name).unwrap().to_str().unwrap();
    assert_eq!(header("client-id"), id.as_str());
    let signature = header::parse(header("signature")).unwrap();
    let input = VerifyInput {
        path: head.uri.path_and_query().unwrap().as_str().into(),
        client_id: id,
        time: WireTime::parse(header("request-time")).unwrap(),
        key_hint: signature.key_version,
        signature: signature.decode().unwrap(),
        body,
    };
    let notification = Verified::signed(input, &keys).expect("a signed notification").notification().unwrap();
    let mut log = log.lock().unwrap();
    log.seen.push(Seen::Notice(match &notification {
        Notification::PaymentResult(_) => "payment",
        Notification::Capture(_) => "capture",
        Notification::Refund(_) => "refund",
        Notification::Authorization(_) => "authorization",
        _ => "other",
    }));
    log.raw.push(notification);
    let taken = log.refuse == 0;
    log.refuse = log.refuse.saturating_sub(1);
    let text = if taken {
        r#"{"result":{"resultCode":"SUCCESS","resultStatus":"S","resultMessage":"success"}}"#
    } else {
        "not now"
    };
    Ok(Response::new(Full::new(Bytes::from_static(text.as_bytes()))))
}

fn purchase(id: &str) -> Purchase {
    Purchase::new(id, format!("ORDER-{id}"), "Two coffees", Amount::new(Currency::USD, 1000))
}

fn order_code(id: &str) -> PayRequest {
    let party = |id| Party::new(id, "Coffee", "5814");
    preset::order_code(purchase(id), Shop::new(party("M-1"), party("S-1")))
}

fn inquiry(id: &str) -> InquiryPaymentRequest {
    InquiryPaymentRequest::new().with_payment_request_id(id)
}

#[tokio::test]
async fn an_order_code_from_pay_to_refund() {
    let shop = Merchant::start().await;
    let answer = shop.call::<Pay>(&order_code("P1")).await.unwrap();
    let code = answer.order_code_form.unwrap().code_details.unwrap().remove(0).code_value.unwrap();
    assert!(code.expose().starts_with(shop.sandbox.gateway_url()));
    shop.sandbox.buyer_approves(code.expose()).unwrap();
    shop.sandbox.idle().await;
    let paid = shop.call::<InquiryPayment>(&inquiry("P1")).await.unwrap();
    assert_eq!(paid.payment_status.unwrap().as_str(), "SUCCESS");
    let refund = RefundRequest::new("R1", answer.payment_id.unwrap(), Amount::new(Currency::USD, 300));
    shop.call::<Refund>(&refund).await.unwrap();
    shop.sandbox.idle().await;
    let expected = [
        Seen::Answer("payments/pay"),
        Seen::Notice("payment"),
        Seen::Answer("payments/inquiryPayment"),
        Seen::Answer("payments/refund"),
        Seen::Notice("refund"),
    ];
    let mut seen = shop.seen();
    // The refund's notification follows its answer, but on another connection: either may be read first.
    seen[3..].sort_by_key(|seen| matches!(seen, Seen::Notice(_)));
    assert_eq!(seen, expected);
    assert_eq!(shop.sandbox.unacknowledged(), 0);
    shop.sandbox.shutdown().await;
}

#[tokio::test]
async fn scan_to_link_and_a_hosted_card() {
    let shop = Merchant::start().await;
    let scopes = vec![ScopeType::from("AGREEMENT_PAY")];
    let consult = ConsultRequest::new("GCASH", "https://shop.example/back", scopes, "STATE-1", "WEB");
    let url = shop.call::<Consult>(&consult).await.unwrap().auth_url.unwrap();
    shop.sandbox.buyer_approves(url.expose()).unwrap();
    shop.sandbox.idle().await;
    let Notification::Authorization(note) = shop.last() else { panic!("{:?}", shop.last()) };
    let apply = ApplyTokenRequest::new("AUTHORIZATION_CODE", "GCASH").with_auth_code(note.auth_code.unwrap());
    let token = shop.call::<ApplyToken>(&apply).await.unwrap().access_token.unwrap();
    shop.call::<Pay>(&preset::agreement(purchase("P1"), "GCASH", token)).await.unwrap();
    shop.sandbox.idle().await;
    assert!(matches!(shop.last(), Notification::PaymentResult(_)));

    let page =
        shop.call::<Pay>(&preset::card_hosted(purchase("P2"), "https://shop.example/back")).await.unwrap();
    let entry = CardEntry::valid(TEST_CARDS[0].number);
    shop.sandbox.buyer_enters_card(page.normal_url.unwrap().expose(), entry).unwrap();
    shop.sandbox.idle().await;
    let Notification::Capture(capture) = shop.last() else { panic!("{:?}", shop.last()) };
    assert_eq!(capture.payment_id, page.payment_id);
    shop.sandbox.shutdown().await;
}

#[tokio::test]
async fn a_day_of_redeliveries_takes_no_time() {
    let shop = Merchant::start().await;
    shop.log.lock().unwrap().refuse = 4;
    let answer = shop.call::<Pay>(&order_code("P1")).await.unwrap();
    let code = answer.order_code_form.unwrap().code_details.unwrap().remove(0).code_value.unwrap();
    let start = shop.sandbox.now();
    shop.sandbox.buyer_approves(code.expose()).unwrap();
    shop.sandbox.advance(Duration::from_secs(24 * 3600)).await;
    assert_eq!(shop.sandbox.now().since(start), Duration::from_secs(24 * 3600));
    assert_eq!(shop.log.lock().unwrap().raw.len(), 5);
    assert_eq!(shop.sandbox.unacknowledged(), 0);
    let results: Vec<(u64, DeliveryResult)> = shop
        .sandbox
        .journal()
        .iter()
        .filter_map(|entry| match entry.event {
            Event::Delivered { result, .. } => Some((entry.at.since(start).as_secs() / 60, result)),
            _ => None,
        })
        .collect();
    let refused = DeliveryResult::Refused(200);
    let expected =
        [(0, refused), (2, refused), (12, refused), (22, refused), (82, DeliveryResult::Acknowledged)];
    assert_eq!(results, expected);
    shop.sandbox.shutdown().await;
}

#[tokio::test]
async fn an_answer_that_never_comes_leaves_the_effect() {
    let shop = Merchant::start().await;
    let pay = || FaultTarget::Operation("payments/pay".into());
    shop.sandbox.set_fault(pay(), Fault::NoAnswer, Some(1));
    assert!(shop.call::<Pay>(&order_code("P1")).await.is_err());
    let known = shop.call::<InquiryPayment>(&inquiry("P1")).await.unwrap();
    assert_eq!(known.payment_status.unwrap().as_str(), "PROCESSING");
    shop.sandbox.set_fault(pay(), Fault::WrongSignature, None);
    assert!(shop.call::<Pay>(&order_code("P1")).await.is_err());
    shop.sandbox.clear_fault(&pay());
    assert!(shop.call::<Pay>(&order_code("P1")).await.is_ok());
    shop.sandbox.shutdown().await;
}

#[tokio::test]
async fn many_sandboxes_know_nothing_of_each_other() {
    let shops = [Merchant::start().await, Merchant::start().await, Merchant::start().await];
    shops[0].call::<Pay>(&order_code("P1")).await.unwrap();
    for (n, shop) in shops.iter().enumerate() {
        let answer = shop.call::<InquiryPayment>(&inquiry("P1")).await.unwrap();
        let code = answer.result.result_code.unwrap();
        assert_eq!(code.as_str(), if n == 0 { "SUCCESS" } else { "ORDER_NOT_EXIST" });
    }
}

#[tokio::test]
async fn after_shutdown_the_port_is_free_and_after_drop_too() {
    let sandbox = Sandbox::start(SandboxConfig::default()).await.unwrap();
    let address = sandbox.address();
    sandbox.shutdown().await;
    let mut config = SandboxConfig::default();
    config.listen = address;
    let again = Sandbox::start(config.clone()).await.unwrap();
    assert!(matches!(Sandbox::start(config).await, Err(SandboxError::Listen { .. })));
    drop(again);
    // The tasks end by themselves; until then a connection may still be taken.
    while TcpStream::connect(address).await.is_ok() {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn only_sandbox_clients_on_loopback_addresses() {
    let mut config = SandboxConfig::default();
    config.client_id = "T_LIVE".into();
    assert!(matches!(Sandbox::start(config).await, Err(SandboxError::Settings(_))));
    let mut config = SandboxConfig::default();
    config.listen = SocketAddr::from(([0, 0, 0, 0], 0));
    assert!(matches!(Sandbox::start(config).await, Err(SandboxError::NotLoopback(_))));
    let mut config = SandboxConfig::default();
    config.client_id = "SANDBOX 1".into();
    assert!(matches!(Sandbox::start(config).await, Err(SandboxError::ClientId(_))));
}

#[tokio::test]
async fn nonsense_over_http_gets_an_answer() {
    let sandbox = Sandbox::start(SandboxConfig::default()).await.unwrap();
    for (method, path) in [("GET", "/"), ("POST", "/ams/sandbox/api/v1/payments/pay"), ("PUT", "/elsewhere/")]
    {
        let request =
            Request::builder().method(method).uri(path).header("host", "x").body(Full::default()).unwrap();
        let response = http(sandbox.address(), request).await.unwrap();
        assert_eq!(response.status(), 200);
        assert!(String::from_utf8_lossy(response.body()).contains("\"resultStatus\":\"F\""));
    }
    let long = Request::post("/ams/api/v1/payments/pay").header("host", "x");
    let long = long.body(Full::new(Bytes::from(vec![b' '; (16 << 20) + 1]))).unwrap();
    // The answer may come while the request is still being written, which some clients call an error.
    if let Ok(response) = http(sandbox.address(), long).await {
        assert_eq!(response.status(), 413);
    }
    let request = Request::get("/").header("host", "x").body(Full::default()).unwrap();
    assert!(http(sandbox.address(), request).await.is_ok(), "it still serves");
    sandbox.shutdown().await;
}

#[tokio::test]
async fn whoever_finds_no_room_waits() {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    const ASK: &[u8] = b"POST /ams/api/v1/payments/pay HTTP/1.1\r\nhost: a\r\ncontent-length: 2\r\n\r\n{}";
    let mut config = SandboxConfig::default();
    config.max_connections = 1;
    let sandbox = Sandbox::start(config).await.unwrap();
    let mut first = TcpStream::connect(sandbox.address()).await.unwrap();
    let mut second = TcpStream::connect(sandbox.address()).await.unwrap();
    let mut answer = [0; 4096];
    second.write_all(ASK).await.unwrap();
    for _ in 0..3 {
        first.write_all(ASK).await.unwrap();
        assert!(first.read(&mut answer).await.unwrap() > 0);
    }
    assert_eq!(second.try_read(&mut answer).unwrap_err().kind(), std::io::ErrorKind::WouldBlock);
    drop(first);
    assert!(second.read(&mut answer).await.unwrap() > 0);
}

#[tokio::test]
async fn several_clients_know_nothing_of_each_other() {
    const SECOND: &str = "SANDBOX_SECOND";
    let merchant = Merchant::start_with(vec![SandboxClient::new(SECOND)]).await;
    let second = merchant.sandbox.client(SECOND).unwrap();
    let gateway = antom_core::signature::PublicKey::parse(merchant.sandbox.gateway_public_key()).unwrap();
    let id = ClientId::new(SECOND).unwrap();
    let keys = Keyring::new(&id, [(KeyVersion::FIRST, gateway)], None).unwrap();
    let profile = second.profile();
    let first = merchant.call::<Pay>(&order_code("PAY-1")).await.unwrap();
    let other = merchant.call_as::<Pay>(&profile, &keys, &order_code("PAY-1")).await.unwrap();
    assert_ne!(first.payment_id, other.payment_id, "the same request id is another payment");
    let page = |answer: &antom_core::api::payments::PayResponse| {
        let form = answer.order_code_form.as_ref().unwrap();
        form.code_details.as_ref().unwrap()[0].code_value.as_ref().unwrap().expose().clone()
    };
    // A page leads to the client that handed it out.
    merchant.sandbox.buyer_approves(&page(&other)).unwrap();
    let theirs = merchant.call_as::<InquiryPayment>(&profile, &keys, &inquiry("PAY-1")).await.unwrap();
    let ours = merchant.call::<InquiryPayment>(&inquiry("PAY-1")).await.unwrap();
    let status = |status: Option<antom_core::api::models::PaymentStatus>| status.unwrap().as_str().to_owned();
    assert_eq!(status(theirs.payment_status), "SUCCESS");
    assert_eq!(status(ours.payment_status), "PROCESSING");
    // Faults and journals are each one's own.
    second.set_fault(FaultTarget::Operation("payments/inquiryPayment".into()), Fault::NoAnswer, None);
    merchant.call_as::<InquiryPayment>(&profile, &keys, &inquiry("PAY-1")).await.unwrap_err();
    merchant.call::<InquiryPayment>(&inquiry("PAY-1")).await.unwrap();
    let requests = |journal: Vec<antom_sandbox::engine::Entry>| {
        journal.iter().filter(|entry| matches!(entry.event, Event::Request { .. })).count()
    };
    assert_eq!((requests(merchant.sandbox.journal()), requests(second.journal())), (3, 3));
    assert!(merchant.sandbox.client("SANDBOX_THIRD").is_none());

    let mut config = SandboxConfig::default();
    config.clients = vec![SandboxClient::new(config.client_id.clone())];
    assert!(matches!(Sandbox::start(config).await, Err(SandboxError::SameClient(_))));
    let mut config = SandboxConfig::default();
    config.clients = vec![SandboxClient::new("5Y0000000000000001")];
    assert!(matches!(Sandbox::start(config).await, Err(SandboxError::Settings(_))));
}
