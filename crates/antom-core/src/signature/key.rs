//! RSA keys as values: read from every usual form, checked, never shown.

use super::der;
use super::key_error::{KeyError, KeyInput};
use super::key_shape::{RsaPublic, Shape, private_parts};
use super::pem;
use crate::secret::Secret;
use alloc::{string::String, vec::Vec};
use base64::{Engine, engine::general_purpose::STANDARD};
use core::fmt::{self, Write};
use sha2::{Digest, Sha256};

/// Shortest modulus taken, in bits.
pub const MIN_KEY_BITS: usize = 2048;
/// Longest modulus taken, in bits. A signer may support less.
pub const MAX_KEY_BITS: usize = 8192;
/// Longest key text read, in bytes; the longest key in PEM has about 7000.
pub(super) const MAX_KEY_TEXT: usize = 64 * 1024;

/// An RSA public key, checked.
///
/// ```
/// use antom_core::signature::{PublicKey, sandbox_keys};
///
/// let key = PublicKey::parse(sandbox_keys::GATEWAY_PUBLIC_KEY)?;
/// assert_eq!((key.bits(), key.modulus().len(), key.exponent()), (2048, 256, &[1, 0, 1][..]));
/// assert_eq!(PublicKey::parse(key.to_spki_base64())?.fingerprint(), key.fingerprint());
/// assert_eq!(PublicKey::parse(key.to_spki_der())?, key);
/// # Ok::<(), antom_core::signature::KeyError>(())
/// ```
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct PublicKey {
    // Both big-endian without leading zeros.
    modulus: Vec<u8>,
    exponent: Vec<u8>,
}

impl PublicKey {
    /// Reads a public key: SubjectPublicKeyInfo or PKCS#1; as PEM, base64 (one line or wrapped) or DER. Line
    /// ends, blanks, a byte order mark and a wrong PEM label do not matter.
    ///
    /// # Errors
    /// [`KeyError`] says why this is no usable key. A private key, a certificate, another algorithm and a
    /// length outside [`MIN_KEY_BITS`]..=[`MAX_KEY_BITS`] have variants of their own.
    pub fn parse(text: impl AsRef<[u8]>) -> Result<Self, KeyError> {
        let input = KeyInput::PublicKey;
        let der = pem::to_der(text.as_ref(), input)?;
        match Shape::read(&der, input)? {
            Shape::Public(parts) => Self::from_parts(parts, input),
            Shape::Private { .. } => Err(KeyError::WrongKind { input, found: "a private key" }),
        }
    }

    fn from_parts(parts: RsaPublic<'_>, input: KeyInput) -> Result<Self, KeyError> {
        let RsaPublic { modulus, exponent } = parts;
        let bits = bit_len(modulus);
        if bits < MIN_KEY_BITS {
            return Err(KeyError::TooShort { input, bits });
        }
        if bits > MAX_KEY_BITS {
            return Err(KeyError::TooLong { input, bits });
        }
        let odd = |digits: &[u8]| digits.last().is_some_and(|last| last % 2 == 1);
        if !odd(modulus) {
            return Err(KeyError::malformed(input, "the modulus is even"));
        }
        // 1 would make every message its own signature; over 33 bits no verifier follows.
        if !odd(exponent) || exponent == [1] || bit_len(exponent) > 33 {
            return Err(KeyError::malformed(
                input,
                "the public exponent is not an odd number of 2 to 33 bits",
            ));
        }
        Ok(Self { modulus: modulus.to_vec(), exponent: exponent.to_vec() })
    }

    /// The modulus, big-endian without leading zeros.
    #[must_use]
    pub fn modulus(&self) -> &[u8] {
        &self.modulus
    }

    /// The public exponent, big-endian without leading zeros.
    #[must_use]
    pub fn exponent(&self) -> &[u8] {
        &self.exponent
    }

    /// Length of the modulus in bits.
    #[must_use]
    pub fn bits(&self) -> usize {
        bit_len(&self.modulus)
    }

    /// The key as SubjectPublicKeyInfo in DER.
    #[must_use]
    pub fn to_spki_der(&self) -> Vec<u8> {
        let (mut integers, mut pkcs1, mut out) = (Vec::new(), Vec::new(), Vec::new());
        der::write_positive(&mut integers, &self.modulus);
        der::write_positive(&mut integers, &self.exponent);
        der::write(&mut pkcs1, der::SEQUENCE, &[&integers]);
        let mut bits = Vec::new();
        // The leading zero says that no bit of the last byte is unused.
        der::write(&mut bits, der::BIT_STRING, &[&[0], &pkcs1]);
        der::write(&mut out, der::SEQUENCE, &[der::RSA_ALGORITHM, &bits]);
        out
    }

    /// The key as one line of base64, the form the dashboard shows and takes.
    #[must_use]
    pub fn to_spki_base64(&self) -> String {
        STANDARD.encode(self.to_spki_der())
    }

    /// SHA-256 of the SubjectPublicKeyInfo in lower-case hex: names the key in logs and support threads, as
    /// `openssl pkey -pubin -outform DER | sha256sum` does.
    #[must_use]
    pub fn fingerprint(&self) -> String {
        let mut out = String::with_capacity(64);
        for byte in Sha256::digest(self.to_spki_der()) {
            // Writing to a String cannot fail.
            let _ = write!(out, "{byte:02x}");
        }
        out
    }
}

impl fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PublicKey({} bits, {})", self.bits(), self.fingerprint())
    }
}

/// An RSA private key. Its bytes are wiped from memory on drop and never printed.
///
/// ```
/// use antom_core::signature::{PrivateKey, sandbox_keys};
///
/// let key = PrivateKey::parse(sandbox_keys::MERCHANT_PRIVATE_KEY)?;
/// assert_eq!(key.bits(), 2048);
/// let again = PrivateKey::parse(key.to_pkcs8_der().expose())?;
/// assert_eq!(again.to_pkcs1_der().expose(), key.to_pkcs1_der().expose());
/// assert_eq!(again.public(), key.public());
/// # Ok::<(), antom_core::signature::KeyError>(())
/// ```
#[derive(Clone)]
pub struct PrivateKey {
    /// `RSAPrivateKey` of PKCS#1 in DER.
    pkcs1: Secret<Vec<u8>>,
    public: PublicKey,
}

impl PrivateKey {
    /// Reads a private key: PKCS#8 or PKCS#1; as PEM, base64 (one line or wrapped) or DER. Line ends, blanks,
    /// a byte order mark and a wrong PEM label do not matter.
    ///
    /// Whether the parts of the key belong together is found by the signer made from it.
    ///
    /// # Errors
    /// [`KeyError`] says why this is no usable key. An encrypted key, a public key, another algorithm and a
    /// length outside [`MIN_KEY_BITS`]..=[`MAX_KEY_BITS`] have variants of their own.
    pub fn parse(text: impl AsRef<[u8]>) -> Result<Self, KeyError> {
        let input = KeyInput::PrivateKey;
        let der = pem::to_der(text.as_ref(), input)?;
        match Shape::read(&der, input)? {
            Shape::Private { pkcs1 } => {
                let public = PublicKey::from_parts(private_parts(pkcs1, input)?, input)?;
                Ok(Self { pkcs1: Secret::new(pkcs1.to_vec()), public })
            }
            Shape::Public(_) => Err(KeyError::WrongKind { input, found: "a public key" }),
        }
    }

    /// The public half.
    #[must_use]
    pub fn public(&self) -> &PublicKey {
        &self.public
    }

    /// Length of the modulus in bits.
    #[must_use]
    pub fn bits(&self) -> usize {
        self.public.bits()
    }

    /// The key as PKCS#1 `RSAPrivateKey` in DER.
    #[must_use]
    pub fn to_pkcs1_der(&self) -> Secret<Vec<u8>> {
        self.pkcs1.clone()
    }

    /// The key as PKCS#8 in DER, without encryption.
    #[must_use]
    pub fn to_pkcs8_der(&self) -> Secret<Vec<u8>> {
        let pkcs1 = self.pkcs1.expose();
        // Room for the whole at once: a buffer that grows leaves copies behind.
        let mut octets = Vec::with_capacity(pkcs1.len() + 8);
        der::write(&mut octets, der::OCTET_STRING, &[pkcs1]);
        let octets = Secret::new(octets);
        let mut out = Vec::with_capacity(octets.expose().len() + 32);
        let version: &[u8] = &[der::INTEGER, 1, 0];
        der::write(&mut out, der::SEQUENCE, &[version, der::RSA_ALGORITHM, octets.expose()]);
        Secret::new(out)
    }

    #[cfg(feature = "ring")]
    pub(super) fn pkcs1(&self) -> &[u8] {
        self.pkcs1.expose()
    }
}

impl fmt::Debug for PrivateKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PrivateKey({} bits, of public key {})", self.bits(), self.public.fingerprint())
    }
}

/// Bits of a big-endian number without leading zeros.
fn bit_len(digits: &[u8]) -> usize {
    let unused = digits.first().map_or(0, |first| first.leading_zeros());
    digits.len() * 8 - usize::try_from(unused).unwrap_or_default()
}
