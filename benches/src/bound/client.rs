//! A call by hand.

use std::net::SocketAddr;
use std::sync::Arc;

use bytes::Bytes;
use http::{Request, Uri};
use http_body_util::{BodyExt, Full};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;

use super::messages::{PayRequest, PayResponse};
use super::wire::{Signs, Verifies, content};
use crate::fixture::{CLIENT_ID, PAY_PATH, now_text};

/// Keys, and the two things that are done with them.
#[derive(Debug)]
pub struct Signing {
    /// Ours.
    pub signs: Signs,
    /// The gateway's.
    pub verifies: Verifies,
}

impl Signing {
    /// With RSA.
    #[must_use]
    pub fn rsa() -> Self {
        Self { signs: Signs::merchant(), verifies: Verifies::gateway() }
    }

    /// Without.
    #[must_use]
    pub fn nothing() -> Self {
        Self { signs: Signs::Nothing, verifies: Verifies::Nothing }
    }

    fn prepare(&self, request: &PayRequest) -> (Vec<u8>, String, String) {
        let body = serde_json::to_vec(request).expect("the request is JSON");
        let time = now_text();
        let header = self.signs.header(&content(PAY_PATH, &time, &body));
        (body, time, header)
    }

    fn read(&self, signature: &str, time: &str, body: &[u8]) -> PayResponse {
        assert!(self.verifies.holds(signature, &content(PAY_PATH, time, body)), "the answer is signed");
        serde_json::from_slice(body).expect("the answer is JSON")
    }
}

fn text<'a>(headers: &'a http::HeaderMap, name: &str) -> &'a str {
    headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
}

/// With hyper-util's client.
#[derive(Debug)]
pub struct HyperBound {
    client: Client<HttpConnector, Full<Bytes>>,
    uri: Uri,
    signing: Signing,
}

impl HyperBound {
    /// A client for the peer at this address.
    #[must_use]
    pub fn new(peer: SocketAddr, signing: Signing) -> Self {
        let mut connector = HttpConnector::new();
        connector.set_nodelay(true);
        let client = Client::builder(TokioExecutor::new()).build(connector);
        Self { client, uri: format!("http://{peer}{PAY_PATH}").parse().expect("the URL is one"), signing }
    }

    /// Asks for a payment.
    pub async fn pay(&self, request: &PayRequest) -> PayResponse {
        let (body, time, header) = self.signing.prepare(request);
        let request = Request::post(self.uri.clone())
            .header("client-id", CLIENT_ID)
            .header("request-time", time)
            .header("signature", header)
            .header("content-type", "application/json; charset=UTF-8")
            .header("user-agent", "bound")
            .body(Full::new(Bytes::from(body)))
            .expect("the request is one");
        let (head, body) = self.client.request(request).await.expect("the peer answers").into_parts();
        let body = body.collect().await.expect("the answer is whole").to_bytes();
        self.signing.read(text(&head.headers, "signature"), text(&head.headers, "response-time"), &body)
    }
}

/// With reqwest.
#[derive(Debug)]
pub struct ReqwestBound {
    client: reqwest::Client,
    url: reqwest::Url,
    signing: Signing,
}

impl ReqwestBound {
    /// A client for the peer at this address.
    #[must_use]
    pub fn new(peer: SocketAddr, signing: Signing) -> Self {
        // It is never used on the loopback, but reqwest does not start without.
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let tls = rustls::ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .expect("ring has TLS 1.2 and 1.3")
            .with_root_certificates(rustls::RootCertStore::empty())
            .with_no_client_auth();
        let client = reqwest::Client::builder()
            .no_proxy()
            .tls_backend_preconfigured(tls)
            .build()
            .expect("reqwest starts");
        Self { client, url: format!("http://{peer}{PAY_PATH}").parse().expect("the URL is one"), signing }
    }

    /// Asks for a payment.
    pub async fn pay(&self, request: &PayRequest) -> PayResponse {
        let (body, time, header) = self.signing.prepare(request);
        let response = self
            .client
            .post(self.url.clone())
            .header("client-id", CLIENT_ID)
            .header("request-time", time)
            .header("signature", header)
            .header("content-type", "application/json; charset=UTF-8")
            .header("user-agent", "bound")
            .body(body)
            .send()
            .await
            .expect("the peer answers");
        let header = |name| response.headers().get(name).cloned().expect("the answer is signed");
        let (signature, time) = (header("signature"), header("response-time"));
        let body = response.bytes().await.expect("the answer is whole");
        let [signature, time] = [&signature, &time].map(|value| value.to_str().unwrap_or_default());
        self.signing.read(signature, time, &body)
    }
}
