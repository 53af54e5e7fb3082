//! notification/inquireNotificationList and notification/inquireNotification: what the merchant was told.

use std::collections::VecDeque;
use std::time::Duration;

use antom_core::api::notification::{InquireNotificationListRequest, InquireNotificationRequest};
use antom_core::codec::{Message, Table};
use antom_core::time::{DateTimeText, UnixTime};
use bytes::Bytes;

use super::desk::Desk;
use super::reply::{Done, Refusal, refuse, stamp, success};
use super::wire::NotificationId;

/// How far back notifications are listed.
const KEPT: Duration = Duration::from_secs(30 * 24 * 3600);
/// The entries of a page, unless the request wants fewer.
const PAGE: usize = 100;

/// What became of a notification.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fate {
    Waiting,
    Acknowledged,
    GivenUp,
}

/// A notification that was written.
#[derive(Debug)]
pub(super) struct Past {
    id: NotificationId,
    pub(super) kind: &'static str,
    pub(super) table: &'static Table,
    /// What it speaks of.
    pub(super) about: String,
    /// Where it went: the URL, and what of it is signed.
    pub(super) address: Option<(String, String)>,
    created: UnixTime,
    pub(super) body: Bytes,
    fate: Fate,
}

/// The notifications of the last thirty days, oldest first, and no more than the engine keeps of anything.
#[derive(Debug)]
pub(super) struct History {
    max: usize,
    past: VecDeque<Past>,
}

impl History {
    pub(super) fn new(max: usize) -> Self {
        Self { max, past: VecDeque::new() }
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
        while self.past.front().is_some_and(|past| past.created < oldest || self.past.len() >= self.max) {
            self.past.pop_front();
        }
        let about = about.to_owned();
        self.past.push_back(Past { id, kind, table, about, address, created, body, fate: Fate::Waiting });
    }

    pub(super) fn find(&self, id: NotificationId) -> Option<&Past> {
        self.past.iter().rev().find(|past| past.id == id)
    }

    pub(super) fn ended(&mut self, id: NotificationId, fate: Fate) {
        // The newest are asked about the most.
        if let Some(past) = self.past.iter_mut().rev().find(|past| past.id == id) {
            past.fate = fate;
        }
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
    let mut rows = desk.history.past.iter().rev().filter(wanted);
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
    let Some(past) = desk.history.past.iter().rev().find(|past| past.event_id() == request.event_id) else {
        return refuse("NOTIFICATION_NOT_EXIST", "no such event");
    };
    let mut body = head();
    body.extend_from_slice(b",\"notification\":");
    past.write(&mut body);
    body.push(b'}');
    Ok(Done { body, result: success(), changes: Vec::new() })
}
