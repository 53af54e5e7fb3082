use std::convert::Infallible;
use std::io::{BufRead as _, BufReader};
use std::process::{Child, ChildStdout, Stdio};
use std::sync::{Arc, Mutex};

use antom_sandbox::engine::BuyerAction;
use antom_sandbox::{Sandbox, SandboxConfig};
use http_body_util::{BodyExt as _, Full};
use hyper::body::{Bytes, Incoming};
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use serde_json::Value;
use tokio::net::TcpListener;

use super::{Ended, beside, command, run};

const ID: &str = "SANDBOX_5Y0000000000000001";

/// `antom-dev listen` in a process of its own; ended with the test, however it ends.
struct Listener {
    child: Child,
    lines: BufReader<ChildStdout>,
    url: String,
}

impl Drop for Listener {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Listener {
    fn start(arguments: &[&str]) -> Self {
        let mut command = command(&["listen", "--json", "--client-id", ID, "--published-key"]);
        let mut child = command.args(arguments).stdout(Stdio::piped()).spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap());
        let url = line(&mut lines)["listening"].as_str().unwrap().to_owned();
        Self { child, lines, url }
    }

    /// The next delivery it shows.
    fn next(&mut self) -> Value {
        line(&mut self.lines)
    }

    /// Waits for its own end, and says how it ended.
    fn end(mut self) -> Option<i32> {
        self.child.wait().unwrap().code()
    }
}

fn line(lines: &mut BufReader<ChildStdout>) -> Value {
    let mut line = String::new();
    lines.read_line(&mut line).unwrap();
    serde_json::from_str(&line).unwrap_or_else(|error| panic!("{error}: {line}"))
}

fn trigger(url: &str, arguments: &[&str]) -> Ended {
    let mut command = command(&["trigger"]);
    command.args(arguments).args(["--to", url, "--client-id", ID, "--json"]);
    super::end(command)
}

#[test]
fn what_trigger_sends_listen_verifies_shows_and_acknowledges() {
    let mut listener = Listener::start(&["--count", "4"]);
    let set = [
        "notifyPayment",
        "--set",
        "result.resultStatus=F",
        "--set",
        "paymentRequestId=order-42",
        "--duplicate",
        "1",
    ];
    let sent = trigger(&listener.url, &set);
    assert_eq!(sent.code, 0, "{}", sent.said());
    assert_eq!(sent.out.lines().count(), 2, "{}", sent.out);
    assert!(
        sent.out.lines().all(|line| line.contains(r#""acknowledged":true,"status":200"#)),
        "{}",
        sent.out
    );
    for repeat in [false, true] {
        let shown = listener.next();
        assert_eq!(
            (&shown["verified"], &shown["acknowledged"]),
            (&Value::from(true), &Value::from(true)),
            "{shown}"
        );
        assert_eq!(
            (&shown["kind"], &shown["repeat"]),
            (&Value::from("PaymentResult"), &Value::from(repeat)),
            "{shown}"
        );
        assert_eq!(
            (&shown["notification"], &shown["key_version"]),
            (&Value::from("notifyPayment"), &Value::from(1))
        );
        assert_eq!(shown["body"]["result"]["resultStatus"], "F", "{shown}");
        assert_eq!(shown["body"]["paymentRequestId"], "order-42", "{shown}");
    }
    // What is secret is hidden, and what is authentic but no JSON is acknowledged all the same.
    let sent = trigger(&listener.url, &["notifyAuthorization", "--set", "authCode=C0de"]);
    assert_eq!(sent.code, 0, "{}", sent.said());
    let shown = listener.next();
    assert_eq!(
        (&shown["kind"], &shown["body"]["authCode"]),
        (&Value::from("Authorization"), &Value::from("[secret]"))
    );
    assert!(!shown.to_string().contains("C0de"), "{shown}");
    let folder = super::Folder::new("webhooks-bytes");
    let bytes = folder.file("bytes", "no json at all");
    let sent = trigger(&listener.url, &["notifyPayment", "--body", &bytes]);
    assert_eq!(sent.code, 0, "{}", sent.said());
    assert!(listener.next()["kind"].as_str().unwrap().contains("does not fit its type"));
    assert_eq!(listener.end(), Some(0));
}

#[test]
fn what_is_spoiled_old_or_for_another_is_refused_and_why_is_shown() {
    let mut listener = Listener::start(&["--path", "/a", "--reveal"]);
    let url = listener.url.clone();
    let day = (27 * 3600).to_string();
    let elsewhere = url.replace("/a", "/b");
    let cases: [(&[&str], &str, u16, &str); 6] = [
        (&["--corrupt", "byte"], &url, 401, "signature"),
        (&["--corrupt", "signature"], &url, 401, "signature"),
        (&["--corrupt", "time"], &url, 401, "signature"),
        (&["--age", &day], &url, 401, "time"),
        (&["--client-id-is-below"], &url, 401, "client id"),
        (&[], &elsewhere, 404, "endpoint"),
    ];
    for (arguments, url, status, step) in cases {
        let sent = match arguments {
            ["--client-id-is-below"] => {
                run(&["trigger", "notifyRefund", "--to", url, "--client-id", "SANDBOX_OTHER", "--json"])
            }
            arguments => trigger(url, &[&["notifyRefund"], arguments].concat()),
        };
        assert_eq!(sent.code, 1, "{step}: {}", sent.said());
        assert_eq!(sent.json()["status"], status, "{step}: {}", sent.out);
        assert_eq!(sent.json()["acknowledged"], false);
        let shown = listener.next();
        assert_eq!(
            (&shown["verified"], &shown["acknowledged"]),
            (&Value::from(false), &Value::from(false)),
            "{shown}"
        );
        assert!(shown["step"].as_str().unwrap().contains(step), "{step}: {shown}");
        assert!(!shown["causes"].as_array().unwrap().is_empty(), "{shown}");
    }
    // Another key than the published one.
    let folder = super::Folder::new("webhooks-key");
    assert_eq!(run(&["keys", "new", "--private-key", &folder.path("key")]).code, 0);
    let sent = trigger(&url, &["notifyRefund", "--private-key", &folder.path("key"), "--key-version", "2"]);
    assert_eq!(sent.code, 1, "{}", sent.said());
    let shown = listener.next();
    assert!(shown["causes"][0].as_str().unwrap().contains("key version 2"), "{shown}");
    // With --reveal even what is secret is shown.
    assert_eq!(trigger(&url, &["notifyAuthorization", "--set", "authCode=C0de"]).code, 0);
    assert_eq!(listener.next()["body"]["authCode"], "C0de");
}

/// The headers that tell who sent a notification, and its body.
type Came = (Vec<String>, Bytes);

/// A shop behind the listener, which answers as it is told and keeps what came.
struct Shop {
    url: String,
    answers: Arc<Mutex<Vec<(u16, &'static str)>>>,
    came: Arc<Mutex<Vec<Came>>>,
}

const SUCCESS: &str = r#"{"result":{"resultCode":"SUCCESS","resultStatus":"S","resultMessage":"success"}}"#;

impl Shop {
    async fn open(answers: &[(u16, &'static str)]) -> Self {
        let answers = Arc::new(Mutex::new(answers.to_vec()));
        let came = Arc::new(Mutex::new(Vec::<Came>::new()));
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let url = format!("http://{}/shop", listener.local_addr().unwrap());
        let (answers_of, came_in) = (Arc::clone(&answers), Arc::clone(&came));
        tokio::spawn(async move {
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                let (answers, came) = (Arc::clone(&answers_of), Arc::clone(&came_in));
                let service = service_fn(move |request: Request<Incoming>| {
                    let (answers, came) = (Arc::clone(&answers), Arc::clone(&came));
                    async move {
                        let headers = ["client-id", "request-time", "signature", "content-type"]
                            .map(|name| request.headers()[name].to_str().unwrap().to_owned());
                        let body = request.into_body().collect().await.unwrap().to_bytes();
                        came.lock().unwrap().push((headers.to_vec(), body));
                        let (status, body) = answers.lock().unwrap().remove(0);
                        let response = Response::builder()
                            .status(status)
                            .body(Full::new(Bytes::from_static(body.as_bytes())));
                        Ok::<_, Infallible>(response.unwrap())
                    }
                });
                let connection = hyper::server::conn::http1::Builder::new()
                    .serve_connection(TokioIo::new(stream), service);
                tokio::spawn(async move { drop(connection.await) });
            }
        });
        Self { url, answers, came }
    }
}

#[tokio::test]
async fn only_what_the_other_receiver_acknowledged_is_acknowledged() {
    let shop = Shop::open(&[(500, ""), (200, "ok"), (302, SUCCESS), (200, SUCCESS)]).await;
    let mut listener = Listener::start(&["--forward", &shop.url]);
    for good in [false, false, false, true] {
        let mut command =
            command(&["trigger", "notifyCapture", "--to", &listener.url, "--client-id", ID, "--json"]);
        command.args(["--set", "captureId=capture-1"]);
        let sent = beside(command).await;
        assert_eq!(sent.code, i32::from(!good), "{}", sent.said());
        assert_eq!(sent.json()["status"], if good { 200 } else { 500 });
        let shown = listener.next();
        assert_eq!(
            (&shown["verified"], &shown["forwarded"]),
            (&Value::from(true), &Value::from(good)),
            "{shown}"
        );
        assert_eq!(shown["acknowledged"], good, "{shown}");
    }
    // What does not verify is not passed on.
    let command =
        command(&["trigger", "notifyCapture", "--to", &listener.url, "--client-id", ID, "--corrupt", "byte"]);
    assert_eq!(beside(command).await.code, 1);
    assert_eq!(listener.next()["verified"], false);
    assert!(shop.answers.lock().unwrap().is_empty());
    let came = shop.came.lock().unwrap();
    assert_eq!(came.len(), 4);
    // Byte for byte, with the headers that the other receiver needs to verify it itself.
    let (headers, body) = &came[3];
    assert_eq!(headers[0], ID);
    let folder = super::Folder::new("webhooks-forward");
    let body = folder.file("body", std::str::from_utf8(body).unwrap());
    let key = folder.file("key", antom::core::signature::sandbox_keys::GATEWAY_PUBLIC_KEY);
    let verified = run(&[
        "verify",
        "--path",
        "/antom/notify",
        "--client-id",
        ID,
        "--time",
        &headers[1],
        "--signature",
        &headers[2],
        "--public-key",
        &key,
        "--body",
        &body,
    ]);
    assert_eq!(verified.code, 0, "{}", verified.said());
}

#[tokio::test]
async fn the_sandbox_delivers_to_it() {
    let mut listener = Listener::start(&["--count", "1"]);
    let mut config = SandboxConfig::default();
    config.client_id = ID.into();
    config.notify_url = Some(listener.url.clone());
    let sandbox = Sandbox::start(config).await.unwrap();
    let client = antom::Client::builder()
        .gateway_url(sandbox.gateway_url())
        .client_id(ID)
        .private_key(sandbox.merchant_private_key().unwrap().expose().as_str())
        .gateway_key(1, sandbox.gateway_public_key())
        .build()
        .unwrap();
    let body = serde_json::json!({
        "customerBelongsTo": "ALIPAY_CN",
        "authRedirectUrl": "https://shop.example/back",
        "scopes": ["AGREEMENT_PAY"],
        "authState": "state-1",
        "terminalType": "WEB"
    });
    let consult = antom::Client::operation("authorizations/consult").unwrap();
    let outcome = client.call_raw(consult, body.to_string()).await.unwrap();
    let raw = outcome.reply().unwrap().verified().raw().clone();
    let answer: Value = serde_json::from_slice(&raw).unwrap();
    sandbox.buyer(answer["authUrl"].as_str().unwrap(), BuyerAction::Approve).unwrap();
    sandbox.idle().await;
    assert_eq!(sandbox.unacknowledged(), 0);
    assert_eq!(listener.next()["kind"], "Authorization");
    assert_eq!(listener.end(), Some(0));
}

#[test]
fn what_cannot_work_is_refused_with_its_reason() {
    for (arguments, said) in [
        (&["trigger", "nothing", "--to", "http://127.0.0.1:9/", "--client-id", ID][..], "trigger list"),
        (&["trigger", "notifyPayment", "--to", "http://127.0.0.1:9/", "--client-id", "5Y1"], "live account"),
        (&["trigger", "notifyPayment", "--client-id", ID], "--to"),
        (&["trigger", "notifyPayment", "--to", "here", "--client-id", ID], "--to"),
        (
            &["trigger", "notifyPayment", "--to", "http://127.0.0.1:9/", "--client-id", ID, "--set", "x"],
            "--set",
        ),
        (&["listen", "--client-id", ID, "--published-key", "--listen", "0.0.0.0:0"], "loopback"),
        (&["listen", "--client-id", "5Y1", "--published-key"], "published sandbox key"),
        (&["listen", "--client-id", ID, "--gateway-key", "no/such/file"], "no/such/file"),
        (
            &["listen", "--client-id", ID, "--published-key", "--forward", "http://shop.example/"],
            "another machine",
        ),
        (
            &[
                "listen",
                "--client-id",
                ID,
                "--published-key",
                "--forward",
                "http://shop.example/",
                "--forward-remote",
            ],
            "only https",
        ),
        (&["listen", "--client-id", ID, "--published-key", "--path", "no-slash"], "--path"),
    ] {
        let refused = run(arguments);
        assert_eq!(refused.code, 2, "{arguments:?}: {}", refused.said());
        assert!(refused.err.contains(said), "{arguments:?}: {}", refused.err);
    }
    let list = run(&["trigger", "list"]);
    assert!(list.code == 0 && list.out.contains("notifyDispute"), "{}", list.said());
    // Nobody listens: not acknowledged, which is what was asked.
    let silent = run(&["trigger", "notifyPayment", "--to", "http://127.0.0.1:1/", "--client-id", ID]);
    assert_eq!(silent.code, 1, "{}", silent.said());
    let shown = run(&["trigger", "PAYMENT_PENDING", "--dry-run", "--unset", "result", "--set", "new:=[1]"]);
    assert_eq!(shown.code, 0, "{}", shown.said());
    assert_eq!((shown.json()["new"].clone(), shown.json().get("result")), (serde_json::json!([1]), None));
    assert_eq!(shown.json()["notifyType"], "PAYMENT_PENDING");
}
