//! Runs every example.
#![allow(clippy::unwrap_used)]

use std::process::{Command, Stdio};

fn run(program: &str, arguments: &[&str]) -> String {
    let played = Command::new(program).args(arguments).stdin(Stdio::null()).output().unwrap();
    let output = String::from_utf8(played.stdout).unwrap();
    assert!(played.status.success(), "{output}\n{}", String::from_utf8_lossy(&played.stderr));
    output
}

#[test]
fn axum_shop() {
    assert_eq!(run(env!("CARGO_BIN_EXE_axum_shop"), &[]), "before: waiting\nafter: shipped\n");
}

#[test]
fn shop_on_sqlite_and_on_postgres_where_it_is_found() {
    let shop = || {
        let mut command = Command::new(env!("CARGO_BIN_EXE_shop"));
        command.env_remove("DATABASE_URL").stdin(Stdio::null());
        command
    };
    let said = "before: waiting\nafter: paid\nshipped: true\n";
    let played = shop().output().unwrap();
    assert_eq!(String::from_utf8_lossy(&played.stdout), said, "{}", String::from_utf8_lossy(&played.stderr));
    if let Some(url) = std::env::var_os("ANTOM_TEST_POSTGRES") {
        let played = shop().env("DATABASE_URL", url).output().unwrap();
        assert_eq!(
            String::from_utf8_lossy(&played.stdout),
            said,
            "{}",
            String::from_utf8_lossy(&played.stderr)
        );
    }
}

#[test]
fn blocking_cli() {
    let output = run(env!("CARGO_BIN_EXE_blocking_cli"), &["TABLE-7"]);
    assert!(output.contains('█') && output.ends_with("TABLE-7 is paid\n"), "{output}");
}

#[test]
fn smol_local() {
    assert_eq!(run(env!("CARGO_BIN_EXE_smol_local"), &[]), "ORDER-1 is paid; statuses: [200]\n");
}

#[test]
fn kms_signer() {
    let output = run(env!("CARGO_BIN_EXE_kms_signer"), &[]);
    let own = format!("signed by process Some({})", std::process::id());
    assert!(output.starts_with("ORDER-1: Some(Success), signed by process Some("), "{output}");
    assert!(!output.contains(&own), "{output}");
    assert!(
        output.contains("without the service: payments/inquiryPayment: signing the request failed"),
        "{output}"
    );
}

#[test]
fn own_transport() {
    assert_eq!(run(env!("CARGO_BIN_EXE_own_transport"), &[]), "ORDER-1 is paid\n");
}

#[test]
fn own_transport_is_short_and_keeps_its_promises() {
    let lines = include_str!("../src/bin/own_transport/transport.rs").lines().count();
    assert!(lines < 80, "{lines} lines");
    run(env!("CARGO_BIN_EXE_own_transport"), &["conformance"]);
}

#[test]
fn guide_order_code() {
    let output = run(env!("CARGO_BIN_EXE_guide_order_code"), &[]);
    let paid = "ORDER-1 is paid: SGD 9.50; it may be shipped: true\nnotifications not acknowledged: 0\n";
    assert!(output.contains(paid), "{output}");
    assert!(output.contains("ORDER-2 is Cancelled\nORDER-3 is Pending\n"), "{output}");
    assert!(output.ends_with("twenty minutes later it is Failed\n"), "{output}");
}

#[test]
fn guide_scan_to_link() {
    let output = run(env!("CARGO_BIN_EXE_guide_scan_to_link"), &[]);
    let expected = "the authorization is Applying\nthe authorization is Active\nRIDE-1 is paid: SGD 9.50\n\
                    the token was refreshed: true\nthe authorization is Ended { why: Revoked }\n";
    assert!(output.contains(expected), "{output}");
    assert!(output.ends_with("RIDE-2 is refused before anything is sent: true\n"), "{output}");
}

#[test]
fn guide_card_capture() {
    let output = run(env!("CARGO_BIN_EXE_guide_card_capture"), &[]);
    let expected = "ORDER-1 is Authorised; it may be shipped: false\n\
                    ORDER-1: SGD 5.00 captured; it may be shipped: true\n\
                    the ledger: [Authorised, Captured, Refunded]\nORDER-2 is Authorised\n";
    assert!(output.starts_with(expected), "{output}");
    assert!(output.contains("ORDER-2 is Paid"), "{output}");
}

#[test]
fn guide_tokenised_payment() {
    let output = run(env!("CARGO_BIN_EXE_guide_tokenised_payment"), &[]);
    let expected =
        "ORDER-2 is Unresolved\nORDER-2 is paid: SGD 9.50, in 1 attempt\norders that are open: 0\n";
    assert!(output.ends_with(expected), "{output}");
}
