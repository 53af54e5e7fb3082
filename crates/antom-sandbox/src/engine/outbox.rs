//! Notifications on their way: when each is due, and when to stop.

use std::collections::BTreeSet;
use std::time::Duration;

use antom_core::codec::Table;
use antom_core::signature::{ClientId, Signer, check_path, header};
use antom_core::time::UnixTime;
use bytes::Bytes;

use super::fault::Fault;
use super::history::{Fate, History, NoticeKind};
use super::journal::{Event, Journal};
use super::kept::Kept;
use super::mask::masked;
use super::notice::Written;
use super::reply::{JSON, sign, stamp};
use super::wire::{Delivery, DeliveryResult, NotificationId};

/// The documented schedule: the wait before each attempt. Eight attempts in a little over a day.
pub const SCHEDULE: [Duration; 8] = [
    Duration::ZERO,
    Duration::from_secs(2 * 60),
    Duration::from_secs(10 * 60),
    Duration::from_secs(10 * 60),
    Duration::from_secs(3600),
    Duration::from_secs(2 * 3600),
    Duration::from_secs(6 * 3600),
    Duration::from_secs(15 * 3600),
];

#[derive(Debug)]
#[cfg_attr(feature = "state-file", derive(serde::Serialize, serde::Deserialize))]
pub(super) struct Pending {
    id: NotificationId,
    #[cfg_attr(feature = "state-file", serde(with = "super::saved::kind"))]
    kind: NoticeKind,
    #[cfg_attr(feature = "state-file", serde(with = "super::saved::table"))]
    table: &'static Table,
    about: String,
    url: String,
    target: String,
    #[cfg_attr(feature = "state-file", serde(with = "super::saved::body"))]
    body: Bytes,
    attempts: u8,
    due: UnixTime,
    /// What goes wrong with the first attempt; no file keeps it.
    #[cfg_attr(feature = "state-file", serde(skip))]
    fault: Option<Fault>,
}

#[derive(Debug)]
pub(super) struct Outbox {
    /// Those that wait; the oldest is given up for a newer one.
    pending: Kept<Pending>,
    queue: BTreeSet<(UnixTime, NotificationId)>,
    last: u64,
    history: History,
}

impl Outbox {
    pub(super) fn new(max: usize) -> Self {
        Self { pending: Kept::new(max), queue: BTreeSet::new(), last: 0, history: History::new(max) }
    }

    /// Takes a notification in; it is due at once, unless something goes wrong with it.
    pub(super) fn post(
        &mut self,
        now: UnixTime,
        written: Written,
        fault: Option<Fault>,
        default_url: Option<&str>,
        journal: &mut Journal,
    ) {
        let Written { kind, about, url, body, table, .. } = written;
        let body = Bytes::from(body);
        self.last = self.last.wrapping_add(1);
        let id = NotificationId(self.last);
        let url = url.or_else(|| default_url.map(str::to_owned));
        let address = url.and_then(|url| target_of(&url).map(|target| (url, target)));
        self.history.written(id, (kind, table, &about), address.clone(), now, body.clone());
        let Some((url, target)) = address else {
            self.history.ended(id, Fate::GivenUp);
            return journal.note(now, Event::NoAddress { kind, about });
        };
        if fault == Some(Fault::NotifyLost) {
            self.history.ended(id, Fate::GivenUp);
            return journal.note(now, Event::GivenUp { id });
        }
        let due = match &fault {
            Some(Fault::NotifyLate(by)) => now.saturating_add(*by),
            _ => now,
        };
        self.queue.insert((due, id));
        let attempts = 0;
        let entry = Pending { id, kind, table, about, url, target, body, attempts, due, fault };
        for oldest in self.pending.insert(&id.place(), entry) {
            self.queue.remove(&(oldest.due, oldest.id));
            self.history.ended(oldest.id, Fate::GivenUp);
            journal.note(now, Event::GivenUp { id: oldest.id });
        }
    }

    /// All deliveries that are due. Each is due again by the schedule unless it is acknowledged before.
    pub(super) fn due(
        &mut self,
        now: UnixTime,
        signer: &dyn Signer,
        client_id: &ClientId,
        journal: &mut Journal,
    ) -> Vec<Delivery> {
        let mut deliveries = Vec::new();
        while let Some(&(at, id)) = self.queue.first() {
            if at > now {
                break;
            }
            self.queue.pop_first();
            let Some(entry) = self.pending.get_mut(&id.place()) else { continue };
            let Some(wait) = SCHEDULE.get(usize::from(entry.attempts).saturating_add(1)) else {
                // The last attempt went out; this wake-up only closes the file.
                if usize::from(entry.attempts) >= SCHEDULE.len() {
                    self.pending.remove(&id.place());
                    self.history.ended(id, Fate::GivenUp);
                    journal.note(now, Event::GivenUp { id });
                    continue;
                }
                deliveries.extend(entry.deliver(now, id, signer, client_id, journal));
                entry.due = now.saturating_add(GRACE);
                self.queue.insert((entry.due, id));
                continue;
            };
            deliveries.extend(entry.deliver(now, id, signer, client_id, journal));
            entry.due = now.saturating_add(*wait);
            self.queue.insert((entry.due, id));
        }
        deliveries
    }

    pub(super) fn delivered(
        &mut self,
        now: UnixTime,
        id: NotificationId,
        (result, said): (DeliveryResult, &str),
        journal: &mut Journal,
    ) {
        let said = said.chars().take(MOST_SAID).collect();
        journal.note(now, Event::Delivered { id, result, said });
        if result == DeliveryResult::Acknowledged
            && let Some(entry) = self.pending.remove(&id.place())
        {
            self.queue.remove(&(entry.due, id));
            self.history.ended(id, Fate::Acknowledged);
        }
    }

    /// Makes a notification due at once, one more time at least; `false` if it is forgotten or has no address.
    pub(super) fn again(&mut self, now: UnixTime, id: NotificationId) -> bool {
        if let Some(entry) = self.pending.get_mut(&id.place()) {
            self.queue.remove(&(entry.due, id));
            entry.due = now;
        } else {
            let Some((past, (url, target))) =
                self.history.find(id).and_then(|past| Some((past, past.address.clone()?)))
            else {
                return false;
            };
            // Its schedule is over: this attempt is the last one.
            let attempts = u8::try_from(SCHEDULE.len().saturating_sub(1)).unwrap_or(u8::MAX);
            let (kind, table) = (past.kind, past.table);
            let (about, body) = (past.about.clone(), past.body.clone());
            let (due, fault) = (now, None);
            let entry = Pending { id, kind, table, about, url, target, body, attempts, due, fault };
            for oldest in self.pending.insert(&id.place(), entry) {
                self.queue.remove(&(oldest.due, oldest.id));
            }
        }
        self.queue.insert((now, id));
        true
    }

    pub(super) fn history(&self) -> &History {
        &self.history
    }

    pub(super) fn next_due(&self) -> Option<UnixTime> {
        self.queue.first().map(|(at, _)| *at)
    }

    /// How many notifications are neither acknowledged nor given up.
    pub(super) fn waiting(&self) -> usize {
        self.pending.len()
    }
}

/// What a file takes and gives back.
#[cfg(feature = "state-file")]
impl Outbox {
    pub(super) fn saved(&mut self) -> (&mut Kept<Pending>, &mut History, u64) {
        (&mut self.pending, &mut self.history, self.last)
    }

    pub(super) fn restore(&mut self, entry: Pending) {
        self.queue.insert((entry.due, entry.id));
        for oldest in self.pending.insert(&entry.id.place(), entry) {
            self.queue.remove(&(oldest.due, oldest.id));
        }
    }

    pub(super) fn go_on_from(&mut self, last: u64) {
        self.last = last;
    }
}

/// How much of what a merchant's server said is kept, in characters.
const MOST_SAID: usize = 300;

/// How long an acknowledgement of the last attempt is waited for.
const GRACE: Duration = Duration::from_secs(60);

impl Pending {
    fn deliver(
        &mut self,
        now: UnixTime,
        id: NotificationId,
        signer: &dyn Signer,
        client_id: &ClientId,
        journal: &mut Journal,
    ) -> Vec<Delivery> {
        self.attempts = self.attempts.saturating_add(1);
        let (time, fault) = (stamp(now), self.fault.take());
        let signed = match fault {
            Some(Fault::NotifyBadSignature) => &b"{}"[..],
            _ => &self.body,
        };
        let Some(signature) = sign(signer, client_id, &self.target, &time, signed) else { return Vec::new() };
        journal.note(
            now,
            Event::Sent {
                id,
                kind: self.kind,
                about: self.about.clone(),
                attempt: self.attempts,
                body: masked(&self.body, self.table),
            },
        );
        let delivery = Delivery {
            id,
            attempt: self.attempts,
            before_answer: fault == Some(Fault::NotifyFirst),
            url: self.url.clone(),
            headers: vec![
                ("content-type", JSON.to_owned()),
                ("client-id", client_id.as_str().to_owned()),
                ("request-time", time),
                ("signature", header::render(&signature, signer.key_version())),
            ],
            body: self.body.clone(),
        };
        match fault {
            Some(Fault::NotifyTwice) => vec![delivery.clone(), delivery],
            _ => vec![delivery],
        }
    }
}

/// Path and query of a URL: what is signed. `None` when the URL cannot be used.
fn target_of(url: &str) -> Option<String> {
    let rest = url.strip_prefix("http://").or_else(|| url.strip_prefix("https://"))?;
    let rest = rest.split('#').next()?;
    let target = match rest.find(['/', '?']) {
        Some(at) if rest.get(at..at + 1) == Some("?") => format!("/{}", rest.get(at..)?),
        Some(at) => rest.get(at..)?.to_owned(),
        None => "/".to_owned(),
    };
    check_path(&target).ok().map(|()| target)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_target_is_path_and_query() {
        assert_eq!(target_of("http://127.0.0.1:1/a/b?c=d#e").as_deref(), Some("/a/b?c=d"));
        assert_eq!(target_of("https://h").as_deref(), Some("/"));
        assert_eq!(target_of("https://h?x=1").as_deref(), Some("/?x=1"));
        for bad in ["", "ftp://h/", "/a", "http://h/a b", "http://h/\u{e4}"] {
            assert_eq!(target_of(bad), None, "{bad}");
        }
    }
}
