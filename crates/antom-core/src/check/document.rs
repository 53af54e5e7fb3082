use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec::Vec;

use super::pointer::Pointer;
use crate::codec::{
    DecodeError, DecodeErrorKind, DynMessage, Field, Kind, Limits, ListView, MapView, RawJson, Reader, Rest,
    Seen, Table, ValueKind, View,
};

/// JSON text seen through the table of a type, without being read into the type: any well-formed object can
/// be shown, whatever is missing in it or has another shape.
///
/// ```
/// use antom_core::check::{Document, FindingKind};
/// use antom_core::codec::{Limits, Message};
/// use antom_core::Amount;
///
/// let text = br#"{"currency": "USD", "value": true, "rate": "1.1"}"#;
/// let (document, findings) = Document::read(Amount::describe(), text, &Limits::ANSWER)?;
/// assert_eq!(document.present(), 2);
/// assert_eq!(findings[0].pointer(), "/rate");
/// assert_eq!(*findings[0].kind(), FindingKind::Unknown);
/// # Ok::<(), antom_core::codec::DecodeError>(())
/// ```
#[derive(Clone)]
pub struct Document {
    table: &'static Table,
    members: Vec<Value>,
    rest: Rest,
}

/// Something about a document that its type does not foresee. Never shows a value.
///
/// ```
/// use antom_core::Amount;
/// use antom_core::check::Document;
/// use antom_core::codec::{Limits, Message};
///
/// let (_, findings) = Document::read(Amount::describe(), br#"{"Currency": "USD"}"#, &Limits::ANSWER)?;
/// // No member that the type names, and one whose name differs in case only.
/// let kinds: Vec<&str> = findings.iter().map(|finding| finding.kind().name()).collect();
/// assert_eq!((findings[0].pointer(), &kinds[..]), ("/Currency", &["unknown", "spelling"][..]));
/// # Ok::<(), antom_core::codec::DecodeError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    pointer: String,
    kind: FindingKind,
}

/// What was found.
///
/// ```
/// use antom_core::check::FindingKind;
///
/// assert_eq!(FindingKind::Case { right: "currency" }.name(), "spelling");
/// assert_eq!(FindingKind::Unknown.name(), "unknown");
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum FindingKind {
    /// The type names no such member.
    Unknown,
    /// A known other spelling of a member's name.
    Spelling {
        /// The name in the API.
        right: &'static str,
    },
    /// The type names no such member, but one whose name differs in case only.
    Case {
        /// The name in the API.
        right: &'static str,
    },
    /// A known other spelling of a word.
    WordSpelling {
        /// The word in the API.
        right: &'static str,
    },
    /// A word that is not among the known ones; the list may have grown.
    UnknownWord,
    /// The value has another shape.
    Shape {
        /// The shape of the type.
        expected: &'static str,
        /// The shape in the document.
        found: &'static str,
    },
    /// A boolean or whole number in a form that has no exact value: the typed member stays absent.
    Form {
        /// The form that was expected.
        expected: &'static str,
    },
}

/// Words that are known to be spelt otherwise somewhere.
const WORD_SPELLINGS: &[(&str, &str)] = &[("AGREEEMENT_PAY", "AGREEMENT_PAY")];

impl Finding {
    /// Where, as a JSON pointer (RFC 6901) in the spelling of the document.
    #[must_use]
    pub fn pointer(&self) -> &str {
        &self.pointer
    }

    /// What was found there.
    #[must_use]
    pub fn kind(&self) -> &FindingKind {
        &self.kind
    }
}

impl FindingKind {
    /// A short name for programs, such as `unknown` or `spelling`.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Unknown => "unknown",
            Self::Spelling { .. } | Self::Case { .. } | Self::WordSpelling { .. } => "spelling",
            Self::UnknownWord => "unknown_word",
            Self::Shape { .. } => "shape",
            Self::Form { .. } => "form",
        }
    }
}

impl core::fmt::Display for FindingKind {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self {
            Self::Unknown => f.write_str("not a member the type names"),
            Self::Spelling { right } => {
                write!(f, "another spelling, which is accepted: the API's name is `{right}`")
            }
            Self::Case { right } => write!(f, "not a member the type names: was `{right}` meant?"),
            Self::WordSpelling { right } => write!(f, "another spelling: the API's word is `{right}`"),
            Self::UnknownWord => f.write_str("not one of the words that are known here"),
            Self::Shape { expected, found } => write!(f, "expected {expected}, found {found}"),
            Self::Form { expected } => write!(f, "expected {expected}"),
        }
    }
}

impl Document {
    /// Reads an object, and says what is odd about it.
    ///
    /// # Errors
    ///
    /// The bytes break a limit, are no JSON object, or name a member twice.
    pub fn read(
        table: &'static Table,
        bytes: &[u8],
        limits: &Limits,
    ) -> Result<(Self, Vec<Finding>), DecodeError> {
        let mut walk = Walk { pointer: Pointer::default(), findings: Vec::new() };
        let mut reader = Reader::new(bytes, limits)?;
        let document = walk.object(table, &mut reader)?;
        reader.end()?;
        Ok((document, walk.findings))
    }

    /// How many members of the type the document holds.
    #[must_use]
    pub fn present(&self) -> usize {
        self.members.iter().filter(|value| !matches!(value, Value::Absent)).count()
    }
}

impl core::fmt::Debug for Document {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        crate::codec::debug_message(self, f)
    }
}

impl DynMessage for Document {
    fn table(&self) -> &'static Table {
        self.table
    }
    fn view(&self, index: usize) -> View<'_> {
        self.members.get(index).map_or(View::Absent, Value::view)
    }
    fn rest(&self) -> &Rest {
        &self.rest
    }
}

/// A value as far as its kind says what it is.
#[derive(Clone)]
pub(super) enum Value {
    Absent,
    Text(String),
    Boolean(bool),
    Integer(i64),
    Decimal(String),
    /// Any JSON, or a value with another shape than the type's.
    Raw(RawJson),
    Message(Box<Document>),
    List(Vec<Value>),
    Map(Vec<(String, Value)>),
}

impl Value {
    /// One value of a kind; nothing if the text cannot be walked.
    #[cfg(feature = "payments")]
    pub(super) fn of(kind: Kind, raw: &RawJson) -> Option<Self> {
        let mut walk = Walk { pointer: Pointer::default(), findings: Vec::new() };
        let mut reader = Reader::new(raw.as_str().as_bytes(), &Limits::ANSWER).ok()?;
        walk.value(kind, &mut reader).ok()
    }

    pub(super) fn view(&self) -> View<'_> {
        match self {
            Self::Absent => View::Absent,
            Self::Text(text) => View::Text(text),
            Self::Boolean(value) => View::Boolean(*value),
            Self::Integer(number) => View::Integer(*number),
            Self::Decimal(text) => View::Decimal(text),
            Self::Raw(raw) => View::Raw(raw),
            Self::Message(document) => View::Message(document.as_ref()),
            Self::List(items) => View::List(items),
            Self::Map(members) => View::Map(members),
        }
    }
}

impl ListView for Vec<Value> {
    fn length(&self) -> usize {
        self.len()
    }
    fn item(&self, index: usize) -> View<'_> {
        self.get(index).map_or(View::Absent, Value::view)
    }
}

impl MapView for Vec<(String, Value)> {
    fn length(&self) -> usize {
        self.len()
    }
    fn member(&self, index: usize) -> (&str, View<'_>) {
        self.get(index).map_or(("", View::Absent), |(name, value)| (name, value.view()))
    }
}

struct Walk {
    pointer: Pointer,
    findings: Vec<Finding>,
}

impl Walk {
    fn find(&mut self, kind: FindingKind) {
        self.findings.push(Finding { pointer: self.pointer.text(), kind });
    }

    fn object(&mut self, table: &'static Table, reader: &mut Reader<'_>) -> Result<Document, DecodeError> {
        let mut document = Document {
            table,
            members: table.fields.iter().map(|_| Value::Absent).collect(),
            rest: Rest::new(),
        };
        let mut named = 0u128;
        let mut unknown = Seen::default();
        reader.enter_object()?;
        while let Some(key) = reader.next_key()? {
            let mark = self.pointer.enter(&key);
            let known = table.find(&key, 0).and_then(|index| Some((index, table.fields.get(index)?)));
            match known {
                Some((index, field)) => {
                    let bit = 1u128.checked_shl(index as u32).unwrap_or(0);
                    if named & bit != 0 {
                        return Err(reader.error(DecodeErrorKind::DuplicateKey).inside(field.wire));
                    }
                    named |= bit;
                    if key != field.wire {
                        self.find(FindingKind::Spelling { right: field.wire });
                    }
                    let value = self.member(field, reader).map_err(|error| error.inside(&key))?;
                    if let Some(slot) = document.members.get_mut(index) {
                        *slot = value;
                    }
                }
                None => {
                    if !unknown.insert(key.clone()) {
                        return Err(reader.error(DecodeErrorKind::DuplicateKey).inside(&key));
                    }
                    self.find(FindingKind::Unknown);
                    let near = table.fields.iter().find(|field| field.wire.eq_ignore_ascii_case(&key));
                    if let Some(field) = near {
                        self.find(FindingKind::Case { right: field.wire });
                    }
                    let raw = reader.read_raw().map_err(|error| error.inside(&key))?;
                    document.rest.push(key.into_owned(), RawJson::trusted(raw));
                }
            }
            self.pointer.leave(mark);
        }
        Ok(document)
    }

    fn member(&mut self, field: &'static Field, reader: &mut Reader<'_>) -> Result<Value, DecodeError> {
        #[cfg(feature = "payments")]
        if field.wire == "paymentMethodMetaData" && matches!(field.kind, Kind::Map(_)) {
            self.card_spellings(reader)?;
        }
        self.value(field.kind, reader)
    }

    /// Other spellings in the open map of card payments, whose names are data to the codec.
    #[cfg(feature = "payments")]
    fn card_spellings(&mut self, reader: &mut Reader<'_>) -> Result<(), DecodeError> {
        let start = reader.mark();
        if reader.peek()? == ValueKind::Object {
            let table = <crate::preset::CardMetaData as crate::codec::Message>::describe();
            reader.enter_object()?;
            while let Some(key) = reader.next_key()? {
                if let Some(field) = table.field(&key).filter(|field| field.wire != key) {
                    let mark = self.pointer.enter(&key);
                    self.find(FindingKind::Spelling { right: field.wire });
                    self.pointer.leave(mark);
                }
                reader.read_raw().map_err(|error| error.inside(&key))?;
            }
        }
        reader.rewind(start);
        Ok(())
    }

    fn value(&mut self, kind: Kind, reader: &mut Reader<'_>) -> Result<Value, DecodeError> {
        let found = reader.peek()?;
        if found == ValueKind::Null {
            return match kind {
                Kind::Any => reader.read_raw().map(|raw| Value::Raw(RawJson::trusted(raw))),
                _ => reader.take_null().map(|_| Value::Absent),
            };
        }
        let fits = match kind {
            Kind::Any => true,
            Kind::Message(_) | Kind::Map(_) => found == ValueKind::Object,
            Kind::List(_) => found == ValueKind::Array,
            _ => !matches!(found, ValueKind::Object | ValueKind::Array),
        };
        if !fits {
            self.find(FindingKind::Shape { expected: kind.name(), found: found.name() });
            return reader.read_raw().map(|raw| Value::Raw(RawJson::trusted(raw)));
        }
        match kind {
            Kind::Any => reader.read_raw().map(|raw| Value::Raw(RawJson::trusted(raw))),
            Kind::Text | Kind::DateTime => reader.read_text().map(|text| Value::Text(text.into_owned())),
            Kind::Decimal => reader.read_text().map(|text| Value::Decimal(text.into_owned())),
            Kind::Word(known) => {
                let text = reader.read_text()?;
                if let Some((_, right)) = WORD_SPELLINGS.iter().find(|(wrong, _)| *wrong == text) {
                    self.find(FindingKind::WordSpelling { right });
                } else if !known.is_empty() && !text.is_empty() && !known.contains(&text.as_ref()) {
                    self.find(FindingKind::UnknownWord);
                }
                Ok(Value::Text(text.into_owned()))
            }
            Kind::Boolean => self.scalar(reader, |reader| reader.read_bool().map(Value::Boolean)),
            Kind::Integer => self.scalar(reader, |reader| reader.read_integer().map(Value::Integer)),
            Kind::Message(table) => self.object(table(), reader).map(|inner| Value::Message(Box::new(inner))),
            Kind::List(inner) => self.list(*inner, reader),
            Kind::Map(inner) => self.map(*inner, reader),
        }
    }

    /// A boolean or number, or its text where it has no exact value.
    fn scalar<'a>(
        &mut self,
        reader: &mut Reader<'a>,
        read: impl FnOnce(&mut Reader<'a>) -> Result<Value, DecodeError>,
    ) -> Result<Value, DecodeError> {
        let start = reader.mark();
        match read(reader) {
            Err(error) => match error.kind() {
                DecodeErrorKind::Unreadable { expected } => {
                    self.find(FindingKind::Form { expected });
                    reader.rewind(start);
                    reader.read_raw().map(|raw| Value::Raw(RawJson::trusted(raw)))
                }
                _ => Err(error),
            },
            read => read,
        }
    }

    fn list(&mut self, inner: Kind, reader: &mut Reader<'_>) -> Result<Value, DecodeError> {
        let mut items = Vec::new();
        reader.enter_array()?;
        while reader.next_item()? {
            let mark = self.pointer.enter_item(items.len());
            items.push(self.value(inner, reader).map_err(|error| error.inside_item(items.len()))?);
            self.pointer.leave(mark);
        }
        Ok(Value::List(items))
    }

    fn map(&mut self, inner: Kind, reader: &mut Reader<'_>) -> Result<Value, DecodeError> {
        let mut members = Vec::new();
        let mut seen = Seen::default();
        reader.enter_object()?;
        while let Some(key) = reader.next_key()? {
            if !seen.insert(key.clone()) {
                return Err(reader.error(DecodeErrorKind::DuplicateKey).inside(&key));
            }
            let mark = self.pointer.enter(&key);
            let value = self.value(inner, reader).map_err(|error| error.inside(&key))?;
            self.pointer.leave(mark);
            members.push((key.into_owned(), value));
        }
        Ok(Value::Map(members))
    }
}
