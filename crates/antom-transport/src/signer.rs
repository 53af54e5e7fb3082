use std::fmt::Debug;

use antom_core::signature::{KeyVersion, SignError, Signature, Signer};
use async_trait::async_trait;

/// A signer that may have to wait: a key service or a hardware module behind a network.
///
/// Every [`Signer`] is one too, so a driver takes keys in memory and keys elsewhere alike. The methods have
/// names of their own so that both traits can be in scope.
///
/// ```
/// # mod kit { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/kit.rs")); }
/// # use kit::block_on;
/// use antom_core::signature::{KeyVersion, SignError, Signature};
/// use antom_transport::RemoteSigner;
///
/// # block_on(async {
/// /// Asks a key service; the key never leaves it.
/// #[derive(Debug)]
/// struct KeyService;
///
/// #[async_trait::async_trait]
/// impl RemoteSigner for KeyService {
///     fn remote_key_version(&self) -> KeyVersion {
///         KeyVersion::new(2)
///     }
///
///     async fn sign_remote(&self, _input: &[u8]) -> Result<Signature, SignError> {
///         Err(SignError::new("the key service did not answer within 2 s"))
///     }
/// }
/// assert!(KeyService.sign_remote(b"content").await.is_err());
/// # Ok(()) });
/// ```
#[async_trait]
pub trait RemoteSigner: Debug + Send + Sync {
    /// Version of the key, written into the header.
    fn remote_key_version(&self) -> KeyVersion;

    /// Signs the content with RSA PKCS#1 v1.5 and SHA-256. The input is the message; hashing is the
    /// signer's part.
    ///
    /// The driver gives up when the exchange's deadline has passed and drops the future.
    ///
    /// # Errors
    ///
    /// No signature could be made; the request is not sent.
    async fn sign_remote(&self, input: &[u8]) -> Result<Signature, SignError>;
}

#[async_trait]
impl<S: Signer + ?Sized> RemoteSigner for S {
    fn remote_key_version(&self) -> KeyVersion {
        self.key_version()
    }

    async fn sign_remote(&self, input: &[u8]) -> Result<Signature, SignError> {
        self.sign(input)
    }
}
