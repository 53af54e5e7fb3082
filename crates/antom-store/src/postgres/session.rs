use antom_core::time::UnixTime;
use bytes::BytesMut;
use deadpool_postgres::GenericClient;
use tokio_postgres::Row;
use tokio_postgres::types::{IsNull, ToSql, Type, to_sql_checked};

use super::StoreClock;
use super::connect::failed;
use crate::error::StoreError;
use crate::sql::{Cell, Cells, Session, Table, Value};

/// Held by whoever appends events, shared, and by whoever lists them all, alone: a list has no holes that
/// fill later.
const EVENTS_LOCK: i64 = 0x616e_746f_6d01;

/// A connection, in a transaction or not.
pub(super) struct PostgresSession<'a, C> {
    pub(super) client: &'a C,
    pub(super) clock: StoreClock,
}

impl ToSql for Value<'_> {
    fn to_sql(
        &self,
        kind: &Type,
        out: &mut BytesMut,
    ) -> Result<IsNull, Box<dyn std::error::Error + Sync + Send>> {
        match self {
            Self::Null => Ok(IsNull::Yes),
            Self::Int(number) if *kind == Type::INT4 => i32::try_from(*number)?.to_sql(kind, out),
            Self::Int(number) => number.to_sql(kind, out),
            Self::Text(text) => text.to_sql(kind, out),
            Self::Blob(bytes) => bytes.to_sql(kind, out),
        }
    }

    fn accepts(kind: &Type) -> bool {
        [Type::INT4, Type::INT8, Type::TEXT, Type::BYTEA].contains(kind)
    }

    to_sql_checked!();
}

fn cells(row: &Row) -> Result<Cells, tokio_postgres::Error> {
    let cell = |(at, column): (usize, &tokio_postgres::Column)| {
        Ok(match *column.type_() {
            Type::INT8 => row.try_get::<_, Option<i64>>(at)?.map_or(Cell::Null, Cell::Int),
            Type::INT4 => {
                row.try_get::<_, Option<i32>>(at)?.map_or(Cell::Null, |number| Cell::Int(number.into()))
            }
            Type::BYTEA => row.try_get::<_, Option<Vec<u8>>>(at)?.map_or(Cell::Null, Cell::Blob),
            _ => row.try_get::<_, Option<String>>(at)?.map_or(Cell::Null, Cell::Text),
        })
    };
    let cells: Result<Vec<_>, _> = row.columns().iter().enumerate().map(cell).collect();
    cells.map(Cells::from)
}

impl<C: GenericClient + Sync> PostgresSession<'_, C> {
    /// Waits until nobody who is appending events is under way, and keeps others from it.
    pub(super) async fn hold_events(&mut self) -> Result<(), StoreError> {
        let wrong = |error| failed("waiting for those who append events", error);
        let lock = self.client.prepare_cached("SELECT pg_advisory_xact_lock($1)").await.map_err(wrong)?;
        self.client.execute(&lock, &[&EVENTS_LOCK]).await.map_err(wrong)?;
        Ok(())
    }
}

impl<C: GenericClient + Sync> Session for PostgresSession<'_, C> {
    async fn execute(&mut self, sql: &'static str, values: &[Value<'_>]) -> Result<u64, StoreError> {
        let wrong = |error| failed("writing to PostgreSQL", error);
        let statement = self.client.prepare_cached(sql).await.map_err(wrong)?;
        let values: Vec<&(dyn ToSql + Sync)> = values.iter().map(|value| value as _).collect();
        self.client.execute(&statement, &values).await.map_err(wrong)
    }

    async fn query(&mut self, sql: &'static str, values: &[Value<'_>]) -> Result<Vec<Cells>, StoreError> {
        let wrong = |error| failed("reading from PostgreSQL", error);
        let statement = self.client.prepare_cached(sql).await.map_err(wrong)?;
        let values: Vec<&(dyn ToSql + Sync)> = values.iter().map(|value| value as _).collect();
        let rows = self.client.query(&statement, &values).await.map_err(wrong)?;
        rows.iter().map(|row| cells(row).map_err(wrong)).collect()
    }

    async fn execute_all(
        &mut self,
        statements: &[(&'static str, Vec<Value<'_>>)],
    ) -> Result<Vec<u64>, StoreError> {
        let wrong = |error| failed("writing to PostgreSQL", error);
        let mut prepared = Vec::with_capacity(statements.len());
        for (sql, values) in statements {
            let values: Vec<&(dyn ToSql + Sync)> = values.iter().map(|value| value as _).collect();
            prepared.push((self.client.prepare_cached(sql).await.map_err(wrong)?, values));
        }
        // Polled in turn, so they are sent in order; the server works on them in that order.
        let running = prepared.iter().map(|(statement, values)| self.client.execute(statement, values));
        futures_util::future::try_join_all(running).await.map_err(wrong)
    }

    async fn meet(&mut self, keys: &[[u8; 32]]) -> Result<(), StoreError> {
        let number = |key: &[u8; 32]| key.first_chunk::<8>().map_or(0, |first| i64::from_be_bytes(*first));
        let mut keys: Vec<i64> = keys.iter().map(number).collect();
        // In one order everywhere, so that two who want the same never wait for each other in a circle.
        keys.sort_unstable();
        keys.dedup();
        let wrong = |error| failed("waiting for others with the same ids", error);
        let sql = "SELECT pg_advisory_xact_lock(key) FROM unnest($1::BIGINT[]) AS key";
        let statement = self.client.prepare_cached(sql).await.map_err(wrong)?;
        self.client.execute(&statement, &[&keys]).await.map_err(wrong)?;
        Ok(())
    }

    async fn now(&mut self, callers: UnixTime) -> Result<UnixTime, StoreError> {
        if self.clock == StoreClock::Caller {
            return Ok(callers);
        }
        let sql = "SELECT CAST(extract(epoch FROM clock_timestamp()) * 1000 AS BIGINT)";
        match self.query(sql, &[]).await?.into_iter().next() {
            Some(mut row) => row.time(),
            None => Ok(callers),
        }
    }

    fn claim_states(&self, table: Table) -> &'static str {
        table.statements().claim_skipping
    }

    fn put_event(&self) -> &'static str {
        "INSERT INTO antom_events (kind, id, event, at) SELECT $1, $2, $3, $4 \
         FROM (SELECT pg_advisory_xact_lock_shared(107127027756289)) AS held"
    }
}

#[cfg(test)]
mod tests {
    use super::EVENTS_LOCK;

    #[test]
    fn both_sides_name_the_same_lock() {
        assert_eq!(EVENTS_LOCK, 107_127_027_756_289);
    }
}
