//! The key pairs this project publishes so that its sandbox starts at once.
//!
//! They are in every copy of the source: worthless as a protection, made for tests and demos on one's own
//! machine. Anyone can sign with them, so they are refused for client ids outside the sandbox.
//!
//! ```
//! use antom_core::signature::{PrivateKey, sandbox_keys};
//!
//! let key = PrivateKey::parse(sandbox_keys::MERCHANT_PRIVATE_KEY)?;
//! assert!(sandbox_keys::is_published_sandbox_key(key.public()));
//! # Ok::<(), antom_core::signature::KeyError>(())
//! ```

use super::{ClientId, PublicKey};

/// Private key of the sandbox merchant (PKCS#8 PEM). Published, worthless, for tests only.
pub const MERCHANT_PRIVATE_KEY: &str = include_str!("sandbox/merchant-private.pem");
/// Public key of the sandbox merchant (SubjectPublicKeyInfo PEM).
pub const MERCHANT_PUBLIC_KEY: &str = include_str!("sandbox/merchant-public.pem");
/// Private key of the sandbox gateway (PKCS#8 PEM). Published, worthless, for tests only.
pub const GATEWAY_PRIVATE_KEY: &str = include_str!("sandbox/gateway-private.pem");
/// Public key of the sandbox gateway (SubjectPublicKeyInfo PEM).
pub const GATEWAY_PUBLIC_KEY: &str = include_str!("sandbox/gateway-public.pem");

/// [`PublicKey::fingerprint`] of each published key. A key that is ever replaced stays in this list.
const FINGERPRINTS: [&str; 2] = [
    "3e16997557f66b728d3ab0c78371dc5829d9b74f424a887aaed91c49d7562c34",
    "fea963a4b120ec96da73386b918e883176afc74bb3ae23599ca14af04b9ccc5c",
];

/// Whether this is one of the published sandbox keys.
///
/// ```
/// use antom_core::signature::{PublicKey, is_published_sandbox_key, sandbox_keys};
///
/// let key = PublicKey::parse(sandbox_keys::GATEWAY_PUBLIC_KEY)?;
/// assert!(is_published_sandbox_key(&key));
/// # Ok::<(), antom_core::signature::KeyError>(())
/// ```
#[must_use]
pub fn is_published_sandbox_key(key: &PublicKey) -> bool {
    FINGERPRINTS.contains(&key.fingerprint().as_str())
}

/// Refuses a published sandbox key (for a private key, give its public half) unless the client id is a
/// sandbox id.
///
/// # Errors
/// [`PublishedKeyError`].
///
/// ```
/// use antom_core::signature::{ClientId, PublicKey, check_not_published, sandbox_keys};
///
/// let key = PublicKey::parse(sandbox_keys::GATEWAY_PUBLIC_KEY)?;
/// assert!(check_not_published(&ClientId::new("SANDBOX_5Y0000000000000001")?, &key).is_ok());
/// assert!(check_not_published(&ClientId::new("5Y0000000000000001")?, &key).is_err());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn check_not_published(client_id: &ClientId, key: &PublicKey) -> Result<(), PublishedKeyError> {
    if client_id.is_sandbox() || !is_published_sandbox_key(key) { Ok(()) } else { Err(PublishedKeyError) }
}

/// A published sandbox key was given for a client id that is not a sandbox id.
///
/// ```
/// use antom_core::signature::{ClientId, PublicKey, PublishedKeyError, check_not_published, sandbox_keys};
///
/// let key = PublicKey::parse(sandbox_keys::MERCHANT_PUBLIC_KEY)?;
/// let live = ClientId::new("5Y0000000000000001")?;
/// assert_eq!(check_not_published(&live, &key), Err(PublishedKeyError));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "key: this is a published sandbox key, which anyone can sign with, but the client id is not a SANDBOX_ id; \
     give the account's own key"
)]
pub struct PublishedKeyError;
