//! What a call came to, in words and for programs.

use antom::core::api::catalog::OPERATIONS;
use antom::core::call::{EchoedId, OperationInfo, RawAnswer, Repeat, Reply, Sent};
use antom::core::codec::Table;
use antom::core::fact::Proof;
use antom::core::outcome::{Advice, Outcome, Reason, Unresolved, advice};
use serde_json::{Value, json};

use crate::commands::shown::{Show, with_raw};
use crate::failure::causes;
use crate::json::object;

/// An outcome to tell.
pub(super) struct Told<'a> {
    pub(super) operation: &'static OperationInfo,
    pub(super) path: String,
    pub(super) outcome: &'a Outcome<RawAnswer>,
    pub(super) reveal: bool,
}

impl Told<'_> {
    /// For a person.
    pub(super) fn text(&self) -> String {
        let mut lines = vec![
            format!("outcome   {}", self.kind()),
            format!("operation {}", self.operation.id),
            format!("path      {}", self.path),
        ];
        if let Some(reply) = self.outcome.reply() {
            lines.push(format!("result    {} {}", status(reply), code(reply)));
            lines.push(format!("proof     {}", proof(reply.verified().proof())));
            lines.push(format!("answered  {}", reply.verified().time()));
        }
        if let Outcome::Unresolved(unresolved) = self.outcome {
            lines.push(format!("reason    {}", reason(&unresolved.reason)));
            lines.push(format!("sent      {}, {} time(s)", sent(unresolved.sent), unresolved.sends));
        }
        lines.push(format!("next      {}", self.next()));
        if let Some(reply) = self.outcome.reply() {
            let body =
                Show::lines(self.reveal).document(response_table(self.operation), reply.verified().raw());
            lines.push(format!("body\n  {body}"));
        }
        lines.join("\n")
    }

    /// For a program.
    pub(super) fn json(&self) -> String {
        let mut members = vec![
            ("outcome", json!(self.kind())),
            ("operation", json!(self.operation.id)),
            ("path", json!(self.path)),
        ];
        let reply = self.outcome.reply();
        if let Some(reply) = reply {
            members.push(("result_status", json!(status(reply))));
            members.push(("result_code", json!(code(reply))));
            members.push(("proof", json!(proof(reply.verified().proof()))));
            members.push(("signed", json!(reply.verified().proof().is_signed())));
            members.push(("answered_at", json!(reply.verified().time().to_string())));
        }
        match self.outcome {
            Outcome::Declined(declined) => members.push(("first_send", json!(declined.first_send))),
            Outcome::Unresolved(unresolved) => {
                members.push(("reason", json!(reason(&unresolved.reason))));
                members.push(("sent", json!(sent(unresolved.sent))));
                members.push(("sends", json!(unresolved.sends)));
                members.push(("inquire", json!(unresolved.inquire)));
                members.push(("ids", ids(&unresolved.ids)));
            }
            _ => {}
        }
        members.push(("next", json!(self.next())));
        let text = object(&members);
        match reply {
            None => text,
            Some(reply) => {
                let raw = reply.verified().raw();
                with_raw(text, "body", &Show::line(self.reveal).document(response_table(self.operation), raw))
            }
        }
    }

    fn kind(&self) -> &'static str {
        match self.outcome {
            Outcome::Completed(_) => "completed",
            Outcome::Accepted(_) => "accepted",
            Outcome::Declined(_) => "declined",
            Outcome::Unresolved(_) => "unresolved",
            _ => "unknown",
        }
    }

    /// What to do now.
    fn next(&self) -> String {
        match self.outcome {
            Outcome::Completed(reply) => match advice(self.operation.id, &code(reply), "S") {
                Advice::Success => {
                    "nothing: the call did what it was asked to do; for a payment read its status".into()
                }
                other => words(other).into(),
            },
            Outcome::Accepted(_) => match self.operation.inquiry {
                Some(inquiry) => format!(
                    "under way: show its code or URL if it has one, then wait for the notification and call {inquiry}; \
                     do not send it again"
                ),
                None => "under way: wait for the notification; do not send it again".into(),
            },
            Outcome::Declined(declined) => words(declined.advice).into(),
            Outcome::Unresolved(unresolved) => next_after_unresolved(self.operation, unresolved),
            _ => "ask what became of it".into(),
        }
    }
}

/// The answer when nothing left this machine.
pub(super) fn nothing_sent(operation: &OperationInfo, why: &str) -> String {
    object(&[
        ("outcome", json!("not_sent")),
        ("operation", json!(operation.id)),
        ("reason", json!(why)),
        ("next", json!("it is safe to call again with the same id")),
    ])
}

/// What to do when nobody knows what became of a call.
pub(super) fn next_after_unresolved<T>(operation: &OperationInfo, unresolved: &Unresolved<T>) -> String {
    let with: Vec<String> =
        unresolved.ids.iter().map(|id| format!("{} {}", id.name, id.value.escape_debug())).collect();
    let with = if with.is_empty() { String::new() } else { format!(" with {}", with.join(", ")) };
    match (unresolved.inquire, operation.repeat) {
        (Some(inquire), _) => format!("call {inquire}{with}, and only then send the same request again"),
        (None, Repeat::Read) => "call it again: it only reads".into(),
        (None, Repeat::SameId(id)) => format!("send the same request again, with the same {id}"),
        (None, Repeat::Never) => {
            "do not send it again: a second one would be a second effect; look it up in the dashboard".into()
        }
    }
}

pub(super) fn code<T>(reply: &Reply<T>) -> String {
    reply.result().result_code.as_ref().map_or("", |code| code.as_str()).escape_debug().to_string()
}

fn status<T>(reply: &Reply<T>) -> String {
    reply.result().result_status.as_ref().map_or("", |status| status.as_str()).escape_debug().to_string()
}

/// By what right the answer is believed.
pub(crate) fn proof(proof: &Proof) -> String {
    match proof {
        Proof::Signature(version) => format!("signed by the gateway with key version {version}"),
        Proof::Tls => "the secure channel alone, unsigned".into(),
        Proof::Recovered { answer, .. } => format!("inside an answer {}", self::proof(answer)),
        _ => "unknown".into(),
    }
}

fn reason<T>(reason: &Reason<T>) -> String {
    match reason {
        Reason::NoAnswer(error) => causes(error),
        Reason::Unproven(error) => causes(error),
        Reason::Unknown(_) => "the gateway does not know either".into(),
        _ => "unknown".into(),
    }
}

fn sent(sent: Sent) -> &'static str {
    match sent {
        Sent::No => "no",
        Sent::Maybe => "maybe",
        Sent::Yes => "yes",
    }
}

fn ids(ids: &[EchoedId]) -> Value {
    ids.iter().map(|id| (id.name.to_owned(), json!(id.value))).collect::<serde_json::Map<_, _>>().into()
}

fn words(advice: Advice) -> &'static str {
    match advice {
        Advice::Success => "nothing: it is done",
        Advice::Inquire => "ask what became of it, then send the same id again",
        Advice::InquireOriginal => "the id was used for something else: inquire about the original",
        Advice::RedirectOrInquire => "send the buyer to the URL of the answer if there is one, else inquire",
        Advice::RedirectUser => "send the buyer to the URL of the answer",
        Advice::RetrySameRequest => "send the same request again, later",
        Advice::NewRequestId => "try anew with a new request id, once the old attempt is proven final",
        Advice::FixParameters => "correct the request",
        Advice::FixConfiguration => "correct the set-up: contract, keys, client id, product",
        Advice::Reauthorize => "obtain the buyer's authorization again",
        Advice::AskBuyer => "the buyer has to do something, or pay in another way",
        Advice::ContactSupport => "ask Antom's support",
        Advice::FinalFailure => "nothing: it is refused for good",
        _ => "read the page of the operation",
    }
}

/// The type of an operation's answer.
fn response_table(operation: &OperationInfo) -> Option<&'static Table> {
    OPERATIONS.iter().find(|entry| entry.info.id == operation.id).map(|entry| (entry.response)())
}
