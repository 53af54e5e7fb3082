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
use alloc::{string::String, vec::Vec};
use base64::{Engine, display::Base64Display, engine::general_purpose::STANDARD};
use core::fmt::{self, Write};

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
            let mut text = [0; TEXT];
            let taken = left.len().min(TEXT);
            text.iter_mut().zip(left).for_each(|(place, byte)| *place = *byte);
            let from = read;
            read += taken;
            let mut decoded = [0; BYTES];
            let length = STANDARD.decode_slice(text.get(..taken).unwrap_or_default(), &mut decoded);
            // Padding ends a text: it may stand in the last piece only.
            let length = length.ok().filter(|length| *length == BYTES || read == bytes.len());
            let (Some(length), Some(place)) = (length, bytes.get_mut(written..)) else {
                return Err(no_base64(bytes.get(from..).unwrap_or_default()));
            };
            place.iter_mut().zip(decoded).take(length).for_each(|(place, byte)| *place = byte);
            written += length;
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
    // Base64 takes four characters for three bytes; a few of them are escaped.
    let mut escaped = Escaped(String::with_capacity(48 + signature.as_bytes().len() * 3 / 2));
    // Writing to a String cannot fail.
    let _ = write!(escaped.0, "algorithm={},keyVersion={key_version},signature=", Algorithm::Rsa256.as_str());
    let _ = write!(escaped, "{}", Base64Display::new(signature.as_bytes(), &STANDARD));
    escaped.0
}

/// Percent-encodes what base64 uses beyond letters and digits.
struct Escaped(String);

impl fmt::Write for Escaped {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let mut written = 0;
        for (at, byte) in text.bytes().enumerate() {
            let escape = match byte {
                b'+' => "%2B",
                b'/' => "%2F",
                b'=' => "%3D",
                _ => continue,
            };
            self.0.push_str(text.get(written..at).unwrap_or_default());
            self.0.push_str(escape);
            written = at + 1;
        }
        self.0.push_str(text.get(written..).unwrap_or_default());
        Ok(())
    }
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
    if value.len() > MAX_HEADER_LEN {
        return Err(HeaderError::TooLong { len: value.len() });
    }
    let printable = |byte| matches!(byte, b'\t' | b' '..=b'~');
    if !all(value, printable) {
        let at = value.bytes().position(|byte| !printable(byte)).unwrap_or_default();
        return Err(HeaderError::Character { at });
    }
    let (mut algorithm, mut key_version, mut signature) = (None, None, None);
    for part in value.split(',') {
        // Only the first `=` divides: the signature's own padding stays in the value.
        let Some((name, value)) = part.split_once('=') else { continue };
        let name = name.trim();
        let (slot, part) = if name.eq_ignore_ascii_case("signature") {
            (&mut signature, "signature")
        } else if name.eq_ignore_ascii_case("algorithm") {
            (&mut algorithm, "algorithm")
        } else if name.eq_ignore_ascii_case("keyVersion") {
            (&mut key_version, "keyVersion")
        } else {
            continue;
        };
        if slot.replace(value.trim()).is_some() {
            return Err(HeaderError::Duplicate { part });
        }
    }
    if algorithm.is_some_and(|name| !name.eq_ignore_ascii_case(Algorithm::Rsa256.as_str())) {
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

/// Undoes percent escapes, once. A blank, a broken escape or one for an invisible character is an error.
fn unescape(text: &str) -> Result<String, HeaderError> {
    let mut parts = text.split('%');
    let mut plain = Vec::with_capacity(text.len());
    plain.extend_from_slice(parts.next().unwrap_or_default().as_bytes());
    for part in parts {
        let (digits, rest) = part.as_bytes().split_at_checked(2).ok_or(HeaderError::Escape)?;
        let byte =
            digits.iter().try_fold(0, |byte, &digit| Some(byte << 4 | char::from(digit).to_digit(16)?));
        plain.push(byte.and_then(|byte| u8::try_from(byte).ok()).ok_or(HeaderError::Escape)?);
        plain.extend_from_slice(rest);
    }
    // A percent sign that remains was escaped twice.
    match String::from_utf8(plain) {
        Ok(text) if all(&text, |byte| byte.is_ascii_graphic() & (byte != b'%')) => Ok(text),
        _ => Err(HeaderError::Escape),
    }
}

/// Whether every byte is one of those. Without an early exit, which would keep the compiler from looking at
/// many bytes at once.
fn all(text: &str, fits: impl Fn(u8) -> bool) -> bool {
    text.bytes().fold(true, |all, byte| all & fits(byte))
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
