use core::time::Duration;

use antom_core::secret::Secret;
use antom_core::signature::ClientId;
use antom_core::time::UnixTime;
use async_trait::async_trait;

use super::PostgresStore;
use super::connect::{connection, failed};
use super::session::PostgresSession;
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
use crate::sql::{self, Reads, Table, Written};
use crate::store::{Cards, Grants, Inbox, Orders, Outbox, Runs, Shared, Store};

/// How often a change is tried that others' transactions are in the way of.
const TRIES: u32 = 5;

/// Whether trying again may help and can do no harm.
fn passes(error: &StoreError) -> bool {
    matches!(error, StoreError::Busy { .. } | StoreError::Disconnected { .. })
}

/// Reads on a connection of the pool, and on another where that one turns out to be broken.
macro_rules! read {
    ($store:expr, |$reads:ident| $work:expr) => {
        async {
            let mut tries = 0_u32;
            loop {
                tries = tries.saturating_add(1);
                let result = async {
                    let client = connection(&$store.pool).await?;
                    let mut session = PostgresSession { client: &client, clock: $store.clock };
                    let mut $reads = Reads(&mut session);
                    $work.await
                }
                .await;
                match result {
                    Err(error) if passes(&error) && tries < TRIES => {}
                    result => break result,
                }
            }
        }
    };
}

/// Works in a transaction of its own, which is committed where `$keep` says so, and begun again where others'
/// were in the way.
macro_rules! write {
    ($store:expr, |$session:ident| $work:expr, keep $keep:expr) => {{
        let mut tries = 0_u32;
        loop {
            tries = tries.saturating_add(1);
            let result = async {
                let mut client = connection(&$store.pool).await?;
                let transaction =
                    client.transaction().await.map_err(|error| failed("beginning a transaction", error))?;
                let mut session = PostgresSession { client: &transaction, clock: $store.clock };
                let $session = &mut session;
                let value = $work.await?;
                if $keep(&value) {
                    // Where the connection breaks here nobody knows whether it was written.
                    transaction.commit().await.map_err(|error| match failed("committing", error) {
                        StoreError::Disconnected { .. } => StoreError::Unknown,
                        error => error,
                    })?;
                } else {
                    transaction.rollback().await.map_err(|error| failed("undoing a transaction", error))?;
                }
                Ok::<_, StoreError>(value)
            }
            .await;
            match result {
                Err(error) if passes(&error) && tries < TRIES => {}
                result => break result,
            }
        }
    }};
}

fn always<T>(_: &T) -> bool {
    true
}

#[async_trait]
impl Store for PostgresStore {
    async fn commit(&self, change: Change) -> Result<Applied, StoreError> {
        let sealed = sql::seal(&*self.opener.cipher, &change).await?;
        let keep = |written: &Written| matches!(written, Written::Changed { .. });
        let written = write!(self, |session| sql::write(session, &sealed), keep keep)?;
        self.opener.applied(written).await
    }
}

#[async_trait]
impl Orders for PostgresStore {
    async fn order(&self, order_id: &str) -> Result<Option<OrderRow>, StoreError> {
        let id = order_id;
        match read!(self, |reads| reads.state(Table::Orders, id)).await? {
            Some(row) => self.opener.order(row).await.map(Some),
            None => Ok(None),
        }
    }

    async fn find(&self, key: &Key) -> Result<Vec<Subject>, StoreError> {
        let digest = sql::digest(&*self.opener.cipher, key).await?;
        read!(self, |reads| reads.owners(&digest)).await
    }

    async fn body(
        &self,
        client_id: &ClientId,
        request_id: &str,
    ) -> Result<Option<Secret<Vec<u8>>>, StoreError> {
        let (client, request) = (client_id.as_str(), request_id);
        match read!(self, |reads| reads.body(client, request)).await? {
            Some(sealed) => self.opener.body(request_id, sealed).await.map(Some),
            None => Ok(None),
        }
    }

    async fn ledger(&self, order_id: &str, after: u64, limit: usize) -> Result<Vec<LedgerRow>, StoreError> {
        let id = order_id;
        let rows = read!(self, |reads| reads.ledger(id, after, limit)).await?;
        rows.into_iter().map(sql::ledger).collect()
    }

    async fn order_stats(&self, now: UnixTime) -> Result<OrderStats, StoreError> {
        read!(self, |reads| reads.order_stats(now)).await
    }

    async fn records(
        &self,
        kind: RecordKind,
        after: Option<&MoneyRecord>,
        limit: usize,
    ) -> Result<Vec<MoneyRecord>, StoreError> {
        let rows = read!(self, |reads| reads.records(kind, after, limit)).await?;
        rows.into_iter().map(|row| sql::record(kind, row)).collect()
    }

    async fn claim_orders(&self, claim: Claim) -> Result<Vec<Claimed<OrderRow>>, StoreError> {
        let rows = self.claim(Table::Orders, claim).await?;
        self.opener.claimed_orders(rows)
    }
}

impl PostgresStore {
    async fn claim(&self, table: Table, claim: Claim) -> Result<Vec<sql::Cells>, StoreError> {
        write!(self, |session| sql::claim_states(session, table, claim), keep always)
    }
}

#[async_trait]
impl Grants for PostgresStore {
    async fn grant(&self, auth_state: &str) -> Result<Option<GrantRow>, StoreError> {
        let id = auth_state;
        match read!(self, |reads| reads.state(Table::Grants, id)).await? {
            Some(row) => self.opener.grant(row).await.map(Some),
            None => Ok(None),
        }
    }

    async fn grants_of(&self, buyer: &str) -> Result<Vec<GrantRow>, StoreError> {
        let rows = read!(self, |reads| reads.of_buyer(Table::Grants, buyer)).await?;
        self.opener.grants(rows).await
    }

    async fn claim_grants(&self, claim: Claim) -> Result<Vec<Claimed<GrantRow>>, StoreError> {
        let rows = self.claim(Table::Grants, claim).await?;
        self.opener.claimed_grants(rows)
    }

    async fn grant_stats(&self, now: UnixTime, before: UnixTime) -> Result<GrantStats, StoreError> {
        read!(self, |reads| reads.grant_stats(now, before)).await
    }

    async fn expiring(
        &self,
        before: UnixTime,
        after: Option<(UnixTime, String)>,
        limit: usize,
    ) -> Result<Vec<GrantRow>, StoreError> {
        let rows = read!(self, |reads| reads.expiring(before, after.as_ref(), limit)).await?;
        self.opener.grants(rows).await
    }
}

#[async_trait]
impl Inbox for PostgresStore {
    async fn notification(&self, key: InboxKey) -> Result<Option<InboxRow>, StoreError> {
        match read!(self, |reads| reads.notice(&key.0)).await? {
            Some(row) => self.opener.notice(row, true).await.map(Some),
            None => Ok(None),
        }
    }

    async fn parked(
        &self,
        after: Option<(UnixTime, InboxKey)>,
        limit: usize,
    ) -> Result<Vec<InboxRow>, StoreError> {
        let after = after.map(|(received, key)| (received, key.0));
        let rows = read!(self, |reads| reads.parked(after.as_ref(), limit)).await?;
        self.opener.notices(rows).await
    }

    async fn inbox_stats(&self) -> Result<InboxStats, StoreError> {
        read!(self, |reads| reads.inbox_stats()).await
    }
}

#[async_trait]
impl Outbox for PostgresStore {
    async fn claim_events(&self, claim: Claim) -> Result<Vec<Claimed<OutboxRow>>, StoreError> {
        // One after another: what one holds the next has to see.
        let rows = write!(
            self,
            |session| async {
                sql::meet(session, &[[0; 32]]).await?;
                sql::claim_events(session, claim).await
            },
            keep always
        )?;
        self.opener.claimed_events(rows)
    }

    async fn delivered(&self, sequence: u64) -> Result<(), StoreError> {
        write!(self, |session| sql::delivered(session, sequence), keep always)
    }

    async fn postpone(&self, sequence: u64, until: UnixTime) -> Result<(), StoreError> {
        write!(self, |session| sql::postpone(session, sequence, until), keep always)
    }

    async fn outbox_stats(&self) -> Result<OutboxStats, StoreError> {
        read!(self, |reads| reads.outbox_stats()).await
    }

    /// Handed-over events are never cleared away.
    async fn events(&self, after: u64, limit: usize) -> Result<Vec<OutboxRow>, StoreError> {
        let rows = write!(
            self,
            |session| async {
                session.hold_events().await?;
                Reads(session).events(after, limit).await
            },
            keep always
        )?;
        self.opener.events(rows).await
    }
}

#[async_trait]
impl Cards for PostgresStore {
    async fn card(&self, card_id: &str) -> Result<Option<CardRow>, StoreError> {
        let id = card_id;
        match read!(self, |reads| reads.state(Table::Cards, id)).await? {
            Some(row) => self.opener.card(row).await.map(Some),
            None => Ok(None),
        }
    }

    async fn cards_of(&self, buyer: &str) -> Result<Vec<CardRow>, StoreError> {
        let rows = read!(self, |reads| reads.of_buyer(Table::Cards, buyer)).await?;
        self.opener.cards(rows).await
    }
}

#[async_trait]
impl Shared for PostgresStore {
    async fn recovery(&self, client_id: &ClientId) -> Result<Option<RecoveryRow>, StoreError> {
        let id = client_id.as_str();
        match read!(self, |reads| reads.state(Table::Recoveries, id)).await? {
            Some(row) => self.opener.recovery(row).await.map(Some),
            None => Ok(None),
        }
    }

    async fn admit(&self, gate: &str, rate: Rate, calls: u32, now: UnixTime) -> Result<Duration, StoreError> {
        write!(self, |session| sql::admit(session, gate, rate, calls, now), keep always)
    }
}

#[async_trait]
impl Runs for PostgresStore {
    async fn run(&self, run_id: &str) -> Result<Option<RunRow>, StoreError> {
        let id = run_id;
        match read!(self, |reads| reads.state(Table::Runs, id)).await? {
            Some(row) => self.opener.run(row).await.map(Some),
            None => Ok(None),
        }
    }

    async fn runs(&self, after: Option<(UnixTime, String)>, limit: usize) -> Result<Vec<RunRow>, StoreError> {
        let rows = read!(self, |reads| reads.runs(after.as_ref(), limit)).await?;
        self.opener.runs(rows).await
    }

    async fn findings(&self, run_id: &str, after: u64, limit: usize) -> Result<Vec<FindingRow>, StoreError> {
        let id = run_id;
        let rows = read!(self, |reads| reads.findings(id, after, limit)).await?;
        rows.into_iter().map(sql::finding).collect()
    }
}
