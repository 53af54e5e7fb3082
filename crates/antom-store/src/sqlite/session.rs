use core::future::Future;
use core::pin::pin;
use core::task::{Context, Poll, Waker};

use antom_core::time::UnixTime;
use rusqlite::types::{ToSqlOutput, ValueRef};
use rusqlite::{Connection, PrepFlags, Statement, ToSql};

use super::Probe;
use super::connection::failed;
use crate::error::StoreError;
use crate::sql::{Batch, Cell, Cells, Ran, Session, Value};

/// One connection, in whatever transaction it is, with its statements: each is prepared once.
pub(super) struct SqliteSession<'a> {
    pub(super) connection: &'a Connection,
    probe: Option<&'a Probe>,
    /// The text of each statement. It is known by the place where it lies, which is faster than any hash of it.
    texts: Vec<&'static str>,
    statements: Vec<Statement<'a>>,
}

impl ToSql for Value<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match self {
            Value::Null => ValueRef::Null,
            Value::Int(number) => ValueRef::Integer(*number),
            Value::Text(text) => ValueRef::Text(text.as_bytes()),
            Value::Blob(bytes) => ValueRef::Blob(bytes),
            // Only statements that wait for other writers take them, and here there are none.
            Value::Ints(numbers) => {
                let why = format!("SQLite takes no list, and this one has {} numbers", numbers.len());
                return Err(rusqlite::Error::ToSqlConversionFailure(why.into()));
            }
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

impl<'a> SqliteSession<'a> {
    pub(super) fn new(connection: &'a Connection, probe: Option<&'a Probe>) -> Self {
        Self { connection, probe, texts: Vec::new(), statements: Vec::new() }
    }

    fn prepared(&mut self, sql: &'static str) -> rusqlite::Result<&mut Statement<'a>> {
        let place = match self.texts.iter().position(|known| core::ptr::eq(*known, sql)) {
            Some(place) => place,
            None => {
                // Without it the statements fill the memory that SQLite keeps for running them.
                let flags = PrepFlags::SQLITE_PREPARE_PERSISTENT;
                self.statements.push(self.connection.prepare_with_flags(sql, flags)?);
                self.texts.push(sql);
                self.texts.len() - 1
            }
        };
        self.statements.get_mut(place).ok_or(rusqlite::Error::InvalidQuery)
    }

    /// Runs a statement that takes no values and gives no rows.
    pub(super) fn say(&mut self, step: &'static str, sql: &'static str) -> Result<(), StoreError> {
        self.run_one(sql, &[]).map(drop).map_err(|error| failed(step, error))
    }

    fn run_one(&mut self, sql: &'static str, values: &[Value<'_>]) -> rusqlite::Result<Ran> {
        if let Some(probe) = self.probe {
            probe();
        }
        let statement = self.prepared(sql)?;
        let (columns, values) = (statement.column_count(), rusqlite::params_from_iter(values));
        if columns == 0 {
            let written = u64::try_from(statement.execute(values)?).unwrap_or(u64::MAX);
            return Ok(Ran { written, rows: Vec::new() });
        }
        let (mut rows, mut read) = (statement.query(values)?, Vec::new());
        while let Some(row) = rows.next()? {
            let mut cells = Vec::with_capacity(columns);
            for at in 0..columns {
                cells.push(cell(row.get_ref(at)?)?);
            }
            read.push(Cells::from(cells));
        }
        Ok(Ran { written: 0, rows: read })
    }
}

impl Session for SqliteSession<'_> {
    async fn run_all(&mut self, statements: &Batch<'_>) -> Result<Vec<Ran>, StoreError> {
        let mut ran = Vec::with_capacity(statements.len());
        for (sql, values) in statements.iter() {
            let reads = sql.starts_with("SELECT");
            let step = if reads { "reading from SQLite" } else { "writing to SQLite" };
            ran.push(self.run_one(sql, values).map_err(|error| failed(step, error))?);
        }
        Ok(ran)
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

#[cfg(test)]
mod tests {
    use std::path::Path;

    use rusqlite::StatementStatus;

    use super::super::{SqliteOptions, connection};
    use crate::sql::all_statements;

    #[test]
    fn no_value_makes_a_statement_be_compiled_again() {
        let connection = connection::writing(Path::new(":memory:"), &SqliteOptions::default()).unwrap();
        for sql in all_statements() {
            let mut statement = connection.prepare(sql).unwrap();
            for value in [1, 2, 100] {
                for place in 1..=statement.parameter_count() {
                    statement.raw_bind_parameter(place, value).unwrap();
                }
                let mut rows = statement.raw_query();
                // What it comes to is not asked: some rows may not be written with such values.
                while let Ok(Some(_)) = rows.next() {}
            }
            assert_eq!(statement.get_status(StatementStatus::RePrepare), 0, "{sql}");
        }
    }
}
