//! Results, and answers made of them.

use antom_core::api::models::{ResultCode, ResultInfo, ResultStatus};
use antom_core::codec::Message;
use antom_core::signature::{ClientId, Signature, Signer, content, header};
use antom_core::time::{UnixTime, UtcOffset, WireTime};
use bytes::Bytes;

use super::change::Change;
use super::wire::Answer;

pub(super) const JSON: &str = "application/json; charset=UTF-8";

/// What an operation came to.
pub(super) struct Done {
    /// The answer's body.
    pub(super) body: Vec<u8>,
    /// The result in it.
    pub(super) result: ResultInfo,
    /// What the answer promises; made true right after it was written.
    pub(super) changes: Vec<Change>,
}

/// An operation that is refused: nothing changes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Refusal {
    pub(super) code: &'static str,
    pub(super) message: String,
}

pub(super) fn refuse<T>(code: &'static str, message: impl Into<String>) -> Result<T, Refusal> {
    Err(Refusal { code, message: message.into() })
}

pub(super) fn result(code: &str, status: ResultStatus, message: &str) -> ResultInfo {
    let mut info = ResultInfo::new();
    info.result_code = Some(ResultCode::from(code.to_owned()));
    info.result_status = Some(status);
    info.result_message = Some(message.to_owned());
    info
}

pub(super) fn success() -> ResultInfo {
    result("SUCCESS", ResultStatus::S, "success.")
}

pub(super) fn failure(code: &str, message: &str) -> ResultInfo {
    result(code, ResultStatus::F, message)
}

pub(super) fn in_process(code: &str, message: &str) -> ResultInfo {
    result(code, ResultStatus::U, message)
}

/// A body that is nothing but a result.
pub(super) fn result_only(info: &ResultInfo) -> Vec<u8> {
    let mut body = b"{\"result\":".to_vec();
    body.extend_from_slice(&info.to_json());
    body.push(b'}');
    body
}

/// The time in an answer or notification: ISO 8601, whole seconds, with offset.
pub(super) fn stamp(now: UnixTime) -> String {
    UnixTime::from_secs(now.as_secs()).to_rfc3339_at(UtcOffset::CHINA)
}

/// Signs what the gateway says. `None` when no signature could be made; then nothing is said.
pub(super) fn sign(
    signer: &dyn Signer,
    client_id: &ClientId,
    target: &str,
    time: &str,
    body: &[u8],
) -> Option<Signature> {
    let time = WireTime::parse(time).ok()?;
    signer.sign(&content("POST", target, client_id, &time, body)).ok()
}

/// A signed answer.
pub(super) fn signed(
    signer: &dyn Signer,
    client_id: &ClientId,
    target: &str,
    now: UnixTime,
    body: Vec<u8>,
) -> Answer {
    let time = stamp(now);
    let Some(signature) = sign(signer, client_id, target, &time, &body) else {
        return page(500, "the sandbox could not sign its answer");
    };
    Answer {
        status: 200,
        headers: vec![
            ("content-type", JSON.to_owned()),
            ("client-id", client_id.as_str().to_owned()),
            ("response-time", time),
            ("signature", header::render(&signature, signer.key_version())),
        ],
        body: Bytes::from(body),
    }
}

/// An answer without a signature: what the gateway says to a request it cannot trust.
pub(super) fn unsigned(body: Vec<u8>) -> Answer {
    Answer { status: 200, headers: vec![("content-type", JSON.to_owned())], body: Bytes::from(body) }
}

/// A page for people where an answer for programs should be.
pub(super) fn page(status: u16, text: &str) -> Answer {
    let body = format!("<!doctype html>\n<html><title>{status}</title><p>{text}</p></html>\n");
    Answer {
        status,
        headers: vec![("content-type", "text/html; charset=UTF-8".to_owned())],
        body: body.into(),
    }
}
