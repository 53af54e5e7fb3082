use std::fmt;
use std::sync::Arc;

use ::reqwest::{Body, Client, Method, Request, Url, Version};
use antom_core::call::{IncomingResponse, OutgoingRequest, SendOptions, TransportError};
use async_trait::async_trait;
use http::Response;

use super::ReqwestBuilder;
use super::gate::Gate;
use super::head::{headers_of, other_path, unsupported};
use super::roundtrip::{Watch, roundtrip};
use super::tls::SetupError;
use super::urls::Urls;
use crate::Transport;

/// Sends with reqwest: HTTP/1.1 and HTTP/2, pooled connections, TLS 1.2 or newer with rustls and the
/// platform's root certificates, proxies of the environment.
///
/// It runs on tokio. Gateways on the loopback are reached in plain text and never through a proxy.
///
/// ```
/// use antom_transport::ReqwestTransport;
///
/// let transport = ReqwestTransport::builder().build_loopback()?;
/// let other = transport.clone(); // The same connections.
/// # let _ = other;
/// # Ok::<(), antom_transport::SetupError>(())
/// ```
#[derive(Clone)]
pub struct ReqwestTransport {
    pub(super) secure: Option<Client>,
    pub(super) plain: Client,
    pub(super) urls: Urls<Url>,
}

impl ReqwestTransport {
    /// A transport with the usual settings.
    ///
    /// # Errors
    ///
    /// The platform has no root certificates.
    ///
    /// ```
    /// use antom_transport::{SetupError, ReqwestTransport};
    ///
    /// match ReqwestTransport::new() {
    ///     Ok(transport) => drop(transport),
    ///     // A machine without root certificates, such as a bare container.
    ///     Err(error) => assert!(matches!(error, SetupError::Tls(_))),
    /// }
    /// ```
    pub fn new() -> Result<Self, SetupError> {
        Self::builder().build()
    }

    /// Settings for a transport.
    pub fn builder() -> ReqwestBuilder {
        ReqwestBuilder::default()
    }

    fn prepare(&self, request: &OutgoingRequest) -> Result<(&Client, Request, Arc<Gate>), TransportError> {
        if tokio::runtime::Handle::try_current().is_err() {
            return Err(unsupported("reqwest needs a running tokio runtime"));
        }
        let client = if request.gateway().is_https() {
            self.secure
                .as_ref()
                .ok_or_else(|| unsupported("this transport was built for the loopback only"))?
        } else {
            &self.plain
        };
        let url = self.urls.of(request, |text| {
            let url = Url::parse(text).map_err(unsupported)?;
            match url.path() == request.path() && url.query().is_none() && url.fragment().is_none() {
                true => Ok(url),
                false => Err(other_path()),
            }
        })?;
        let (gate, body) = Gate::before(request.body().clone());
        let method = Method::from_bytes(request.method().as_bytes()).map_err(unsupported)?;
        let mut outgoing = Request::new(method, url);
        if request.needs_http2() {
            *outgoing.version_mut() = Version::HTTP_2;
        }
        *outgoing.headers_mut() = headers_of(request)?;
        *outgoing.body_mut() = Some(Body::wrap(body));
        Ok((client, outgoing, gate))
    }
}

#[async_trait]
impl Transport for ReqwestTransport {
    async fn send(
        &self,
        request: OutgoingRequest,
        options: &SendOptions,
    ) -> Result<IncomingResponse, TransportError> {
        let (client, outgoing, gate) = self.prepare(&request)?;
        let sent = client.execute(outgoing);
        let answer = async { sent.await.map(Response::<Body>::from).map_err(::reqwest::Error::without_url) };
        let watch = Watch { gate: &gate, watched: None, needs_http2: request.needs_http2() };
        roundtrip(answer, watch, options, tokio::time::sleep).await
    }
}

impl fmt::Debug for ReqwestTransport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ReqwestTransport").field("loopback_only", &self.secure.is_none()).finish()
    }
}
