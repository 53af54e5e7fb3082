//! A state that outlives the process: a SQLite file of this process alone, readable by its owner alone.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use antom_core::time::UnixTime;
use rusqlite::{Connection, params};

use crate::engine::{Row, RowError};

/// What the files of this version say of themselves.
const VERSION: i64 = 1;

/// Why a state file cannot be used.
///
/// ```
/// use antom_sandbox::{Sandbox, SandboxConfig, SandboxError, StateFileError};
///
/// # tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(async {
/// let mut config = SandboxConfig::default();
/// config.state_file = Some("/no/such/folder/state.sqlite".into());
/// let refused = Sandbox::start(config).await.unwrap_err();
/// assert!(matches!(refused, SandboxError::StateFile(StateFileError::Io { .. } | StateFileError::Database { .. })));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// # })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StateFileError {
    /// The file cannot be made or opened.
    #[error("the state file {path}: {source}", path = .path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// Another process has it.
    #[error("the state file {path} is in use: stop the sandbox that has it, or name another file", path = .0.display())]
    InUse(PathBuf),
    /// It is no file of this version.
    #[error("the state file {path} is of version {found}, and this sandbox reads {VERSION}: name another file", path = .path.display())]
    Version {
        /// The file.
        path: PathBuf,
        /// What it says of itself.
        found: i64,
    },
    /// The database failed.
    #[error("the state file {path}: {source}", path = .path.display())]
    Database {
        /// The file.
        path: PathBuf,
        /// What it said.
        source: rusqlite::Error,
    },
    /// A row cannot be read.
    #[error("the state file {path}: {source}; name another file to begin anew", path = .path.display())]
    Row {
        /// The file.
        path: PathBuf,
        /// Which, and why.
        source: RowError,
    },
}

/// An open state file.
#[derive(Debug)]
pub(super) struct StateFile {
    path: PathBuf,
    connection: Mutex<Connection>,
    /// What could not be written, by client, kind and name, and why; the next write begins with it.
    owed: Mutex<Owed>,
}

/// Texts by client, kind and name; `None` for what is gone.
type Rows = BTreeMap<(String, Cow<'static, str>, String), Option<String>>;

#[derive(Debug, Default)]
struct Owed {
    rows: Rows,
    why: Option<String>,
}

impl StateFile {
    pub(super) fn open(path: &Path) -> Result<Self, StateFileError> {
        make(path).map_err(|source| StateFileError::Io { path: path.into(), source })?;
        let failed = |source: rusqlite::Error| match source.sqlite_error_code() {
            Some(rusqlite::ErrorCode::DatabaseBusy | rusqlite::ErrorCode::DatabaseLocked) => {
                StateFileError::InUse(path.into())
            }
            _ => StateFileError::Database { path: path.into(), source },
        };
        let connection = Connection::open(path).map_err(failed)?;
        connection.busy_timeout(std::time::Duration::ZERO).map_err(failed)?;
        // The lock is taken once and kept: a second process is told at its start, not when it writes.
        connection
            .execute_batch(
                "PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; \
                 BEGIN EXCLUSIVE; COMMIT;",
            )
            .map_err(failed)?;
        let found: i64 = connection.query_row("PRAGMA user_version", [], |row| row.get(0)).map_err(failed)?;
        let tables: i64 = connection
            .query_row("SELECT count(*) FROM sqlite_master", [], |row| row.get(0))
            .map_err(failed)?;
        match (found, tables) {
            (VERSION, _) => {}
            (0, 0) => connection
                .execute_batch(
                    "BEGIN; \
                     CREATE TABLE kept (place INTEGER PRIMARY KEY, client TEXT NOT NULL, kind TEXT NOT NULL, \
                     id TEXT NOT NULL, body TEXT NOT NULL, UNIQUE (client, kind, id)) STRICT; \
                     CREATE TABLE clock (one INTEGER PRIMARY KEY CHECK (one = 1), now INTEGER NOT NULL) STRICT; \
                     PRAGMA user_version = 1; COMMIT;",
                )
                .map_err(failed)?,
            (found, _) => return Err(StateFileError::Version { path: path.into(), found }),
        }
        Ok(Self { path: path.into(), connection: Mutex::new(connection), owed: Mutex::default() })
    }

    fn failed(&self, source: rusqlite::Error) -> StateFileError {
        StateFileError::Database { path: self.path.clone(), source }
    }

    pub(super) fn row_failed(&self, source: RowError) -> StateFileError {
        StateFileError::Row { path: self.path.clone(), source }
    }

    /// What is kept of a client, in the order in which it was first written.
    pub(super) fn rows(&self, client: &str) -> Result<Vec<Row>, StateFileError> {
        let connection = self.connection.lock().unwrap_or_else(PoisonError::into_inner);
        let read = || {
            let mut statement =
                connection.prepare("SELECT kind, id, body FROM kept WHERE client = ?1 ORDER BY place")?;
            let row = |row: &rusqlite::Row<'_>| {
                Ok(Row { kind: row.get::<_, String>(0)?.into(), id: row.get(1)?, body: Some(row.get(2)?) })
            };
            statement.query_map([client], row)?.collect::<rusqlite::Result<_>>()
        };
        read().map_err(|error| self.failed(error))
    }

    /// What the clock showed at the last write.
    pub(super) fn clock(&self) -> Result<Option<UnixTime>, StateFileError> {
        use rusqlite::OptionalExtension as _;
        let connection = self.connection.lock().unwrap_or_else(PoisonError::into_inner);
        let now = connection.query_row("SELECT now FROM clock", [], |row| row.get(0)).optional();
        Ok(now.map_err(|error| self.failed(error))?.map(UnixTime::from_millis))
    }

    /// Writes what changed, all or nothing. What fails is owed: the next write begins with it, and whoever looks at the
    /// state is told why.
    pub(super) fn write(&self, client: &str, rows: Vec<Row>, now: UnixTime) {
        let mut connection = self.connection.lock().unwrap_or_else(PoisonError::into_inner);
        let mut owed = self.owed.lock().unwrap_or_else(PoisonError::into_inner);
        for Row { kind, id, body } in rows {
            owed.rows.insert((client.to_owned(), kind, id), body);
        }
        match write(&mut connection, &owed.rows, now) {
            Ok(()) => *owed = Owed::default(),
            Err(error) => owed.why = Some(format!("writing {}: {error}", self.path.display())),
        }
    }

    /// Why the last write failed, if it did.
    pub(super) fn failure(&self) -> Option<String> {
        self.owed.lock().unwrap_or_else(PoisonError::into_inner).why.clone()
    }
}

fn write(connection: &mut Connection, rows: &Rows, now: UnixTime) -> rusqlite::Result<()> {
    let transaction = connection.transaction()?;
    for ((client, kind, id), body) in rows {
        match body {
            Some(body) => transaction
                .prepare_cached(
                    "INSERT INTO kept (client, kind, id, body) VALUES (?1, ?2, ?3, ?4) \
                     ON CONFLICT (client, kind, id) DO UPDATE SET body = excluded.body",
                )?
                .execute(params![client, kind, id, body])?,
            None => transaction
                .prepare_cached("DELETE FROM kept WHERE client = ?1 AND kind = ?2 AND id = ?3")?
                .execute(params![client, kind, id])?,
        };
    }
    transaction
        .prepare_cached(
            "INSERT INTO clock (one, now) VALUES (1, ?1) ON CONFLICT (one) DO UPDATE SET now = excluded.now",
        )?
        .execute([now.as_millis()])?;
    transaction.commit()
}

/// Makes the file, if there is none, for its owner alone.
fn make(path: &Path) -> io::Result<()> {
    let mut options = std::fs::OpenOptions::new();
    options.create(true).append(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path).map(drop)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_could_not_be_written_is_written_next() {
        let path = std::env::temp_dir().join(format!("antom-sandbox-owed-{}.db", std::process::id()));
        let _ = std::fs::remove_file(&path);
        let file = StateFile::open(&path).unwrap();
        let row = |id: &str| Row { kind: "payment".into(), id: id.into(), body: Some("{}".into()) };
        let sql = |text: &str| file.connection.lock().unwrap().execute_batch(text).unwrap();
        sql("ALTER TABLE kept RENAME TO elsewhere");
        file.write("A", vec![row("P1")], UnixTime::from_secs(1));
        assert!(file.failure().unwrap().contains("no such table"), "{:?}", file.failure());
        sql("ALTER TABLE elsewhere RENAME TO kept");
        file.write("A", vec![row("P2")], UnixTime::from_secs(2));
        assert_eq!(file.failure(), None);
        let ids: Vec<String> = file.rows("A").unwrap().into_iter().map(|row| row.id).collect();
        assert_eq!(ids, ["P1", "P2"]);
        assert_eq!(file.clock().unwrap(), Some(UnixTime::from_secs(2)));
        drop(file);
        std::fs::remove_file(&path).unwrap();
    }
}
