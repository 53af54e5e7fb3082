//! The demo, as a newcomer runs it.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use std::process::{Command, Output};

use serde_json::Value;

fn demo(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_antom-dev")).arg("demo").args(arguments).output().unwrap()
}

fn steps(arguments: &[&str]) -> Vec<Value> {
    let output = demo(arguments);
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success(), "{text}{}", String::from_utf8_lossy(&output.stderr));
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[test]
fn every_flow_is_played_to_its_end() {
    let output = demo(&[]);
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success(), "{text}{}", String::from_utf8_lossy(&output.stderr));
    for order in ["ORDER-CODE-1", "ORDER-LINK-1", "ORDER-CARD-1", "ORDER-CARD-2", "ORDER-CARD-3"] {
        assert!(text.contains(order), "{order} is not in the closing table:\n{text}");
    }
    assert!(text.contains("█"), "no QR code");
    assert!(text.contains("12.50 SGD paid, 5.00 SGD refunded"));
    assert!(text.trim_end().ends_with(" ms"), "no closing line");
    assert!(!text.contains("4054695723100768"), "a card number");
}

#[test]
fn every_step_is_one_object_and_every_answer_and_notification_is_verified() {
    let steps = steps(&["--json"]);
    let names = |flow: &str| -> Vec<String> {
        let of_flow = steps.iter().filter(|step| step["flow"] == flow);
        of_flow.map(|step| step["what"].as_str().unwrap().to_owned()).collect()
    };
    for (flow, needed) in [
        (
            "order-code",
            &[
                "payments/pay",
                "the order code",
                "notifyPayment",
                "payments/inquiryPayment",
                "payments/refund",
                "payments/inquiryRefund",
            ][..],
        ),
        (
            "scan-to-link",
            &[
                "authorizations/consult",
                "notifyAuthorization",
                "authorizations/applyToken",
                "payments/pay",
                "notifyPayment",
                "authorizations/applyToken",
                "authorizations/revoke",
                "notifyAuthorization",
            ],
        ),
        (
            "card",
            &[
                "payments/pay",
                "3-D Secure",
                "notifyPayment",
                "payments/capture",
                "notifyCapture",
                "payments/inquiryPayment",
                "the card page",
                "notifyPayment",
                "notifyCapture",
                "payments/cancel",
            ],
        ),
    ] {
        let names = names(flow);
        let mut rest = names.iter();
        for needed in needed {
            assert!(rest.any(|name| name == needed), "{flow}: {needed} is missing or late in {names:?}");
        }
    }
    for step in &steps {
        assert_eq!(step["ok"], true, "{step}");
        // What Antom says is signed; what the buyer does is not.
        let antom_speaks = step["from"] == "antom" || (step["from"] == "shop" && step["to"] == "antom");
        assert_eq!(step["signature"]["verified"] == true, antom_speaks, "{step}");
    }
}

#[test]
fn one_flow_can_be_played_alone() {
    for flow in ["order-code", "scan-to-link", "card"] {
        let steps = steps(&["--json", "--flow", flow]);
        assert!(steps.len() >= 8 && steps.iter().all(|step| step["flow"] == flow), "{flow}");
    }
    assert_eq!(demo(&["--flow", "none-of-these"]).status.code(), Some(2));
}
