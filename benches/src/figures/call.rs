use std::future::Future;
use std::time::Duration;

use antom::transport::{HyperTransport, ReqwestTransport};
use tokio::runtime::{Builder, Runtime};

use crate::bound::client::{HyperBound, ReqwestBound, Signing};
use crate::bound::messages;
use crate::figure::{Figure, Goal};
use crate::fixture;
use crate::measure::{Effort, allocations, cpu};
use crate::ours::{self, WithoutRsa};
use crate::peer::Peer;

pub(super) const HYPER: &[&str] =
    &["call, hyper", "call, hyper: allocations", "call, hyper: kB", "call, hyper: connections"];
pub(super) const REQWEST: &[&str] = &["call, reqwest", "call, reqwest: allocations"];
pub(super) const WITHOUT_RSA: &[&str] =
    &["call, hyper, no RSA", "call, hyper, no RSA, timed", "call, reqwest, no RSA"];

/// One thread, as the figures are the processor time of the calling one.
pub(super) fn runtime() -> Runtime {
    Builder::new_current_thread().enable_all().build().expect("a runtime starts")
}

fn bound_request() -> messages::PayRequest {
    serde_json::from_str(&fixture::pay_request()).expect("the request is one")
}

/// Calls one after another.
fn calls<'a, F: Future>(runtime: &'a Runtime, call: impl Fn() -> F + 'a) -> impl FnMut(u32) + 'a {
    move |times| {
        runtime.block_on(async {
            for _ in 0..times {
                std::hint::black_box(call().await);
            }
        });
    }
}

fn hyper_transport() -> HyperTransport {
    HyperTransport::builder().build_loopback().expect("the transport starts")
}

fn reqwest_transport() -> ReqwestTransport {
    ReqwestTransport::builder().build_loopback().expect("the transport starts")
}

pub(super) fn hyper(effort: Effort) -> Vec<Figure> {
    let (peer, other, runtime) = (Peer::gateway(), Peer::gateway(), runtime());
    let (request, by_hand) = (ours::request(&fixture::pay_request()), bound_request());
    let client = ours::client(peer.address, hyper_transport());
    let bound = HyperBound::new(other.address, Signing::rsa());
    let mut ours = calls(&runtime, || ours::pay(&client, &request));
    let mut bound = calls(&runtime, || bound.pay(&by_hand));
    let time = cpu(effort, &mut ours, &mut bound);
    let ((count, bytes), (bound_count, bound_bytes)) = (allocations(&mut ours), allocations(&mut bound));
    vec![
        Figure::cpu("call, hyper", time, Goal::RatioAtMost(1.03)),
        Figure::plain("call, hyper: allocations", count, bound_count, "", Goal::AtMost(80.0)),
        Figure::plain("call, hyper: kB", bytes / 1000.0, bound_bytes / 1000.0, "kB", Goal::AtMost(36.0)),
        Figure::plain(
            "call, hyper: connections",
            peer.accepted() as f64,
            other.accepted() as f64,
            "",
            Goal::AtMost(1.0),
        ),
    ]
}

pub(super) fn reqwest(effort: Effort) -> Vec<Figure> {
    let (peer, runtime) = (Peer::gateway(), runtime());
    let (request, by_hand) = (ours::request(&fixture::pay_request()), bound_request());
    let client = ours::client(peer.address, reqwest_transport());
    let bound = ReqwestBound::new(peer.address, Signing::rsa());
    let mut ours = calls(&runtime, || ours::pay(&client, &request));
    let mut bound = calls(&runtime, || bound.pay(&by_hand));
    let time = cpu(effort, &mut ours, &mut bound);
    let (count, bound_count) = (allocations(&mut ours).0, allocations(&mut bound).0);
    vec![
        Figure::cpu("call, reqwest", time, Goal::RatioAtMost(1.05)),
        Figure::plain("call, reqwest: allocations", count, bound_count, "", Goal::AtMost(120.0)),
    ]
}

pub(super) fn without_rsa(effort: Effort) -> Vec<Figure> {
    let (peer, runtime) = (Peer::gateway(), runtime());
    let (request, by_hand) = (ours::request(&fixture::pay_request()), bound_request());
    let (hyper, reqwest) = (
        WithoutRsa::new(peer.address, hyper_transport()),
        WithoutRsa::new(peer.address, reqwest_transport()),
    );
    let bound_hyper = HyperBound::new(peer.address, Signing::nothing());
    let bound_reqwest = ReqwestBound::new(peer.address, Signing::nothing());
    let mut hyper = calls(&runtime, || hyper.pay(&request));
    let bare = cpu(effort, &mut hyper, calls(&runtime, || bound_hyper.pay(&by_hand)));
    // A limit that is the next to end has tokio write to its own wake-up descriptor and read it again. No
    // client without limits should be used, so this is the bound that a program could reach.
    let limit = Duration::from_secs(10);
    let timed = calls(&runtime, || tokio::time::timeout(limit, bound_hyper.pay(&by_hand)));
    let timed = cpu(effort, &mut hyper, timed);
    let reqwest = cpu(
        effort,
        calls(&runtime, || reqwest.pay(&request)),
        calls(&runtime, || bound_reqwest.pay(&by_hand)),
    );
    vec![
        Figure::cpu("call, hyper, no RSA", bare, Goal::RatioAtMost(1.15)),
        Figure::cpu("call, hyper, no RSA, timed", timed, Goal::RatioAtMost(1.15)),
        Figure::cpu("call, reqwest, no RSA", reqwest, Goal::RatioAtMost(1.15)),
    ]
}
