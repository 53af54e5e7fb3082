//! Signing and verifying together: what must not verify, which key answers, what is never printed.

use super::*;
use crate::time::WireTime;
use alloc::{format, string::ToString, vec, vec::Vec};

fn gateway() -> (RsaSigner, PublicKey) {
    let key = PrivateKey::parse(sandbox_keys::GATEWAY_PRIVATE_KEY).unwrap();
    (
        RsaSigner::new(&key, KeyVersion::FIRST).unwrap(),
        PublicKey::parse(sandbox_keys::GATEWAY_PUBLIC_KEY).unwrap(),
    )
}

fn merchant_public() -> PublicKey {
    PublicKey::parse(sandbox_keys::MERCHANT_PUBLIC_KEY).unwrap()
}

fn id(text: &str) -> ClientId {
    ClientId::new(text).unwrap()
}

fn ring_of(keys: &[(u32, &PublicKey)]) -> Keyring {
    let keys = keys.iter().map(|(version, key)| (KeyVersion::new(*version), (*key).clone()));
    Keyring::new(&id("SANDBOX_1"), keys, None).unwrap()
}

#[test]
fn no_changed_byte_verifies() {
    let (signer, key) = gateway();
    let ring = ring_of(&[(1, &key)]);
    let time = WireTime::parse("2026-03-01T10:20:30Z").unwrap();
    let whole = content("POST", "/hooks?x=1", &id("SANDBOX_1"), &time, br#"{"a":"b"}"#);
    let signature = signer.sign(&whole).unwrap();
    assert_eq!(ring.verify(None, &whole, &signature), Ok(KeyVersion::FIRST));
    for at in 0..whole.len() {
        for flip in [0x01, 0x20, 0x80] {
            let mut changed = whole.clone();
            changed[at] ^= flip;
            assert!(ring.verify(None, &changed, &signature).is_err(), "byte {at}");
        }
        assert!(ring.verify(None, &whole[..at], &signature).is_err(), "cut at {at}");
    }
    let raw = signature.as_bytes();
    for at in 0..raw.len() {
        let mut changed = raw.to_vec();
        changed[at] ^= 1;
        assert!(ring.verify(None, &whole, &Signature::new(changed)).is_err(), "signature byte {at}");
    }
    for broken in [vec![], raw[1..].to_vec(), [raw, &[0]].concat(), [&[0], raw].concat(), vec![0; 256]] {
        assert!(ring.verify(None, &whole, &Signature::new(broken)).is_err());
    }
}

/// The parts of a signed message, cut anew at every place: only the true cut is readable, so nothing shifted
/// between client id, time and body can verify.
#[test]
fn shifted_bytes_never_verify() {
    let (signer, key) = gateway();
    let ring = ring_of(&[(1, &key)]);
    for (time, body) in [
        ("1772360430123", "1772360430124.{}"),
        ("2026-03-01T10:20:30.250+08:00", "2026-03-01T10:20:30Z.{}"),
        ("2026-03-01T10:20:30Z", ".5Z.{\"a\":1.5}"),
    ] {
        let wire = WireTime::parse(time).unwrap();
        let whole = content("POST", "/h", &id("SANDBOX_1"), &wire, body.as_bytes());
        let signature = signer.sign(&whole).unwrap();
        let tail = core::str::from_utf8(&whole["POST /h\n".len()..]).unwrap();
        let mut accepted = Vec::new();
        for first in 0..tail.len() {
            for second in first..tail.len() {
                // A forger may put the cuts anywhere and drop or keep the dots.
                for (from, to) in
                    [(first, second), (first + 1, second), (first + 1, second + 1), (first, second + 1)]
                {
                    let (Some(claimed_time), Some(claimed_body)) = (tail.get(from..second), tail.get(to..))
                    else {
                        continue;
                    };
                    let (Ok(claimed_id), Ok(claimed_time)) =
                        (ClientId::new(&tail[..first]), WireTime::parse(claimed_time))
                    else {
                        continue;
                    };
                    let claimed = content("POST", "/h", &claimed_id, &claimed_time, claimed_body.as_bytes());
                    if ring.verify(None, &claimed, &signature).is_ok() {
                        accepted.push((claimed_id.to_string(), claimed_time.to_string(), claimed_body));
                    }
                }
            }
        }
        assert!(!accepted.is_empty());
        assert!(
            accepted.iter().all(|found| *found == ("SANDBOX_1".into(), time.into(), body)),
            "{accepted:?}"
        );
    }
}

#[test]
fn a_line_break_in_the_path_is_no_way_in() {
    // Signed for path /h; claimed with the line break moved into the path.
    assert!(check_path("/h\nSANDBOX_1.1772360430123.").is_err());
}

#[test]
fn the_hinted_key_comes_first_and_the_answer_names_the_key() {
    let (signer, key) = gateway();
    let merchant = merchant_public();
    let ring = ring_of(&[(1, &merchant), (2, &key)]);
    let signature = signer.sign(b"x").unwrap();
    for hint in [None, Some(0), Some(1), Some(2), Some(99)] {
        assert_eq!(ring.verify(hint.map(KeyVersion::new), b"x", &signature), Ok(KeyVersion::new(2)));
    }
    let order = |hint| ring.keys_hinted_first(hint).map(|(version, _)| version.get()).collect::<Vec<_>>();
    assert_eq!(order(Some(KeyVersion::new(2))), [2, 1]);
    assert_eq!(order(Some(KeyVersion::new(7))), [1, 2]);
    let hint = Some(KeyVersion::new(2));
    let tried = vec![KeyVersion::new(2), KeyVersion::new(1)];
    assert_eq!(ring.verify(hint, b"y", &signature), Err(VerifyError::NoMatch { hint, tried }));
}

#[test]
fn keyrings_that_are_refused() {
    let (_, key) = gateway();
    let own = merchant_public();
    let sandbox = id("SANDBOX_1");
    let version = KeyVersion::new;
    let build = |client: &ClientId, keys: &[(u32, &PublicKey)], own: Option<&PublicKey>| {
        let keys = keys.iter().map(|(number, key)| (version(*number), (*key).clone()));
        Keyring::new(client, keys, own).map(|ring| ring.keys().count())
    };
    assert_eq!(build(&sandbox, &[], None), Err(KeyringError::Empty));
    let five: Vec<_> = (1..=5).map(|number| (number, &key)).collect();
    assert_eq!(build(&sandbox, &five, None), Err(KeyringError::TooMany));
    assert_eq!(build(&sandbox, &five[..4], None), Ok(4));
    let twice = KeyringError::DuplicateVersion { version: version(1) };
    assert_eq!(build(&sandbox, &[(1, &key), (1, &key)], None), Err(twice));
    let same = KeyringError::SameAsOwn { version: version(2) };
    assert_eq!(build(&sandbox, &[(1, &key), (2, &own)], Some(&own)), Err(same.clone()));
    let published = KeyringError::PublishedSandboxKey { version: version(1) };
    assert_eq!(build(&id("LIVE_1"), &[(1, &key)], None), Err(published));
    assert!(same.to_string().contains("version 2"));
}

#[test]
fn published_keys_are_known_and_kept_to_the_sandbox() {
    for (private, public) in [
        (sandbox_keys::MERCHANT_PRIVATE_KEY, sandbox_keys::MERCHANT_PUBLIC_KEY),
        (sandbox_keys::GATEWAY_PRIVATE_KEY, sandbox_keys::GATEWAY_PUBLIC_KEY),
    ] {
        let public = PublicKey::parse(public).unwrap();
        assert_eq!(PrivateKey::parse(private).unwrap().public(), &public);
        assert!(is_published_sandbox_key(&public));
        assert_eq!(check_not_published(&id("SANDBOX_1"), &public), Ok(()));
        assert_eq!(check_not_published(&id("LIVE_1"), &public), Err(PublishedKeyError));
        assert_eq!(check_not_published(&id("sandbox_1"), &public), Err(PublishedKeyError));
    }
}

#[test]
fn a_key_whose_parts_do_not_belong_together_makes_no_signer() {
    let key = PrivateKey::parse(sandbox_keys::MERCHANT_PRIVATE_KEY).unwrap();
    let mut der = key.to_pkcs1_der().expose().clone();
    // The last byte is the end of the last private number.
    *der.last_mut().unwrap() ^= 2;
    let error = RsaSigner::new(&PrivateKey::parse(&der).unwrap(), KeyVersion::FIRST).unwrap_err();
    assert!(matches!(error, KeyError::Malformed { input: KeyInput::PrivateKey, .. }), "{error:?}");
}

#[test]
fn nothing_of_a_private_key_is_printed() {
    let key = PrivateKey::parse(sandbox_keys::MERCHANT_PRIVATE_KEY).unwrap();
    let signer = RsaSigner::new(&key, KeyVersion::FIRST).unwrap();
    let shown = format!("{key:?} {key:#?} {signer:?} {:?} {:?}", key.to_pkcs8_der(), key.to_pkcs1_der());
    // Neither as base64 nor as a list of numbers.
    assert!(shown.len() < 900, "{shown}");
    for line in sandbox_keys::MERCHANT_PRIVATE_KEY.lines().filter(|line| line.len() > 20) {
        assert!(!shown.contains(line), "{shown}");
    }
    let error = PrivateKey::parse(sandbox_keys::MERCHANT_PRIVATE_KEY.replace("-----END", "")).unwrap_err();
    assert!(error.to_string().len() < 200 && format!("{error:?}").len() < 200);
}

#[test]
fn signers_and_verifiers_are_objects() {
    let (signer, key) = gateway();
    let (signer, verifier): (&dyn Signer, &dyn Verifier) =
        (&signer, &RsaVerifier::new(key, KeyVersion::new(9)));
    let signature = signer.sign(b"").unwrap();
    assert_eq!(verifier.verify(Some(signer.key_version()), b"", &signature), Ok(KeyVersion::new(9)));
}

proptest::proptest! {
    #[test]
    fn any_header_text_is_answered(text in "\\PC{0,80}", near in "[ ,=%a-zA-Z0-9+/_\r\n\t-]{0,60}") {
        for value in [text.clone(), near.clone(), format!("signature={near}"), format!("algorithm=RSA256,{near},signature=abcd")] {
            if let Ok(header) = header::parse(&value) {
                proptest::prop_assert!(!header.signature_base64().is_empty());
                proptest::prop_assert_eq!(header.clone().into_signature(), header.decode());
                // What decodes was the one spelling of these bytes: written out and read, it is the same.
                if let Ok(signature) = header.decode() {
                    let version = header.key_version.unwrap_or_default();
                    let again = header::parse(&header::render(&signature, version)).unwrap();
                    proptest::prop_assert_eq!(again.signature_base64(), header.signature_base64());
                    proptest::prop_assert_eq!(again.key_version, Some(version));
                }
            }
        }
    }

    #[test]
    fn any_signature_is_read_as_it_was_written(
        bytes in proptest::collection::vec(proptest::num::u8::ANY, 1..600),
        place in 0..800_usize,
        other in proptest::char::range('+', 'z'),
    ) {
        let signature = super::Signature::new(bytes);
        let header = header::parse(&header::render(&signature, KeyVersion::FIRST)).unwrap();
        proptest::prop_assert_eq!(header.clone().into_signature(), Ok(signature));
        // With one character changed both readers still say the same.
        let mut text: Vec<char> = header.signature_base64().chars().collect();
        let place = place % text.len();
        text[place] = other;
        let text: String = text.into_iter().collect();
        if let Ok(header) = header::parse(&format!("signature={text}")) {
            proptest::prop_assert_eq!(header.clone().into_signature(), header.decode());
        }
    }

    #[test]
    fn any_key_bytes_are_answered(bytes in proptest::collection::vec(proptest::num::u8::ANY, 0..200)) {
        for bytes in [bytes.clone(), [&[0x30, 0x81], &bytes[..]].concat(), [b"-----BEGIN KEY-----", &bytes[..]].concat()] {
            proptest::prop_assert!(PrivateKey::parse(&bytes).is_err());
            proptest::prop_assert!(PublicKey::parse(&bytes).is_err());
        }
    }

    #[test]
    fn any_path_and_client_id_is_answered(text in "\\PC{0,70}") {
        if check_path(&text).is_ok() {
            proptest::prop_assert!(text.starts_with('/') && !text.contains(['\n', '\r', ' ']));
        }
        if let Ok(id) = ClientId::new(&text) {
            proptest::prop_assert!(!id.as_str().contains(['.', '\n']) && !id.as_str().is_empty());
        }
    }
}
