//! The repository's vectors, and captured traffic where there is any beside the repository.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

use std::path::Path;

use antom_webhook::signature::{ClientId, KeyVersion, PublicKey, RsaVerifier, header};
use antom_webhook::time::WireTime;
use antom_webhook::{WebhookHead, WebhookVerifier};
use serde_json::Value;

fn text<'a>(vector: &'a Value, name: &str) -> Option<&'a str> {
    vector.get(name).and_then(Value::as_str)
}

/// The header as captured, or built from the captured signature.
fn signature_header(vector: &Value) -> String {
    match (text(vector, "signature_header"), text(vector, "signature_value")) {
        (Some(header), _) => header.to_owned(),
        (None, Some(value)) => format!("algorithm=RSA256,keyVersion=1,signature={value}"),
        (None, None) => panic!("a vector without a signature"),
    }
}

/// Whether the vector verifies as a delivery to the path of its URI, and how many there were.
fn check(file: &Path) -> usize {
    let document = std::fs::read_to_string(file).unwrap();
    let document: Value = serde_json::from_str(&document).unwrap();
    let mut checked = 0;
    for vector in document["real"].as_array().unwrap() {
        let id = text(vector, "id").unwrap();
        let get = |name| text(vector, name).unwrap_or_else(|| panic!("{id} has no {name}"));
        let Some(expected) = vector["verifies"].as_bool() else { continue };
        if text(vector, "time_header").is_some_and(|name| !name.eq_ignore_ascii_case("request-time")) {
            continue;
        }
        let client_id = ClientId::new(get("client_id")).unwrap();
        let key = PublicKey::parse(get("public_key_spki_base64")).unwrap();
        // Not a key ring: it would refuse the published key of some vectors for their client ids.
        let keys = RsaVerifier::new(key, KeyVersion::FIRST);
        let uri = get("http_uri");
        let path = uri.split_once('?').map_or(uri, |(path, _)| path);
        let time = get("time").trim();
        let now = WireTime::parse(time).unwrap().instant();
        let verifier = WebhookVerifier::builder(client_id, keys).path(path).build().unwrap();
        let head = WebhookHead::new(get("http_method"), uri)
            .with_header("Client-Id", get("client_id"))
            .with_header("Request-Time", get("time"))
            .with_header("Signature", signature_header(vector));
        let verdict = verifier.verify_slice(&head, get("body").as_bytes(), now);
        // A captured delivery whose URI had a query is signed over the bare path. The vector that says "with
        // the query it does not verify" speaks of that one form; a delivery in which only the bare path
        // verifies is accepted here, and its proven path is the bare one.
        match verdict {
            Ok(verified) => {
                let as_stated = verified.path() == uri;
                assert_eq!(as_stated, expected, "{id}: {}", verified.path());
                assert!(as_stated || verified.path() == path, "{id}");
                assert_eq!(verified.raw(), get("body"), "{id}");
                drop(verified.notification());
            }
            Err(error) => assert!(!expected, "{id}: {error}"),
        }
        checked += 1;
    }
    for form in document["header_forms"].as_array().into_iter().flatten() {
        let Some(expect) = form.get("expect").filter(|expect| expect.is_object()) else { continue };
        let parsed = header::parse(text(form, "signature_header").unwrap()).unwrap();
        assert_eq!(Some(parsed.signature_base64()), text(expect, "signature_base64"), "{form}");
    }
    checked
}

#[test]
fn own_vectors() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../antom-core/tests/vectors/signatures.json");
    assert!(check(&file) >= 4);
}

/// Captured traffic is not ours to publish: it lies beside the repository where there is any.
#[test]
fn captured_traffic() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/vectors/signatures.json");
    if !file.exists() {
        println!("no captured traffic beside the repository: left out");
        return;
    }
    assert!(check(&file) >= 4);
}
