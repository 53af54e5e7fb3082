//! What a gateway is made with.

use std::time::Duration;

use antom_core::signature::{ClientId, KeyError, PrivateKey, PublicKey, sandbox_keys};

/// The keys of one sandbox: the merchant's public key, with which requests are verified, and the gateway's
/// private key, with which answers and notifications are signed.
///
/// ```
/// use antom_core::signature::{PrivateKey, sandbox_keys};
/// use antom_sandbox::engine::KeySet;
///
/// let merchant = PrivateKey::parse(sandbox_keys::MERCHANT_PRIVATE_KEY)?;
/// let keys = KeySet::of(merchant.clone(), merchant.clone());
/// assert_eq!(keys.merchant(), merchant.public());
/// assert_eq!(keys.gateway_public(), merchant.public());
/// // A merchant that keeps its key to itself gives the public one.
/// let keys = keys.with_merchant_public_key(merchant.public().clone());
/// assert!(keys.merchant_private().is_none());
/// # Ok::<(), antom_core::signature::KeyError>(())
/// ```
#[derive(Debug, Clone)]
pub struct KeySet {
    pub(crate) merchant: PublicKey,
    pub(crate) merchant_private: Option<PrivateKey>,
    pub(crate) gateway: PrivateKey,
}

impl KeySet {
    /// The key pairs this project publishes. They protect nothing and cost no time.
    ///
    /// # Errors
    ///
    /// None in a released version: a test reads them.
    ///
    /// ```
    /// use antom_core::signature::is_published_sandbox_key;
    /// use antom_sandbox::engine::KeySet;
    ///
    /// let keys = KeySet::published()?;
    /// assert!(is_published_sandbox_key(keys.merchant()));
    /// # Ok::<(), antom_core::signature::KeyError>(())
    /// ```
    pub fn published() -> Result<Self, KeyError> {
        let private = PrivateKey::parse(sandbox_keys::MERCHANT_PRIVATE_KEY)?;
        Ok(Self {
            merchant: private.public().clone(),
            merchant_private: Some(private),
            gateway: PrivateKey::parse(sandbox_keys::GATEWAY_PRIVATE_KEY)?,
        })
    }

    /// Keys of one's own. `merchant` is what the merchant signs with, `gateway` what the gateway signs with.
    #[must_use]
    pub fn of(merchant: PrivateKey, gateway: PrivateKey) -> Self {
        Self { merchant: merchant.public().clone(), merchant_private: Some(merchant), gateway }
    }

    /// The same with another public key of the merchant, whose private half stays with the merchant.
    #[must_use]
    pub fn with_merchant_public_key(self, merchant: PublicKey) -> Self {
        Self { merchant, merchant_private: None, ..self }
    }

    /// Two new pairs of 2048 bits, for one run.
    ///
    /// # Errors
    ///
    /// The system gives no randomness.
    ///
    /// ```
    /// use antom_sandbox::engine::KeySet;
    ///
    /// let (one, other) = (KeySet::fresh()?, KeySet::fresh()?);
    /// assert_ne!(one.gateway_public(), other.gateway_public());
    /// # Ok::<(), antom_sandbox::engine::SettingsError>(())
    /// ```
    #[cfg(feature = "fresh-keys")]
    pub fn fresh() -> Result<Self, SettingsError> {
        use aws_lc_rs::encoding::AsDer;
        let pair = || -> Result<PrivateKey, SettingsError> {
            let pair = aws_lc_rs::rsa::KeyPair::generate(aws_lc_rs::rsa::KeySize::Rsa2048)
                .map_err(|_| SettingsError::NoFreshKeys)?;
            let der: aws_lc_rs::encoding::Pkcs8V1Der<'_> =
                pair.as_der().map_err(|_| SettingsError::NoFreshKeys)?;
            Ok(PrivateKey::parse(der.as_ref())?)
        };
        Ok(Self::of(pair()?, pair()?))
    }

    /// The merchant's public key.
    #[must_use]
    pub fn merchant(&self) -> &PublicKey {
        &self.merchant
    }

    /// The merchant's private key, if it is known here.
    #[must_use]
    pub fn merchant_private(&self) -> Option<&PrivateKey> {
        self.merchant_private.as_ref()
    }

    /// The gateway's public key: what the merchant verifies with.
    #[must_use]
    pub fn gateway_public(&self) -> &PublicKey {
        self.gateway.public()
    }
}

/// What a gateway is made with.
///
/// ```
/// use antom_core::signature::ClientId;
/// use antom_sandbox::engine::{KeySet, Settings};
///
/// let client_id = ClientId::new("SANDBOX_5Y0000000000000001")?;
/// let mut settings = Settings::new(client_id, KeySet::published()?, "http://127.0.0.1:8080");
/// settings.strict = true;
/// // The same seed gives the same ids and tokens.
/// assert_eq!(settings.seed, 1);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
pub struct Settings {
    /// The one client it serves.
    pub client_id: ClientId,
    /// Its keys.
    pub keys: KeySet,
    /// Scheme, host and port under which the buyer's pages are reached; no slash at the end.
    pub public_url: String,
    /// Decides every id and token.
    pub seed: u64,
    /// Where notifications go whose request names no URL: what the dashboard is for at Antom.
    pub notify_url: Option<String>,
    /// How long an asynchronous refund takes.
    pub refund_delay: Duration,
    /// Whether requests are refused for what the API would only ignore: members that the description does not know,
    /// words that it does not list.
    pub strict: bool,
    /// How many journal entries are kept.
    pub journal_size: usize,
    /// How many payments are kept, how many authorizations, and how many notifications that nobody
    /// acknowledged. The oldest payments that can change no more go first.
    pub max_objects: usize,
}

impl Settings {
    /// Settings with the usual values: seed 1, no default URL, refunds in 2 s, 1,000 journal entries,
    /// 20,000 payments.
    #[must_use]
    pub fn new(client_id: ClientId, keys: KeySet, public_url: impl Into<String>) -> Self {
        Self {
            client_id,
            keys,
            public_url: public_url.into(),
            seed: 1,
            notify_url: None,
            refund_delay: Duration::from_secs(2),
            strict: false,
            journal_size: 1_000,
            max_objects: 20_000,
        }
    }
}

/// Why there is no gateway with these settings.
///
/// ```
/// use antom_core::signature::ClientId;
/// use antom_sandbox::engine::{Gateway, KeySet, Settings, SettingsError};
///
/// let live = Settings::new(ClientId::new("5Y0000000000000001")?, KeySet::published()?, "http://127.0.0.1:8080");
/// assert!(matches!(Gateway::new(live), Err(SettingsError::NotASandboxId)));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum SettingsError {
    /// The client id is that of a live account.
    #[error("the sandbox serves sandbox accounts only: the client id must begin with SANDBOX_")]
    NotASandboxId,
    /// A key cannot be used.
    #[error("the sandbox cannot use its keys: {0}")]
    Key(#[from] KeyError),
    /// The merchant's key is the gateway's.
    #[error("the merchant's key and the gateway's key are the same; give the merchant's own public key")]
    SameKey,
    /// No new keys could be made.
    #[error("making fresh keys failed: the system gave no randomness")]
    NoFreshKeys,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn published_keys_can_be_read() {
        let keys = KeySet::published().unwrap();
        assert_eq!(keys.merchant().fingerprint(), keys.merchant_private().unwrap().public().fingerprint());
        assert_ne!(keys.merchant(), keys.gateway_public());
    }

    #[cfg(feature = "fresh-keys")]
    #[test]
    fn fresh_keys_are_new_each_time() {
        let (first, second) = (KeySet::fresh().unwrap(), KeySet::fresh().unwrap());
        assert_ne!(first.merchant(), second.merchant());
        assert_ne!(first.merchant(), first.gateway_public());
        assert_eq!(first.merchant().bits(), 2048);
    }
}
