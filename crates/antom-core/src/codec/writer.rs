use alloc::vec::Vec;

use super::length::length_hint;
use super::scan::plain_length;
use super::{DynMessage, Index, View};
use crate::ascii::write_integer;

/// Which members are written.
#[derive(Clone, Copy, PartialEq)]
enum Which {
    /// What the types name and what the document held beside it.
    All,
    /// Only what the types name.
    Named,
}

/// Writes a message as compact JSON behind what `out` holds already.
///
/// Absent members are left out; members that were read as null are written as null; what the type does
/// not name follows at the end, as it was received.
///
/// ```
/// use antom_core::api::models::ResultInfo;
/// use antom_core::codec::write_message;
///
/// let mut out = b"result=".to_vec();
/// write_message(&mut out, &ResultInfo::new().with_result_code("SUCCESS"));
/// assert_eq!(out, br#"result={"resultCode":"SUCCESS"}"#);
/// ```
pub fn write_message(out: &mut Vec<u8>, message: &dyn DynMessage) {
    write_members(out, message, Which::All);
}

/// Writes only the members that the types name, at every level: what a program sees without looking into
/// [`Rest`](super::Rest). Members that were read as null are written as null.
///
/// ```
/// use antom_core::api::models::ResultInfo;
/// use antom_core::codec::{Limits, ReadMessage, write_named};
///
/// let result = ResultInfo::from_json(br#"{"resultCode":"SUCCESS","addedLater":1}"#, &Limits::ANSWER)?;
/// let mut out = Vec::new();
/// write_named(&mut out, &result);
/// assert_eq!(out, br#"{"resultCode":"SUCCESS"}"#);
/// # Ok::<(), antom_core::codec::DecodeError>(())
/// ```
pub fn write_named(out: &mut Vec<u8>, message: &dyn DynMessage) {
    write_members(out, message, Which::Named);
}

/// The members of one message, as they are written.
///
/// ```
/// use antom_core::codec::{DynMessage, Members, Rest, Table, View, write_message};
/// # use antom_core::api::models::ResultInfo;
/// # use antom_core::codec::Message;
///
/// /// Another form of a result.
/// struct Code<'a>(&'a str, Rest);
///
/// impl DynMessage for Code<'_> {
///     fn table(&self) -> &'static Table {
///         ResultInfo::describe()
///     }
///     fn view(&self, index: usize) -> View<'_> {
///         if index == 0 { View::Text(self.0) } else { View::Absent }
///     }
///     fn rest(&self) -> &Rest {
///         &self.1
///     }
///     fn write(&self, members: &mut Members<'_>) {
///         members.write(0, self.view(0)); // It knows that it has no other.
///     }
/// }
/// let mut out = Vec::new();
/// write_message(&mut out, &Code("SUCCESS", Rest::new()));
/// assert_eq!(out, br#"{"resultCode":"SUCCESS"}"#);
/// ```
#[allow(missing_debug_implementations)] // What was written so far may hold secrets.
pub struct Members<'a> {
    out: &'a mut Vec<u8>,
    index: &'static Index,
    /// Those that were read as null and are yet to be written as such.
    nulls: u128,
    which: Which,
}

impl Members<'_> {
    /// Writes a member, unless it is absent. Members come in the order of the table, each once; there are no others.
    #[inline]
    pub fn write(&mut self, index: usize, view: View<'_>) {
        // Generated code says here what kind of value it has, so that no more than one call of the right one is left.
        match view {
            View::Absent => {}
            View::Text(text) => self.write_text(index, text),
            view => self.write_other(index, view),
        }
    }

    #[inline(never)]
    fn write_text(&mut self, index: usize, text: &str) {
        if self.write_name(index) {
            write_string(self.out, text);
        }
    }

    #[inline(never)]
    fn write_other(&mut self, index: usize, view: View<'_>) {
        if self.write_name(index) {
            write_value(self.out, view, self.which);
        }
    }

    /// Writes the nulls in front of a member, and its name; `false` if the type has no such member.
    #[inline]
    fn write_name(&mut self, index: usize) -> bool {
        let Some(place) = self.index.place(index) else { return false };
        if self.nulls != 0 {
            self.write_nulls(index);
            // It has a value now.
            self.nulls &= !(1 << index);
        }
        // A copy of a fixed length, of which what is too much is taken back, is faster than one that has to look at
        // the length first.
        match self.index.names.get(place.start..).and_then(|names| names.first_chunk()) {
            Some(names) if place.len() <= Index::PADDING => {
                let names: &[u8; Index::PADDING] = names;
                let length = self.out.len() + place.len();
                self.out.extend_from_slice(names);
                self.out.truncate(length);
            }
            _ => self.out.extend_from_slice(self.index.names.get(place).unwrap_or_default()),
        }
        true
    }

    /// Writes the nulls in front of a member.
    #[cold]
    fn write_nulls(&mut self, before: usize) {
        while (self.nulls.trailing_zeros() as usize) < before {
            let index = self.nulls.trailing_zeros() as usize;
            self.nulls &= self.nulls - 1;
            self.out.extend_from_slice(self.index.key(index).unwrap_or_default());
            self.out.extend_from_slice(b"null");
        }
    }
}

fn write_members(out: &mut Vec<u8>, message: &dyn DynMessage, which: Which) {
    let table = message.table();
    let rest = message.rest();
    let start = out.len();
    let mut members = Members { out, index: &table.index, nulls: rest.nulls(), which };
    message.write(&mut members);
    members.write_nulls(table.index.len());
    if which == Which::All {
        for (name, value) in rest.iter() {
            let typed = table.find(name, 0).is_some_and(|index| !matches!(message.view(index), View::Absent));
            if !typed {
                write_key(out, name);
                out.extend_from_slice(value.as_str().as_bytes());
            }
        }
    }
    close_object(out, start);
}

/// Puts braces around the members from `start` on, each of which has a comma in front.
fn close_object(out: &mut Vec<u8>, start: usize) {
    match out.get_mut(start) {
        Some(comma) => *comma = b'{',
        None => out.push(b'{'),
    }
    out.push(b'}');
}

/// A name that is data.
fn write_key(out: &mut Vec<u8>, name: &str) {
    out.push(b',');
    write_string(out, name);
    out.push(b':');
}

/// Writes one value with all it holds.
#[cfg(feature = "payments")]
pub(crate) fn write_view(out: &mut Vec<u8>, view: View<'_>) {
    write_value(out, view, Which::All);
}

/// From this many elements on their length is asked for first, so that a long list costs one allocation.
const MANY: usize = 16;

/// Room for what follows a long list, so that it causes no second growth.
const AFTER: usize = 4096;

fn write_value(out: &mut Vec<u8>, view: View<'_>, which: Which) {
    match view {
        View::Absent => out.extend_from_slice(b"null"),
        View::Text(text) => write_string(out, text),
        View::Boolean(true) => out.extend_from_slice(b"true"),
        View::Boolean(false) => out.extend_from_slice(b"false"),
        View::Integer(number) => write_integer(out, number),
        // A number in quotes is accepted everywhere; a bare one only if it has the form of a number.
        View::Decimal(text) => write_string(out, text),
        View::Raw(raw) => out.extend_from_slice(raw.as_str().as_bytes()),
        View::Message(message) => write_members(out, message, which),
        View::List(list) => {
            if list.length() >= MANY {
                out.reserve(length_hint(view) + AFTER);
            }
            out.push(b'[');
            for index in 0..list.length() {
                if index > 0 {
                    out.push(b',');
                }
                write_value(out, list.item(index), which);
            }
            out.push(b']');
        }
        View::Map(map) => {
            if map.length() >= MANY {
                out.reserve(length_hint(view) + AFTER);
            }
            let start = out.len();
            for index in 0..map.length() {
                let (name, value) = map.member(index);
                write_key(out, name);
                write_value(out, value, which);
            }
            close_object(out, start);
        }
    }
}

/// Writes a JSON string. Only what JSON demands is escaped.
pub(crate) fn write_string(out: &mut Vec<u8>, text: &str) {
    out.push(b'"');
    let mut rest = text.as_bytes();
    loop {
        let (plain, special) = rest.split_at_checked(plain_length(rest)).unwrap_or((rest, &[]));
        out.extend_from_slice(plain);
        let Some((&byte, after)) = special.split_first() else { break };
        write_escaped(out, byte);
        rest = after;
    }
    out.push(b'"');
}

#[cold]
fn write_escaped(out: &mut Vec<u8>, byte: u8) {
    const HEX: &[u8; 16] = b"0123456789abcdef";
    let digit = |value: u8| HEX.get(usize::from(value)).copied().unwrap_or(b'0');
    match byte {
        b'"' | b'\\' => out.extend_from_slice(&[b'\\', byte]),
        b'\n' => out.extend_from_slice(b"\\n"),
        b'\r' => out.extend_from_slice(b"\\r"),
        b'\t' => out.extend_from_slice(b"\\t"),
        _ => out.extend_from_slice(&[b'\\', b'u', b'0', b'0', digit(byte >> 4), digit(byte & 15)]),
    }
}
