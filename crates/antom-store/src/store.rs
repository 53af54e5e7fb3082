use core::fmt::Debug;
use core::time::Duration;

use antom_core::secret::Secret;
use antom_core::signature::ClientId;
use antom_core::time::UnixTime;
use async_trait::async_trait;

use crate::card::CardRow;
use crate::change::{Applied, Change};
use crate::claimed::Claimed;
use crate::error::StoreError;
use crate::keys::Key;
use crate::record::{MoneyRecord, RecordKind};
use crate::rows::{
    Claim, GrantRow, GrantStats, InboxKey, InboxRow, InboxStats, LedgerRow, OrderRow, OrderStats, OutboxRow,
    OutboxStats, Rate, RecoveryRow, Subject,
};
use crate::run::{FindingRow, RunRow};

/// Writes. There is one way.
///
/// ```
/// # mod kit { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/kit.rs")); }
/// # use kit::{block_on, NOW, turn};
/// use antom_store::{Applied, Change, MemoryStore, Revision, Store};
/// # let (store, turn, now) = (MemoryStore::new(), turn(), NOW);
///
/// # block_on(async {
/// // The first write of an order expects that nothing is there.
/// let applied = store.commit(Change::payment(&turn, None, now)).await?;
/// let Applied::Changed(changed) = applied else { panic!("somebody was first") };
/// assert_eq!(changed.revision, Some(Revision::FIRST));
/// // Whoever writes from the same reading comes too late, and nothing is written.
/// let again = store.commit(Change::payment(&turn, None, now)).await?;
/// assert!(matches!(again, Applied::Stale { current: Some(Revision::FIRST) }));
/// # Ok(()) });
/// ```
#[async_trait]
pub trait Store: Debug + Send + Sync {
    /// Writes a change whole, in one transaction, if its state still has the expected revision and its
    /// notification is not there yet. A commit ends the lease on its row.
    ///
    /// # Errors
    ///
    /// Nothing was written.
    async fn commit(&self, change: Change) -> Result<Applied, StoreError>;
}

/// Reads orders.
///
/// ```
/// # mod kit { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/kit.rs")); }
/// # use kit::{block_on, NOW, begun, client_id};
/// use antom_store::{Claim, Key, KeyName, Orders, RecordKind, Revision, Subject};
/// use std::time::Duration;
/// # let (account, now) = (client_id(), NOW);
///
/// # block_on(async {
/// # let store = begun().await;
/// // ORDER-1 was begun with the payment PAY-1.
/// let row = store.order("ORDER-1").await?.expect("it was committed");
/// assert_eq!(row.revision, Revision::FIRST);
/// let key = Key::new(&account, KeyName::Request("PAY-1".into()));
/// assert_eq!(store.find(&key).await?, [Subject::Order("ORDER-1".into())]);
/// assert!(store.body(&account, "PAY-1").await?.is_none()); // None was given to keep.
/// assert!(store.ledger("ORDER-1", 0, 10).await?.is_empty()); // No money moved yet.
/// assert_eq!(store.order_stats(now).await?.open, 1);
/// assert_eq!(store.records(RecordKind::Payment, None, 10).await?[0].request_id, "PAY-1");
///
/// // Its first tick is due later; then a worker takes it.
/// let due = row.payment.due().unwrap();
/// let claim = Claim { now: due, lease: Duration::from_secs(30), limit: 10 };
/// let held = store.claim_orders(claim).await?;
/// assert_eq!(held[0].subject(), &Subject::Order("ORDER-1".into()));
/// assert!(store.claim_orders(claim).await?.is_empty(), "nobody else gets it meanwhile");
/// # Ok(()) });
/// ```
#[async_trait]
pub trait Orders: Debug + Send + Sync {
    /// An order by the merchant's id.
    ///
    /// # Errors
    ///
    /// Reading failed.
    async fn order(&self, order_id: &str) -> Result<Option<OrderRow>, StoreError>;

    /// What has a key: at most one for unique keys.
    ///
    /// # Errors
    ///
    /// Reading failed.
    async fn find(&self, key: &Key) -> Result<Vec<Subject>, StoreError>;

    /// The frozen request of an attempt, while it may still have to be sent again.
    ///
    /// # Errors
    ///
    /// Reading failed.
    async fn body(
        &self,
        client_id: &ClientId,
        request_id: &str,
    ) -> Result<Option<Secret<Vec<u8>>>, StoreError>;

    /// Lines of an order's ledger after this place, oldest first.
    ///
    /// # Errors
    ///
    /// Reading failed.
    async fn ledger(&self, order_id: &str, after: u64, limit: usize) -> Result<Vec<LedgerRow>, StoreError>;

    /// How many orders are open and due.
    ///
    /// # Errors
    ///
    /// Reading failed.
    async fn order_stats(&self, now: UnixTime) -> Result<OrderStats, StoreError>;

    /// All payments, captures or refunds by their request ids, in the order of their bytes, for a merge with
    /// another system's list. A page goes on after the last record of the page before it.
    ///
    /// # Errors
    ///
    /// Reading failed.
    async fn records(
        &self,
        kind: RecordKind,
        after: Option<&MoneyRecord>,
        limit: usize,
    ) -> Result<Vec<MoneyRecord>, StoreError>;

    /// Takes orders whose tick is due, the longest due first.
    ///
    /// # Errors
    ///
    /// Claiming failed; nothing is held.
    async fn claim_orders(&self, claim: Claim) -> Result<Vec<Claimed<OrderRow>>, StoreError>;
}

/// Reads authorizations and their tokens.
///
/// ```
/// # mod kit { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/kit.rs")); }
/// # use kit::{block_on, NOW, consulting};
/// use antom_store::{Change, Claim, Grants, MemoryStore, Store};
/// use std::time::Duration;
/// # let (store, turn, now) = (MemoryStore::new(), consulting(), NOW);
///
/// # block_on(async {
/// let _ = store.commit(Change::grant(&turn, None, now)).await?;
/// let row = store.grant("q83uhFXpWm5rTnB2kYdLcE").await?.expect("it was committed");
/// assert_eq!(store.grants_of("buyer-7").await?, [row.clone()]);
/// assert!(store.expiring(now, None, 10).await?.is_empty()); // It has no token yet.
///
/// let due = row.grant.due().unwrap();
/// let claim = Claim { now: due, lease: Duration::from_secs(30), limit: 10 };
/// assert_eq!(store.grant_stats(due, due).await?.due, 1);
/// assert_eq!(store.claim_grants(claim).await?.len(), 1);
/// # Ok(()) });
/// ```
#[async_trait]
pub trait Grants: Debug + Send + Sync {
    /// An authorization by its `authState`.
    ///
    /// # Errors
    ///
    /// Reading failed.
    async fn grant(&self, auth_state: &str) -> Result<Option<GrantRow>, StoreError>;

    /// A buyer's authorizations, oldest first.
    ///
    /// # Errors
    ///
    /// Reading failed.
    async fn grants_of(&self, buyer: &str) -> Result<Vec<GrantRow>, StoreError>;

    /// Takes authorizations whose tick is due, the longest due first.
    ///
    /// # Errors
    ///
    /// Claiming failed; nothing is held.
    async fn claim_grants(&self, claim: Claim) -> Result<Vec<Claimed<GrantRow>>, StoreError>;

    /// How many authorizations are due, and how many live tokens end before `before`.
    ///
    /// # Errors
    ///
    /// Reading failed.
    async fn grant_stats(&self, now: UnixTime, before: UnixTime) -> Result<GrantStats, StoreError>;

    /// Live tokens that end before `before`, the first to end first. A page goes on after the last row of
    /// the page before it: its end and its `authState`.
    ///
    /// # Errors
    ///
    /// Reading failed.
    async fn expiring(
        &self,
        before: UnixTime,
        after: Option<(UnixTime, String)>,
        limit: usize,
    ) -> Result<Vec<GrantRow>, StoreError>;
}

/// Reads notifications.
///
/// ```
/// # mod kit { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/kit.rs")); }
/// # use kit::{block_on, client_id, entry};
/// use antom_store::{Change, Inbox, Key, KeyName, MemoryStore, Placement, Store};
/// # let (store, entry, account) = (MemoryStore::new(), entry(), client_id());
///
/// # block_on(async {
/// // The notification came before its order was known here: it waits.
/// let key = entry.key;
/// let order = Key::new(&account, KeyName::Request("PAY-1".into()));
/// let _ = store.commit(Change::park(entry, vec![order])).await?;
/// assert_eq!(store.inbox_stats().await?.parked, 1);
/// assert_eq!(store.parked(None, 10).await?.len(), 1);
/// let row = store.notification(key).await?.expect("it is kept");
/// assert!(matches!(row.placement, Placement::Parked(_)));
/// # Ok(()) });
/// ```
#[async_trait]
pub trait Inbox: Debug + Send + Sync {
    /// A notification by its key.
    ///
    /// # Errors
    ///
    /// Reading failed.
    async fn notification(&self, key: InboxKey) -> Result<Option<InboxRow>, StoreError>;

    /// Parked notifications, the longest parked first. A page goes on after the last row of the page
    /// before it: its arrival and its key.
    ///
    /// # Errors
    ///
    /// Reading failed.
    async fn parked(
        &self,
        after: Option<(UnixTime, InboxKey)>,
        limit: usize,
    ) -> Result<Vec<InboxRow>, StoreError>;

    /// How many are parked, and since when.
    ///
    /// # Errors
    ///
    /// Reading failed.
    async fn inbox_stats(&self) -> Result<InboxStats, StoreError>;
}

/// Hands events over.
///
/// ```
/// # mod kit { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/kit.rs")); }
/// # use kit::{block_on, NOW, begun, turn};
/// use antom_store::{Claim, Outbox};
/// use std::time::Duration;
/// # use antom_store::{Change, Store};
/// # let (turn, now) = (turn(), NOW);
///
/// # block_on(async {
/// # let store = begun().await;
/// # let mut change = Change::payment(&turn, Some(antom_store::Revision::FIRST), now);
/// # change.outbox.push(antom_store::Event::Payment(antom_core::flow::payment::Event::Waiting { attempt: "PAY-1".into() }));
/// # let _ = store.commit(change).await?;
/// // An event of ORDER-1 waits to be told.
/// assert_eq!(store.outbox_stats().await?.waiting, 1);
/// let claim = Claim { now, lease: Duration::from_secs(30), limit: 10 };
/// let held = store.claim_events(claim).await?.pop().expect("it waits");
/// let event = held.open().await?;
///
/// // The program that should hear it is down: later.
/// store.postpone(event.sequence, now.saturating_add(Duration::from_secs(60))).await?;
/// assert!(store.claim_events(claim).await?.is_empty());
/// // It took it.
/// store.delivered(event.sequence).await?;
/// assert_eq!(store.outbox_stats().await?.waiting, 0);
/// assert_eq!(store.events(0, 10).await?[0].sequence, event.sequence);
/// # Ok(()) });
/// ```
#[async_trait]
pub trait Outbox: Debug + Send + Sync {
    /// Takes events that were not handed over yet, oldest first. While an event of a subject is claimed, no
    /// later one of that subject is given, so that each subject's events arrive in order.
    ///
    /// # Errors
    ///
    /// Claiming failed; nothing is held.
    async fn claim_events(&self, claim: Claim) -> Result<Vec<Claimed<OutboxRow>>, StoreError>;

    /// Notes that an event was handed over; saying so twice is the same.
    ///
    /// # Errors
    ///
    /// Writing failed; the event will be handed over again.
    async fn delivered(&self, sequence: u64) -> Result<(), StoreError>;

    /// Gives an event back that could not be handed over: it is not given to anyone before `until`, and
    /// neither are later ones of its subject.
    ///
    /// # Errors
    ///
    /// Writing failed; the event comes back when its lease ends.
    async fn postpone(&self, sequence: u64, until: UnixTime) -> Result<(), StoreError>;

    /// How many events wait.
    ///
    /// # Errors
    ///
    /// Reading failed.
    async fn outbox_stats(&self) -> Result<OutboxStats, StoreError>;

    /// All events after this place, handed over or not, oldest first: a source for other systems. Handed
    /// over events may be cleared away by the backend after a time it states.
    ///
    /// # Errors
    ///
    /// Reading failed.
    async fn events(&self, after: u64, limit: usize) -> Result<Vec<OutboxRow>, StoreError>;
}

/// Reads stored cards.
///
/// ```
/// # mod kit { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/kit.rs")); }
/// # use kit::{block_on, NOW, client_id};
/// use antom_store::{Cards, Change, MemoryStore, Store, StoredCard, Write};
/// # let (store, account, now) = (MemoryStore::new(), client_id(), NOW);
///
/// # block_on(async {
/// let card = StoredCard::new("CARD-1", account, "buyer-7", "ALIPAYx1nXnXn".into(), now);
/// let _ = store.commit(Change::write(Write::Card(Box::new(card)), None, now)).await?;
/// assert_eq!(store.card("CARD-1").await?.unwrap().card.buyer, "buyer-7");
/// assert_eq!(store.cards_of("buyer-7").await?.len(), 1);
/// # Ok(()) });
/// ```
#[async_trait]
pub trait Cards: Debug + Send + Sync {
    /// A card by the merchant's id. By its token it is found with [`Orders::find`].
    ///
    /// # Errors
    ///
    /// Reading failed.
    async fn card(&self, card_id: &str) -> Result<Option<CardRow>, StoreError>;

    /// A buyer's cards that are not removed, oldest first.
    ///
    /// # Errors
    ///
    /// Reading failed.
    async fn cards_of(&self, buyer: &str) -> Result<Vec<CardRow>, StoreError>;
}

/// What all processes of a merchant share.
///
/// ```
/// # mod kit { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/kit.rs")); }
/// # use kit::{block_on, NOW, client_id};
/// use antom_store::{MemoryStore, Rate, Shared};
/// use std::time::Duration;
/// # let (store, account, now) = (MemoryStore::new(), client_id(), NOW);
///
/// # block_on(async {
/// assert!(store.recovery(&account).await?.is_none()); // Nothing was fetched yet.
///
/// // Two calls a second, by whichever process; one may go at once.
/// let rate = Rate { per_second: 2.try_into()?, burst: 1.try_into()? };
/// assert_eq!(store.admit("inquiry", rate, 1, now).await?, Duration::ZERO);
/// assert_eq!(store.admit("inquiry", rate, 1, now).await?, Duration::from_millis(500));
/// # Ok(()) });
/// ```
#[async_trait]
pub trait Shared: Debug + Send + Sync {
    /// How far missed notifications of an account were fetched.
    ///
    /// # Errors
    ///
    /// Reading failed.
    async fn recovery(&self, client_id: &ClientId) -> Result<Option<RecoveryRow>, StoreError>;

    /// Asks a gate for so many calls and takes them: how long to wait before they go out. What is taken is
    /// not given back; a process that dies meanwhile has wasted it.
    ///
    /// # Errors
    ///
    /// Writing failed; nothing was taken.
    async fn admit(&self, gate: &str, rate: Rate, calls: u32, now: UnixTime) -> Result<Duration, StoreError>;
}

/// Reads reconciliations.
///
/// ```
/// # mod kit { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/kit.rs")); }
/// # use kit::{block_on, NOW};
/// use antom_store::{Change, Finding, MemoryStore, Run, Runs, Store, Write};
/// # let (store, now) = (MemoryStore::new(), NOW);
///
/// # block_on(async {
/// let run = Run::begin("2023-11-14", vec!["settlement.csv".into()], now);
/// let mut change = Change::write(Write::Run(Box::new(run)), None, now);
/// change.findings.push(Finding::new("missing-here", "a line that no order knows").with_line("settlement.csv:7"));
/// let _ = store.commit(change).await?;
///
/// assert!(store.run("2023-11-14").await?.unwrap().run.finished.is_none());
/// assert_eq!(store.runs(None, 10).await?.len(), 1);
/// assert_eq!(store.findings("2023-11-14", 0, 10).await?[0].finding.kind, "missing-here");
/// # Ok(()) });
/// ```
#[async_trait]
pub trait Runs: Debug + Send + Sync {
    /// A run by its id.
    ///
    /// # Errors
    ///
    /// Reading failed.
    async fn run(&self, run_id: &str) -> Result<Option<RunRow>, StoreError>;

    /// Runs, the last begun first. A page goes on after the last run of the page before it: its beginning and
    /// its id.
    ///
    /// # Errors
    ///
    /// Reading failed.
    async fn runs(&self, after: Option<(UnixTime, String)>, limit: usize) -> Result<Vec<RunRow>, StoreError>;

    /// What a run found after this place, in the order in which it was found.
    ///
    /// # Errors
    ///
    /// Reading failed.
    async fn findings(&self, run_id: &str, after: u64, limit: usize) -> Result<Vec<FindingRow>, StoreError>;
}

/// All of it; what programs name is `Arc<dyn Backend>`.
///
/// ```
/// use std::sync::Arc;
/// use antom_store::{Backend, MemoryStore};
///
/// // What programs name: the same code runs on memory, a file or a server.
/// let store: Arc<dyn Backend> = Arc::new(MemoryStore::new());
/// assert!(format!("{store:?}").contains("MemoryStore"));
/// ```
pub trait Backend: Store + Orders + Grants + Inbox + Outbox + Cards + Shared + Runs {}

impl<T: Store + Orders + Grants + Inbox + Outbox + Cards + Shared + Runs> Backend for T {}
