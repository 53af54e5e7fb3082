//! The proxies of the environment. An environment is a process's own, so each test runs itself once more,
//! as a child with the variables set.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, TcpListener};
use std::process::Command;
use std::thread;

use antom_core::call::{OperationInfo, OutgoingRequest, Prepared, Repeat, SandboxPath, SendOptions};
use antom_core::call::{Sent, TransportError, TransportErrorKind, TransportKind};
use antom_core::profile::{Credentials, Gateway, Profile};
use antom_core::signature::{ClientId, KeyVersion, Signature};
use antom_core::time::UnixTime;
use antom_transport::{BlockingTransport, HyperTransport, ReqwestTransport, Transport, UreqTransport};

static OPERATION: OperationInfo = OperationInfo {
    id: "test/call",
    path: "/ams/api/v1/test/call",
    group: "test",
    repeat: Repeat::Never,
    inquiry: None,
    echoes: &[],
    moves_money: false,
    sandbox: SandboxPath::Keep,
    transport: TransportKind::Json,
    docs: "",
};

fn request() -> OutgoingRequest {
    let credentials = Credentials::Rsa {
        client_id: ClientId::new("SANDBOX_1").unwrap(),
        key_version: KeyVersion::default(),
    };
    // A name that never resolves: whoever does not ask the proxy gets nowhere.
    let profile = Profile::new(credentials, Gateway::parse("https://gateway.invalid").unwrap());
    let mut prepared =
        Prepared::raw(&OPERATION, b"{}", Vec::new(), &profile, UnixTime::from_secs(1)).unwrap();
    prepared.attach(&Signature::new(vec![1]));
    prepared.request().clone()
}

fn block_on<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(future)
}

fn send(backend: &str) -> TransportError {
    let options = SendOptions::DEFAULT;
    match backend {
        "hyper" => block_on(HyperTransport::new().unwrap().send(request(), &options)),
        "reqwest" => block_on(ReqwestTransport::new().unwrap().send(request(), &options)),
        _ => UreqTransport::new().unwrap().send(request(), &options),
    }
    .unwrap_err()
}

const CHILD: &str = "ANTOM_TEST_BACKEND";

/// The child's part: one call, which the proxy refuses or nobody answers.
#[test]
fn child() {
    let Ok(backend) = std::env::var(CHILD) else { return };
    let error = send(&backend);
    assert_eq!((error.kind(), error.sent()), (TransportErrorKind::Connect, Sent::No), "{error:?}");
}

/// Starts a child with this environment; gives what a proxy was asked for, if one was asked.
fn asked(backend: &str, variable: &str, no_proxy: Option<&str>) -> Option<String> {
    let proxy = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let url = format!("http://{}", proxy.local_addr().unwrap());
    let mut command = Command::new(std::env::current_exe().unwrap());
    for name in [
        "HTTPS_PROXY",
        "https_proxy",
        "HTTP_PROXY",
        "http_proxy",
        "ALL_PROXY",
        "all_proxy",
        "NO_PROXY",
        "no_proxy",
    ] {
        command.env_remove(name);
    }
    command.args(["--exact", "child"]).env(CHILD, backend).env(variable, url);
    if let Some(hosts) = no_proxy {
        command.env("NO_PROXY", hosts);
    }
    let address = proxy.local_addr().unwrap();
    let listening = thread::spawn(move || {
        let (mut stream, _) = proxy.accept().unwrap();
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            let mut byte = [0];
            if stream.read(&mut byte).unwrap() == 0 {
                return None;
            }
            head.extend_from_slice(&byte);
        }
        stream.write_all(b"HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\n\r\n").unwrap();
        Some(String::from_utf8(head).unwrap())
    });
    let output = command.output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
    assert!(String::from_utf8_lossy(&output.stdout).contains("1 passed"));
    // Wakes the listener if nobody came.
    drop(std::net::TcpStream::connect(address));
    listening.join().unwrap()
}

fn follows_the_environment(backend: &str) {
    let connect = "CONNECT gateway.invalid:443 HTTP/1.1\r\n";
    for variable in ["HTTPS_PROXY", "https_proxy", "ALL_PROXY"] {
        let head = asked(backend, variable, None);
        assert!(
            head.as_ref().is_some_and(|head| head.starts_with(connect)),
            "{backend}, {variable}: {head:?}"
        );
    }
    assert_eq!(asked(backend, "HTTPS_PROXY", Some("gateway.invalid")), None, "{backend}, NO_PROXY");
}

#[test]
fn hyper() {
    follows_the_environment("hyper");
}

#[test]
fn reqwest() {
    follows_the_environment("reqwest");
}

#[test]
fn ureq() {
    follows_the_environment("ureq");
}
