//! A tower service as a program might have it: hyper-util's client with connectors of the program's own.

use std::sync::Arc;

use antom_transport::backend::{GatedBody, gated};
use antom_transport::conformance::Settings;
use antom_transport::rustls::crypto::ring;
use antom_transport::rustls::pki_types::CertificateDer;
use antom_transport::rustls::pki_types::pem::PemObject;
use antom_transport::rustls::{ClientConfig, RootCertStore};
use bytes::Bytes;
use http::{Request, Response, Uri};
use hyper::body::Incoming;
use hyper_rustls::HttpsConnectorBuilder;
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::client::legacy::connect::proxy::Tunnel;
use hyper_util::client::proxy::matcher::Matcher;
use hyper_util::rt::TokioExecutor;
use tower::ServiceExt;
use tower::util::BoxCloneSyncService;

pub(crate) type BoxError = Box<dyn std::error::Error + Send + Sync>;
pub(crate) type Service = BoxCloneSyncService<Request<Bytes>, Response<Incoming>, BoxError>;

pub(crate) fn service(settings: &Settings) -> Result<Service, BoxError> {
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_slice(settings.extra_root.as_bytes())?)?;
    let tls = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()?
        .with_root_certificates(roots)
        .with_no_client_auth();
    let https =
        HttpsConnectorBuilder::new().with_tls_config(tls).https_or_http().enable_http1().enable_http2();
    let mut http = HttpConnector::new();
    http.enforce_http(false);
    let Some(proxy) = &settings.proxy else {
        let client = Client::builder(TokioExecutor::new()).build::<_, GatedBody>(https.wrap_connector(http));
        return Ok(BoxCloneSyncService::new(client.map_request(gated).map_err(BoxError::from)));
    };
    let proxy = Matcher::builder().https(proxy.as_str()).build();
    let proxy = proxy.intercept(&Uri::from_static("https://gateway.example")).ok_or("no proxy")?;
    let mut tunnel = Tunnel::new(proxy.uri().clone(), http);
    if let Some(credentials) = proxy.basic_auth() {
        tunnel = tunnel.with_auth(credentials.clone());
    }
    let client = Client::builder(TokioExecutor::new()).build::<_, GatedBody>(https.wrap_connector(tunnel));
    Ok(BoxCloneSyncService::new(client.map_request(gated).map_err(BoxError::from)))
}
