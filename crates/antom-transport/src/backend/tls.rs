//! One TLS configuration for all backends: TLS 1.2 or newer, always checked, with a crypto provider of its
//! own, so that what other crates install for the process does not matter.

use std::error::Error as StdError;
use std::sync::Arc;

use rustls::ClientConfig;
use rustls::crypto::CryptoProvider;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls_platform_verifier::Verifier;

/// Why a transport cannot be set up.
///
/// ```
/// use antom_transport::{SetupError, UreqTransport};
///
/// let refused = UreqTransport::builder().extra_roots("not PEM").build();
/// assert!(matches!(refused, Err(SetupError::Root(_))));
/// ```
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SetupError {
    /// A root certificate cannot be read.
    #[error("reading the extra root certificates failed: expected one or more certificates as PEM")]
    Root(#[source] Box<dyn StdError + Send + Sync>),
    /// TLS cannot be configured.
    #[error(
        "setting up TLS failed; does this machine have root certificates (on Linux the package ca-certificates)?"
    )]
    Tls(#[source] rustls::Error),
    /// The proxy's URL cannot be used. It is not shown: it may hold a password.
    #[error("the proxy's URL must have the form http://host:port or http://user:password@host:port")]
    Proxy,
    /// The HTTP stack refuses its settings.
    #[error("setting up the HTTP stack failed")]
    Stack(#[source] Box<dyn StdError + Send + Sync>),
}

/// The ring provider, the one this crate brings along.
pub(super) fn default_provider() -> Arc<CryptoProvider> {
    Arc::new(rustls::crypto::ring::default_provider())
}

/// The certificates in a PEM text; none is an error.
pub(super) fn certificates(pem: &[u8]) -> Result<Vec<CertificateDer<'static>>, SetupError> {
    let certificates = CertificateDer::pem_slice_iter(pem)
        .collect::<Result<Vec<_>, _>>()
        .map_err(|error| SetupError::Root(error.into()))?;
    if certificates.is_empty() {
        return Err(SetupError::Root("there is no certificate in the text".into()));
    }
    Ok(certificates)
}

/// Checks certificates against the platform's roots and these.
pub(super) fn config(
    provider: Arc<CryptoProvider>,
    extra_roots: Vec<CertificateDer<'static>>,
) -> Result<ClientConfig, SetupError> {
    let verifier = Verifier::new_with_extra_roots(extra_roots, provider.clone()).map_err(SetupError::Tls)?;
    let mut config = versions(provider)?
        .dangerous() // Not what it says: this is how rustls takes the platform's own verifier.
        .with_custom_certificate_verifier(Arc::new(verifier))
        .with_no_client_auth();
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(config)
}

/// Trusts nobody: for stacks that want a configuration although no secure channel is ever opened.
pub(super) fn config_without_roots(provider: Arc<CryptoProvider>) -> Result<ClientConfig, SetupError> {
    Ok(versions(provider)?.with_root_certificates(rustls::RootCertStore::empty()).with_no_client_auth())
}

fn versions(
    provider: Arc<CryptoProvider>,
) -> Result<rustls::ConfigBuilder<ClientConfig, rustls::WantsVerifier>, SetupError> {
    ClientConfig::builder_with_provider(provider)
        .with_protocol_versions(&[&rustls::version::TLS13, &rustls::version::TLS12])
        .map_err(SetupError::Tls)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn roots_must_be_certificates() {
        for bad in ["", "no pem", "-----BEGIN CERTIFICATE-----\n!\n-----END CERTIFICATE-----\n"] {
            assert!(matches!(certificates(bad.as_bytes()), Err(SetupError::Root(_))), "{bad}");
        }
    }
}
