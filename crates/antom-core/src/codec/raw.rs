use alloc::borrow::ToOwned;
use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use super::{DecodeError, Limits, Reader};

/// One JSON value as text, known to be well-formed and free of duplicate keys.
///
/// `Debug` shows the length only: nothing is known about what the value holds.
///
/// ```
/// use antom_core::codec::RawJson;
///
/// let kept = RawJson::parse(r#"{"a": 1.0}"#)?;
/// assert_eq!(kept.as_str(), r#"{"a": 1.0}"#);
/// assert_eq!(RawJson::string("tea \"hot\"").as_str(), r#""tea \"hot\"""#);
/// assert!(RawJson::parse("{").is_err());
/// # Ok::<(), antom_core::codec::DecodeError>(())
/// ```
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct RawJson(Box<str>);

impl RawJson {
    /// Checks `text` and keeps it as it is, without surrounding white space.
    ///
    /// # Errors
    ///
    /// The text is not one JSON value, names a member twice, or nests too deep.
    pub fn parse(text: &str) -> Result<Self, DecodeError> {
        let mut reader = Reader::new(text.as_bytes(), &Limits::ANSWER)?;
        let raw = reader.read_raw()?;
        reader.end()?;
        Ok(Self(raw.into()))
    }

    /// A JSON string with this content.
    #[must_use]
    pub fn string(content: &str) -> Self {
        let mut out = Vec::with_capacity(content.len() + 2);
        super::writer::write_string(&mut out, content);
        Self(crate::ascii::into_text(out).into_boxed_str())
    }

    pub(crate) fn trusted(text: &str) -> Self {
        Self(text.into())
    }

    /// The JSON text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for RawJson {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RawJson({} bytes)", self.0.len())
    }
}

/// A decimal number as the text that was received or is to be sent; never a float.
///
/// ```
/// use antom_core::codec::DecimalText;
///
/// let rate = DecimalText::from("1.170350");
/// assert_eq!(rate.as_str(), "1.170350"); // Every digit that was sent.
/// assert!(DecimalText::is_number("-0.5e3") && !DecimalText::is_number("1,5"));
/// ```
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct DecimalText(Box<str>);

impl DecimalText {
    /// Whether `text` has the form of a JSON number.
    #[must_use]
    pub fn is_number(text: &str) -> bool {
        let mut reader = match Reader::new(text.as_bytes(), &Limits::ANSWER) {
            Ok(reader) => reader,
            Err(_) => return false,
        };
        reader.read_number().is_ok_and(|read| read.len() == text.len())
    }

    /// The text as it stands.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<&str> for DecimalText {
    fn from(text: &str) -> Self {
        Self(text.into())
    }
}

impl From<String> for DecimalText {
    fn from(text: String) -> Self {
        Self(text.into_boxed_str())
    }
}

/// An object whose member names are data: pairs in the order of the document.
///
/// ```
/// use antom_core::codec::Map;
///
/// let mut prices = Map::new();
/// assert!(prices.is_empty());
/// assert_eq!(prices.insert("coffee", 300), None);
/// assert_eq!(prices.insert("coffee", 320), Some(300));
/// assert_eq!((prices.get("coffee"), prices.len()), (Some(&320), 1));
/// assert_eq!(prices.iter().collect::<Vec<_>>(), [("coffee", &320)]);
/// ```
#[derive(Clone, PartialEq)]
pub struct Map<T>(Vec<(String, T)>);

impl<T> Map<T> {
    /// An empty map.
    #[must_use]
    pub const fn new() -> Self {
        Self(Vec::new())
    }

    /// Sets a member, replacing the one of that name; gives the old value back.
    pub fn insert(&mut self, name: impl Into<String>, value: T) -> Option<T> {
        let name = name.into();
        match self.0.iter_mut().find(|(known, _)| *known == name) {
            Some((_, slot)) => Some(core::mem::replace(slot, value)),
            None => {
                self.0.push((name, value));
                None
            }
        }
    }

    pub(crate) fn push(&mut self, name: String, value: T) {
        self.0.push((name, value));
    }

    /// The value of a member.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&T> {
        self.0.iter().find(|(known, _)| known == name).map(|(_, value)| value)
    }

    /// All members in order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &T)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value))
    }

    /// The number of members.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is no member.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(crate) fn at(&self, index: usize) -> Option<(&str, &T)> {
        self.0.get(index).map(|(name, value)| (name.as_str(), value))
    }
}

impl<T> Default for Map<T> {
    fn default() -> Self {
        Self::new()
    }
}

impl<T> fmt::Debug for Map<T> {
    /// Names only: maps carry card data.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.0.iter().map(|(name, _)| name)).finish()
    }
}

impl<T, N: AsRef<str>> FromIterator<(N, T)> for Map<T> {
    fn from_iter<I: IntoIterator<Item = (N, T)>>(items: I) -> Self {
        let mut map = Self::new();
        for (name, value) in items {
            map.insert(name.as_ref().to_owned(), value);
        }
        map
    }
}
