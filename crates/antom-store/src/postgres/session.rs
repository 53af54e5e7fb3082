use antom_core::time::UnixTime;
use bytes::BytesMut;
use deadpool_postgres::GenericClient;
use tokio_postgres::Row;
use tokio_postgres::types::{IsNull, ToSql, Type, to_sql_checked};

use super::StoreClock;
use super::connect::failed;
use crate::error::StoreError;
use crate::sql::{Batch, Cell, Cells, Ran, Session, Table, Value};

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
            Self::Ints(numbers) => numbers.to_sql(kind, out),
        }
    }

    fn accepts(kind: &Type) -> bool {
        [Type::INT4, Type::INT8, Type::INT8_ARRAY, Type::TEXT, Type::BYTEA].contains(kind)
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

async fn run<C: GenericClient>(
    client: &C,
    statement: &tokio_postgres::Statement,
    values: &[&(dyn ToSql + Sync)],
) -> Result<Ran, tokio_postgres::Error> {
    if statement.columns().is_empty() {
        return Ok(Ran { written: client.execute(statement, values).await?, rows: Vec::new() });
    }
    let rows = client.query(statement, values).await?;
    Ok(Ran { written: 0, rows: rows.iter().map(cells).collect::<Result<_, _>>()? })
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
    async fn run_all(&mut self, statements: &Batch<'_>) -> Result<Vec<Ran>, StoreError> {
        let reads = statements.iter().all(|(sql, _)| sql.starts_with("SELECT"));
        let step = if reads { "reading from PostgreSQL" } else { "writing to PostgreSQL" };
        let (client, wrong) = (self.client, |error| failed(step, error));
        let mut prepared = Vec::with_capacity(statements.len());
        for (sql, values) in statements.iter() {
            let values: Vec<&(dyn ToSql + Sync)> = values.iter().map(|value| value as _).collect();
            prepared.push((client.prepare_cached(sql).await.map_err(wrong)?, values));
        }
        // Polled in turn, so they are sent in order; the server works on them in that order.
        let running = prepared.iter().map(|(statement, values)| run(client, statement, values));
        futures_util::future::try_join_all(running).await.map_err(wrong)
    }

    fn meeting(&self) -> Option<&'static str> {
        Some("SELECT count(pg_advisory_xact_lock(key)) FROM unnest($1::BIGINT[]) AS key")
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
