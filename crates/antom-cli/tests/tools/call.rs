use std::io::Write as _;
use std::process::Stdio;

use antom::core::api::models::ResultStatus;
use antom_sandbox::engine::{Event, Fault, FaultTarget};
use serde_json::json;

use super::{Shop, beside, command, end};

const INQUIRY: &str = r#"{"paymentRequestId":"no-such-payment"}"#;

fn pay(id: &str) -> String {
    json!({
        "productCode": "IN_STORE_PAYMENT",
        "paymentRequestId": id,
        "order": {
            "referenceOrderId": "order-1",
            "orderDescription": "tea",
            "orderAmount": {"currency": "USD", "value": "1000"},
            "merchant": {"merchantMCC": "5411", "store": {"referenceStoreId": "s", "storeName": "Tea", "storeMCC": "5411"}}
        },
        "paymentAmount": {"currency": "USD", "value": "1000"},
        "paymentMethod": {"paymentMethodType": "CONNECT_WALLET"},
        "paymentFactor": {"inStorePaymentScenario": "OrderCode"},
        "novelMember": {"kept": true}
    })
    .to_string()
}

#[tokio::test]
async fn a_payment_is_accepted_inquired_and_nothing_secret_is_shown() {
    let shop = Shop::open("call-pay").await;
    let body = shop.folder.file("pay.json", &pay("attempt-1"));
    let paid = shop.run(&["call", "payments/pay", "--in-store", "--json", "--body", &body]).await;
    assert_eq!(paid.code, 0, "{}", paid.said());
    let json = paid.json();
    assert_eq!(json["outcome"], "accepted", "{json}");
    assert_eq!(json["path"], "/ams/api/v1/payments/pay");
    assert_eq!(json["result_code"], "PAYMENT_IN_PROCESS");
    assert_eq!(json["signed"], true);
    assert!(json["next"].as_str().unwrap().contains("payments/inquiryPayment"), "{json}");
    assert!(json["body"]["paymentId"].is_string(), "{json}");

    let inquiry = shop.folder.file("inquiry.json", r#"{"paymentRequestId":"attempt-1"}"#);
    let asked = shop.run(&["call", "payments/inquiryPayment", "--body", &inquiry]).await;
    assert_eq!(asked.code, 0, "{}", asked.said());
    assert!(asked.out.contains("outcome   completed"), "{}", asked.out);
    assert!(asked.out.contains("signed by the gateway with key version 1"), "{}", asked.out);
    assert!(asked.out.contains("\"paymentRequestId\": \"attempt-1\""), "{}", asked.out);
    let secret = shop.sandbox.merchant_private_key().unwrap();
    assert!(!paid.said().contains(secret.expose()) && !asked.said().contains(secret.expose()));
}

#[tokio::test]
async fn what_is_secret_in_an_answer_is_shown_only_when_asked_for() {
    let shop = Shop::open("call-secret").await;
    let body = json!({
        "customerBelongsTo": "ALIPAY_CN",
        "authRedirectUrl": "https://shop.example/back",
        "scopes": ["AGREEMENT_PAY"],
        "authState": "state-1",
        "terminalType": "WEB"
    });
    let body = shop.folder.file("consult.json", &body.to_string());
    let hidden = shop.run(&["call", "authorizations/consult", "--json", "--body", &body]).await;
    assert_eq!(hidden.code, 0, "{}", hidden.said());
    assert_eq!(hidden.json()["body"]["authUrl"], "[secret]");
    let shown = shop.run(&["call", "authorizations/consult", "--json", "--reveal", "--body", &body]).await;
    let url = shown.json()["body"]["authUrl"].as_str().unwrap().to_owned();
    assert!(url.starts_with("http://127.0.0.1:") && !hidden.said().contains(&url), "{url}");
}

#[tokio::test]
async fn every_end_has_its_exit_code() {
    let shop = Shop::open("call-ends").await;
    let inquiry = shop.folder.file("inquiry.json", INQUIRY);
    let declined = shop.run(&["call", "payments/inquiryPayment", "--json", "--body", &inquiry]).await;
    assert_eq!(declined.code, 1, "{}", declined.said());
    assert_eq!(declined.json()["result_code"], "ORDER_NOT_EXIST");
    assert_eq!(declined.json()["first_send"], true);

    let target = || FaultTarget::Operation("payments/pay".into());
    for (fault, reason) in [
        (Fault::Unsigned, "unsigned"),
        (Fault::Refuse { code: "UNKNOWN_EXCEPTION".into(), status: ResultStatus::U }, "does not know"),
        (Fault::NoAnswer, "the connection broke"),
    ] {
        let body = shop.folder.file("pay.json", &pay("attempt-2"));
        shop.sandbox.set_fault(target(), fault, None);
        let lost = shop.run(&["call", "payments/pay", "--in-store", "--json", "--body", &body]).await;
        assert_eq!(lost.code, 3, "{}", lost.said());
        let json = lost.json();
        assert_eq!(
            (&json["outcome"], &json["ids"]["paymentRequestId"]),
            (&json!("unresolved"), &json!("attempt-2"))
        );
        assert!(json["reason"].as_str().unwrap().contains(reason), "{json}");
        assert!(json["next"].as_str().unwrap().contains("payments/inquiryPayment"), "{json}");
    }

    // A port that was free a moment ago: nobody listens there.
    let gone = shop.sandbox.gateway_url().to_owned();
    let Shop { sandbox, folder } = shop;
    sandbox.shutdown().await;
    let body = folder.file("pay.json", &pay("attempt-3"));
    let (private, gateway) = (folder.path("private.txt"), folder.path("gateway.txt"));
    let unsent = beside(command(&[
        "call",
        "payments/pay",
        "--json",
        "--body",
        &body,
        "--client-id",
        "SANDBOX_5Y0000000000000001",
        "--gateway-url",
        &gone,
        "--private-key",
        &private,
        "--gateway-key",
        &gateway,
    ]))
    .await;
    assert_eq!(unsent.code, 4, "{}", unsent.said());
    assert_eq!(unsent.json()["outcome"], "not_sent");
}

#[tokio::test]
async fn what_has_problems_is_not_sent() {
    let shop = Shop::open("call-check").await;
    for (operation, body, said) in [
        ("payments/pay", r#"{"paymentRequestId":"x"}"#, "/paymentAmount"),
        ("payments/pay", "no json", "the document"),
        ("payments/inquiryPayment", r#"{"paymentRequestId":"x","paymentRequestId":"y"}"#, "twice"),
        ("inquirypayment", "{}", "payments/inquiryPayment"),
        ("payments/nothing", "{}", "such as payments/inquiryPayment"),
        ("billing/product/uploadImage", "{}", "not called with JSON alone"),
    ] {
        let body = shop.folder.file("body.json", body);
        let refused = shop.run(&["call", operation, "--body", &body]).await;
        assert_eq!(refused.code, 2, "{operation}: {}", refused.said());
        assert!(refused.err.contains(said), "{operation}: {}", refused.err);
    }
    assert!(shop.sandbox.journal().is_empty(), "{:?}", shop.sandbox.journal());
}

#[tokio::test]
async fn live_money_needs_a_flag_and_a_person() {
    let shop = Shop::open("call-live").await;
    let folder = &shop.folder;
    // Keys of its own: the published ones are refused for live accounts anyway.
    for name in ["own.pem", "theirs.pem"] {
        let made = super::run(&[
            "keys",
            "new",
            "--private-key",
            &folder.path(name),
            "--public-key",
            &folder.path(&format!("{name}.pub")),
        ]);
        assert_eq!(made.code, 0, "{}", made.err);
    }
    let (body, inquiry) = (folder.file("pay.json", &pay("attempt-1")), folder.file("inquiry.json", INQUIRY));
    let (own, theirs) = (folder.path("own.pem"), folder.path("theirs.pem.pub"));
    let live = |operation: &str, body: &str| {
        let mut command = command(&["call", operation, "--body", body, "--client-id", "5Y0000000000000001"]);
        command.args([
            "--gateway-url",
            shop.sandbox.gateway_url(),
            "--private-key",
            &own,
            "--gateway-key",
            &theirs,
        ]);
        command
    };
    let refused = beside(live("payments/pay", &body)).await;
    assert_eq!(refused.code, 2, "{}", refused.said());
    assert!(refused.err.contains("--live"), "{}", refused.err);
    let mut alone = live("payments/pay", &body);
    alone.arg("--live");
    let alone = beside(alone).await;
    assert_eq!(alone.code, 2, "{}", alone.said());
    assert!(alone.err.contains("terminal"), "{}", alone.err);
    assert!(shop.sandbox.journal().is_empty(), "{:?}", shop.sandbox.journal());
    // Reading moves nothing and needs no confirmation; this sandbox only turns a live id away.
    let read = beside(live("payments/inquiryPayment", &inquiry)).await;
    assert_eq!(read.code, 3, "{}", read.said());
    assert!(
        shop.sandbox
            .journal()
            .iter()
            .any(|entry| matches!(entry.event, Event::Request { verified: false, .. }))
    );
}

#[tokio::test]
async fn keys_come_from_the_environment_and_the_body_from_standard_input() {
    let shop = Shop::open("call-environment").await;
    let mut command = command(&["call", "payments/inquiryPayment", "--json", "--body", "-"]);
    command
        .env("ANTOM_CLIENT_ID", shop.sandbox.client_id())
        .env("ANTOM_GATEWAY_URL", shop.sandbox.gateway_url())
        .env("MY_KEY", shop.sandbox.merchant_private_key().unwrap().expose())
        .env("ANTOM_PUBLIC_KEY", shop.sandbox.gateway_public_key())
        .args(["--private-key-env", "MY_KEY"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let ended = tokio::task::spawn_blocking(move || {
        let mut child = command.spawn().unwrap();
        child.stdin.take().unwrap().write_all(INQUIRY.as_bytes()).unwrap();
        child.wait_with_output().unwrap()
    })
    .await
    .unwrap();
    assert_eq!(ended.status.code(), Some(1), "{}", String::from_utf8_lossy(&ended.stderr));
    assert!(String::from_utf8_lossy(&ended.stdout).contains("ORDER_NOT_EXIST"));
    let nothing = end(super::command(&["call", "payments/inquiryPayment", "--body", "-"]));
    assert_eq!(nothing.code, 2, "{}", nothing.said());
}
