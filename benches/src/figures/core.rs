use std::net::SocketAddr;

use antom::core::api::payments::{Pay, PayResponse};
use antom::core::call::Call;
use antom::core::codec::{Limits, ReadMessage};
use antom::core::signature::{PrivateKey, PublicKey};
use antom::core::time::UnixTime;
use antom::transport::HyperTransport;

use crate::figure::{Figure, Goal};
use crate::fixture::{self, GATEWAY_PUBLIC_KEY, MERCHANT_KEY};
use crate::measure::{Effort, allocations, cpu, repeat};
use crate::ours;

pub(super) const PARSE: &[&str] = &["response parse", "response parse, by derive"];
pub(super) const GROWTH: &[&str] = &["growth: time a kB", "growth: allocations at 60 kB"];
pub(super) const CLIENT: &[&str] = &["client built"];

/// A typed answer; the bound is a tree without types, and for comparison serde's derive.
pub(super) fn parse(effort: Effort) -> Vec<Figure> {
    let text = fixture::pay_response().as_bytes();
    let mut ours = repeat(|| PayResponse::from_json(text, &Limits::ANSWER).expect("it is one"));
    let tree = repeat(|| serde_json::from_slice::<serde_json::Value>(text).expect("it is JSON"));
    let derive =
        repeat(|| serde_json::from_slice::<crate::bound::messages::PayResponse>(text).expect("it is one"));
    vec![
        Figure::cpu("response parse", cpu(effort, &mut ours, tree), Goal::RatioAtMost(0.6)),
        Figure::cpu("response parse, by derive", cpu(effort, &mut ours, derive), Goal::None),
    ]
}

/// A prepared request without its signature: a kilobyte of 60 against one of 15, which hold the same mixture
/// of members.
pub(super) fn growth(effort: Effort) -> Vec<Figure> {
    let profile = ours::profile(SocketAddr::from(([127, 0, 0, 1], 1)));
    let at = UnixTime::from_secs(1_772_360_430);
    let (small, large) = (fixture::pay_request_of(15_000), fixture::pay_request_of(60_000));
    let per_kb = |text: &str| text.len() as f64 / 1000.0;
    let (small_kb, large_kb) = (per_kb(&small), per_kb(&large));
    let (small, large) = (ours::request(&small), ours::request(&large));
    let mut at_large = repeat(|| Call::<Pay, _>::new(&large, &profile, at).expect("it has a form"));
    let at_small = repeat(|| Call::<Pay, _>::new(&small, &profile, at).expect("it has a form"));
    let usual = ours::request(&fixture::pay_request());
    let mut at_usual = repeat(|| Call::<Pay, _>::new(&usual, &profile, at).expect("it has a form"));
    let mut pair = cpu(effort, &mut at_large, at_small);
    pair.ours /= large_kb;
    pair.bound /= small_kb;
    pair.ratio *= small_kb / large_kb;
    vec![
        Figure::cpu("growth: time a kB", pair, Goal::RatioAtMost(1.06)),
        Figure::plain(
            "growth: allocations at 60 kB",
            allocations(&mut at_large).0,
            allocations(&mut at_usual).0,
            "",
            // The buffer grows once.
            Goal::AtMostMore(1.0),
        ),
    ]
}

/// A client with keys as text; the bound is the loading of the keys alone.
pub(super) fn client(effort: Effort) -> Vec<Figure> {
    let transport = HyperTransport::builder().build_loopback().expect("the transport starts");
    let peer = SocketAddr::from(([127, 0, 0, 1], 1));
    let ours = repeat(|| ours::client(peer, transport.clone()));
    let keys = repeat(|| {
        let key = PrivateKey::parse(MERCHANT_KEY).expect("the key is one");
        let signer = antom::core::signature::RsaSigner::new(&key, Default::default()).expect("it signs");
        (signer, PublicKey::parse(GATEWAY_PUBLIC_KEY).expect("the key is one"))
    });
    vec![Figure::cpu("client built", cpu(effort, ours, keys), Goal::AtMostMore(100.0))]
}
