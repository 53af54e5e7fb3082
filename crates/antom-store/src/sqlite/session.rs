use core::future::Future;
use core::pin::pin;
use core::task::{Context, Poll, Waker};

use antom_core::time::UnixTime;
use rusqlite::types::{ToSqlOutput, ValueRef};
use rusqlite::{Connection, ToSql};

use super::Probe;
use super::connection::failed;
use crate::error::StoreError;
use crate::sql::{Cell, Cells, Session, Value};

/// One connection, in whatever transaction it is.
pub(super) struct SqliteSession<'a> {
    pub(super) connection: &'a mut Connection,
    pub(super) probe: Option<&'a Probe>,
}

impl ToSql for Value<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match self {
            Value::Null => ValueRef::Null,
            Value::Int(number) => ValueRef::Integer(*number),
            Value::Text(text) => ValueRef::Text(text.as_bytes()),
            Value::Blob(bytes) => ValueRef::Blob(bytes),
        }))
    }
}

fn cell(value: ValueRef<'_>) -> rusqlite::Result<Cell> {
    Ok(match value {
        ValueRef::Null => Cell::Null,
        ValueRef::Integer(number) => Cell::Int(number),
        ValueRef::Text(_) => Cell::Text(value.as_str()?.to_owned()),
        ValueRef::Blob(bytes) => Cell::Blob(bytes.to_vec()),
        ValueRef::Real(_) => return Err(rusqlite::Error::InvalidQuery),
    })
}

impl SqliteSession<'_> {
    fn write(&self, sql: &'static str, values: &[Value<'_>]) -> rusqlite::Result<usize> {
        let mut statement = self.connection.prepare_cached(sql)?;
        statement.execute(rusqlite::params_from_iter(values))
    }

    fn read(&self, sql: &'static str, values: &[Value<'_>]) -> rusqlite::Result<Vec<Cells>> {
        let mut statement = self.connection.prepare_cached(sql)?;
        let columns = statement.column_count();
        let mut rows = statement.query(rusqlite::params_from_iter(values))?;
        let mut read = Vec::new();
        while let Some(row) = rows.next()? {
            let mut cells = Vec::with_capacity(columns);
            for at in 0..columns {
                cells.push(cell(row.get_ref(at)?)?);
            }
            read.push(Cells::from(cells));
        }
        Ok(read)
    }

    fn probe(&self) {
        if let Some(probe) = self.probe {
            probe();
        }
    }
}

impl Session for SqliteSession<'_> {
    async fn execute(&mut self, sql: &'static str, values: &[Value<'_>]) -> Result<u64, StoreError> {
        self.probe();
        let rows = self.write(sql, values).map_err(|error| failed("writing to SQLite", error))?;
        Ok(u64::try_from(rows).unwrap_or(u64::MAX))
    }

    async fn query(&mut self, sql: &'static str, values: &[Value<'_>]) -> Result<Vec<Cells>, StoreError> {
        self.probe();
        self.read(sql, values).map_err(|error| failed("reading from SQLite", error))
    }

    async fn execute_all(
        &mut self,
        statements: &[(&'static str, Vec<Value<'_>>)],
    ) -> Result<Vec<u64>, StoreError> {
        let mut written = Vec::with_capacity(statements.len());
        for (sql, values) in statements {
            written.push(self.execute(sql, values).await?);
        }
        Ok(written)
    }

    async fn meet(&mut self, _keys: &[[u8; 32]]) -> Result<(), StoreError> {
        // There is one writer at a time.
        Ok(())
    }

    async fn now(&mut self, callers: UnixTime) -> Result<UnixTime, StoreError> {
        // All processes are on one machine, which has one clock.
        Ok(callers)
    }
}

/// What a future that never waits comes to. Those over a [`SqliteSession`] never do.
pub(super) fn at_once<T>(future: impl Future<Output = Result<T, StoreError>>) -> Result<T, StoreError> {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(result) => result,
        Poll::Pending => Err(StoreError::Backend {
            step: "working on SQLite",
            source: "a statement waited, which none does".into(),
        }),
    }
}
