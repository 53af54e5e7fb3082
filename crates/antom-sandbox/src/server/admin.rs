//! Commands to the sandbox itself, as JSON. Every one needs the token and comes from this machine.

use std::sync::Arc;

use antom_core::signature::{PrivateKey, PublicKey};
use antom_core::time::DateTimeText;
use hyper::{Method, StatusCode};
use serde_json::{Map, Value, json};

use super::json as written;
use super::shared::{Place, Shared};
use super::shown::{Head, Shown};
use crate::engine::{
    BankAction, BuyerAction, BuyerNext, CardEntry, FaultTarget, NotificationId, ReportPlan, Script,
    parse_duration,
};

/// The most entries of one answer.
const PAGE: usize = 500;

/// Why a command was not carried out.
struct Refusal(StatusCode, String);

fn refuse<T>(status: StatusCode, why: impl std::fmt::Display) -> Result<T, Refusal> {
    Err(Refusal(status, why.to_string()))
}

pub(super) async fn serve(shared: &Arc<Shared>, head: &Head, body: &[u8]) -> Shown {
    if !head.is_from_here(&shared.rules.hosts) {
        return Shown::refused(StatusCode::FORBIDDEN, "commands are taken under the admin address alone");
    }
    let given = head.header("authorization").and_then(|header| header.strip_prefix("Bearer "));
    if !is_token(given, shared.rules.token.expose()) {
        let mut shown = Shown::refused(
            StatusCode::UNAUTHORIZED,
            "the header `Authorization: Bearer TOKEN` is needed; the sandbox printed the token when it started",
        );
        shown.headers.push(("www-authenticate", "Bearer".to_owned()));
        return shown;
    }
    match command(shared, head, body).await {
        Ok(value) => Shown::json(StatusCode::OK, &value),
        Err(Refusal(status, why)) => Shown::refused(status, why),
    }
}

/// Compares without saying by its time how much was right.
pub(super) fn is_token(given: Option<&str>, token: &str) -> bool {
    let Some(given) = given else { return false };
    let differs = given.bytes().zip(token.bytes()).fold(0, |differs, (a, b)| differs | (a ^ b));
    given.len() == token.len() && differs == 0
}

async fn command(shared: &Arc<Shared>, head: &Head, body: &[u8]) -> Result<Value, Refusal> {
    let path = head.uri.path().strip_prefix("/_sandbox").unwrap_or_default();
    let place = match head.query("client") {
        None => Place::FIRST,
        Some(id) => match shared.client(&id) {
            Some(place) => place,
            None => return refuse(StatusCode::NOT_FOUND, "`client` names no client of this sandbox"),
        },
    };
    match (&head.method, path) {
        (&Method::GET, "/clock") => Ok(clock(shared)),
        (&Method::POST, "/clock") => {
            let order = object(body)?;
            let by = parse_duration(text(&order, "advance")?);
            shared.advance(by.or_else(|error| refuse(StatusCode::BAD_REQUEST, error))?).await;
            Ok(clock(shared))
        }
        (&Method::GET, "/state") => Ok(state(shared, place)),
        (&Method::GET, "/journal") => Ok(entries(shared, place, head)),
        (&Method::POST, "/buyer") => buyer(shared, &object(body)?),
        (&Method::POST, "/disputes") => dispute(shared, &object(body)?),
        (&Method::POST, "/reports") => reports(shared, place, &object(body)?),
        (&Method::POST, "/keys") => keys(shared, place, &object(body)?),
        (&Method::POST, "/faults") => faults(shared, place, &object(body)?),
        (&Method::POST, path) if path.starts_with("/notifications/") => resend(shared, place, path),
        (_, "/clock" | "/state" | "/journal" | "/buyer" | "/disputes" | "/keys" | "/reports" | "/faults") => {
            refuse(StatusCode::METHOD_NOT_ALLOWED, "this command takes another method")
        }
        _ => refuse(StatusCode::NOT_FOUND, "no such command; docs/sandbox.md lists them"),
    }
}

fn object(body: &[u8]) -> Result<Map<String, Value>, Refusal> {
    match serde_json::from_slice(body) {
        Ok(Value::Object(map)) => Ok(map),
        Ok(_) => refuse(StatusCode::BAD_REQUEST, "the body must be a JSON object"),
        Err(error) => refuse(StatusCode::BAD_REQUEST, format!("the body must be a JSON object: {error}")),
    }
}

fn text<'a>(order: &'a Map<String, Value>, name: &str) -> Result<&'a str, Refusal> {
    match order.get(name) {
        Some(Value::String(text)) => Ok(text),
        _ => refuse(StatusCode::BAD_REQUEST, format!("`{name}` must be a text")),
    }
}

fn state(shared: &Shared, place: Place) -> Value {
    let mut state = written::state(&shared.gateway(place).view(PAGE));
    if let Value::Object(map) = &mut state {
        let clients: Vec<&str> = shared.clients().map(|(_, client)| client.as_str()).collect();
        map.insert("clients".into(), json!(clients));
        #[cfg(feature = "state-file")]
        if let Some(file) = &shared.rules.file {
            map.insert("state_file_failure".into(), json!(file.failure()));
        }
    }
    state
}

fn clock(shared: &Shared) -> Value {
    json!({ "now": shared.clock.now().to_rfc3339() })
}

/// `?after=PLACE` goes on where a page before ended.
fn entries(shared: &Shared, place: Place, head: &Head) -> Value {
    let after = head.query("after").and_then(|after| after.parse().ok()).unwrap_or(0);
    let gateway = shared.gateway(place);
    let page: Vec<_> = gateway.journal().filter(|entry| entry.place > after).take(PAGE).collect();
    let last = page.last().map_or(after, |entry| entry.place);
    json!({ "entries": page.into_iter().map(written::entry).collect::<Vec<_>>(), "last": last })
}

/// `{"at": "URL, code or page", "action": "approve"}`
fn buyer(shared: &Arc<Shared>, order: &Map<String, Value>) -> Result<Value, Refusal> {
    let action = match text(order, "action")? {
        "approve" => BuyerAction::Approve,
        "decline" => BuyerAction::Decline,
        "fail-3ds" => BuyerAction::Fail3ds,
        "walk-away" => BuyerAction::WalkAway,
        "cancel-authorization" => BuyerAction::CancelAuthorization,
        "card" => BuyerAction::EnterCard(CardEntry::valid(text(order, "number")?)),
        _ => {
            let known = "approve, decline, fail-3ds, walk-away, cancel-authorization or card";
            return refuse(StatusCode::BAD_REQUEST, format!("`action` must be {known}"));
        }
    };
    match shared.buyer(text(order, "at")?, &action) {
        Ok(None) => Ok(json!({ "next": null })),
        Ok(Some(BuyerNext::Challenge)) => Ok(json!({ "next": "3-D Secure" })),
        Ok(Some(BuyerNext::Redirect(url))) => Ok(json!({ "next": "redirect", "url": url })),
        Err(error) => refuse(StatusCode::CONFLICT, error),
    }
}

/// `{"payment": "PAY-7"}` opens one; `{"dispute": ID, "action": "merchant-wins"}` goes on with it.
fn dispute(shared: &Arc<Shared>, order: &Map<String, Value>) -> Result<Value, Refusal> {
    if !order.contains_key("dispute") {
        let id = shared.dispute(text(order, "payment")?);
        let id = id.or_else(|error| refuse(StatusCode::CONFLICT, error))?;
        return Ok(json!({ "dispute": id }));
    }
    let action = match text(order, "action")? {
        "merchant-wins" => BankAction::Judge { merchant_wins: true },
        "buyer-wins" => BankAction::Judge { merchant_wins: false },
        "cancel" => BankAction::Cancel,
        _ => {
            return refuse(StatusCode::BAD_REQUEST, "`action` must be merchant-wins, buyer-wins or cancel");
        }
    };
    match shared.bank(text(order, "dispute")?, action) {
        Ok(()) => Ok(json!({})),
        Err(error) => refuse(StatusCode::CONFLICT, error),
    }
}

/// `{"kind": "settlement", "from": TIME, "to": TIME}`: the files of a span, as the reports' reader takes them.
fn reports(shared: &Shared, place: Place, order: &Map<String, Value>) -> Result<Value, Refusal> {
    let time = |name| {
        let time = DateTimeText::from(text(order, name)?).instant();
        time.or_else(|error| refuse(StatusCode::BAD_REQUEST, format!("`{name}`: {error}")))
    };
    let plan = ReportPlan::new(time("from")?, time("to")?);
    let files = match text(order, "kind")? {
        "settlement" => shared.gateway(place).settlement_reports(&plan),
        "transactions" => shared.gateway(place).transaction_reports(&plan),
        _ => return refuse(StatusCode::BAD_REQUEST, "`kind` must be settlement or transactions"),
    };
    let files: Vec<Value> =
        files.into_iter().map(|file| json!({ "name": file.name, "text": file.text })).collect();
    Ok(json!({ "files": files }))
}

/// `{"gateway_private_key": KEY}` signs with another key from now on, under the next version; with `"fresh"` one is made.
/// `{"merchant_public_key": KEY}` takes another key of the merchant beside those before.
fn keys(shared: &Shared, place: Place, order: &Map<String, Value>) -> Result<Value, Refusal> {
    let bad = |error: &dyn std::fmt::Display| Refusal(StatusCode::BAD_REQUEST, error.to_string());
    if order.contains_key("merchant_public_key") {
        let key = PublicKey::parse(text(order, "merchant_public_key")?).map_err(|error| bad(&error))?;
        shared.gateway(place).accept_merchant_key(key).map_err(|error| bad(&error))?;
        return Ok(json!({}));
    }
    let key = match text(order, "gateway_private_key")? {
        #[cfg(feature = "fresh-keys")]
        "fresh" => crate::engine::KeySet::fresh().map_err(|error| bad(&error))?.gateway,
        text => PrivateKey::parse(text).map_err(|error| bad(&error))?,
    };
    let version = shared.gateway(place).rotate(&key).map_err(|error| bad(&error))?;
    Ok(json!({ "key_version": version.get(), "antom_public_key": key.public().to_spki_base64() }))
}

/// `{"operation": "payments/pay", "script": "U,U,S"}`, or with `request_id`; with `times` one fault for so many
/// requests (0: until it is switched off); without a script it is switched off.
fn faults(shared: &Shared, place: Place, order: &Map<String, Value>) -> Result<Value, Refusal> {
    let target = match (order.get("operation"), order.get("request_id")) {
        (Some(Value::String(operation)), None) => FaultTarget::Operation(operation.clone()),
        (None, Some(Value::String(id))) => FaultTarget::RequestId(id.clone()),
        _ => return refuse(StatusCode::BAD_REQUEST, "either `operation` or `request_id` must be a text"),
    };
    let Some(script) = order.get("script") else {
        shared.gateway(place).clear_fault(&target);
        return Ok(json!({}));
    };
    let script: Result<Script, _> = script.as_str().unwrap_or_default().parse();
    let script = script.or_else(|error| refuse(StatusCode::BAD_REQUEST, error))?;
    match (order.get("times"), script.steps()) {
        (None, _) => shared.gateway(place).set_script(target, script),
        (Some(times), [fault]) => {
            let Some(times) = times.as_u64().and_then(|times| u32::try_from(times).ok()) else {
                return refuse(StatusCode::BAD_REQUEST, "`times` must be a number");
            };
            shared.gateway(place).set_fault(target, fault.clone(), (times > 0).then_some(times));
        }
        _ => return refuse(StatusCode::BAD_REQUEST, "`times` goes with a single fault"),
    }
    Ok(json!({}))
}

/// `POST /_sandbox/notifications/N7/resend`
fn resend(shared: &Arc<Shared>, place: Place, path: &str) -> Result<Value, Refusal> {
    let id = path.strip_prefix("/notifications/").and_then(|rest| rest.strip_suffix("/resend"));
    let id: Option<NotificationId> = id.and_then(|id| id.parse().ok());
    let Some(id) = id else { return refuse(StatusCode::NOT_FOUND, "a notification is named like N7") };
    let now = shared.clock.now();
    if !shared.gateway(place).resend(now, id) {
        return refuse(StatusCode::NOT_FOUND, "this notification is forgotten, or has no address");
    }
    shared.tick();
    Ok(json!({}))
}

#[cfg(test)]
mod tests {
    use super::is_token;

    #[test]
    fn only_the_whole_token_is_the_token() {
        assert!(is_token(Some("abc"), "abc"));
        for bad in [None, Some("ab"), Some("abcd"), Some("abx"), Some("")] {
            assert!(!is_token(bad, "abc"), "{bad:?}");
        }
    }
}
