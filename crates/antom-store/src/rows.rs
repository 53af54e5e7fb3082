use core::num::NonZeroU32;
use core::time::Duration;

use antom_core::flow::token::{Grant, TokenEvent};
use antom_core::flow::worker::Recovery;
use antom_core::flow::{LedgerEntry, Observed, payment};
use antom_core::time::UnixTime;

use crate::body::StoredMessage;
use crate::change::Placement;

/// How often a row was written; the first time makes it 1. A write names the revision it was based on.
///
/// ```
/// use antom_store::Revision;
///
/// assert_eq!(Revision::FIRST.get(), 1);
/// assert_eq!(Revision::new(4).next(), Revision::new(5));
/// ```
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
///
/// ```
/// use antom_store::Subject;
///
/// let (order, grant) = (Subject::Order("A-1".into()), Subject::Grant("A-1".into()));
/// assert_ne!(order, grant); // Each kind has its own names.
/// ```
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
///
/// ```
/// # mod kit { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/kit.rs")); }
/// # use kit::{block_on, begun};
/// use antom_store::{OrderRow, Orders, Revision};
///
/// # block_on(async {
/// # let store = begun().await;
/// let OrderRow { payment, revision } = store.order("ORDER-1").await?.expect("it was begun");
/// assert_eq!((payment.order_id(), revision), ("ORDER-1", Revision::FIRST));
/// # Ok(()) });
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrderRow {
    /// The state.
    pub payment: payment::Payment,
    /// Its revision.
    pub revision: Revision,
}

/// An authorization as stored.
///
/// ```
/// # mod kit { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/kit.rs")); }
/// # use kit::{block_on, NOW, consulting};
/// use antom_store::{Change, GrantRow, Grants, MemoryStore, Store};
/// # let (store, turn, now) = (MemoryStore::new(), consulting(), NOW);
///
/// # block_on(async {
/// let _ = store.commit(Change::grant(&turn, None, now)).await?;
/// let GrantRow { grant, .. } = store.grants_of("buyer-7").await?.remove(0);
/// assert_eq!(grant.method(), "GCASH");
/// # Ok(()) });
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GrantRow {
    /// The state.
    pub grant: Grant,
    /// Its revision.
    pub revision: Revision,
}

/// How far missed notifications of an account were fetched, as stored. Whoever fetches first commits the end
/// of its own lease as the next due time: with the revision, only one does.
///
/// ```
/// # mod kit { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/kit.rs")); }
/// # use kit::{block_on, NOW, client_id};
/// use antom_core::flow::worker::Recovery;
/// use antom_store::{Change, MemoryStore, Shared, Store, Write};
/// # let (store, account, now) = (MemoryStore::new(), client_id(), NOW);
///
/// # block_on(async {
/// let write = Write::Recovery(account.clone(), Recovery::since(now));
/// let _ = store.commit(Change::write(write, None, now)).await?;
/// let row = store.recovery(&account).await?.expect("it was written");
/// assert_eq!(row.recovery.fetched_to, now);
/// # Ok(()) });
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RecoveryRow {
    /// The state.
    pub recovery: Recovery,
    /// Its revision.
    pub revision: Revision,
}

/// A line of the ledger.
///
/// ```
/// # mod kit { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/kit.rs")); }
/// # use kit::{block_on, NOW, begun, entry};
/// use antom_store::Orders;
/// # use antom_core::flow::payment::Input;
/// # use antom_store::{Change, Store};
///
/// # block_on(async {
/// # let store = begun().await;
/// # let row = store.order("ORDER-1").await?.unwrap();
/// # let input = Input::noticed(entry().fact.as_ref().unwrap()).unwrap();
/// # let turn = row.payment.apply(&input, NOW)?;
/// # let _ = store.commit(Change::payment(&turn, Some(row.revision), NOW)).await?;
/// // The notification that ORDER-1 was paid was applied and committed.
/// let line = &store.ledger("ORDER-1", 0, 10).await?[0];
/// assert_eq!(line.entry.amount.to_string(), "EUR 10.50");
/// // The next page goes on after its place.
/// assert!(store.ledger("ORDER-1", line.sequence, 10).await?.is_empty());
/// # Ok(()) });
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LedgerRow {
    /// Its place: greater than that of every line written before.
    pub sequence: u64,
    /// The line.
    pub entry: LedgerEntry,
}

/// Something to tell the merchant's program.
///
/// ```
/// use antom_core::flow::payment;
/// use antom_store::Event;
///
/// let event = Event::Payment(payment::Event::Paid { attempt: "PAY-1".into() });
/// assert!(matches!(event, Event::Payment(payment::Event::Paid { attempt }) if attempt == "PAY-1"));
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Event {
    /// About an order.
    Payment(payment::Event),
    /// About an authorization.
    Token(TokenEvent),
}

/// An event that waits to be handed over, at least once, in order for each subject.
///
/// ```
/// # mod kit { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/kit.rs")); }
/// # use kit::NOW;
/// use antom_core::flow::payment;
/// use antom_store::{Event, OutboxRow, Subject};
/// # let now = NOW;
///
/// /// What a courier tells the shop; the place tells a repeated event from a new one.
/// fn line(row: &OutboxRow) -> String {
///     format!("{} {:?}", row.sequence, row.subject)
/// }
/// let row = OutboxRow {
///     sequence: 7,
///     subject: Subject::Order("ORDER-1".into()),
///     event: Event::Payment(payment::Event::Paid { attempt: "PAY-1".into() }),
///     at: now,
///     claims: 0,
/// };
/// assert_eq!(line(&row), "7 Order(\"ORDER-1\")");
/// ```
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
///
/// ```
/// use antom_store::InboxKey;
///
/// assert!(InboxKey([0xab; 32]).to_string().starts_with("abab"));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct InboxKey(pub [u8; 32]);

/// A notification, verified, as it is kept.
///
/// ```
/// # mod kit { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/kit.rs")); }
/// # use kit::{NOW, verified};
/// use antom_core::flow::Observed;
/// use antom_store::{InboxEntry, InboxKey, StoredMessage};
/// # let (message, now) = (verified(), NOW);
///
/// // `message` is a verified notification; the key is that of the webhook's verification.
/// let entry = InboxEntry {
///     key: InboxKey([7; 32]),
///     message: StoredMessage::of(&message),
///     fact: Observed::of(&message).ok(),
///     received: now,
/// };
/// assert!(entry.fact.is_some() && entry.message.body.is_some());
/// ```
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
///
/// ```
/// # mod kit { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/kit.rs")); }
/// # use kit::{block_on, entry};
/// use antom_store::{Change, Inbox, MemoryStore, Placement, Store};
/// # let (store, entry) = (MemoryStore::new(), entry());
///
/// # block_on(async {
/// let key = entry.key;
/// let _ = store.commit(Change::keep(entry)).await?;
/// let row = store.notification(key).await?.expect("it is kept");
/// assert_eq!(row.entry.key, key);
/// assert!(matches!(row.placement, Placement::Kept));
/// # Ok(()) });
/// ```
#[derive(Debug, Clone)]
pub struct InboxRow {
    /// The notification.
    pub entry: InboxEntry,
    /// What became of it.
    pub placement: Placement,
}

/// How the orders are.
///
/// ```
/// # mod kit { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/kit.rs")); }
/// # use kit::{block_on, NOW, begun};
/// use antom_store::{OrderStats, Orders};
/// # let now = NOW;
///
/// # block_on(async {
/// # let store = begun().await;
/// let stats = store.order_stats(now).await?;
/// assert_eq!(stats, OrderStats { open: 1, oldest_open: Some(now), due: 0, oldest_due: None });
/// # Ok(()) });
/// ```
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
///
/// ```
/// # mod kit { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/kit.rs")); }
/// # use kit::{block_on, NOW};
/// use antom_store::{GrantStats, Grants, MemoryStore};
/// # let (store, now) = (MemoryStore::new(), NOW);
///
/// # block_on(async {
/// let stats = store.grant_stats(now, now).await?;
/// assert_eq!(stats, GrantStats { due: 0, oldest_due: None, expiring: 0 });
/// # Ok(()) });
/// ```
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
///
/// ```
/// # mod kit { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/kit.rs")); }
/// # use kit::block_on;
/// use antom_store::{MemoryStore, Outbox, OutboxStats};
/// # let store = MemoryStore::new();
///
/// # block_on(async {
/// // Nothing waits: whoever watches this number sleeps well.
/// assert_eq!(store.outbox_stats().await?, OutboxStats::default());
/// # Ok(()) });
/// ```
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
///
/// ```
/// # mod kit { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/kit.rs")); }
/// # use kit::{block_on, NOW, client_id, entry};
/// use antom_store::{Change, Inbox, InboxStats, MemoryStore, Store, keys_of_fact};
/// # let (store, entry, account, now) = (MemoryStore::new(), entry(), client_id(), NOW);
///
/// # block_on(async {
/// let keys = keys_of_fact(&account, entry.fact.as_ref().unwrap());
/// let _ = store.commit(Change::park(entry, keys)).await?;
/// assert_eq!(store.inbox_stats().await?, InboxStats { parked: 1, oldest_parked: Some(now) });
/// # Ok(()) });
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct InboxStats {
    /// How many notifications are parked.
    pub parked: u64,
    /// When the oldest parked one arrived. Parked too long is an alert: its order may be another system's.
    pub oldest_parked: Option<UnixTime>,
}

/// How many calls to the gateway all processes together make. The first `burst` go out at once.
///
/// ```
/// use antom_store::Rate;
/// use std::time::Duration;
///
/// let rate = Rate { per_second: 4.try_into()?, burst: 2.try_into()? };
/// assert_eq!(rate.cost(3), 750_000); // Microseconds.
/// // Two go at once; the third moved the mark past what the burst allows.
/// assert_eq!(rate.wait(rate.cost(2), 0), Duration::ZERO);
/// assert_eq!(rate.wait(rate.cost(3), 0), Duration::from_millis(250));
/// # Ok::<(), std::num::TryFromIntError>(())
/// ```
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
///
/// ```
/// # mod kit { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/kit.rs")); }
/// # use kit::{block_on, begun};
/// use antom_store::{Claim, Orders};
/// use std::time::Duration;
///
/// # block_on(async {
/// # let store = begun().await;
/// # let now = store.order("ORDER-1").await?.unwrap().payment.due().unwrap();
/// // ORDER-1 is due. A worker takes it and dies; when the lease is over, another one gets it.
/// let claim = Claim { now, lease: Duration::from_secs(30), limit: 10 };
/// assert_eq!(store.claim_orders(claim).await?.len(), 1);
/// let later = Claim { now: now.saturating_add(Duration::from_secs(31)), ..claim };
/// assert_eq!(store.claim_orders(later).await?.len(), 1);
/// # Ok(()) });
/// ```
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
        let digit = |value: u8| if value < 10 { b'0' + value } else { b'a' + (value - 10) };
        let mut text = [0; 64];
        for (pair, byte) in text.chunks_exact_mut(2).zip(&self.0) {
            pair.copy_from_slice(&[digit(byte >> 4), digit(byte & 15)]);
        }
        f.write_str(core::str::from_utf8(&text).unwrap_or_default())
    }
}

/// The moment a live token ends, by which it is found when tokens are looked over.
#[cfg(any(feature = "memory", feature = "sqlite", feature = "postgres"))]
pub(crate) fn live_until(grant: &Grant) -> Option<UnixTime> {
    use antom_core::flow::token::GrantState::{Active, Refreshing};
    let live = matches!(grant.state(), Active | Refreshing);
    grant.token().filter(|_| live)?.expires
}
