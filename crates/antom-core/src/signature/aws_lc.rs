//! RSA with the aws-lc-rs crate: faster where many signatures are checked, and FIPS builds exist.

use super::keyring::hinted_first;
use super::signer::first_that_fits;
use super::{
    KeyError, KeyInput, KeyVersion, Keyring, PrivateKey, PublicKey, SignError, Signature, Signer, Verifier,
    VerifyError,
};
use alloc::{format, vec, vec::Vec};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ParsedPublicKey, RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_SHA256, RsaKeyPair};
use core::fmt;

/// Signs with a private key in memory, like [`RsaSigner`](super::RsaSigner) with another library. The key is read and
/// checked once, here.
///
/// ```
/// use antom_core::signature::{AwsLcSigner, KeyVersion, PrivateKey, Signer, sandbox_keys};
///
/// let key = PrivateKey::parse(sandbox_keys::MERCHANT_PRIVATE_KEY)?;
/// let signer = AwsLcSigner::new(&key, KeyVersion::FIRST)?;
/// assert_eq!(signer.public(), key.public());
/// assert_eq!(signer.sign(b"content")?.as_bytes().len(), 256);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct AwsLcSigner {
    pair: RsaKeyPair,
    public: PublicKey,
    version: KeyVersion,
}

impl AwsLcSigner {
    /// Makes a signer; `version` goes into the header of what it signs.
    ///
    /// # Errors
    /// [`KeyError::Malformed`] when the parts of the key do not belong together.
    pub fn new(key: &PrivateKey, version: KeyVersion) -> Result<Self, KeyError> {
        let pair = RsaKeyPair::from_der(key.to_pkcs1_der().expose()).map_err(|rejected| {
            // The reason is one fixed word.
            KeyError::malformed(
                KeyInput::PrivateKey,
                format!("its parts do not belong together ({rejected})"),
            )
        })?;
        Ok(Self { pair, public: key.public().clone(), version })
    }

    /// The public half of the key.
    #[must_use]
    pub fn public(&self) -> &PublicKey {
        &self.public
    }
}

impl Signer for AwsLcSigner {
    fn key_version(&self) -> KeyVersion {
        self.version
    }

    fn sign(&self, input: &[u8]) -> Result<Signature, SignError> {
        let mut signature = vec![0; self.pair.public_modulus_len()];
        // The signature is deterministic; randomness is asked for as a matter of form.
        self.pair
            .sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), input, &mut signature)
            .map_err(|_| SignError::new("the RSA operation failed"))?;
        Ok(Signature::new(signature))
    }
}

impl fmt::Debug for AwsLcSigner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AwsLcSigner").field("version", &self.version).field("public", &self.public).finish()
    }
}

/// Verifies with the keys of a [`Keyring`], each of which is prepared once, here. It tries the key whose version the
/// header names first, then every other.
///
/// ```
/// use antom_core::signature::{
///     AwsLcSigner, AwsLcVerifier, ClientId, Keyring, KeyVersion, PrivateKey, Signer, Verifier, sandbox_keys,
/// };
///
/// let gateway = PrivateKey::parse(sandbox_keys::GATEWAY_PRIVATE_KEY)?;
/// let account = ClientId::new("SANDBOX_5Y0000000000000001")?;
/// let keyring = Keyring::new(&account, [(KeyVersion::FIRST, gateway.public().clone())], None)?;
/// let verifier = AwsLcVerifier::new(&keyring)?;
/// let signature = AwsLcSigner::new(&gateway, KeyVersion::FIRST)?.sign(b"text")?;
/// assert_eq!(verifier.verify(None, b"text", &signature)?, KeyVersion::FIRST);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct AwsLcVerifier {
    keys: Vec<(KeyVersion, ParsedPublicKey)>,
}

impl AwsLcVerifier {
    /// Prepares the keys.
    ///
    /// # Errors
    /// [`KeyError::Malformed`] when the library does not take a key.
    pub fn new(keyring: &Keyring) -> Result<Self, KeyError> {
        let prepare = |(version, key): (KeyVersion, &PublicKey)| {
            let key = ParsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, key.to_spki_der());
            let key = key.map_err(|rejected| {
                KeyError::malformed(KeyInput::PublicKey, format!("it cannot be used ({rejected})"))
            })?;
            Ok((version, key))
        };
        Ok(Self { keys: keyring.keys().map(prepare).collect::<Result<_, _>>()? })
    }
}

impl Verifier for AwsLcVerifier {
    fn verify(
        &self,
        hint: Option<KeyVersion>,
        input: &[u8],
        signature: &Signature,
    ) -> Result<KeyVersion, VerifyError> {
        // Only SHA-256: a signature over SHA-1 of the same bytes is refused.
        first_that_fits(hinted_first(&self.keys, hint), hint, |key| {
            key.verify_sig(input, signature.as_bytes()).is_ok()
        })
    }
}

impl fmt::Debug for AwsLcVerifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let versions: Vec<KeyVersion> = self.keys.iter().map(|(version, _)| *version).collect();
        f.debug_struct("AwsLcVerifier").field("versions", &versions).finish()
    }
}

#[cfg(test)]
#[cfg(feature = "ring")]
mod tests {
    use super::*;
    use crate::signature::{ClientId, RsaSigner, sandbox_keys};

    fn keys() -> (PrivateKey, PrivateKey, Keyring) {
        let gateway = PrivateKey::parse(sandbox_keys::GATEWAY_PRIVATE_KEY).unwrap();
        let other = PrivateKey::parse(sandbox_keys::MERCHANT_PRIVATE_KEY).unwrap();
        let account = ClientId::new("SANDBOX_5Y0000000000000001").unwrap();
        let both =
            [(KeyVersion::FIRST, other.public().clone()), (KeyVersion::new(2), gateway.public().clone())];
        let keyring = Keyring::new(&account, both, None).unwrap();
        (gateway, other, keyring)
    }

    #[test]
    fn both_libraries_sign_alike_and_believe_each_other() {
        let (gateway, _, keyring) = keys();
        let ours = AwsLcSigner::new(&gateway, KeyVersion::new(2)).unwrap();
        let rings = RsaSigner::new(&gateway, KeyVersion::new(2)).unwrap();
        let verifier = AwsLcVerifier::new(&keyring).unwrap();
        for text in [&b""[..], b"text", &[0xff; 5_000]] {
            let (a, b) = (ours.sign(text).unwrap(), rings.sign(text).unwrap());
            assert_eq!(a.as_bytes(), b.as_bytes());
            for hint in [None, Some(KeyVersion::FIRST), Some(KeyVersion::new(2)), Some(KeyVersion::new(9))] {
                assert_eq!(verifier.verify(hint, text, &a), Ok(KeyVersion::new(2)));
                assert_eq!(keyring.verify(hint, text, &a), Ok(KeyVersion::new(2)));
            }
        }
    }

    #[test]
    fn what_does_not_fit_names_what_was_tried() {
        let (gateway, _, keyring) = keys();
        let verifier = AwsLcVerifier::new(&keyring).unwrap();
        let signature = AwsLcSigner::new(&gateway, KeyVersion::new(2)).unwrap().sign(b"text").unwrap();
        let mut bytes = signature.as_bytes().to_vec();
        bytes[7] ^= 1;
        let hint = Some(KeyVersion::new(2));
        for (text, signature) in [(&b"other"[..], signature), (b"text", Signature::new(bytes))] {
            let tried = vec![KeyVersion::new(2), KeyVersion::FIRST];
            assert_eq!(verifier.verify(hint, text, &signature), Err(VerifyError::NoMatch { hint, tried }));
        }
        let short = Signature::new(vec![1; 12]);
        assert!(verifier.verify(None, b"text", &short).is_err());
    }

    #[test]
    fn debug_shows_no_key() {
        let (gateway, _, keyring) = keys();
        let signer = AwsLcSigner::new(&gateway, KeyVersion::FIRST).unwrap();
        let text = format!("{signer:?} {:?}", AwsLcVerifier::new(&keyring).unwrap());
        assert!(text.contains("AwsLcSigner") && text.len() < 400, "{text}");
    }
}
