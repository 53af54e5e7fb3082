use std::sync::Arc;

use crate::cipher::TokenCipher;
use crate::error::StoreError;
use crate::store::Backend;

/// Opens the store that a URL names: `sqlite:PATH`, `postgres://…`, or `memory:`, each with its feature.
///
/// ```
/// # #[cfg(all(feature = "memory", feature = "aes-gcm"))] {
/// use std::sync::Arc;
/// use antom_store::{AesGcmCipher, CipherKey, Orders as _, open};
///
/// # async fn example() -> Result<(), Box<dyn std::error::Error>> {
/// # let (key, find) = ([1; 32], [2; 32]);
/// let cipher = Arc::new(AesGcmCipher::new(CipherKey::new("2026-11", key)?, find));
/// let store = open("memory:", cipher).await?;
/// assert!(store.order("ORDER-1").await?.is_none());
/// # Ok(()) }
/// # }
/// ```
///
/// # Errors
///
/// There is no such kind of store in this program, or it cannot be opened.
pub async fn open(url: &str, cipher: Arc<dyn TokenCipher>) -> Result<Arc<dyn Backend>, StoreError> {
    let (scheme, rest) = url.split_once(':').unwrap_or((url, ""));
    match scheme {
        #[cfg(feature = "memory")]
        "memory" if rest.is_empty() => Ok(Arc::new(crate::memory::MemoryStore::with_cipher(cipher))),
        #[cfg(feature = "sqlite")]
        "sqlite" if !rest.is_empty() => {
            let path = rest.strip_prefix("//").unwrap_or(rest);
            Ok(Arc::new(crate::sqlite::SqliteStore::open(path, cipher)?))
        }
        #[cfg(feature = "postgres")]
        "postgres" | "postgresql" => Ok(Arc::new(crate::postgres::PostgresStore::open(url, cipher).await?)),
        _ => {
            let _ = (rest, cipher);
            Err(StoreError::UnknownUrl)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aes_gcm::{AesGcmCipher, CipherKey};

    #[test]
    fn what_is_no_store_is_refused_without_repeating_it() {
        let cipher = Arc::new(AesGcmCipher::new(CipherKey::new("a", [1; 32]).unwrap(), [2; 32]));
        for url in ["", "mysql://user:secret@host/a", "sqlite:", "memory:a", "shop.db"] {
            let opened = open(url, cipher.clone());
            let mut opened = core::pin::pin!(opened);
            let mut context = core::task::Context::from_waker(core::task::Waker::noop());
            match core::future::Future::poll(opened.as_mut(), &mut context) {
                core::task::Poll::Ready(Err(error)) => assert!(!error.to_string().contains("secret")),
                other => panic!("{url}: {other:?}"),
            }
        }
    }
}
