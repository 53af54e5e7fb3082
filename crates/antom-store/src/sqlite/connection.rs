use std::path::Path;

use rusqlite::{Connection, Error, ErrorCode, OpenFlags, OptionalExtension as _, TransactionBehavior};

use super::SqliteOptions;
use crate::error::StoreError;
use crate::sql::schema::{self, Types};

const TYPES: Types = Types {
    place: "INTEGER PRIMARY KEY",
    serial: "INTEGER PRIMARY KEY AUTOINCREMENT",
    blob: "BLOB",
    text: "TEXT",
};

/// What a failure of the driver is to a caller.
pub(super) fn failed(step: &'static str, error: Error) -> StoreError {
    let code = error.sqlite_error_code();
    let text = error.to_string();
    match code {
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => StoreError::Busy { step },
        Some(ErrorCode::DiskFull) => StoreError::Full { step },
        Some(ErrorCode::ReadOnly) => StoreError::ReadOnly { step },
        // The index behind the check that is made before.
        Some(ErrorCode::ConstraintViolation) if text.contains("antom_attempts.order_id") => {
            StoreError::TwoLiveAttempts
        }
        _ => StoreError::Backend { step, source: Box::new(error) },
    }
}

/// The connection that writes, on tables that are up to date.
pub(super) fn writing(path: &Path, options: &SqliteOptions) -> Result<Connection, StoreError> {
    let step = "opening the SQLite file";
    let mut connection = Connection::open(path).map_err(|error| failed(step, error))?;
    (|| {
        connection.busy_timeout(options.busy_timeout)?;
        connection.pragma_update(None, "journal_mode", "WAL")?;
        connection.pragma_update(None, "synchronous", "FULL")?;
        // Without a limit the log grows to the size of the largest burst and stays there.
        connection.pragma_update(None, "journal_size_limit", 64 << 20)?;
        if let Some(pages) = options.max_pages {
            connection.pragma_update(None, "max_page_count", pages)?;
        }
        Ok(())
    })()
    .map_err(|error| failed(step, error))?;
    migrate(&mut connection)?;
    Ok(connection)
}

/// A connection that reads.
pub(super) fn reading(path: &Path, options: &SqliteOptions) -> Result<Connection, StoreError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    Connection::open_with_flags(path, flags)
        .and_then(|connection| {
            connection.busy_timeout(options.busy_timeout)?;
            Ok(connection)
        })
        .map_err(|error| failed("opening the SQLite file for reading", error))
}

fn migrate(connection: &mut Connection) -> Result<(), StoreError> {
    let step = "bringing the tables up to date";
    let wrong = |error| failed(step, error);
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(wrong)?;
    let there = transaction
        .query_row("SELECT 1 FROM sqlite_master WHERE name = 'antom_schema'", [], |_| Ok(()))
        .optional()
        .map_err(wrong)?;
    let found = match there {
        Some(()) => Some(
            transaction
                .query_row("SELECT version, min_reader FROM antom_schema", [], |row| {
                    Ok((row.get(0)?, row.get(1)?))
                })
                .map_err(wrong)?,
        ),
        None => {
            transaction
                .execute_batch(
                    "CREATE TABLE antom_schema (version BIGINT NOT NULL, min_reader BIGINT NOT NULL); \
                     INSERT INTO antom_schema VALUES (0, 0)",
                )
                .map_err(wrong)?;
            None
        }
    };
    for migration in schema::missing(found)? {
        transaction.execute_batch(&migration.sql(TYPES)).map_err(wrong)?;
        transaction
            .execute(
                "UPDATE antom_schema SET version = ?1, min_reader = ?2",
                [migration.version, migration.min_reader],
            )
            .map_err(wrong)?;
    }
    transaction.commit().map_err(wrong)
}
