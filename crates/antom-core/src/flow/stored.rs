//! The form in which states are stored: JSON with a version, read by the SDK's one parser.
//!
//! [`Stored`] is private to the crate, and no state implements serde's `Deserialize`: the only door from
//! text to a state is its `load`, which is for text from a store the program trusts.

use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec::Vec;

use crate::ascii::{into_text, write_integer};
use crate::codec::{DecodeError, DecodeErrorKind, Limits, Reader, write_string};
use crate::fact::{EventId, Proof};
use crate::money::Amount;
use crate::secret::{Personal, Secret};
use crate::signature::{ClientId, KeyVersion};
use crate::time::UnixTime;

/// A state is small; a larger text is not one.
const LIMITS: Limits = Limits { max_bytes: 4 << 20, max_depth: 24 };

/// Why a stored text is no state. Leave the row as it is: a newer version of the program may know it.
///
/// ```
/// use antom_core::flow::LoadError;
/// use antom_core::flow::payment::Payment;
///
/// // A newer program wrote this row.
/// let found = Payment::load(r#"{"version":9,"payment":{}}"#);
/// assert_eq!(found, Err(LoadError::Version { found: 9, known: Payment::STATE_VERSION }));
/// assert!(matches!(Payment::load("{"), Err(LoadError::Unreadable(_))));
/// ```
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum LoadError {
    /// The text was written by a version of this SDK that this one does not know.
    #[error(
        "the stored state has version {found}, this program reads version {known}; leave the row to a newer program"
    )]
    Version {
        /// The version in the text.
        found: i64,
        /// The version this program writes and reads.
        known: i64,
    },
    /// The text is no state.
    #[error("reading the stored state failed; was the text cut or changed?")]
    Unreadable(#[source] DecodeError),
}

/// What can be part of a stored state.
pub(crate) trait Stored: Sized {
    fn write(&self, out: &mut Vec<u8>);
    fn read(reader: &mut Reader<'_>) -> Result<Self, DecodeError>;
    /// The value of a member that is not there.
    fn absent() -> Option<Self> {
        None
    }
    /// Whether the member may be left out.
    fn is_absent(&self) -> bool {
        false
    }
}

/// The versioned text of a state.
pub(crate) fn save<T: Stored>(kind: &str, version: i64, value: &T) -> Secret<String> {
    save_with(kind, version, |out| value.write(out))
}

/// The versioned text of a state that is written by hand.
pub(crate) fn save_with(kind: &str, version: i64, value: impl FnOnce(&mut Vec<u8>)) -> Secret<String> {
    let mut out = Vec::with_capacity(1024);
    out.extend_from_slice(br#"{"version":"#);
    write_integer(&mut out, version);
    out.push(b',');
    write_string(&mut out, kind);
    out.push(b':');
    value(&mut out);
    out.push(b'}');
    Secret::new(into_text(out))
}

/// The state in a versioned text. The version comes first and is looked at before anything else.
pub(crate) fn load<T: Stored>(kind: &'static str, known: i64, text: &str) -> Result<T, LoadError> {
    let unreadable = LoadError::Unreadable;
    let mut reader = Reader::new(text.as_bytes(), &LIMITS).map_err(unreadable)?;
    reader.enter_object().map_err(unreadable)?;
    let found = match reader.next_key().map_err(unreadable)? {
        Some(name) if name == "version" => i64::read(&mut reader).map_err(unreadable)?,
        _ => return Err(unreadable(reader.error(DecodeErrorKind::MissingField { field: "version" }))),
    };
    if found != known {
        return Err(LoadError::Version { found, known });
    }
    let value = match reader.next_key().map_err(unreadable)? {
        Some(name) if name == kind => T::read(&mut reader).map_err(unreadable)?,
        _ => return Err(unreadable(reader.error(DecodeErrorKind::MissingField { field: kind }))),
    };
    match reader.next_key().map_err(unreadable)? {
        None => reader.end().map(|()| value).map_err(unreadable),
        Some(_) => Err(unreadable(unknown(&reader))),
    }
}

/// Writes one member, or nothing when it may be left out. The name comes as [`name!`] makes it.
pub(crate) fn member<T: Stored>(out: &mut Vec<u8>, first: &mut bool, name: &str, value: &T) {
    if !value.is_absent() {
        out.push(if core::mem::replace(first, false) { b'{' } else { b',' });
        out.extend_from_slice(name.as_bytes());
        value.write(out);
    }
}

/// A member's name, ready to be written. No name in Rust needs to be escaped.
macro_rules! name {
    ($name:ident) => {
        concat!("\"", stringify!($name), "\":")
    };
}

/// Closes an object that may have no member.
pub(crate) fn close(out: &mut Vec<u8>, first: bool) {
    out.extend_from_slice(if first { b"{}" } else { b"}" });
}

/// Where a member goes, without its type.
pub(crate) trait Place {
    /// Reads the member; a second one of that name is an error.
    fn fill(&mut self, reader: &mut Reader<'_>) -> Result<(), DecodeError>;
    /// Gives a member that was not there the value that stands for absence; `false` if it has none.
    fn complete(&mut self) -> bool;
}

impl<T: Stored> Place for Option<T> {
    fn fill(&mut self, reader: &mut Reader<'_>) -> Result<(), DecodeError> {
        if self.is_some() {
            return Err(reader.error(DecodeErrorKind::DuplicateKey));
        }
        *self = Some(T::read(reader)?);
        Ok(())
    }
    fn complete(&mut self) -> bool {
        if self.is_none() {
            *self = T::absent();
        }
        self.is_some()
    }
}

/// Reads an object whose members have these names.
pub(crate) fn read_members(
    reader: &mut Reader<'_>,
    places: &mut [(&'static str, &mut dyn Place)],
) -> Result<(), DecodeError> {
    reader.enter_object()?;
    while let Some(name) = reader.next_key()? {
        match places.iter_mut().find(|(known, _)| *known == name) {
            Some((known, place)) => place.fill(reader).map_err(|error| error.inside(known))?,
            None => return Err(unknown(reader)),
        }
    }
    for (name, place) in places {
        if !place.complete() {
            return Err(reader.error(DecodeErrorKind::MissingField { field: name }));
        }
    }
    Ok(())
}

/// A member or variant that this version does not know. It is never skipped: writing the state back would
/// lose it.
pub(crate) fn unknown(reader: &Reader<'_>) -> DecodeError {
    reader.error(DecodeErrorKind::Syntax { expected: "a member that this version knows" })
}

/// Declares a struct together with its stored form.
macro_rules! record {
    (
        $(#[$meta:meta])*
        $vis:vis struct $name:ident { $( $(#[$fmeta:meta])* $fvis:vis $field:ident: $type:ty ),* $(,)? }
    ) => {
        $(#[$meta])*
        $vis struct $name { $( $(#[$fmeta])* $fvis $field: $type, )* }

        impl $crate::flow::stored::Stored for $name {
            fn write(&self, out: &mut alloc::vec::Vec<u8>) {
                let mut first = true;
                $( $crate::flow::stored::member(out, &mut first, $crate::flow::stored::name!($field), &self.$field); )*
                $crate::flow::stored::close(out, first);
            }
            fn read(reader: &mut $crate::codec::Reader<'_>) -> Result<Self, $crate::codec::DecodeError> {
                $crate::flow::stored::members!(reader, Self { $($field),* })
            }
        }
    };
}

/// Declares an enum together with its stored form: `{"Variant":{…}}`.
macro_rules! choice {
    (
        $(#[$meta:meta])*
        $vis:vis enum $name:ident {
            $( $(#[$vmeta:meta])* $variant:ident $({ $( $(#[$fmeta:meta])* $field:ident: $type:ty ),* $(,)? })? ),* $(,)?
        }
    ) => {
        $(#[$meta])*
        $vis enum $name { $( $(#[$vmeta])* $variant $({ $( $(#[$fmeta])* $field: $type, )* })?, )* }

        impl $crate::flow::stored::Stored for $name {
            fn write(&self, out: &mut alloc::vec::Vec<u8>) {
                match self {
                    $( Self::$variant $({ $($field),* })? => {
                        out.push(b'{');
                        out.extend_from_slice($crate::flow::stored::name!($variant).as_bytes());
                        #[allow(unused_mut)]
                        let mut first = true;
                        $($( $crate::flow::stored::member(out, &mut first, $crate::flow::stored::name!($field), $field); )*)?
                        $crate::flow::stored::close(out, first);
                        out.push(b'}');
                    } )*
                }
            }
            fn read(reader: &mut $crate::codec::Reader<'_>) -> Result<Self, $crate::codec::DecodeError> {
                reader.enter_object()?;
                let variant = reader.next_key()?;
                let value: Result<Self, $crate::codec::DecodeError> = match variant.as_deref() {
                    $( Some(stringify!($variant)) => {
                        $crate::flow::stored::members!(reader, Self::$variant { $($($field),*)? })
                    } )*
                    _ => return Err($crate::flow::stored::unknown(reader)),
                };
                let value = value?;
                match reader.next_key()? {
                    None => Ok(value),
                    Some(_) => Err($crate::flow::stored::unknown(reader)),
                }
            }
        }
    };
}

/// Reads an object's members and builds the value from them. The loop is compiled once for all types, and
/// there is one way out of it: every further one would compile the clean-up of all members again.
macro_rules! members {
    ($reader:ident, $($path:ident)::+ { $($field:ident),* }) => {{
        $( let mut $field = None; )*
        let read =
            $crate::flow::stored::read_members($reader, &mut [$( (stringify!($field), &mut $field) ),*]);
        #[allow(unreachable_patterns)]
        match (read, $($field),*) {
            (Ok(()), $(Some($field)),*) => Ok($($path)::+ { $($field),* }),
            (Err(error), ..) => Err(error),
            _ => Err($crate::flow::stored::unknown($reader)),
        }
    }};
}

pub(crate) use {choice, members, name, record};

impl Stored for String {
    fn write(&self, out: &mut Vec<u8>) {
        write_string(out, self);
    }
    fn read(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        reader.read_string().map(|text| text.into_owned())
    }
}

impl Stored for i64 {
    fn write(&self, out: &mut Vec<u8>) {
        write_integer(out, *self);
    }
    fn read(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        reader.read_integer()
    }
}

impl Stored for u32 {
    fn write(&self, out: &mut Vec<u8>) {
        i64::from(*self).write(out);
    }
    fn read(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let number = reader.read_integer()?;
        Self::try_from(number)
            .map_err(|_| reader.error(DecodeErrorKind::Syntax { expected: "a small count" }))
    }
}

impl Stored for bool {
    fn write(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(if *self { b"true" } else { b"false" });
    }
    fn read(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        reader.read_bool()
    }
    fn absent() -> Option<Self> {
        Some(false)
    }
    fn is_absent(&self) -> bool {
        !*self
    }
}

impl Stored for UnixTime {
    fn write(&self, out: &mut Vec<u8>) {
        self.as_millis().write(out);
    }
    fn read(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        reader.read_integer().map(Self::from_millis)
    }
}

impl Stored for ClientId {
    fn write(&self, out: &mut Vec<u8>) {
        write_string(out, self.as_str());
    }
    fn read(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let text = reader.read_string()?;
        Self::new(&text).map_err(|_| reader.error(DecodeErrorKind::Syntax { expected: "a client id" }))
    }
}

impl Stored for Secret<String> {
    fn write(&self, out: &mut Vec<u8>) {
        write_string(out, self.expose());
    }
    fn read(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        String::read(reader).map(Self::new)
    }
}

impl Stored for Personal<String> {
    fn write(&self, out: &mut Vec<u8>) {
        write_string(out, self.expose());
    }
    fn read(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        String::read(reader).map(Self::new)
    }
}

impl<T: Stored> Stored for Option<T> {
    fn write(&self, out: &mut Vec<u8>) {
        match self {
            Some(value) => value.write(out),
            None => out.extend_from_slice(b"null"),
        }
    }
    fn read(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        T::read(reader).map(Some)
    }
    fn absent() -> Option<Self> {
        Some(None)
    }
    fn is_absent(&self) -> bool {
        self.is_none()
    }
}

impl<T: Stored> Stored for Vec<T> {
    fn write(&self, out: &mut Vec<u8>) {
        for (index, item) in self.iter().enumerate() {
            out.push(if index == 0 { b'[' } else { b',' });
            item.write(out);
        }
        out.extend_from_slice(if self.is_empty() { b"[]" } else { b"]" });
    }
    fn read(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let mut items = Self::new();
        reader.enter_array()?;
        while reader.next_item()? {
            items.push(T::read(reader).map_err(|error| error.inside_item(items.len()))?);
        }
        Ok(items)
    }
    fn absent() -> Option<Self> {
        Some(Self::new())
    }
    fn is_absent(&self) -> bool {
        self.is_empty()
    }
}

impl<T: Stored> Stored for Box<T> {
    fn write(&self, out: &mut Vec<u8>) {
        (**self).write(out);
    }
    fn read(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        T::read(reader).map(Self::new)
    }
}

record! {
    struct AmountForm { currency: String, value: String }
}

impl Stored for Amount {
    fn write(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(br#"{"currency":"#);
        write_string(out, self.currency().as_str());
        out.extend_from_slice(br#","value":"#);
        write_string(out, self.value_text());
        out.push(b'}');
    }
    fn read(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        AmountForm::read(reader).map(|form| Self::parse_wire(&form.currency, &form.value))
    }
}

choice! {
    enum ProofForm {
        Signature { version: u32 },
        Tls,
        /// The answer of a recovery is signed or came over TLS; it is never itself a recovered event.
        Recovered { event: String, version: Option<u32> },
    }
}

impl Stored for Proof {
    fn write(&self, out: &mut Vec<u8>) {
        let version = |proof: &Self| match proof {
            Self::Signature(version) => Some(version.get()),
            _ => None,
        };
        match self {
            Self::Signature(version) => ProofForm::Signature { version: version.get() },
            Self::Tls => ProofForm::Tls,
            Self::Recovered { event, answer } => {
                ProofForm::Recovered { event: event.as_str().into(), version: version(answer) }
            }
        }
        .write(out);
    }
    fn read(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        Ok(match ProofForm::read(reader)? {
            ProofForm::Signature { version } => Self::Signature(KeyVersion::new(version)),
            ProofForm::Tls => Self::Tls,
            ProofForm::Recovered { event, version } => Self::Recovered {
                event: EventId::new(event),
                answer: version.map_or(Self::Tls, |version| Self::Signature(KeyVersion::new(version))).into(),
            },
        })
    }
}
