use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use super::RawJson;

/// What a document held beside the members its type names: members this SDK does not know, explicit
/// nulls, and scalars in a form that has no exact typed value.
///
/// A caller may also use it to send a member that the SDK has not yet:
///
/// ```
/// use antom_core::codec::{RawJson, Rest};
/// let mut rest = Rest::default();
/// assert!(rest.is_empty() && rest == Rest::new());
/// rest.insert("newField", RawJson::parse("\"x\"")?);
/// assert_eq!(rest.get("newField").map(RawJson::as_str), Some("\"x\""));
/// assert_eq!(rest.iter().count(), 1);
/// # Ok::<(), antom_core::codec::DecodeError>(())
/// ```
#[derive(Clone, Default, PartialEq, Eq, Hash)]
pub struct Rest(Option<Box<Inner>>);

#[derive(Clone, Default, PartialEq, Eq, Hash)]
struct Inner {
    /// Which of the type's own members were an explicit null; a bit per index.
    nulls: u128,
    members: Vec<(String, RawJson)>,
}

impl Rest {
    /// Nothing.
    #[must_use]
    pub const fn new() -> Self {
        Self(None)
    }

    /// Adds a member, or replaces the one of that name. A typed field of the same wire name that is
    /// set wins when the message is written.
    pub fn insert(&mut self, name: impl Into<String>, value: RawJson) {
        let name = name.into();
        let members = &mut self.0.get_or_insert_default().members;
        match members.iter_mut().find(|(known, _)| *known == name) {
            Some((_, slot)) => *slot = value,
            None => members.push((name, value)),
        }
    }

    /// Appends without looking for an older member of that name; the reader has checked.
    pub(crate) fn push(&mut self, name: String, value: RawJson) {
        self.0.get_or_insert_default().members.push((name, value));
    }

    /// The raw value of a member.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&RawJson> {
        self.iter().find(|(known, _)| *known == name).map(|(_, value)| value)
    }

    /// All members, in the order of the document.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &RawJson)> {
        self.0.iter().flat_map(|inner| inner.members.iter()).map(|(name, value)| (name.as_str(), value))
    }

    /// Whether there is no member here.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.as_ref().is_none_or(|inner| inner.members.is_empty())
    }

    pub(crate) fn note_null(&mut self, index: usize) {
        self.0.get_or_insert_default().nulls |= 1u128.checked_shl(index as u32).unwrap_or(0);
    }

    pub(crate) fn was_null(&self, index: usize) -> bool {
        self.nulls() & 1u128.checked_shl(index as u32).unwrap_or(0) != 0
    }

    /// The members that were an explicit null, a bit per index.
    pub(crate) fn nulls(&self) -> u128 {
        self.0.as_ref().map_or(0, |inner| inner.nulls)
    }
}

impl fmt::Debug for Rest {
    /// Names only: nothing is known about the values, so none is shown.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.iter().map(|(name, _)| name)).finish()
    }
}
