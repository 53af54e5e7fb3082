//! The gateway's public keys, by version.

use super::{ClientId, KeyVersion, PublicKey, is_published_sandbox_key};
use alloc::vec::Vec;

/// Most gateway keys at a time: the one in use, and a few around a rotation.
pub const MAX_GATEWAY_KEYS: usize = 4;

/// The gateway's public keys. With feature `ring` it is a [`Verifier`](super::Verifier): it tries the key
/// whose version the header names first, then every other, and says which one verified.
///
/// ```
/// use antom_core::signature::{ClientId, KeyVersion, Keyring, PublicKey, sandbox_keys};
///
/// let client = ClientId::new("SANDBOX_5Y0000000000000001")?;
/// // The key in use, and the next one, while the gateway changes over.
/// let now = (KeyVersion::new(1), PublicKey::parse(sandbox_keys::GATEWAY_PUBLIC_KEY)?);
/// let next = (KeyVersion::new(2), PublicKey::parse(sandbox_keys::MERCHANT_PUBLIC_KEY)?);
/// let keyring = Keyring::new(&client, [now, next], None)?;
/// assert_eq!(keyring.keys().count(), 2);
/// let first = keyring.keys_hinted_first(Some(KeyVersion::new(2))).next().unwrap();
/// assert_eq!(first.0, KeyVersion::new(2));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct Keyring {
    keys: Vec<(KeyVersion, PublicKey)>,
}

impl Keyring {
    /// Checks and keeps the keys for an account. `own` is the account's own public key, when it is at hand.
    ///
    /// # Errors
    /// [`KeyringError`] for no key, more than [`MAX_GATEWAY_KEYS`], one version twice, the account's own key
    /// among them (the dashboard shows both, they are easily mixed up), or a published sandbox key for an
    /// account that is not a sandbox account.
    pub fn new(
        client_id: &ClientId,
        keys: impl IntoIterator<Item = (KeyVersion, PublicKey)>,
        own: Option<&PublicKey>,
    ) -> Result<Self, KeyringError> {
        // One more than allowed is enough to know.
        let keys: Vec<_> = keys.into_iter().take(MAX_GATEWAY_KEYS + 1).collect();
        if keys.is_empty() {
            return Err(KeyringError::Empty);
        }
        if keys.len() > MAX_GATEWAY_KEYS {
            return Err(KeyringError::TooMany);
        }
        for (at, (version, key)) in keys.iter().enumerate() {
            let version = *version;
            if keys.iter().take(at).any(|(earlier, _)| *earlier == version) {
                return Err(KeyringError::DuplicateVersion { version });
            }
            if own == Some(key) {
                return Err(KeyringError::SameAsOwn { version });
            }
            if !client_id.is_sandbox() && is_published_sandbox_key(key) {
                return Err(KeyringError::PublishedSandboxKey { version });
            }
        }
        Ok(Self { keys })
    }

    /// The keys in the order given.
    pub fn keys(&self) -> impl Iterator<Item = (KeyVersion, &PublicKey)> {
        self.keys.iter().map(|(version, key)| (*version, key))
    }

    /// The keys in the order to try them: the hinted version first.
    pub fn keys_hinted_first(
        &self,
        hint: Option<KeyVersion>,
    ) -> impl Iterator<Item = (KeyVersion, &PublicKey)> {
        hinted_first(&self.keys, hint)
    }
}

/// Keys in the order to try them: the hinted version first.
pub(super) fn hinted_first<K>(
    keys: &[(KeyVersion, K)],
    hint: Option<KeyVersion>,
) -> impl Iterator<Item = (KeyVersion, &K)> {
    let hinted = move |version: KeyVersion| Some(version) == hint;
    let keys = || keys.iter().map(|(version, key)| (*version, key));
    keys()
        .filter(move |(version, _)| hinted(*version))
        .chain(keys().filter(move |(version, _)| !hinted(*version)))
}

#[cfg(feature = "ring")]
impl super::Verifier for Keyring {
    fn verify(
        &self,
        hint: Option<KeyVersion>,
        input: &[u8],
        signature: &super::Signature,
    ) -> Result<KeyVersion, super::VerifyError> {
        super::ring::verify_any(self.keys_hinted_first(hint), hint, input, signature)
    }
}

/// Why a set of gateway keys was refused.
///
/// ```
/// use antom_core::signature::{ClientId, Keyring, KeyringError};
///
/// let client = ClientId::new("SANDBOX_5Y0000000000000001")?;
/// assert_eq!(Keyring::new(&client, [], None).unwrap_err(), KeyringError::Empty);
/// # Ok::<(), antom_core::signature::ClientIdError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum KeyringError {
    /// No key at all.
    #[error("gateway keys: none given; copy the Antom public key from the dashboard")]
    Empty,
    /// More than [`MAX_GATEWAY_KEYS`].
    #[error("gateway keys: more than {MAX_GATEWAY_KEYS} given; remove those no longer in use")]
    TooMany,
    /// One version given twice.
    #[error("gateway keys: version {version} is given twice; give each key its own version")]
    DuplicateVersion {
        /// The version.
        version: KeyVersion,
    },
    /// The merchant's own public key.
    #[error(
        "gateway keys: version {version} is the public half of your own private key; copy the Antom public \
         key from the dashboard instead"
    )]
    SameAsOwn {
        /// Version of that key.
        version: KeyVersion,
    },
    /// A published sandbox key.
    #[error(
        "gateway keys: version {version} is a published sandbox key, which anyone can sign with; it is taken \
         for SANDBOX_ client ids only"
    )]
    PublishedSandboxKey {
        /// Version of that key.
        version: KeyVersion,
    },
}
