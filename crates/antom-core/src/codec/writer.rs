use alloc::vec::Vec;

use super::length::length_hint;
use super::scan::plain_length;
use super::{DynMessage, View};
use crate::ascii::write_integer;

/// Which members are written.
#[derive(Clone, Copy, PartialEq)]
enum Members {
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
    write_members(out, message, Members::All);
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
    write_members(out, message, Members::Named);
}

fn write_members(out: &mut Vec<u8>, message: &dyn DynMessage, members: Members) {
    let table = message.table();
    let rest = message.rest();
    let mut first = true;
    out.push(b'{');
    let nulls = rest.nulls();
    let mut left = message.present() | nulls;
    while left != 0 {
        let index = left.trailing_zeros() as usize;
        left &= left - 1;
        let Some(key) = table.index.keys.get(index) else { break };
        let view = message.view(index);
        if matches!(view, View::Absent) && nulls & (1 << index) == 0 {
            continue;
        }
        write_own_key(out, key, &mut first);
        write_value(out, view, members);
    }
    for (name, value) in rest.iter().filter(|_| members == Members::All) {
        let typed = table.find(name, 0).is_some_and(|index| !matches!(message.view(index), View::Absent));
        if !typed {
            write_name(out, name, &mut first);
            out.extend_from_slice(value.as_str().as_bytes());
        }
    }
    out.push(b'}');
}

/// The name of a member that the type names, which is ready to be written; the comma in front of the first is
/// left out.
fn write_own_key(out: &mut Vec<u8>, key: &str, first: &mut bool) {
    let comma = usize::from(core::mem::replace(first, false));
    out.extend_from_slice(key.as_bytes().get(comma..).unwrap_or_default());
}

fn write_name(out: &mut Vec<u8>, name: &str, first: &mut bool) {
    if !core::mem::replace(first, false) {
        out.push(b',');
    }
    write_string(out, name);
    out.push(b':');
}

/// Writes one value with all it holds.
#[cfg(feature = "payments")]
pub(crate) fn write_view(out: &mut Vec<u8>, view: View<'_>) {
    write_value(out, view, Members::All);
}

/// From this many elements on their length is asked for first, so that a long list costs one allocation.
const MANY: usize = 16;

/// Room for what follows a long list, so that it causes no second growth.
const AFTER: usize = 4096;

fn write_value(out: &mut Vec<u8>, view: View<'_>, members: Members) {
    match view {
        View::Absent => out.extend_from_slice(b"null"),
        View::Text(text) => write_string(out, text),
        View::Boolean(true) => out.extend_from_slice(b"true"),
        View::Boolean(false) => out.extend_from_slice(b"false"),
        View::Integer(number) => write_integer(out, number),
        // A number in quotes is accepted everywhere; a bare one only if it has the form of a number.
        View::Decimal(text) => write_string(out, text),
        View::Raw(raw) => out.extend_from_slice(raw.as_str().as_bytes()),
        View::Message(message) => write_members(out, message, members),
        View::List(list) => {
            if list.length() >= MANY {
                out.reserve(length_hint(view) + AFTER);
            }
            out.push(b'[');
            for index in 0..list.length() {
                if index > 0 {
                    out.push(b',');
                }
                write_value(out, list.item(index), members);
            }
            out.push(b']');
        }
        View::Map(map) => {
            if map.length() >= MANY {
                out.reserve(length_hint(view) + AFTER);
            }
            let mut first = true;
            out.push(b'{');
            for index in 0..map.length() {
                let (name, value) = map.member(index);
                write_name(out, name, &mut first);
                write_value(out, value, members);
            }
            out.push(b'}');
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
