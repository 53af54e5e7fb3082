//! The journal and the state as JSON.

use antom_core::time::UnixTime;
use serde_json::{Value, json};

use crate::engine::{DeliveryResult, Entry, Event, PaymentView, View};

/// An entry of the journal.
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
        Event::Request { path, reference, code, status, verified, refusal, sent, body, answered } => json!({
            "event": "request",
            "path": path,
            "reference": reference,
            "code": code,
            "status": status,
            "verified": verified,
            "refusal": refusal,
            "sent": format!("{sent}{body}"),
            "body": body,
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
        Event::Settled { from, to, files } => {
            json!({ "event": "day settled", "from": time(*from), "to": time(*to), "files": files })
        }
        Event::GivenUp { id } => json!({ "event": "notification given up", "id": id.to_string() }),
    }
}

fn time(time: UnixTime) -> Value {
    json!(time.to_rfc3339())
}

/// The state of what is kept.
pub(super) fn state(view: &View) -> Value {
    let payments: Vec<Value> = view.payments.iter().map(payment).collect();
    let authorizations: Vec<Value> = view
        .authorizations
        .iter()
        .map(|one| {
            json!({
                "authState": one.auth_state,
                "wallet": one.wallet,
                "state": one.state,
                "page": one.page,
                "expires": time(one.expires),
            })
        })
        .collect();
    let disputes: Vec<Value> = view
        .disputes
        .iter()
        .map(|one| {
            json!({
                "disputeId": one.dispute_id,
                "paymentId": one.payment_id,
                "currency": one.amount.currency().as_str(),
                "value": one.amount.value_text(),
                "state": one.state,
                "due": time(one.due),
            })
        })
        .collect();
    let vaultings: Vec<Value> = view
        .vaultings
        .iter()
        .map(|one| {
            json!({
                "vaultingRequestId": one.vaulting_request_id,
                "method": one.method,
                "state": one.state,
                "page": one.page,
                "expires": time(one.expires),
            })
        })
        .collect();
    let subscriptions: Vec<Value> = view
        .subscriptions
        .iter()
        .map(|one| {
            json!({
                "subscriptionId": one.subscription_id,
                "subscriptionRequestId": one.subscription_request_id,
                "description": one.description,
                "method": one.method,
                "currency": one.amount.currency().as_str(),
                "value": one.amount.value_text(),
                "state": one.state,
                "phase": one.phase,
                "next": one.next.map(time),
                "page": one.page,
            })
        })
        .collect();
    json!({
        "vaultings": vaultings,
        "subscriptions": subscriptions,
        "payments": payments,
        "authorizations": authorizations,
        "disputes": disputes,
        "unacknowledged": view.unacknowledged,
    })
}

fn payment(one: &PaymentView) -> Value {
    json!({
        "paymentId": one.payment_id,
        "paymentRequestId": one.payment_request_id,
        "method": one.method,
        "currency": one.amount.currency().as_str(),
        "value": one.amount.value_text(),
        "state": one.state,
        "failure": one.failure,
        "captured": one.captured.to_string(),
        "refunded": one.refunded.to_string(),
        "page": one.page,
        "created": time(one.created),
        "expires": time(one.expires),
    })
}
