//! The store in one SQLite file, for one machine.
//!
//! ```text
//!  commit, claim, … ─► queue ─► writer thread: one durable transaction for all that waits ─► answers
//!  order, find, …   ─► queue ─► reader threads
//! ```

mod connection;
mod reader;
mod session;
mod store;
mod writer;

use std::fmt;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use crate::cipher::TokenCipher;
use crate::error::StoreError;
use crate::sql::Opener;
use reader::Readers;
use writer::Writer;

/// A store in a SQLite file. Cloning gives another handle on the same one.
///
/// Every commit is on the disk before its answer (`synchronous=FULL`); commits that wait at the same time share
/// one transaction. Other processes on the same machine may use the same file. Everything secret or personal
/// passes the cipher first.
///
/// ```
/// # #[cfg(feature = "aes-gcm")] {
/// use std::sync::Arc;
/// use antom_store::{AesGcmCipher, CipherKey, SqliteStore};
///
/// # fn open(path: &std::path::Path) -> Result<(), Box<dyn std::error::Error>> {
/// # let (key, find) = ([1; 32], [2; 32]);
/// let cipher = AesGcmCipher::new(CipherKey::new("2026-11", key)?, find);
/// let store = SqliteStore::open(path, Arc::new(cipher))?;
/// # Ok(()) }
/// # }
/// ```
#[derive(Clone)]
pub struct SqliteStore {
    opener: Opener,
    writer: Writer,
    readers: Readers,
}

/// How a SQLite file is opened.
///
/// ```
/// # mod kit { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/kit.rs")); }
/// # use kit::block_on;
/// use std::sync::Arc;
/// use std::time::Duration;
/// use antom_store::{AesGcmCipher, Orders, SqliteOptions};
///
/// # block_on(async {
/// # let folder = std::env::temp_dir().join(format!("antom-store-example-{}", std::process::id()));
/// # std::fs::create_dir_all(&folder)?;
/// # let (path, copy) = (folder.join("shop.sqlite"), folder.join("copy.sqlite"));
/// let store = SqliteOptions::default()
///     .with_busy_timeout(Duration::from_secs(1))
///     .with_readers(1)
///     .with_max_pages(25_600) // 100 MB.
///     .open(&path, Arc::new(AesGcmCipher::ephemeral()?))?;
/// assert!(store.order("ORDER-1").await?.is_none());
/// store.backup(&copy).await?; // While work goes on.
/// assert!(copy.exists());
/// # std::fs::remove_dir_all(&folder)?;
/// # Ok(()) });
/// ```
#[derive(Clone)]
pub struct SqliteOptions {
    busy_timeout: Duration,
    readers: usize,
    max_pages: Option<u32>,
    probe: Option<Probe>,
}

/// Called before every statement of the writer.
type Probe = Arc<dyn Fn() + Send + Sync>;

impl Default for SqliteOptions {
    /// Five seconds for others to let go of the file, two threads that read.
    fn default() -> Self {
        Self { busy_timeout: Duration::from_secs(5), readers: 2, max_pages: None, probe: None }
    }
}

impl SqliteOptions {
    /// With another patience with processes that hold the file.
    #[must_use]
    pub fn with_busy_timeout(mut self, patience: Duration) -> Self {
        self.busy_timeout = patience;
        self
    }

    /// With so many threads that read, at least one.
    #[must_use]
    pub fn with_readers(mut self, readers: usize) -> Self {
        self.readers = readers.max(1);
        self
    }

    /// With a limit on the file's size, in pages of 4,096 bytes; at the limit commits fail with
    /// [`StoreError::Full`].
    #[must_use]
    pub fn with_max_pages(mut self, pages: u32) -> Self {
        self.max_pages = Some(pages);
        self
    }

    /// Calls this before every statement of the writer, for tests of what a crash there does.
    ///
    /// ```
    /// use antom_store::SqliteOptions;
    ///
    /// // A test of what a crash between two statements does ends the process here.
    /// let options = SqliteOptions::default().with_probe(|| { /* std::process::abort() at the chosen call */ });
    /// # let _ = options;
    /// ```
    #[cfg(feature = "conformance")]
    #[must_use]
    pub fn with_probe(mut self, probe: impl Fn() + Send + Sync + 'static) -> Self {
        self.probe = Some(Arc::new(probe));
        self
    }

    /// Opens the file, makes it if it is not there, and brings its tables up to date.
    ///
    /// It works on the disk and blocks for that long.
    ///
    /// # Errors
    ///
    /// The file cannot be opened or written, or its tables are of a newer program.
    pub fn open(
        self,
        path: impl AsRef<Path>,
        cipher: Arc<dyn TokenCipher>,
    ) -> Result<SqliteStore, StoreError> {
        let path = path.as_ref();
        let writer = Writer::start(path, &self)?;
        let readers = Readers::start(path, &self)?;
        Ok(SqliteStore { opener: Opener { cipher }, writer, readers })
    }
}

impl SqliteStore {
    /// Opens a file as [`SqliteOptions`] do by default.
    ///
    /// # Errors
    ///
    /// The file cannot be opened or written, or its tables are of a newer program.
    pub fn open(path: impl AsRef<Path>, cipher: Arc<dyn TokenCipher>) -> Result<Self, StoreError> {
        SqliteOptions::default().open(path, cipher)
    }

    /// Writes a copy to a file that is not there yet, as everything is at one moment, while work goes on. What is
    /// encrypted stays so.
    ///
    /// # Errors
    ///
    /// The copy could not be written, or the file is there.
    ///
    /// ```
    /// # mod kit { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/kit.rs")); }
    /// # use kit::block_on;
    /// use std::sync::Arc;
    /// use antom_store::{AesGcmCipher, SqliteStore};
    ///
    /// # block_on(async {
    /// # let folder = std::env::temp_dir().join(format!("antom-store-backup-{}", std::process::id()));
    /// # std::fs::create_dir_all(&folder)?;
    /// # let (path, copy) = (folder.join("shop.sqlite"), folder.join("copy.sqlite"));
    /// let store = SqliteStore::open(&path, Arc::new(AesGcmCipher::ephemeral()?))?;
    /// store.backup(&copy).await?;
    /// assert!(store.backup(&copy).await.is_err(), "no copy is overwritten");
    /// # std::fs::remove_dir_all(&folder)?;
    /// # Ok(()) });
    /// ```
    pub async fn backup(&self, path: impl Into<std::path::PathBuf>) -> Result<(), StoreError> {
        let path = path.into();
        self.readers
            .run(move |session| {
                let path = path.to_string_lossy();
                session
                    .connection
                    .execute("VACUUM INTO ?1", [&*path])
                    .map(drop)
                    .map_err(|error| connection::failed("writing a backup", error))
            })
            .await
    }
}

impl fmt::Debug for SqliteStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SqliteStore").finish_non_exhaustive()
    }
}

impl fmt::Debug for SqliteOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SqliteOptions")
            .field("busy_timeout", &self.busy_timeout)
            .field("readers", &self.readers)
            .field("max_pages", &self.max_pages)
            .finish_non_exhaustive()
    }
}
