use core::fmt::{self, Debug};

use antom_core::secret::Secret;
use async_trait::async_trait;

/// Encrypts what a store writes: raw bodies, states, tokens. Async, so that a key service fits.
///
/// A backend that writes to a disk takes one and passes every secret or personal value through it.
///
/// ```
/// # mod kit { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/kit.rs")); }
/// # use kit::block_on;
/// use antom_core::secret::Secret;
/// use antom_store::{AesGcmCipher, Place, TokenCipher};
///
/// # block_on(async {
/// let cipher = AesGcmCipher::ephemeral()?;
/// let place = Place { table: "grants", column: "state", row: "AUTH-1" };
/// let sealed = cipher.seal(&place, &Secret::new(b"281010".to_vec())).await?;
/// assert_eq!(cipher.open(&place, &sealed).await?.expose(), b"281010");
/// // In another row it does not open.
/// assert!(cipher.open(&Place { row: "AUTH-2", ..place }, &sealed).await.is_err());
/// // It is found again without being readable.
/// let token = Secret::new("281010".to_owned());
/// assert_eq!(cipher.fingerprint(&token).await?, cipher.fingerprint(&token).await?);
/// # Ok(()) });
/// ```
#[async_trait]
pub trait TokenCipher: Debug + Send + Sync {
    /// Encrypts. `place` must be bound as associated data, so that a value moved to another row or column
    /// does not open.
    ///
    /// # Errors
    ///
    /// The key is out of reach; nothing may be written then.
    async fn seal(&self, place: &Place<'_>, plain: &Secret<Vec<u8>>) -> Result<Sealed, CipherError>;

    /// Decrypts what [`seal`](Self::seal) made for the same place, under whichever key that was.
    ///
    /// # Errors
    ///
    /// The value was changed, belongs to another place, or its key is out of reach.
    async fn open(&self, place: &Place<'_>, sealed: &Sealed) -> Result<Secret<Vec<u8>>, CipherError>;

    /// A keyed hash, by which a token is found without being readable. It must stay the same when the
    /// encryption key is rotated.
    ///
    /// # Errors
    ///
    /// The key is out of reach.
    async fn fingerprint(&self, token: &Secret<String>) -> Result<Fingerprint, CipherError>;
}

/// Where a value stands.
///
/// ```
/// use antom_store::Place;
///
/// // A value that is moved to another row does not open: the place is part of what is authenticated.
/// let place = Place { table: "grants", column: "state", row: "AUTH-1" };
/// assert_ne!(place, Place { row: "AUTH-2", ..place });
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place<'a> {
    /// The table.
    pub table: &'static str,
    /// The column.
    pub column: &'static str,
    /// The row, by its key.
    pub row: &'a str,
}

/// An encrypted value, self-describing: it names its key.
///
/// ```
/// use antom_store::Sealed;
///
/// // What is encrypted is not shown either.
/// assert_eq!(format!("{:?}", Sealed(vec![1, 2, 3])), "Sealed(3 bytes)");
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct Sealed(pub Vec<u8>);

impl Debug for Sealed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Sealed({} bytes)", self.0.len())
    }
}

/// A keyed hash of a token.
///
/// ```
/// use antom_store::Fingerprint;
///
/// assert_ne!(Fingerprint([1; 32]), Fingerprint([2; 32]));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Fingerprint(pub [u8; 32]);

/// Why a cipher gave nothing.
///
/// ```
/// # mod kit { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/kit.rs")); }
/// # use kit::block_on;
/// use antom_store::{AesGcmCipher, CipherError, Place, Sealed, TokenCipher};
///
/// # block_on(async {
/// let cipher = AesGcmCipher::ephemeral()?;
/// let place = Place { table: "grants", column: "state", row: "AUTH-1" };
/// // Nobody's bytes: no key made them.
/// let refused = cipher.open(&place, &Sealed(vec![0; 40])).await;
/// assert!(matches!(refused, Err(CipherError::Unopened)));
/// # Ok(()) });
/// ```
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CipherError {
    /// The value does not open: it was changed, stands in another place, or its key is gone.
    #[error("decrypting a stored value failed: it was changed, moved, or its key is not configured")]
    Unopened,
    /// The key service did not answer.
    #[error("the cipher's key is out of reach; nothing was written")]
    Unavailable(#[source] Box<dyn std::error::Error + Send + Sync>),
}
