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
pub trait Backend: Store + Orders + Grants + Inbox + Outbox + Cards + Shared + Runs {}

impl<T: Store + Orders + Grants + Inbox + Outbox + Cards + Shared + Runs> Backend for T {}
