//! The proxies of the environment. An environment is a process's own, so each test runs itself once more,
//! as a child with the variables set.
#![allow(clippy::unwrap_used)]

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

/// A name that never resolves: whoever does not ask the proxy gets nowhere.
const UNREACHABLE: &str = "https://gateway.invalid";

fn request(gateway: &str) -> OutgoingRequest {
    let credentials = Credentials::Rsa {
        client_id: ClientId::new("SANDBOX_1").unwrap(),
        key_version: KeyVersion::default(),
    };
    let profile = Profile::new(credentials, Gateway::parse(gateway).unwrap());
    let mut prepared =
        Prepared::raw(&OPERATION, b"{}", Vec::new(), &profile, UnixTime::from_secs(1)).unwrap();
    prepared.attach(&Signature::new(vec![1]));
    prepared.request().clone()
}

fn block_on<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(future)
}

/// `None` if the transport could not be built.
fn send(backend: &str, gateway: &str) -> Option<TransportError> {
    let (request, options) = (request(gateway), SendOptions::DEFAULT);
    let result = match backend {
        "hyper" => block_on(HyperTransport::new().ok()?.send(request, &options)),
        "reqwest" => block_on(ReqwestTransport::new().ok()?.send(request, &options)),
        _ => UreqTransport::new().ok()?.send(request, &options),
    };
    Some(result.unwrap_err())
}

const CHILD: &str = "ANTOM_TEST_BACKEND";
const GATEWAY: &str = "ANTOM_TEST_GATEWAY";

/// The child's part: one call that is never sent.
#[test]
fn child() {
    let Ok(backend) = std::env::var(CHILD) else { return };
    match std::env::var(GATEWAY) {
        Ok(gateway) => {
            if let Some(error) = send(&backend, &gateway) {
                assert_eq!(error.sent(), Sent::No, "{error:?}");
            }
        }
        Err(_) => {
            let error = send(&backend, UNREACHABLE).unwrap();
            assert_eq!((error.kind(), error.sent()), (TransportErrorKind::Connect, Sent::No), "{error:?}");
        }
    }
}

/// The child, with no proxy in its environment yet.
fn command(backend: &str) -> Command {
    let mut command = Command::new(std::env::current_exe().unwrap());
    for name in ["HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY", "NO_PROXY"] {
        command.env_remove(name).env_remove(name.to_lowercase());
    }
    command.args(["--exact", "child"]).env(CHILD, backend);
    command
}

fn run(command: &mut Command) {
    let output = command.output().unwrap();
    let shown = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success() && shown.contains("1 passed"), "{shown}");
}

/// Starts a child with this environment; gives what a proxy was asked for, if one was asked.
fn asked(backend: &str, variable: &str, no_proxy: Option<&str>) -> Option<String> {
    let proxy = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let url = format!("http://{}", proxy.local_addr().unwrap());
    let mut command = command(backend);
    command.env(variable, url);
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
    run(&mut command);
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

/// Going straight to the gateway is not what a proxy was set for.
#[test]
fn a_proxy_that_cannot_be_used_is_not_passed_over() {
    for backend in ["hyper", "reqwest", "ureq"] {
        for scheme in ["socks4", "socks5"] {
            let gateway = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
            let url = format!("https://{}", gateway.local_addr().unwrap());
            run(command(backend).env(GATEWAY, url).env("ALL_PROXY", format!("{scheme}://127.0.0.1:1")));
            gateway.set_nonblocking(true).unwrap();
            assert!(gateway.accept().is_err(), "{backend} passed the {scheme} proxy over");
        }
    }
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
