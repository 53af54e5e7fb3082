//! Whom deliveries over HTTPS trust.

use std::io;
use std::sync::{Arc, OnceLock};

use rustls_platform_verifier::Verifier;
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tokio_rustls::rustls::crypto::ring::default_provider;
use tokio_rustls::rustls::pki_types::pem::PemObject as _;
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName};
use tokio_rustls::rustls::{self, ClientConfig};

use super::SandboxError;

/// The platform's roots, and the merchant's own where it has some.
pub(super) struct Trust {
    own: Vec<CertificateDer<'static>>,
    /// Made when it is first needed: reading the platform's roots would only make the start slower.
    connector: OnceLock<TlsConnector>,
}

impl std::fmt::Debug for Trust {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Trust").field("own", &self.own.len()).finish_non_exhaustive()
    }
}

impl Trust {
    /// With certificates of the merchant's own, as PEM, beside the platform's.
    pub(super) fn new(pem: Option<&str>) -> Result<Self, SandboxError> {
        let Some(pem) = pem else { return Ok(Self { own: Vec::new(), connector: OnceLock::new() }) };
        let failed = |what: String| SandboxError::NotifyCa(what);
        let own = CertificateDer::pem_slice_iter(pem.as_bytes()).collect::<Result<Vec<_>, _>>();
        let own = own.map_err(|error| failed(error.to_string()))?;
        if own.is_empty() {
            return Err(failed("there is no certificate in the text".into()));
        }
        // What cannot be used is said at the start, not at the first delivery.
        let connector = connector(own.clone()).map_err(|error| failed(error.to_string()))?;
        Ok(Self { own, connector: connector.into() })
    }

    pub(super) async fn connect(&self, host: &str, stream: TcpStream) -> io::Result<TlsStream<TcpStream>> {
        let name = ServerName::try_from(host.to_owned()).map_err(io::Error::other)?;
        let connector = match self.connector.get() {
            Some(known) => known,
            None => {
                let made = connector(self.own.clone()).map_err(io::Error::other)?;
                self.connector.get_or_init(|| made)
            }
        };
        connector.connect(name, stream).await
    }
}

fn connector(own: Vec<CertificateDer<'static>>) -> Result<TlsConnector, rustls::Error> {
    let provider = Arc::new(default_provider());
    let verifier = Verifier::new_with_extra_roots(own, Arc::clone(&provider))?;
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .dangerous() // Not what it says: this is how rustls takes the platform's own verifier.
        .with_custom_certificate_verifier(Arc::new(verifier))
        .with_no_client_auth();
    Ok(Arc::new(config).into())
}

#[cfg(test)]
mod tests {
    use super::super::deliver::{Targets, deliver};
    use super::super::{Sandbox, SandboxConfig};
    use super::*;
    use crate::engine::{Delivery, DeliveryResult};

    #[test]
    fn what_is_no_certificate_is_refused_at_the_start() {
        for bad in [
            "",
            "no pem",
            "-----BEGIN CERTIFICATE-----\n!\n-----END CERTIFICATE-----\n",
            "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
        ] {
            assert!(matches!(Trust::new(Some(bad)), Err(SandboxError::NotifyCa(_))), "{bad}");
        }
    }

    /// Another sandbox is the server here: what it answers acknowledges nothing, but it is an answer.
    #[tokio::test]
    async fn a_server_is_trusted_by_its_authority_and_its_name() {
        let config = SandboxConfig {
            // Every address of the loopback, so that one can be dialled that the certificate does not name.
            listen: ([0, 0, 0, 0], 0).into(),
            beyond_loopback: true,
            tls: true,
            ..SandboxConfig::default()
        };
        let server = Sandbox::start(config).await.unwrap();
        let port = server.address().port();
        let send = async |host: &str, pem: Option<&str>| {
            let delivery = Delivery {
                id: "N1".parse().unwrap(),
                attempt: 1,
                before_answer: false,
                url: format!("https://{host}:{port}/notify"),
                headers: Vec::new(),
                body: "{}".into(),
            };
            deliver(&delivery, &Targets { hosts: Vec::new(), trust: Trust::new(pem).unwrap() }).await
        };
        let own = server.authority();
        for host in ["127.0.0.1", "localhost"] {
            let (result, said) = send(host, own).await;
            assert!(matches!(result, DeliveryResult::Refused(_)), "{host}: {result:?}, {said}");
        }
        for (host, pem) in [("127.0.0.1", None), ("127.0.0.2", own)] {
            let (result, said) = send(host, pem).await;
            assert_eq!(result, DeliveryResult::Unreachable, "{host}");
            assert!(said.starts_with(&format!("agreeing on TLS with {host}: ")), "{said}");
            assert!(said.contains("--notify-ca"), "{said}");
        }
        let (result, said) = send("shop.example", own).await;
        assert_eq!(result, DeliveryResult::Unreachable);
        assert!(said.contains("--allow-notify shop.example"), "{said}");
    }
}
