//! Which of the key documents a DER text is. The content decides, never the label around it.

use super::der::{self, Der};
use super::key_error::{KeyError, KeyInput};

/// The two numbers of a public key, big-endian without leading zeros.
pub(super) struct RsaPublic<'a> {
    pub(super) modulus: &'a [u8],
    pub(super) exponent: &'a [u8],
}

/// A key document that was recognised.
pub(super) enum Shape<'a> {
    /// From SubjectPublicKeyInfo or PKCS#1.
    Public(RsaPublic<'a>),
    /// From PKCS#8 or PKCS#1.
    Private {
        /// The `RSAPrivateKey` element, whole.
        pkcs1: &'a [u8],
    },
}

impl<'a> Shape<'a> {
    pub(super) fn read(der: &'a [u8], input: KeyInput) -> Result<Self, KeyError> {
        let bad = |detail| KeyError::malformed(input, detail);
        let mut parts = der::only_sequence(der).ok_or(bad("not one DER SEQUENCE"))?;
        match parts.peek() {
            Some(der::SEQUENCE) => {
                let algorithm = parts.sequence().ok_or(bad("the algorithm is cut"))?;
                match parts.peek() {
                    Some(der::BIT_STRING) => {
                        check_rsa(algorithm, input)?;
                        let bits = parts.read(der::BIT_STRING).filter(|_| parts.is_empty());
                        match bits.and_then(|bits| bits.split_first()) {
                            Some((0, key)) => public_parts(key, input).map(Self::Public),
                            _ => Err(bad("the SubjectPublicKeyInfo has no whole key")),
                        }
                    }
                    Some(der::OCTET_STRING) => Err(KeyError::EncryptedPem { input }),
                    Some(der::SEQUENCE) => Err(KeyError::WrongKind { input, found: "a certificate" }),
                    _ => Err(bad("neither a key nor a certificate")),
                }
            }
            Some(der::INTEGER) => {
                let mut after = parts;
                after.read(der::INTEGER).ok_or(bad("the first number is cut"))?;
                match after.peek() {
                    Some(der::SEQUENCE) => {
                        let algorithm = after.sequence().ok_or(bad("the algorithm is cut"))?;
                        check_rsa(algorithm, input)?;
                        let pkcs1 =
                            after.read(der::OCTET_STRING).ok_or(bad("the PKCS#8 has no whole key"))?;
                        Ok(Self::Private { pkcs1 })
                    }
                    // SEC 1: version, then the private number of an elliptic curve.
                    Some(der::OCTET_STRING) => Err(KeyError::NotRsa { input }),
                    Some(der::INTEGER) => {
                        after.read(der::INTEGER).ok_or(bad("the second number is cut"))?;
                        if after.is_empty() {
                            public_parts(der, input).map(Self::Public)
                        } else {
                            Ok(Self::Private { pkcs1: der })
                        }
                    }
                    _ => Err(bad("not a key")),
                }
            }
            _ => Err(bad("not a key")),
        }
    }
}

fn check_rsa(mut algorithm: Der<'_>, input: KeyInput) -> Result<(), KeyError> {
    if algorithm.read(der::OBJECT_ID) == Some(der::RSA_OID) {
        Ok(())
    } else {
        Err(KeyError::NotRsa { input })
    }
}

/// `RSAPublicKey`: modulus and exponent, nothing more.
fn public_parts(der: &[u8], input: KeyInput) -> Result<RsaPublic<'_>, KeyError> {
    let read = || {
        let mut parts = der::only_sequence(der)?;
        let (modulus, exponent) = (parts.positive()?, parts.positive()?);
        parts.is_empty().then_some(RsaPublic { modulus, exponent })
    };
    read().ok_or(KeyError::malformed(input, "modulus and exponent are not two positive numbers"))
}

/// `RSAPrivateKey` with two primes: version 0 and eight numbers; gives the public two.
pub(super) fn private_parts(der: &[u8], input: KeyInput) -> Result<RsaPublic<'_>, KeyError> {
    let read = || {
        let mut parts = der::only_sequence(der)?;
        if parts.small()? != 0 {
            return None;
        }
        let (modulus, exponent) = (parts.positive()?, parts.positive()?);
        for _private in 0..6 {
            parts.positive()?;
        }
        parts.is_empty().then_some(RsaPublic { modulus, exponent })
    };
    read().ok_or(KeyError::malformed(input, "not the nine numbers of an RSA private key with two primes"))
}
