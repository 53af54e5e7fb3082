//! The store in PostgreSQL, for many processes on many machines.

mod config;
mod connect;
mod session;
mod store;

use std::fmt;
use std::sync::Arc;

use deadpool_postgres::Pool;

use crate::cipher::TokenCipher;
use crate::error::StoreError;
use crate::sql::Opener;

pub use config::{PostgresOptions, StoreClock};

/// A store in PostgreSQL, version 13 or newer. Cloning gives another handle on the same pool.
///
/// Every change is one transaction; leases go by the database's clock. Conflicts between transactions are
/// tried again a few times. Remote servers are reached over TLS alone, with the server's name verified.
/// Everything secret or personal passes the cipher first.
///
/// ```no_run
/// # #[cfg(feature = "aes-gcm")] {
/// use std::sync::Arc;
/// use antom_store::{AesGcmCipher, CipherKey, PostgresStore};
///
/// # async fn open() -> Result<(), Box<dyn std::error::Error>> {
/// # let (key, find) = ([1; 32], [2; 32]);
/// let cipher = AesGcmCipher::new(CipherKey::new("2026-11", key)?, find);
/// let store = PostgresStore::open("postgres://shop@db.example/shop", Arc::new(cipher)).await?;
/// # Ok(()) }
/// # }
/// ```
#[derive(Clone)]
pub struct PostgresStore {
    pool: Pool,
    opener: Opener,
    clock: StoreClock,
}

impl PostgresStore {
    /// Opens a database as [`PostgresOptions`] do by default.
    ///
    /// # Errors
    ///
    /// The URL cannot be used, the server cannot be reached, or its tables are of a newer program.
    pub async fn open(url: &str, cipher: Arc<dyn TokenCipher>) -> Result<Self, StoreError> {
        PostgresOptions::default().open(url, cipher).await
    }
}

impl fmt::Debug for PostgresStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PostgresStore").field("clock", &self.clock).finish_non_exhaustive()
    }
}
