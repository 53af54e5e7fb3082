use antom_core::signature::{KeyVersion, SignError, Signature, Signer, Verifier, VerifyError};

/// Stands where an API-key client needs neither signer nor verifier: it signs nothing and believes nothing.
#[derive(Debug)]
pub(super) struct NoKeys;

impl Signer for NoKeys {
    fn key_version(&self) -> KeyVersion {
        KeyVersion::default()
    }

    fn sign(&self, _: &[u8]) -> Result<Signature, SignError> {
        Err(SignError::new("a client with an API key has no private key"))
    }
}

impl Verifier for NoKeys {
    fn verify(&self, _: Option<KeyVersion>, _: &[u8], _: &Signature) -> Result<KeyVersion, VerifyError> {
        Err(VerifyError::Unavailable { reason: "a client with an API key has no gateway key".into() })
    }
}
