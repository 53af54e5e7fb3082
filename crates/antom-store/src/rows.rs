use core::num::NonZeroU32;
use core::time::Duration;

use antom_core::flow::token::{Grant, TokenEvent};
use antom_core::flow::worker::Recovery;
use antom_core::flow::{LedgerEntry, Observed, payment};
use antom_core::time::UnixTime;

use crate::body::StoredMessage;
use crate::change::Placement;

/// How often a row was written; the first time makes it 1. A write names the revision it was based on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Revision(u64);

impl Revision {
    /// The revision of a row that was written once.
    pub const FIRST: Self = Self(1);

    /// The revision with this number, as a backend stored it.
    #[must_use]
    pub const fn new(number: u64) -> Self {
        Self(number)
    }

    /// The number.
    #[must_use]
    pub const fn get(self) -> u64 {
        self.0
    }

    /// The revision after one more write.
    #[must_use]
    pub const fn next(self) -> Self {
        Self(self.0.saturating_add(1))
    }
}

/// What a row is about.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Subject {
    /// An order, by the merchant's id.
    Order(String),
    /// An authorization, by its `authState`.
    Grant(String),
    /// A stored card, by the merchant's id for it.
    Card(String),
    /// How far missed notifications of an account were fetched, by its client id.
    Recovery(String),
    /// A reconciliation, by its id.
    Run(String),
}

/// An order as stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrderRow {
    /// The state.
    pub payment: payment::Payment,
    /// Its revision.
    pub revision: Revision,
}

/// An authorization as stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GrantRow {
    /// The state.
    pub grant: Grant,
    /// Its revision.
    pub revision: Revision,
}

/// How far missed notifications of an account were fetched, as stored. Whoever fetches first commits the end
/// of its own lease as the next due time: with the revision, only one does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RecoveryRow {
    /// The state.
    pub recovery: Recovery,
    /// Its revision.
    pub revision: Revision,
}

/// A line of the ledger.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LedgerRow {
    /// Its place: greater than that of every line written before.
    pub sequence: u64,
    /// The line.
    pub entry: LedgerEntry,
}

/// Something to tell the merchant's program.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Event {
    /// About an order.
    Payment(payment::Event),
    /// About an authorization.
    Token(TokenEvent),
}

/// An event that waits to be handed over, at least once, in order for each subject.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutboxRow {
    /// Its place and its id: the receiver knows a repeated event by it.
    pub sequence: u64,
    /// What it is about.
    pub subject: Subject,
    /// What happened.
    pub event: Event,
    /// When it was written.
    pub at: UnixTime,
    /// How often it was claimed before.
    pub claims: u32,
}

/// What makes a notification the same as another, from the webhook's dedup key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct InboxKey(pub [u8; 32]);

/// A notification, verified, as it is kept.
#[derive(Debug, Clone)]
pub struct InboxEntry {
    /// The key; kept once.
    pub key: InboxKey,
    /// The bytes and their proof.
    pub message: StoredMessage,
    /// What it says, where a machine follows it; absent for a document that has no type.
    pub fact: Option<Observed>,
    /// When it arrived.
    pub received: UnixTime,
}

/// A notification in the inbox.
#[derive(Debug, Clone)]
pub struct InboxRow {
    /// The notification.
    pub entry: InboxEntry,
    /// What became of it.
    pub placement: Placement,
}

/// How the orders are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct OrderStats {
    /// Orders that have a next tick: nobody is done with them.
    pub open: u64,
    /// When the oldest of these was last written. Far back, nothing was learnt for long: a person should look.
    pub oldest_open: Option<UnixTime>,
    /// Orders whose tick or whose lease is over.
    pub due: u64,
    /// Since when the oldest of these is due. Far back, there are too few workers.
    pub oldest_due: Option<UnixTime>,
}

/// How the authorizations are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct GrantStats {
    /// Authorizations whose tick or whose lease is over.
    pub due: u64,
    /// Since when the oldest of these is due.
    pub oldest_due: Option<UnixTime>,
    /// Live tokens that end before the time that was asked about.
    pub expiring: u64,
}

/// How the outbox is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct OutboxStats {
    /// Events that were not handed over.
    pub waiting: u64,
    /// When the oldest of these was written. Far back, the merchant's program does not take it.
    pub oldest_waiting: Option<UnixTime>,
    /// How often the most claimed of these was claimed.
    pub most_claims: u32,
}

/// How the inbox is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct InboxStats {
    /// How many notifications are parked.
    pub parked: u64,
    /// When the oldest parked one arrived. Parked too long is an alert: its order may be another system's.
    pub oldest_parked: Option<UnixTime>,
}

/// How many calls to the gateway all processes together make. The first `burst` go out at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rate {
    /// Calls a second, at least one.
    pub per_second: NonZeroU32,
    /// Calls that may go out at once after a pause, at least one.
    pub burst: NonZeroU32,
}

impl Rate {
    /// What so many calls cost, in microseconds. A gate keeps a mark: the moment at which it is as if it had
    /// never been used. Calls move it by their cost, from now at the earliest.
    #[must_use]
    pub fn cost(self, calls: u32) -> i64 {
        (1_000_000 / i64::from(self.per_second.get())).saturating_mul(i64::from(calls))
    }

    /// How long calls wait that moved a gate's mark to this moment; both in microseconds since 1970.
    #[must_use]
    pub fn wait(self, mark: i64, now: i64) -> Duration {
        let from = mark.saturating_sub(self.cost(self.burst.get()));
        Duration::from_micros(u64::try_from(from.saturating_sub(now)).unwrap_or_default())
    }
}

/// A wish to work on what is due. Rows that are claimed are not given to others until the lease ends or
/// somebody commits to them. A worker that dies holds nothing up for longer than its lease.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Claim {
    /// The time. A backend with a clock of its own, such as a database, goes by that one.
    pub now: UnixTime,
    /// How long the rows are held.
    pub lease: Duration,
    /// The most rows.
    pub limit: usize,
}

/// The key in hexadecimal digits.
impl core::fmt::Display for InboxKey {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

/// The moment a live token ends, by which it is found when tokens are looked over.
#[cfg(any(feature = "memory", feature = "sqlite", feature = "postgres"))]
pub(crate) fn live_until(grant: &Grant) -> Option<UnixTime> {
    use antom_core::flow::token::GrantState::{Active, Refreshing};
    let live = matches!(grant.state(), Active | Refreshing);
    grant.token().filter(|_| live)?.expires
}
