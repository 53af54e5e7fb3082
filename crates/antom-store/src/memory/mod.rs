//! The store in memory: for tests, demos and simulations, and the reference for what a backend does.

mod cards;
mod claims;
mod commit;
mod reads;
mod runs;
mod shared;
mod state;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use antom_core::secret::Secret;

use crate::cipher::{CipherError, Place, Sealed, TokenCipher};
use state::State;

/// A store in memory. Cloning gives another handle on the same data.
///
/// Everything is lost when the last handle is dropped. Without a cipher, bodies stay in memory that is
/// overwritten when it is freed; with one, they are sealed as a database's would be.
///
/// ```
/// # mod kit { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/kit.rs")); }
/// # use kit::{block_on, NOW, turn};
/// use std::sync::Arc;
/// use antom_store::{AesGcmCipher, Change, MemoryStore, Orders, Store};
/// # let (turn, now) = (turn(), NOW);
///
/// # block_on(async {
/// let store = MemoryStore::new();
/// let other = store.clone(); // The same data.
/// let _ = store.commit(Change::payment(&turn, None, now)).await?;
/// assert!(other.order("ORDER-1").await?.is_some());
///
/// let sealing = MemoryStore::with_cipher(Arc::new(AesGcmCipher::ephemeral()?));
/// assert!(sealing.order("ORDER-1").await?.is_none());
/// # Ok(()) });
/// ```
#[derive(Debug, Clone, Default)]
pub struct MemoryStore {
    state: Arc<Mutex<State>>,
    cipher: Option<Arc<dyn TokenCipher>>,
}

/// Bytes at rest.
#[derive(Debug, Clone)]
enum Kept {
    Plain(Secret<Vec<u8>>),
    Sealed(Sealed),
}

impl MemoryStore {
    /// An empty store.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// An empty store that seals bodies.
    #[must_use]
    pub fn with_cipher(cipher: Arc<dyn TokenCipher>) -> Self {
        Self { cipher: Some(cipher), ..Self::default() }
    }

    /// The data. Nothing in this module panics while it holds the lock, so a poisoned one is sound.
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn seal(&self, place: Place<'_>, plain: &Secret<Vec<u8>>) -> Result<Kept, CipherError> {
        match &self.cipher {
            Some(cipher) => cipher.seal(&place, plain).await.map(Kept::Sealed),
            None => Ok(Kept::Plain(plain.clone())),
        }
    }

    async fn open(&self, place: Place<'_>, kept: Kept) -> Result<Secret<Vec<u8>>, CipherError> {
        match (kept, &self.cipher) {
            (Kept::Plain(plain), _) => Ok(plain),
            (Kept::Sealed(sealed), Some(cipher)) => cipher.open(&place, &sealed).await,
            (Kept::Sealed(_), None) => Err(CipherError::Unopened),
        }
    }
}

fn body_place(request_id: &str) -> Place<'_> {
    Place { table: "attempts", column: "body", row: request_id }
}

fn message_place(key: &str) -> Place<'_> {
    Place { table: "inbox", column: "body", row: key }
}

fn count(rows: usize) -> u64 {
    u64::try_from(rows).unwrap_or(u64::MAX)
}
