//! `antom-dev sandbox` serves a program of another process.
#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

use antom::Client;
use antom::core::api::payments::InquiryPaymentRequest;
use antom::core::outcome::Outcome;
use serde_json::Value;

/// Ended with the test, however it ends.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Starts it; returns what it printed once it served.
fn start(arguments: &[&str]) -> (Running, Value) {
    let mut child = Command::new(env!("CARGO_BIN_EXE_antom-dev"))
        .arg("sandbox")
        .args(arguments)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
    (Running(child), serde_json::from_str(&line).unwrap())
}

fn client(ready: &Value) -> Client {
    let text = |name: &str| ready[name].as_str().unwrap().to_owned();
    Client::builder()
        .gateway_url(&text("gateway_url"))
        .client_id(text("client_id"))
        .private_key(text("merchant_private_key"))
        .gateway_key(1, text("antom_public_key"))
        .build()
        .unwrap()
}

#[tokio::test]
async fn a_program_can_call_it_with_what_it_printed() {
    for keys in [&[][..], &["--fresh-keys"]] {
        let (_running, ready) = start(keys);
        let request = InquiryPaymentRequest::new().with_payment_request_id("no-such-payment");
        let outcome = client(&ready).payments().inquiry_payment(&request).await.unwrap();
        let Outcome::Declined(declined) = outcome else { panic!("{outcome:?}") };
        assert!(declined.reply.verified().proof().is_signed());
        assert_eq!(declined.reply.result().result_code.as_ref().unwrap(), "ORDER_NOT_EXIST");
    }
}

#[test]
fn the_ready_file_says_the_same_and_is_private() {
    use std::os::unix::fs::PermissionsExt;
    let path = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join("ready.json");
    // A file that is there already, open to everybody.
    std::fs::write(&path, "old").unwrap();
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o644)).unwrap();
    let (_running, ready) = start(&["--ready-file", path.to_str().unwrap()]);
    let written: Value = serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
    assert_eq!(written, ready);
    assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    std::fs::remove_file(&path).unwrap();
}

#[test]
fn live_client_ids_are_refused() {
    let output = Command::new(env!("CARGO_BIN_EXE_antom-dev"))
        .args(["sandbox", "--client-id", "LIVE_1"])
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stderr).contains("SANDBOX_"));
}
