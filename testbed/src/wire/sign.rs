//! A signature that costs next to nothing: a digest over a secret that both sides know. For simulations, in
//! which RSA would take most of the time; everything around it is as it always is.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use antom_core::signature::{KeyVersion, SignError, Signature, Signer, Verifier, VerifyError};
use sha2::{Digest, Sha256};

/// One side's keys: versions from 1 to the newest.
#[derive(Debug, Clone)]
pub struct Cheap {
    side: &'static str,
    newest: Arc<AtomicU32>,
}

impl Cheap {
    /// Keys of a side, with version 1 alone.
    #[must_use]
    pub fn new(side: &'static str) -> Self {
        Self { side, newest: Arc::new(AtomicU32::new(1)) }
    }

    /// What somebody knows of these keys, which may be less than there is.
    #[must_use]
    pub fn known(&self) -> Self {
        Self { side: self.side, newest: Arc::new(AtomicU32::new(self.version())) }
    }

    /// The newest version.
    #[must_use]
    pub fn version(&self) -> u32 {
        self.newest.load(Ordering::Relaxed)
    }

    /// Sets the newest version.
    pub fn set(&self, version: u32) {
        self.newest.store(version, Ordering::Relaxed);
    }

    fn digest(&self, version: u32, input: &[u8]) -> Signature {
        let mut digest = Sha256::new();
        digest.update(self.side);
        digest.update(version.to_le_bytes());
        digest.update(input);
        Signature::new(digest.finalize().to_vec())
    }
}

impl Signer for Cheap {
    fn key_version(&self) -> KeyVersion {
        KeyVersion::new(self.version())
    }

    fn sign(&self, input: &[u8]) -> Result<Signature, SignError> {
        Ok(self.digest(self.version(), input))
    }
}

impl Verifier for Cheap {
    fn verify(
        &self,
        hint: Option<KeyVersion>,
        input: &[u8],
        signature: &Signature,
    ) -> Result<KeyVersion, VerifyError> {
        let newest = self.version();
        let hinted = hint.map(KeyVersion::get).filter(|version| (1..=newest).contains(version));
        let tried: Vec<u32> = hinted.into_iter().chain((1..=newest).rev()).collect();
        match tried.iter().find(|version| self.digest(**version, input) == *signature) {
            Some(version) => Ok(KeyVersion::new(*version)),
            None => {
                Err(VerifyError::NoMatch { hint, tried: tried.into_iter().map(KeyVersion::new).collect() })
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_was_signed_with_a_known_key_verifies() {
        let keys = Cheap::new("gateway");
        let known = keys.known();
        let old = keys.sign(b"a").unwrap_or_else(|_| Signature::new(Vec::new()));
        assert_eq!(known.verify(None, b"a", &old), Ok(KeyVersion::FIRST));
        assert!(known.verify(None, b"b", &old).is_err());
        assert!(Cheap::new("merchant").verify(None, b"a", &old).is_err());
        keys.set(2);
        let new = keys.sign(b"a").unwrap_or_else(|_| Signature::new(Vec::new()));
        assert!(known.verify(Some(KeyVersion::new(2)), b"a", &new).is_err());
        known.set(2);
        assert_eq!(known.verify(Some(KeyVersion::new(1)), b"a", &new), Ok(KeyVersion::new(2)));
        assert_eq!(known.verify(None, b"a", &old), Ok(KeyVersion::FIRST));
    }
}
