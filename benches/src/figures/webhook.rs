use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Instant;

use antom::core::time::UnixTime;
use antom::webhook::WebhookHead;
use bytes::Bytes;
use http::Request;
use hyper::body::Incoming;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::call::runtime;
use crate::bound::server;
use crate::bound::wire::{Signs, Verifies, content, key_pair};
use crate::figure::{Figure, Goal};
use crate::fixture::{self, CLIENT_ID, GATEWAY_KEY, NOTIFY_PATH, now_text};
use crate::measure::{Effort, Pair, allocations, cpu, repeat};
use crate::ours;
use crate::peer::Peer;

pub(super) const DELIVERY: &[&str] = &["webhook: verify and read", "webhook: read", "webhook: allocations"];
pub(super) const SERVER: &[&str] = &["webhook server: requests a second", "webhook server: CPU a request"];

const CONNECTIONS: usize = 64;

pub(super) struct Delivery {
    time: String,
    signature: String,
    body: &'static [u8],
}

impl Delivery {
    pub(super) fn signed() -> Self {
        let (time, body) = (now_text(), fixture::notification().as_bytes());
        let signs = Signs::Ring(Box::new(key_pair(GATEWAY_KEY)));
        let signature = signs.header(&content(NOTIFY_PATH, &time, body));
        Self { time, signature, body }
    }

    /// The bytes of the whole request.
    pub(super) fn request(&self) -> Vec<u8> {
        let Self { time, signature, body } = self;
        let length = body.len();
        let mut request = format!(
            "POST {NOTIFY_PATH} HTTP/1.1\r\nhost: shop.example\r\nclient-id: {CLIENT_ID}\r\nrequest-time: {time}\r\n\
             signature: {signature}\r\ncontent-type: application/json; charset=UTF-8\r\ncontent-length: {length}\r\n\r\n"
        )
        .into_bytes();
        request.extend_from_slice(body);
        request
    }
}

/// From headers and bytes to a typed notification.
pub(super) fn delivery(effort: Effort) -> Vec<Figure> {
    let Delivery { time, signature, body } = Delivery::signed();
    let (verifier, key) = (ours::webhook_verifier(), Verifies::gateway());
    let now = UnixTime::from(std::time::SystemTime::now());
    let bytes = Bytes::from_static(body);
    let verify = || {
        let head = WebhookHead::new("POST", NOTIFY_PATH)
            .with_header("client-id", CLIENT_ID)
            .with_header("request-time", &time)
            .with_header("signature", &signature);
        verifier.verify(&head, bytes.clone(), now).expect("it is signed")
    };
    let verified = verify();
    let mut ours = repeat(|| verify().notification().expect("it fits"));
    let mut bound = repeat(|| server::read(&key, &time, &signature, body).expect("it is signed"));
    let read = repeat(|| verified.notification().expect("it fits"));
    let derive = repeat(|| {
        serde_json::from_slice::<crate::bound::messages::PaymentNotification>(body).expect("it fits")
    });
    vec![
        Figure::cpu("webhook: verify and read", cpu(effort, &mut ours, &mut bound), Goal::RatioAtMost(1.10)),
        Figure::cpu("webhook: read", cpu(effort, read, derive), Goal::None),
        Figure::plain(
            "webhook: allocations",
            allocations(&mut ours).0,
            allocations(&mut bound).0,
            "",
            Goal::None,
        ),
    ]
}

/// Servers under load from 64 connections, each kept busy.
pub(super) fn server(effort: Effort) -> Vec<Figure> {
    let ours = Peer::start(|| {
        let receiver = ours::receiver();
        move |request: Request<Incoming>| ours::take(receiver.clone(), request)
    });
    let bound = Peer::start(|| {
        let key = Arc::new(Verifies::gateway());
        move |request: Request<Incoming>| server::receive(key.clone(), request)
    });
    let request: Arc<[u8]> = Delivery::signed().request().into();
    let runtime = runtime();
    // About forty microseconds a request.
    let each = (effort.batch.as_micros() as usize * 10 / 40 / CONNECTIONS).max(2);
    let (rates, costs): (Vec<_>, Vec<_>) = runtime.block_on(async {
        let mut loads = (Load::open(ours.address).await, Load::open(bound.address).await);
        let mut rounds = Vec::new();
        for round in 0..=effort.rounds {
            let (first, second) = match round % 2 {
                0 => {
                    let first = loads.0.run(&ours, &request, each).await;
                    (first, loads.1.run(&bound, &request, each).await)
                }
                _ => {
                    let first = loads.1.run(&bound, &request, each).await;
                    (loads.0.run(&ours, &request, each).await, first)
                }
            };
            rounds.push(((first.0, second.0), (first.1, second.1)));
        }
        // The first round warms up.
        rounds.into_iter().skip(1).unzip()
    });
    let (rate, cost) = (Pair::of(&rates), Pair::of(&costs));
    let [rate_name, cost_name] = SERVER else { return Vec::new() };
    vec![
        Figure {
            ratio: rate.ratio,
            ..Figure::plain(rate_name, rate.ours, rate.bound, "/s", Goal::RatioAtLeast(0.95))
        },
        // The same without the neighbours' share: what a saturated server could do.
        Figure::cpu(cost_name, cost, Goal::RatioAtMost(1.0 / 0.95)),
    ]
}

/// Connections to one server.
pub(super) struct Load(Vec<TcpStream>);

impl Load {
    pub(super) async fn open(address: SocketAddr) -> Self {
        let mut streams = Vec::new();
        for _ in 0..CONNECTIONS {
            let stream = TcpStream::connect(address).await.expect("the server listens");
            stream.set_nodelay(true).expect("it is TCP");
            streams.push(stream);
        }
        Self(streams)
    }

    /// So many requests on each connection.
    pub(super) async fn ask(&mut self, request: &Arc<[u8]>, each: usize) {
        let busy: Vec<_> =
            self.0.drain(..).map(|stream| tokio::spawn(ask(stream, request.clone(), each))).collect();
        for stream in busy {
            self.0.push(stream.await.expect("the server answers"));
        }
    }

    /// Requests a second, and the server's nanoseconds for one.
    async fn run(&mut self, peer: &Peer, request: &Arc<[u8]>, each: usize) -> (f64, f64) {
        let (start, cpu) = (Instant::now(), peer.cpu().await);
        self.ask(request, each).await;
        let requests = (each * CONNECTIONS) as f64;
        (requests / start.elapsed().as_secs_f64(), (peer.cpu().await - cpu) / requests)
    }
}

/// Asks again and again on one connection.
async fn ask(mut stream: TcpStream, request: Arc<[u8]>, times: usize) -> TcpStream {
    let mut buffer = vec![0; 4096];
    for _ in 0..times {
        stream.write_all(&request).await.expect("the server reads");
        let mut filled = 0;
        loop {
            let free = buffer.get_mut(filled..).unwrap_or_default();
            let count = stream.read(free).await.expect("the server writes");
            filled += count;
            let answer = buffer.get(..filled).unwrap_or_default();
            assert!(count > 0 && answer.starts_with(b"HTTP/1.1 200 "), "{}", String::from_utf8_lossy(answer));
            // The last bytes of the acknowledgement.
            if answer.ends_with(b"\"success\"}}") {
                break;
            }
        }
    }
    stream
}
