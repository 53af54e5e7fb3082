//! Commands and the buyer's pages over real sockets.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use std::net::SocketAddr;
use std::time::Duration;

use antom_core::codec::Message as _;
use antom_core::money::{Amount, Currency};
use antom_core::preset::{self, Party, Purchase, Shop};
use antom_core::time::UnixTime;
use antom_sandbox::engine::TEST_CARDS;
use antom_sandbox::{Clock, Sandbox, SandboxConfig};
use bytes::Bytes;
use http_body_util::{BodyExt as _, Full};
use hyper::header::HeaderMap;
use hyper::{Request, StatusCode};
use hyper_util::rt::TokioIo;
use serde_json::{Value, json};
use tokio::net::TcpStream;

const NOTIFY: &str = "http://127.0.0.1:9/notify";

async fn start() -> Sandbox {
    let mut config = SandboxConfig::default();
    config.clock = Clock::fixed(UnixTime::from_secs(1_700_000_000));
    config.notify_url = Some(NOTIFY.into());
    Sandbox::start(config).await.unwrap()
}

struct Reply {
    status: StatusCode,
    headers: HeaderMap,
    text: String,
}

impl Reply {
    fn json(&self) -> Value {
        assert_eq!(self.status, 200, "{}", self.text);
        serde_json::from_str(&self.text).unwrap()
    }
}

async fn send(address: SocketAddr, request: Request<Full<Bytes>>) -> Result<Reply, hyper::Error> {
    let stream = TcpStream::connect(address).await.unwrap();
    let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream)).await?;
    tokio::spawn(connection);
    let (head, body) = sender.send_request(request).await?.into_parts();
    let body = body.collect().await?.to_bytes();
    Ok(Reply {
        status: head.status,
        headers: head.headers,
        text: String::from_utf8_lossy(&body).into_owned(),
    })
}

fn request(sandbox: &Sandbox, method: &str, path: &str, body: String) -> Request<Full<Bytes>> {
    let host = sandbox.address().to_string();
    let builder = Request::builder().method(method).uri(path).header("host", host);
    builder.body(Full::new(body.into())).unwrap()
}

async fn admin(sandbox: &Sandbox, method: &str, path: &str, body: Value) -> Reply {
    let mut request = request(sandbox, method, &format!("/_sandbox{path}"), body.to_string());
    let token = format!("Bearer {}", sandbox.admin_token().expose());
    request.headers_mut().insert("authorization", token.parse().unwrap());
    send(sandbox.address(), request).await.unwrap()
}

async fn page(sandbox: &Sandbox, url: &str, form: Option<&str>) -> Reply {
    let path = url.strip_prefix(sandbox.gateway_url()).unwrap_or(url);
    let method = if form.is_some() { "POST" } else { "GET" };
    send(sandbox.address(), request(sandbox, method, path, form.unwrap_or_default().into())).await.unwrap()
}

/// Calls the gateway with an API key.
async fn call(sandbox: &Sandbox, operation: &str, body: Vec<u8>) -> Result<Reply, hyper::Error> {
    let path = format!("/ams/sandbox/api/v1/{operation}");
    let mut request = request(sandbox, "POST", &path, String::from_utf8(body).unwrap());
    request.headers_mut().insert("authorization", "Bearer isak_TEST_shop_1234567890".parse().unwrap());
    send(sandbox.address(), request).await
}

fn order(id: &str) -> Vec<u8> {
    let party = |id| Party::new(id, "Coffee", "5814");
    let purchase = Purchase::new(id, format!("ORDER-{id}"), "Two coffees", Amount::new(Currency::USD, 750));
    preset::order_code(purchase, Shop::new(party("M-1"), party("S-1"))).to_json()
}

/// Asks for a payment; the URL of its code.
async fn pay(sandbox: &Sandbox, id: &str) -> String {
    let answer = call(sandbox, "payments/pay", order(id)).await.unwrap().json();
    answer["orderCodeForm"]["codeDetails"][0]["codeValue"].as_str().unwrap().to_owned()
}

async fn states(sandbox: &Sandbox) -> Vec<(String, String)> {
    let state = admin(sandbox, "GET", "/state", Value::Null).await.json();
    let text = |value: &Value, name: &str| value[name].as_str().unwrap().to_owned();
    let payments = state["payments"].as_array().unwrap();
    payments.iter().map(|one| (text(one, "paymentRequestId"), text(one, "state"))).collect()
}

#[tokio::test]
async fn commands_need_the_token_and_the_right_address() {
    let sandbox = start().await;
    let token = format!("Bearer {}", sandbox.admin_token().expose());
    let get = |headers: &[(&'static str, &str)]| {
        let mut request = request(&sandbox, "GET", "/_sandbox/state", String::new());
        for (name, value) in headers {
            request.headers_mut().insert(*name, value.parse().unwrap());
        }
        send(sandbox.address(), request)
    };
    assert_eq!(get(&[("authorization", &token)]).await.unwrap().status, 200);
    assert_eq!(get(&[]).await.unwrap().status, 401);
    assert_eq!(get(&[("authorization", "Bearer guess")]).await.unwrap().status, 401);
    for (name, value) in [("host", "evil.example"), ("origin", "http://evil.example"), ("origin", "null")] {
        let reply = get(&[("authorization", &token), (name, value)]).await.unwrap();
        assert_eq!(reply.status, 403, "{name}: {value}");
    }
    for (method, path, status) in
        [("POST", "/state", 405), ("GET", "/nothing", 404), ("POST", "/notifications/x/resend", 404)]
    {
        assert_eq!(admin(&sandbox, method, path, json!({})).await.status, status, "{method} {path}");
    }
    for (path, body) in [
        ("/clock", json!([])),
        ("/clock", json!({"advance": "soon"})),
        ("/faults", json!({})),
        ("/faults", json!({"operation": "payments/pay", "script": "nonsense"})),
        ("/faults", json!({"operation": "payments/pay", "script": "U,S", "times": 2})),
        ("/buyer", json!({"at": "x", "action": "dance"})),
    ] {
        let reply = admin(&sandbox, "POST", path, body).await;
        assert_eq!(reply.status, 400, "{path}: {}", reply.text);
        assert!(reply.text.contains("\"error\""));
    }
}

#[tokio::test]
async fn time_buyers_and_notifications_are_commanded() {
    let sandbox = start().await;
    let code = pay(&sandbox, "PAY-1").await;
    let done = admin(&sandbox, "POST", "/buyer", json!({"at": code, "action": "approve"})).await.json();
    assert_eq!(done["next"], Value::Null);
    let again = admin(&sandbox, "POST", "/buyer", json!({"at": code, "action": "approve"})).await;
    assert_eq!(again.status, 409);
    pay(&sandbox, "PAY-2").await;
    let moved = admin(&sandbox, "POST", "/clock", json!({"advance": "24h"})).await.json();
    assert_eq!(moved["now"], "2023-11-15T22:13:20Z");
    let mut found = states(&sandbox).await;
    found.sort();
    let words = |a: &str, b: &str| (a.to_owned(), b.to_owned());
    assert_eq!(found, [words("PAY-1", "paid"), words("PAY-2", "failed")]);
    let journal = admin(&sandbox, "GET", "/journal", Value::Null).await.json();
    let entries = journal["entries"].as_array().unwrap();
    let sent = |entries: &[Value]| {
        entries.iter().filter(|entry| entry["event"] == "notification sent" && entry["id"] == "N1").count()
    };
    // In a day seven of the eight attempts are made; nobody listens.
    assert_eq!(sent(entries), 7);
    let last = journal["last"].as_u64().unwrap();
    admin(&sandbox, "POST", "/notifications/N1/resend", json!({})).await.json();
    sandbox.idle().await;
    let rest = admin(&sandbox, "GET", &format!("/journal?after={last}"), Value::Null).await.json();
    assert_eq!(sent(rest["entries"].as_array().unwrap()), 1);
}

#[tokio::test]
async fn a_bank_disputes_and_decides() {
    let sandbox = start().await;
    let code = pay(&sandbox, "PAY-1").await;
    let early = admin(&sandbox, "POST", "/disputes", json!({"payment": "PAY-1"})).await;
    assert_eq!(early.status, 409);
    admin(&sandbox, "POST", "/buyer", json!({"at": code, "action": "approve"})).await.json();
    let opened = admin(&sandbox, "POST", "/disputes", json!({"payment": "PAY-1"})).await.json();
    let id = opened["dispute"].as_str().unwrap().to_owned();
    let decided = json!({"dispute": id, "action": "merchant-wins"});
    admin(&sandbox, "POST", "/disputes", decided.clone()).await.json();
    assert_eq!(admin(&sandbox, "POST", "/disputes", decided).await.status, 409);
    let state = admin(&sandbox, "GET", "/state", Value::Null).await.json();
    assert_eq!(state["disputes"][0]["state"], "won");
    assert_eq!(state["disputes"][0]["disputeId"], id);
}

#[tokio::test]
async fn faults_are_commanded_or_come_with_the_request_id() {
    let sandbox = start().await;
    let result = |reply: Reply| reply.json()["result"]["resultCode"].as_str().unwrap().to_owned();
    let script = json!({"request_id": "PAY-1", "script": "U,F-RISK_REJECT,S"});
    admin(&sandbox, "POST", "/faults", script).await.json();
    for expected in ["UNKNOWN_EXCEPTION", "RISK_REJECT", "PAYMENT_IN_PROCESS"] {
        assert_eq!(result(call(&sandbox, "payments/pay", order("PAY-1")).await.unwrap()), expected);
    }
    // The connection ends; what was asked for has happened all the same.
    assert!(call(&sandbox, "payments/pay", order("PAY-2__no-answer")).await.is_err());
    assert!(call(&sandbox, "payments/pay", order("PAY-3__reset")).await.is_err());
    assert_eq!(states(&sandbox).await.len(), 3);
    let page = call(&sandbox, "payments/pay", order("PAY-4__html-503")).await.unwrap();
    assert_eq!(
        (page.status.as_u16(), page.headers["content-type"].to_str().unwrap()),
        (503, "text/html; charset=UTF-8")
    );
    let always = json!({"operation": "payments/pay", "script": "html-502", "times": 0});
    admin(&sandbox, "POST", "/faults", always).await.json();
    for _ in 0..3 {
        assert_eq!(call(&sandbox, "payments/pay", order("PAY-5")).await.unwrap().status, 502);
    }
    admin(&sandbox, "POST", "/faults", json!({"operation": "payments/pay"})).await.json();
    assert_eq!(call(&sandbox, "payments/pay", order("PAY-5")).await.unwrap().status, 200);
}

#[tokio::test]
async fn a_buyer_pays_declines_or_leaves_on_a_page() {
    let sandbox = start().await;
    for (id, form, status, state) in [
        ("A", "action=approve", 200, "paid"),
        ("B", "action=decline", 200, "failed"),
        ("C", "action=walk-away", 200, "waits for the buyer"),
        ("D", "action=fail-3ds", 409, "waits for the buyer"),
        ("E", "action=dance", 400, "waits for the buyer"),
    ] {
        let code = pay(&sandbox, id).await;
        let shown = page(&sandbox, &code, None).await;
        assert_eq!(shown.status, 200);
        assert!(shown.text.contains("USD 7.50") && shown.text.contains(&format!("<dd>{id}</dd>")));
        let policy = shown.headers["content-security-policy"].to_str().unwrap();
        assert!(policy.contains("default-src 'none'") && policy.contains("frame-ancestors 'none'"));
        let done = page(&sandbox, &code, Some(form)).await;
        assert_eq!(done.status, status, "{id}");
        let known = states(&sandbox).await;
        assert!(known.contains(&(id.to_owned(), state.to_owned())), "{id}: {known:?}");
    }
    assert_eq!(page(&sandbox, "/_sandbox/buyer/unknown", None).await.status, 404);
    assert_eq!(
        page(&sandbox, "/_sandbox/style.css", None).await.headers["content-type"],
        "text/css; charset=utf-8"
    );
}

#[tokio::test]
async fn other_sites_cannot_press_the_buttons() {
    let sandbox = start().await;
    let code = pay(&sandbox, "A").await;
    let path = code.strip_prefix(sandbox.gateway_url()).unwrap();
    for (name, value) in [("origin", "https://evil.example"), ("sec-fetch-site", "cross-site")] {
        let mut request = request(&sandbox, "POST", path, "action=approve".into());
        request.headers_mut().insert(name, value.parse().unwrap());
        assert_eq!(send(sandbox.address(), request).await.unwrap().status, 403);
    }
    assert_eq!(states(&sandbox).await[0].1, "waits for the buyer");
}

#[tokio::test]
async fn what_requests_hold_stays_text_on_pages() {
    let sandbox = start().await;
    let code = pay(&sandbox, "<script>alert(1)</script>\"'").await;
    let shown = page(&sandbox, &code, None).await;
    assert!(shown.text.contains("&lt;script&gt;alert(1)&lt;/script&gt;&quot;&#39;"), "{}", shown.text);
    assert!(!shown.text.contains("<script"));
}

#[tokio::test]
async fn cards_are_typed_and_leave_no_trace() {
    let sandbox = start().await;
    let purchase = Purchase::new("CARD-1", "ORDER-1", "Two coffees", Amount::new(Currency::USD, 750));
    let request = preset::card_hosted(purchase, "https://shop.example/back?a=1&b=2");
    let answer = call(&sandbox, "payments/pay", request.to_json()).await.unwrap().json();
    let url = answer["normalUrl"].as_str().unwrap();
    assert!(page(&sandbox, url, None).await.text.contains("Card number"));
    let bad = page(&sandbox, url, Some("action=card&number=4111111111111111&month=12&year=39&cvv=123")).await;
    assert_eq!(bad.status, 422);
    assert!(bad.text.contains("role=\"alert\"") && !bad.text.contains("4111"));
    let good = TEST_CARDS[0].number;
    let form = format!("action=card&number={good}&month=12&year=39&cvv=987");
    let done = page(&sandbox, url, Some(&form)).await;
    assert_eq!(done.status, 200);
    assert!(done.text.contains("href=\"https://shop.example/back?a=1&amp;b=2\""), "{}", done.text);
    let state = admin(&sandbox, "GET", "/state", Value::Null).await;
    let journal = admin(&sandbox, "GET", "/journal", Value::Null).await;
    for text in [&state.text, &journal.text] {
        for secret in [good, "987", "ALIPAYCARD"] {
            assert!(!text.contains(secret), "{secret} in {text}");
        }
    }
}

#[tokio::test]
async fn beyond_the_loopback_commands_go_elsewhere() {
    let mut config = SandboxConfig::default();
    config.listen = SocketAddr::from(([0, 0, 0, 0], 0));
    config.beyond_loopback = true;
    let sandbox = Sandbox::start(config).await.unwrap();
    let public = SocketAddr::from(([127, 0, 0, 1], sandbox.address().port()));
    let get = |address: SocketAddr, host: String, path: &str| {
        let token = format!("Bearer {}", sandbox.admin_token().expose());
        let request = Request::get(path).header("host", host).header("authorization", token);
        send(address, request.body(Full::default()).unwrap())
    };
    assert_eq!(get(public, public.to_string(), "/_sandbox/state").await.unwrap().status, 404);
    assert_eq!(get(public, public.to_string(), "/_sandbox/style.css").await.unwrap().status, 200);
    let own = sandbox.admin_url().strip_prefix("http://").unwrap().split('/').next().unwrap().to_owned();
    let own_address: SocketAddr = own.parse().unwrap();
    assert!(own_address.ip().is_loopback() && own_address.port() != public.port());
    assert_eq!(get(own_address, own.clone(), "/_sandbox/state").await.unwrap().status, 200);
    assert_eq!(get(own_address, own.clone(), "/_sandbox/buyer/x").await.unwrap().status, 404);
    assert_eq!(get(own_address, own, "/ams/sandbox/api/v1/payments/pay").await.unwrap().status, 404);
}

#[tokio::test]
async fn answers_can_be_late() {
    let sandbox = start().await;
    let started = std::time::Instant::now();
    call(&sandbox, "payments/pay", order("PAY-1__delay-1s")).await.unwrap().json();
    assert!(started.elapsed() >= Duration::from_secs(1));
}

/// A request to the inspector with its cookie.
async fn inspect(sandbox: &Sandbox, path: &str, form: Option<&str>) -> Reply {
    let method = if form.is_some() { "POST" } else { "GET" };
    let mut request = request(sandbox, method, path, form.unwrap_or_default().into());
    let cookie = format!("other=1; antom_sandbox={}", sandbox.admin_token().expose());
    request.headers_mut().insert("cookie", cookie.parse().unwrap());
    send(sandbox.address(), request).await.unwrap()
}

#[tokio::test]
async fn the_inspector_opens_with_the_token_alone() {
    let sandbox = start().await;
    let token = sandbox.admin_token().expose().clone();
    for path in ["/_sandbox/", "/_sandbox/live?after=0"] {
        assert_eq!(page(&sandbox, path, None).await.status, 401);
    }
    assert_eq!(page(&sandbox, "/_sandbox/act", Some("do=advance&by=1h")).await.status, 401);
    assert_eq!(page(&sandbox, "/_sandbox/login", Some("token=guess")).await.status, 401);
    let known = page(&sandbox, "/_sandbox/login", Some(&format!("token={token}"))).await;
    assert_eq!(known.status, 303);
    let cookie = known.headers["set-cookie"].to_str().unwrap();
    assert!(cookie.contains("HttpOnly") && cookie.contains("SameSite=Strict"), "{cookie}");
    let page = inspect(&sandbox, "/_sandbox/", None).await;
    assert_eq!(page.status, 200);
    let policy = page.headers["content-security-policy"].to_str().unwrap();
    assert!(policy.contains("script-src 'self'") && !policy.contains("unsafe"), "{policy}");
    assert!(!page.text.contains(&token));
}

#[tokio::test]
async fn the_inspector_shows_traffic_and_takes_commands() {
    let sandbox = start().await;
    // A signature that does not fit: the reason and the content are shown, as text.
    let mut forged = request(
        &sandbox,
        "POST",
        "/ams/sandbox/api/v1/payments/pay",
        "{\"paymentRequestId\":\"<i>x\"}".into(),
    );
    for (name, value) in [
        ("client-id", sandbox.client_id()),
        ("request-time", "1700000000000"),
        ("signature", "algorithm=RSA256,keyVersion=1,signature=AAAA"),
    ] {
        forged.headers_mut().insert(name, value.parse().unwrap());
    }
    send(sandbox.address(), forged).await.unwrap();
    let shown = inspect(&sandbox, "/_sandbox/", None).await.text;
    assert!(
        shown.contains("What should have been signed") && shown.contains("the signature does not fit"),
        "{shown}"
    );
    assert!(shown.contains("&lt;i&gt;x") && !shown.contains("<i>x"));
    // Signed as the merchant from the page.
    let inquiry = "do=send&operation=payments%2FinquiryPayment&body=%7B%22paymentRequestId%22%3A%22P-9%22%7D";
    assert_eq!(inspect(&sandbox, "/_sandbox/act", Some(inquiry)).await.status, 303);
    let shown = inspect(&sandbox, "/_sandbox/", None).await.text;
    assert!(shown.contains("ORDER_NOT_EXIST") && shown.contains("What was verified"));
    // Nothing new, nothing sent.
    let last = shown.split("data-last=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
    let live = format!("/_sandbox/live?after={last}");
    assert_eq!(inspect(&sandbox, &live, None).await.status, 204);
    let code = pay(&sandbox, "PAY-1").await;
    page(&sandbox, &code, Some("action=approve")).await;
    sandbox.idle().await;
    let news = inspect(&sandbox, &live, None).await;
    assert_eq!(news.status, 200);
    assert!(news.text.contains("PAYMENT_RESULT") && news.text.contains("no answer"), "{}", news.text);
    assert!(news.text.contains("connecting to 127.0.0.1:9:"), "{}", news.text);
    assert!(!news.text.contains("1234567890"), "the API key is shown");
    for (form, status) in [
        ("do=advance&by=2h", 303),
        ("do=advance&by=soon", 422),
        ("do=fault&for=operation&target=payments%2Fpay&script=U", 303),
        ("do=fault&for=operation&target=payments%2Fpay&script=nonsense", 422),
        ("do=resend&id=N1", 303),
        ("do=resend&id=N9", 422),
        ("do=dispute&payment=PAY-1", 303),
        ("do=dispute&payment=PAY-9", 422),
        ("do=dance", 422),
    ] {
        assert_eq!(inspect(&sandbox, "/_sandbox/act", Some(form)).await.status, status, "{form}");
    }
    let result = call(&sandbox, "payments/pay", order("PAY-2")).await.unwrap().json();
    assert_eq!(result["result"]["resultCode"], "UNKNOWN_EXCEPTION");
}
