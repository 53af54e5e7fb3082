//! Small values as JSON text: cards, runs, findings, and the names a notification is parked under.

use antom_core::secret::Secret;
use antom_core::signature::ClientId;
use antom_core::time::UnixTime;
use serde_json::{Map, Value, json};

use crate::card::{CardState, StoredCard};
use crate::error::StoreError;
use crate::keys::{Key, KeyName};
use crate::run::{Finding, Run};

#[derive(Debug, thiserror::Error)]
#[error("the text of a {0} is not what this program writes")]
struct Foreign(&'static str);

fn foreign(what: &'static str) -> StoreError {
    StoreError::Backend { step: "reading a row", source: Box::new(Foreign(what)) }
}

fn object(what: &'static str, text: &str) -> Result<Map<String, Value>, StoreError> {
    match serde_json::from_str(text) {
        Ok(Value::Object(map)) => Ok(map),
        _ => Err(foreign(what)),
    }
}

fn text_of(map: &Map<String, Value>, name: &str) -> Option<String> {
    map.get(name).and_then(Value::as_str).map(String::from)
}

fn time_of(map: &Map<String, Value>, name: &str) -> Option<UnixTime> {
    map.get(name).and_then(Value::as_i64).map(UnixTime::from_millis)
}

fn account(text: Option<String>) -> Option<ClientId> {
    text.and_then(|text| ClientId::new(&text).ok())
}

pub(super) fn card_text(card: &StoredCard) -> String {
    json!({
        "client_id": card.client_id.as_str(),
        "buyer": card.buyer,
        "token": card.token.expose(),
        "brand": card.brand,
        "last_digits": card.last_digits,
        "expires": card.expires.map(UnixTime::as_millis),
        "active": card.state == CardState::Active,
        "created": card.created.as_millis(),
    })
    .to_string()
}

pub(super) fn card(card_id: String, text: &str) -> Result<StoredCard, StoreError> {
    let map = object("card", text)?;
    let read = || {
        Some(StoredCard {
            card_id,
            client_id: account(text_of(&map, "client_id"))?,
            buyer: text_of(&map, "buyer")?,
            token: Secret::new(text_of(&map, "token")?),
            brand: text_of(&map, "brand"),
            last_digits: text_of(&map, "last_digits"),
            expires: time_of(&map, "expires"),
            state: match map.get("active").and_then(Value::as_bool)? {
                true => CardState::Active,
                false => CardState::Removed,
            },
            created: time_of(&map, "created")?,
        })
    };
    read().ok_or_else(|| foreign("card"))
}

pub(super) fn run_text(run: &Run) -> String {
    json!({
        "files": run.files,
        "started": run.started.as_millis(),
        "finished": run.finished.map(UnixTime::as_millis),
        "counts": run.counts.iter().map(|(kind, count)| (kind.clone(), json!(count))).collect::<Map<_, _>>(),
    })
    .to_string()
}

pub(super) fn run(run_id: String, text: &str) -> Result<Run, StoreError> {
    let map = object("run", text)?;
    let read = || {
        let files = map.get("files").and_then(Value::as_array)?;
        let counts = map.get("counts").and_then(Value::as_object)?;
        Some(Run {
            run_id,
            files: files.iter().filter_map(Value::as_str).map(String::from).collect(),
            started: time_of(&map, "started")?,
            finished: time_of(&map, "finished"),
            counts: counts.iter().filter_map(|(kind, count)| Some((kind.clone(), count.as_u64()?))).collect(),
        })
    };
    read().ok_or_else(|| foreign("run"))
}

pub(super) fn finding_text(finding: &Finding) -> String {
    json!({
        "kind": finding.kind,
        "request_id": finding.request_id,
        "transaction_id": finding.transaction_id,
        "line": finding.line,
        "text": finding.text,
    })
    .to_string()
}

pub(super) fn finding(text: &str) -> Result<Finding, StoreError> {
    let map = object("finding", text)?;
    let read = || {
        Some(Finding {
            kind: text_of(&map, "kind")?,
            request_id: text_of(&map, "request_id"),
            transaction_id: text_of(&map, "transaction_id"),
            line: text_of(&map, "line"),
            text: text_of(&map, "text")?,
        })
    };
    read().ok_or_else(|| foreign("finding"))
}

pub(super) fn names_text(keys: &[Key]) -> String {
    let names = keys.iter().map(|key| {
        let (kind, text) = key.name.parts();
        json!([kind, key.client_id.as_str(), text])
    });
    Value::Array(names.collect()).to_string()
}

pub(super) fn names(text: &str) -> Result<Vec<Key>, StoreError> {
    let Ok(Value::Array(names)) = serde_json::from_str(text) else { return Err(foreign("list of keys")) };
    let read = |name: &Value| {
        let part = |at: usize| name.get(at).and_then(Value::as_str);
        let text = part(2)?.to_owned();
        let name = match part(0)? {
            "request" => KeyName::Request(text),
            "payment" => KeyName::Payment(text),
            "capture" => KeyName::Capture(text),
            "refund" => KeyName::Refund(text),
            "state" => KeyName::AuthState(text),
            "token" => KeyName::Token(Secret::new(text)),
            _ => return None,
        };
        Some(Key { client_id: account(part(1).map(String::from))?, name })
    };
    names.iter().map(|name| read(name).ok_or_else(|| foreign("list of keys"))).collect()
}
