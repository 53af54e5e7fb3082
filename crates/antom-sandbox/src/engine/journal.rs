//! What happened lately, without what must not be seen.

use std::collections::VecDeque;

use antom_core::time::UnixTime;

use super::wire::{DeliveryResult, NotificationId};

/// One line of the journal. It holds names, ids, results and covered bodies; never a card number or a token.
///
/// ```
/// # mod kit { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/kit.rs")); }
/// # use kit::paid;
/// # let gateway = paid();
/// let entries: Vec<_> = gateway.journal().collect();
/// // In order, without a gap: a watcher knows whether it missed any.
/// assert!(entries.windows(2).all(|pair| pair[1].place == pair[0].place + 1));
/// assert_eq!(entries[0].at.to_rfc3339(), "2023-11-14T22:13:20Z");
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Its place: one more than that of the entry before.
    pub place: u64,
    /// When.
    pub at: UnixTime,
    /// What.
    pub event: Event,
}

/// What happened.
///
/// ```
/// # mod kit { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/kit.rs")); }
/// # use kit::paid;
/// use antom_sandbox::engine::Event;
/// # let gateway = paid();
///
/// let answered = gateway.journal().find_map(|entry| match &entry.event {
///     Event::Request { reference, status, verified, .. } => Some((reference.as_deref(), *status, *verified)),
///     _ => None,
/// });
/// assert_eq!(answered, Some((Some("PAY-1"), "U", true)));
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Event {
    /// A request was answered.
    Request {
        /// The path it came to, cut at 200 characters.
        path: String,
        /// The request's own id, if it has one.
        reference: Option<String>,
        /// The result code of the answer.
        code: String,
        /// The result status of the answer: `S`, `F` or `U`.
        status: &'static str,
        /// Whether the signature was checked and right.
        verified: bool,
        /// Why the request was refused before it was looked at.
        refusal: Option<String>,
        /// What stands before the body in the content that was verified, or was to be.
        sent: String,
        /// The body, with all that is secret, personal or unknown covered.
        body: String,
        /// The answer's body, covered in the same way.
        answered: String,
    },
    /// Something changed.
    Change {
        /// What changed, such as `payment paid`.
        what: &'static str,
        /// The id of what changed.
        id: String,
    },
    /// A notification was handed out for delivery.
    Sent {
        /// The notification.
        id: NotificationId,
        /// Its kind, such as `PAYMENT_RESULT`.
        kind: &'static str,
        /// What it speaks of.
        about: String,
        /// Which attempt.
        attempt: u8,
        /// The body, with all that is secret, personal or unknown covered.
        body: String,
    },
    /// A delivery came to something.
    Delivered {
        /// The notification.
        id: NotificationId,
        /// What it came to.
        result: DeliveryResult,
        /// The beginning of what the merchant's server said, or why nobody was reached.
        said: String,
    },
    /// A notification has no address: neither the request nor the account names a URL that can be used.
    NoAddress {
        /// Its kind.
        kind: &'static str,
        /// What it speaks of.
        about: String,
    },
    /// A day ended in which money moved, and was settled: the reports of this span have these names.
    Settled {
        /// When the day began, in UTC+8.
        from: UnixTime,
        /// When it ended.
        to: UnixTime,
        /// The files of the settlement.
        files: Vec<String>,
    },
    /// A notification was given up: after its last attempt, or because too many others wait.
    GivenUp {
        /// The notification.
        id: NotificationId,
    },
}

/// The last entries; older ones are dropped.
#[derive(Debug)]
pub(super) struct Journal {
    entries: VecDeque<Entry>,
    last: u64,
    size: usize,
}

impl Journal {
    pub(super) fn new(size: usize) -> Self {
        Self { entries: VecDeque::new(), last: 0, size }
    }

    pub(super) fn note(&mut self, at: UnixTime, event: Event) {
        if self.size == 0 {
            return;
        }
        while self.entries.len() >= self.size {
            self.entries.pop_front();
        }
        self.last = self.last.wrapping_add(1);
        self.entries.push_back(Entry { place: self.last, at, event });
    }

    pub(super) fn entries(&self) -> impl Iterator<Item = &Entry> {
        self.entries.iter()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_bounded() {
        let mut journal = Journal::new(3);
        for n in 0..10 {
            journal.note(UnixTime::from_secs(n), Event::Change { what: "x", id: n.to_string() });
        }
        let kept: Vec<i64> = journal.entries().map(|entry| entry.at.as_secs()).collect();
        assert_eq!(kept, [7, 8, 9]);
        let mut none = Journal::new(0);
        none.note(UnixTime::EPOCH, Event::Change { what: "x", id: String::new() });
        assert_eq!(none.entries().count(), 0);
    }
}
