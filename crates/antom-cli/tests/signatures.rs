//! `antom-dev sign` and `antom-dev verify`, on files as a person has them.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use antom::core::signature::sandbox_keys::{GATEWAY_PUBLIC_KEY, MERCHANT_PRIVATE_KEY, MERCHANT_PUBLIC_KEY};

const PATH: &str = "/ams/api/v1/payments/pay";

/// A folder of a test's own, removed at its end.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
        fs::create_dir_all(&folder).unwrap();
        Self(folder)
    }

    fn file(&self, name: &str, content: &str) -> String {
        let path = self.0.join(name);
        fs::write(&path, content).unwrap();
        path.to_str().unwrap().to_owned()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn run(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_antom-dev")).args(arguments).output().unwrap()
}

fn sign(path: &str, key: &str, body: &str) -> String {
    let output = run(&[
        "sign",
        "--path",
        path,
        "--client-id",
        "SANDBOX_1",
        "--time",
        "1685599933871",
        "--private-key",
        key,
        "--key-version",
        "3",
        "--body",
        body,
    ]);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

fn verify(path: &str, header: &str, key: &str, body: &str) -> (Option<i32>, String) {
    let output = run(&[
        "verify",
        "--method",
        "POST",
        "--path",
        path,
        "--client-id",
        "SANDBOX_1",
        "--time",
        "1685599933871",
        "--signature",
        header,
        "--public-key",
        key,
        "--body",
        body,
    ]);
    let text = [output.stdout, output.stderr].concat();
    (output.status.code(), String::from_utf8(text).unwrap())
}

#[test]
fn what_sign_writes_verify_accepts_and_nothing_else() {
    let folder = Folder::new("signatures-round-trip");
    let private = folder.file("private.pem", MERCHANT_PRIVATE_KEY);
    let public = folder.file("public.pem", MERCHANT_PUBLIC_KEY);
    let other = folder.file("gateway.pem", GATEWAY_PUBLIC_KEY);
    let body = folder.file("body.json", r#"{"a":1}"#);
    let changed = folder.file("changed.json", r#"{"a":2}"#);
    let header = sign(PATH, &private, &body);
    assert!(header.starts_with("algorithm=RSA256,keyVersion=3,signature="), "{header}");
    let (code, text) = verify(PATH, &header, &public, &body);
    assert_eq!(code, Some(0), "{text}");
    assert!(text.starts_with("verified\n"), "{text}");
    assert_eq!(verify(PATH, &header, &public, &changed).0, Some(1));
    assert_eq!(verify(PATH, &header, &other, &body).0, Some(1));
    assert_eq!(verify("/ams/api/v1/payments/refund", &header, &public, &body).0, Some(1));
}

#[test]
fn the_usual_slips_are_named() {
    let folder = Folder::new("signatures-slips");
    let private = folder.file("private.pem", MERCHANT_PRIVATE_KEY);
    let public = folder.file("public.pem", MERCHANT_PUBLIC_KEY);
    let body = folder.file("body.json", "{}");
    let with_line_break = folder.file("line.json", "{}\n");
    let header = sign(PATH, &private, &body);
    for (path, body, hint) in [
        (format!("{PATH}?a=b"), &body, "without its query"),
        (PATH.replace("/ams/", "/ams/sandbox/"), &body, "over the live path"),
        (PATH.to_owned(), &with_line_break, "without the line break"),
    ] {
        let (code, text) = verify(&path, &header, &public, body);
        assert_eq!(code, Some(1));
        assert!(text.contains(hint), "{path}: {text}");
    }
}

#[test]
fn unusable_input_has_a_code_of_its_own_and_shows_no_key() {
    let folder = Folder::new("signatures-input");
    let private = folder.file("private.pem", MERCHANT_PRIVATE_KEY);
    let public = folder.file("public.pem", MERCHANT_PUBLIC_KEY);
    let body = folder.file("body.json", "{}");
    let header = sign(PATH, &private, &body);
    let (code, text) = verify(PATH, &header, &private, &body);
    assert_eq!(code, Some(2), "{text}");
    assert!(text.contains("private key") && !text.contains("MII"), "{text}");
    assert_eq!(verify("no-slash", &header, &public, &body).0, Some(2));
    assert_eq!(verify(PATH, &header, &public, "no/such/file").0, Some(2));
    // A malformed header is an answer to the question, not a slip of the person who asks.
    assert_eq!(verify(PATH, "algorithm=none,signature=abcd", &public, &body).0, Some(1));
}
