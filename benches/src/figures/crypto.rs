use antom::core::signature::{AwsLcVerifier, KeyVersion, Signature, Signer, Verifier, content, header};
use antom::core::time::{UnixTime, WireTime};

use crate::bound::wire::{self, Signs, Verifies};
use crate::figure::{Figure, Goal};
use crate::fixture::{self, GATEWAY_KEY, MERCHANT_KEY, PAY_PATH, now_text};
use crate::measure::{Effort, allocations, cpu, repeat};
use crate::ours;

pub(super) const SIGN: &[&str] = &["sign", "sign: added to ring", "sign: allocations"];
pub(super) const VERIFY: &[&str] = &["verify", "verify, aws-lc", "verify: allocations"];

/// From a written body to the header; the bound is ring with the content in hand.
pub(super) fn sign(effort: Effort) -> Vec<Figure> {
    let body = fixture::pay_request().into_bytes();
    let (id, time) = (ours::client_id(), WireTime::epoch_ms(UnixTime::from_secs(1_772_360_430)));
    let (signer, pair) = (ours::signer(), wire::key_pair(MERCHANT_KEY));
    let ready = content("POST", PAY_PATH, &id, &time, &body);
    let mut ours = repeat(|| {
        let signature = signer.sign(&content("POST", PAY_PATH, &id, &time, &body)).expect("the key signs");
        header::render(&signature, KeyVersion::FIRST)
    });
    let mut bound = repeat(|| wire::raw_sign(&pair, &ready));
    let whole = cpu(effort, &mut ours, &mut bound);
    // Two microseconds drown in the noise of ring's six hundred, so what is added is measured alone.
    let signed = Signature::new(wire::raw_sign(&pair, &ready));
    let around = repeat(|| {
        let content = content("POST", PAY_PATH, &id, &time, &body);
        (content, header::render(&signed, KeyVersion::FIRST))
    });
    let by_hand = Signs::Nothing;
    let around_by_hand = repeat(|| by_hand.header(&wire::content(PAY_PATH, time.as_str(), &body)));
    let added = cpu(effort, around, around_by_hand);
    vec![
        Figure::cpu("sign", whole, Goal::None),
        Figure::cpu("sign: added to ring", added, Goal::AtMost(2.0)),
        Figure::plain(
            "sign: allocations",
            allocations(&mut ours).0,
            allocations(&mut bound).0,
            "",
            Goal::AtMostMore(3.0),
        ),
    ]
}

/// From the header to a verdict; the bound is ring with content and signature in hand.
pub(super) fn verify(effort: Effort) -> Vec<Figure> {
    let body = fixture::notification().as_bytes();
    let text = now_text();
    let ready = wire::content(PAY_PATH, &text, body);
    let pair = wire::key_pair(GATEWAY_KEY);
    let signature = wire::raw_sign(&pair, &ready);
    let header_text = Signs::Ring(Box::new(pair)).header(&ready);
    let (keys, id, time) = (ours::keyring(), ours::client_id(), WireTime::parse(&text).expect("it is one"));
    let mut ours = repeat(|| {
        let header = header::parse(&header_text).expect("the header is one");
        let content = content("POST", PAY_PATH, &id, &time, body);
        let hint = header.key_version;
        let signature = header.into_signature().expect("it is base64");
        keys.verify(hint, &content, &signature).expect("it holds")
    });
    let Verifies::Ring(key) = Verifies::gateway() else { return Vec::new() };
    let mut bound = repeat(|| key.verify(&ready, &signature).expect("it holds"));
    let aws_lc = AwsLcVerifier::new(&keys).expect("the keys are ones");
    let prepared = Signature::new(signature.clone());
    let mut other = repeat(|| aws_lc.verify(None, &ready, &prepared).expect("it holds"));
    vec![
        Figure::cpu("verify", cpu(effort, &mut ours, &mut bound), Goal::RatioAtMost(1.10)),
        Figure::cpu("verify, aws-lc", cpu(effort, &mut other, &mut bound), Goal::RatioAtMost(0.85)),
        Figure::plain(
            "verify: allocations",
            allocations(&mut ours).0,
            allocations(&mut bound).0,
            "",
            Goal::AtMostMore(2.0),
        ),
    ]
}
