//! Ten thousand broken documents, over every type of the API: reading them never panics, never runs out of
//! stack or memory, and says where it stopped.
#![cfg(all(feature = "full", feature = "wire-mirror"))]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use std::fmt::Write as _;

use antom_core::api::catalog::OPERATIONS;
use antom_core::api::notifications::NOTIFICATIONS;
use antom_core::check::{self, Context, Document};
use antom_core::codec::{DecodeErrorKind, DynMessage, Kind, Limits, ReadAny, Table};
use antom_core::codec::{write_message, write_named};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestCaseError, TestRunner};

const CASES: u32 = 10_000;
/// One document in so many holds a string of ten million characters.
const HUGE_ONE_IN: u64 = 250;
/// Reading recurses at most [`Limits::max_depth`] levels; this is half of what test threads have.
const STACK: usize = 1 << 20;

#[derive(Clone, Debug)]
enum Json {
    Scalar(String),
    Array(Vec<Json>),
    Object(Vec<(String, Json)>),
}

impl Json {
    fn text(text: &str) -> Self {
        Self::Scalar(format!("{text:?}"))
    }

    /// A complete document of a type; types that hold others end after some levels.
    fn of(kind: Kind, depth: usize) -> Self {
        match kind {
            Kind::Text => Self::text("text"),
            Kind::DateTime => Self::text("2026-01-02T03:04:05+08:00"),
            Kind::Decimal => Self::text("1.50"),
            Kind::Integer => Self::Scalar("7".into()),
            Kind::Boolean => Self::Scalar("true".into()),
            Kind::Word(known) => Self::text(known.first().unwrap_or(&"WORD")),
            Kind::Any => Self::Object(vec![("any".into(), Self::Array(vec![Self::Scalar("null".into())]))]),
            Kind::Message(table) => Self::Object(
                table()
                    .fields
                    .iter()
                    .filter(|field| depth > 0 || field.required)
                    .map(|field| (field.wire.to_owned(), Self::of(field.kind, depth.saturating_sub(1))))
                    .collect(),
            ),
            Kind::List(inner) => Self::Array(vec![Self::of(*inner, depth)]),
            Kind::Map(inner) => Self::Object(vec![("name".into(), Self::of(*inner, depth))]),
            _ => Self::text("a kind this test does not know"),
        }
    }

    fn write(&self, out: &mut String) {
        match self {
            Self::Scalar(text) => out.push_str(text),
            Self::Array(items) => {
                out.push('[');
                for (index, item) in items.iter().enumerate() {
                    if index > 0 {
                        out.push(',');
                    }
                    item.write(out);
                }
                out.push(']');
            }
            Self::Object(members) => {
                out.push('{');
                for (index, (name, value)) in members.iter().enumerate() {
                    if index > 0 {
                        out.push(',');
                    }
                    let _ = write!(out, "{name:?}:");
                    value.write(out);
                }
                out.push('}');
            }
        }
    }

    /// How many values there are, this one included.
    fn size(&self) -> u64 {
        match self {
            Self::Scalar(_) => 1,
            Self::Array(items) => 1 + items.iter().map(Self::size).sum::<u64>(),
            Self::Object(members) => 1 + members.iter().map(|(_, value)| value.size()).sum::<u64>(),
        }
    }

    /// Changes the value with this number; gives its pointer.
    fn mutate(&mut self, mut at: u64, mutation: &Mutation) -> String {
        let (inner, pointer) = match self {
            _ if at == 0 => {
                mutation.apply(self);
                return String::new();
            }
            Self::Scalar(_) => unreachable!("a scalar is one value"),
            Self::Array(items) => {
                at -= 1;
                let mut index = 0;
                while at >= items[index].size() {
                    at -= items[index].size();
                    index += 1;
                }
                (&mut items[index], format!("/{index}"))
            }
            Self::Object(members) => {
                at -= 1;
                let mut index = 0;
                while at >= members[index].1.size() {
                    at -= members[index].1.size();
                    index += 1;
                }
                let pointer = format!("/{}", members[index].0);
                match mutation {
                    Mutation::Drop if at == 0 => drop(members.remove(index)),
                    Mutation::Duplicate if at == 0 => members.push(members[index].clone()),
                    _ => return pointer + &members[index].1.mutate(at, mutation),
                }
                return pointer;
            }
        };
        pointer + &inner.mutate(at, mutation)
    }
}

#[derive(Clone, Debug)]
enum Mutation {
    Drop,
    Null,
    Retype(&'static str),
    Duplicate,
    Nest,
    Huge,
}

impl Mutation {
    fn of(dice: u64) -> Self {
        const OTHERS: [&str; 12] = [
            "\"\"",
            "\"x\"",
            "0",
            "-1",
            "1e400",
            "99999999999999999999",
            "true",
            "[]",
            "{}",
            "[null]",
            r#"{"a":{"b":[{}]}}"#,
            "\"\\ud83d\\ude00 \\u0000\"",
        ];
        if dice % HUGE_ONE_IN == 0 {
            return Self::Huge;
        }
        match dice % 5 {
            0 => Self::Drop,
            1 => Self::Null,
            2 => Self::Retype(OTHERS[(dice / 5 % 12) as usize]),
            3 => Self::Duplicate,
            _ => Self::Nest,
        }
    }

    /// What happens to a value in its place; members are dropped and duplicated one level up, and an element or
    /// the document itself is replaced instead.
    fn apply(&self, value: &mut Json) {
        *value = match self {
            Self::Drop | Self::Null => Json::Scalar("null".into()),
            Self::Retype(text) => Json::Scalar((*text).into()),
            Self::Duplicate => Json::Array(vec![value.clone(), value.clone()]),
            Self::Nest => Json::Scalar(format!("{}{}", "[".repeat(200), "]".repeat(200))),
            Self::Huge => Json::Scalar(format!("\"{}\"", "x".repeat(10_000_000))),
        };
    }
}

struct Type {
    table: &'static Table,
    read: ReadAny,
    base: Json,
    size: u64,
}

fn types() -> Vec<Type> {
    let operations = OPERATIONS.iter().flat_map(|entry| {
        [((entry.request)(), entry.read_request), ((entry.response)(), entry.read_response)]
    });
    let notifications = NOTIFICATIONS.iter().map(|entry| ((entry.table)(), entry.read));
    let mut types: Vec<Type> = Vec::new();
    for (table, read) in operations.chain(notifications) {
        if types.iter().any(|known| std::ptr::eq(known.table, table)) {
            continue;
        }
        let base = Json::Object(
            table.fields.iter().map(|field| (field.wire.to_owned(), Json::of(field.kind, 3))).collect(),
        );
        types.push(Type { table, read, size: base.size(), base });
    }
    types
}

fn on_a_small_stack(run: impl FnOnce() + Send + 'static) {
    let thread = std::thread::Builder::new().stack_size(STACK).spawn(run).unwrap();
    if let Err(panic) = thread.join() {
        std::panic::resume_unwind(panic);
    }
}

/// The most memory this process ever held, in KiB, where the system tells.
fn peak_memory() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
    line.split_whitespace().nth(1)?.parse().ok()
}

#[test]
fn complete_documents_of_every_type_are_read_and_kept() {
    on_a_small_stack(|| {
        let types = types();
        assert!(types.len() > 300, "{} types", types.len());
        for one in &types {
            let mut text = String::new();
            one.base.write(&mut text);
            let message = (one.read)(text.as_bytes(), &Limits::ANSWER)
                .unwrap_or_else(|error| panic!("{}: {error}", one.table.name));
            assert!(message.rest().is_empty(), "{}", one.table.name);
            // What the types name is all there is, so it comes back whole, and once more the same.
            let (mut first, mut again) = (Vec::new(), Vec::new());
            write_named(&mut first, message.as_ref());
            let message = (one.read)(&first, &Limits::ANSWER).unwrap();
            write_message(&mut again, message.as_ref());
            assert_eq!(first, again, "{}", one.table.name);
            let (document, findings) = Document::read(one.table, text.as_bytes(), &Limits::ANSWER).unwrap();
            assert_eq!(findings, [], "{}", one.table.name);
            assert_eq!(document.present(), one.table.fields.len());
        }
    });
}

#[test]
fn ten_thousand_broken_documents() {
    on_a_small_stack(|| {
        let types = types();
        let config = Config { cases: CASES, failure_persistence: None, ..Config::default() };
        let mut failed = 0u32;
        let mut kinds = std::collections::BTreeSet::new();
        let tally = std::cell::RefCell::new((&mut failed, &mut kinds));
        TestRunner::new(config)
            .run(&(0..types.len(), any::<u64>(), any::<u64>()), |(index, at, dice)| {
                let one = &types[index];
                let mutation = Mutation::of(dice);
                let mut json = one.base.clone();
                let pointer = json.mutate(at % one.size, &mutation);
                let mut text = String::new();
                json.write(&mut text);
                drop(json);
                let read = read_both(one, &text, &pointer, &mutation)?;
                if let Some(kind) = read {
                    let mut tally = tally.borrow_mut();
                    *tally.0 += 1;
                    tally.1.insert(kind);
                }
                Ok(())
            })
            .unwrap();
        // The mutations bite: thousands are refused, for every reason there is.
        assert!(failed > CASES / 3, "{failed} of {CASES} refused");
        // (A required number or truth value in a strange form is too rare for chance: it has a test of its own.)
        let expected = ["duplicate", "missing", "too deep", "type"];
        assert!(expected.iter().all(|kind| kinds.contains(kind)), "{kinds:?}");
        if let Some(peak) = peak_memory() {
            assert!(peak < 256 * 1024, "{peak} KiB at the peak");
        }
    });
}

#[test]
fn a_required_member_in_a_strange_form_is_refused_for_its_form() {
    on_a_small_stack(|| {
        let mut refused = 0;
        for one in types() {
            let strange = |field: &&antom_core::codec::Field| {
                field.required && matches!(field.kind, Kind::Integer | Kind::Boolean)
            };
            for field in one.table.fields.iter().filter(strange) {
                let Json::Object(mut members) = one.base.clone() else { continue };
                for (name, value) in &mut members {
                    if name == field.wire {
                        *value = Json::text("strange");
                    }
                }
                let mut text = String::new();
                Json::Object(members).write(&mut text);
                let error = (one.read)(text.as_bytes(), &Limits::ANSWER).err().unwrap();
                assert!(
                    matches!(error.kind(), DecodeErrorKind::Unreadable { .. }),
                    "{}: {error}",
                    one.table.name
                );
                refused += 1;
            }
        }
        assert!(refused > 0, "no type has a required number or truth value");
    });
}

/// Reads a broken document in both ways; gives why it was refused.
fn read_both(
    one: &Type,
    text: &str,
    pointer: &str,
    mutation: &Mutation,
) -> Result<Option<&'static str>, TestCaseError> {
    let name = one.table.name;
    let shown = Document::read(one.table, text.as_bytes(), &Limits::ANSWER);
    let message: Box<dyn DynMessage> = match (one.read)(text.as_bytes(), &Limits::ANSWER) {
        Ok(message) => message,
        Err(error) => {
            let at = error.pointer();
            prop_assert!(
                at.starts_with(pointer) || pointer.starts_with(at),
                "{name}: stopped at {at}, changed was {pointer} ({mutation:?})"
            );
            let kind = match error.kind() {
                DecodeErrorKind::DuplicateKey => "duplicate",
                DecodeErrorKind::MissingField { .. } => "missing",
                DecodeErrorKind::TooDeep { .. } => "too deep",
                DecodeErrorKind::WrongType { .. } => "type",
                // Only where there is no other place for the value: required members and elements of lists.
                DecodeErrorKind::Unreadable { .. } => "form",
                other => return Err(TestCaseError::fail(format!("{name} {pointer}: {other:?}"))),
            };
            match shown {
                Ok((document, _)) => _ = check::problems(&document, Context::default()),
                // A missing member or another shape is no reason not to show the document; another shape
                // that nests too deep, and no object at all, are.
                Err(_) => prop_assert!(
                    !matches!(kind, "missing" | "type" | "form")
                        || pointer.is_empty()
                        || matches!(mutation, Mutation::Nest),
                    "{name} {pointer}: not shown"
                ),
            }
            return Ok(Some(kind));
        }
    };
    prop_assert!(!matches!(mutation, Mutation::Nest), "{name} {pointer}: read 200 levels");
    let (document, _) = shown.map_err(|error| TestCaseError::fail(format!("{name}: {error}")))?;
    let _ = check::problems(&document, Context::default());
    let _ = check::problems(message.as_ref(), Context::default());
    let mut again = Vec::new();
    write_message(&mut again, message.as_ref());
    prop_assert!((one.read)(&again, &Limits::ANSWER).is_ok(), "{name} {pointer}: not read again");
    Ok(None)
}
