//! The reqwest transport over real sockets.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod server;

use std::future::Future;
use std::pin::pin;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use antom_core::api::models::ResultInfo;
use antom_core::call::{
    HeaderName, IncomingResponse, OperationInfo, OutgoingRequest, Prepared, Repeat, SandboxPath, SendOptions,
    Sent, TransportError, TransportErrorKind, TransportKind,
};
use antom_core::profile::{Credentials, Gateway, Profile};
use antom_core::secret::Secret;
use antom_core::signature::{ClientId, KeyVersion, Signature};
use antom_core::time::UnixTime;
use antom_transport::{ReqwestTransport, SetupError, Transport};
use server::{Behaviour, Server, http};

const ROOT: &str = include_str!("root.pem");

static INFO: OperationInfo = info("/ams/api/v1/payments/pay");

const fn info(path: &'static str) -> OperationInfo {
    OperationInfo {
        id: "payments/pay",
        path,
        group: "payments",
        repeat: Repeat::Never,
        inquiry: None,
        echoes: &[],
        moves_money: true,
        sandbox: SandboxPath::Rewrite,
        transport: TransportKind::Json,
        docs: "",
    }
}

/// Limits that no healthy loopback server comes near, and no test waits for.
const PATIENT: SendOptions = SendOptions {
    connect: Duration::from_secs(20),
    read: Duration::from_secs(20),
    total: Duration::from_secs(20),
    max_answer: 1000,
};
const SHORT: Duration = Duration::from_millis(80);

fn profile(gateway: &str) -> Profile {
    let credentials =
        Credentials::Rsa { client_id: ClientId::new("LIVE_1").unwrap(), key_version: KeyVersion::FIRST };
    Profile::new(credentials, Gateway::parse(gateway).unwrap())
}

fn request_for(info: &'static OperationInfo, gateway: &str, agent_token: &str) -> OutgoingRequest {
    let profile = profile(gateway).with_agent_token(agent_token);
    let mut prepared =
        Prepared::json(info, br#"{"a":1}"#, &profile, UnixTime::from_secs(1_790_000_000)).unwrap();
    prepared.attach(&Signature::new(vec![1; 256]));
    prepared.request().clone()
}

fn request(gateway: &str) -> OutgoingRequest {
    request_for(&INFO, gateway, "agent")
}

fn loopback() -> ReqwestTransport {
    ReqwestTransport::builder().build_loopback().unwrap()
}

async fn send(
    behaviour: Behaviour,
    options: SendOptions,
) -> (Result<IncomingResponse, TransportError>, Server) {
    let server = Server::start(behaviour).await;
    let result = loopback().send(request(&format!("http://{}", server.address)), &options).await;
    (result, server)
}

async fn fails(behaviour: Behaviour, options: SendOptions) -> (TransportErrorKind, Sent) {
    let error = send(behaviour, options).await.0.unwrap_err();
    (error.kind(), error.sent())
}

#[tokio::test]
async fn bytes_go_out_and_come_back_as_they_are() {
    let headers = "Signature: algorithm=RSA256,signature=x\r\nresponse-time: 1\r\nx-other: y\r\nContent-Encoding: gzip\r\n";
    let body = b"\x1f\x8b\xff not unzipped, not UTF-8";
    let (result, server) = send(Behaviour::Answer(http("200 OK", headers, body)), PATIENT).await;
    let response = result.unwrap();
    assert_eq!((response.status(), &response.body()[..]), (200, &body[..]));
    assert_eq!(response.header(HeaderName::Signature), Ok(Some("algorithm=RSA256,signature=x")));
    let sent = &server.requests()[0];
    let (head, body) = sent.split_once("\r\n\r\n").unwrap();
    assert!(head.starts_with("POST /ams/api/v1/payments/pay HTTP/1.1\r\n"), "{head}");
    assert_eq!(body, r#"{"a":1}"#);
    for line in [
        "content-length: 7",
        "client-id: LIVE_1",
        "request-time: 1790000000000",
        "agent-token: agent",
        "content-type: application/json; charset=UTF-8",
        &format!("host: {}", server.address),
    ] {
        assert_eq!(head.lines().filter(|found| *found == line).count(), 1, "{line}: {head}");
    }
    for absent in ["accept-encoding", "transfer-encoding", "expect", "referer", "cookie"] {
        assert!(!head.contains(&format!("\n{absent}:")), "{absent}: {head}");
    }
}

#[tokio::test]
async fn a_header_that_comes_twice_is_seen_twice() {
    let twice = http("200 OK", "signature: a\r\nSIGNATURE: b\r\n", b"{}");
    let (result, _) = send(Behaviour::Answer(twice), PATIENT).await;
    assert_eq!(result.unwrap().header(HeaderName::Signature), Err(HeaderName::Signature));
}

#[tokio::test]
async fn any_status_and_body_is_an_answer() {
    for (status, body) in [("502 Bad Gateway", "<html>"), ("200 OK", ""), ("429 Too Many Requests", "{}")] {
        let (result, _) = send(Behaviour::Answer(http(status, "", body.as_bytes())), PATIENT).await;
        let response = result.unwrap();
        assert!(status.starts_with(&response.status().to_string()));
        assert_eq!(response.body(), body.as_bytes());
    }
}

#[tokio::test]
async fn redirects_are_not_followed() {
    let other = Server::start(Behaviour::Answer(http("200 OK", "", b"{}"))).await;
    for status in ["301 Moved", "302 Found", "307 Temporary", "308 Permanent"] {
        let location = format!("location: http://{}/ams/api/v1/payments/pay\r\n", other.address);
        let (result, server) = send(Behaviour::Answer(http(status, &location, b"")), PATIENT).await;
        assert!(status.starts_with(&result.unwrap().status().to_string()));
        assert_eq!(server.requests().len(), 1);
    }
    assert_eq!(other.accepted(), 0);
}

#[tokio::test]
async fn calls_one_after_another_share_a_connection() {
    let server = Server::start(Behaviour::Answer(http("200 OK", "", b"{}"))).await;
    let transport = loopback();
    for _ in 0..5 {
        transport.send(request(&format!("http://{}", server.address)), &PATIENT).await.unwrap();
    }
    assert_eq!((server.requests().len(), server.accepted()), (5, 1));
}

#[tokio::test]
async fn an_answer_over_the_limit_is_cut_off_while_it_streams() {
    let announced = http("200 OK", "", &[b'x'; 1001]);
    assert_eq!(fails(Behaviour::Answer(announced), PATIENT).await, (TransportErrorKind::TooLarge, Sent::Yes));
    let head = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n".to_vec();
    let endless = Behaviour::Flood(head, b"4\r\nxxxx\r\n".to_vec());
    assert_eq!(fails(endless, PATIENT).await, (TransportErrorKind::TooLarge, Sent::Yes));
    let exact = http("200 OK", "", &[b'x'; 1000]);
    assert_eq!(send(Behaviour::Answer(exact), PATIENT).await.0.unwrap().body().len(), 1000);
    let pieces =
        b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\nab\r\n3\r\ncde\r\n1\r\nf\r\n0\r\n\r\n"
            .to_vec();
    assert_eq!(send(Behaviour::Answer(pieces), PATIENT).await.0.unwrap().body(), &b"abcdef"[..]);
}

#[tokio::test]
async fn a_refused_connection_sent_nothing() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let gateway = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let error = loopback().send(request(&gateway), &PATIENT).await.unwrap_err();
    assert_eq!((error.kind(), error.sent()), (TransportErrorKind::Connect, Sent::No));
}

#[tokio::test]
async fn a_connection_that_breaks_after_the_request_may_have_delivered_it() {
    assert_eq!(fails(Behaviour::Reset, PATIENT).await, (TransportErrorKind::Interrupted, Sent::Maybe));
    let closed = Behaviour::AnswerAndClose(Vec::new());
    assert_eq!(fails(closed, PATIENT).await, (TransportErrorKind::Interrupted, Sent::Maybe));
}

#[tokio::test]
async fn an_answer_that_breaks_off_proves_that_the_request_arrived() {
    let cut = b"HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nabc".to_vec();
    assert_eq!(
        fails(Behaviour::AnswerAndClose(cut), PATIENT).await,
        (TransportErrorKind::Interrupted, Sent::Yes)
    );
    let bad_chunk = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n".to_vec();
    let (_, sent) = fails(Behaviour::AnswerAndClose(bad_chunk), PATIENT).await;
    assert_eq!(sent, Sent::Yes);
}

#[tokio::test]
async fn what_is_not_http_proves_nothing() {
    let noise = Behaviour::AnswerAndClose(b"220 mail.example ESMTP\r\n".to_vec());
    assert_eq!(fails(noise, PATIENT).await, (TransportErrorKind::Protocol, Sent::Maybe));
}

#[tokio::test]
async fn every_limit_ends_the_waiting() {
    let silent = || Behaviour::Stall(Vec::new());
    let stalled = || Behaviour::Stall(b"HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nabc".to_vec());
    let (read, total) = (SendOptions { read: SHORT, ..PATIENT }, SendOptions { total: SHORT, ..PATIENT });
    for options in [read, total] {
        assert_eq!(fails(silent(), options).await, (TransportErrorKind::Timeout, Sent::Maybe));
        assert_eq!(fails(stalled(), options).await, (TransportErrorKind::Timeout, Sent::Yes));
    }
}

#[tokio::test]
async fn limits_beyond_all_clocks_are_no_limits() {
    let forever = SendOptions {
        connect: Duration::MAX,
        read: Duration::MAX,
        total: Duration::MAX,
        max_answer: usize::MAX,
    };
    assert!(send(Behaviour::Answer(http("200 OK", "", b"{}")), forever).await.0.is_ok());
}

/// A secure channel that never comes to be: whatever ends the waiting, nothing was sent.
#[tokio::test]
async fn without_a_secure_channel_nothing_is_sent() {
    let transport = ReqwestTransport::builder().extra_roots(ROOT).no_proxy().build().unwrap();
    let silent = Server::start(Behaviour::Greet(Vec::new())).await;
    let gateway = format!("https://{}", silent.address);
    for options in [SendOptions { connect: SHORT, ..PATIENT }, SendOptions { total: SHORT, ..PATIENT }] {
        let error = transport.send(request(&gateway), &options).await.unwrap_err();
        assert_eq!((error.kind(), error.sent()), (TransportErrorKind::Timeout, Sent::No));
    }
    let noise = Server::start(Behaviour::Greet(b"HTTP/1.1 400 Bad Request\r\n\r\n".to_vec())).await;
    let error = transport.send(request(&format!("https://{}", noise.address)), &PATIENT).await.unwrap_err();
    assert_eq!((error.kind(), error.sent()), (TransportErrorKind::Tls, Sent::No));
}

#[tokio::test]
async fn what_the_stack_cannot_send_is_not_sent() {
    static DOTS: OperationInfo = info("/ams/api/../v1/payments/pay");
    static QUERY: OperationInfo = info("/ams/api/v1/payments/pay?x=1");
    let server = Server::start(Behaviour::Answer(http("200 OK", "", b"{}"))).await;
    let gateway = format!("http://{}", server.address);
    for bad in [
        request_for(&DOTS, &gateway, "agent"),
        request_for(&QUERY, &gateway, "agent"),
        request_for(&INFO, &gateway, "two\r\nlines: 1"),
        request("https://gateway.example"),
    ] {
        let error = loopback().send(bad, &PATIENT).await.unwrap_err();
        assert_eq!((error.kind(), error.sent()), (TransportErrorKind::Unsupported, Sent::No));
    }
    assert_eq!(server.accepted(), 0);
}

#[test]
fn without_a_runtime_the_answer_is_an_error() {
    let transport = loopback();
    let mut sending = pin!(transport.send(request("http://127.0.0.1:9"), &PATIENT));
    let Poll::Ready(Err(error)) = sending.as_mut().poll(&mut Context::from_waker(Waker::noop())) else {
        panic!()
    };
    assert_eq!((error.kind(), error.sent()), (TransportErrorKind::Unsupported, Sent::No));
}

#[tokio::test]
async fn a_proxy_that_refuses_saw_no_request() {
    let proxy =
        Server::start(Behaviour::AnswerAndClose(http("407 Proxy Authentication Required", "", b""))).await;
    let transport = ReqwestTransport::builder()
        .extra_roots(ROOT)
        .proxy(format!("http://user:pass-word@{}", proxy.address))
        .build()
        .unwrap();
    let error = transport.send(request("https://gateway.example"), &PATIENT).await.unwrap_err();
    assert_eq!((error.kind(), error.sent()), (TransportErrorKind::Connect, Sent::No));
    let seen = proxy.requests();
    assert!(seen[0].starts_with("CONNECT gateway.example:443 "), "{seen:?}");
    assert!(!seen[0].contains("payments"));
}

/// A tunnel that was not opened this time may be next time: it says nothing about HTTP/2, which the request needs.
#[tokio::test]
async fn a_proxy_that_refuses_is_no_lack_of_http2() {
    static SESSION: OperationInfo =
        OperationInfo { transport: TransportKind::Session, ..info("/ams/api/v1/session/call") };
    let refused = || Server::start(Behaviour::AnswerAndClose(http("503 Service Unavailable", "", b"")));
    let request = || {
        let (id, body) = (Secret::new("session-1".to_owned()), ResultInfo::new());
        let profile = profile("https://gateway.example");
        let at = UnixTime::from_secs(1_790_000_000);
        Prepared::session(&SESSION, &body, &id, &profile, at).unwrap().request().clone()
    };
    assert!(request().needs_http2());
    let proxy = format!("http://{}", refused().await.address);
    let transport = ReqwestTransport::builder().extra_roots(ROOT).proxy(proxy).build().unwrap();
    let error = transport.send(request(), &PATIENT).await.unwrap_err();
    assert_eq!((error.kind(), error.sent()), (TransportErrorKind::Connect, Sent::No), "{error:?}");
    #[cfg(feature = "hyper")]
    {
        let proxy = format!("http://{}", refused().await.address);
        let transport =
            antom_transport::HyperTransport::builder().extra_roots(ROOT).proxy(proxy).build().unwrap();
        let error = transport.send(request(), &PATIENT).await.unwrap_err();
        assert_eq!((error.kind(), error.sent()), (TransportErrorKind::Connect, Sent::No), "{error:?}");
    }
}

#[test]
fn settings_that_cannot_work_are_refused() {
    let root = ReqwestTransport::builder().extra_roots("no certificate").build().unwrap_err();
    assert!(matches!(root, SetupError::Root(_)), "{root:?}");
    let proxy = ReqwestTransport::builder().extra_roots(ROOT).proxy("::pass-word").build().unwrap_err();
    assert!(matches!(proxy, SetupError::Proxy) && !proxy.to_string().contains("pass-word"), "{proxy:?}");
}
