use alloc::borrow::Cow;
use alloc::vec::Vec;

use super::reader::{Mark, Seen};
use super::{DecodeError, DecodeErrorKind, Limits, Members, Reader, Rest, Table, View, writer};

/// A message as its table sees it; object safe, so that one function serves every type.
///
/// ```
/// use antom_core::api::models::ResultInfo;
/// use antom_core::codec::{DynMessage, View};
///
/// fn names_of_what_is_set(message: &dyn DynMessage) -> Vec<&'static str> {
///     let fields = message.table().fields.iter().enumerate();
///     fields.filter(|(index, _)| !matches!(message.view(*index), View::Absent)).map(|(_, field)| field.wire).collect()
/// }
/// let result = ResultInfo::new().with_result_code("SUCCESS");
/// assert_eq!(names_of_what_is_set(&result), ["resultCode"]);
/// assert!(result.rest().is_empty());
/// ```
pub trait DynMessage {
    /// What the type is made of.
    fn table(&self) -> &'static Table;
    /// The value of the member at this index of the table.
    fn view(&self, index: usize) -> View<'_>;
    /// What the document held beside the named members.
    fn rest(&self) -> &Rest;
    /// Writes the members that hold a value, in the order of the table: what [`write_message`] calls.
    ///
    /// [`write_message`]: super::write_message
    fn write(&self, members: &mut Members<'_>) {
        for index in 0..self.table().fields.len() {
            members.write(index, self.view(index));
        }
    }
}

/// A message that is being read; object safe for the same reason as [`DynMessage`].
///
/// ```
/// use antom_core::api::models::ResultInfo;
/// use antom_core::codec::{Limits, ReadTarget, Reader};
///
/// // How the one reader fills a member of any type: by its index in the table.
/// let mut result = ResultInfo::new();
/// let target: &mut dyn ReadTarget = &mut result;
/// let index = target.table().fields.iter().position(|field| field.wire == "resultCode").unwrap();
/// target.read_field(index, &mut Reader::new(br#""SUCCESS""#, &Limits::ANSWER)?)?;
/// assert!(target.rest_mut().is_empty());
/// assert_eq!(result.result_code.unwrap().as_str(), "SUCCESS");
/// # Ok::<(), antom_core::codec::DecodeError>(())
/// ```
pub trait ReadTarget: DynMessage {
    /// Reads the value of the member at this index.
    ///
    /// # Errors
    ///
    /// The value has another shape, or the text is not JSON.
    fn read_field(&mut self, index: usize, reader: &mut Reader<'_>) -> Result<(), DecodeError>;
    /// Where unknown members go.
    fn rest_mut(&mut self) -> &mut Rest;
}

/// A type of the API: request, answer, notification or a part of one.
///
/// ```
/// use antom_core::api::models::ResultInfo;
/// use antom_core::codec::Message;
///
/// assert_eq!(ResultInfo::describe().name, "ResultInfo");
/// assert_eq!(ResultInfo::new().with_result_code("SUCCESS").to_json(), br#"{"resultCode":"SUCCESS"}"#);
/// ```
pub trait Message: DynMessage + Sized {
    /// What the type is made of.
    fn describe() -> &'static Table;

    /// The message as compact JSON.
    fn to_json(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(1024);
        writer::write_message(&mut out, self);
        out
    }
}

/// A type of the API that can be read. Requests are read only with the feature `wire-mirror`.
///
/// ```
/// use antom_core::api::models::ResultInfo;
/// use antom_core::codec::{DecodeErrorKind, Limits, ReadMessage};
///
/// let twice = br#"{"resultCode":"SUCCESS","resultCode":"FAIL"}"#;
/// let error = ResultInfo::from_json(twice, &Limits::ANSWER).unwrap_err();
/// assert!(matches!(error.kind(), DecodeErrorKind::DuplicateKey));
/// ```
pub trait ReadMessage: Message + ReadTarget {
    /// The state before any member was read. Never seen outside the reader.
    #[doc(hidden)]
    fn placeholder() -> Self;

    /// Reads one document.
    ///
    /// # Errors
    ///
    /// The bytes break a limit, are not UTF-8 or JSON, name a member twice at any depth, lack a required
    /// member or hold a value of another shape.
    fn from_json(bytes: &[u8], limits: &Limits) -> Result<Self, DecodeError> {
        let mut message = Self::placeholder();
        read_document(bytes, limits, &mut message)?;
        Ok(message)
    }
}

/// Reads one document whose type only a table of types knows.
///
/// ```
/// use antom_core::api::models::ResultInfo;
/// use antom_core::codec::{Limits, ReadAny, read_boxed};
///
/// let readers: [(&str, ReadAny); 1] = [("ResultInfo", read_boxed::<ResultInfo>)];
/// let message = readers[0].1(br#"{"resultCode":"SUCCESS"}"#, &Limits::ANSWER)?;
/// assert_eq!(message.table().name, readers[0].0);
/// # Ok::<(), antom_core::codec::DecodeError>(())
/// ```
#[cfg(feature = "wire-mirror")]
pub type ReadAny = fn(&[u8], &Limits) -> Result<alloc::boxed::Box<dyn DynMessage>, DecodeError>;

/// The catalogue's form of [`ReadMessage::from_json`], a [`ReadAny`].
///
/// # Errors
///
/// As [`ReadMessage::from_json`].
///
/// ```
/// use antom_core::api::models::ResultInfo;
/// use antom_core::codec::{Limits, read_boxed};
///
/// let message = read_boxed::<ResultInfo>(br#"{"resultCode":"SUCCESS"}"#, &Limits::ANSWER)?;
/// assert_eq!(message.table().name, "ResultInfo");
/// # Ok::<(), antom_core::codec::DecodeError>(())
/// ```
#[cfg(feature = "wire-mirror")]
pub fn read_boxed<T: ReadMessage + 'static>(
    bytes: &[u8],
    limits: &Limits,
) -> Result<alloc::boxed::Box<dyn DynMessage>, DecodeError> {
    T::from_json(bytes, limits).map(|message| alloc::boxed::Box::new(message) as _)
}

/// Reads one document into `target`.
pub(crate) fn read_document(
    bytes: &[u8],
    limits: &Limits,
    target: &mut dyn ReadTarget,
) -> Result<(), DecodeError> {
    let mut reader = Reader::new(bytes, limits)?;
    read_message(&mut reader, target)?;
    reader.end()
}

/// Reads one object into `target`; compiled once for all types.
#[doc(hidden)]
pub fn read_message(reader: &mut Reader<'_>, target: &mut dyn ReadTarget) -> Result<(), DecodeError> {
    let table = target.table();
    let mut seen = 0u128;
    let mut cursor = 0;
    let mut unknown = Seen::default();
    reader.enter_object()?;
    loop {
        // Documents tend to keep the order of the type: the next name is often known before it is read.
        let index = if table.index.key(cursor).is_some_and(|key| reader.take_key(key)) {
            cursor
        } else {
            let Some(key) = reader.next_key()? else { break };
            let Some(index) = table.find(&key, cursor) else {
                read_unknown(reader, target, &mut unknown, key)?;
                continue;
            };
            index
        };
        cursor = index + 1;
        let bit = 1u128.checked_shl(index as u32).unwrap_or(0);
        if seen & bit != 0 {
            return Err(reader.error(DecodeErrorKind::DuplicateKey).inside(table.wire(index)));
        }
        seen |= bit;
        if reader.take_null()? {
            if table.index.required & bit != 0 {
                return Err(missing(reader, table, index));
            }
            target.rest_mut().note_null(index);
            continue;
        }
        let start = reader.mark();
        if let Err(error) = target.read_field(index, reader) {
            keep_misfit(reader, target, index, start, error)?;
        }
    }
    let absent = table.index.required & !seen;
    if absent != 0 {
        return Err(missing(reader, table, absent.trailing_zeros() as usize));
    }
    Ok(())
}

/// A member that the type does not name.
fn read_unknown<'a>(
    reader: &mut Reader<'a>,
    target: &mut dyn ReadTarget,
    unknown: &mut Seen<'a>,
    key: Cow<'a, str>,
) -> Result<(), DecodeError> {
    if !unknown.insert(key.clone()) {
        return Err(reader.error(DecodeErrorKind::DuplicateKey).inside(&key));
    }
    let raw = reader.read_raw().map_err(|error| error.inside(&key))?;
    target.rest_mut().push(key.into_owned(), super::RawJson::trusted(raw));
    Ok(())
}

/// A member in an unforeseen form must not make the whole document unreadable: the member is kept as it stands,
/// and its typed field stays absent. What is no JSON, or names a member twice, is no such form.
#[cold]
fn keep_misfit(
    reader: &mut Reader<'_>,
    target: &mut dyn ReadTarget,
    index: usize,
    start: Mark,
    error: DecodeError,
) -> Result<(), DecodeError> {
    let table = target.table();
    let wire = table.wire(index);
    let misfit = matches!(
        error.kind(),
        DecodeErrorKind::Unreadable { .. }
            | DecodeErrorKind::WrongType { .. }
            | DecodeErrorKind::MissingField { .. }
    );
    if !misfit || table.fields.get(index).is_none_or(|field| field.required) {
        return Err(error.inside(wire));
    }
    reader.rewind(start);
    let raw = reader.read_raw().map_err(|error| error.inside(wire))?;
    target.rest_mut().push(wire.into(), super::RawJson::trusted(raw));
    Ok(())
}

#[cold]
fn missing(reader: &Reader<'_>, table: &Table, index: usize) -> DecodeError {
    reader.error(DecodeErrorKind::MissingField { field: table.wire(index) })
}

/// Whether two messages would be written alike.
#[doc(hidden)]
pub fn equal_messages(left: &dyn DynMessage, right: &dyn DynMessage) -> bool {
    let (mut a, mut b) = (Vec::new(), Vec::new());
    writer::write_message(&mut a, left);
    writer::write_message(&mut b, right);
    a == b
}
