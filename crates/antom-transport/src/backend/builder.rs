use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;
use std::time::Duration;

use antom_core::secret::Secret;
use rustls::ClientConfig;
use rustls::crypto::CryptoProvider;

use super::tls::{self, SetupError};

/// Settings of a transport; every backend that opens its own connections takes the same.
///
/// ```
/// use antom_transport::HyperTransport;
/// use antom_transport::rustls::crypto::ring;
/// use std::time::Duration;
///
/// let transport = HyperTransport::builder()
///     .crypto_provider(ring::default_provider())
///     .no_proxy()
///     .idle_timeout(Duration::from_secs(30))
///     .max_idle(8)
///     .build_loopback()?; // Or `build`, for Antom's gateways.
/// # let _ = transport;
/// // A proxy in front of everything, and a certificate that is none.
/// let refused = HyperTransport::builder().proxy("http://proxy.example:3128").extra_roots("not PEM").build();
/// assert!(refused.is_err());
/// # Ok::<(), antom_transport::SetupError>(())
/// ```
#[must_use]
pub struct TransportBuilder<T> {
    setup: Setup,
    transport: PhantomData<fn() -> T>,
}

/// A transport that [`TransportBuilder`] can build. Nobody outside this crate implements it.
///
/// ```
/// use antom_transport::backend::{Build, TransportBuilder};
/// use antom_transport::{HyperTransport, SetupError, UreqTransport};
///
/// /// The same settings, whichever transport.
/// fn of_this_machine<T: Build>(builder: TransportBuilder<T>) -> Result<T, SetupError> {
///     builder.no_proxy().build_loopback()
/// }
/// of_this_machine(HyperTransport::builder())?;
/// of_this_machine(UreqTransport::builder())?;
/// # Ok::<(), SetupError>(())
/// ```
pub trait Build: Sized + sealed::Build {}

impl<T: sealed::Build> Build for T {}

pub(super) mod sealed {
    use super::{Setup, SetupError};

    pub trait Build: Sized {
        /// Builds the transport; `loopback` is one that opens no secure channel.
        #[doc(hidden)]
        fn build(setup: Setup, loopback: bool) -> Result<Self, SetupError>;
    }
}

/// What a builder has gathered.
#[doc(hidden)]
pub struct Setup {
    provider: Option<Arc<CryptoProvider>>,
    roots: Vec<Vec<u8>>,
    pub(super) proxy: ProxyChoice,
    pub(super) idle: Duration,
    pub(super) max_idle: usize,
}

/// Which proxy the connections go through.
pub(super) enum ProxyChoice {
    Environment,
    None,
    Url(Secret<String>),
}

impl Setup {
    /// The secure channel, without a choice of protocols above it.
    pub(super) fn tls(&self, loopback: bool) -> Result<ClientConfig, SetupError> {
        let provider = self.provider.clone().unwrap_or_else(tls::default_provider);
        if loopback {
            return tls::config_without_roots(provider);
        }
        let mut roots = Vec::new();
        for pem in &self.roots {
            roots.extend(tls::certificates(pem)?);
        }
        let mut config = tls::config(provider, roots)?;
        config.alpn_protocols.clear();
        Ok(config)
    }
}

impl<T> Default for TransportBuilder<T> {
    fn default() -> Self {
        let setup = Setup {
            provider: None,
            roots: Vec::new(),
            proxy: ProxyChoice::Environment,
            idle: Duration::from_secs(60),
            max_idle: 64,
        };
        Self { setup, transport: PhantomData }
    }
}

impl<T> TransportBuilder<T> {
    /// Trusts these root certificates (PEM, one or more) beside those of the platform.
    pub fn extra_roots(mut self, pem: impl Into<Vec<u8>>) -> Self {
        self.setup.roots.push(pem.into());
        self
    }

    /// Sends through this proxy: `http://host:port` or `http://user:password@host:port`. Without it the
    /// proxies of the environment apply (`HTTPS_PROXY`, `NO_PROXY` …).
    pub fn proxy(mut self, url: impl Into<Secret<String>>) -> Self {
        self.setup.proxy = ProxyChoice::Url(url.into());
        self
    }

    /// Sends through no proxy, whatever the environment says.
    pub fn no_proxy(mut self) -> Self {
        self.setup.proxy = ProxyChoice::None;
        self
    }

    /// Uses this crypto provider for TLS instead of ring.
    pub fn crypto_provider(mut self, provider: impl Into<Arc<CryptoProvider>>) -> Self {
        self.setup.provider = Some(provider.into());
        self
    }

    /// Closes connections that were idle for this long; 60 s unless set.
    pub fn idle_timeout(mut self, idle: Duration) -> Self {
        self.setup.idle = idle;
        self
    }

    /// Keeps at most this many idle connections to a gateway; 64 unless set.
    pub fn max_idle(mut self, connections: usize) -> Self {
        self.setup.max_idle = connections;
        self
    }
}

impl<T: Build> TransportBuilder<T> {
    /// Builds the transport.
    ///
    /// # Errors
    ///
    /// A root certificate or the proxy's URL cannot be read, or the platform has no root certificates.
    pub fn build(self) -> Result<T, SetupError> {
        <T as sealed::Build>::build(self.setup, false)
    }

    /// Builds a transport that reaches nothing but `http://` gateways on the loopback. It needs no root
    /// certificates; a request to an `https://` gateway is refused.
    ///
    /// # Errors
    ///
    /// The HTTP stack refuses its settings.
    pub fn build_loopback(self) -> Result<T, SetupError> {
        <T as sealed::Build>::build(self.setup, true)
    }
}

// Neither shows the proxy's URL, which may hold a password.

impl fmt::Debug for Setup {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Setup").field("extra_roots", &self.roots.len()).finish_non_exhaustive()
    }
}

impl<T> fmt::Debug for TransportBuilder<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TransportBuilder").field("setup", &self.setup).finish()
    }
}
