use antom_webhook::{ConfigError, WebhookVerifier};

use super::Client;

impl Client {
    /// A verifier for the notifications that arrive under this path of your notification URL, such as
    /// `/antom/notify`. It shares this client's gateway keys and follows when they are replaced.
    ///
    /// For other settings make one with [`WebhookVerifier::builder`] and
    /// [`gateway_keys`](Self::gateway_keys).
    ///
    /// # Errors
    ///
    /// The path cannot be one.
    #[cfg_attr(docsrs, doc(cfg(feature = "webhook")))]
    pub fn webhook_verifier(&self, path: &str) -> Result<WebhookVerifier, ConfigError> {
        let keys = &self.parts.keys;
        WebhookVerifier::builder(keys.client_id().clone(), keys.clone()).path(path).build()
    }
}
