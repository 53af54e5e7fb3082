//! The fuzz bodies as property tests, and properties of their own.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

mod bodies;
mod support;

use antom_webhook::FailedStep;
use antom_webhook::testing::TestGateway;
use proptest::collection::vec;
use proptest::prelude::*;
use support::{BODY, CLIENT, GATEWAY, NOW, PATH, VERIFIER, head};

/// A part of a delivery for the fuzz body: genuine, edited or foreign.
fn part() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        3 => Just(Vec::new()),
        2 => vec(0_u8..0xFE, 0..8).prop_map(|edits| [&[0xFE][..], &edits].concat()),
        1 => vec(0_u8..0xFE, 1..40),
        1 => "[ -~]{1,60}".prop_map(String::into_bytes),
    ]
}

fn json() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        Just("null".to_owned()),
        Just("true".to_owned()),
        "-?[1-9][0-9]{0,20}",
        "\"[a-zA-Z0-9 _]{0,12}\"",
        Just("\"PAYMENT_RESULT\"".to_owned()),
    ];
    let key = prop_oneof![
        "[a-c]{1,2}",
        Just("notifyType".to_owned()),
        Just("notifyId".to_owned()),
        Just("paymentAmount".to_owned()),
        Just("result".to_owned()),
        Just("resultStatus".to_owned()),
    ];
    leaf.prop_recursive(4, 24, 6, move |inner| {
        prop_oneof![
            vec(inner.clone(), 0..4).prop_map(|items| format!("[{}]", items.join(","))),
            vec((key.clone(), inner), 0..6).prop_map(|members| {
                let members: Vec<_> =
                    members.iter().map(|(key, value)| format!("\"{key}\":{value}")).collect();
                format!("{{{}}}", members.join(","))
            }),
        ]
    })
}

proptest! {
    #[test]
    fn nothing_unsigned_is_accepted(parts in vec(part(), 0..7)) {
        bodies::nothing_unsigned_is_accepted(&parts.join(&0xFF));
    }

    #[test]
    fn no_bytes_make_the_verifier_panic(data in vec(any::<u8>(), 0..600)) {
        bodies::nothing_unsigned_is_accepted(&data);
        bodies::signature_headers_are_read_or_refused(&data);
    }

    #[test]
    fn signature_headers_are_read_or_refused(
        text in "((algorithm|keyVersion|signature|x)=[A-Za-z0-9+/=%-]{0,12},? ?){0,5}",
    ) {
        bodies::signature_headers_are_read_or_refused(text.as_bytes());
    }

    #[test]
    fn any_signed_body_is_kept(body in vec(any::<u8>(), 0..300)) {
        bodies::any_signed_body_is_kept(&body);
    }

    #[test]
    fn any_signed_document_is_kept(body in json()) {
        bodies::any_signed_body_is_kept(body.as_bytes());
    }

    /// The content is `client-id.time.body`: no way to cut it anew at other dots is accepted.
    #[test]
    fn bytes_cannot_move_between_the_parts(
        client in "[A-Z0-9]{1,6}",
        body in "[0-9.Z:T{}\"-]{0,24}",
    ) {
        let client = format!("SANDBOX_{client}");
        let gateway = TestGateway::published(client.parse_id()).unwrap();
        let sent = gateway.sign(PATH, body.clone(), NOW).unwrap();
        let time = NOW.to_rfc3339();
        let whole = format!("{client}.{time}.{body}");
        let signature = sent.headers().find(|(name, _)| *name == "signature").unwrap().1;
        let dots: Vec<usize> = whole.match_indices('.').map(|(at, _)| at).collect();
        let mut accepted = 0;
        for (index, first) in dots.iter().enumerate() {
            for second in &dots[index + 1..] {
                let (id, cut_time, rest) = (&whole[..*first], &whole[first + 1..*second], &whole[second + 1..]);
                let head = head("POST", PATH, [("client-id", id), ("request-time", cut_time), ("signature", signature)]);
                // Even a verifier configured for the shifted client id, if that can be one at all.
                let Ok(id) = antom_webhook::signature::ClientId::new(id) else { continue };
                let verifier = antom_webhook::WebhookVerifier::builder(id, gateway.keyring().clone())
                    .path(PATH).build().unwrap();
                if verifier.verify_slice(&head, rest.as_bytes(), NOW).is_ok() {
                    prop_assert_eq!((cut_time, rest), (time.as_str(), body.as_str()));
                    accepted += 1;
                }
            }
        }
        prop_assert_eq!(accepted, 1);
    }

    #[test]
    fn a_delivery_for_another_client_is_refused(client in "[A-Z0-9]{1,12}") {
        let client = format!("SANDBOX_{client}");
        prop_assume!(client != CLIENT);
        let sent = TestGateway::published(client.parse_id()).unwrap().sign(PATH, BODY, NOW).unwrap();
        let refused = VERIFIER.verify(&sent.head(), sent.body().clone(), NOW).unwrap_err();
        prop_assert_eq!(refused.step(), &FailedStep::ClientId);
        // The same with our client id written over it.
        let forged = sent.headers().map(|(name, value)| (name, if name == "client-id" { CLIENT } else { value }));
        let refused = VERIFIER.verify(&head("POST", PATH, forged), sent.body().clone(), NOW).unwrap_err();
        prop_assert!(matches!(refused.step(), FailedStep::Signature(_)));
    }
}

trait ParseId {
    fn parse_id(&self) -> antom_webhook::signature::ClientId;
}

impl ParseId for String {
    fn parse_id(&self) -> antom_webhook::signature::ClientId {
        antom_webhook::signature::ClientId::new(self).unwrap()
    }
}

/// The fuzz body's own genuine delivery is accepted, so its oracle is reached.
#[test]
fn the_fuzz_body_accepts_the_genuine_delivery() {
    bodies::nothing_unsigned_is_accepted(b"");
    assert!(
        VERIFIER.verify_slice(&GATEWAY.sign(PATH, BODY, NOW).unwrap().head(), BODY.as_bytes(), NOW).is_ok()
    );
}
