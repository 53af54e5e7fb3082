//! RSA with the ring crate.

use super::signer::first_that_fits;
use super::{
    KeyError, KeyInput, KeyVersion, PrivateKey, PublicKey, SignError, Signature, Signer, Verifier,
    VerifyError,
};
use alloc::{format, vec};
use core::fmt;
use ring::{rand::SystemRandom, signature as rsa};

/// Signs with a private key in memory. The key is read and checked once, here.
///
/// ```
/// use antom_core::signature::{KeyVersion, PrivateKey, RsaSigner, Signer as _, sandbox_keys};
///
/// let key = PrivateKey::parse(sandbox_keys::MERCHANT_PRIVATE_KEY)?;
/// let signer = RsaSigner::new(&key, KeyVersion::new(2))?;
/// assert_eq!(signer.key_version().get(), 2);
/// assert_eq!(signer.sign(b"content")?.as_bytes().len(), 256);
/// assert_eq!(signer.public(), key.public());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct RsaSigner {
    pair: rsa::RsaKeyPair,
    public: PublicKey,
    version: KeyVersion,
}

impl RsaSigner {
    /// Makes a signer; `version` goes into the header of what it signs.
    ///
    /// # Errors
    /// [`KeyError::Malformed`] when the parts of the key do not belong together,
    /// [`KeyError::TooLong`] over 4096 bits, the most that ring signs with.
    pub fn new(key: &PrivateKey, version: KeyVersion) -> Result<Self, KeyError> {
        let input = KeyInput::PrivateKey;
        let pair = rsa::RsaKeyPair::from_der(key.pkcs1()).map_err(|rejected| match key.bits() {
            bits @ 4097.. => KeyError::TooLong { input, bits },
            // ring's reason is one fixed word, such as "InconsistentComponents".
            _ => KeyError::malformed(input, format!("its parts do not belong together ({rejected})")),
        })?;
        Ok(Self { pair, public: key.public().clone(), version })
    }

    /// The public half of the key.
    #[must_use]
    pub fn public(&self) -> &PublicKey {
        &self.public
    }
}

impl Signer for RsaSigner {
    fn key_version(&self) -> KeyVersion {
        self.version
    }

    fn sign(&self, input: &[u8]) -> Result<Signature, SignError> {
        let mut signature = vec![0; self.pair.public().modulus_len()];
        // The signature is deterministic; ring asks for randomness as a matter of form.
        self.pair
            .sign(&rsa::RSA_PKCS1_SHA256, &SystemRandom::new(), input, &mut signature)
            .map_err(|_| SignError::new("the RSA operation failed"))?;
        Ok(Signature::new(signature))
    }
}

impl fmt::Debug for RsaSigner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RsaSigner").field("version", &self.version).field("public", &self.public).finish()
    }
}

/// Verifies with one public key. For the keys of a gateway take [`Keyring`](super::Keyring), which also
/// guards against mixed-up keys.
///
/// ```
/// use antom_core::signature::{
///     KeyVersion, PrivateKey, RsaSigner, RsaVerifier, Signer as _, Verifier as _, sandbox_keys,
/// };
///
/// let key = PrivateKey::parse(sandbox_keys::MERCHANT_PRIVATE_KEY)?;
/// let signature = RsaSigner::new(&key, KeyVersion::new(1))?.sign(b"paid")?;
/// let verifier = RsaVerifier::new(key.public().clone(), KeyVersion::new(1));
/// assert_eq!(verifier.verify(None, b"paid", &signature)?.get(), 1);
/// assert!(verifier.verify(None, b"not paid", &signature).is_err());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct RsaVerifier {
    key: PublicKey,
    version: KeyVersion,
}

impl RsaVerifier {
    /// Makes a verifier; `version` is what it reports on success.
    #[must_use]
    pub fn new(key: PublicKey, version: KeyVersion) -> Self {
        Self { key, version }
    }
}

impl Verifier for RsaVerifier {
    fn verify(
        &self,
        hint: Option<KeyVersion>,
        input: &[u8],
        signature: &Signature,
    ) -> Result<KeyVersion, VerifyError> {
        verify_any([(self.version, &self.key)].into_iter(), hint, input, signature)
    }
}

/// Verifies with ring under the keys, in order.
pub(super) fn verify_any<'a>(
    keys: impl Iterator<Item = (KeyVersion, &'a PublicKey)>,
    hint: Option<KeyVersion>,
    input: &[u8],
    signature: &Signature,
) -> Result<KeyVersion, VerifyError> {
    first_that_fits(keys, hint, |key| {
        let key = rsa::RsaPublicKeyComponents { n: key.modulus(), e: key.exponent() };
        // Only SHA-256: a signature over SHA-1 of the same bytes is refused.
        key.verify(&rsa::RSA_PKCS1_2048_8192_SHA256, input, signature.as_bytes()).is_ok()
    })
}
