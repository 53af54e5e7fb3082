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
    assert_eq!(page(&sandbox, "/_sandbox/", Some("do=advance&by=1h")).await.status, 401);
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
    assert_eq!(inspect(&sandbox, "/_sandbox/", Some(inquiry)).await.status, 303);
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
        assert_eq!(inspect(&sandbox, "/_sandbox/", Some(form)).await.status, status, "{form}");
    }
    let result = call(&sandbox, "payments/pay", order("PAY-2")).await.unwrap().json();
    assert_eq!(result["result"]["resultCode"], "UNKNOWN_EXCEPTION");
}

#[tokio::test]
async fn reports_are_written_for_a_span() {
    let sandbox = start().await;
    let code = pay(&sandbox, "PAY-1").await;
    admin(&sandbox, "POST", "/buyer", json!({"at": code, "action": "approve"})).await.json();
    let span = |kind: &str, to: &str| json!({"kind": kind, "from": "2023-11-14T00:00:00Z", "to": to});
    for kind in ["settlement", "transactions"] {
        let all = admin(&sandbox, "POST", "/reports", span(kind, "2023-11-15T00:00:00Z")).await.json();
        let files = all["files"].as_array().unwrap();
        assert!(files.iter().any(|file| file["text"].as_str().unwrap().contains("PAY-1")), "{all}");
        let none = admin(&sandbox, "POST", "/reports", span(kind, "2023-11-14T01:00:00Z")).await.json();
        assert!(!none.to_string().contains("PAY-1"), "{none}");
    }
    for bad in [span("other", "2023-11-15T00:00:00Z"), span("settlement", "tomorrow"), json!({})] {
        assert_eq!(admin(&sandbox, "POST", "/reports", bad).await.status, 400);
    }
}

#[tokio::test]
async fn keys_change_while_it_runs() {
    use antom_core::signature::sandbox_keys;
    let sandbox = start().await;
    for bad in [json!({}), json!({"gateway_private_key": "nonsense"}), json!({"merchant_public_key": "x"})] {
        assert_eq!(admin(&sandbox, "POST", "/keys", bad).await.status, 400);
    }
    // The merchant's own key cannot be the gateway's, nor the other way round.
    let merchants = json!({"gateway_private_key": sandbox_keys::MERCHANT_PRIVATE_KEY});
    assert_eq!(admin(&sandbox, "POST", "/keys", merchants).await.status, 400);
    let gateways = json!({"merchant_public_key": sandbox_keys::GATEWAY_PUBLIC_KEY});
    assert_eq!(admin(&sandbox, "POST", "/keys", gateways).await.status, 400);
    let same = json!({"merchant_public_key": sandbox_keys::MERCHANT_PUBLIC_KEY});
    assert_eq!(admin(&sandbox, "POST", "/keys", same).await.status, 200);
    let again = json!({"gateway_private_key": sandbox_keys::GATEWAY_PRIVATE_KEY});
    let rotated = admin(&sandbox, "POST", "/keys", again).await.json();
    assert_eq!(rotated["key_version"], 2);
    #[cfg(feature = "fresh-keys")]
    {
        let fresh = admin(&sandbox, "POST", "/keys", json!({"gateway_private_key": "fresh"})).await.json();
        assert_eq!(fresh["key_version"], 3);
        assert_ne!(fresh["antom_public_key"], rotated["antom_public_key"]);
    }
}

#[tokio::test]
async fn a_client_is_named_in_a_command() {
    let mut config = SandboxConfig::default();
    config.clients = vec![antom_sandbox::SandboxClient::new("SANDBOX_SECOND")];
    let sandbox = Sandbox::start(config).await.unwrap();
    pay(&sandbox, "PAY-7").await;
    let of = |client: &str| format!("/state?client={client}");
    let first = admin(&sandbox, "GET", &of(sandbox.client_id()), Value::Null).await.json();
    assert_eq!(first["payments"].as_array().unwrap().len(), 1);
    assert_eq!(first["clients"], json!([sandbox.client_id(), "SANDBOX_SECOND"]));
    let second = admin(&sandbox, "GET", &of("SANDBOX_SECOND"), Value::Null).await.json();
    assert_eq!(second["payments"].as_array().unwrap().len(), 0);
    assert_eq!(admin(&sandbox, "GET", &of("SANDBOX_THIRD"), Value::Null).await.status, 404);
    let here = inspect(&sandbox, "/_sandbox/?client=SANDBOX_SECOND", None).await;
    assert!(here.text.contains("Sandbox of SANDBOX_SECOND") && !here.text.contains("PAY-7"), "{}", here.text);
    let gone = inspect(&sandbox, "/_sandbox/?client=SANDBOX_SECOND", Some("do=advance&by=1h")).await;
    assert_eq!(gone.status, 303);
    assert_eq!(gone.headers["location"], "/_sandbox/?client=SANDBOX_SECOND");
}

#[tokio::test]
async fn a_request_is_sent_again_with_changes() {
    let sandbox = start().await;
    pay(&sandbox, "PAY-1").await;
    let page = inspect(&sandbox, "/_sandbox/", None).await.text;
    let operation = "name=\"operation\" value=\"payments/pay\"";
    assert!(page.contains(operation) && page.contains("Send this, signed as the merchant"), "{page}");
    let covered = "do=send&operation=payments%2FinquiryPayment&body=%7B%22paymentId%22%3A%22%E2%80%A2%E2%80%A2%E2%80%A2%22%7D";
    let reply = inspect(&sandbox, "/_sandbox/", Some(covered)).await;
    assert_eq!(reply.status, 422);
    assert!(reply.text.contains("what is covered is known to nobody here"), "{}", reply.text);
    let changed =
        "do=send&operation=payments%2FinquiryPayment&body=%7B%22paymentRequestId%22%3A%22PAY-1%22%7D";
    assert_eq!(inspect(&sandbox, "/_sandbox/", Some(changed)).await.status, 303);
    let journal = admin(&sandbox, "GET", "/journal", Value::Null).await.json();
    let last = journal["entries"].as_array().unwrap().last().unwrap().clone();
    assert_eq!(
        (&last["verified"], &last["body"]),
        (&json!(true), &json!("{\"paymentRequestId\":\"PAY-1\"}"))
    );
}

#[cfg(feature = "state-file")]
#[tokio::test]
async fn a_state_outlives_the_process() {
    use antom_sandbox::{SandboxError, StateFileError};
    let folder = std::env::temp_dir().join(format!("antom-sandbox-state-{}", std::process::id()));
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder).unwrap();
    let config = |name: &str| {
        let mut config = SandboxConfig::default();
        config.clock = Clock::fixed(UnixTime::from_secs(1_700_000_000));
        config.state_file = Some(folder.join(name));
        config.notify_url = Some(NOTIFY.into());
        config
    };
    let sandbox = Sandbox::start(config("a")).await.unwrap();
    let code = pay(&sandbox, "PAY-1").await;
    admin(&sandbox, "POST", "/buyer", json!({"at": code, "action": "approve"})).await.json();
    let waits = pay(&sandbox, "PAY-2").await;
    sandbox.advance(Duration::from_secs(60)).await;
    let before = admin(&sandbox, "GET", "/state", Value::Null).await.json();
    assert_eq!(before["state_file_failure"], Value::Null);
    // The file is one process's, and its owner's.
    let taken = Sandbox::start(config("a")).await;
    assert!(
        matches!(&taken, Err(SandboxError::StateFile(StateFileError::InUse(path))) if path.ends_with("a")),
        "{taken:?}"
    );
    #[cfg(unix)]
    for name in ["a", "a-wal"] {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = std::fs::metadata(folder.join(name)).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{name}");
    }
    sandbox.shutdown().await;

    let sandbox = Sandbox::start(config("a")).await.unwrap();
    let mut after = admin(&sandbox, "GET", "/state", Value::Null).await.json();
    assert_eq!(after, before);
    assert_eq!(sandbox.now(), UnixTime::from_secs(1_700_000_060), "time does not go back");
    assert_eq!(sandbox.unacknowledged(), 1);
    let page = waits.rsplit('/').next().unwrap();
    admin(&sandbox, "POST", "/buyer", json!({"at": page, "action": "approve"})).await.json();
    pay(&sandbox, "PAY-3").await;
    after = admin(&sandbox, "GET", "/state", Value::Null).await.json();
    let ids: std::collections::BTreeSet<_> =
        after["payments"].as_array().unwrap().iter().map(|one| one["paymentId"].to_string()).collect();
    assert_eq!(ids.len(), 3, "no id comes twice");
    sandbox.shutdown().await;

    std::fs::write(folder.join("b"), "this is no database, but a text that somebody needs").unwrap();
    let foreign = Sandbox::start(config("b")).await;
    assert!(matches!(foreign, Err(SandboxError::StateFile(StateFileError::Database { .. }))), "{foreign:?}");
    assert!(std::fs::read_to_string(folder.join("b")).unwrap().starts_with("this is no database"));
    let other = rusqlite::Connection::open(folder.join("c")).unwrap();
    other.execute_batch("CREATE TABLE something (a INTEGER); PRAGMA user_version = 7;").unwrap();
    drop(other);
    let other = Sandbox::start(config("c")).await;
    assert!(
        matches!(other, Err(SandboxError::StateFile(StateFileError::Version { found: 7, .. }))),
        "{other:?}"
    );
    let nowhere = Sandbox::start(config("no/such/folder")).await;
    assert!(matches!(nowhere, Err(SandboxError::StateFile(StateFileError::Io { .. }))), "{nowhere:?}");
    std::fs::remove_dir_all(&folder).unwrap();
}
