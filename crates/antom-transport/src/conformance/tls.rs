//! Certificates of the suite's own, good ones and bad ones.

use std::error::Error as StdError;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair, date_time_ymd};
use rustls::ServerConfig;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::version::{TLS12, TLS13};

type BoxError = Box<dyn StdError + Send + Sync>;

/// The certificate that the server shows.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Identity {
    /// For this host, of now, from the root that the transport was told to trust.
    Good,
    /// From another root.
    UnknownIssuer,
    /// For another host.
    OtherName,
    /// Of long ago.
    Expired,
    /// Of times to come.
    Future,
}

/// An issuer of certificates.
pub(super) struct Authority {
    trusted: Issuer<'static, KeyPair>,
    unknown: Issuer<'static, KeyPair>,
    root: String,
}

const DAY: Duration = Duration::from_secs(24 * 3600);

impl Authority {
    pub(super) fn new() -> Result<Self, BoxError> {
        let (trusted, pem) = root()?;
        // Of the same name, so that nothing but its key tells it from the other.
        let (unknown, _) = root()?;
        Ok(Self { trusted, unknown, root: pem })
    }

    /// The root certificate to trust, as PEM.
    pub(super) fn root(&self) -> &str {
        &self.root
    }

    /// A server that shows such a certificate.
    pub(super) fn server(
        &self,
        identity: Identity,
        tls13: bool,
        protocols: &[&[u8]],
    ) -> Result<Arc<ServerConfig>, BoxError> {
        let name = if identity == Identity::OtherName { "gateway.example" } else { "127.0.0.1" };
        let issuer = if identity == Identity::UnknownIssuer { &self.unknown } else { &self.trusted };
        let mut params = params(&[name])?;
        match identity {
            Identity::Expired => params.not_after = params.not_before + DAY / 2,
            Identity::Future => params.not_before = params.not_after - DAY,
            _ => {}
        }
        let key = KeyPair::generate()?;
        let certificate = params.signed_by(&key, issuer)?;
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let versions = if tls13 { &[&TLS13, &TLS12][..] } else { &[&TLS12][..] };
        let mut config = ServerConfig::builder_with_provider(provider)
            .with_protocol_versions(versions)?
            .with_no_client_auth()
            .with_single_cert(
                vec![CertificateDer::from(certificate.der().to_vec())],
                PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der())),
            )?;
        config.alpn_protocols = protocols.iter().map(|protocol| protocol.to_vec()).collect();
        Ok(Arc::new(config))
    }
}

/// Valid from the day before yesterday for 30 days: some platforms refuse what is valid for years.
fn params(names: &[&str]) -> Result<CertificateParams, BoxError> {
    let mut params = CertificateParams::new(names.iter().map(ToString::to_string).collect::<Vec<_>>())?;
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH)?;
    params.not_before = date_time_ymd(1970, 1, 1) + now.saturating_sub(2 * DAY);
    params.not_after = params.not_before + 30 * DAY;
    Ok(params)
}

fn root() -> Result<(Issuer<'static, KeyPair>, String), BoxError> {
    let mut params = params(&[])?;
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let key = KeyPair::generate()?;
    let pem = params.self_signed(&key)?.pem();
    Ok((Issuer::new(params, key), pem))
}
