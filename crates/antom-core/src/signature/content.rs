//! The bytes that are signed.

use super::ClientId;
use crate::ascii;
use crate::time::WireTime;
use alloc::vec::Vec;

/// Length in bytes of what [`write_prefix`] writes: room to reserve before a body.
///
/// ```
/// use antom_core::signature::{ClientId, prefix_len, write_prefix};
/// use antom_core::time::WireTime;
///
/// let id = ClientId::new("SANDBOX_1")?;
/// let time = WireTime::parse("1685599933871")?;
/// let mut out = Vec::new();
/// write_prefix(&mut out, "POST", "/ams/api/v1/payments/pay", &id, &time);
/// assert_eq!(out.len(), prefix_len("POST", "/ams/api/v1/payments/pay", &id, &time));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[must_use]
pub fn prefix_len(method: &str, path_and_query: &str, client_id: &ClientId, time: &WireTime) -> usize {
    // One blank, one line break, two dots.
    method.len() + path_and_query.len() + client_id.as_str().len() + time.as_str().len() + 4
}

/// Writes `<METHOD> <path>\n<client-id>.<time>.`; the body follows as it is sent or was received.
///
/// `path_and_query` must have passed [`check_path`]; the other parts are checked by their types. It is the
/// path that goes over the wire, query included, after any sandbox rewriting.
///
/// ```
/// use antom_core::signature::{ClientId, write_prefix};
/// use antom_core::time::WireTime;
///
/// let (id, time) = (ClientId::new("SANDBOX_1")?, WireTime::parse("1685599933871")?);
/// // One buffer for what is signed and what is sent: the body follows behind the prefix.
/// let mut out = Vec::new();
/// write_prefix(&mut out, "POST", "/ams/api/v1/payments/pay", &id, &time);
/// let body_at = out.len();
/// out.extend_from_slice(b"{}");
/// assert_eq!(&out[body_at..], b"{}");
/// assert!(out.starts_with(b"POST /ams/api/v1/payments/pay\nSANDBOX_1.1685599933871."));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn write_prefix(
    out: &mut Vec<u8>,
    method: &str,
    path_and_query: &str,
    client_id: &ClientId,
    time: &WireTime,
) {
    for part in [method, " ", path_and_query, "\n", client_id.as_str(), ".", time.as_str(), "."] {
        out.extend_from_slice(part.as_bytes());
    }
}

/// The whole content to sign or verify, in a buffer of its own.
///
/// ```
/// # use antom_core::{signature::{ClientId, content}, time::WireTime};
/// let id = ClientId::new("SANDBOX_1").unwrap();
/// let time = WireTime::parse("1685599933871").unwrap();
/// let bytes = content("POST", "/ams/api/v1/payments/pay", &id, &time, b"{}");
/// assert_eq!(bytes, b"POST /ams/api/v1/payments/pay\nSANDBOX_1.1685599933871.{}");
/// ```
#[must_use]
pub fn content(
    method: &str,
    path_and_query: &str,
    client_id: &ClientId,
    time: &WireTime,
    body: &[u8],
) -> Vec<u8> {
    let mut out = Vec::with_capacity(prefix_len(method, path_and_query, client_id, time) + body.len());
    write_prefix(&mut out, method, path_and_query, client_id, time);
    out.extend_from_slice(body);
    out
}

/// Checks that a path (with its query, if any) can be signed without ambiguity.
///
/// # Errors
/// [`PathError`] unless it begins with `/` and holds visible ASCII only: no blank, no line break, nothing
/// outside ASCII (percent-encode that first).
///
/// ```
/// use antom_core::signature::{PathError, check_path};
///
/// assert_eq!(check_path("/ams/api/v1/payments/pay"), Ok(()));
/// // A line break would move bytes from one part of the signed text into another.
/// assert_eq!(check_path("/ams/api\nX"), Err(PathError::Character { at: 8 }));
/// ```
pub fn check_path(path_and_query: &str) -> Result<(), PathError> {
    if !path_and_query.starts_with('/') {
        return Err(PathError::NoSlash);
    }
    if ascii::only(path_and_query.as_bytes(), b'!', b'!') {
        return Ok(());
    }
    let at = path_and_query.bytes().position(|byte| !byte.is_ascii_graphic()).unwrap_or_default();
    Err(PathError::Character { at })
}

/// Why a path cannot be signed.
///
/// ```
/// use antom_core::signature::check_path;
///
/// assert!(check_path("/ams/api/v1/payments/pay").is_ok());
/// assert!(check_path("ams/api").is_err());
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PathError {
    /// It does not begin with a slash: empty, relative, or a whole URL.
    #[error("path to sign: does not begin with '/'; give the path of the URL, without scheme and host")]
    NoSlash,
    /// A blank, a control character or a byte outside ASCII.
    #[error("path to sign: byte {at} is not visible ASCII; percent-encode it as in the URL")]
    Character {
        /// Position of the first such byte, from 0.
        at: usize,
    },
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(text: &str) -> ClientId {
        ClientId::new(text).unwrap()
    }

    fn time(text: &str) -> WireTime {
        WireTime::parse(text).unwrap()
    }

    #[test]
    fn layout_is_exact() {
        let (id, time) = (id("C-1"), time("2022-01-13T15:33:00+08:00"));
        let whole = content("POST", "/a/b?c=d", &id, &time, "ä\n".as_bytes());
        assert_eq!(whole, "POST /a/b?c=d\nC-1.2022-01-13T15:33:00+08:00.ä\n".as_bytes());
        assert_eq!(prefix_len("POST", "/a/b?c=d", &id, &time), whole.len() - 3);
    }

    #[test]
    fn paths() {
        for ok in ["/", "/ams/api//v1/x", "/a?b=c&d=%20", "/a.b/c~d"] {
            assert_eq!(check_path(ok), Ok(()), "{ok}");
        }
        for no_slash in ["", "a", "https://host/a", " /a", "?a"] {
            assert_eq!(check_path(no_slash), Err(PathError::NoSlash), "{no_slash:?}");
        }
        for bad in ["/a b", "/a\nC.1.", "/a\r", "/ä", "/\0", "/a\t", "/\u{7f}"] {
            assert!(matches!(check_path(bad), Err(PathError::Character { .. })), "{bad:?}");
        }
    }

    /// Two different (client id, time, body) triples never give the same bytes: whatever is moved over a
    /// dot, one of the parts leaves its grammar.
    #[test]
    fn moving_bytes_over_a_dot_leaves_a_grammar() {
        let whole = "C1.1685599933871.5.{\"a\":1.5}";
        let mut readings = 0;
        for (first, _) in whole.match_indices('.') {
            for (second, _) in whole.match_indices('.').filter(|(second, _)| *second > first) {
                let client_id = ClientId::new(&whole[..first]);
                let time = WireTime::parse(&whole[first + 1..second]);
                readings += usize::from(client_id.is_ok() && time.is_ok());
            }
        }
        assert_eq!(readings, 1);
    }
}
