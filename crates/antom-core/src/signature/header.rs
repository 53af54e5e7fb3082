//! The `Signature` header, both ways: one form out, every form seen in traffic in.
//!
//! ```
//! use antom_core::signature::{KeyVersion, Signature, header};
//!
//! let signature = Signature::new(vec![7; 256]);
//! let text = header::render(&signature, KeyVersion::new(2));
//! let read = header::parse(&text)?;
//! assert_eq!(read.key_version, Some(KeyVersion::new(2)));
//! assert_eq!(read.into_signature()?, signature);
//! # Ok::<(), antom_core::signature::HeaderError>(())
//! ```

use super::{KeyVersion, Signature};
use crate::ascii;
use crate::ascii::{into_text, write_integer};
use alloc::{string::String, vec::Vec};
use base64::{Engine, engine::general_purpose::STANDARD};
use core::fmt;

/// Longest header value read, in bytes. The longest real one (8192-bit key, every sign escaped) is half of it.
pub const MAX_HEADER_LEN: usize = 8 * 1024;

/// The signature algorithm. There is one; a header that names another is refused.
///
/// ```
/// use antom_core::signature::header::Algorithm;
///
/// assert_eq!(Algorithm::Rsa256.as_str(), "RSA256");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Algorithm {
    /// RSA PKCS#1 v1.5 with SHA-256.
    Rsa256,
}

impl Algorithm {
    /// The label in the header.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Rsa256 => "RSA256",
        }
    }
}

/// A `Signature` header as read. Nothing in it is verified, the key version is a hint.
///
/// ```
/// use antom_core::signature::header::{Algorithm, SignatureHeader, parse};
///
/// let header: SignatureHeader = parse("algorithm=RSA256,keyVersion=1,signature=%2B%2F8%3D")?;
/// assert_eq!(header.algorithm, Algorithm::Rsa256);
/// assert_eq!(header.signature_base64(), "+/8=");
/// assert_eq!(header.decode()?.as_bytes(), [0xfb, 0xff]);
/// assert_eq!(header.clone().into_signature()?, header.decode()?);
/// # Ok::<(), antom_core::signature::HeaderError>(())
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct SignatureHeader {
    /// The algorithm; [`Algorithm::Rsa256`] also when the header names none.
    pub algorithm: Algorithm,
    /// The key version, if the header names one.
    pub key_version: Option<KeyVersion>,
    base64: String,
}

impl SignatureHeader {
    /// The signature's base64 text, percent escapes undone.
    #[must_use]
    pub fn signature_base64(&self) -> &str {
        &self.base64
    }

    /// Decodes the signature.
    ///
    /// # Errors
    /// [`HeaderError::Base64Url`] or [`HeaderError::NotBase64`]: only standard base64 with its padding is
    /// taken, so one signature has one spelling.
    pub fn decode(&self) -> Result<Signature, HeaderError> {
        match STANDARD.decode(&self.base64) {
            Ok(bytes) => Ok(Signature::new(bytes)),
            Err(_) => Err(no_base64(self.base64.as_bytes())),
        }
    }

    /// As [`decode`](Self::decode), into the memory that the text was in.
    ///
    /// # Errors
    ///
    /// As [`decode`](Self::decode).
    pub fn into_signature(self) -> Result<Signature, HeaderError> {
        const TEXT: usize = 64;
        const BYTES: usize = TEXT / 4 * 3;
        let mut bytes = self.base64.into_bytes();
        let (mut read, mut written) = (0, 0);
        while let Some(left) = bytes.get(read..).filter(|left| !left.is_empty()) {
            let taken = left.len().min(TEXT);
            let mut decoded = [0; BYTES];
            let length = STANDARD.decode_slice(left.get(..taken).unwrap_or_default(), &mut decoded);
            // Padding ends a text: it may stand in the last piece only.
            let length = length.ok().filter(|length| *length == BYTES || taken == left.len());
            let decoded = length.and_then(|length| decoded.get(..length));
            let place = decoded.and_then(|decoded| bytes.get_mut(written..written + decoded.len()));
            let (Some(decoded), Some(place)) = (decoded, place) else {
                return Err(no_base64(bytes.get(read..).unwrap_or_default()));
            };
            place.copy_from_slice(decoded);
            read += taken;
            written += decoded.len();
        }
        bytes.truncate(written);
        Ok(Signature::new(bytes))
    }
}

fn no_base64(text: &[u8]) -> HeaderError {
    match text.iter().any(|&byte| byte == b'-' || byte == b'_') {
        true => HeaderError::Base64Url,
        false => HeaderError::NotBase64,
    }
}

impl fmt::Debug for SignatureHeader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SignatureHeader")
            .field("algorithm", &self.algorithm)
            .field("key_version", &self.key_version)
            .field("signature", &format_args!("{} characters", self.base64.len()))
            .finish()
    }
}

/// Writes the header value: `algorithm=RSA256,keyVersion=1,signature=<base64, percent-encoded>`.
///
/// ```
/// # use antom_core::signature::{KeyVersion, Signature, header::render};
/// let value = render(&Signature::new(vec![0xfb, 0xff]), KeyVersion::FIRST);
/// assert_eq!(value, "algorithm=RSA256,keyVersion=1,signature=%2B%2F8%3D");
/// ```
#[must_use]
pub fn render(signature: &Signature, key_version: KeyVersion) -> String {
    /// Three bytes of a signature are four characters.
    const BYTES: usize = 48;
    let bytes = signature.as_bytes();
    // A few characters are escaped.
    let mut out = Vec::with_capacity(48 + bytes.len() * 3 / 2);
    out.extend_from_slice(b"algorithm=");
    out.extend_from_slice(Algorithm::Rsa256.as_str().as_bytes());
    out.extend_from_slice(b",keyVersion=");
    write_integer(&mut out, key_version.get().into());
    out.extend_from_slice(b",signature=");
    for piece in bytes.chunks(BYTES) {
        let mut base64 = [0; BYTES / 3 * 4];
        // There is room for it.
        let length = STANDARD.encode_slice(piece, &mut base64).unwrap_or_default();
        escape(&mut out, base64.get(..length).unwrap_or_default());
    }
    into_text(out)
}

/// Percent-encodes what base64 has beside letters and digits.
fn escape(out: &mut Vec<u8>, base64: &[u8]) {
    let mut rest = base64;
    while let Some(at) = rest.iter().position(|byte| matches!(byte, b'+' | b'/' | b'=')) {
        let (plain, special) = rest.split_at_checked(at).unwrap_or_default();
        out.extend_from_slice(plain);
        out.extend_from_slice(match special.first() {
            Some(b'+') => b"%2B",
            Some(b'/') => b"%2F",
            _ => b"%3D",
        });
        rest = special.get(1..).unwrap_or_default();
    }
    out.extend_from_slice(rest);
}

/// Reads a header value.
///
/// Parts may come in any order, with blanks around them, names in any case; unknown parts are passed over.
/// The signature may be percent-encoded (either case) or bare, where `+` is a plus and never a blank.
///
/// # Errors
/// [`HeaderError`] names the part that is missing, doubled or unreadable; it never repeats the value.
///
/// ```
/// # use antom_core::signature::{KeyVersion, header::parse};
/// let header = parse(" signature=%2b/8= , keyVersion=2").unwrap();
/// assert_eq!(header.key_version, Some(KeyVersion::new(2)));
/// assert_eq!(header.signature_base64(), "+/8=");
/// assert!(parse("algorithm=none,signature=abcd").is_err());
/// ```
pub fn parse(value: &str) -> Result<SignatureHeader, HeaderError> {
    const PARTS: [&str; 3] = ["algorithm", "keyVersion", "signature"];
    if value.len() > MAX_HEADER_LEN {
        return Err(HeaderError::TooLong { len: value.len() });
    }
    if !ascii::only(value.as_bytes(), b' ', b'\t') {
        let at = value.bytes().position(|byte| !matches!(byte, b' '..=b'~' | b'\t')).unwrap_or_default();
        return Err(HeaderError::Character { at });
    }
    let mut found = [None; PARTS.len()];
    for part in value.split(',') {
        // Only the first `=` divides: the signature's own padding stays in the value.
        let Some((name, value)) = part.split_once('=') else { continue };
        let Some(place) = ascii::place(&PARTS, name.trim_ascii()) else { continue };
        let (Some(slot), Some(part)) = (found.get_mut(place), PARTS.get(place)) else { continue };
        if slot.replace(value.trim_ascii()).is_some() {
            return Err(HeaderError::Duplicate { part });
        }
    }
    let [algorithm, key_version, signature] = found;
    if algorithm.is_some_and(|name| ascii::place(&[Algorithm::Rsa256.as_str()], name).is_none()) {
        return Err(HeaderError::Algorithm);
    }
    let base64 = unescape(signature.ok_or(HeaderError::NoSignature)?)?;
    if base64.is_empty() {
        return Err(HeaderError::EmptySignature);
    }
    Ok(SignatureHeader {
        algorithm: Algorithm::Rsa256,
        key_version: key_version.map(read_version).transpose()?,
        base64,
    })
}

fn read_version(text: &str) -> Result<KeyVersion, HeaderError> {
    // `u32::from_str` alone would take a sign.
    if !text.bytes().all(|b| b.is_ascii_digit()) {
        return Err(HeaderError::KeyVersion);
    }
    text.parse().map(KeyVersion::new).map_err(|_| HeaderError::KeyVersion)
}

/// Undoes percent-encoding. `+` stays a plus; what is left must be visible.
fn unescape(text: &str) -> Result<String, HeaderError> {
    if !ascii::only(text.as_bytes(), b'!', b'!') {
        return Err(HeaderError::Escape);
    }
    let mut parts = text.split('%');
    let mut plain = String::with_capacity(text.len());
    plain.push_str(parts.next().unwrap_or_default());
    for part in parts {
        let (digits, rest) = part.split_at_checked(2).ok_or(HeaderError::Escape)?;
        let byte = digits.chars().try_fold(0, |byte, digit| Some(byte << 4 | digit.to_digit(16)?));
        // A percent sign that remains was escaped twice.
        let byte = byte.and_then(char::from_u32).filter(|byte| byte.is_ascii_graphic() && *byte != '%');
        plain.push(byte.ok_or(HeaderError::Escape)?);
        plain.push_str(rest);
    }
    Ok(plain)
}

/// Why a `Signature` header cannot be read.
///
/// ```
/// use antom_core::signature::header::{HeaderError, parse};
///
/// assert_eq!(parse("algorithm=none,signature=AQEB"), Err(HeaderError::Algorithm));
/// assert_eq!(parse("keyVersion=1"), Err(HeaderError::NoSignature));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum HeaderError {
    /// Over [`MAX_HEADER_LEN`].
    #[error("Signature header: {len} bytes, at most {MAX_HEADER_LEN} are read")]
    TooLong {
        /// Length given, in bytes.
        len: usize,
    },
    /// A control character or a byte outside ASCII.
    #[error("Signature header: byte {at} is not printable ASCII")]
    Character {
        /// Position of the first such byte, from 0.
        at: usize,
    },
    /// A known part occurs twice.
    #[error("Signature header: the part '{part}' occurs more than once")]
    Duplicate {
        /// Name of the part.
        part: &'static str,
    },
    /// No `signature` part.
    #[error("Signature header: no 'signature=' part; expected algorithm=RSA256,keyVersion=1,signature=...")]
    NoSignature,
    /// A `signature` part without a value.
    #[error("Signature header: the 'signature' part is empty")]
    EmptySignature,
    /// An algorithm other than RSA256.
    #[error("Signature header: the 'algorithm' part is not RSA256; no other algorithm is accepted")]
    Algorithm,
    /// A key version that is not a number up to 4294967295.
    #[error("Signature header: the 'keyVersion' part is not a number")]
    KeyVersion,
    /// A broken percent escape, or a blank or invisible character in the signature.
    #[error("Signature header: the 'signature' part has a broken percent escape or an invisible character")]
    Escape,
    /// The URL-safe base64 alphabet.
    #[error("Signature header: the 'signature' part is base64url; standard base64 ('+' and '/') is expected")]
    Base64Url,
    /// Not standard base64 with padding: cut short, mangled or never a signature.
    #[error(
        "Signature header: the 'signature' part is not padded standard base64; was it cut or re-encoded?"
    )]
    NotBase64,
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::{format, vec};

    #[test]
    fn rendered_headers_read_back() {
        for bytes in [vec![0], vec![0xfb, 0xff], (0..=255).collect::<Vec<u8>>(), vec![0xff; 1024]] {
            let signature = Signature::new(bytes);
            let text = render(&signature, KeyVersion::new(7));
            assert!(text.len() <= MAX_HEADER_LEN);
            let header = parse(&text).unwrap();
            assert_eq!(header.key_version, Some(KeyVersion::new(7)));
            assert_eq!(header.decode().unwrap(), signature);
        }
    }

    #[test]
    fn every_tolerated_form_means_the_same() {
        for text in [
            "algorithm=RSA256,keyVersion=1,signature=%2B%2F8%3D",
            "algorithm=RSA256, keyVersion=1, signature=%2b%2f8%3d",
            "  algorithm = RSA256 ,\tkeyVersion = 1 , signature = +/8=  ",
            "signature=+/8=,keyVersion=1,algorithm=rsa256",
            "Signature=+/8=,KEYVERSION=01,Algorithm=RSA256",
            "a=1,keyVersion=1,,b,signature=+/8=,c=3,",
        ] {
            let header = parse(text).unwrap();
            assert_eq!(header.algorithm, Algorithm::Rsa256);
            assert_eq!(header.key_version, Some(KeyVersion::FIRST), "{text}");
            assert_eq!(header.signature_base64(), "+/8=", "{text}");
            assert_eq!(header.decode().unwrap().as_bytes(), [0xfb, 0xff]);
        }
        assert_eq!(parse("signature=+/8=").unwrap().key_version, None);
        assert_eq!(parse("keyVersion=0,signature=+/8=").unwrap().key_version, Some(KeyVersion::new(0)));
    }

    #[test]
    fn refused_forms_are_named() {
        let table: &[(&str, HeaderError)] = &[
            ("", HeaderError::NoSignature),
            ("signature", HeaderError::NoSignature),
            ("algorithm=RSA256,keyVersion=1", HeaderError::NoSignature),
            ("xsignature=abcd", HeaderError::NoSignature),
            ("signature=", HeaderError::EmptySignature),
            ("signature= ,algorithm=RSA256", HeaderError::EmptySignature),
            ("signature=abcd,signature=abcd", HeaderError::Duplicate { part: "signature" }),
            ("signature=abcd,Signature=abcd", HeaderError::Duplicate { part: "signature" }),
            (
                "algorithm=RSA256,algorithm=RSA256,signature=abcd",
                HeaderError::Duplicate { part: "algorithm" },
            ),
            ("keyVersion=1,keyVersion=2,signature=abcd", HeaderError::Duplicate { part: "keyVersion" }),
            ("algorithm=none,signature=abcd", HeaderError::Algorithm),
            ("algorithm=,signature=abcd", HeaderError::Algorithm),
            ("algorithm=RSA1,signature=abcd", HeaderError::Algorithm),
            ("algorithm=SHA1withRSA,signature=abcd", HeaderError::Algorithm),
            ("algorithm=SHA256withRSA, keyVersion=1, signature=abcd", HeaderError::Algorithm),
            ("keyVersion=,signature=abcd", HeaderError::KeyVersion),
            ("keyVersion=+1,signature=abcd", HeaderError::KeyVersion),
            ("keyVersion=1.0,signature=abcd", HeaderError::KeyVersion),
            ("keyVersion=4294967296,signature=abcd", HeaderError::KeyVersion),
            ("signature=ab%2", HeaderError::Escape),
            ("signature=ab%", HeaderError::Escape),
            ("signature=ab%zz", HeaderError::Escape),
            ("signature=ab%+1", HeaderError::Escape),
            ("signature=ab%00", HeaderError::Escape),
            ("signature=ab%ff", HeaderError::Escape),
            ("signature=ab cd", HeaderError::Escape),
            ("signature=ab%20cd", HeaderError::Escape),
            ("signature=abcd\r\nX: y", HeaderError::Character { at: 14 }),
            ("signature=äbcd", HeaderError::Character { at: 10 }),
        ];
        for (text, error) in table {
            assert_eq!(parse(text), Err(*error), "{text}");
        }
        let long = format!("signature={}", "a".repeat(100_000));
        assert_eq!(parse(&long), Err(HeaderError::TooLong { len: 100_010 }));
    }

    #[test]
    fn undecodable_signatures_are_named() {
        for (text, error) in [
            ("signature=-_8=", HeaderError::Base64Url),
            ("signature=-_8", HeaderError::Base64Url),
            ("signature=+/8", HeaderError::NotBase64),
            ("signature=+/9=", HeaderError::NotBase64),
            ("signature=+/8==", HeaderError::NotBase64),
            ("signature=====", HeaderError::NotBase64),
            ("signature=...", HeaderError::NotBase64),
        ] {
            assert_eq!(parse(text).unwrap().decode(), Err(error), "{text}");
            assert_eq!(parse(text).unwrap().into_signature(), Err(error), "{text}");
        }
        // Escaped twice: undone once only, and what is left is no base64.
        assert_eq!(parse("signature=%252B/8="), Err(HeaderError::Escape));
    }

    #[test]
    fn debug_shows_no_signature() {
        let header = parse("signature=c2VjcmV0").unwrap();
        assert!(!format!("{header:?}").contains("c2Vj"));
    }
}
