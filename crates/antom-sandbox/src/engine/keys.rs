//! Keys while the gateway runs: its own change, the merchant's overlap, and the merchant's part is played.

use antom_core::signature::{
    KeyVersion, MAX_GATEWAY_KEYS, PrivateKey, PublicKey, RsaSigner, RsaVerifier, check_path, header,
};
use antom_core::time::{UnixTime, WireTime};

use super::reply::sign;
use super::settings::SettingsError;
use super::wire::GatewayRequest;
use super::{Gateway, door};

/// Why no request could be signed as the merchant.
///
/// ```
/// # mod kit { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/kit.rs")); }
/// # use kit::gateway;
/// use antom_core::time::UnixTime;
/// use antom_sandbox::engine::AsMerchantError;
/// # let gateway = gateway();
///
/// let refused = gateway.as_merchant(UnixTime::from_secs(1_700_000_000), "pay ments", "{}");
/// assert_eq!(refused, Err(AsMerchantError::NoPath));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum AsMerchantError {
    /// Only the merchant has the private key.
    #[error("signing as the merchant: its private key is not known here")]
    NoKey,
    /// The operation makes no path.
    #[error("signing as the merchant: an operation is named like payments/pay")]
    NoPath,
}

impl Gateway {
    /// A request to an operation, signed as the merchant would.
    ///
    /// # Errors
    ///
    /// The merchant's private key is not known here, or the path is none.
    ///
    /// ```
    /// # mod kit { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/kit.rs")); }
    /// # use kit::{NOW, gateway};
    /// # let (mut gateway, now) = (gateway(), NOW);
    /// // What a test sends that has no client.
    /// let request = gateway.as_merchant(now, "payments/inquiryPayment", r#"{"paymentRequestId":"PAY-1"}"#)?;
    /// let handled = gateway.handle(now, &request);
    /// let answer = handled.response.answer().expect("no fault is on");
    /// assert!(answer.header("signature").is_some());
    /// # Ok::<(), antom_sandbox::engine::AsMerchantError>(())
    /// ```
    pub fn as_merchant(
        &self,
        now: UnixTime,
        operation: &str,
        body: &str,
    ) -> Result<GatewayRequest, AsMerchantError> {
        let key = self.settings.keys.merchant_private().ok_or(AsMerchantError::NoKey)?;
        let target = format!("{}{operation}", door::FAMILIES[1]);
        check_path(&target).map_err(|_| AsMerchantError::NoPath)?;
        let signer = RsaSigner::new(key, KeyVersion::FIRST).map_err(|_| AsMerchantError::NoKey)?;
        let time = WireTime::epoch_ms(now);
        let signature = sign(&signer, &self.settings.client_id, &target, time.as_str(), body.as_bytes());
        let signature = signature.ok_or(AsMerchantError::NoKey)?;
        Ok(GatewayRequest::post(target, body.as_bytes().to_vec())
            .with_header("client-id", self.settings.client_id.as_str())
            .with_header("request-time", time.as_str())
            .with_header("signature", header::render(&signature, KeyVersion::FIRST)))
    }

    /// From now on answers and notifications are signed with this key, under the next version. The key before
    /// is used by [`Fault::OldKey`](super::Fault::OldKey) alone.
    ///
    /// # Errors
    ///
    /// The key cannot be used, or is the merchant's.
    ///
    /// ```
    /// # mod kit { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/kit.rs")); }
    /// # use kit::gateway;
    /// use antom_core::signature::{PrivateKey, sandbox_keys};
    /// # let mut gateway = gateway();
    ///
    /// // Any key but the merchant's.
    /// let key = PrivateKey::parse(sandbox_keys::GATEWAY_PRIVATE_KEY)?;
    /// assert_eq!(gateway.rotate(&key)?.get(), 2);
    /// assert_eq!(gateway.key_version().get(), 2);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn rotate(&mut self, key: &PrivateKey) -> Result<KeyVersion, SettingsError> {
        if self.settings.keys.merchant == *key.public() {
            return Err(SettingsError::SameKey);
        }
        let version = KeyVersion::new(self.signer.key_version().get().saturating_add(1));
        let signer = Box::new(RsaSigner::new(key, version)?);
        self.retired = Some(std::mem::replace(&mut self.signer, signer));
        self.settings.keys.gateway = key.clone();
        Ok(version)
    }

    /// From now on the merchant may sign with this key as well. The four newest keys are taken.
    ///
    /// # Errors
    ///
    /// It is the gateway's own key.
    ///
    /// ```
    /// # mod kit { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/kit.rs")); }
    /// # use kit::gateway;
    /// use antom_core::signature::{PublicKey, sandbox_keys};
    /// use antom_sandbox::engine::SettingsError;
    /// # let mut gateway = gateway();
    ///
    /// let own = PublicKey::parse(sandbox_keys::GATEWAY_PUBLIC_KEY)?;
    /// assert!(matches!(gateway.accept_merchant_key(own), Err(SettingsError::SameKey)));
    /// # Ok::<(), antom_core::signature::KeyError>(())
    /// ```
    pub fn accept_merchant_key(&mut self, key: PublicKey) -> Result<(), SettingsError> {
        if key == *self.settings.keys.gateway_public() {
            return Err(SettingsError::SameKey);
        }
        self.merchant.push_front(Box::new(RsaVerifier::new(key.clone(), KeyVersion::FIRST)));
        self.merchant.truncate(MAX_GATEWAY_KEYS);
        self.settings.keys.merchant = key;
        Ok(())
    }
}
