//! Why a key was refused.

use alloc::borrow::Cow;
use core::fmt;

/// Which key was being read, for error texts.
///
/// ```
/// use antom_core::signature::{KeyError, KeyInput, PrivateKey};
///
/// let refused = PrivateKey::parse("").unwrap_err();
/// assert!(matches!(refused, KeyError::Empty { input: KeyInput::PrivateKey }));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum KeyInput {
    /// A private key, which signs.
    PrivateKey,
    /// A public key, which verifies.
    PublicKey,
}

impl fmt::Display for KeyInput {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::PrivateKey => "private key",
            Self::PublicKey => "public key",
        })
    }
}

/// A key that cannot be used: which, why, and what to do. Nothing of the key is in it.
///
/// ```
/// use antom_core::signature::{KeyError, PrivateKey, sandbox_keys};
///
/// let refused: Result<_, KeyError> = PrivateKey::parse(sandbox_keys::GATEWAY_PUBLIC_KEY);
/// assert!(refused.is_err());
/// ```
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum KeyError {
    /// Nothing but blanks.
    #[error("{input}: empty; is the variable or file set?")]
    Empty {
        /// Which key.
        input: KeyInput,
    },
    /// More text than any key has.
    #[error("{input}: {len} bytes, at most {max} are read; is this a key?", max = super::key::MAX_KEY_TEXT)]
    TooLarge {
        /// Which key.
        input: KeyInput,
        /// Length given, in bytes.
        len: usize,
    },
    /// Neither text nor DER.
    #[error("{input}: neither UTF-8 text nor DER; save the file as plain text (UTF-8)")]
    NotText {
        /// Which key.
        input: KeyInput,
    },
    /// No PEM, and not base64 either.
    #[error(
        "{input}: not base64; give PEM, one-line base64 or DER of the key itself (for a file name, read the \
         file first)"
    )]
    NotBase64 {
        /// Which key.
        input: KeyInput,
    },
    /// A damaged PEM frame, or not exactly one.
    #[error("{input}: not a whole PEM: {detail}")]
    NotPem {
        /// Which key.
        input: KeyInput,
        /// What is wrong with the frame.
        detail: &'static str,
    },
    /// The key is protected by a pass phrase.
    #[error("{input}: encrypted with a pass phrase; decrypt it first (openssl pkey -in FILE -out PLAIN)")]
    EncryptedPem {
        /// Which key.
        input: KeyInput,
    },
    /// A readable document of another kind.
    #[error("{input}: this is {found}; expected {}", expected(*input))]
    WrongKind {
        /// Which key.
        input: KeyInput,
        /// What it is instead.
        found: &'static str,
    },
    /// A key of another algorithm.
    #[error("{input}: not an RSA key; Antom signs with RSA (2048 bits or more)")]
    NotRsa {
        /// Which key.
        input: KeyInput,
    },
    /// Too short to be safe.
    #[error("{input}: {bits} bits, at least {min} are required; make a new key pair", min = super::MIN_KEY_BITS)]
    TooShort {
        /// Which key.
        input: KeyInput,
        /// Length of the modulus in bits.
        bits: usize,
    },
    /// Longer than is supported.
    #[error("{input}: {bits} bits, at most {max} are supported", max = super::MAX_KEY_BITS)]
    TooLong {
        /// Which key.
        input: KeyInput,
        /// Length of the modulus in bits.
        bits: usize,
    },
    /// Base64 or DER that is cut, changed or inconsistent.
    #[error("{input}: damaged: {detail}; copy it again, whole")]
    Malformed {
        /// Which key.
        input: KeyInput,
        /// What does not fit.
        detail: Cow<'static, str>,
    },
}

impl KeyError {
    pub(super) fn malformed(input: KeyInput, detail: impl Into<Cow<'static, str>>) -> Self {
        Self::Malformed { input, detail: detail.into() }
    }
}

fn expected(input: KeyInput) -> &'static str {
    match input {
        KeyInput::PrivateKey => "an RSA private key in PKCS#8 or PKCS#1",
        KeyInput::PublicKey => "an RSA public key as SubjectPublicKeyInfo or PKCS#1",
    }
}
