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
fn guide_order_code() {
    let output = run(env!("CARGO_BIN_EXE_guide_order_code"), &[]);
    let told = "ORDER-1: paid, make two coffees
ORDER-1: may be handed over: true
ORDER-1: Captured SGD 9.50
ORDER-1: Refunded SGD 4.75
ORDER-2: closed: true
ORDER-2: the order refused: the order was closed by a cancellation; take the money with a new order
";
    assert!(output.contains('█') && output.ends_with(told), "{output}");
}

#[test]
fn guide_scan_to_link() {
    let output = run(env!("CARGO_BIN_EXE_guide_scan_to_link"), &[]);
    let told = "told: Applying
linked: Active, usable: true
ORDER-1: paid: true
unlinked: Ended { why: CancelledByBuyer }
ORDER-2: this authorization has no token that pays; ask the buyer to authorize again
BUYER-2: over: true
";
    assert!(output.contains('█') && output.ends_with(told), "{output}");
}

#[test]
fn guide_card_capture() {
    let told = "ORDER-1: Authorised, may be shipped: false
ORDER-1: Paid { captured: EUR 120.00 }, may be shipped: false
ORDER-1: Paid { captured: EUR 270.00 }, may be shipped: true
ORDER-1: Authorised EUR 300.00
ORDER-1: Captured EUR 120.00
ORDER-1: Captured EUR 150.00
ORDER-1: Refunded EUR 120.00
ORDER-2: let go: true
ORDER-3: stored and sent again: false
ORDER-3: Paid { captured: EUR 45.00 }, may be shipped: true
";
    assert_eq!(run(env!("CARGO_BIN_EXE_guide_card_capture"), &[]), told);
}

#[test]
fn guide_tokenised() {
    let told = "2026-01: paid: true
2026-02: paid: false
2026-02: paid at the second attempt: true
2026-03: Unresolved
2026-03: the order refused: attempt 2026-03-1 is not proven final and unpaid; a new one now could charge the buyer twice
2026-03: paid: true
2026-03: pay was sent 1 time
refreshed: true
revoked: Ended { why: Revoked }
";
    assert_eq!(run(env!("CARGO_BIN_EXE_guide_tokenised"), &[]), told);
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
fn stored_card() {
    let told = "ORDER-1: paid, the card left a token: true
ORDER-2: Unresolved
ORDER-2: paid: true, in 1 attempt
";
    assert_eq!(run(env!("CARGO_BIN_EXE_stored_card"), &[]), told);
}
