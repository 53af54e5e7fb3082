//! Signatures: what is signed, the `Signature` header, keys, and who signs and verifies.
//!
//! Antom signs `<METHOD> <path>\n<client-id>.<time>.<body>` with RSA (PKCS#1 v1.5, SHA-256). The three parts
//! after the line break are joined by dots, so bytes could move from one part to the next without changing
//! the whole. This module closes that door by types: a [`ClientId`] holds no dot, a
//! [`WireTime`](crate::time::WireTime) is one strict grammar, a path holds no line break ([`check_path`]).
//!
//! Signing is a step outside the rest of the core: give [`Signer`] any key, in memory or in a key service.
//!
//! ```
//! use antom_core::signature::{ClientId, content};
//! use antom_core::time::WireTime;
//!
//! let client = ClientId::new("SANDBOX_5Y0000000000000001")?;
//! let time = WireTime::parse("1700000000000")?;
//! let input = content("POST", "/ams/sandbox/api/v1/payments/pay", &client, &time, b"{}");
//! assert!(input.ends_with(b"\nSANDBOX_5Y0000000000000001.1700000000000.{}"));
//! // What could shift bytes from one part to another is no client id.
//! assert!(ClientId::new("SANDBOX_1.17").is_err());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

#[cfg(feature = "aws-lc")]
mod aws_lc;
mod client_id;
mod content;
mod der;
pub mod header;
mod key;
mod key_error;
mod key_shape;
mod keyring;
mod pem;
#[cfg(feature = "ring")]
mod ring;
pub mod sandbox_keys;
mod signer;

#[cfg(feature = "aws-lc")]
pub use aws_lc::{AwsLcSigner, AwsLcVerifier};
pub use client_id::{ClientId, ClientIdError};
pub use content::{PathError, check_path, content, prefix_len, write_prefix};
pub use header::{Algorithm, HeaderError, MAX_HEADER_LEN, SignatureHeader};
pub use key::{MAX_KEY_BITS, MIN_KEY_BITS, PrivateKey, PublicKey};
pub use key_error::{KeyError, KeyInput};
pub use keyring::{Keyring, KeyringError, MAX_GATEWAY_KEYS};
#[cfg(feature = "ring")]
pub use ring::{RsaSigner, RsaVerifier};
pub use sandbox_keys::{PublishedKeyError, check_not_published, is_published_sandbox_key};
pub use signer::{KeyVersion, SignError, Signature, Signer, Verifier, VerifyError};

#[cfg(test)]
#[cfg(feature = "ring")]
mod tests;
