//! From the forms keys are handed around in to DER.

use super::key::MAX_KEY_TEXT;
use super::key_error::{KeyError, KeyInput};
use alloc::{string::String, vec::Vec};
use base64::{
    Engine, alphabet,
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig},
};
use zeroize::Zeroizing;

/// Base64 of a key, with or without its padding: people lose it when they copy.
const KEY_BASE64: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

const BEGIN: &str = "-----BEGIN ";
const END: &str = "-----END ";
const DASHES: &str = "-----";

/// Takes PEM, base64 (on one line or many) or DER and gives DER.
pub(super) fn to_der(bytes: &[u8], input: KeyInput) -> Result<Zeroizing<Vec<u8>>, KeyError> {
    if bytes.len() > MAX_KEY_TEXT {
        return Err(KeyError::TooLarge { input, len: bytes.len() });
    }
    // A SEQUENCE over 127 bytes; no text begins like that, since the second byte is not ASCII.
    if let [0x30, 0x81..=0x84, ..] = bytes {
        return Ok(Zeroizing::new(bytes.to_vec()));
    }
    let text = core::str::from_utf8(bytes).map_err(|_| KeyError::NotText { input })?;
    let text = text.trim_start_matches('\u{feff}').trim();
    if text.is_empty() {
        return Err(KeyError::Empty { input });
    }
    if text.starts_with("ssh-") {
        return Err(KeyError::WrongKind { input, found: "an OpenSSH public key" });
    }
    if !text.contains(DASHES) {
        return base64(text, input);
    }
    base64(pem_body(text, input)?, input)
}

/// The base64 between the lines of the only PEM frame.
fn pem_body(text: &str, input: KeyInput) -> Result<&str, KeyError> {
    let bad = |detail| KeyError::NotPem { input, detail };
    let (_, rest) = text.split_once(BEGIN).ok_or(bad("there is no BEGIN line"))?;
    let (label, rest) = rest.split_once(DASHES).ok_or(bad("the BEGIN line is cut"))?;
    let (body, rest) = rest.split_once(END).ok_or(bad("there is no END line"))?;
    if rest.contains(BEGIN) || body.contains(BEGIN) {
        return Err(bad("there is more than one key or certificate in it; keep the one that is meant"));
    }
    // The DER says what a key is, whatever the label; these are told apart because they are no plain DER
    // key, or because the label gives the better explanation.
    match label.trim() {
        "ENCRYPTED PRIVATE KEY" => Err(KeyError::EncryptedPem { input }),
        _ if body.contains("Proc-Type") => Err(KeyError::EncryptedPem { input }),
        "OPENSSH PRIVATE KEY" => Err(KeyError::WrongKind { input, found: "an OpenSSH private key" }),
        "EC PRIVATE KEY" | "DSA PRIVATE KEY" => Err(KeyError::NotRsa { input }),
        _ => Ok(body),
    }
}

fn base64(text: &str, input: KeyInput) -> Result<Zeroizing<Vec<u8>>, KeyError> {
    let mut compact = Zeroizing::new(String::with_capacity(text.len()));
    // Environment files often carry the line breaks as the two characters `\n`.
    for line in text.split("\\n").flat_map(|line| line.split("\\r")) {
        compact.extend(line.chars().filter(|c| !c.is_whitespace()));
    }
    if compact.is_empty() {
        return Err(KeyError::Empty { input });
    }
    KEY_BASE64.decode(compact.as_bytes()).map(Zeroizing::new).map_err(|_| KeyError::NotBase64 { input })
}
