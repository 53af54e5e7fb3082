#![allow(unreachable_pub, dead_code)] // The macros write what the API needs; the tests use a part of it.

use alloc::string::String;
use alloc::vec::Vec;
use alloc::{format, vec};

use proptest::prelude::*;

use super::{
    DecodeErrorKind, DynMessage, Index, Kind, Limits, Message, RawJson, ReadMessage, Rest, Table, View,
    message, setters, write_message,
};
use crate::money::{Amount, Currency};
use crate::open_enum::{open_enum, vocabulary};
use crate::secret::{Personal, Secret};
use crate::time::DateTimeText;

open_enum! {
    /// A status.
    pub enum Status {
        /// Paid.
        Paid = "PAID",
        /// Open.
        Open = "OPEN",
    }
}

vocabulary! {
    /// A method.
    pub struct Method {
        /// A wallet.
        WALLET = "WALLET",
    }
}

message! {
    /// A line of an order.
    pub struct Line("Line") reads always {
        required {
            /// Its name.
            name: String = "name", plain, max 64;
        }
        optional {
            /// How many.
            quantity: i64 = "quantity", plain, max 0, min 1;
        }
    }
}

message! {
    /// An order.
    pub struct Order("Order") reads always new(method: Method) {
        required {
            /// Its id.
            id: String = "orderId", plain, max 64;
            /// Its amount.
            amount: Amount = "amount", plain, max 0;
        }
        optional {
            /// How it is paid.
            method: Method = "method", plain, max 0;
            /// Whether it is paid.
            status: Status = "status", plain, max 0;
            /// Whether it is a gift.
            gift: bool = "isGift", plain, max 0;
            /// Its lines.
            lines: Vec<Line> = "lines" | "items", plain, max 0, items 10;
            /// A token.
            token: Secret<String> = "token", secret, max 128;
            /// The buyer.
            buyer: Personal<String> = "buyer", personal, max 0, condition "always";
            /// When.
            at: DateTimeText = "at", plain, max 0;
            /// Anything.
            anything: RawJson = "anything", plain, max 0;
            /// Card data.
            card: super::Map<RawJson> = "card", secret, max 0;
            /// A name that is longer than most.
            long: bool = "aNameThatIsLongerThanThoseThatMostTypesHave", plain, max 0;
        }
    }
}

setters! { Order { with_status(status: Status); with_token(token: Secret<String>); with_buyer(buyer: Personal<String>); } }

fn read(text: &str) -> Result<Order, super::DecodeError> {
    Order::from_json(text.as_bytes(), &Limits::ANSWER)
}

fn written(order: &Order) -> String {
    String::from_utf8(order.to_json()).unwrap()
}

const FULL: &str = r#"{"orderId":"o1","amount":{"currency":"USD","value":"0100"},"method":"NEW_WALLET","status":"HALF","isGift":true,"lines":[{"name":"a \"b\" \\ é","quantity":2},{"name":""}],"token":"t","buyer":"b","at":"2020-01-01T12:01:00+08:30","anything":{"a":[1,2,{"b":null}]},"card":{"cardNo":"4111","n":{}},"aNameThatIsLongerThanThoseThatMostTypesHave":true,"later":{"x":1}}"#;

#[test]
fn a_document_survives_the_typed_value() {
    let order = read(FULL).unwrap();
    assert_eq!(written(&order), FULL);
    assert_eq!(order.status, Some(Status::from("HALF")));
    assert_eq!(order.rest.get("later").map(RawJson::as_str), Some(r#"{"x":1}"#));
    assert_eq!(serde_json::from_str::<Order>(FULL).unwrap(), order);
    let through_serde: serde_json::Value = serde_json::to_value(&order).unwrap();
    assert_eq!(through_serde, serde_json::from_str::<serde_json::Value>(FULL).unwrap());
}

/// A message that leaves it to the writer to look at each member.
struct Looked<'a>(&'a dyn DynMessage);

impl DynMessage for Looked<'_> {
    fn table(&self) -> &'static Table {
        self.0.table()
    }
    fn view(&self, index: usize) -> View<'_> {
        self.0.view(index)
    }
    fn rest(&self) -> &Rest {
        self.0.rest()
    }
}

#[test]
fn a_type_writes_what_is_seen_of_it() {
    let built = Order::new("A", Amount::new(Currency::JPY, 1), Method::WALLET);
    let came = read(r#"{"orderId":"A","amount":{"currency":"EUR","value":"1"},"status":null}"#).unwrap();
    for order in [read(FULL).unwrap(), came, built] {
        let mut looked = Vec::new();
        write_message(&mut looked, &Looked(&order));
        assert_eq!(String::from_utf8(looked).unwrap(), written(&order));
    }
}

#[test]
fn a_member_that_the_type_has_not_is_not_written() {
    struct Wrong(Rest);
    impl DynMessage for Wrong {
        fn table(&self) -> &'static Table {
            Line::describe()
        }
        fn view(&self, _: usize) -> View<'_> {
            View::Absent
        }
        fn rest(&self) -> &Rest {
            &self.0
        }
        fn write(&self, members: &mut super::Members<'_>) {
            for index in [1, 2, 3, 127, 128, usize::MAX] {
                members.write(index, View::Integer(7));
                members.write(index, View::Absent);
            }
            members.write(5, View::Text("five"));
        }
    }
    let mut out = Vec::new();
    write_message(&mut out, &Wrong(Rest::new()));
    assert_eq!(out, br#"{"quantity":7}"#);
}

#[test]
fn nulls_keep_their_places() {
    let text =
        r#"{"orderId":"A","amount":{"currency":"EUR","value":"1"},"status":null,"isGift":true,"card":null}"#;
    let mut order = read(text).unwrap();
    assert_eq!(written(&order), text);
    // A null that was given a value since.
    order.status = Some(Status::from("HALF"));
    assert_eq!(written(&order), text.replacen("null", "\"HALF\"", 1));
    order.gift = None;
    assert_eq!(written(&order), text.replacen("null", "\"HALF\"", 1).replace(r#""isGift":true,"#, ""));
}

#[test]
fn nulls_empty_texts_and_odd_scalars_survive() {
    let text = r#"{"orderId":"","amount":{"currency":"","value":""},"status":null,"lines":[],"isGift":"perhaps","card":{}}"#;
    let order = read(text).unwrap();
    assert_eq!(order.status, None);
    assert_eq!(order.gift, None);
    assert_eq!(order.rest.get("isGift").map(RawJson::as_str), Some("\"perhaps\""));
    let back = written(&order);
    for part in [r#""status":null"#, r#""lines":[]"#, r#""isGift":"perhaps""#, r#""card":{}"#] {
        assert!(back.contains(part), "{part} in {back}");
    }
}

#[test]
fn booleans_and_numbers_come_bare_or_in_quotes() {
    for (text, gift, quantity) in [
        (
            r#"{"orderId":7,"amount":{"currency":"USD","value":100},"isGift":"true","lines":[{"name":true,"quantity":"20"}]}"#,
            true,
            20,
        ),
        (
            r#"{"orderId":"7","amount":{"currency":"USD","value":"100"},"isGift":false,"lines":[{"name":"true","quantity":-3}]}"#,
            false,
            -3,
        ),
    ] {
        let order = read(text).unwrap();
        assert_eq!(order.id, "7");
        assert_eq!(order.amount, Amount::new(Currency::USD, 100));
        assert_eq!(order.gift, Some(gift));
        let line = order.lines.as_ref().and_then(|lines| lines.first()).unwrap();
        assert_eq!((line.name.as_str(), line.quantity), ("true", Some(quantity)));
    }
}

#[test]
fn numbers_without_an_exact_value_stay_as_they_stand() {
    for odd in ["007", "1.0", "1e3", "-0", "123456789012345678901234567890", "", " 1"] {
        let text = format!(r#"{{"name":"n","quantity":"{odd}"}}"#);
        let line = Line::from_json(text.as_bytes(), &Limits::ANSWER).unwrap();
        assert_eq!(line.quantity, None, "{odd}");
        assert_eq!(String::from_utf8(line.to_json()).unwrap(), text);
    }
}

#[test]
fn an_optional_member_of_another_shape_stays_as_it_stands() {
    for odd in [
        r#""lines":[{"name":"a"},{"name":{}}]"#,
        r#""lines":[null]"#,
        r#""lines":{}"#,
        r#""isGift":[]"#,
        r#""lines":[{}]"#,
    ] {
        let text = format!(r#"{{"orderId":"o","amount":{{"currency":"USD","value":"1"}},{odd}}}"#);
        let order = read(&text).unwrap();
        assert_eq!((order.lines.is_none(), order.gift), (true, None), "{odd}");
        assert_eq!(order.rest.iter().count(), 1, "{odd}");
        assert_eq!(written(&order), text);
    }
    // Broken JSON and doubled names inside it are no shape.
    for broken in [r#""lines":[{"name":{},"name":1}]"#, r#""lines":[{"name":{}]"#] {
        let text = format!(r#"{{"orderId":"o","amount":{{"currency":"USD","value":"1"}},{broken}}}"#);
        assert!(read(&text).is_err(), "{broken}");
    }
}

#[test]
fn an_alias_is_read_and_the_right_name_written() {
    let order = read(r#"{"orderId":"o","amount":{"currency":"USD","value":"1"},"items":[]}"#).unwrap();
    assert_eq!(order.lines, Some(vec![]));
    assert!(written(&order).contains(r#""lines":[]"#));
    let both = read(r#"{"orderId":"o","amount":{"currency":"USD","value":"1"},"items":[],"lines":[]}"#);
    assert_eq!(both.unwrap_err().kind(), &DecodeErrorKind::DuplicateKey);
}

#[test]
fn errors_name_the_place() {
    let deep = format!("{}{}", "[".repeat(200), "]".repeat(200));
    let cases = [
        (r#"{"orderId":"o"}"#.into(), "", "required"),
        (r#"{"orderId":null,"amount":{}}"#.into(), "", "required"),
        (r#"{"orderId":"o","amount":{"currency":"USD"}}"#.into(), "/amount", "value"),
        (r#"{"orderId":"o","amount":7}"#.into(), "/amount", "an object"),
        (r#"{"orderId":{"a":1},"amount":{}}"#.into(), "/orderId", "text"),
        (r#"{"orderId":"o","orderId":"o"}"#.into(), "/orderId", "twice"),
        (r#"{"x":1,"y":{"z":1,"z":2}}"#.into(), "/y/z", "twice"),
        (r#"{"x":1,"\u0078":1}"#.into(), "/x", "twice"),
        (r#"{"anything":{"a":1,"a":2}}"#.into(), "/anything/a", "twice"),
        (r#"{"card":{"a":1,"a":2}}"#.into(), "/card/a", "twice"),
        (format!(r#"{{"x":{deep}}}"#), "/x/0/0", "deeper"),
        (r#"{"a/b~c":[1,}"#.into(), "/a~1b~0c/1", "a value"),
        (r#"{"orderId":"o","amount":{"currency":"USD","value":"1"}} {}"#.into(), "", "more text"),
        ("<html>".into(), "", "a value"),
        ("  ".into(), "", "empty"),
        ("[]".into(), "", "an object"),
        (r#"{"orderId":"a"#.into(), "/orderId", "closing quote"),
        ("{\"orderId\":\"a\nb\"}".into(), "/orderId", "control"),
        (r#"{"orderId":"\ud800"}"#.into(), "/orderId", "surrogate"),
        (r#"{"orderId":"\q"}"#.into(), "/orderId", "escape"),
        (r#"{"orderId":01}"#.into(), "/orderId", "zeros"),
        (r#"{,}"#.into(), "", "quotes"),
        (r#"{"orderId" "o"}"#.into(), "", "colon"),
        (r#"{"lines":[{"name":"a"},]}"#.into(), "/lines/1", "a value"),
    ];
    for (text, pointer, part) in cases {
        let text: String = text;
        let error = read(&text).expect_err(&text);
        assert!(error.pointer().starts_with(pointer), "{text}: {}", error.pointer());
        assert!(format!("{error}").contains(part), "{text}: {error}");
    }
    assert_eq!(Order::from_json(b"\xff", &Limits::ANSWER).unwrap_err().kind(), &DecodeErrorKind::NotUtf8);
    let small = Limits { max_bytes: 4, max_depth: 4 };
    assert_eq!(
        Order::from_json(b"{    }", &small).unwrap_err().kind(),
        &DecodeErrorKind::TooLarge { limit: 4 }
    );
}

#[test]
fn debug_hides_what_is_secret_or_personal() {
    let order =
        read(&FULL.replace("\"t\"", "\"CANARY\"").replace("\"b\",\"at\"", "\"CANARY\",\"at\"")).unwrap();
    let shown = format!("{order:?} {order:#?}");
    assert!(!shown.contains("CANARY") && !shown.contains("4111"), "{shown}");
    assert!(shown.contains("orderId") && shown.contains("NEW_WALLET"));
}

#[test]
fn what_is_built_is_what_is_read() {
    let order = Order::new("o1", Amount::new(Currency::JPY, 5), Method::WALLET)
        .with_status(Status::Paid)
        .with_token("secret")
        .with_buyer(Personal::from(String::from("who")));
    assert_eq!(read(&written(&order)).unwrap(), order);
}

#[test]
fn the_length_is_known_before_writing() {
    let plain = read(&FULL.replace(r#"\"b\" \\"#, "b")).unwrap();
    let hint = |order| super::length::length_hint(super::View::Message(order));
    let length = written(&plain).len();
    assert!((length..length + 16).contains(&hint(&plain)), "{} for {length}", hint(&plain));
    let grown = read(&FULL.replace(r#""t""#, &format!("{:?}", "x".repeat(10_000)))).unwrap();
    assert_eq!(hint(&grown), hint(&read(FULL).unwrap()) + 9_999);
}

#[test]
fn a_member_of_rest_never_doubles_a_typed_one() {
    let mut order = read(r#"{"orderId":"o","amount":{"currency":"USD","value":"1"},"isGift":"?"}"#).unwrap();
    order.gift = Some(true);
    assert_eq!(written(&order).matches("isGift").count(), 1);
    read(&written(&order)).unwrap();
}

#[test]
fn a_document_made_of_names_costs_no_quadratic_time() {
    let mut text = String::from("{");
    for index in 0..100_000 {
        text.push_str(&format!("\"k{index}\":0,"));
    }
    text.push_str("\"k5\":1}");
    let error = read(&text).unwrap_err();
    assert_eq!((error.pointer(), error.kind()), ("/k5", &DecodeErrorKind::DuplicateKey));
}

/// Any JSON value without duplicate names.
fn json() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        Just(String::from("null")),
        any::<bool>().prop_map(|value| format!("{value}")),
        any::<i64>().prop_map(|value| format!("{value}")),
        any::<String>().prop_map(|text| serde_json::to_string(&text).unwrap()),
    ];
    leaf.prop_recursive(6, 64, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(|items| format!("[{}]", items.join(","))),
            prop::collection::btree_map(any::<String>(), inner, 0..6).prop_map(|members| {
                let members: Vec<_> = members
                    .iter()
                    .map(|(name, value)| format!("{} : {value}", serde_json::to_string(name).unwrap()))
                    .collect();
                format!("{{ {} }}", members.join(" , "))
            }),
        ]
    })
}

proptest! {
    #[test]
    fn any_bytes_give_a_value_or_an_error(bytes in prop::collection::vec(any::<u8>(), 0..512)) {
        let _ = Order::from_json(&bytes, &Limits::ANSWER);
    }

    #[test]
    fn any_json_is_kept_as_it_stands(value in json()) {
        let text = format!(r#"{{"orderId":"o","amount":{{"currency":"USD","value":"1"}},"later":{value}}}"#);
        let order = read(&text).unwrap();
        prop_assert_eq!(order.rest.get("later").map(RawJson::as_str), Some(value.trim()));
        let back: serde_json::Value = serde_json::from_slice(&order.to_json()).unwrap();
        prop_assert_eq!(back, serde_json::from_str::<serde_json::Value>(&text).unwrap());
    }

    #[test]
    fn we_read_what_serde_json_reads(text in "[\\[\\]{}:,\"\\\\untrfalse0-9.eE+ -]{0,40}") {
        let ours = RawJson::parse(&text).is_ok();
        let theirs = serde_json::from_str::<serde_json::Value>(&text).is_ok();
        // Duplicate names are all that we refuse and they take; numbers out of range are the reverse.
        if ours != theirs {
            let duplicate = matches!(RawJson::parse(&text), Err(error) if error.kind() == &DecodeErrorKind::DuplicateKey);
            let huge = ours && text.contains(['e', 'E']);
            prop_assert!(duplicate || huge, "{text}: ours {ours}, theirs {theirs}");
        }
    }

    #[test]
    fn texts_are_written_as_serde_json_writes_them(text in any::<String>()) {
        let ours = RawJson::string(&text);
        prop_assert_eq!(serde_json::from_str::<String>(ours.as_str()).unwrap(), text);
    }
}

fn check_index(table: &'static Table, seen: &mut Vec<*const Table>) {
    if seen.contains(&core::ptr::from_ref(table)) {
        return;
    }
    seen.push(table);
    assert_eq!(table.index.len(), table.fields.len(), "{}", table.name);
    let named = table.index.starts.last().copied().map_or(0, usize::from);
    assert_eq!(&table.index.names[named..], [b' '; Index::PADDING], "{}", table.name);
    assert_eq!(
        table.index.aliases,
        table.fields.iter().any(|field| !field.aliases.is_empty()),
        "{}",
        table.name
    );
    for (index, field) in table.fields.iter().enumerate() {
        assert_eq!(table.index.key(index).unwrap(), format!(",\"{}\":", field.wire).as_bytes());
        assert_eq!(table.index.required >> index & 1 == 1, field.required, "{} {}", table.name, field.wire);
        for near in [0, index, index + 1, table.fields.len() + 1] {
            assert_eq!(table.find(field.wire, near), Some(index), "{} {}", table.name, field.wire);
        }
        for alias in field.aliases {
            assert_eq!(table.find(alias, 0), Some(index), "{} {alias}", table.name);
        }
        let mut kind = field.kind;
        while let Kind::List(inner) | Kind::Map(inner) = kind {
            kind = *inner;
        }
        if let Kind::Message(table) = kind {
            check_index(table(), seen);
        }
    }
    for name in ["", "x", "\u{e4}\u{e4}\u{e4}", "\u{1d11e}"] {
        assert_eq!(table.find(name, 1), None, "{}", table.name);
    }
}

#[test]
fn what_readers_and_writers_look_at_says_what_the_descriptions_say() {
    let mut seen = Vec::new();
    for table in [Order::describe(), Line::describe(), Amount::describe()] {
        check_index(table, &mut seen);
    }
    for operation in crate::api::catalog::OPERATIONS {
        check_index((operation.request)(), &mut seen);
        check_index((operation.response)(), &mut seen);
    }
    assert!(seen.len() >= 3);
}

#[test]
fn names_in_any_order_and_spacing_are_found() {
    let canonical =
        r#"{"orderId":"A","amount":{"currency":"EUR","value":"1"},"lines":[{"name":"x","quantity":2}]}"#;
    let order = read(canonical).unwrap();
    for text in [
        r#" { "orderId" : "A" , "amount" : { "currency" : "EUR" , "value" : "1" } , "lines" : [ { "name" : "x" , "quantity" : 2 } ] } "#,
        r#"{"lines":[{"quantity":2,"name":"x"}],"amount":{"value":"1","currency":"EUR"},"orderId":"A"}"#,
        r#"{"order\u0049d":"A", "amount":{"currency":"EUR","value":"1"},"lines":[{"name":"x","quantity":2}]}"#,
    ] {
        assert_eq!(read(text).unwrap(), order, "{text}");
    }
    // A comma too many or too few is seen on the short way too.
    for text in [
        r#"{,"orderId":"A","amount":{"currency":"EUR","value":"1"}}"#,
        r#"{"orderId":"A""amount":{"currency":"EUR","value":"1"}}"#,
        r#"{"orderId":"A",,"amount":{"currency":"EUR","value":"1"}}"#,
        r#"{"orderId":"A","amount":{"currency":"EUR","value":"1"},}"#,
        r#"{"orderId":"A","orderId":"A","amount":{"currency":"EUR","value":"1"}}"#,
    ] {
        assert!(read(text).is_err(), "{text}");
    }
}
