//! The keys, as far as they can be examined on this machine.

use antom::core::profile::{ApiKey, Gateway};
use antom::core::signature::{
    ClientId, KeyVersion, Keyring, KeyringError, PrivateKey, PublicKey, RsaSigner, check_not_published,
    is_published_sandbox_key,
};

use super::{Finding, State};
use crate::commands::account::{Account, KeyPlace};
use crate::failure::{Failure, causes};

pub(super) fn examine(
    account: &Account,
    client_id: &ClientId,
    gateway: &Gateway,
) -> Result<Vec<Finding>, Failure> {
    let (own, mut findings) = private_key(&account.private_key()?, client_id);
    if gateway.is_https() && own.as_ref().is_some_and(is_published_sandbox_key) {
        let says = "the private key is a published one, which anyone can sign with; only a sandbox on this machine knows it";
        findings.push(Finding::warning("published key", says, "make a pair of your own with keys new"));
    }
    let mut keys = Vec::new();
    for (version, place) in account.gateway_keys.places()? {
        let (key, finding) = gateway_key(version, &place);
        keys.extend(key.map(|key| (KeyVersion::new(version), key)));
        findings.push(finding);
    }
    if findings.iter().all(|finding| finding.state != State::Problem)
        && let Err(error) = Keyring::new(client_id, keys, own.as_ref())
    {
        let fix = match error {
            KeyringError::SameAsOwn { .. } => {
                "the dashboard shows both keys: copy Antom's public key, not your own"
            }
            KeyringError::PublishedSandboxKey { .. } => {
                "copy Antom's public key of the live account from the dashboard"
            }
            KeyringError::DuplicateVersion { .. } => "give each --gateway-key its own VERSION=",
            _ => "give the keys that the dashboard shows, and no others",
        };
        findings.push(Finding::problem("gateway keys", error.to_string(), fix));
    }
    Ok(findings)
}

/// The API key and what can be said about it here.
pub(super) fn api_key(place: &KeyPlace) -> (Option<ApiKey>, Finding) {
    const CHECK: &str = "api key";
    const FIX: &str = "copy the whole API key from the dashboard into the file or the variable";
    let problem = |says: String| (None, Finding::problem(CHECK, format!("{place}: {says}"), FIX));
    let bytes = match place.read() {
        Ok(bytes) => bytes,
        Err(error) => return problem(error),
    };
    let Ok(text) = core::str::from_utf8(bytes.expose()) else { return problem("it is no text".into()) };
    match ApiKey::parse(text.trim().to_owned()) {
        Ok(key) => {
            let says = match key.is_test() {
                true => "a TEST key: calls go to the sandbox's paths",
                false => "a PROD key: calls move real money",
            };
            (Some(key), Finding::good(CHECK, format!("{place}: {says}; the channel alone proves answers")))
        }
        Err(error) => problem(error.to_string()),
    }
}

fn private_key(place: &KeyPlace, client_id: &ClientId) -> (Option<PublicKey>, Vec<Finding>) {
    const CHECK: &str = "private key";
    let problem =
        |says: String, fix: &str| (None, vec![Finding::problem(CHECK, format!("{place}: {says}"), fix)]);
    let bytes = match place.read() {
        Ok(bytes) => bytes,
        Err(error) => {
            return problem(error, "give --private-key FILE, or set the variable; keys new makes a pair");
        }
    };
    let key = match PrivateKey::parse(bytes.expose()) {
        Ok(key) => key,
        Err(error) => {
            return problem(causes(&error), "give the RSA private key itself; keys new makes a pair");
        }
    };
    if let Err(error) = RsaSigner::new(&key, KeyVersion::FIRST) {
        return problem(causes(&error), "make a new pair with keys new, of 2048 to 4096 bits");
    }
    if let Err(error) = check_not_published(client_id, key.public()) {
        return problem(error.to_string(), "make a pair of your own with keys new");
    }
    let mut findings = vec![Finding::good(
        CHECK,
        format!("{place}: {} bits, public half SHA-256 {}", key.bits(), key.public().fingerprint()),
    )];
    findings.extend(too_open(place));
    (Some(key.public().clone()), findings)
}

/// A file that others can read.
#[cfg(unix)]
fn too_open(place: &KeyPlace) -> Option<Finding> {
    use std::os::unix::fs::PermissionsExt as _;
    let KeyPlace::File(path) = place else { return None };
    let mode = std::fs::metadata(path).ok()?.permissions().mode() & 0o777;
    (mode & 0o077 != 0).then(|| {
        let says = format!("{}: others on this machine may read it (mode {mode:o})", path.display());
        Finding::warning("key file", says, format!("chmod 600 {}", path.display()))
    })
}

#[cfg(not(unix))]
fn too_open(_: &KeyPlace) -> Option<Finding> {
    None
}

fn gateway_key(version: u32, place: &KeyPlace) -> (Option<PublicKey>, Finding) {
    const CHECK: &str = "gateway key";
    const FIX: &str =
        "copy Antom's public key (not your own) from the dashboard into a file, or set the variable";
    let read =
        place.read().and_then(|bytes| PublicKey::parse(bytes.expose()).map_err(|error| causes(&error)));
    match read {
        Ok(key) => {
            let says =
                format!("{place}: version {version}, {} bits, SHA-256 {}", key.bits(), key.fingerprint());
            (Some(key), Finding::good(CHECK, says))
        }
        Err(error) => (None, Finding::problem(CHECK, format!("{place}: {error}"), FIX)),
    }
}
