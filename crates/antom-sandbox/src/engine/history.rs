//! notification/inquireNotificationList and notification/inquireNotification: what the merchant was told.

use std::time::Duration;

use antom_core::api::notification::{InquireNotificationListRequest, InquireNotificationRequest};
use antom_core::codec::{Message, Table};
use antom_core::time::{DateTimeText, UnixTime};
use bytes::Bytes;

use super::desk::Desk;
use super::kept::Kept;
use super::reply::{Done, Refusal, refuse, stamp, success};
use super::wire::NotificationId;

/// How far back notifications are listed.
const KEPT: Duration = Duration::from_secs(30 * 24 * 3600);
/// The entries of a page, unless the request wants fewer.
const PAGE: usize = 100;

/// What became of a notification.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "state-file", derive(serde::Serialize, serde::Deserialize))]
pub(super) enum Fate {
    Waiting,
    Acknowledged,
    GivenUp,
}

/// The kind of a notification. A type of its own, so that what reads it from a file does not borrow from the file.
pub(super) type NoticeKind = &'static str;

/// A notification that was written.
#[derive(Debug)]
#[cfg_attr(feature = "state-file", derive(serde::Serialize, serde::Deserialize))]
pub(super) struct Past {
    id: NotificationId,
    #[cfg_attr(feature = "state-file", serde(with = "super::saved::kind"))]
    pub(super) kind: NoticeKind,
    #[cfg_attr(feature = "state-file", serde(with = "super::saved::table"))]
    pub(super) table: &'static Table,
    /// What it speaks of.
    pub(super) about: String,
    /// Where it went: the URL, and what of it is signed.
    pub(super) address: Option<(String, String)>,
    created: UnixTime,
    #[cfg_attr(feature = "state-file", serde(with = "super::saved::body"))]
    pub(super) body: Bytes,
    fate: Fate,
}

/// The notifications of the last thirty days, oldest first, and no more than the engine keeps of anything.
#[derive(Debug)]
pub(super) struct History {
    past: Kept<Past>,
}

impl History {
    pub(super) fn new(max: usize) -> Self {
        Self { past: Kept::new(max) }
    }

    pub(super) fn written(
        &mut self,
        id: NotificationId,
        (kind, table, about): (&'static str, &'static Table, &str),
        address: Option<(String, String)>,
        created: UnixTime,
        body: Bytes,
    ) {
        let oldest = created.saturating_sub(KEPT);
        while let Some((name, _)) = self.past.oldest().filter(|(_, past)| past.created < oldest) {
            let name = name.to_owned();
            self.past.remove(&name);
        }
        let about = about.to_owned();
        let past = Past { id, kind, table, about, address, created, body, fate: Fate::Waiting };
        self.past.insert(&id.place(), past);
    }

    pub(super) fn find(&self, id: NotificationId) -> Option<&Past> {
        self.past.get(&id.place())
    }

    pub(super) fn ended(&mut self, id: NotificationId, fate: Fate) {
        if let Some(past) = self.past.get_mut(&id.place()) {
            past.fate = fate;
        }
    }
}

/// What a file takes and gives back.
#[cfg(feature = "state-file")]
impl History {
    pub(super) fn saved(&mut self) -> &mut Kept<Past> {
        &mut self.past
    }

    pub(super) fn restore(&mut self, past: Past) {
        self.past.insert(&past.id.place(), past);
    }
}

impl Past {
    fn event_id(&self) -> String {
        format!("EVENT{:012}", self.id.0)
    }

    /// The entry, with the notification's text as it was sent.
    fn write(&self, out: &mut Vec<u8>) {
        let fate = match self.fate {
            Fate::Waiting => "PENDING",
            Fate::Acknowledged => "DELIVERED",
            Fate::GivenUp => "FAILED",
        };
        let head = format!(
            r#"{{"eventId":"{}","notifyType":"{}","eventCreateTime":"{}","deliveryStatus":"{fate}","notificationData":"#,
            self.event_id(),
            self.kind,
            stamp(self.created),
        );
        out.extend_from_slice(head.as_bytes());
        out.extend_from_slice(&self.body);
        out.push(b'}');
    }
}

fn head() -> Vec<u8> {
    let mut body = b"{\"result\":".to_vec();
    body.extend_from_slice(&success().to_json());
    body
}

pub(super) fn list(desk: &Desk<'_>, request: &InquireNotificationListRequest) -> Result<Done, Refusal> {
    let time = |text: &Option<DateTimeText>, name: &str| match text.as_ref().map(DateTimeText::instant) {
        None => Ok(None),
        Some(Ok(time)) => Ok(Some(time)),
        Some(Err(error)) => refuse("PARAM_ILLEGAL", format!("/{name}: {error}")),
    };
    let oldest = desk.now.saturating_sub(KEPT);
    let from = time(&request.event_create_time_from, "eventCreateTimeFrom")?.unwrap_or(oldest).max(oldest);
    let to = time(&request.event_create_time_to, "eventCreateTimeTo")?.unwrap_or(desk.now);
    let limit = match request.limit {
        None => PAGE,
        Some(limit) => match usize::try_from(limit) {
            Ok(limit @ 1..=PAGE) => limit,
            _ => return refuse("PARAM_ILLEGAL", format!("/limit: 1 to {PAGE}")),
        },
    };
    let wanted = |past: &&Past| {
        let kind = request
            .notify_type
            .as_ref()
            .is_none_or(|kinds| kinds.iter().any(|kind| kind.as_str() == past.kind));
        kind && past.created >= from && past.created <= to
    };
    let mut rows = desk.history.past.values().rev().filter(wanted);
    if let Some(after) = &request.starting_after
        && !rows.by_ref().any(|past| past.event_id() == *after)
    {
        return refuse("PARAM_ILLEGAL", "/startingAfter: no such event in this span");
    }
    let page: Vec<&Past> = rows.by_ref().take(limit).collect();
    let more = rows.next().is_some();
    let mut body = head();
    body.extend_from_slice(b",\"notifications\":[");
    for (at, past) in page.iter().enumerate() {
        if at > 0 {
            body.push(b',');
        }
        past.write(&mut body);
    }
    body.extend_from_slice(format!("],\"hasMore\":{more}").as_bytes());
    if let (true, Some(last)) = (more, page.last()) {
        body.extend_from_slice(format!(",\"nextStartingAfter\":\"{}\"", last.event_id()).as_bytes());
    }
    body.push(b'}');
    Ok(Done { body, result: success(), changes: Vec::new() })
}

pub(super) fn one(desk: &Desk<'_>, request: &InquireNotificationRequest) -> Result<Done, Refusal> {
    let Some(past) = desk.history.past.values().rev().find(|past| past.event_id() == request.event_id) else {
        return refuse("NOTIFICATION_NOT_EXIST", "no such event");
    };
    let mut body = head();
    body.extend_from_slice(b",\"notification\":");
    past.write(&mut body);
    body.push(b'}');
    Ok(Done { body, result: success(), changes: Vec::new() })
}
