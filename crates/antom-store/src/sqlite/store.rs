use core::time::Duration;

use antom_core::secret::Secret;
use antom_core::signature::ClientId;
use antom_core::time::UnixTime;
use async_trait::async_trait;

use super::SqliteStore;
use super::session::at_once;
use super::writer::Done;
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

/// Reads with these owned arguments, in a reader's thread.
macro_rules! read {
    ($store:expr, |$reads:ident| $work:expr) => {
        $store.readers.run(move |session| {
            let mut $reads = Reads(session);
            at_once($work)
        })
    };
}

#[async_trait]
impl Store for SqliteStore {
    async fn commit(&self, change: Change) -> Result<Applied, StoreError> {
        let sealed = sql::seal(&*self.opener.cipher, &change).await?;
        let written = self.writer.run(move |session| {
            Ok(match at_once(sql::write(session, &sealed))? {
                written @ Written::Changed { .. } => Done::Keep(written),
                written => Done::Undo(written),
            })
        });
        // While the writer works.
        drop(change);
        self.opener.applied(written.await?).await
    }
}

#[async_trait]
impl Orders for SqliteStore {
    async fn order(&self, order_id: &str) -> Result<Option<OrderRow>, StoreError> {
        let id = order_id.to_owned();
        match read!(self, |reads| reads.state(Table::Orders, &id)).await? {
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
        let (client, request) = (client_id.as_str().to_owned(), request_id.to_owned());
        match read!(self, |reads| reads.body(&client, &request)).await? {
            Some(sealed) => self.opener.body(request_id, sealed).await.map(Some),
            None => Ok(None),
        }
    }

    async fn ledger(&self, order_id: &str, after: u64, limit: usize) -> Result<Vec<LedgerRow>, StoreError> {
        let id = order_id.to_owned();
        let rows = read!(self, |reads| reads.ledger(&id, after, limit)).await?;
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
        let after = after.cloned();
        let rows = read!(self, |reads| reads.records(kind, after.as_ref(), limit)).await?;
        rows.into_iter().map(|row| sql::record(kind, row)).collect()
    }

    async fn claim_orders(&self, claim: Claim) -> Result<Vec<Claimed<OrderRow>>, StoreError> {
        let rows = self.claim(Table::Orders, claim).await?;
        self.opener.claimed_orders(rows)
    }
}

impl SqliteStore {
    async fn claim(&self, table: Table, claim: Claim) -> Result<Vec<sql::Cells>, StoreError> {
        self.writer
            .run(move |session| at_once(sql::claim_states(session, table, claim)).map(Done::Keep))
            .await
    }
}

#[async_trait]
impl Grants for SqliteStore {
    async fn grant(&self, auth_state: &str) -> Result<Option<GrantRow>, StoreError> {
        let id = auth_state.to_owned();
        match read!(self, |reads| reads.state(Table::Grants, &id)).await? {
            Some(row) => self.opener.grant(row).await.map(Some),
            None => Ok(None),
        }
    }

    async fn grants_of(&self, buyer: &str) -> Result<Vec<GrantRow>, StoreError> {
        let buyer = buyer.to_owned();
        let rows = read!(self, |reads| reads.of_buyer(Table::Grants, &buyer)).await?;
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
impl Inbox for SqliteStore {
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
impl Outbox for SqliteStore {
    async fn claim_events(&self, claim: Claim) -> Result<Vec<Claimed<OutboxRow>>, StoreError> {
        let rows = self
            .writer
            .run(move |session| at_once(sql::claim_events(session, claim)).map(Done::Keep))
            .await?;
        self.opener.claimed_events(rows)
    }

    async fn delivered(&self, sequence: u64) -> Result<(), StoreError> {
        self.writer.run(move |session| at_once(sql::delivered(session, sequence)).map(Done::Keep)).await
    }

    async fn postpone(&self, sequence: u64, until: UnixTime) -> Result<(), StoreError> {
        self.writer.run(move |session| at_once(sql::postpone(session, sequence, until)).map(Done::Keep)).await
    }

    async fn outbox_stats(&self) -> Result<OutboxStats, StoreError> {
        read!(self, |reads| reads.outbox_stats()).await
    }

    /// Handed-over events are never cleared away.
    async fn events(&self, after: u64, limit: usize) -> Result<Vec<OutboxRow>, StoreError> {
        let rows = read!(self, |reads| reads.events(after, limit)).await?;
        self.opener.events(rows).await
    }
}

#[async_trait]
impl Cards for SqliteStore {
    async fn card(&self, card_id: &str) -> Result<Option<CardRow>, StoreError> {
        let id = card_id.to_owned();
        match read!(self, |reads| reads.state(Table::Cards, &id)).await? {
            Some(row) => self.opener.card(row).await.map(Some),
            None => Ok(None),
        }
    }

    async fn cards_of(&self, buyer: &str) -> Result<Vec<CardRow>, StoreError> {
        let buyer = buyer.to_owned();
        let rows = read!(self, |reads| reads.of_buyer(Table::Cards, &buyer)).await?;
        self.opener.cards(rows).await
    }
}

#[async_trait]
impl Shared for SqliteStore {
    async fn recovery(&self, client_id: &ClientId) -> Result<Option<RecoveryRow>, StoreError> {
        let id = client_id.as_str().to_owned();
        match read!(self, |reads| reads.state(Table::Recoveries, &id)).await? {
            Some(row) => self.opener.recovery(row).await.map(Some),
            None => Ok(None),
        }
    }

    async fn admit(&self, gate: &str, rate: Rate, calls: u32, now: UnixTime) -> Result<Duration, StoreError> {
        let gate = gate.to_owned();
        let wait = move |session: &mut super::session::SqliteSession<'_>| {
            at_once(sql::admit(session, &gate, rate, calls, now)).map(Done::Keep)
        };
        self.writer.run(wait).await
    }
}

#[async_trait]
impl Runs for SqliteStore {
    async fn run(&self, run_id: &str) -> Result<Option<RunRow>, StoreError> {
        let id = run_id.to_owned();
        match read!(self, |reads| reads.state(Table::Runs, &id)).await? {
            Some(row) => self.opener.run(row).await.map(Some),
            None => Ok(None),
        }
    }

    async fn runs(&self, after: Option<(UnixTime, String)>, limit: usize) -> Result<Vec<RunRow>, StoreError> {
        let rows = read!(self, |reads| reads.runs(after.as_ref(), limit)).await?;
        self.opener.runs(rows).await
    }

    async fn findings(&self, run_id: &str, after: u64, limit: usize) -> Result<Vec<FindingRow>, StoreError> {
        let id = run_id.to_owned();
        let rows = read!(self, |reads| reads.findings(&id, after, limit)).await?;
        rows.into_iter().map(sql::finding).collect()
    }
}
