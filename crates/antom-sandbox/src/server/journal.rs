//! The journal as JSON.

use serde_json::{Value, json};

use crate::engine::{DeliveryResult, Entry, Event};

pub(super) fn entry(entry: &Entry) -> Value {
    let mut value = event(&entry.event);
    if let Value::Object(map) = &mut value {
        map.insert("place".into(), json!(entry.place));
        map.insert("at".into(), json!(entry.at.to_rfc3339()));
    }
    value
}

fn event(event: &Event) -> Value {
    match event {
        Event::Request { path, reference, code, status, verified, refusal, sent, answered } => json!({
            "event": "request",
            "path": path,
            "reference": reference,
            "code": code,
            "status": status,
            "verified": verified,
            "refusal": refusal,
            "sent": sent,
            "answered": answered,
        }),
        Event::Change { what, id } => json!({ "event": "change", "what": what, "id": id }),
        Event::Sent { id, kind, about, attempt, body } => json!({
            "event": "notification sent",
            "id": id.to_string(),
            "kind": kind,
            "about": about,
            "attempt": attempt,
            "body": body,
        }),
        Event::Delivered { id, result, said } => json!({
            "event": "notification delivered",
            "id": id.to_string(),
            "result": match result {
                DeliveryResult::Acknowledged => "acknowledged",
                DeliveryResult::Refused(_) => "refused",
                DeliveryResult::Unreachable => "unreachable",
            },
            "said": said,
            "http_status": match result {
                DeliveryResult::Acknowledged => Some(200),
                DeliveryResult::Refused(status) => Some(*status),
                DeliveryResult::Unreachable => None,
            },
        }),
        Event::NoAddress { kind, about } => {
            json!({ "event": "notification without address", "kind": kind, "about": about })
        }
        Event::GivenUp { id } => json!({ "event": "notification given up", "id": id.to_string() }),
    }
}
