//! `antom-dev lint`, as a user runs it.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod generated;
mod run;

use std::path::Path;

use serde_json::{Value, json};

use run::{assert_clean, expect, lint, one, problems, stdout};

#[test]
fn the_samples_are_clean() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/samples");
    let mut count = 0;
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
        let mut parts = name.split("--");
        let operation = parts.next().unwrap().replace('.', "/");
        let arguments =
            ["--operation", &operation, "--part", parts.next().unwrap(), "--json", path.to_str().unwrap()];
        let output = lint(&arguments, "");
        let report: Value = serde_json::from_str(stdout(&output)).unwrap();
        assert_clean(&report);
        assert_eq!(report["hints"], json!([]), "{name}");
        assert_eq!(output.status.code(), Some(0), "{name}");
        count += 1;
    }
    assert!(count >= 30, "{count} samples");
}

#[test]
fn every_problem_is_named_at_once() {
    let doc = r#"{
        "paymentRequestId": "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
        "order": {"orderDescription": "", "orderAmount": {"currency": "IDR", "value": "1050"}},
        "paymentAmount": {"currency": "usd", "value": "1.5"},
        "paymentMethod": {"paymentMethodType": "CARD", "paymentMethodMetaData": {"expiryYear": "2029"}},
        "paymentFactor": {"isAuthorization": "yes"},
        "env": []
    }"#;
    let report = one("payments/pay", "request", doc);
    expect(
        &report,
        &[
            ("/paymentFactor/isAuthorization", "form"),
            ("/env", "shape"),
            ("/productCode", "missing"),
            ("/paymentRequestId", "too_long"),
            ("/order/referenceOrderId", "missing"),
            ("/order/orderDescription", "empty"),
            ("/order/orderAmount/value", "amount"),
            ("/paymentAmount/currency", "amount"),
            ("/paymentMethod/paymentMethodMetaData/expiryYear", "too_long"),
        ],
    );
    assert_eq!(report["parsed"], json!(false));
}

#[test]
fn answers_owe_nothing_but_their_result() {
    assert_clean(&one("payments/pay", "response", r#"{"result": {}}"#));
    assert_clean(&one("notifyPayment", "notification", "{}"));
    expect(&one("payments/pay", "response", r#"{"paymentId": "1"}"#), &[("/result", "missing")]);
}

#[test]
fn unknown_members_stay_reachable_and_nothing_else_is_lost() {
    let doc = r#"{
        "result": {"resultCode": "CODE_OF_TOMORROW", "resultStatus": "A", "resultMessage": "", "more": 1},
        "paymentId": null, "new/~Member": {"deep": null},
        "paymentAmount": {"currency": "", "value": "007", "rate": 1.10},
        "orderCodeForm": {"codeDetails": [{}, {"x": []}], "extendInfo": "{\"a\":[1,null]}"}
    }"#;
    let report = one("payments/pay", "response", doc);
    assert_eq!(report["parsed"], json!(true));
    assert_eq!(report["lost"], json!([]));
    let unknown = ["/result/more", "/new~1~0Member", "/paymentAmount/rate", "/orderCodeForm/codeDetails/1/x"];
    assert_eq!(report["unknown"], json!(unknown));
    expect(&report, &[]);
}

#[test]
fn what_the_typed_value_does_not_hold_is_lost() {
    // A number in an unforeseen form is never guessed: the member stays absent, and lint says so.
    let report = one(
        "notifyPayment",
        "notification",
        r#"{"paymentResultInfo": {"creditPayPlan": {"installmentNum": "07", "interval": "M"}}}"#,
    );
    assert_eq!(report["parsed"], json!(true));
    assert_eq!(report["lost"], json!(["/paymentResultInfo/creditPayPlan/installmentNum"]));
    expect(&report, &[("/paymentResultInfo/creditPayPlan/installmentNum", "form")]);
}

#[test]
fn known_misspellings_are_accepted_and_named() {
    let right = |report: &Value| {
        let message = report["problems"][0]["message"].as_str().unwrap();
        message.split('`').nth(1).unwrap().to_owned()
    };
    for (api, kind, doc, pointer, name) in [
        (
            "notifyPayment",
            "notification",
            r#"{"cardInfo": {"threeDSResult": {"caav": "x"}}}"#,
            "/cardInfo/threeDSResult/caav",
            "cavv",
        ),
        (
            "payments/pay",
            "request",
            r#"{"order": {"merchant": {"store": {"storeMcc": "1"}}}}"#,
            "/order/merchant/store/storeMcc",
            "storeMCC",
        ),
        (
            "payments/pay",
            "request",
            r#"{"order": {"shipping": {"shippingAddress": {"zipcode": "1"}}}}"#,
            "/order/shipping/shippingAddress/zipcode",
            "zipCode",
        ),
        (
            "payments/pay",
            "request",
            r#"{"paymentExpireTime": "2026-01-02T03:04:05Z"}"#,
            "/paymentExpireTime",
            "paymentExpiryTime",
        ),
        (
            "payments/pay",
            "request",
            r#"{"paymentMethod": {"paymentMethodMetaData": {"enableAuthenticationUpgrate": true}}}"#,
            "/paymentMethod/paymentMethodMetaData/enableAuthenticationUpgrate",
            "enableAuthenticationUpgrade",
        ),
        (
            "payments/pay",
            "request",
            r#"{"paymentMethod": {"paymentMethodMetaData": {"cardHolderName": {}}}}"#,
            "/paymentMethod/paymentMethodMetaData/cardHolderName",
            "cardholderName",
        ),
        (
            "authorizations/consult",
            "request",
            r#"{"scopes": ["AGREEEMENT_PAY"]}"#,
            "/scopes/0",
            "AGREEMENT_PAY",
        ),
        ("payments/pay", "request", r#"{"paymentRequestID": "1"}"#, "/paymentRequestID", "paymentRequestId"),
    ] {
        let report = one(api, kind, doc);
        assert_eq!(problems(&report)[0], (pointer.to_owned(), "spelling".to_owned()), "{report}");
        assert_eq!(right(&report), name);
    }
}

#[test]
fn broken_documents_are_judged_too() {
    let nested = format!("{}{}", "[".repeat(150), "]".repeat(150));
    for (doc, pointer, kind) in [
        (
            r#"{"result": {"resultCode": "A", "resultCode": "B"}}"#.to_owned(),
            "/result/resultCode",
            "duplicate",
        ),
        (format!(r#"{{"x": {nested}}}"#), "/x", "limit"),
        (r#""{\"result\": nope}""#.to_owned(), "/result", "syntax"),
        (r#""""#.to_owned(), "", "syntax"),
        ("[]".to_owned(), "", "shape"),
        ("12".to_owned(), "", "shape"),
    ] {
        let report = one("payments/pay", "response", &doc);
        assert_eq!(report["parsed"], json!(false), "{doc}");
        let found = problems(&report).remove(0);
        assert!(found.0.starts_with(pointer) && found.1 == kind, "{doc}: {found:?}");
    }
}

#[test]
fn lines_that_cannot_be_judged_do_not_stop_the_others() {
    let lines = concat!(
        r#"{"id":1,"api":"payments/pay","kind":"response","doc":{"result":{}}}"#,
        "\n\nnot JSON\n",
        r#"{"id":{"a":[1]},"api":"payments/nothing","kind":"request","doc":{}}"#,
        "\n",
        r#"{"id":"k","api":"payments/pay","kind":"reply","doc":{}}"#,
        "\n",
        r#"{"id":null,"api":"payments/pay","kind":"response"}"#,
        "\n",
        r#"{"id":"last","api":"notifyRefund","kind":"ack","doc":{"result":{"resultCode":"SUCCESS","resultStatus":"S"}}}"#,
    );
    let output = lint(&["--batch", "-", "--json"], lines);
    assert_eq!(output.status.code(), Some(1));
    let reports: Vec<Value> =
        stdout(&output).lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let ids: Vec<&Value> = reports.iter().map(|report| &report["id"]).collect();
    assert_eq!(json!(ids), json!([1, null, {"a": [1]}, "k", null, "last"]));
    let judged: Vec<bool> = reports.iter().map(|report| report["parsed"] == json!(true)).collect();
    assert_eq!(judged, [true, false, false, false, false, true]);
    for report in &reports[1..5] {
        expect(report, &[("", "line")]);
    }
}

#[test]
fn acknowledgements_must_say_how_it_went() {
    expect(&one("notifyPayment", "ack", "{}"), &[("/result", "missing")]);
    expect(
        &one("notifyPayment", "ack", r#"{"result": {}}"#),
        &[("/result/resultCode", "missing"), ("/result/resultStatus", "missing")],
    );
    let report = one(
        "notifyPayment",
        "response",
        r#"{"result": {"resultCode": "PROCESS_FAIL", "resultStatus": "F"}}"#,
    );
    assert_clean(&report);
    assert_eq!(report["hints"][0]["kind"], json!("not_taken"));
}

#[test]
fn options_add_what_a_document_does_not_say() {
    let refund = r#"{"refundRequestId":"R","paymentId":"P","refundAmount":{"currency":"IDR","value":"100"}}"#;
    let base = ["--operation", "payments/refund", "--part", "request", "-"];
    assert_eq!(lint(&base, refund).status.code(), Some(0));
    let dana = lint(&[&base[..], &["--payment-method", "DANA"]].concat(), refund);
    assert_eq!(dana.status.code(), Some(1));
    assert!(stdout(&dana).contains("  problem  /refundAmount/value: "), "{}", stdout(&dana));

    let card = r#"{"paymentMethod":{"paymentMethodMetaData":{"cardNo":"4054695723100768"}}}"#;
    let base = ["--operation", "payments/pay", "--part", "request", "-"];
    let place = "/paymentMethod/paymentMethodMetaData/cardNo: card data";
    assert!(!stdout(&lint(&base, card)).contains(place));
    assert!(stdout(&lint(&[&base[..], &["--cards", "hosted"]].concat(), card)).contains(place));
    let hints = lint(&[&base[..], &["--hints"]].concat(), card);
    assert!(stdout(&hints).contains("  hint     /paymentMethod/paymentMethodId: "), "{}", stdout(&hints));
}

#[test]
fn exit_codes_tell_problems_from_misuse() {
    let response = ["--operation", "payments/pay", "--part", "response"];
    let run = |more: &[&str], input: &str| lint(&[&response[..], more].concat(), input);
    assert_eq!(run(&["-"], r#"{"result":{}}"#).status.code(), Some(0));
    let bad = run(&["-"], "{}");
    assert_eq!(bad.status.code(), Some(1));
    assert!(stdout(&bad).starts_with("-: problems\n  problem  /result: "), "{}", stdout(&bad));
    assert_eq!(run(&["no/such/file"], "").status.code(), Some(2));
    assert_eq!(run(&[], "").status.code(), Some(2));
    let unknown = lint(&["--operation", "payments/buy", "--part", "request", "-"], "{}");
    assert_eq!(unknown.status.code(), Some(2));
}

#[test]
fn no_value_is_ever_shown() {
    let canary = "CANARY4054695723100768";
    let doc = json!({
        "paymentRequestId": canary.repeat(5), "productCode": canary, "env": canary, "userRegion": canary,
        "order": {"referenceOrderId": [canary], "orderAmount": {"currency": canary, "value": canary}},
        "paymentAmount": {"currency": "USD", "value": canary},
        "paymentMethod": {"paymentMethodType": canary, "paymentMethodId": canary.repeat(20),
            "paymentMethodMetaData": {"cardNo": canary, "cvv": canary, "expiryYear": canary}},
        "creditPayPlan": {"installmentNum": canary}, "isAuthorization": canary, "new": canary
    });
    for options in [&["--json", "--hints"][..], &["--hints", "--cards", "hosted"][..]] {
        let arguments = [&["--operation", "payments/pay", "--part", "request", "-"][..], options].concat();
        let output = lint(&arguments, &doc.to_string());
        assert_eq!(output.status.code(), Some(1));
        let all = format!("{}{}", stdout(&output), String::from_utf8_lossy(&output.stderr));
        assert!(!all.contains("CANARY"), "{all}");
        assert!(all.contains("/paymentMethod/paymentMethodMetaData/cvv"), "{all}");
    }
}
