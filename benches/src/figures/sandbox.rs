//! The sandbox; the bound is a handler by hand that verifies the request and signs a ready answer.

use std::net::SocketAddr;
use std::sync::Arc;
use std::thread;
use std::time::Instant;

use antom_sandbox::engine::KeySet;
use antom_sandbox::{Sandbox, SandboxConfig};
use bytes::Bytes;
use http::{Request, Response};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tokio::sync::{mpsc, oneshot};

use super::call::runtime;
use crate::bound::wire::{Signs, Verifies, content, key_pair, public_key};
use crate::figure::{Figure, Goal};
use crate::fixture::{self, CLIENT_ID, GATEWAY_KEY, MERCHANT_PUBLIC_KEY, PAY_PATH, now_text};
use crate::measure::{Effort, Pair, median, thread_cpu};
use crate::peer::{Peer, signed};

pub(super) const NAMES: &[&str] = &["sandbox: start", "sandbox: CPU a request"];

pub(super) fn run(effort: Effort) -> Vec<Figure> {
    let [start, cost] = NAMES else { return Vec::new() };
    let runtime = runtime();
    let milliseconds = |since: Instant| since.elapsed().as_secs_f64() * 1000.0;
    let starts = (0..9).map(|_| {
        let began = Instant::now();
        let sandbox = runtime.block_on(Sandbox::start(SandboxConfig::default())).expect("it starts");
        let took = milliseconds(began);
        runtime.block_on(sandbox.shutdown());
        took
    });
    // The bound: the keys are read.
    let keys = (0..9).map(|_| {
        let began = Instant::now();
        std::hint::black_box(KeySet::published().expect("they are keys"));
        milliseconds(began)
    });
    let start = Figure::plain(start, median(starts), median(keys), "ms", Goal::AtMost(300.0));
    let (sandbox, bound) = (Side::sandbox(), Side::by_hand());
    let times = (effort.batch.as_millis() as usize).max(10);
    let mut signer = Ids { next: 0, signs: Signs::merchant() };
    let rounds: Vec<_> = (0..effort.rounds.min(21))
        .map(|round| {
            // Each side gets requests of its own: a repeated one would be answered from memory.
            let (first, second) = (signer.requests(times), signer.requests(times));
            match round % 2 {
                0 => {
                    let ours = runtime.block_on(sandbox.cost(&first));
                    (ours, runtime.block_on(bound.cost(&second)))
                }
                _ => {
                    let bound = runtime.block_on(bound.cost(&first));
                    (runtime.block_on(sandbox.cost(&second)), bound)
                }
            }
        })
        .skip(1)
        .collect();
    vec![start, Figure::cpu(cost, Pair::of(&rounds), Goal::RatioAtMost(1.4))]
}

/// A signed request, ready to be sent.
struct Ready {
    time: String,
    signature: String,
    body: Bytes,
}

struct Ids {
    next: u32,
    signs: Signs,
}

impl Ids {
    fn requests(&mut self, count: usize) -> Vec<Ready> {
        let template: serde_json::Map<_, _> =
            serde_json::from_str(&fixture::pay_request()).expect("the request is an object");
        let ready = |number: u32| {
            let mut request = template.clone();
            request.insert("paymentRequestId".into(), format!("BENCH-{number}").into());
            let body = serde_json::to_vec(&request).expect("it is JSON");
            let (time, body) = (now_text(), Bytes::from(body));
            let signature = self.signs.header(&content(PAY_PATH, &time, &body));
            Ready { time, signature, body }
        };
        let numbers = self.next..self.next + count as u32;
        self.next = numbers.end;
        numbers.map(ready).collect()
    }
}

/// A server on a thread of its own.
enum Side {
    Ours { address: SocketAddr, questions: mpsc::UnboundedSender<oneshot::Sender<f64>> },
    ByHand(Peer),
}

impl Side {
    fn sandbox() -> Self {
        let (questions, mut asked) = mpsc::unbounded_channel::<oneshot::Sender<f64>>();
        let (tell, told) = std::sync::mpsc::channel();
        thread::spawn(move || {
            runtime().block_on(async move {
                let mut config = SandboxConfig::default();
                config.client_id = CLIENT_ID.into();
                let sandbox = Sandbox::start(config).await.expect("it starts");
                tell.send(sandbox.address()).expect("the starter waits");
                while let Some(question) = asked.recv().await {
                    let _ = question.send(thread_cpu());
                }
            });
        });
        Self::Ours { address: told.recv().expect("it starts"), questions }
    }

    fn by_hand() -> Self {
        Self::ByHand(Peer::start(|| {
            let key = Arc::new(Verifies::Ring(public_key(MERCHANT_PUBLIC_KEY)));
            let signs = Arc::new(Signs::Ring(Box::new(key_pair(GATEWAY_KEY))));
            move |request: Request<Incoming>| answer(Arc::clone(&key), Arc::clone(&signs), request)
        }))
    }

    fn address(&self) -> SocketAddr {
        match self {
            Self::Ours { address, .. } => *address,
            Self::ByHand(peer) => peer.address,
        }
    }

    async fn cpu(&self) -> f64 {
        match self {
            Self::ByHand(peer) => peer.cpu().await,
            Self::Ours { questions, .. } => {
                let (question, answer) = oneshot::channel();
                questions.send(question).expect("it lives");
                answer.await.expect("it answers")
            }
        }
    }

    /// The server's nanoseconds for one request.
    async fn cost(&self, requests: &[Ready]) -> f64 {
        let stream = TcpStream::connect(self.address()).await.expect("it listens");
        stream.set_nodelay(true).expect("it is TCP");
        let (mut sender, connection) =
            hyper::client::conn::http1::handshake(TokioIo::new(stream)).await.expect("it speaks HTTP");
        tokio::spawn(connection);
        let before = self.cpu().await;
        for Ready { time, signature, body } in requests {
            let request = Request::post(PAY_PATH)
                .header("host", "sandbox")
                .header("client-id", CLIENT_ID)
                .header("request-time", time)
                .header("signature", signature)
                .header("content-type", "application/json; charset=UTF-8")
                .body(Full::new(body.clone()))
                .expect("the request is one");
            let (head, body) = sender.send_request(request).await.expect("it answers").into_parts();
            let body = body.collect().await.expect("the answer is whole").to_bytes();
            assert!(head.headers.contains_key("signature"), "{}", String::from_utf8_lossy(&body));
        }
        (self.cpu().await - before) / requests.len() as f64
    }
}

async fn answer(
    key: Arc<Verifies>,
    signs: Arc<Signs>,
    request: Request<Incoming>,
) -> Result<Response<Full<Bytes>>, std::convert::Infallible> {
    let (head, body) = request.into_parts();
    let body = body.collect().await.expect("the request is whole").to_bytes();
    let text = |name: &str| head.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
    assert!(key.holds(text("signature"), &content(PAY_PATH, text("request-time"), &body)), "it is signed");
    let (time, body) = (now_text(), Bytes::from_static(fixture::pay_response().as_bytes()));
    let signature = signs.header(&content(PAY_PATH, &time, &body));
    Ok(signed(time, signature, body))
}
