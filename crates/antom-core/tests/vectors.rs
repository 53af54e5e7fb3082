//! Signature vectors: headers, times, signed content and keys, each with what must come out.
//!
//! `vectors/signatures.json` and `vectors/keys.json` are ours, made with OpenSSL and keys of their own. A file
//! of captured traffic in the same shape is run as well where it lies beside the checkout; it is not part of
//! the repository.
#![cfg(feature = "ring")]
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

use antom_core::signature::{
    ClientId, HeaderError, KeyError, KeyVersion, PrivateKey, PublicKey, RsaSigner, RsaVerifier,
    SignatureHeader, Signer, Verifier, check_path, content, header, sandbox_keys,
};
use antom_core::time::{UnixTime, WireTime};
use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::Value;
use std::path::Path;

const OWN: &str = include_str!("vectors/signatures.json");
const KEYS: &str = include_str!("vectors/keys.json");

fn text<'a>(vector: &'a Value, name: &str) -> &'a str {
    vector[name].as_str().unwrap_or_else(|| panic!("{}: no text {name}", vector["id"]))
}

fn list<'a>(vectors: &'a Value, name: &str) -> &'a [Value] {
    vectors[name].as_array().unwrap()
}

/// The content, signature and key of a vector: as they come from the wire, blanks around them removed.
fn signed_parts(vector: &Value) -> (ClientId, WireTime, SignatureHeader, PublicKey) {
    let header = match vector["signature_header"].as_str() {
        Some(whole) => whole.to_owned(),
        None => format!("algorithm=RSA256,keyVersion=1,signature={}", text(vector, "signature_value")),
    };
    check_path(text(vector, "http_uri")).unwrap();
    (
        ClientId::new(text(vector, "client_id")).unwrap(),
        WireTime::parse(text(vector, "time").trim()).unwrap(),
        header::parse(&header).unwrap(),
        PublicKey::parse(text(vector, "public_key_spki_base64")).unwrap(),
    )
}

/// Runs every signed vector; gives how many verified and how many were refused.
fn run_signed(vectors: &Value) -> (usize, usize) {
    let (mut verified, mut refused) = (0, 0);
    for vector in list(vectors, "real") {
        let id = text(vector, "id");
        let (client_id, time, header, key) = signed_parts(vector);
        let (method, path) = (text(vector, "http_method"), text(vector, "http_uri"));
        let bytes = content(method, path, &client_id, &time, text(vector, "body").as_bytes());
        let verifier = RsaVerifier::new(key, KeyVersion::FIRST);
        let ok = verifier.verify(header.key_version, &bytes, &header.decode().unwrap()).is_ok();
        assert_eq!(ok, vector["verifies"].as_bool().unwrap(), "{id}");
        *if ok { &mut verified } else { &mut refused } += 1;
    }
    (verified, refused)
}

fn check_expected(vector: &Value, header: &SignatureHeader) {
    let (id, expect) = (text(vector, "id"), &vector["expect"]);
    assert_eq!(header.algorithm.as_str(), text(expect, "algorithm"), "{id}");
    let version = header.key_version.map(|version| version.to_string());
    assert_eq!(version.as_deref(), expect["key_version"].as_str(), "{id}");
    assert_eq!(header.signature_base64(), text(expect, "signature_base64"), "{id}");
}

#[test]
fn own_signed_vectors() {
    let vectors: Value = serde_json::from_str(OWN).unwrap();
    assert_eq!(run_signed(&vectors), (7, 14));
}

#[test]
fn own_header_forms() {
    let vectors: Value = serde_json::from_str(OWN).unwrap();
    for vector in list(&vectors, "header_forms") {
        let (id, parsed) = (text(vector, "id"), header::parse(text(vector, "signature_header")));
        match vector["refused"].as_str() {
            Some(name) => assert_eq!(variant(&parsed.unwrap_err()), name, "{id}"),
            None => {
                let parsed = parsed.unwrap_or_else(|error| panic!("{id}: {error}"));
                check_expected(vector, &parsed);
                assert_eq!(parsed.decode().is_ok(), vector["decodes"].as_bool().unwrap(), "{id}");
            }
        }
    }
}

#[test]
fn own_time_forms() {
    let vectors: Value = serde_json::from_str(OWN).unwrap();
    for vector in list(&vectors, "time_forms") {
        let value = text(vector, "value");
        match WireTime::parse(value) {
            Ok(time) => {
                assert_eq!(time.as_str(), value);
                let expected = UnixTime::from_millis(vector["unix_ms"].as_i64().unwrap());
                assert_eq!(time.instant(), expected, "{value}");
            }
            Err(error) => assert_eq!(vector["valid"], false, "{value}: {error}"),
        }
    }
}

/// PKCS#1 v1.5 signatures are deterministic: our signer makes the very bytes OpenSSL made.
#[test]
fn our_signer_agrees_with_openssl() {
    let vectors: Value = serde_json::from_str(OWN).unwrap();
    let key = PrivateKey::parse(sandbox_keys::MERCHANT_PRIVATE_KEY).unwrap();
    let signer = RsaSigner::new(&key, KeyVersion::FIRST).unwrap();
    let mut compared = 0;
    for vector in list(&vectors, "real").iter().filter(|vector| vector["verifies"] == true) {
        let (client_id, time, header, public) = signed_parts(vector);
        if public == *key.public() {
            let (method, path) = (text(vector, "http_method"), text(vector, "http_uri"));
            let bytes = content(method, path, &client_id, &time, text(vector, "body").as_bytes());
            assert_eq!(signer.sign(&bytes).unwrap(), header.decode().unwrap(), "{}", vector["id"]);
            compared += 1;
        }
    }
    assert_eq!(compared, 2);
}

#[test]
fn keys() {
    let vectors: Value = serde_json::from_str(KEYS).unwrap();
    for vector in list(&vectors, "keys") {
        let (id, role, base) = (text(vector, "id"), text(vector, "role"), text(vector, "text"));
        if let Some(expected) = vector["error"].as_str() {
            let error = fingerprint(role, base.as_bytes()).unwrap_err();
            assert_eq!(variant(&error), expected, "{id}: {error}");
            let shown = error.to_string();
            assert!(shown.starts_with(role) && shown.len() < 200, "{id}: {shown}");
            continue;
        }
        let expected = text(vector, "fingerprint");
        assert_eq!(fingerprint(role, base.as_bytes()).as_deref(), Ok(expected), "{id}");
        if vector["forms"] == true {
            for (form, bytes) in usable_forms(base) {
                let found = fingerprint(role, &bytes).unwrap_or_else(|error| panic!("{id} {form}: {error}"));
                assert_eq!(found, expected, "{id} {form}");
            }
            for (form, bytes, expected) in damaged_forms(base) {
                let error = fingerprint(role, &bytes).unwrap_err();
                assert_eq!(variant(&error), expected, "{id} {form}: {error}");
            }
        }
    }
}

fn fingerprint(role: &str, bytes: &[u8]) -> Result<String, KeyError> {
    match role {
        "private" => {
            let key = PrivateKey::parse(bytes)?;
            RsaSigner::new(&key, KeyVersion::FIRST)?;
            // What is written out reads back as the same key.
            assert_eq!(PrivateKey::parse(key.to_pkcs8_der().expose())?.public(), key.public());
            assert_eq!(PrivateKey::parse(key.to_pkcs1_der().expose())?.public(), key.public());
            Ok(key.public().fingerprint())
        }
        _ => {
            let key = PublicKey::parse(bytes)?;
            assert_eq!(PublicKey::parse(key.to_spki_der())?, key);
            assert_eq!(PublicKey::parse(key.to_spki_base64())?, key);
            Ok(key.fingerprint())
        }
    }
}

fn base64_of(pem: &str) -> String {
    pem.lines().filter(|line| !line.starts_with("-----")).collect()
}

/// What happens to a PEM on its way into a configuration, without harm.
fn usable_forms(pem: &str) -> Vec<(&'static str, Vec<u8>)> {
    let base64 = base64_of(pem);
    let other_label = match pem.contains("RSA ") {
        true => pem.replace("RSA ", ""),
        false => pem.replace("PRIVATE", "RSA PRIVATE").replace("PUBLIC", "RSA PUBLIC"),
    };
    vec![
        ("CRLF", pem.replace('\n', "\r\n").into()),
        ("byte order mark", format!("\u{feff}{pem}").into()),
        ("stray blanks", format!("\n \n{} \n", pem.replace('\n', " \n\t ")).into()),
        ("no line ends", pem.replace('\n', "").into()),
        ("blanks for line ends", pem.replace('\n', " ").into()),
        ("backslash n", pem.replace('\n', "\\n").into()),
        ("backslash r n", pem.replace('\n', "\\r\\n").into()),
        ("label of the other form", other_label.into()),
        ("text before", format!("Bag Attributes\n    localKeyID: 01\n{pem}").into()),
        ("base64", base64.clone().into()),
        ("base64, blanks inside", base64.replace('A', "A ").into()),
        ("base64, padding lost", base64.trim_end_matches('=').into()),
        ("base64, wrapped", base64.as_bytes().chunks(64).collect::<Vec<_>>().join(&b"\r\n"[..])),
        ("DER", STANDARD.decode(&base64).unwrap()),
    ]
}

/// What happens to it with harm, and how that is told.
fn damaged_forms(pem: &str) -> Vec<(&'static str, Vec<u8>, &'static str)> {
    let base64 = base64_of(pem);
    let der = STANDARD.decode(&base64).unwrap();
    let (head, tail) = pem.split_once("-----END").unwrap();
    vec![
        ("cut", base64[..base64.len() - 40].into(), "Malformed"),
        ("DER cut", der[..der.len() - 1].into(), "Malformed"),
        ("a byte too many", [&der[..], &[0]].concat(), "Malformed"),
        ("no END", head.into(), "NotPem"),
        ("no BEGIN", format!("{}-----END{tail}", base64).into(), "NotPem"),
        ("two keys", pem.repeat(2).into(), "NotPem"),
        ("a strange character", base64.replacen('A', "!", 1).into(), "NotBase64"),
        ("base64url", base64.replace('+', "-").replace('/', "_").into(), "NotBase64"),
        ("UTF-16", pem.encode_utf16().flat_map(u16::to_le_bytes).chain([0xff]).collect(), "NotText"),
        ("70000 bytes", base64.repeat(70_000 / base64.len() + 1).into(), "TooLarge"),
    ]
}

/// A cut key is refused wherever it is cut; a changed one is refused, or keeps its length. No input panics.
#[test]
fn cut_and_changed_keys() {
    let der = STANDARD.decode(base64_of(sandbox_keys::MERCHANT_PRIVATE_KEY)).unwrap();
    let public = STANDARD.decode(base64_of(sandbox_keys::MERCHANT_PUBLIC_KEY)).unwrap();
    for at in 0..der.len() {
        let mut changed = der.clone();
        changed[at] ^= 0x81;
        if let Ok(key) = PrivateKey::parse(&changed) {
            assert!(key.bits() >= 2048, "{at}");
        }
        assert!(PrivateKey::parse(&der[..at]).is_err(), "{at}");
    }
    for at in 0..public.len() {
        assert!(PublicKey::parse(&public[..at]).is_err(), "{at}");
    }
}

#[test]
fn captured_traffic() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/vectors/signatures.json");
    let Ok(file) = std::fs::read_to_string(&path) else {
        println!("skipped: no captured traffic beside this checkout");
        return;
    };
    let vectors: Value = serde_json::from_str(&file).unwrap();
    let (verified, refused) = run_signed(&vectors);
    assert!(verified >= 4 && refused >= 1, "{verified} verified, {refused} refused");
    let mut headers = 0;
    for vector in list(&vectors, "header_forms") {
        let (Some(form), id) = (vector["signature_header"].as_str(), text(vector, "id")) else { continue };
        let parsed = header::parse(form);
        headers += 1;
        if vector["expect"].is_object() {
            let parsed = parsed.unwrap_or_else(|error| panic!("{id}: {error}"));
            check_expected(vector, &parsed);
            assert_eq!(parsed.decode().is_ok(), id.starts_with("HDR"), "{id}");
            continue;
        }
        // These have their expectation in words.
        match id {
            "ODD-3" | "ODD-4" => assert_eq!(parsed.unwrap().signature_base64(), "test456", "{id}"),
            "ODD-5" => assert_eq!(parsed.unwrap().signature_base64(), "test789"),
            "ODD-6" => assert_eq!(parsed, Err(HeaderError::EmptySignature)),
            "ODD-7" => assert_eq!(parsed.unwrap().key_version, Some(KeyVersion::new(0))),
            "ODD-8" => assert!(parsed.is_err()),
            "ODD-9" => assert_eq!(parsed, Err(HeaderError::Algorithm)),
            "ODD-10" => assert!(parsed.and_then(|header| header.decode()).is_err()),
            other => panic!("no expectation for {other}"),
        }
    }
    println!("captured traffic: {verified} verified, {refused} refused, {headers} headers as stated");
}

/// The name of an error's variant.
fn variant(error: &impl std::fmt::Debug) -> String {
    let text = format!("{error:?}");
    text.split([' ', '{', '(']).next().unwrap_or_default().to_owned()
}
