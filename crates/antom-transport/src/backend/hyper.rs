use std::fmt;

use antom_core::call::{IncomingResponse, OutgoingRequest, SendOptions, TransportError};
use async_trait::async_trait;
use http::Uri;
use hyper_util::client::legacy::Client;
use hyper_util::rt::{TokioExecutor, TokioTimer};

use super::builder::{Setup, TransportBuilder, sealed};
use super::gate::{Gate, GatedBody};
use super::head::{request_of, unsupported};
use super::hyper_connect::SecureConnector;
use super::roundtrip::{Watch, roundtrip};
use super::tls::SetupError;
use super::urls::Urls;
use crate::Transport;

/// Sends with hyper: HTTP/1.1 and HTTP/2, pooled connections, TLS 1.2 or newer with rustls and the
/// platform's root certificates, proxies of the environment.
///
/// It runs on tokio. Gateways on the loopback are reached in plain text and never through a proxy.
///
/// ```no_run
/// use antom_transport::HyperTransport;
/// let transport = HyperTransport::builder().proxy("http://proxy.example:3128").build()?;
/// # Ok::<(), antom_transport::SetupError>(())
/// ```
#[derive(Clone)]
pub struct HyperTransport {
    client: Client<SecureConnector, GatedBody>,
    urls: Urls<Uri>,
    loopback_only: bool,
}

impl HyperTransport {
    /// A transport with the usual settings.
    ///
    /// # Errors
    ///
    /// The platform has no root certificates.
    ///
    /// ```
    /// use antom_transport::{SetupError, HyperTransport};
    ///
    /// match HyperTransport::new() {
    ///     Ok(transport) => drop(transport),
    ///     // A machine without root certificates, such as a bare container.
    ///     Err(error) => assert!(matches!(error, SetupError::Tls(_))),
    /// }
    /// ```
    pub fn new() -> Result<Self, SetupError> {
        Self::builder().build()
    }

    /// Settings for a transport.
    pub fn builder() -> TransportBuilder<Self> {
        TransportBuilder::default()
    }
}

impl sealed::Build for HyperTransport {
    fn build(setup: Setup, loopback: bool) -> Result<Self, SetupError> {
        let tls = setup.tls(loopback)?;
        let connector = SecureConnector::new(&setup.proxy, tls)?;
        let client = Client::builder(TokioExecutor::new())
            .pool_timer(TokioTimer::new())
            .pool_idle_timeout(setup.idle)
            .pool_max_idle_per_host(setup.max_idle)
            .build(connector);
        Ok(Self { client, urls: Urls::default(), loopback_only: loopback })
    }
}

#[async_trait]
impl Transport for HyperTransport {
    async fn send(
        &self,
        request: OutgoingRequest,
        options: &SendOptions,
    ) -> Result<IncomingResponse, TransportError> {
        if tokio::runtime::Handle::try_current().is_err() {
            return Err(unsupported("hyper needs a running tokio runtime"));
        }
        if self.loopback_only && request.gateway().is_https() {
            return Err(unsupported("this transport was built for the loopback only"));
        }
        let (gate, body) = Gate::before(request.body().clone());
        let needs_http2 = request.needs_http2();
        let answer = self.client.request(request_of(&request, &self.urls, body)?);
        let watch = Watch { gate: &gate, watched: None, needs_http2 };
        roundtrip(answer, watch, options, tokio::time::sleep).await
    }
}

impl fmt::Debug for HyperTransport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HyperTransport").field("loopback_only", &self.loopback_only).finish()
    }
}

#[cfg(test)]
mod tests {
    use std::pin::pin;
    use std::task::{Context, Poll, Waker};

    use antom_core::call::{Sent, TransportErrorKind};

    use super::super::kit::{CALL, request};
    use super::*;

    fn refused(transport: &HyperTransport, gateway: &str) {
        let options = SendOptions::DEFAULT;
        let mut sending = pin!(transport.send(request(gateway, &CALL), &options));
        let Poll::Ready(Err(error)) = sending.as_mut().poll(&mut Context::from_waker(Waker::noop())) else {
            panic!("it must be refused at once");
        };
        assert_eq!((error.kind(), error.sent()), (TransportErrorKind::Unsupported, Sent::No));
    }

    #[test]
    fn without_a_runtime_nothing_is_sent() {
        refused(&HyperTransport::builder().build_loopback().unwrap(), "http://127.0.0.1:1");
    }

    #[tokio::test]
    async fn a_transport_for_the_loopback_opens_no_secure_channel() {
        refused(&HyperTransport::builder().build_loopback().unwrap(), "https://127.0.0.1:1");
    }

    #[test]
    fn bad_settings_are_refused() {
        assert!(matches!(HyperTransport::builder().extra_roots("no PEM").build(), Err(SetupError::Root(_))));
        assert!(matches!(HyperTransport::builder().proxy("socks5://a").build(), Err(SetupError::Proxy)));
        let shown = format!("{:?}", HyperTransport::builder().proxy("http://user:secret@a"));
        assert!(!shown.contains("secret"), "{shown}");
    }
}
