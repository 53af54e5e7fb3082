//! `antom-dev lint`, as a user runs it.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use std::fmt::Write as _;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use antom::core::api::catalog::OPERATIONS;
use antom::core::api::notifications::NOTIFICATIONS;
use antom::core::codec::{Demand, Field, Kind, Message as _, Table};
use antom::core::money::Amount;
use serde_json::{Value, json};

fn lint(arguments: &[&str], input: &str) -> Output {
    let mut child = Command::new(env!("CARGO_BIN_EXE_antom-dev"))
        .arg("lint")
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let input = input.to_owned();
    // Beside the reading, so that neither side waits for the other.
    let writer = std::thread::spawn(move || drop(stdin.write_all(input.as_bytes())));
    let output = child.wait_with_output().unwrap();
    writer.join().unwrap();
    output
}

fn stdout(output: &Output) -> &str {
    std::str::from_utf8(&output.stdout).unwrap()
}

/// The reports of a batch, which could be judged as a whole.
fn batch(lines: &str) -> Vec<Value> {
    let output = lint(&["--batch", "-", "--json"], lines);
    let reports = stdout(&output).lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    reports
}

fn one(api: &str, kind: &str, doc: &str) -> Value {
    let line = format!(r#"{{"id":"x","api":"{api}","kind":"{kind}","doc":{}}}"#, doc.replace('\n', " "));
    let mut reports = batch(&line);
    assert_eq!(reports.len(), 1);
    reports.remove(0)
}

/// Pointer and kind of each problem.
fn problems(report: &Value) -> Vec<(String, String)> {
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    report["problems"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| (text(&one["pointer"]), text(&one["kind"])))
        .collect()
}

fn expect(report: &Value, expected: &[(&str, &str)]) {
    let expected: Vec<(String, String)> =
        expected.iter().map(|(pointer, kind)| ((*pointer).to_owned(), (*kind).to_owned())).collect();
    assert_eq!(problems(report), expected, "{report}");
}

fn assert_clean(report: &Value) {
    assert_eq!(report["parsed"], json!(true), "{report}");
    for list in ["lost", "unknown", "problems"] {
        assert_eq!(report[list], json!([]), "{report}");
    }
}

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

/// How the scalars of a generated document are written.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Style {
    Native,
    Quoted,
    Null,
}

/// A document with every member of a type, some levels deep.
fn document(table: &Table, style: Style, depth: usize, out: &mut String) {
    out.push('{');
    let mut first = true;
    for field in table.fields.iter().filter(|field| depth > 0 || field.required || field.demand != Demand::No)
    {
        if !std::mem::take(&mut first) {
            out.push(',');
        }
        write!(out, "{:?}:", field.wire).unwrap();
        if style == Style::Null && !field.required {
            out.push_str("null");
        } else {
            value(field, field.kind, style, depth, out);
        }
    }
    out.push('}');
}

fn value(field: &Field, kind: Kind, style: Style, depth: usize, out: &mut String) {
    match kind {
        Kind::Text => match field.min {
            Some(min) => write!(out, "\"{min}\"").unwrap(),
            None => out.push_str("\"x\""),
        },
        Kind::DateTime => out.push_str("\"2026-01-02T03:04:05+08:00\""),
        Kind::Decimal => out.push_str(if style == Style::Quoted { "\"1.50\"" } else { "1.50" }),
        Kind::Integer => {
            let number = field.min.unwrap_or(20).to_string();
            out.push_str(&if style == Style::Quoted { format!("{number:?}") } else { number });
        }
        Kind::Boolean => out.push_str(if style == Style::Quoted { "\"true\"" } else { "false" }),
        Kind::Word(known) => write!(out, "{:?}", known.first().unwrap_or(&"W")).unwrap(),
        Kind::Message(table) if std::ptr::eq(table(), Amount::describe()) => {
            out.push_str(r#"{"currency":"USD","value":"100"}"#);
        }
        Kind::Message(table) => document(table(), style, depth.saturating_sub(1), out),
        Kind::List(inner) => {
            out.push('[');
            value(field, *inner, style, depth, out);
            out.push(']');
        }
        Kind::Map(inner) => {
            out.push_str("{\"a/b\":");
            value(field, *inner, style, depth, out);
            out.push('}');
        }
        _ => out.push_str(r#"{"any":[null,1.0,"1.0",{}]}"#),
    }
}

#[test]
fn complete_documents_of_every_operation_and_notification_are_clean() {
    let mut lines = String::new();
    let mut count = 0;
    let mut add = |api: &str, kind: &str, table: &Table| {
        for style in [Style::Native, Style::Quoted, Style::Null] {
            write!(lines, r#"{{"id":"{api} {kind} {style:?}","api":"{api}","kind":"{kind}","doc":"#).unwrap();
            // Below the depth, members that a request must name are left out; so requests go deeper.
            document(table, style, 12, &mut lines);
            lines.push_str("}\n");
            count += 1;
        }
    };
    for entry in OPERATIONS {
        add(entry.info.id, "request", (entry.request)());
        add(entry.info.id, "response", (entry.response)());
    }
    for entry in NOTIFICATIONS {
        add(entry.id, "notification", (entry.table)());
    }
    assert!(count > 1000, "{count} documents");
    let reports = batch(&lines);
    assert_eq!(reports.len(), count);
    for report in &reports {
        let nulls = report["id"].as_str().unwrap().ends_with("Null");
        // A request full of nulls lacks what it must name; it is kept as it is all the same.
        if !nulls {
            assert_eq!(report["problems"], json!([]), "{}", report["id"]);
        }
        assert_eq!(report["parsed"], json!(true), "{}", report["id"]);
        assert_eq!(report["lost"], json!([]), "{}", report["id"]);
        assert_eq!(report["unknown"], json!([]), "{}", report["id"]);
    }
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
