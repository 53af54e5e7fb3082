//! Who calls, where to, and for which kind of product: fixed when it is built.
//!
//! ```
//! use antom_core::profile::{Credentials, Profile, Region};
//! use antom_core::signature::{ClientId, KeyVersion};
//!
//! let client_id = ClientId::new("SANDBOX_5Y0000000000000001")?;
//! let profile = Profile::new(Credentials::Rsa { client_id, key_version: KeyVersion::FIRST }, Region::Asia);
//! assert!(profile.is_sandbox());
//! assert_eq!(profile.gateway().origin(), Region::Asia.origin());
//! # Ok::<(), antom_core::signature::ClientIdError>(())
//! ```

use alloc::string::{String, ToString};
use alloc::sync::Arc;
use core::fmt;

use crate::call::{EncodeError, OperationInfo, SandboxPath};
use crate::secret::Secret;
use crate::signature::{ClientId, KeyVersion};

/// A gateway's scheme, host and port.
///
/// ```
/// use antom_core::profile::Gateway;
///
/// let gateway = Gateway::parse("https://gateway.example:8443")?;
/// assert_eq!(gateway.origin(), "https://gateway.example:8443");
/// assert_eq!(gateway.authority(), "gateway.example:8443");
/// assert!(gateway.is_https());
/// # Ok::<(), antom_core::profile::GatewayError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Gateway {
    origin: String,
    https: bool,
    authority_at: usize,
}

/// Antom's gateways.
///
/// ```
/// use antom_core::profile::{Gateway, Region};
///
/// assert!(Gateway::from(Region::Asia).is_https());
/// assert!(Region::Europe.origin().starts_with("https://"));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Region {
    /// `open-na-global.alipay.com`
    NorthAmerica,
    /// `open.antglobal-us.com`, for merchants in the United States.
    UnitedStates,
    /// `open-sea-global.alipay.com`
    Asia,
    /// `open-de-global.alipay.com`
    Europe,
}

impl Region {
    /// The gateway's origin.
    #[must_use]
    pub fn origin(self) -> &'static str {
        match self {
            Self::NorthAmerica => "https://open-na-global.alipay.com",
            Self::UnitedStates => "https://open.antglobal-us.com",
            Self::Asia => "https://open-sea-global.alipay.com",
            Self::Europe => "https://open-de-global.alipay.com",
        }
    }
}

/// Why a gateway's URL cannot be used.
///
/// ```
/// use antom_core::profile::{Gateway, GatewayError};
///
/// let refused: Result<Gateway, GatewayError> = Gateway::parse("ftp://gateway.example");
/// assert!(refused.is_err());
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum GatewayError {
    /// The scheme is neither https nor, on the loopback, http.
    #[error("the gateway's URL must begin with https:// (http:// is for a sandbox on the loopback only)")]
    Scheme,
    /// The host is missing or has characters that do not belong there.
    #[error("the gateway's URL must name a host, such as https://open-sea-global.alipay.com")]
    Host,
    /// The port is not a number from 1 to 65535.
    #[error("the port in the gateway's URL must be a number from 1 to 65535")]
    Port,
    /// There is more than scheme, host and port.
    #[error("the gateway's URL must end after host and port: no path, query, fragment or user")]
    Extra,
}

impl Gateway {
    /// Reads `https://host`, `https://host:port` or, on the loopback, `http://host:port`.
    ///
    /// # Errors
    ///
    /// See [`GatewayError`].
    pub fn parse(url: &str) -> Result<Self, GatewayError> {
        let (https, authority) = match (url.strip_prefix("https://"), url.strip_prefix("http://")) {
            (Some(rest), _) => (true, rest),
            (_, Some(rest)) => (false, rest),
            _ => return Err(GatewayError::Scheme),
        };
        let authority = authority.strip_suffix('/').unwrap_or(authority);
        if authority.contains(['/', '?', '#', '@']) {
            return Err(GatewayError::Extra);
        }
        let (host, port) = match authority.rsplit_once(':') {
            Some((host, port)) if !port.contains(']') => (host, Some(port)),
            _ => (authority, None),
        };
        let bracketed = host.strip_prefix('[').and_then(|host| host.strip_suffix(']'));
        let host_ok = match bracketed {
            Some(inner) => {
                !inner.is_empty() && inner.bytes().all(|b| b.is_ascii_hexdigit() || matches!(b, b':' | b'.'))
            }
            None => {
                !host.is_empty()
                    && host.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.'))
            }
        };
        if !host_ok {
            return Err(GatewayError::Host);
        }
        if port.is_some_and(|port| !port.parse::<u16>().is_ok_and(|number| number > 0)) {
            return Err(GatewayError::Port);
        }
        if !https && !is_loopback(host) {
            return Err(GatewayError::Scheme);
        }
        let authority_at = if https { 8 } else { 7 };
        Ok(Self { origin: url.strip_suffix('/').unwrap_or(url).to_string(), https, authority_at })
    }

    /// Scheme, host and port, without a slash at the end.
    #[must_use]
    pub fn origin(&self) -> &str {
        &self.origin
    }

    /// Host and port.
    #[must_use]
    pub fn authority(&self) -> &str {
        self.origin.get(self.authority_at..).unwrap_or_default()
    }

    /// Whether the channel is a secure one.
    #[must_use]
    pub fn is_https(&self) -> bool {
        self.https
    }
}

impl From<Region> for Gateway {
    fn from(region: Region) -> Self {
        Self { origin: region.origin().to_string(), https: true, authority_at: 8 }
    }
}

/// Whether a host is this machine: a loopback address (`127.x.x.x`, `[::1]`) or `localhost`.
fn is_loopback(host: &str) -> bool {
    match host {
        "localhost" | "[::1]" => true,
        _ => host.parse::<core::net::Ipv4Addr>().is_ok_and(|address| address.is_loopback()),
    }
}

/// The kind of product that is sold; it decides what paths are in the sandbox.
///
/// ```
/// # mod kit { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/kit.rs")); }
/// # use kit::profile;
/// use antom_core::profile::ProductFamily;
/// use antom_core::api::payments::Pay;
/// use antom_core::call::Operation;
/// # let profile = profile();
///
/// // In the sandbox the products of a counter keep the live paths.
/// assert_eq!(profile.family(), ProductFamily::Online);
/// let till = profile.with_family(ProductFamily::InStore);
/// assert_eq!(&*till.path(Pay::INFO)?, "/ams/api/v1/payments/pay");
/// # Ok::<(), antom_core::call::EncodeError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ProductFamily {
    /// Cashier, tokenised, card and every other product without a counter: sandbox paths are rewritten.
    #[default]
    Online,
    /// Order code, entry code, user-presented code: the live paths, told apart by the client id alone.
    InStore,
}

/// What proves who calls.
///
/// ```
/// use antom_core::profile::{ApiKey, Credentials, Profile, Region};
///
/// let credentials = Credentials::ApiKey(ApiKey::parse("isak_TEST_merchant_s3cret")?);
/// let profile = Profile::new(credentials, Region::Europe);
/// assert!(profile.client_id().is_none() && profile.is_sandbox());
/// # Ok::<(), antom_core::profile::ApiKeyError>(())
/// ```
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum Credentials {
    /// Requests signed with the merchant's RSA key.
    Rsa {
        /// The client id.
        client_id: ClientId,
        /// The version of the merchant's key.
        key_version: KeyVersion,
    },
    /// A bearer key over TLS. Nothing is signed; answers are proven by the channel alone.
    ApiKey(ApiKey),
}

/// A key of the form `PREFIX_ENV_IDENTITY_SECRET`.
///
/// ```
/// use antom_core::profile::ApiKey;
///
/// // What is no key is refused, and the error does not repeat it.
/// let refused = ApiKey::parse("not a key".to_owned());
/// assert!(refused.is_err_and(|error| !error.to_string().contains("not a key")));
/// assert!(ApiKey::parse("isak_TEST_merchant_s3cret")?.is_test());
/// # Ok::<(), antom_core::profile::ApiKeyError>(())
/// ```
#[derive(Clone)]
pub struct ApiKey {
    text: Secret<String>,
    test: bool,
}

/// Why an API key cannot be used. The key itself is never shown.
///
/// ```
/// use antom_core::profile::{ApiKey, ApiKeyError};
///
/// assert_eq!(ApiKey::parse("isak_TEST_merchant").unwrap_err(), ApiKeyError::Parts);
/// assert_eq!(ApiKey::parse("key_TEST_merchant_s3cret").unwrap_err(), ApiKeyError::Prefix);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ApiKeyError {
    /// There are not four parts.
    #[error("the API key must have four parts joined by `_`: PREFIX_ENV_IDENTITY_SECRET")]
    Parts,
    /// The first part is unknown.
    #[error("the API key must begin with isak or irak")]
    Prefix,
    /// The second part is unknown.
    #[error("the API key's second part must be TEST or PROD")]
    Environment,
    /// The third or fourth part is empty or has blanks.
    #[error(
        "the API key's identity and secret must not be empty and must hold visible ASCII only; was it cut or wrapped?"
    )]
    Text,
}

impl ApiKey {
    /// Checks a key's form.
    ///
    /// # Errors
    ///
    /// See [`ApiKeyError`].
    pub fn parse(text: impl Into<Secret<String>>) -> Result<Self, ApiKeyError> {
        let text: Secret<String> = text.into();
        let mut parts = text.expose().splitn(4, '_');
        let (Some(prefix), Some(environment), Some(identity), Some(secret)) =
            (parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return Err(ApiKeyError::Parts);
        };
        if !matches!(prefix, "isak" | "irak") {
            return Err(ApiKeyError::Prefix);
        }
        let test = match environment {
            "TEST" => true,
            "PROD" => false,
            _ => return Err(ApiKeyError::Environment),
        };
        let visible = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_graphic());
        if !visible(identity) || !visible(secret) {
            return Err(ApiKeyError::Text);
        }
        Ok(Self { text, test })
    }

    /// Whether it is a key for the sandbox.
    #[must_use]
    pub fn is_test(&self) -> bool {
        self.test
    }

    /// The value of the `authorization` header.
    pub(crate) fn bearer(&self) -> String {
        alloc::format!("Bearer {}", self.text.expose())
    }
}

impl fmt::Debug for ApiKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ApiKey({}, [secret])", if self.test { "TEST" } else { "PROD" })
    }
}

/// Who calls, where to, and for which kind of product. Cheap to clone.
///
/// ```
/// use antom_core::api::payments::Pay;
/// use antom_core::call::Operation;
/// use antom_core::profile::{Credentials, Gateway, ProductFamily, Profile, Region};
/// use antom_core::signature::{ClientId, KeyVersion};
///
/// let client_id = ClientId::new("SANDBOX_5Y0000000000000001")?;
/// let profile = Profile::new(Credentials::Rsa { client_id, key_version: KeyVersion::FIRST }, Region::Asia)
///     .with_family(ProductFamily::Online)
///     .with_agent_token("281010")
///     .with_upload_gateway(Gateway::parse("https://files.example")?);
/// assert!(profile.is_sandbox() && profile.client_id().is_some() && profile.agent_token().is_some());
/// assert!(matches!(profile.credentials(), Credentials::Rsa { .. }));
/// assert_eq!((profile.family(), profile.gateway().origin()), (ProductFamily::Online, Region::Asia.origin()));
/// assert_eq!(profile.upload_gateway().unwrap().origin(), "https://files.example");
/// assert_eq!(&*profile.path(Pay::INFO)?, "/ams/sandbox/api/v1/payments/pay");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
pub struct Profile(Arc<Inner>);

#[derive(Debug, Clone)]
struct Inner {
    credentials: Credentials,
    gateway: Arc<Gateway>,
    upload_gateway: Option<Arc<Gateway>>,
    family: ProductFamily,
    agent_token: Option<Secret<String>>,
}

impl Profile {
    /// A profile for online products.
    ///
    /// ```
    /// use antom_core::profile::{Credentials, Profile, Region};
    /// use antom_core::signature::{ClientId, KeyVersion};
    /// let credentials = Credentials::Rsa { client_id: ClientId::new("SANDBOX_5Y0000000000000")?, key_version: KeyVersion::default() };
    /// let profile = Profile::new(credentials, Region::Asia);
    /// assert!(profile.is_sandbox());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn new(credentials: Credentials, gateway: impl Into<Gateway>) -> Self {
        Self(Arc::new(Inner {
            credentials,
            gateway: Arc::new(gateway.into()),
            upload_gateway: None,
            family: ProductFamily::Online,
            agent_token: None,
        }))
    }

    /// The same profile for another kind of product.
    #[must_use]
    pub fn with_family(self, family: ProductFamily) -> Self {
        Self(Arc::new(Inner { family, ..Arc::unwrap_or_clone(self.0) }))
    }

    /// The same profile, acting for a merchant that gave this token.
    #[must_use]
    pub fn with_agent_token(self, token: impl Into<Secret<String>>) -> Self {
        Self(Arc::new(Inner { agent_token: Some(token.into()), ..Arc::unwrap_or_clone(self.0) }))
    }

    /// The same profile with another gateway for files.
    #[must_use]
    pub fn with_upload_gateway(self, gateway: impl Into<Gateway>) -> Self {
        Self(Arc::new(Inner {
            upload_gateway: Some(Arc::new(gateway.into())),
            ..Arc::unwrap_or_clone(self.0)
        }))
    }

    /// What proves who calls.
    #[must_use]
    pub fn credentials(&self) -> &Credentials {
        &self.0.credentials
    }

    /// The client id; an API key has none.
    #[must_use]
    pub fn client_id(&self) -> Option<&ClientId> {
        match &self.0.credentials {
            Credentials::Rsa { client_id, .. } => Some(client_id),
            Credentials::ApiKey(_) => None,
        }
    }

    /// The gateway.
    #[must_use]
    pub fn gateway(&self) -> &Gateway {
        &self.0.gateway
    }

    pub(crate) fn shared_gateway(&self) -> Arc<Gateway> {
        self.0.gateway.clone()
    }

    /// The gateway for files: the one that was set, or Antom's own in the same region. The gateway for
    /// merchants in the United States has none.
    #[must_use]
    pub fn upload_gateway(&self) -> Option<Arc<Gateway>> {
        self.0.upload_gateway.clone().or_else(|| crate::call::upload_gateway(&self.0.gateway).map(Arc::new))
    }

    /// The kind of product.
    #[must_use]
    pub fn family(&self) -> ProductFamily {
        self.0.family
    }

    /// The token of the merchant on whose behalf the calls are made.
    #[must_use]
    pub fn agent_token(&self) -> Option<&Secret<String>> {
        self.0.agent_token.as_ref()
    }

    /// Whether the credentials are for the sandbox.
    #[must_use]
    pub fn is_sandbox(&self) -> bool {
        match &self.0.credentials {
            Credentials::Rsa { client_id, .. } => client_id.is_sandbox(),
            Credentials::ApiKey(key) => key.is_test(),
        }
    }

    /// The path that an operation is signed and sent with.
    ///
    /// # Errors
    ///
    /// An API key cannot reach this path.
    pub fn path(&self, info: &OperationInfo) -> Result<Arc<str>, EncodeError> {
        if matches!(self.0.credentials, Credentials::ApiKey(_)) && !key_can_reach(info.path) {
            return Err(EncodeError::NotWithApiKey { operation: info.id });
        }
        let rewrite = self.is_sandbox()
            && self.0.family == ProductFamily::Online
            && info.sandbox == SandboxPath::Rewrite;
        match info.path.strip_prefix("/ams/api") {
            Some(rest) if rewrite => Ok(rewritten(rest)),
            _ => Ok(info.path.into()),
        }
    }
}

/// The path in the sandbox, put together before it gets memory of its own.
fn rewritten(rest: &str) -> Arc<str> {
    const FIRST: &str = "/ams/sandbox/api";
    let mut room = [0; 128];
    let length = FIRST.len() + rest.len();
    if let Some((first, last)) = room.split_at_mut_checked(FIRST.len()) {
        first.copy_from_slice(FIRST.as_bytes());
        if let Some(last) = last.get_mut(..rest.len()) {
            last.copy_from_slice(rest.as_bytes());
        }
    }
    match room.get(..length).and_then(|text| core::str::from_utf8(text).ok()) {
        Some(text) => text.into(),
        None => [FIRST, rest].concat().into(),
    }
}

/// The paths a bearer key is accepted on: `/ams/api/…` of plain words.
fn key_can_reach(path: &str) -> bool {
    path.strip_prefix("/ams/api/").is_some_and(|rest| {
        !path.contains("//")
            && rest.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'/'))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn info(path: &'static str, sandbox: SandboxPath) -> OperationInfo {
        OperationInfo {
            id: "test",
            path,
            group: "test",
            repeat: crate::call::Repeat::Never,
            inquiry: None,
            echoes: &[],
            moves_money: false,
            sandbox,
            transport: crate::call::TransportKind::Json,
            docs: "",
        }
    }

    fn rsa(id: &str) -> Profile {
        let credentials =
            Credentials::Rsa { client_id: ClientId::new(id).unwrap(), key_version: KeyVersion::default() };
        Profile::new(credentials, Region::Asia)
    }

    #[test]
    fn sandbox_paths_follow_client_id_and_product() {
        let pay = info("/ams/api/v1/payments/pay", SandboxPath::Rewrite);
        let risk = info("/ams/api/v1/risk/payments/decide", SandboxPath::Keep);
        assert_eq!(&*rsa("SANDBOX_1").path(&pay).unwrap(), "/ams/sandbox/api/v1/payments/pay");
        assert_eq!(&*rsa("SANDBOX_1").path(&risk).unwrap(), risk.path);
        assert_eq!(&*rsa("LIVE_1").path(&pay).unwrap(), pay.path);
        let in_store = rsa("SANDBOX_1").with_family(ProductFamily::InStore);
        assert_eq!(&*in_store.path(&pay).unwrap(), pay.path);
    }

    #[test]
    fn gateways_are_https_or_loopback() {
        for good in [
            "https://open-na.alipay.com",
            "https://h:8443/",
            "http://127.0.0.1:80",
            "http://localhost:9",
            "http://[::1]:1",
        ] {
            assert!(Gateway::parse(good).is_ok(), "{good}");
        }
        for (bad, why) in [
            ("http://open-na.alipay.com", GatewayError::Scheme),
            ("http://127.0.0.1.evil.example", GatewayError::Scheme),
            ("ftp://h", GatewayError::Scheme),
            ("https://", GatewayError::Host),
            ("https://h/ams", GatewayError::Extra),
            ("https://user@h", GatewayError::Extra),
            ("https://h:0", GatewayError::Port),
            ("https://h:99999", GatewayError::Port),
            ("https://h o", GatewayError::Host),
        ] {
            assert_eq!(Gateway::parse(bad), Err(why), "{bad}");
        }
        assert_eq!(Gateway::parse("http://127.0.0.1:80/").unwrap().authority(), "127.0.0.1:80");
    }

    #[test]
    fn api_keys_are_checked_and_never_shown() {
        let key = ApiKey::parse("isak_TEST_id_s_e_cret").unwrap();
        assert!(key.is_test());
        assert!(!alloc::format!("{key:?}").contains("e_cret"));
        assert_eq!(ApiKey::parse("isak_TEST_id").unwrap_err(), ApiKeyError::Parts);
        assert_eq!(ApiKey::parse("xx_TEST_id_s").unwrap_err(), ApiKeyError::Prefix);
        assert_eq!(ApiKey::parse("isak_test_id_s").unwrap_err(), ApiKeyError::Environment);
        assert_eq!(ApiKey::parse("isak_TEST__s").unwrap_err(), ApiKeyError::Text);
        assert_eq!(ApiKey::parse("isak_TEST_id_a b").unwrap_err(), ApiKeyError::Text);
        let test = Profile::new(Credentials::ApiKey(key), Region::Europe);
        let pay = info("/ams/api/v1/payments/pay", SandboxPath::Rewrite);
        assert_eq!(&*test.path(&pay).unwrap(), "/ams/sandbox/api/v1/payments/pay");
        let doubled = info("/ams/api//v1/payments/retrievePaymentSession", SandboxPath::Rewrite);
        assert!(test.path(&doubled).is_err());
    }
}
