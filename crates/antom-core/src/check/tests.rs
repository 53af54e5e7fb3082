// The types that `message!` declares here are for this module alone.
#![allow(unreachable_pub)]

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use super::*;
use crate::codec::{Limits, Message, message};
use crate::secret::Secret;
use crate::{Amount, Currency};

message! {
    /// A part.
    pub struct Part("Part") reads always {
        required {}
        optional {
            /// Always demanded.
            code: String = "co/de", plain, max 3, demanded;
            /// Demanded in one request.
            note: String = "note", plain, max 0, demanded "Whole";
            /// Demanded in another.
            other: String = "other", plain, max 0, demanded "Other";
        }
    }
}

message! {
    /// A request.
    pub struct Whole("Whole") reads mirror {
        required {
            /// An id.
            id: String = "requestId", plain, max 4;
        }
        optional {
            /// A secret.
            token: Secret<String> = "token" | "tokken", secret, max 5;
            /// Parts.
            parts: Vec<Part> = "parts", plain, max 0, items 2;
            /// Words.
            words: Vec<String> = "words", plain, max 2;
            /// A number.
            number: i64 = "number", plain, max 0, min 2, condition "now and then";
            /// A number in text.
            quantity: String = "quantity", plain, max 0, min 1;
            /// A decimal.
            rate: crate::codec::DecimalText = "rate", plain, max 0;
            /// A flag.
            flag: bool = "flag", plain, max 0;
            /// Money.
            amount: Amount = "amount", plain, max 0;
        }
    }
}

fn found(request: &dyn DynMessage) -> Vec<(String, &'static str)> {
    problems(request, Context::default())
        .iter()
        .map(|problem| (problem.pointer().into(), problem.kind().name()))
        .collect()
}

fn read(text: &str) -> (Document, Vec<(String, &'static str)>) {
    let (document, findings) = Document::read(Whole::describe(), text.as_bytes(), &Limits::ANSWER).unwrap();
    let findings = findings.iter().map(|finding| (finding.pointer().into(), finding.kind().name())).collect();
    (document, findings)
}

#[test]
fn all_problems_are_named_at_once() {
    let mut request = Whole::new("");
    assert_eq!(found(&request), [("/requestId".into(), "empty")]);
    request.id = "12345".into();
    request.token = Some("123456".into());
    request.parts = Some(alloc::vec![Part::new(), Part::new(), Part::new()]);
    request.words = Some(alloc::vec!["ok".into(), "bad".into()]);
    request.number = Some(1);
    request.quantity = Some("0".into());
    request.rate = Some("1,5".into());
    request.amount = Some(Amount::parse_wire("usd", "5"));
    let expected = [
        ("/requestId", "too_long"),
        ("/token", "too_long"),
        ("/parts", "too_many_items"),
        ("/parts/0/co~1de", "missing"),
        ("/parts/0/note", "missing"),
        ("/parts/1/co~1de", "missing"),
        ("/parts/1/note", "missing"),
        ("/parts/2/co~1de", "missing"),
        ("/parts/2/note", "missing"),
        ("/words/1", "too_long"),
        ("/number", "too_small"),
        ("/quantity", "too_small"),
        ("/rate", "not_a_number"),
        ("/amount/currency", "amount"),
    ];
    assert_eq!(found(&request), expected.map(|(pointer, name)| (String::from(pointer), name)));
}

#[test]
fn limits_count_characters_and_sound_values_pass() {
    let mut request = Whole::new("äöü€");
    request.quantity = Some("many".into());
    request.rate = Some("-1.50e3".into());
    request.number = Some(2);
    request.amount = Some(Amount::new(Currency::JPY, 0));
    request.parts = Some(Vec::new());
    assert_eq!(found(&request), []);
}

#[test]
fn amounts_point_at_the_member_that_is_wrong() {
    for (currency, value, pointer) in [
        ("USD", "1.5", "/value"),
        ("USD", "", "/value"),
        ("USD", "-1", "/value"),
        ("USD", "12345678901234567", "/value"),
        ("IDR", "1050", "/value"),
        ("XXX", "1", "/currency"),
        ("dollar", "1", "/currency"),
    ] {
        let problems = problems(&Amount::parse_wire(currency, value), Context::default());
        assert_eq!(problems.len(), 1, "{currency} {value}");
        assert_eq!(problems[0].pointer(), pointer, "{currency} {value}");
    }
}

#[test]
fn no_value_is_ever_shown() {
    let canary = "CANARY4054695723100768";
    let mut request = Whole::new(canary);
    request.token = Some(canary.into());
    request.words = Some(alloc::vec![canary.into()]);
    request.rate = Some(canary.into());
    request.amount = Some(Amount::parse_wire(canary, canary));
    let mut problems = problems(&request, Context::default());
    problems.extend(super::problems(&Amount::parse_wire(canary, "1"), Context::default()));
    problems.extend(super::problems(&Amount::parse_wire("USD", canary), Context::default()));
    assert_eq!(problems.len(), 7);
    let text: String = problems.iter().map(|problem| format!("{problem}\n")).collect();
    assert!(!text.contains("CANARY"), "{text}");
    let text = format!(
        r#"{{"flag": "{canary}", "number": "{canary}", "requestId": ["{canary}"], "token": "{canary}"}}"#
    );
    let (document, findings) = Document::read(Whole::describe(), text.as_bytes(), &Limits::ANSWER).unwrap();
    assert_eq!(findings.len(), 3);
    assert!(!format!("{findings:?} {document:?}").contains("CANARY"));
}

#[test]
fn documents_have_the_problems_of_their_type() {
    let (document, findings) = read(
        r#"{"tokken": "123456", "parts": [{"co/de": "abcd"}, {"note": null}], "number": "1", "flag": "true"}"#,
    );
    assert_eq!(findings, [("/tokken".into(), "spelling")]);
    let expected = [
        ("/requestId", "missing"),
        ("/token", "too_long"),
        ("/parts/0/co~1de", "too_long"),
        ("/parts/0/note", "missing"),
        ("/parts/1/co~1de", "missing"),
        ("/parts/1/note", "missing"),
        ("/number", "too_small"),
    ];
    assert_eq!(found(&document), expected.map(|(pointer, name)| (String::from(pointer), name)));
}

#[test]
fn documents_say_what_is_odd() {
    let (document, findings) = read(
        r#"{"requestId": {"a": 1}, "REQUESTID": 1, "un~/known": [1, {"x": null}], "number": "01", "flag": 1,
            "words": "x", "parts": [1, {"extra": 1}], "amount": {"currency": "USD", "value": 5, "z": 0}}"#,
    );
    let expected = [
        ("/requestId", "shape"),
        ("/REQUESTID", "unknown"),
        ("/REQUESTID", "spelling"),
        ("/un~0~1known", "unknown"),
        ("/number", "form"),
        ("/flag", "form"),
        ("/words", "shape"),
        ("/parts/0", "shape"),
        ("/parts/1/extra", "unknown"),
        ("/amount/z", "unknown"),
    ];
    assert_eq!(findings, expected.map(|(pointer, name)| (String::from(pointer), name)));
    // A value of another shape is there; nothing else is known about it.
    let missing = [("/parts/1/co~1de".into(), "missing"), ("/parts/1/note".into(), "missing")];
    assert_eq!(found(&document), missing);
}

#[test]
fn documents_that_cannot_be_read_are_errors_with_a_pointer() {
    for (text, pointer) in [
        (r#"{"parts": [{"x": 1, "x": 2}]}"#, "/parts/0/x"),
        (r#"{"token": "a", "tokken": "b"}"#, "/token"),
        (r#"{"other": {"a": [tru]}}"#, "/other/a/0"),
        (r#"[]"#, ""),
        ("", ""),
    ] {
        let error = Document::read(Whole::describe(), text.as_bytes(), &Limits::ANSWER).unwrap_err();
        assert_eq!(error.pointer(), pointer, "{text}");
    }
}

#[cfg(feature = "authorizations")]
#[test]
fn words_that_are_unknown_or_misspelt_are_found() {
    let table = crate::api::authorizations::ConsultRequest::describe();
    let text = br#"{"scopes": ["AGREEMENT_PAY", "AGREEEMENT_PAY", "NEW", ""]}"#;
    let (_, findings) = Document::read(table, text, &Limits::ANSWER).unwrap();
    assert_eq!(findings.len(), 2);
    assert_eq!(findings[0].pointer(), "/scopes/1");
    assert_eq!(*findings[0].kind(), FindingKind::WordSpelling { right: "AGREEMENT_PAY" });
    assert_eq!(findings[1].pointer(), "/scopes/2");
    assert_eq!(*findings[1].kind(), FindingKind::UnknownWord);
}
