use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use antom_core::secret::Secret;
use reqwest::{Client, ClientBuilder, Proxy};
use rustls::crypto::CryptoProvider;
use rustls::pki_types::CertificateDer;

use super::ReqwestTransport;
use super::tls::{self, SetupError};
use super::urls::Urls;

/// Settings of a [`ReqwestTransport`].
///
/// ```
/// use antom_transport::ReqwestTransport;
/// use antom_transport::rustls::crypto::ring;
/// use std::time::Duration;
///
/// let transport = ReqwestTransport::builder()
///     .crypto_provider(ring::default_provider())
///     .no_proxy()
///     .idle_timeout(Duration::from_secs(30))
///     .max_idle(8)
///     .build_loopback()?; // Or `build`, for Antom's gateways.
/// # let _ = transport;
/// // A proxy in front of everything, and a certificate that is none.
/// let refused = ReqwestTransport::builder().proxy("http://proxy.example:3128").extra_roots("not PEM").build();
/// assert!(refused.is_err());
/// # Ok::<(), antom_transport::SetupError>(())
/// ```
#[must_use]
pub struct ReqwestBuilder {
    provider: Option<Arc<CryptoProvider>>,
    roots: Vec<Vec<u8>>,
    proxy: ProxyChoice,
    idle: Duration,
    max_idle: usize,
}

enum ProxyChoice {
    Environment,
    None,
    Url(Secret<String>),
}

impl Default for ReqwestBuilder {
    fn default() -> Self {
        Self {
            provider: None,
            roots: Vec::new(),
            proxy: ProxyChoice::Environment,
            idle: Duration::from_secs(60),
            max_idle: 64,
        }
    }
}

impl ReqwestBuilder {
    /// Trusts these root certificates (PEM, one or more) beside those of the platform.
    pub fn extra_roots(mut self, pem: impl Into<Vec<u8>>) -> Self {
        self.roots.push(pem.into());
        self
    }

    /// Sends through this proxy: `http://host:port` or `http://user:password@host:port`. Without it the
    /// proxies of the environment apply (`HTTPS_PROXY`, `NO_PROXY` …).
    pub fn proxy(mut self, url: impl Into<Secret<String>>) -> Self {
        self.proxy = ProxyChoice::Url(url.into());
        self
    }

    /// Sends through no proxy, whatever the environment says.
    pub fn no_proxy(mut self) -> Self {
        self.proxy = ProxyChoice::None;
        self
    }

    /// Uses this crypto provider for TLS instead of ring.
    pub fn crypto_provider(mut self, provider: impl Into<Arc<CryptoProvider>>) -> Self {
        self.provider = Some(provider.into());
        self
    }

    /// Closes connections that were idle for this long; 60 s unless set.
    pub fn idle_timeout(mut self, idle: Duration) -> Self {
        self.idle = idle;
        self
    }

    /// Keeps at most this many idle connections to a gateway; 64 unless set.
    pub fn max_idle(mut self, connections: usize) -> Self {
        self.max_idle = connections;
        self
    }

    /// Builds the transport.
    ///
    /// # Errors
    ///
    /// A root certificate or the proxy's URL cannot be read, or the platform has no root certificates.
    pub fn build(self) -> Result<ReqwestTransport, SetupError> {
        let provider = self.provider.clone().unwrap_or_else(tls::default_provider);
        let mut roots: Vec<CertificateDer<'static>> = Vec::new();
        for pem in &self.roots {
            roots.extend(tls::certificates(pem)?);
        }
        let config = tls::config(provider.clone(), roots)?;
        let secure = self.common(Client::builder()).https_only(true).tls_backend_preconfigured(config);
        let secure = match &self.proxy {
            ProxyChoice::Environment => secure,
            ProxyChoice::None => secure.no_proxy(),
            // `no_proxy` first: a proxy that was set replaces those of the environment.
            ProxyChoice::Url(url) => {
                let proxy = Proxy::https(url.expose().as_str()).map_err(|_| SetupError::Proxy)?;
                secure.no_proxy().proxy(proxy)
            }
        };
        let secure = secure.build().map_err(|error| SetupError::Stack(error.into()))?;
        Ok(ReqwestTransport { secure: Some(secure), plain: self.plain(provider)?, urls: Urls::default() })
    }

    /// Builds a transport that reaches nothing but `http://` gateways on the loopback. It needs no root
    /// certificates; a request to an `https://` gateway is refused.
    ///
    /// # Errors
    ///
    /// The HTTP stack refuses its settings.
    pub fn build_loopback(self) -> Result<ReqwestTransport, SetupError> {
        let provider = self.provider.clone().unwrap_or_else(tls::default_provider);
        Ok(ReqwestTransport { secure: None, plain: self.plain(provider)?, urls: Urls::default() })
    }

    /// The client for the loopback. A proxy elsewhere cannot reach it, so there is none.
    fn plain(&self, provider: Arc<CryptoProvider>) -> Result<Client, SetupError> {
        let config = tls::config_without_roots(provider)?;
        self.common(Client::builder())
            .no_proxy()
            .tls_backend_preconfigured(config)
            .build()
            .map_err(|error| SetupError::Stack(error.into()))
    }

    fn common(&self, builder: ClientBuilder) -> ClientBuilder {
        builder
            .redirect(reqwest::redirect::Policy::none())
            .retry(reqwest::retry::never())
            // Another crate of the program may have switched these features on.
            .no_gzip()
            .no_brotli()
            .no_zstd()
            .no_deflate()
            .no_hickory_dns()
            .referer(false)
            .tcp_nodelay(true)
            .pool_idle_timeout(self.idle)
            .pool_max_idle_per_host(self.max_idle)
    }
}

impl fmt::Debug for ReqwestBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ReqwestBuilder").field("extra_roots", &self.roots.len()).finish_non_exhaustive()
    }
}
