use antom_core::time::UnixTime;

use super::session::{Cells, Session, Value};
use super::{Table, statements as sql};
use crate::error::StoreError;
use crate::record::{MoneyRecord, RecordKind};
use crate::rows::{GrantStats, InboxStats, OrderStats, OutboxStats, Subject};

/// Reading statements, as plain functions of a session.
pub(crate) struct Reads<'a, S>(pub(crate) &'a mut S);

fn limit(rows: usize) -> Value<'static> {
    Value::Int(i64::try_from(rows).unwrap_or(i64::MAX))
}

fn place(sequence: u64) -> Value<'static> {
    Value::Int(i64::try_from(sequence).unwrap_or(i64::MAX))
}

impl<S: Session> Reads<'_, S> {
    async fn one(&mut self, sql: &'static str, values: &[Value<'_>]) -> Result<Option<Cells>, StoreError> {
        Ok(self.0.query(sql, values).await?.into_iter().next())
    }

    async fn row(&mut self, sql: &'static str, values: &[Value<'_>]) -> Result<Cells, StoreError> {
        Ok(self.one(sql, values).await?.unwrap_or_default())
    }

    pub(crate) async fn state(&mut self, table: Table, id: &str) -> Result<Option<Cells>, StoreError> {
        self.one(table.statements().read, &[Value::Text(id)]).await
    }

    pub(crate) async fn of_buyer(&mut self, table: Table, buyer: &str) -> Result<Vec<Cells>, StoreError> {
        self.0.query(table.statements().of_buyer, &[Value::Text(buyer)]).await
    }

    pub(crate) async fn owners(&mut self, digest: &[u8; 32]) -> Result<Vec<Subject>, StoreError> {
        let mut owners = Vec::new();
        for mut row in self.0.query(sql::OWNERS, &[Value::Blob(digest)]).await? {
            owners.extend(Table::subject(row.int()?, row.text()?));
        }
        Ok(owners)
    }

    pub(crate) async fn body(&mut self, client: &str, request: &str) -> Result<Option<Vec<u8>>, StoreError> {
        match self.one(sql::BODY, &[Value::Text(client), Value::Text(request)]).await? {
            Some(mut row) => row.maybe_blob(),
            None => Ok(None),
        }
    }

    pub(crate) async fn ledger(
        &mut self,
        order_id: &str,
        after: u64,
        rows: usize,
    ) -> Result<Vec<Cells>, StoreError> {
        self.0.query(sql::LEDGER, &[Value::Text(order_id), place(after), limit(rows)]).await
    }

    pub(crate) async fn findings(
        &mut self,
        run_id: &str,
        after: u64,
        rows: usize,
    ) -> Result<Vec<Cells>, StoreError> {
        self.0.query(sql::FINDINGS, &[Value::Text(run_id), place(after), limit(rows)]).await
    }

    pub(crate) async fn records(
        &mut self,
        kind: RecordKind,
        after: Option<&MoneyRecord>,
        rows: usize,
    ) -> Result<Vec<Cells>, StoreError> {
        // No id is empty, so the empty texts stand before all.
        let (request, client, order) = after.map_or(("", "", ""), |record| {
            (record.request_id.as_str(), record.client_id.as_str(), record.order_id.as_str())
        });
        let (request, client) = (Value::Text(request), Value::Text(client));
        let values = [Value::Int(kind as i64), request, client, Value::Text(order), limit(rows)];
        self.0.query(sql::RECORDS, &values).await
    }

    pub(crate) async fn expiring(
        &mut self,
        before: UnixTime,
        after: Option<&(UnixTime, String)>,
        rows: usize,
    ) -> Result<Vec<Cells>, StoreError> {
        let (end, id) = after.map_or((i64::MIN, ""), |(end, id)| (end.as_millis(), id.as_str()));
        let values = [Value::time(before), Value::Int(end), Value::Text(id), limit(rows)];
        self.0.query(sql::EXPIRING, &values).await
    }

    pub(crate) async fn runs(
        &mut self,
        after: Option<&(UnixTime, String)>,
        rows: usize,
    ) -> Result<Vec<Cells>, StoreError> {
        let (started, id) = after.map_or((i64::MAX, ""), |(at, id)| (at.as_millis(), id.as_str()));
        self.0.query(sql::RUNS, &[Value::Int(started), Value::Text(id), limit(rows)]).await
    }

    pub(crate) async fn events(&mut self, after: u64, rows: usize) -> Result<Vec<Cells>, StoreError> {
        self.0.query(sql::EVENTS, &[place(after), limit(rows)]).await
    }

    pub(crate) async fn notice(&mut self, key: &[u8; 32]) -> Result<Option<Cells>, StoreError> {
        self.one(sql::NOTICE, &[Value::Blob(key)]).await
    }

    pub(crate) async fn parked(
        &mut self,
        after: Option<&(UnixTime, [u8; 32])>,
        rows: usize,
    ) -> Result<Vec<Cells>, StoreError> {
        let (received, key): (_, &[u8]) = match after {
            Some((received, key)) => (received.as_millis(), key),
            None => (i64::MIN, &[]),
        };
        self.0.query(sql::PARKED, &[Value::Int(received), Value::Blob(key), limit(rows)]).await
    }

    pub(crate) async fn order_stats(&mut self, now: UnixTime) -> Result<OrderStats, StoreError> {
        let (now, statements) = (Value::time(self.0.now(now).await?), Table::Orders.statements());
        let mut row = self.row(statements.stats, &[now, now]).await?;
        Ok(OrderStats {
            open: row.count()?,
            oldest_open: row.maybe_time()?,
            due: row.count()?,
            oldest_due: row.maybe_time()?,
        })
    }

    pub(crate) async fn grant_stats(
        &mut self,
        now: UnixTime,
        before: UnixTime,
    ) -> Result<GrantStats, StoreError> {
        let (now, statements) = (Value::time(self.0.now(now).await?), Table::Grants.statements());
        let mut row = self.row(statements.stats, &[now, now]).await?;
        let (_, _) = (row.count()?, row.maybe_time()?);
        let (due, oldest_due) = (row.count()?, row.maybe_time()?);
        let expiring = self.row(sql::COUNT_EXPIRING, &[Value::time(before)]).await?.count()?;
        Ok(GrantStats { due, oldest_due, expiring })
    }

    pub(crate) async fn outbox_stats(&mut self) -> Result<OutboxStats, StoreError> {
        let mut row = self.row(sql::OUTBOX_STATS, &[]).await?;
        Ok(OutboxStats {
            waiting: row.count()?,
            oldest_waiting: row.maybe_time()?,
            most_claims: u32::try_from(row.count()?).unwrap_or(u32::MAX),
        })
    }

    pub(crate) async fn inbox_stats(&mut self) -> Result<InboxStats, StoreError> {
        let mut row = self.row(sql::INBOX_STATS, &[]).await?;
        Ok(InboxStats { parked: row.count()?, oldest_parked: row.maybe_time()? })
    }
}
