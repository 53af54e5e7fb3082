//! Pieces of work without RSA in the way, each as one closure a side: what instructions are counted of.

use std::net::SocketAddr;

use antom::core::api::payments::{Pay, PayResponse};
use antom::core::call::Call;
use antom::core::codec::{Limits, ReadMessage};
use antom::core::signature::{KeyVersion, Signer as _, Verifier as _, content, header};
use antom::core::time::{UnixTime, WireTime};
use antom::transport::{HyperTransport, ReqwestTransport};
use antom::webhook::{WebhookHead, WebhookVerifier};
use bytes::Bytes;

use crate::bound::client::{HyperBound, ReqwestBound, Signing};
use crate::bound::messages;
use crate::bound::server;
use crate::bound::wire::{self, Signs, Verifies};
use crate::fixture::{self, CLIENT_ID, GATEWAY_KEY, MERCHANT_KEY, NOTIFY_PATH, PAY_PATH, now_text};
use crate::measure::repeat;
use crate::ours::{self, Nothing, WithoutRsa};
use crate::peer::Peer;

/// The pieces.
pub const NAMES: [&str; 8] =
    ["parse", "prepare", "growth", "sign", "verify", "deliver", "call-hyper", "call-reqwest"];

/// A side of a piece: repeats it so often.
pub type Side = Box<dyn FnMut(u32)>;

/// Finds a piece's side.
#[must_use]
pub fn find(name: &str, ours: bool) -> Option<Side> {
    Some(match (name, ours) {
        ("parse", true) => {
            let text = fixture::pay_response().as_bytes();
            Box::new(repeat(|| PayResponse::from_json(text, &Limits::ANSWER).expect("it is one")))
        }
        ("parse", false) => {
            let text = fixture::pay_response().as_bytes();
            Box::new(repeat(|| serde_json::from_slice::<serde_json::Value>(text).expect("it is JSON")))
        }
        ("prepare", true) => {
            let request = ours::request(&fixture::pay_request());
            let profile = ours::profile(SocketAddr::from(([127, 0, 0, 1], 1)));
            let at = UnixTime::from_secs(1_772_360_430);
            Box::new(repeat(move || Call::<Pay, _>::new(&request, &profile, at).expect("it has a form")))
        }
        ("prepare", false) => {
            let request = bound_request();
            Box::new(repeat(move || {
                let body = serde_json::to_vec(&request).expect("it is JSON");
                (wire::content(PAY_PATH, &now_text(), &body), body)
            }))
        }
        // Both sides are ours: sixteen times the body beside once, of the same mixture of members.
        ("growth", large) => {
            let text = fixture::pay_request_of(if large { 240_000 } else { 15_000 });
            let (request, profile) =
                (ours::request(&text), ours::profile(SocketAddr::from(([127, 0, 0, 1], 1))));
            let at = UnixTime::from_secs(1_772_360_430);
            Box::new(repeat(move || Call::<Pay, _>::new(&request, &profile, at).expect("it has a form")))
        }
        ("sign", true) => {
            let body = fixture::pay_request().into_bytes();
            let (id, time) = (ours::client_id(), WireTime::epoch_ms(UnixTime::from_secs(1_772_360_430)));
            let signer = ours::signer();
            Box::new(repeat(move || {
                let signed =
                    signer.sign(&content("POST", PAY_PATH, &id, &time, &body)).expect("the key signs");
                header::render(&signed, KeyVersion::FIRST)
            }))
        }
        ("sign", false) => {
            let (pair, time) = (wire::key_pair(MERCHANT_KEY), "1772360430000");
            let ready = wire::content(PAY_PATH, time, fixture::pay_request().as_bytes());
            Box::new(repeat(move || wire::raw_sign(&pair, &ready)))
        }
        ("verify", ours_side) => {
            let (body, time) = (fixture::notification().as_bytes(), "1772360430000");
            let ready = wire::content(PAY_PATH, time, body);
            let pair = wire::key_pair(GATEWAY_KEY);
            let signature = wire::raw_sign(&pair, &ready);
            if !ours_side {
                let key = wire::public_key(fixture::GATEWAY_PUBLIC_KEY);
                return Some(Box::new(repeat(move || key.verify(&ready, &signature).expect("it holds"))));
            }
            let text = Signs::Ring(Box::new(pair)).header(&ready);
            let (keys, id) = (ours::keyring(), ours::client_id());
            let time = WireTime::parse(time).expect("it is one");
            Box::new(repeat(move || {
                let header = header::parse(&text).expect("the header is one");
                let (hint, content) = (header.key_version, content("POST", PAY_PATH, &id, &time, body));
                let signature = header.into_signature().expect("it is base64");
                keys.verify(hint, &content, &signature).expect("it holds")
            }))
        }
        ("deliver", true) => deliver(),
        ("deliver", false) => {
            let (time, body) = (now_text(), fixture::notification().as_bytes());
            let signature = Signs::Nothing.header(b"");
            Box::new(repeat(move || {
                server::read(&Verifies::Nothing, &time, &signature, body).expect("it holds")
            }))
        }
        ("call-hyper", true) => {
            let transport = HyperTransport::builder().build_loopback().expect("the transport starts");
            let caller = WithoutRsa::new(Peer::gateway().address, transport);
            let (runtime, request) = (runtime(), ours::request(&fixture::pay_request()));
            Box::new(repeat(move || runtime.block_on(caller.pay(&request))))
        }
        ("call-hyper", false) => {
            let caller = HyperBound::new(Peer::gateway().address, Signing::nothing());
            let (runtime, request) = (runtime(), bound_request());
            Box::new(repeat(move || runtime.block_on(caller.pay(&request))))
        }
        ("call-reqwest", true) => {
            let transport = ReqwestTransport::builder().build_loopback().expect("the transport starts");
            let caller = WithoutRsa::new(Peer::gateway().address, transport);
            let (runtime, request) = (runtime(), ours::request(&fixture::pay_request()));
            Box::new(repeat(move || runtime.block_on(caller.pay(&request))))
        }
        ("call-reqwest", false) => {
            let caller = ReqwestBound::new(Peer::gateway().address, Signing::nothing());
            let (runtime, request) = (runtime(), bound_request());
            Box::new(repeat(move || runtime.block_on(caller.pay(&request))))
        }
        _ => return None,
    })
}

fn deliver() -> Side {
    let (time, body) = (now_text(), Bytes::from_static(fixture::notification().as_bytes()));
    let signature = Signs::Nothing.header(b"");
    let verifier = WebhookVerifier::builder(ours::client_id(), Nothing).path(NOTIFY_PATH).build();
    let verifier = verifier.expect("the path is one");
    let now = UnixTime::from(std::time::SystemTime::now());
    Box::new(repeat(move || {
        let head = WebhookHead::new("POST", NOTIFY_PATH)
            .with_header("client-id", CLIENT_ID)
            .with_header("request-time", &time)
            .with_header("signature", &signature);
        verifier.verify(&head, body.clone(), now).expect("it holds").notification().expect("it fits")
    }))
}

fn bound_request() -> messages::PayRequest {
    serde_json::from_str(&fixture::pay_request()).expect("the request is one")
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime starts")
}

#[cfg(test)]
mod tests {
    use super::{NAMES, find};

    #[test]
    fn every_piece_has_two_sides_that_work() {
        for name in NAMES {
            for ours in [true, false] {
                find(name, ours).expect(name)(3);
            }
        }
        assert!(find("", true).is_none());
    }
}
