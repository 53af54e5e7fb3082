//! Documents made from the tables of all types.

use std::fmt::Write as _;

use antom::core::api::catalog::OPERATIONS;
use antom::core::api::notifications::NOTIFICATIONS;
use antom::core::codec::{Demand, Field, Kind, Message as _, Table};
use antom::core::money::Amount;
use serde_json::json;

use crate::run::batch;

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
