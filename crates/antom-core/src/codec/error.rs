use alloc::string::String;
use core::fmt;

/// Why a document could not be read, and where.
///
/// The message names the place as a JSON pointer (RFC 6901) and the byte offset, never the value that
/// stood there.
///
/// ```
/// use antom_core::codec::RawJson;
///
/// match RawJson::parse(r#"{"a": }"#) {
///     Err(error) => assert_eq!(error.offset(), 6, "{:?} at {}", error.kind(), error.pointer()),
///     Ok(_) => panic!("that is not JSON"),
/// }
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DecodeError {
    kind: DecodeErrorKind,
    pointer: String,
    offset: usize,
}

/// What was wrong with a document.
///
/// ```
/// use antom_core::codec::{DecodeErrorKind, RawJson};
///
/// let error = RawJson::parse(r#"{"a": 1, "a": 2}"#).unwrap_err();
/// assert_eq!((error.kind(), error.pointer()), (&DecodeErrorKind::DuplicateKey, "/a"));
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum DecodeErrorKind {
    /// The document is longer than the limit.
    TooLarge {
        /// The limit in bytes.
        limit: usize,
    },
    /// The document nests deeper than the limit.
    TooDeep {
        /// The limit in levels.
        limit: usize,
    },
    /// The bytes are not UTF-8.
    NotUtf8,
    /// There is nothing but white space.
    Empty,
    /// The text is not JSON.
    Syntax {
        /// What the reader expected at this place.
        expected: &'static str,
    },
    /// One object names the same member twice.
    DuplicateKey,
    /// A member that the type needs is absent or null.
    MissingField {
        /// The member's wire name.
        field: &'static str,
    },
    /// A value has another shape than the type.
    WrongType {
        /// The shape that was expected.
        expected: &'static str,
        /// The shape that was found.
        found: &'static str,
    },
    /// A boolean or number is written in a form that has no exact value here.
    Unreadable {
        /// The form that was expected.
        expected: &'static str,
    },
    /// The document is followed by more text.
    TrailingText,
}

/// Segments of foreign text in a pointer are cut at this many bytes.
const MAX_SEGMENT: usize = 64;

impl DecodeError {
    #[cold]
    pub(crate) fn new(kind: DecodeErrorKind, offset: usize) -> Self {
        Self { kind, pointer: String::new(), offset }
    }

    /// The error as seen from one level up: `segment` is put in front of the pointer.
    #[cold]
    pub(crate) fn inside(mut self, segment: &str) -> Self {
        let mut pointer = String::with_capacity(segment.len().min(MAX_SEGMENT) + 1 + self.pointer.len());
        pointer.push('/');
        let mut taken = 0;
        for c in segment.chars() {
            taken += c.len_utf8();
            if taken > MAX_SEGMENT {
                pointer.push('…');
                break;
            }
            match c {
                '~' => pointer.push_str("~0"),
                '/' => pointer.push_str("~1"),
                c if c.is_control() => pointer.push('\u{fffd}'),
                c => pointer.push(c),
            }
        }
        pointer.push_str(&self.pointer);
        self.pointer = pointer;
        self
    }

    #[cold]
    pub(crate) fn inside_item(self, index: usize) -> Self {
        self.inside(&alloc::format!("{index}"))
    }

    /// What was wrong.
    #[must_use]
    pub fn kind(&self) -> &DecodeErrorKind {
        &self.kind
    }

    /// The JSON pointer of the value at which reading stopped; empty for the document itself.
    #[must_use]
    pub fn pointer(&self) -> &str {
        &self.pointer
    }

    /// The byte offset at which reading stopped.
    #[must_use]
    pub fn offset(&self) -> usize {
        self.offset
    }
}

impl fmt::Display for DecodeErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooLarge { limit } => write!(f, "the document is longer than the limit of {limit} bytes"),
            Self::TooDeep { limit } => {
                write!(f, "the document nests deeper than the limit of {limit} levels")
            }
            Self::NotUtf8 => f.write_str("the bytes are not UTF-8"),
            Self::Empty => f.write_str("the document is empty"),
            Self::Syntax { expected } => write!(f, "not JSON: expected {expected}"),
            Self::DuplicateKey => f.write_str("the member is named twice in one object"),
            Self::MissingField { field } => write!(f, "the member `{field}` is required and absent"),
            Self::WrongType { expected, found } => write!(f, "expected {expected}, found {found}"),
            Self::Unreadable { expected } => write!(f, "expected {expected}"),
            Self::TrailingText => f.write_str("the document is followed by more text"),
        }
    }
}

impl fmt::Display for DecodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let place = if self.pointer.is_empty() { "the document" } else { &self.pointer };
        write!(f, "reading JSON stopped at {place} (byte {}): {}", self.offset, self.kind)
    }
}

impl core::error::Error for DecodeError {}
