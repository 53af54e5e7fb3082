//! What is fuzzed, as functions of bytes. The property tests run them on the stable compiler, the programs
//! in `fuzz/` under libFuzzer.
#![allow(dead_code, reason = "every program uses one of them")]

use std::sync::LazyLock;

use antom_webhook::signature::{ClientId, header};
use antom_webhook::testing::{SignedDelivery, TestGateway};
use antom_webhook::time::UnixTime;
use antom_webhook::{DedupKey, WebhookHead, WebhookVerifier};

const CLIENT: &str = "SANDBOX_5Y0000000000000";
const PATH: &str = "/antom/notify";
const TARGET: &str = "/antom/notify?shop=7";
const NOW: UnixTime = UnixTime::from_secs(1_772_360_430);
const BODY: &str = r#"{"notifyType":"PAYMENT_RESULT","paymentId":"P-1","notifyId":"N.1.{}"}"#;

struct Scene {
    gateway: TestGateway,
    verifier: WebhookVerifier,
    genuine: SignedDelivery,
}

static SCENE: LazyLock<Scene> = LazyLock::new(|| {
    let client_id = ClientId::new(CLIENT).expect("a client id");
    let gateway = TestGateway::published(client_id.clone()).expect("a gateway");
    let verifier = WebhookVerifier::builder(client_id, gateway.keyring().clone()).path(PATH).build();
    let genuine = gateway.sign(TARGET, BODY, NOW).expect("a signature");
    Scene { gateway, verifier: verifier.expect("a verifier"), genuine }
});

/// A part of a delivery: bytes of the fuzzer's, or the genuine ones with edits.
///
/// Empty: the genuine part. `0xFE` first: the genuine part with the following pairs of bytes applied, each
/// a position and what to flip there. Else the bytes themselves.
fn part(genuine: &[u8], given: &[u8]) -> Vec<u8> {
    match given.split_first() {
        None => genuine.to_vec(),
        Some((0xFE, edits)) => {
            let mut bytes = genuine.to_vec();
            for edit in edits.chunks_exact(2) {
                if let [at, flip] = edit {
                    let at = usize::from(*at) % bytes.len().max(1);
                    if let Some(byte) = bytes.get_mut(at) {
                        *byte ^= flip;
                    }
                }
            }
            bytes
        }
        Some(_) => given.to_vec(),
    }
}

/// Six parts, divided by `0xFF`: method, target, client id, time, signature, body. There is one signed
/// delivery in the world: whatever is accepted must be it.
pub(crate) fn nothing_unsigned_is_accepted(data: &[u8]) {
    let scene = &*SCENE;
    let mut given = data.split(|byte| *byte == 0xFF);
    let mut next = |genuine: &[u8]| part(genuine, given.next().unwrap_or_default());
    let header = |wanted: &str| {
        scene.genuine.headers().find(|(name, _)| *name == wanted).map_or("", |(_, value)| value)
    };
    let method = String::from_utf8_lossy(&next(b"POST")).into_owned();
    let target = String::from_utf8_lossy(&next(TARGET.as_bytes())).into_owned();
    let head = WebhookHead::new(method, target)
        .with_header("client-id", next(header("client-id").as_bytes()))
        .with_header("request-time", next(header("request-time").as_bytes()))
        .with_header("signature", next(header("signature").as_bytes()));
    let body = next(BODY.as_bytes());
    match scene.verifier.verify_slice(&head, &body, NOW) {
        Ok(verified) => {
            assert_eq!(verified.raw(), BODY, "a body that was never signed");
            assert_eq!(verified.path(), PATH, "a path that was never signed");
            assert_eq!(verified.time(), NOW, "a time that was never signed");
            assert_eq!(verified.client_id().map(ClientId::as_str), Some(CLIENT));
        }
        Err(error) => {
            let shown = format!("{error} {error:?} {head:?}");
            assert!(!shown.chars().any(char::is_control), "a control character in an error");
            assert_ne!(error.status(), 200);
        }
    }
}

/// Authentic bytes, whatever they are, are verified, have a stable key, and are read or refused without a
/// panic.
pub(crate) fn any_signed_body_is_kept(body: &[u8]) {
    let scene = &*SCENE;
    let verify = |at: UnixTime| {
        let sent = scene.gateway.sign(PATH, body.to_vec(), at).expect("a signature");
        scene.verifier.verify(&sent.head(), sent.body().clone(), NOW).expect("signed bytes are accepted")
    };
    let verified = verify(NOW);
    assert_eq!(verified.raw(), body);
    let again = verify(UnixTime::from_millis(NOW.as_millis() - 120_000));
    assert_eq!(DedupKey::of(&verified), DedupKey::of(&again), "a redelivery has the same key");
    match verified.notification() {
        Ok(notification) => drop(format!("{notification:?}")),
        Err(error) => drop(format!("{error} {error:?}")),
    }
}

/// Reading a signature header never panics; what is read is rendered and read back alike.
pub(crate) fn signature_headers_are_read_or_refused(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let Ok(parsed) = header::parse(&text) else { return };
    let Ok(signature) = parsed.decode() else { return };
    let version = parsed.key_version.unwrap_or_default();
    let rendered = header::render(&signature, version);
    if rendered.len() <= antom_webhook::signature::MAX_HEADER_LEN {
        let again = header::parse(&rendered).expect("our own form is read");
        assert_eq!(again.key_version, Some(version));
        assert_eq!(again.decode().as_ref(), Ok(&signature));
    }
}
