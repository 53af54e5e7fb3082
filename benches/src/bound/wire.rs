//! Signing and verifying by hand.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use percent_encoding::{AsciiSet, CONTROLS, percent_decode_str, utf8_percent_encode};
use ring::rand::SystemRandom;
use ring::signature::{RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_SHA256, RsaKeyPair, UnparsedPublicKey};

use crate::fixture;

const ESCAPED: AsciiSet = CONTROLS.add(b'+').add(b'/').add(b'=');

/// A private key, or nothing that does the same without RSA.
#[derive(Debug)]
pub enum Signs {
    /// ring.
    Ring(Box<RsaKeyPair>),
    /// A signature that is always the same.
    Nothing,
}

/// A public key, or nothing.
#[derive(Debug)]
pub enum Verifies {
    /// ring.
    Ring(UnparsedPublicKey<Vec<u8>>),
    /// Everything holds.
    Nothing,
}

/// The bytes of a PEM file.
fn der(pem: &str) -> Vec<u8> {
    let text: String = pem.lines().filter(|line| !line.starts_with("-----")).collect();
    STANDARD.decode(text).expect("the key is base64")
}

/// The pair of a PEM file.
#[must_use]
pub fn key_pair(pem: &str) -> RsaKeyPair {
    RsaKeyPair::from_pkcs8(&der(pem)).expect("the key is PKCS#8")
}

/// The public key of a PEM file.
#[must_use]
pub fn public_key(pem: &str) -> UnparsedPublicKey<Vec<u8>> {
    // The head that stands before every 2048-bit RSA key is 24 bytes long.
    let spki = der(pem);
    UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, spki.get(24..).expect("the key is long").to_vec())
}

impl Signs {
    /// The merchant's key.
    #[must_use]
    pub fn merchant() -> Self {
        Self::Ring(Box::new(key_pair(fixture::MERCHANT_KEY)))
    }

    /// The header over this content.
    #[must_use]
    pub fn header(&self, content: &[u8]) -> String {
        let signature = match self {
            Self::Ring(pair) => raw_sign(pair, content),
            Self::Nothing => vec![0x5a; 256],
        };
        let base64 = STANDARD.encode(signature);
        format!("algorithm=RSA256,keyVersion=1,signature={}", utf8_percent_encode(&base64, &ESCAPED))
    }
}

impl Verifies {
    /// The gateway's key.
    #[must_use]
    pub fn gateway() -> Self {
        Self::Ring(public_key(fixture::GATEWAY_PUBLIC_KEY))
    }

    /// Whether this header holds for this content.
    #[must_use]
    pub fn holds(&self, header: &str, content: &[u8]) -> bool {
        let Some(text) = header.split(',').find_map(|part| part.trim().strip_prefix("signature=")) else {
            return false;
        };
        let Ok(base64) = percent_decode_str(text).decode_utf8() else { return false };
        let Ok(signature) = STANDARD.decode(base64.as_bytes()) else { return false };
        match self {
            Self::Ring(key) => key.verify(content, &signature).is_ok(),
            Self::Nothing => true,
        }
    }
}

/// A bare signature.
#[must_use]
pub fn raw_sign(pair: &RsaKeyPair, content: &[u8]) -> Vec<u8> {
    let mut signature = vec![0; pair.public().modulus_len()];
    pair.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), content, &mut signature).expect("ring signs");
    signature
}

/// What is signed.
#[must_use]
pub fn content(path: &str, time: &str, body: &[u8]) -> Vec<u8> {
    let parts = ["POST ", path, "\n", fixture::CLIENT_ID, ".", time, "."];
    let mut content = Vec::with_capacity(body.len() + 160);
    for part in parts {
        content.extend_from_slice(part.as_bytes());
    }
    content.extend_from_slice(body);
    content
}
