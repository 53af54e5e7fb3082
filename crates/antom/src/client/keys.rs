use std::sync::{Arc, PoisonError, RwLock};

use antom_core::signature::{
    ClientId, KeyVersion, Keyring, KeyringError, PublicKey, Signature, Verifier, VerifyError,
};

/// The gateway's public keys, replaceable while the program runs. Clones share the keys.
///
/// When Antom announces a new key, add it beside the old one; when the old one is retired, leave it out:
///
/// ```no_run
/// # use antom::{Client, core::signature::{KeyVersion, PublicKey}};
/// # fn rotate(client: &Client, old: &str, new: &str) -> Result<(), Box<dyn std::error::Error>> {
/// client.gateway_keys().replace([
///     (KeyVersion::new(1), PublicKey::parse(old)?),
///     (KeyVersion::new(2), PublicKey::parse(new)?),
/// ])?;
/// # Ok(()) }
/// ```
///
/// ```
/// # mod kit { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/kit.rs")); }
/// # use kit::client;
/// use antom::core::signature::{KeyVersion, PublicKey, sandbox_keys};
/// # let client = client(&[]);
///
/// let next = PublicKey::parse(sandbox_keys::GATEWAY_PUBLIC_KEY)?;
/// client.gateway_keys().replace([(KeyVersion::new(2), next)])?;
/// assert!(client.gateway_keys().client_id().is_sandbox());
/// let versions: Vec<KeyVersion> = client.gateway_keys().current().keys().map(|(version, _)| version).collect();
/// assert_eq!(versions, [KeyVersion::new(2)]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
pub struct GatewayKeys(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    client_id: ClientId,
    own: Option<PublicKey>,
    current: RwLock<Arc<Keyring>>,
}

impl GatewayKeys {
    pub(super) fn new(
        client_id: ClientId,
        own: Option<PublicKey>,
        keys: Vec<(KeyVersion, PublicKey)>,
    ) -> Result<Self, KeyringError> {
        let current = RwLock::new(Arc::new(Keyring::new(&client_id, keys, own.as_ref())?));
        Ok(Self(Arc::new(Inner { client_id, own, current })))
    }

    /// Replaces all keys. Answers that are being verified right now still see the old ones.
    ///
    /// # Errors
    ///
    /// The keys are refused for the reasons of [`Keyring::new`]; the old ones stay.
    pub fn replace(
        &self,
        keys: impl IntoIterator<Item = (KeyVersion, PublicKey)>,
    ) -> Result<(), KeyringError> {
        let ring = Arc::new(Keyring::new(&self.0.client_id, keys, self.0.own.as_ref())?);
        *self.0.current.write().unwrap_or_else(PoisonError::into_inner) = ring;
        Ok(())
    }

    /// The client id for which the keys were checked.
    #[must_use]
    pub fn client_id(&self) -> &ClientId {
        &self.0.client_id
    }

    /// The keys in use.
    #[must_use]
    pub fn current(&self) -> Arc<Keyring> {
        self.0.current.read().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Verifier for GatewayKeys {
    fn verify(
        &self,
        hint: Option<KeyVersion>,
        input: &[u8],
        signature: &Signature,
    ) -> Result<KeyVersion, VerifyError> {
        self.current().verify(hint, input, signature)
    }
}
