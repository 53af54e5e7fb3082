//! A ready cipher: AES-256-GCM and HMAC-SHA-256 of ring, with keys by name.

use core::fmt;

use antom_core::secret::Secret;
use async_trait::async_trait;
use ring::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use ring::hmac;
use ring::rand::{SecureRandom, SystemRandom};

use crate::cipher::{CipherError, Fingerprint, Place, Sealed, TokenCipher};

/// The form of what is sealed: this byte, the length of the key's name, the name, the nonce, the encrypted
/// bytes with their tag. All before the nonce is bound as associated data, with the place.
const FORM: u8 = 1;

/// Encrypts with AES-256-GCM under keys that are held in memory.
///
/// Values are sealed under the newest key and opened under whichever key they name, so a key is rotated by
/// putting a new one in front and keeping the old ones until nothing is sealed under them any more. Nonces are
/// random: seal fewer than 2^32 values under one key. The key of fingerprints has a life of its own and must
/// never change: tokens are found by it.
///
/// ```
/// use antom_store::{AesGcmCipher, CipherKey};
///
/// # fn keys() -> Result<(), Box<dyn std::error::Error>> {
/// # let (new, old, find) = ([1; 32], [2; 32], [3; 32]);
/// let cipher = AesGcmCipher::new(CipherKey::new("2026-11", new)?, find).with_old_key(CipherKey::new("2025-11", old)?);
/// # Ok(()) }
/// # keys().unwrap();
/// ```
pub struct AesGcmCipher {
    newest: CipherKey,
    old: Vec<CipherKey>,
    find: hmac::Key,
    random: Box<dyn SecureRandom + Send + Sync>,
}

/// A key with its name, which is stored with every value.
///
/// ```
/// use antom_store::CipherKey;
///
/// let bytes = [1; 32]; // Random, such as a key service gives.
/// let key = CipherKey::new("2026-11", bytes)?;
/// assert!(!format!("{key:?}").contains("[1, 1")); // Its name is shown, its bytes are not.
/// # Ok::<(), antom_store::BadKeyId>(())
/// ```
pub struct CipherKey {
    id: String,
    key: LessSafeKey,
}

/// Why a key cannot be one.
///
/// ```
/// use antom_store::{BadKeyId, CipherKey};
///
/// assert_eq!(CipherKey::new("", [1; 32]).unwrap_err(), BadKeyId { length: 0 });
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a cipher key's name must have 1 to 255 bytes; this one has {length}")]
pub struct BadKeyId {
    /// Its length.
    pub length: usize,
}

impl CipherKey {
    /// A key of 32 random bytes, such as a key service gave.
    ///
    /// # Errors
    ///
    /// The name is empty or longer than 255 bytes.
    pub fn new(id: impl Into<String>, key: [u8; 32]) -> Result<Self, BadKeyId> {
        let id = id.into();
        let key = Secret::new(key);
        let bad = BadKeyId { length: id.len() };
        match (id.len(), UnboundKey::new(&AES_256_GCM, key.expose())) {
            // 32 bytes are always a key of AES-256.
            (1..=255, Ok(key)) => Ok(Self { id, key: LessSafeKey::new(key) }),
            _ => Err(bad),
        }
    }
}

impl AesGcmCipher {
    /// A cipher whose keys nobody has: what it seals can be read as long as this value lives. For demos and
    /// tests.
    ///
    /// # Errors
    ///
    /// The system gave no random bytes.
    ///
    /// ```
    /// use antom_store::AesGcmCipher;
    ///
    /// let cipher = AesGcmCipher::ephemeral()?; // Gone with the process: for demos and tests.
    /// # let _ = cipher;
    /// # Ok::<(), antom_store::CipherError>(())
    /// ```
    pub fn ephemeral() -> Result<Self, CipherError> {
        let random = SystemRandom::new();
        let mut bytes = [[0; 32]; 2];
        for key in &mut bytes {
            random
                .fill(key)
                .map_err(|_| CipherError::Unavailable("the system gave no random bytes".into()))?;
        }
        let [key, find] = bytes;
        let key = CipherKey::new("ephemeral", key).map_err(|error| CipherError::Unavailable(error.into()))?;
        Ok(Self::new(key, find))
    }

    /// Seals under this key. `find` is the key of fingerprints: 32 random bytes that never change.
    #[must_use]
    pub fn new(newest: CipherKey, find: [u8; 32]) -> Self {
        let find = Secret::new(find);
        let find = hmac::Key::new(hmac::HMAC_SHA256, find.expose());
        Self { newest, old: Vec::new(), find, random: Box::new(SystemRandom::new()) }
    }

    /// Opens what was sealed under this key, too.
    #[must_use]
    pub fn with_old_key(mut self, key: CipherKey) -> Self {
        self.old.push(key);
        self
    }

    /// Takes nonces from here; from the operating system unless set.
    ///
    /// ```
    /// use antom_store::{AesGcmCipher, CipherKey};
    /// use ring::rand::SystemRandom;
    ///
    /// # let (key, find) = ([1; 32], [2; 32]);
    /// // A source of your own, such as a hardware generator, in place of the operating system's.
    /// let cipher = AesGcmCipher::new(CipherKey::new("2026-11", key)?, find).with_random(SystemRandom::new());
    /// # let _ = cipher;
    /// # Ok::<(), antom_store::BadKeyId>(())
    /// ```
    #[must_use]
    pub fn with_random(mut self, random: impl SecureRandom + Send + Sync + 'static) -> Self {
        self.random = Box::new(random);
        self
    }

    /// The name of the key that a value is sealed under, to see what is left of an old key.
    ///
    /// ```
    /// # mod kit { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/kit.rs")); }
    /// # use kit::block_on;
    /// use antom_core::secret::Secret;
    /// use antom_store::{AesGcmCipher, CipherKey, Place, TokenCipher};
    /// # let (key, find) = ([1; 32], [2; 32]);
    ///
    /// # block_on(async {
    /// let cipher = AesGcmCipher::new(CipherKey::new("2026-11", key)?, find);
    /// let place = Place { table: "grants", column: "state", row: "AUTH-1" };
    /// let sealed = cipher.seal(&place, &Secret::new(b"281010".to_vec())).await?;
    /// assert_eq!(AesGcmCipher::key_id(&sealed), Some("2026-11"));
    /// # Ok(()) });
    /// ```
    #[must_use]
    pub fn key_id(sealed: &Sealed) -> Option<&str> {
        core::str::from_utf8(divide(&sealed.0)?.1).ok()
    }
}

/// What is bound to the encrypted bytes: the head, and the place, each part with its length before it.
fn associated(head: &[u8], place: &Place<'_>) -> Vec<u8> {
    let parts = [place.table, place.column, place.row];
    let length: usize = parts.iter().map(|part| size_of::<u64>() + part.len()).sum();
    let mut data = Vec::with_capacity(head.len() + length);
    data.extend_from_slice(head);
    for part in parts {
        data.extend_from_slice(&(part.len() as u64).to_be_bytes());
        data.extend_from_slice(part.as_bytes());
    }
    data
}

/// The head, the key's name in it, and the rest.
fn divide(sealed: &[u8]) -> Option<(&[u8], &[u8], &[u8])> {
    let [FORM, length, ..] = sealed else { return None };
    let (head, rest) = sealed.split_at_checked(2 + usize::from(*length))?;
    Some((head, head.get(2..)?, rest))
}

#[async_trait]
impl TokenCipher for AesGcmCipher {
    async fn seal(&self, place: &Place<'_>, plain: &Secret<Vec<u8>>) -> Result<Sealed, CipherError> {
        let mut nonce = [0; NONCE_LEN];
        let failed = |_| CipherError::Unavailable("the source of random numbers failed".into());
        self.random.fill(&mut nonce).map_err(failed)?;
        let (plain, id) = (plain.expose(), self.newest.id.as_bytes());
        let length = 2 + id.len() + NONCE_LEN + plain.len() + AES_256_GCM.tag_len();
        let mut sealed = Vec::with_capacity(length);
        sealed.extend_from_slice(&[FORM, u8::try_from(id.len()).unwrap_or(0)]);
        sealed.extend_from_slice(id);
        let data = Aad::from(associated(&sealed, place));
        sealed.extend_from_slice(&nonce);
        let start = sealed.len();
        sealed.extend_from_slice(plain);
        let nonce = Nonce::assume_unique_for_key(nonce);
        let too_long = |_| CipherError::Unavailable("the value is too long to be encrypted".into());
        let bytes = sealed.get_mut(start..).unwrap_or_default();
        let tag = self.newest.key.seal_in_place_separate_tag(nonce, data, bytes).map_err(too_long)?;
        sealed.extend_from_slice(tag.as_ref());
        Ok(Sealed(sealed))
    }

    async fn open(&self, place: &Place<'_>, sealed: &Sealed) -> Result<Secret<Vec<u8>>, CipherError> {
        let (head, id, rest) = divide(&sealed.0).ok_or(CipherError::Unopened)?;
        let key = core::iter::once(&self.newest)
            .chain(&self.old)
            .find(|key| key.id.as_bytes() == id)
            .ok_or(CipherError::Unopened)?;
        let (nonce, bytes) = rest.split_at_checked(NONCE_LEN).ok_or(CipherError::Unopened)?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).map_err(|_| CipherError::Unopened)?;
        let mut plain = bytes.to_vec();
        let data = associated(head, place);
        let length = key
            .key
            .open_in_place(nonce, Aad::from(data), &mut plain)
            .map_err(|_| CipherError::Unopened)?
            .len();
        // What follows is the tag.
        plain.truncate(length);
        Ok(Secret::new(plain))
    }

    async fn fingerprint(&self, token: &Secret<String>) -> Result<Fingerprint, CipherError> {
        let tag = hmac::sign(&self.find, token.expose().as_bytes());
        let mut fingerprint = [0; 32];
        fingerprint.iter_mut().zip(tag.as_ref()).for_each(|(place, byte)| *place = *byte);
        Ok(Fingerprint(fingerprint))
    }
}

/// Names its keys and shows none.
impl fmt::Debug for AesGcmCipher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let old: Vec<&str> = self.old.iter().map(|key| key.id.as_str()).collect();
        f.debug_struct("AesGcmCipher")
            .field("newest", &self.newest.id)
            .field("old", &old)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for CipherKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CipherKey").field("id", &self.id).finish_non_exhaustive()
    }
}
