//! Connections for hyper: straight to the gateway, or through a proxy's tunnel.

use std::error::Error as StdError;
use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use antom_core::call::TransportErrorKind;
use http::Uri;
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder, MaybeHttpsStream};
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::client::legacy::connect::proxy::Tunnel;
use hyper_util::client::proxy::matcher::{Intercept, Matcher};
use hyper_util::rt::TokioIo;
use rustls::ClientConfig;
use tokio::net::TcpStream;
use tower_service::Service;

use super::builder::ProxyChoice;
use super::tls::SetupError;

type BoxError = Box<dyn StdError + Send + Sync>;

/// What a connection is made of before the gateway's own secure channel.
type Stream = MaybeHttpsStream<TokioIo<TcpStream>>;

/// Opens secure connections. It is cloned for every call, so that it is one pointer.
#[derive(Clone)]
pub(super) struct SecureConnector(Arc<HttpsConnector<Connector>>);

impl SecureConnector {
    pub(super) fn new(proxy: &ProxyChoice, tls: ClientConfig) -> Result<Self, SetupError> {
        let connector = HttpsConnectorBuilder::new()
            .with_tls_config(tls.clone())
            .https_or_http()
            .enable_http1()
            .enable_http2()
            .wrap_connector(Connector::new(proxy, tls)?);
        Ok(Self(Arc::new(connector)))
    }
}

impl Service<Uri> for SecureConnector {
    type Response = MaybeHttpsStream<Stream>;
    type Error = BoxError;
    type Future = <HttpsConnector<Connector> as Service<Uri>>::Future;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, gateway: Uri) -> Self::Future {
        HttpsConnector::clone(&self.0).call(gateway)
    }
}

/// Opens connections without the gateway's own secure channel, through a proxy where one is set.
#[derive(Clone)]
pub(super) struct Connector {
    direct: HttpConnector,
    /// To the proxy itself, whose URL may begin with `https://`.
    to_proxy: HttpsConnector<HttpConnector>,
    proxies: Option<Arc<Matcher>>,
}

/// The environment names a proxy of a kind that cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("the proxy's URL must begin with http:// or https://; other kinds of proxies are not supported")]
struct ProxyScheme;

impl Connector {
    fn new(proxy: &ProxyChoice, tls: ClientConfig) -> Result<Self, SetupError> {
        let mut direct = HttpConnector::new();
        direct.enforce_http(false);
        direct.set_nodelay(true);
        let to_proxy = HttpsConnectorBuilder::new()
            .with_tls_config(tls)
            .https_or_http()
            .enable_http1()
            .wrap_connector(direct.clone());
        let proxies = match proxy {
            ProxyChoice::None => None,
            ProxyChoice::Environment => Some(Arc::new(Matcher::from_system())),
            ProxyChoice::Url(url) => Some(Arc::new(given(url.expose())?)),
        };
        Ok(Self { direct, to_proxy, proxies })
    }

    /// The proxy for this gateway. Those on the loopback, which alone are not https, are reached directly.
    fn proxy_for(&self, gateway: &Uri) -> Option<Intercept> {
        let secure = gateway.scheme() == Some(&http::uri::Scheme::HTTPS);
        self.proxies.as_ref().filter(|_| secure)?.intercept(gateway)
    }
}

/// A proxy that was set. What the library below cannot read it passes over, so ask it back.
fn given(url: &str) -> Result<Matcher, SetupError> {
    let matcher = Matcher::builder().https(url).build();
    let found = matcher.intercept(&Uri::from_static("https://gateway.example")).ok_or(SetupError::Proxy)?;
    match url.contains("://") && matches!(found.uri().scheme_str(), Some("http" | "https")) {
        true => Ok(matcher),
        false => Err(SetupError::Proxy),
    }
}

impl Service<Uri> for Connector {
    type Response = Stream;
    type Error = BoxError;
    type Future = Pin<Box<dyn Future<Output = Result<Stream, BoxError>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, gateway: Uri) -> Self::Future {
        let Some(proxy) = self.proxy_for(&gateway) else {
            let mut direct = self.direct.clone();
            return Box::pin(async move {
                poll_fn(|context| direct.poll_ready(context)).await?;
                Ok(MaybeHttpsStream::Http(direct.call(gateway).await?))
            });
        };
        if !matches!(proxy.uri().scheme_str(), Some("http" | "https")) {
            return Box::pin(async { Err(ProxyScheme.into()) });
        }
        let mut tunnel = Tunnel::new(proxy.uri().clone(), self.to_proxy.clone());
        if let Some(credentials) = proxy.basic_auth() {
            tunnel = tunnel.with_auth(credentials.clone());
        }
        Box::pin(async move {
            poll_fn(|context| tunnel.poll_ready(context)).await?;
            Ok(tunnel.call(gateway).await?)
        })
    }
}

/// The kind of failure that only this connector knows.
pub(super) fn kind_of(error: &(dyn StdError + 'static)) -> Option<TransportErrorKind> {
    error.is::<ProxyScheme>().then_some(TransportErrorKind::Unsupported)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_proxy_must_be_one_that_can_be_used() {
        for good in ["http://proxy.example:3128", "https://proxy.example", "http://user:word@127.0.0.1:8080"]
        {
            assert!(given(good).is_ok(), "{good}");
        }
        for bad in ["", "proxy.example:3128", "socks5://proxy.example", "http://", "http://bad host"] {
            assert!(given(bad).is_err(), "{bad}");
        }
    }
}
