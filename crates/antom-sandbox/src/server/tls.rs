//! HTTPS under a certificate authority that is made for one run.

use std::io;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use super::listen::Wire;
use rcgen::{
    BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair, KeyUsagePurpose, date_time_ymd,
};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::ring::default_provider;
use tokio_rustls::rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use tokio_rustls::server::TlsStream;

use super::SandboxError;

const DAY: Duration = Duration::from_secs(86_400);
/// How long a client may take to agree on TLS.
const HANDSHAKE: Duration = Duration::from_secs(10);

/// What the server shows, and what clients have to trust.
#[derive(Clone)]
pub(super) struct Tls {
    acceptor: TlsAcceptor,
    authority: Arc<str>,
}

impl std::fmt::Debug for Tls {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Tls").finish_non_exhaustive()
    }
}

impl Tls {
    /// A new authority with one certificate: for this address, for `localhost` and the loopback addresses.
    pub(super) fn new(listen: IpAddr) -> Result<Self, SandboxError> {
        let failed = |error: &dyn std::fmt::Display| SandboxError::Tls(error.to_string());
        let (issuer, authority) = authority().map_err(|error| failed(&error))?;
        let mut names: Vec<String> = ["localhost", "127.0.0.1", "::1"].map(String::from).into();
        if !names.contains(&listen.to_string()) && !listen.is_unspecified() {
            names.push(listen.to_string());
        }
        let mut params = params(names).map_err(|error| failed(&error))?;
        params.use_authority_key_identifier_extension = true;
        let key = KeyPair::generate().map_err(|error| failed(&error))?;
        let certificate = params.signed_by(&key, &issuer).map_err(|error| failed(&error))?;
        let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
        let config = ServerConfig::builder_with_provider(Arc::new(default_provider()))
            .with_safe_default_protocol_versions()
            .map_err(|error| failed(&error))?
            .with_no_client_auth()
            .with_single_cert(vec![certificate.der().clone()], key)
            .map_err(|error| failed(&error))?;
        Ok(Self { acceptor: TlsAcceptor::from(Arc::new(config)), authority: authority.into() })
    }

    /// The authority's certificate as PEM.
    pub(super) fn authority(&self) -> &str {
        &self.authority
    }

    pub(super) async fn accept(&self, stream: Wire) -> io::Result<TlsStream<Wire>> {
        tokio::time::timeout(HANDSHAKE, self.acceptor.accept(stream)).await?
    }
}

/// Valid from the day before yesterday for 30 days: some platforms refuse what is valid for years.
fn params(names: Vec<String>) -> Result<CertificateParams, rcgen::Error> {
    let mut params = CertificateParams::new(names)?;
    // A clock before 1970 makes certificates that nobody trusts.
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    params.not_before = date_time_ymd(1970, 1, 1) + now.saturating_sub(2 * DAY);
    params.not_after = params.not_before + 30 * DAY;
    Ok(params)
}

fn authority() -> Result<(Issuer<'static, KeyPair>, String), rcgen::Error> {
    let mut params = params(Vec::new())?;
    params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    params.distinguished_name.push(DnType::CommonName, "antom sandbox, one run");
    let key = KeyPair::generate()?;
    let pem = params.self_signed(&key)?.pem();
    Ok((Issuer::new(params, key), pem))
}
