//! Who signs and who verifies: two traits, and the values they exchange.

use alloc::{borrow::Cow, vec::Vec};
use core::fmt;

/// Version of a key pair (`keyVersion` in the header). It says which key to try first, never which to trust.
///
/// ```
/// use antom_core::signature::KeyVersion;
///
/// assert_eq!(KeyVersion::new(3).get(), 3);
/// assert!(KeyVersion::new(3) > KeyVersion::new(2));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct KeyVersion(u32);

impl KeyVersion {
    /// The version every account begins with.
    pub const FIRST: Self = Self(1);

    /// The version with this number; 0 occurs in traffic and is kept.
    #[must_use]
    pub const fn new(number: u32) -> Self {
        Self(number)
    }

    /// The number.
    #[must_use]
    pub const fn get(self) -> u32 {
        self.0
    }
}

impl Default for KeyVersion {
    fn default() -> Self {
        Self::FIRST
    }
}

impl fmt::Display for KeyVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// The bytes of a signature, decoded. A value of this type has not been verified.
///
/// ```
/// use antom_core::signature::Signature;
///
/// let signature = Signature::new(vec![7; 256]);
/// assert_eq!(signature.as_bytes().len(), 256);
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct Signature(Vec<u8>);

impl Signature {
    /// Takes raw signature bytes, for example from a key service.
    #[must_use]
    pub fn new(bytes: Vec<u8>) -> Self {
        Self(bytes)
    }

    /// The raw bytes.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Debug for Signature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Signature({} bytes)", self.0.len())
    }
}

/// Makes signatures: RSA PKCS#1 v1.5 with SHA-256 over the input as given.
///
/// The key may live in memory (`RsaSigner` with feature `ring`), in a key service or in a
/// hardware module.
///
/// ```
/// use antom_core::signature::{KeyVersion, SignError, Signature, Signer};
///
/// /// Asks a key service, which holds the key.
/// #[derive(Debug)]
/// struct KeyService;
///
/// impl Signer for KeyService {
///     fn key_version(&self) -> KeyVersion {
///         KeyVersion::new(1)
///     }
///
///     fn sign(&self, _content: &[u8]) -> Result<Signature, SignError> {
///         Err(SignError::new("the key service is not reachable"))
///     }
/// }
/// assert!(KeyService.sign(b"POST /ams/api").is_err());
/// ```
pub trait Signer: fmt::Debug + Send + Sync {
    /// Version of the key, written into the header.
    fn key_version(&self) -> KeyVersion;

    /// Signs the content. The input is the message; hashing is the signer's part.
    ///
    /// # Errors
    /// [`SignError`] when no signature could be made; nothing has been sent then.
    fn sign(&self, input: &[u8]) -> Result<Signature, SignError>;
}

/// Checks signatures: RSA PKCS#1 v1.5 with SHA-256, nothing else.
///
/// ```
/// use antom_core::signature::{KeyVersion, Signature, Verifier, VerifyError};
///
/// /// Asks a verification service.
/// #[derive(Debug)]
/// struct Remote;
///
/// impl Verifier for Remote {
///     fn verify(&self, hint: Option<KeyVersion>, _: &[u8], _: &Signature) -> Result<KeyVersion, VerifyError> {
///         Err(VerifyError::NoMatch { hint, tried: vec![] })
///     }
/// }
/// assert!(Remote.verify(None, b"bytes", &Signature::new(vec![1; 256])).is_err());
/// ```
pub trait Verifier: fmt::Debug + Send + Sync {
    /// Checks `signature` over `input` and returns the version of the key that verified it, which may differ
    /// from `hint`: the hint comes from an unsigned header.
    ///
    /// # Errors
    /// [`VerifyError`] when no key verifies it. The input must then be treated as forged.
    fn verify(
        &self,
        hint: Option<KeyVersion>,
        input: &[u8],
        signature: &Signature,
    ) -> Result<KeyVersion, VerifyError>;
}

/// The signing step failed; no request was sent.
///
/// ```
/// use antom_core::signature::SignError;
///
/// let error = SignError::new("the key service did not answer within 2 s");
/// assert!(error.to_string().contains("did not answer"));
/// ```
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("signing the request failed: {reason}")]
pub struct SignError {
    reason: Cow<'static, str>,
}

impl SignError {
    /// An error of a signer of your own. `reason` is shown to people and logged: no key, no input.
    #[must_use]
    pub fn new(reason: impl Into<Cow<'static, str>>) -> Self {
        Self { reason: reason.into() }
    }
}

/// Verifying a signature failed.
///
/// ```
/// use antom_core::signature::{KeyVersion, VerifyError};
///
/// let error = VerifyError::NoMatch { hint: Some(KeyVersion::new(2)), tried: vec![KeyVersion::FIRST] };
/// assert!(error.to_string().contains("1 configured key"));
/// ```
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum VerifyError {
    /// The signature belongs to other bytes or to another key.
    #[error(
        "verifying the signature: no match under any of {} configured key(s); the bytes or the path were \
         changed on the way, or the configured key is not the one Antom signs with",
        tried.len()
    )]
    NoMatch {
        /// Version named in the header, if any.
        hint: Option<KeyVersion>,
        /// Versions tried, in order.
        tried: Vec<KeyVersion>,
    },
    /// A verifier of your own could not answer (for example a key service that is out of reach).
    #[error("verifying the signature: the verifier gave no answer: {reason}")]
    Unavailable {
        /// What happened, without key or input.
        reason: Cow<'static, str>,
    },
}

/// The version of the first key under which a signature holds; they are tried in their order.
#[cfg(any(feature = "ring", feature = "aws-lc"))]
pub(super) fn first_that_fits<K>(
    keys: impl Iterator<Item = (KeyVersion, K)>,
    hint: Option<KeyVersion>,
    holds: impl Fn(K) -> bool,
) -> Result<KeyVersion, VerifyError> {
    let mut tried = Vec::new();
    for (version, key) in keys {
        if holds(key) {
            return Ok(version);
        }
        tried.push(version);
    }
    Err(VerifyError::NoMatch { hint, tried })
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::{format, string::ToString, vec};

    #[test]
    fn debug_and_display_are_quiet() {
        assert_eq!(format!("{:?}", Signature::new(vec![7; 256])), "Signature(256 bytes)");
        assert_eq!(KeyVersion::default().to_string(), "1");
        let error = VerifyError::NoMatch { hint: None, tried: vec![KeyVersion::new(3)] };
        assert!(error.to_string().contains("1 configured key"));
        assert!(SignError::new("key service out of reach").to_string().starts_with("signing"));
    }
}
