//! The same pieces under criterion, for a person who changes one of them: `cargo bench -p antom-benches`.
#![allow(missing_docs, reason = "criterion's macros write functions without any")]
#![allow(clippy::expect_used, reason = "a measurement that fails has nothing to report")]

use std::hint::black_box;
use std::net::SocketAddr;

use antom::core::api::payments::{Pay, PayResponse};
use antom::core::call::Call;
use antom::core::codec::{Limits, Message, ReadMessage};
use antom::core::signature::{Signer, Verifier};
use antom::core::time::UnixTime;
use antom_benches::bound::messages;
use antom_benches::bound::wire::{Signs, Verifies, content, key_pair, raw_sign};
use antom_benches::{fixture, ours};
use criterion::{Criterion, Throughput, criterion_group, criterion_main};

fn signatures(criterion: &mut Criterion) {
    let body = fixture::pay_request().into_bytes();
    let content = content(fixture::PAY_PATH, "1772360430000", &body);
    let pair = key_pair(fixture::MERCHANT_KEY);
    let mut group = criterion.benchmark_group("sign");
    let signer = ours::signer();
    group.bench_function("ours", |bencher| bencher.iter(|| signer.sign(black_box(&content))));
    group.bench_function("ring", |bencher| bencher.iter(|| raw_sign(&pair, black_box(&content))));
    group.finish();

    let gateway = key_pair(fixture::GATEWAY_KEY);
    let signature = antom::core::signature::Signature::new(raw_sign(&gateway, &content));
    let header = Signs::Ring(Box::new(gateway)).header(&content);
    let (keys, key) = (ours::keyring(), Verifies::gateway());
    let mut group = criterion.benchmark_group("verify");
    group.bench_function("ours", |bencher| {
        bencher.iter(|| keys.verify(None, black_box(&content), &signature))
    });
    group.bench_function("by hand", |bencher| bencher.iter(|| key.holds(black_box(&header), &content)));
    group.finish();
}

fn messages(criterion: &mut Criterion) {
    let text = fixture::pay_response().as_bytes();
    let mut group = criterion.benchmark_group("read an answer");
    group.throughput(Throughput::Bytes(text.len() as u64));
    group.bench_function("ours", |bencher| {
        bencher.iter(|| PayResponse::from_json(black_box(text), &Limits::ANSWER).expect("it is one"));
    });
    group.bench_function("derive", |bencher| {
        bencher.iter(|| serde_json::from_slice::<messages::PayResponse>(black_box(text)).expect("it is one"));
    });
    group.bench_function("tree", |bencher| {
        bencher.iter(|| serde_json::from_slice::<serde_json::Value>(black_box(text)).expect("it is JSON"));
    });
    group.finish();

    let profile = ours::profile(SocketAddr::from(([127, 0, 0, 1], 1)));
    let at = UnixTime::from_secs(1_772_360_430);
    for (name, text) in [("2.3 kB", fixture::pay_request()), ("60 kB", fixture::pay_request_of(60_000))] {
        let request = ours::request(&text);
        let bound: messages::PayRequest = serde_json::from_str(&text).expect("it is one");
        let mut group = criterion.benchmark_group(format!("write a request of {name}"));
        group.throughput(Throughput::Bytes(text.len() as u64));
        group.bench_function("message", |bencher| bencher.iter(|| black_box(&request).to_json()));
        group.bench_function("call", |bencher| {
            bencher.iter(|| Call::<Pay, _>::new(black_box(&request), &profile, at).expect("it has a form"));
        });
        group.bench_function("derive", |bencher| {
            bencher.iter(|| serde_json::to_vec(black_box(&bound)).expect("it is JSON"));
        });
        group.finish();
    }
}

criterion_group!(groups, signatures, messages);
criterion_main!(groups);
