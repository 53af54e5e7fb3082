//! The verifier, step by step: what is accepted, what is refused, and what the refusal says.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

mod support;

use std::time::Duration;

use antom_webhook::signature::{
    ClientId, HeaderError, KeyVersion, Keyring, PrivateKey, PublicKey, Signature, Verifier, VerifyError,
    sandbox_keys,
};
use antom_webhook::testing::{SignedDelivery, TestGateway};
use antom_webhook::time::UnixTime;
use antom_webhook::{
    Cause, FailedStep, Freshness, HeadHeader, Proof, Staleness, Verified, WebhookError, WebhookHead,
    WebhookVerifier,
};
use support::{BODY, CLIENT, GATEWAY, NOW, PATH, VERIFIER, client_id, head};

fn genuine() -> SignedDelivery {
    GATEWAY.sign(PATH, BODY, NOW).unwrap()
}

/// The genuine delivery with one header replaced; `None` removes it.
fn with(name: &str, value: Option<&str>) -> Result<Verified, WebhookError> {
    let sent = genuine();
    let kept = sent.headers().filter(|(known, _)| *known != name);
    let head = head("POST", PATH, kept);
    let head = value.into_iter().fold(head, |head, value| head.with_header(name, value));
    VERIFIER.verify(&head, sent.body().clone(), NOW)
}

fn signature() -> String {
    genuine().headers().find(|(name, _)| *name == "signature").map(|(_, value)| value.to_owned()).unwrap()
}

#[test]
fn a_signed_delivery_is_accepted_in_every_spelling_of_its_header_names() {
    let sent = genuine();
    for spell in [str::to_owned as fn(&str) -> String, str::to_uppercase, |name| {
        name.split('-').map(|word| word[..1].to_uppercase() + &word[1..]).collect::<Vec<_>>().join("-")
    }] {
        let head = sent.headers().fold(WebhookHead::new("POST", PATH), |head, (name, value)| {
            head.with_header(&spell(name), format!(" {value}\t"))
        });
        let verified = VERIFIER.verify(&head, sent.body().clone(), NOW).unwrap();
        assert_eq!(verified.raw(), BODY);
        assert_eq!(verified.proof(), &Proof::Signature(KeyVersion::FIRST));
        assert_eq!(verified.path(), PATH);
        assert_eq!(verified.client_id(), Some(&client_id()));
        assert_eq!(verified.time(), NOW);
        assert_eq!(verified.key_hint_mismatch(), None);
    }
    let copied = VERIFIER.verify_slice(&sent.head(), sent.body(), NOW).unwrap();
    assert_eq!(copied.raw(), BODY);
}

#[test]
fn verified_notifications_can_leave_the_handler() {
    fn owned<T: Clone + Send + Sync + 'static>(_: &T) {}
    let sent = genuine();
    let verified = VERIFIER.verify(&sent.head(), sent.body().clone(), NOW).unwrap();
    owned(&verified);
    owned(&*VERIFIER);
    // The body is shared, not copied.
    assert_eq!(verified.raw().as_ptr(), sent.body().as_ptr());
}

#[test]
fn every_form_of_the_signature_header_that_means_the_same_is_accepted() {
    let bare = signature().replace("%2B", "+").replace("%2F", "/").replace("%3D", "=");
    let base64 = bare.split_once("signature=").unwrap().1.to_owned();
    for value in [
        bare.clone(),
        signature().replace("%2B", "%2b").replace("%2F", "%2f").replace("%3D", "%3d"),
        format!(" algorithm=RSA256 , keyVersion=1 ,signature={base64} "),
        format!("algorithm=rsa256,signature={base64}"),
        format!("signature={base64}"),
        format!("a=1,signature={base64},b=2"),
    ] {
        let verified = with("signature", Some(&value)).unwrap();
        assert_eq!(verified.raw(), BODY);
    }
}

#[test]
fn malformed_headers_are_named() {
    use FailedStep::{HeaderMissing, HeaderUnreadable, SignatureHeader};
    let base64 = signature().replace("%2B", "+").replace("%2F", "/").replace("%3D", "=");
    let base64 = base64.split_once("signature=").unwrap().1;
    let url_safe = base64.replace('+', "-").replace('/', "_");
    assert_ne!(base64, url_safe);
    let long = "x".repeat(100_000);
    let cut = &signature()[..signature().len() - 7];
    let header = HeadHeader::Signature;
    let table: &[(Option<&str>, FailedStep)] = &[
        (None, HeaderMissing { header }),
        (Some(""), SignatureHeader(HeaderError::NoSignature)),
        (Some("algorithm=RSA256,keyVersion=1"), SignatureHeader(HeaderError::NoSignature)),
        (Some("algorithm=RSA256,keyVersion=1,signature="), SignatureHeader(HeaderError::EmptySignature)),
        (Some(&format!("algorithm=none,signature={base64}")), SignatureHeader(HeaderError::Algorithm)),
        (Some(&format!("algorithm=RSA1,signature={base64}")), SignatureHeader(HeaderError::Algorithm)),
        (Some(&format!("algorithm=HS256,signature={base64}")), SignatureHeader(HeaderError::Algorithm)),
        (Some(&format!("signature={url_safe}")), SignatureHeader(HeaderError::Base64Url)),
        (Some(&format!("signature={}", base64.replace('+', " "))), SignatureHeader(HeaderError::Escape)),
        (Some(&format!("keyVersion=x,signature={base64}")), SignatureHeader(HeaderError::KeyVersion)),
        (Some(cut), SignatureHeader(HeaderError::NotBase64)),
        (
            Some(&format!("signature={base64},signature={base64}")),
            SignatureHeader(HeaderError::Duplicate { part: "signature" }),
        ),
        (Some(&long), HeaderUnreadable { header }),
        (Some("signature=ä"), HeaderUnreadable { header }),
    ];
    for (value, step) in table {
        let error = with("signature", *value).unwrap_err();
        let shown = value.map(|value| value.chars().take(60).collect::<String>());
        assert_eq!(error.step(), step, "{shown:?}");
        assert_eq!(error.status(), 400, "{shown:?}");
        assert_eq!(error.causes(), [Cause::HeadersRewritten, Cause::NotAntom]);
    }
}

#[test]
fn signatures_of_the_wrong_length_or_of_nothing_are_refused() {
    for value in ["signature=AAAA", &format!("signature={}", "A".repeat(344)), "signature=test"] {
        let error = with("signature", Some(value)).unwrap_err();
        assert!(matches!(error.step(), FailedStep::Signature(VerifyError::NoMatch { .. })), "{error}");
        assert_eq!(error.status(), 401);
    }
}

/// RSA over SHA-1 of the right bytes: a signature of the right key is not enough.
#[test]
fn a_sha1_signature_is_refused() {
    let hex = include_str!("data/sha1-signature.hex");
    let bytes: Vec<u8> = (0..hex.trim().len() / 2)
        .map(|at| u8::from_str_radix(&hex[at * 2..at * 2 + 2], 16).unwrap())
        .collect();
    // It is a good signature of these very bytes, by a rule that is not ours.
    let input = format!("POST {PATH}\n{CLIENT}.2026-03-01T10:20:30Z.{BODY}");
    let key = GATEWAY.keyring().keys().next().unwrap().1;
    ring::signature::RsaPublicKeyComponents { n: key.modulus(), e: key.exponent() }
        .verify(&ring::signature::RSA_PKCS1_2048_8192_SHA1_FOR_LEGACY_USE_ONLY, input.as_bytes(), &bytes)
        .unwrap();
    let value = antom_webhook::signature::header::render(&Signature::new(bytes), KeyVersion::FIRST);
    let error = with("signature", Some(&value)).unwrap_err();
    assert!(matches!(error.step(), FailedStep::Signature(VerifyError::NoMatch { .. })), "{error}");
}

#[test]
fn repeated_headers_are_refused_even_when_they_agree() {
    let sent = genuine();
    for header in HeadHeader::ALL {
        let value = sent.headers().find(|(name, _)| *name == header.as_str()).unwrap().1;
        for second in [value, "something else"] {
            let head = sent.head().with_header(&header.as_str().to_uppercase(), second);
            let error = VERIFIER.verify(&head, sent.body().clone(), NOW).unwrap_err();
            assert_eq!(error.step(), &FailedStep::HeaderRepeated { header });
        }
    }
}

#[test]
fn the_client_id_is_pinned() {
    assert_eq!(with("client-id", Some("SANDBOX_OTHER")).unwrap_err().step(), &FailedStep::ClientId);
    assert_eq!(with("client-id", Some("")).unwrap_err().step(), &FailedStep::ClientId);
    assert_eq!(with("client-id", Some(&CLIENT.to_lowercase())).unwrap_err().step(), &FailedStep::ClientId);
    // The signature is checked against the configured id, so an absent header takes nothing away.
    assert!(with("client-id", None).is_ok());
    // A delivery signed for another account does not become ours by dropping its header.
    let other = TestGateway::published(ClientId::new("SANDBOX_OTHER").unwrap()).unwrap();
    let sent = other.sign(PATH, BODY, NOW).unwrap();
    let head = head("POST", PATH, sent.headers().filter(|(name, _)| *name != "client-id"));
    let error = VERIFIER.verify(&head, sent.body().clone(), NOW).unwrap_err();
    assert!(matches!(error.step(), FailedStep::Signature(_)));
}

#[test]
fn the_time_is_read_strictly_and_must_be_fresh() {
    let missing = with("request-time", None).unwrap_err();
    assert_eq!(missing.step(), &FailedStep::HeaderMissing { header: HeadHeader::RequestTime });
    for bad in ["", "now", "2026-03-01T10:20:30", "2026-03-01 10:20:30Z", "1772360430", "1772360430.5", "-1"]
    {
        let error = with("request-time", Some(bad)).unwrap_err();
        // Ten digits are milliseconds, hence 1970.
        let stale = matches!(error.step(), FailedStep::Freshness(Staleness::Late { .. }));
        assert!(
            matches!(error.step(), FailedStep::RequestTime(_)) || (bad == "1772360430" && stale),
            "{bad}"
        );
    }
    // Another text for the same moment is another text: it was not signed.
    let same_moment = with("request-time", Some("1772360430000")).unwrap_err();
    assert!(matches!(same_moment.step(), FailedStep::Signature(_)));

    let sent = genuine();
    let at = |now| VERIFIER.verify(&sent.head(), sent.body().clone(), now);
    let hour = Duration::from_secs(3600);
    assert!(at(NOW.saturating_add(hour * 26)).is_ok());
    let late = at(NOW.saturating_add(hour * 26 + Duration::from_secs(1))).unwrap_err();
    assert_eq!(late.step(), &FailedStep::Freshness(Staleness::Late { by: Duration::from_secs(1) }));
    assert_eq!(late.causes(), [Cause::ClockWrong, Cause::Replayed]);
    assert!(at(NOW.saturating_sub(Duration::from_secs(300))).is_ok());
    let early = at(NOW.saturating_sub(hour)).unwrap_err();
    assert_eq!(early.step(), &FailedStep::Freshness(Staleness::Early { by: Duration::from_secs(3300) }));

    let narrow = WebhookVerifier::builder(client_id(), GATEWAY.keyring().clone())
        .path(PATH)
        .freshness(Freshness { past: hour, future: Duration::ZERO })
        .build()
        .unwrap();
    assert!(narrow.verify(&sent.head(), sent.body().clone(), NOW.saturating_add(hour)).is_ok());
    let error = narrow.verify(&sent.head(), sent.body().clone(), NOW.saturating_add(hour * 2)).unwrap_err();
    assert_eq!(error.time(), Some("2026-03-01T10:20:30Z"));
}

#[test]
fn only_post_is_taken() {
    let sent = genuine();
    for method in ["GET", "PUT", "post", ""] {
        let error =
            VERIFIER.verify(&head(method, PATH, sent.headers()), sent.body().clone(), NOW).unwrap_err();
        assert_eq!((error.step(), error.status()), (&FailedStep::Method, 405));
    }
}

#[test]
fn bodies_over_the_limit_are_refused() {
    let small = WebhookVerifier::builder(client_id(), GATEWAY.keyring().clone())
        .path(PATH)
        .max_body(BODY.len() - 1)
        .build()
        .unwrap();
    let sent = genuine();
    let error = small.verify(&sent.head(), sent.body().clone(), NOW).unwrap_err();
    assert_eq!(error.step(), &FailedStep::BodyTooLarge { limit: BODY.len() - 1 });
    assert_eq!(error.status(), 413);
}

fn second_key() -> (PrivateKey, PublicKey) {
    let private = PrivateKey::parse(sandbox_keys::MERCHANT_PRIVATE_KEY).unwrap();
    let public = private.public().clone();
    (private, public)
}

#[test]
fn the_key_version_is_a_hint_only() {
    let (private, public) = second_key();
    let (one, two, nine) = (KeyVersion::new(1), KeyVersion::new(2), KeyVersion::new(9));
    let first = GATEWAY.keyring().keys().next().unwrap().1.clone();
    let keys = Keyring::new(&client_id(), [(one, first), (two, public)], None).unwrap();
    let rotated = WebhookVerifier::builder(client_id(), keys).path(PATH).build().unwrap();
    for (signed_with, named, mismatch) in [
        (two, "2", None),
        (two, "1", Some(one)),
        (two, "9", Some(nine)),
        (two, "0", Some(KeyVersion::new(0))),
    ] {
        let gateway = TestGateway::new(client_id(), &private, signed_with).unwrap();
        let sent = gateway.sign(PATH, BODY, NOW).unwrap();
        let headers: Vec<_> = sent
            .headers()
            .map(|(name, value)| (name, value.replace("keyVersion=2", &format!("keyVersion={named}"))))
            .collect();
        let head = head("POST", PATH, headers.iter().map(|(name, value)| (*name, value.as_str())));
        let verified = rotated.verify(&head, sent.body().clone(), NOW).unwrap();
        assert_eq!(verified.proof(), &Proof::Signature(two));
        assert_eq!(verified.key_hint_mismatch(), mismatch);
    }
    // Under a key that is not configured nothing holds, whatever the header names.
    let sent = TestGateway::new(client_id(), &private, two).unwrap().sign(PATH, BODY, NOW).unwrap();
    let error = VERIFIER.verify(&sent.head(), sent.body().clone(), NOW).unwrap_err();
    assert_eq!(
        error.step(),
        &FailedStep::Signature(VerifyError::NoMatch { hint: Some(two), tried: vec![one] })
    );
    assert_eq!(error.causes().first(), Some(&Cause::KeyVersionNotConfigured(two)));
}

#[test]
fn an_unreachable_verifier_is_no_forgery() {
    #[derive(Debug)]
    struct Away;
    impl Verifier for Away {
        fn verify(&self, _: Option<KeyVersion>, _: &[u8], _: &Signature) -> Result<KeyVersion, VerifyError> {
            Err(VerifyError::Unavailable { reason: "key service timed out".into() })
        }
    }
    let verifier = WebhookVerifier::builder(client_id(), Away).path(PATH).build().unwrap();
    let sent = genuine();
    let error = verifier.verify(&sent.head(), sent.body().clone(), NOW).unwrap_err();
    assert_eq!(error.status(), 503);
    assert_eq!(error.causes(), [Cause::VerifierUnavailable]);
    assert!(error.to_string().contains("key service timed out"));
}

#[test]
fn the_error_tells_what_a_support_thread_needs() {
    let sent = GATEWAY.sign(&format!("{PATH}?token=hush"), BODY, NOW).unwrap();
    let changed = BODY.replace("4200", "9200");
    let error = VERIFIER.verify_slice(&sent.head(), changed.as_bytes(), NOW).unwrap_err();
    assert_eq!(error.method(), "POST");
    assert_eq!(error.path(), PATH);
    assert_eq!(error.client_id(), Some(&client_id()));
    assert_eq!(error.time(), Some("2026-03-01T10:20:30Z"));
    assert_eq!(error.body_length(), Some(BODY.len()));
    assert_eq!(error.body_sha256().map(str::len), Some(64));
    assert_eq!(
        error.causes(),
        [Cause::PathRewritten, Cause::BodyReencoded, Cause::WrongKey, Cause::NotAntom]
    );
    let text = error.to_string();
    for part in [
        "verifying the signature failed",
        "versions 1",
        "POST /antom/notify",
        CLIENT,
        "2026-03-01T10:20:30Z",
        "SHA-256",
        "(1) a proxy rewrote the path",
        "(3) the wrong key",
    ] {
        assert!(text.contains(part), "{part}: {text}");
    }
    let signature = signature();
    for (shown, what) in [(text, "Display"), (format!("{error:?}"), "Debug")] {
        for hidden in ["9200", "hush", "PAYMENT_RESULT", &signature[60..80], "MII"] {
            assert!(!shown.contains(hidden), "{what} shows {hidden}: {shown}");
        }
    }
    // A head that fails still tells of the body it came with.
    let error = VERIFIER.verify_slice(&WebhookHead::new("POST", PATH), b"abc", NOW).unwrap_err();
    assert_eq!(error.body_length(), Some(3));
    assert_eq!(error.body_sha256(), Some("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"));
}

/// The gateway's dated text is what it signs: every offset and precision of the grammar comes through.
#[test]
fn times_are_accepted_as_they_are_written() {
    use antom_webhook::signature::{RsaSigner, Signer, content, header};
    use antom_webhook::time::WireTime;
    let key = PrivateKey::parse(sandbox_keys::GATEWAY_PRIVATE_KEY).unwrap();
    let signer = RsaSigner::new(&key, KeyVersion::FIRST).unwrap();
    for text in [
        "1772360430000",
        "2026-03-01T10:20:30Z",
        "2026-03-01T18:20:30+08:00",
        "2026-03-01T15:50:30.253+05:30",
        "2026-03-01T10:20:30-00:00",
    ] {
        let time = WireTime::parse(text).unwrap();
        let signature = signer.sign(&content("POST", PATH, &client_id(), &time, b"{}")).unwrap();
        let signature = header::render(&signature, KeyVersion::FIRST);
        let head = head("POST", PATH, [("request-time", text), ("signature", &signature)]);
        let verified = VERIFIER.verify_slice(&head, b"{}", NOW).unwrap();
        assert_eq!(verified.time(), time.instant(), "{text}");
        let _: UnixTime = verified.time();
    }
}
