//! Sends a notification to a merchant's URL, as the gateway does.

use std::net::Ipv4Addr;
use std::sync::Arc;
use std::time::Duration;

use antom::transport::rustls;
use antom_sandbox::engine::DeliveryResult;
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use reqwest::{Client, Url};
use rustls_platform_verifier::BuilderVerifierExt as _;

use crate::failure::{Failure, causes};

/// How long a receiver may take to acknowledge.
const TIMEOUT: Duration = Duration::from_secs(15);
/// How much of an answer is read.
const MAX_ANSWER: usize = 64 * 1024;

/// A merchant's URL, and what it takes to send to it. Follows no redirect; cheap to clone.
#[derive(Debug, Clone)]
pub(crate) struct Post {
    client: Client,
    url: Url,
}

/// What a receiver answered.
#[derive(Debug, Clone)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    /// Whether the gateway would send the notification no more: HTTP 200 and `result.resultStatus` `S`.
    pub(crate) fn acknowledges(&self) -> bool {
        DeliveryResult::judge(self.status, &self.body) == DeliveryResult::Acknowledged
    }
}

impl Post {
    /// To this URL; the option names it in errors.
    pub(crate) fn to(option: &str, url: &str) -> Result<Self, Failure> {
        let bad = |why: &str| {
            Failure::Input(format!("{option}: {why}, such as http://127.0.0.1:8080/antom/notify"))
        };
        let url = Url::parse(url).map_err(|_| bad("expected a whole URL"))?;
        if !matches!(url.scheme(), "http" | "https") || !url.has_host() {
            return Err(bad("expected a URL with http or https and a host"));
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(bad("expected a URL without user and password"));
        }
        let failed =
            |error: &(dyn std::error::Error + 'static)| Failure::input("setting up HTTP failed", error);
        let tls = tls(url.scheme() == "https").map_err(|error| failed(&error))?;
        let mut builder = Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .retry(reqwest::retry::never())
            .referer(false)
            .timeout(TIMEOUT)
            .tls_backend_preconfigured(tls);
        if is_loopback(&url) {
            // A proxy elsewhere cannot reach this machine.
            builder = builder.no_proxy();
        }
        let client = builder.build().map_err(|error| failed(&error))?;
        Ok(Self { client, url })
    }

    /// The path that the gateway signs: without the query, as in captured traffic.
    pub(crate) fn path(&self) -> &str {
        self.url.path()
    }

    pub(crate) fn is_loopback(&self) -> bool {
        is_loopback(&self.url)
    }

    pub(crate) fn is_https(&self) -> bool {
        self.url.scheme() == "https"
    }

    /// Sends once and waits for the answer.
    pub(crate) async fn send(&self, headers: &[(&str, String)], body: Vec<u8>) -> Result<Answer, String> {
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            let name = HeaderName::from_bytes(name.as_bytes()).map_err(|error| causes(&error))?;
            map.append(name, HeaderValue::from_str(value).map_err(|error| causes(&error))?);
        }
        let sent = self.client.post(self.url.clone()).headers(map).body(body).send().await;
        // The URL may hold what is not for the terminal.
        let mut response = sent.map_err(|error| causes(&error.without_url()))?;
        let mut answer = Answer { status: response.status().as_u16(), body: Vec::new() };
        while let Some(chunk) = response.chunk().await.map_err(|error| causes(&error.without_url()))? {
            answer.body.extend_from_slice(&chunk);
            if answer.body.len() > MAX_ANSWER {
                return Err(format!("the answer is longer than {MAX_ANSWER} bytes"));
            }
        }
        Ok(answer)
    }
}

/// TLS 1.2 or newer against the platform's roots; for plain HTTP one that trusts nobody and needs no roots.
fn tls(used: bool) -> Result<rustls::ClientConfig, rustls::Error> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder =
        rustls::ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions()?;
    Ok(match used {
        true => builder.with_platform_verifier()?.with_no_client_auth(),
        false => builder.with_root_certificates(rustls::RootCertStore::empty()).with_no_client_auth(),
    })
}

fn is_loopback(url: &Url) -> bool {
    match url.host_str() {
        Some("localhost" | "[::1]") => true,
        Some(host) => host.parse::<Ipv4Addr>().is_ok_and(|address| address.is_loopback()),
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls_are_checked_and_this_machine_is_known() {
        for (url, loopback) in [
            ("http://127.0.0.1:1/a?b=c", true),
            ("http://localhost/", true),
            ("http://[::1]:9", true),
            ("https://shop.example/notify", false),
            ("http://127.0.0.1.shop.example/", false),
        ] {
            assert_eq!(Post::to("--to", url).unwrap().is_loopback(), loopback, "{url}");
        }
        assert_eq!(Post::to("--to", "http://127.0.0.1:1/a/b?c=d").unwrap().path(), "/a/b");
        for bad in ["", "/notify", "ftp://127.0.0.1/", "http://", "http://user:hunter2@127.0.0.1/"] {
            let Err(Failure::Input(text)) = Post::to("--to", bad) else { panic!("{bad} was taken") };
            assert!(!text.contains("hunter2"), "{text}");
        }
    }
}
