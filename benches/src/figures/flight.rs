use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use antom::core::api::payments::PayRequest;
use antom::transport::{HyperTransport, OffloadedSigner};
use antom::{Client, KeySource};
use tokio::runtime::Builder;
use tokio::sync::mpsc;

use crate::figure::{Figure, Goal};
use crate::fixture::{self, CLIENT_ID, GATEWAY_PUBLIC_KEY};
use crate::measure::{Effort, Pair, quantile};
use crate::ours;
use crate::peer::Peer;

pub(super) const NAMES: &[&str] = &["64 in flight: a task waits, p99", "64 in flight: calls a second"];

/// Signing offloaded against signing on the thread that drives the calls.
pub(super) fn run(effort: Effort) -> Vec<Figure> {
    let peer = Peer::gateway();
    let builder = || {
        let transport = HyperTransport::builder().build_loopback().expect("the transport starts");
        Client::builder()
            .gateway_url(&format!("http://{}", peer.address))
            .client_id(CLIENT_ID)
            .gateway_key(1, KeySource::text(GATEWAY_PUBLIC_KEY))
            .transport(transport)
    };
    let offloaded = builder().signer(OffloadedSigner::new(ours::signer())).build();
    let inline = builder().signer(ours::signer()).build();
    let (offloaded, inline) = (offloaded.expect("complete"), inline.expect("complete"));
    let request = Arc::new(ours::request(&fixture::pay_request()));
    let span = effort.batch * 15;
    let rounds: Vec<_> = (0..effort.rounds.div_ceil(4))
        .map(|_| (flight(&offloaded, &request, span), flight(&inline, &request, span)))
        .collect();
    let side = |get: fn(&Flight) -> f64| {
        Pair::of(&rounds.iter().map(|(ours, bound)| (get(ours), get(bound))).collect::<Vec<_>>())
    };
    let (wait, rate) = (side(|flight| flight.wait), side(|flight| flight.rate));
    let [wait_name, rate_name] = NAMES else { return Vec::new() };
    vec![
        Figure {
            ratio: wait.ratio,
            ..Figure::plain(wait_name, wait.ours, wait.bound, "ms", Goal::AtMost(2.0))
        },
        Figure { ratio: rate.ratio, ..Figure::plain(rate_name, rate.ours, rate.bound, "/s", Goal::None) },
    ]
}

struct Flight {
    /// Milliseconds until a task that has something to do runs: the 99th of 100.
    wait: f64,
    /// Calls a second.
    rate: f64,
}

/// Keeps 64 calls in flight on one thread, and asks a task beside them twice a millisecond how long it had
/// to wait for its turn.
fn flight(client: &Client, request: &Arc<PayRequest>, span: Duration) -> Flight {
    let runtime = Builder::new_current_thread().enable_all().build().expect("a runtime starts");
    let over = Arc::new(AtomicBool::new(false));
    let (ask, mut asked) = mpsc::unbounded_channel::<Instant>();
    let asking = over.clone();
    let asker = thread::spawn(move || {
        while !asking.load(Ordering::Relaxed) && ask.send(Instant::now()).is_ok() {
            thread::sleep(Duration::from_micros(500));
        }
    });
    let (waits, calls, took) = runtime.block_on(async {
        let start = Instant::now();
        let workers: Vec<_> = (0..64)
            .map(|_| {
                let (client, request, over) = (client.clone(), request.clone(), over.clone());
                tokio::spawn(async move {
                    let mut calls = 0_u32;
                    while !over.load(Ordering::Relaxed) {
                        ours::pay(&client, &request).await;
                        calls += 1;
                    }
                    calls
                })
            })
            .collect();
        let probe = tokio::spawn(async move {
            let mut waits = Vec::new();
            while let Some(since) = asked.recv().await {
                waits.push(since.elapsed().as_secs_f64() * 1000.0);
            }
            waits
        });
        tokio::time::sleep(span).await;
        over.store(true, Ordering::Relaxed);
        let mut calls = 0;
        for worker in workers {
            calls += worker.await.expect("calls succeed");
        }
        (probe.await.expect("the probe ends"), calls, start.elapsed())
    });
    asker.join().expect("the asker ends");
    Flight { wait: quantile(waits, 0.99), rate: f64::from(calls) / took.as_secs_f64() }
}
