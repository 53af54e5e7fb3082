//! What a sandbox needs before it serves.

use std::net::SocketAddr;

use antom_core::profile::{Credentials, Gateway as GatewayUrl, GatewayError, Profile};
use antom_core::secret::Secret;
use antom_core::signature::{ClientId, KeyVersion};
use tokio::net::TcpListener;

use super::config::{SandboxConfig, SandboxError};
use super::listen::Channel;
use crate::engine::{Gateway, KeySet, Settings};

/// What calls of a client are made with.
fn profile(client_id: ClientId, url: &str) -> Result<Profile, GatewayError> {
    let credentials = Credentials::Rsa { client_id, key_version: KeyVersion::FIRST };
    Ok(Profile::new(credentials, GatewayUrl::parse(url)?))
}

/// One gateway for each client, the first one's first.
pub(super) fn gateways(
    config: &SandboxConfig,
    client_id: &ClientId,
    keys: &KeySet,
    url: &str,
) -> Result<Vec<(Profile, Gateway)>, SandboxError> {
    let settings = |client_id: ClientId, keys: KeySet, notify_url: Option<String>, seed: u64| Settings {
        seed,
        notify_url,
        strict: config.strict,
        journal_size: config.journal_size,
        max_objects: config.max_objects,
        ..Settings::new(client_id, keys, url)
    };
    let first = settings(client_id.clone(), keys.clone(), config.notify_url.clone(), config.seed);
    let mut gateways = vec![(profile(client_id.clone(), url)?, Gateway::new(first)?)];
    // Ids and pages are told apart by the seed.
    let mut seed = config.seed;
    for client in &config.clients {
        let id = ClientId::new(&client.client_id)?;
        if gateways.iter().any(|(_, known)| known.settings().client_id == id) {
            return Err(SandboxError::SameClient(client.client_id.clone()));
        }
        let keys = match &client.merchant {
            Some(merchant) => keys.clone().with_merchant_public_key(merchant.clone()),
            None => keys.clone(),
        };
        seed = seed.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let gateway = Gateway::new(settings(id.clone(), keys, client.notify_url.clone(), seed))?;
        gateways.push((profile(id, url)?, gateway));
    }
    Ok(gateways)
}

pub(super) async fn bind(listen: SocketAddr) -> Result<(TcpListener, SocketAddr), SandboxError> {
    let cannot_listen = |source| SandboxError::Listen { address: listen, source };
    let listener = TcpListener::bind(listen).await.map_err(cannot_listen)?;
    let address = listener.local_addr().map_err(cannot_listen)?;
    Ok((listener, address))
}

#[cfg(feature = "tls")]
pub(super) fn channel(config: &SandboxConfig) -> Result<Channel, SandboxError> {
    if config.tls { super::tls::Tls::new(config.listen.ip()).map(Channel::Https) } else { Ok(Channel::Http) }
}

#[cfg(not(feature = "tls"))]
#[expect(clippy::unnecessary_wraps, reason = "with HTTPS it can fail")]
pub(super) fn channel(_: &SandboxConfig) -> Result<Channel, SandboxError> {
    Ok(Channel::Http)
}

/// A token for commands, from the system's randomness: ids follow the seed, but nobody may guess this one.
pub(super) fn token() -> Result<Secret<String>, SandboxError> {
    let mut bytes = [0; 24];
    getrandom::fill(&mut bytes).map_err(|_| SandboxError::NoRandomness)?;
    Ok(Secret::new(bytes.iter().map(|byte| format!("{byte:02x}")).collect()))
}

/// The names under which this machine reaches a loopback address.
pub(super) fn hosts(address: SocketAddr) -> Vec<String> {
    let port = address.port();
    let mut hosts = vec![address.to_string(), format!("localhost:{port}")];
    // The usual ports are left out of URLs.
    if port == 443 || port == 80 {
        hosts.extend([address.ip().to_string(), "localhost".to_owned()]);
    }
    hosts
}
