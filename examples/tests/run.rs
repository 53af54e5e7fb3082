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
