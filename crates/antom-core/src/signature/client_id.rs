//! The client id: the account a signature speaks for.

use alloc::sync::Arc;
use core::fmt;

/// The client id Antom assigned to an account, checked.
///
/// 1 to 64 characters of `A-Z a-z 0-9 _ -`. A dot is refused because the signed content joins its parts with
/// dots: with one inside, bytes could move between the client id and the time.
///
/// ```
/// # use antom_core::signature::ClientId;
/// let id = ClientId::new("SANDBOX_5Y0000000000000001").unwrap();
/// assert!(id.is_sandbox());
/// assert_eq!(id.as_str(), "SANDBOX_5Y0000000000000001");
/// assert!(ClientId::new("a.b").is_err());
/// ```
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ClientId(Arc<str>);

impl ClientId {
    /// Longest client id taken, in characters.
    pub const MAX_LEN: usize = 64;

    /// Checks and keeps a client id.
    ///
    /// # Errors
    /// [`ClientIdError`] when the text is empty, too long or holds another character.
    pub fn new(text: &str) -> Result<Self, ClientIdError> {
        if text.is_empty() {
            return Err(ClientIdError::Empty);
        }
        if text.len() > Self::MAX_LEN {
            return Err(ClientIdError::TooLong { len: text.len() });
        }
        match text.bytes().position(|b| !(b.is_ascii_alphanumeric() || b == b'_' || b == b'-')) {
            Some(at) => Err(ClientIdError::Character { at }),
            None => Ok(Self(text.into())),
        }
    }

    /// The id as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether this is a sandbox account (`SANDBOX_…`, case-sensitive as at Antom).
    #[must_use]
    pub fn is_sandbox(&self) -> bool {
        self.0.starts_with("SANDBOX_")
    }
}

impl fmt::Display for ClientId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for ClientId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ClientId({})", self.0)
    }
}

impl AsRef<str> for ClientId {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

/// Why a text is not a client id. The text itself is not repeated: a key pasted into the wrong field ends
/// up here.
///
/// ```
/// use antom_core::signature::{ClientId, ClientIdError};
///
/// let refused: Result<ClientId, ClientIdError> = ClientId::new("two\nlines");
/// assert!(refused.is_err());
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ClientIdError {
    /// Nothing was given.
    #[error("client id: empty; copy it from the dashboard")]
    Empty,
    /// More than [`ClientId::MAX_LEN`] characters.
    #[error("client id: {len} characters, at most {max} are possible; is this another value?", max = ClientId::MAX_LEN)]
    TooLong {
        /// Length given, in bytes.
        len: usize,
    },
    /// A character that no client id has.
    #[error("client id: byte {at} is none of A-Z, a-z, 0-9, '_' and '-'; remove blanks and quotes around it")]
    Character {
        /// Position of the first such byte, from 0.
        at: usize,
    },
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::ToString;

    #[test]
    fn takes_what_antom_assigns() {
        for ok in ["SANDBOX_5YET942ZTUH303813", "T_ALLPAY_1", "a", "X-9_y"] {
            assert_eq!(ClientId::new(ok).unwrap().as_str(), ok);
        }
        assert!(!ClientId::new("sandbox_1").unwrap().is_sandbox());
        assert!(!ClientId::new("T_SANDBOX_1").unwrap().is_sandbox());
    }

    #[test]
    fn refuses_what_could_shift_bytes() {
        for bad in ["a.b", "a b", " a", "a\n", "a\r", "ä", "a\0", ".", "a/b"] {
            assert!(matches!(ClientId::new(bad), Err(ClientIdError::Character { .. })), "{bad:?}");
        }
        assert_eq!(ClientId::new(""), Err(ClientIdError::Empty));
        assert_eq!(ClientId::new(&"a".repeat(65)), Err(ClientIdError::TooLong { len: 65 }));
        assert!(ClientId::new(&"a".repeat(64)).is_ok());
    }

    #[test]
    fn errors_do_not_repeat_the_text() {
        let text = ClientId::new("very secret").unwrap_err().to_string();
        assert!(!text.contains("secret"), "{text}");
    }
}
