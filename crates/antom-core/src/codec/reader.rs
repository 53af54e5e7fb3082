use alloc::borrow::Cow;
use alloc::collections::BTreeSet;
use alloc::string::String;
use alloc::vec::Vec;

use super::scan::plain_length;
use super::{DecodeError, DecodeErrorKind};

mod skim;

/// How large and how deep a document may be.
///
/// ```
/// use antom_core::codec::{DecodeErrorKind, Limits, Reader};
///
/// let tight = Limits { max_bytes: 16, ..Limits::NOTIFICATION };
/// let refused = Reader::new(&[b' '; 17], &tight).unwrap_err();
/// assert_eq!(refused.kind(), &DecodeErrorKind::TooLarge { limit: 16 });
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// The longest document in bytes.
    pub max_bytes: usize,
    /// The deepest nesting of objects and arrays.
    pub max_depth: usize,
}

impl Limits {
    /// For answers: 16 MiB (a dispute document alone may take 4,000,000 characters), 64 levels.
    pub const ANSWER: Self = Self { max_bytes: 16 << 20, max_depth: 64 };
    /// For notifications: 1 MiB, 64 levels.
    pub const NOTIFICATION: Self = Self { max_bytes: 1 << 20, max_depth: 64 };
}

/// What kind of value comes next.
///
/// ```
/// use antom_core::codec::{Limits, Reader, ValueKind};
///
/// let mut reader = Reader::new(b" [1]", &Limits::ANSWER)?;
/// assert_eq!(reader.peek()?, ValueKind::Array);
/// assert_eq!(ValueKind::Array.name(), "an array");
/// # Ok::<(), antom_core::codec::DecodeError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ValueKind {
    /// `null`
    Null,
    /// `true` or `false`
    Boolean,
    /// A number.
    Number,
    /// A string.
    String,
    /// An array.
    Array,
    /// An object.
    Object,
}

impl ValueKind {
    /// The kind's name in messages.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Boolean => "a boolean",
            Self::Number => "a number",
            Self::String => "a string",
            Self::Array => "an array",
            Self::Object => "an object",
        }
    }
}

/// Reads one JSON document from the front to the back, without building a tree.
///
/// ```
/// use antom_core::codec::{Limits, Reader, ValueKind};
///
/// let mut reader = Reader::new(br#"{"id": "A-1", "parts": [1, true], "rest": {}}"#, &Limits::NOTIFICATION)?;
/// reader.enter_object()?;
/// while let Some(key) = reader.next_key()? {
///     match (&*key, reader.peek()?) {
///         ("id", ValueKind::String) => assert_eq!(reader.read_string()?, "A-1"),
///         ("parts", _) => {
///             reader.enter_array()?;
///             assert!(reader.next_item()?);
///             assert_eq!(reader.read_integer()?, 1);
///             assert!(reader.next_item()?);
///             assert!(reader.read_bool()?);
///             assert!(!reader.next_item()?);
///         }
///         _ => assert_eq!(reader.read_raw()?, "{}"),
///     }
/// }
/// reader.end()?;
/// # Ok::<(), antom_core::codec::DecodeError>(())
/// ```
#[derive(Debug)]
pub struct Reader<'a> {
    text: &'a str,
    bytes: &'a [u8],
    position: usize,
    depth: usize,
    max_depth: usize,
    /// Right after `{` or `[`: the next member or element has no comma before it.
    fresh: bool,
}

/// A place to come back to.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Mark {
    position: usize,
    depth: usize,
    fresh: bool,
}

impl<'a> Reader<'a> {
    /// Starts at the beginning of a document.
    ///
    /// # Errors
    ///
    /// The document is longer than the limit, empty, or not UTF-8.
    pub fn new(bytes: &'a [u8], limits: &Limits) -> Result<Self, DecodeError> {
        if bytes.len() > limits.max_bytes {
            return Err(DecodeError::new(
                DecodeErrorKind::TooLarge { limit: limits.max_bytes },
                limits.max_bytes,
            ));
        }
        let text = core::str::from_utf8(bytes)
            .map_err(|error| DecodeError::new(DecodeErrorKind::NotUtf8, error.valid_up_to()))?;
        let reader = Self { text, bytes, position: 0, depth: 0, max_depth: limits.max_depth, fresh: false };
        if bytes.iter().all(|byte| matches!(byte, b' ' | b'\t' | b'\r' | b'\n')) {
            return Err(reader.error(DecodeErrorKind::Empty));
        }
        Ok(reader)
    }

    pub(crate) fn error(&self, kind: DecodeErrorKind) -> DecodeError {
        DecodeError::new(kind, self.position)
    }

    #[cold]
    fn syntax(&self, expected: &'static str) -> DecodeError {
        self.error(DecodeErrorKind::Syntax { expected })
    }

    #[cold]
    fn mismatch(&self, expected: &'static str, found: ValueKind) -> DecodeError {
        self.error(DecodeErrorKind::WrongType { expected, found: found.name() })
    }

    pub(crate) fn mark(&self) -> Mark {
        Mark { position: self.position, depth: self.depth, fresh: self.fresh }
    }

    pub(crate) fn rewind(&mut self, mark: Mark) {
        self.position = mark.position;
        self.depth = mark.depth;
        self.fresh = mark.fresh;
    }

    #[inline]
    fn peek_byte(&mut self) -> Option<u8> {
        while let Some(&byte) = self.bytes.get(self.position) {
            if !matches!(byte, b' ' | b'\t' | b'\r' | b'\n') {
                return Some(byte);
            }
            self.position += 1;
        }
        None
    }

    /// The kind of the next value, without reading it.
    ///
    /// # Errors
    ///
    /// No value can start here.
    #[inline]
    pub fn peek(&mut self) -> Result<ValueKind, DecodeError> {
        match self.peek_byte() {
            Some(b'"') => Ok(ValueKind::String),
            Some(b'{') => Ok(ValueKind::Object),
            Some(b'[') => Ok(ValueKind::Array),
            Some(b't' | b'f') => Ok(ValueKind::Boolean),
            Some(b'n') => Ok(ValueKind::Null),
            Some(b'-' | b'0'..=b'9') => Ok(ValueKind::Number),
            _ => Err(self.syntax("a value")),
        }
    }

    /// Reads `null` if it is next; says whether it was.
    ///
    /// # Errors
    ///
    /// No value can start here.
    ///
    /// ```
    /// use antom_core::codec::{Limits, Reader};
    ///
    /// let mut reader = Reader::new(b"[null, 1.50, \"text\"]", &Limits::ANSWER)?;
    /// reader.enter_array()?;
    /// assert!(reader.next_item()? && reader.take_null()?);
    /// assert!(reader.next_item()? && !reader.take_null()?);
    /// assert_eq!(reader.read_number()?, "1.50"); // As it is written, never a float.
    /// assert!(reader.next_item()?);
    /// assert_eq!(reader.read_text()?, "text");
    /// # Ok::<(), antom_core::codec::DecodeError>(())
    /// ```
    pub fn take_null(&mut self) -> Result<bool, DecodeError> {
        if self.peek()? != ValueKind::Null {
            return Ok(false);
        }
        self.literal("null")?;
        Ok(true)
    }

    fn literal(&mut self, word: &'static str) -> Result<(), DecodeError> {
        let rest = self.bytes.get(self.position..).unwrap_or_default();
        if !rest.starts_with(word.as_bytes()) {
            return Err(self.syntax(word));
        }
        self.position += word.len();
        Ok(())
    }

    /// Reads `true` or `false`, also in quotes.
    ///
    /// # Errors
    ///
    /// The value is something else; a scalar in another form is [`DecodeErrorKind::Unreadable`].
    pub fn read_bool(&mut self) -> Result<bool, DecodeError> {
        const EXPECTED: &str = "true or false, bare or in quotes";
        match self.peek()? {
            ValueKind::Boolean if self.bytes.get(self.position) == Some(&b't') => {
                self.literal("true").map(|()| true)
            }
            ValueKind::Boolean => self.literal("false").map(|()| false),
            ValueKind::String => match self.read_string()?.as_ref() {
                "true" => Ok(true),
                "false" => Ok(false),
                _ => Err(self.error(DecodeErrorKind::Unreadable { expected: EXPECTED })),
            },
            ValueKind::Number => Err(self.error(DecodeErrorKind::Unreadable { expected: EXPECTED })),
            found => Err(self.mismatch(EXPECTED, found)),
        }
    }

    /// Reads a whole number, also in quotes, in the one form that is written back alike.
    ///
    /// # Errors
    ///
    /// The value is something else; a scalar in another form is [`DecodeErrorKind::Unreadable`].
    pub fn read_integer(&mut self) -> Result<i64, DecodeError> {
        const EXPECTED: &str = "a whole number, bare or in quotes";
        let text = match self.peek()? {
            ValueKind::Number => Cow::Borrowed(self.read_number()?),
            ValueKind::String => self.read_string()?,
            ValueKind::Boolean => return Err(self.error(DecodeErrorKind::Unreadable { expected: EXPECTED })),
            found => return Err(self.mismatch(EXPECTED, found)),
        };
        let digits = text.strip_prefix('-').unwrap_or(&text);
        let canonical = !digits.is_empty()
            && digits.bytes().all(|byte| byte.is_ascii_digit())
            && (digits.len() == 1 || !digits.starts_with('0'))
            && text != "-0";
        match text.parse() {
            Ok(number) if canonical => Ok(number),
            _ => Err(self.error(DecodeErrorKind::Unreadable { expected: EXPECTED })),
        }
    }

    /// Reads a number and gives its text.
    ///
    /// # Errors
    ///
    /// The value is no number.
    ///
    /// ```
    /// use antom_core::codec::{Limits, Reader};
    ///
    /// assert_eq!(Reader::new(b"-1.50e3", &Limits::ANSWER)?.read_number()?, "-1.50e3");
    /// assert!(Reader::new(b"\"1\"", &Limits::ANSWER)?.read_number().is_err());
    /// # Ok::<(), antom_core::codec::DecodeError>(())
    /// ```
    pub fn read_number(&mut self) -> Result<&'a str, DecodeError> {
        match self.peek()? {
            ValueKind::Number => {}
            found => return Err(self.mismatch("a number", found)),
        }
        let start = self.position;
        if self.bytes.get(self.position) == Some(&b'-') {
            self.position += 1;
        }
        let first = self.position;
        if self.digits()? > 1 && self.bytes.get(first) == Some(&b'0') {
            return Err(self.syntax("a number without leading zeros"));
        }
        if self.bytes.get(self.position) == Some(&b'.') {
            self.position += 1;
            self.digits()?;
        }
        if matches!(self.bytes.get(self.position), Some(b'e' | b'E')) {
            self.position += 1;
            if matches!(self.bytes.get(self.position), Some(b'+' | b'-')) {
                self.position += 1;
            }
            self.digits()?;
        }
        Ok(self.text.get(start..self.position).unwrap_or_default())
    }

    fn digits(&mut self) -> Result<usize, DecodeError> {
        let start = self.position;
        while self.bytes.get(self.position).is_some_and(u8::is_ascii_digit) {
            self.position += 1;
        }
        match self.position - start {
            0 => Err(self.syntax("a digit")),
            count => Ok(count),
        }
    }

    /// Reads a string; borrowed unless it holds escapes.
    ///
    /// # Errors
    ///
    /// The value is no string, is not closed, or holds a bare control character or a broken escape.
    pub fn read_string(&mut self) -> Result<Cow<'a, str>, DecodeError> {
        match self.peek()? {
            ValueKind::String => self.string_at_quote(),
            found => Err(self.mismatch("a string", found)),
        }
    }

    fn string_at_quote(&mut self) -> Result<Cow<'a, str>, DecodeError> {
        self.position += 1;
        let start = self.position;
        match self.scan_plain()? {
            b'"' => {
                let plain = self.text.get(start..self.position).unwrap_or_default();
                self.position += 1;
                Ok(Cow::Borrowed(plain))
            }
            _ => self.read_escaped(start).map(Cow::Owned),
        }
    }

    /// Goes on to the next quote or backslash and gives it.
    #[inline]
    fn scan_plain(&mut self) -> Result<u8, DecodeError> {
        self.position += plain_length(self.bytes.get(self.position..).unwrap_or_default());
        match self.bytes.get(self.position) {
            Some(&byte @ (b'"' | b'\\')) => Ok(byte),
            Some(_) => Err(self.syntax("an escaped control character")),
            None => Err(self.syntax("the closing quote of a string")),
        }
    }

    #[cold]
    fn read_escaped(&mut self, start: usize) -> Result<String, DecodeError> {
        let mut out = String::from(self.text.get(start..self.position).unwrap_or_default());
        loop {
            // At a backslash.
            self.position += 1;
            let escape = self.bytes.get(self.position).copied();
            self.position += 1;
            out.push(match escape {
                Some(b'"') => '"',
                Some(b'\\') => '\\',
                Some(b'/') => '/',
                Some(b'b') => '\u{8}',
                Some(b'f') => '\u{c}',
                Some(b'n') => '\n',
                Some(b'r') => '\r',
                Some(b't') => '\t',
                Some(b'u') => self.read_unicode_escape()?,
                _ => return Err(self.syntax("an escape that JSON knows")),
            });
            let from = self.position;
            let stop = self.scan_plain()?;
            out.push_str(self.text.get(from..self.position).unwrap_or_default());
            if stop == b'"' {
                self.position += 1;
                return Ok(out);
            }
        }
    }

    fn read_unicode_escape(&mut self) -> Result<char, DecodeError> {
        let unit = self.read_hex4()?;
        let code = match unit {
            0xd800..=0xdbff => {
                let pair = self.bytes.get(self.position..self.position + 2);
                if pair != Some(b"\\u".as_slice()) {
                    return Err(self.syntax("the second half of a surrogate pair"));
                }
                self.position += 2;
                let low = self.read_hex4()?;
                if !(0xdc00..=0xdfff).contains(&low) {
                    return Err(self.syntax("the second half of a surrogate pair"));
                }
                0x10000 + ((unit - 0xd800) << 10) + (low - 0xdc00)
            }
            _ => unit,
        };
        char::from_u32(code).ok_or_else(|| self.syntax("a Unicode scalar value"))
    }

    fn read_hex4(&mut self) -> Result<u32, DecodeError> {
        let digits = self
            .text
            .get(self.position..self.position + 4)
            .filter(|digits| digits.bytes().all(|byte| byte.is_ascii_hexdigit()))
            .and_then(|digits| u32::from_str_radix(digits, 16).ok())
            .ok_or_else(|| self.syntax("four hexadecimal digits"))?;
        self.position += 4;
        Ok(digits)
    }

    /// Reads a scalar as text: a string's content, or the letters of a number or boolean.
    ///
    /// # Errors
    ///
    /// The value is null, an array or an object.
    ///
    /// ```
    /// use antom_core::codec::{Limits, Reader};
    ///
    /// // Some documents write a number where a text belongs.
    /// assert_eq!(Reader::new(b"1050", &Limits::ANSWER)?.read_text()?, "1050");
    /// assert_eq!(Reader::new(b"\"1050\"", &Limits::ANSWER)?.read_text()?, "1050");
    /// # Ok::<(), antom_core::codec::DecodeError>(())
    /// ```
    pub fn read_text(&mut self) -> Result<Cow<'a, str>, DecodeError> {
        match self.peek()? {
            ValueKind::String => self.string_at_quote(),
            ValueKind::Number => self.read_number().map(Cow::Borrowed),
            ValueKind::Boolean => Ok(Cow::Borrowed(if self.read_bool()? { "true" } else { "false" })),
            found => Err(self.mismatch("text", found)),
        }
    }

    fn enter(&mut self) -> Result<(), DecodeError> {
        if self.depth == self.max_depth {
            return Err(self.error(DecodeErrorKind::TooDeep { limit: self.max_depth }));
        }
        self.depth += 1;
        self.position += 1;
        self.fresh = true;
        Ok(())
    }

    /// Goes into an object; [`next_key`](Self::next_key) follows.
    ///
    /// # Errors
    ///
    /// The value is no object, or nests too deep.
    pub fn enter_object(&mut self) -> Result<(), DecodeError> {
        match self.peek()? {
            ValueKind::Object => self.enter(),
            found => Err(self.mismatch("an object", found)),
        }
    }

    /// Goes into an array; [`next_item`](Self::next_item) follows.
    ///
    /// # Errors
    ///
    /// The value is no array, or nests too deep.
    pub fn enter_array(&mut self) -> Result<(), DecodeError> {
        match self.peek()? {
            ValueKind::Array => self.enter(),
            found => Err(self.mismatch("an array", found)),
        }
    }

    /// Whether another member or element follows; leaves the container when not.
    fn advance(&mut self, close: u8, expected: &'static str) -> Result<bool, DecodeError> {
        let fresh = core::mem::replace(&mut self.fresh, false);
        match self.peek_byte() {
            Some(byte) if byte == close => {
                self.position += 1;
                self.depth -= 1;
                Ok(false)
            }
            Some(b',') if !fresh => {
                self.position += 1;
                Ok(true)
            }
            Some(_) if fresh => Ok(true),
            _ => Err(self.syntax(expected)),
        }
    }

    /// The name of the next member, or `None` at the end of the object, which is then left.
    ///
    /// # Errors
    ///
    /// The text is not JSON. Repeated names are the caller's to see.
    pub fn next_key(&mut self) -> Result<Option<Cow<'a, str>>, DecodeError> {
        if !self.advance(b'}', "a comma or the end of the object")? {
            return Ok(None);
        }
        if self.peek_byte() != Some(b'"') {
            return Err(self.syntax("a member name in quotes"));
        }
        let key = self.string_at_quote()?;
        if self.peek_byte() != Some(b':') {
            return Err(self.syntax("a colon"));
        }
        self.position += 1;
        Ok(Some(key))
    }

    /// Reads the name of the next member if the text goes on with just this, `,"name":`, or with what stands
    /// behind its comma for the first member; says whether it did.
    #[inline]
    pub(crate) fn take_key(&mut self, key: &[u8]) -> bool {
        let expected = key.get(usize::from(self.fresh)..).unwrap_or_default();
        let found = self.bytes.get(self.position..).is_some_and(|rest| rest.starts_with(expected));
        if found {
            self.position += expected.len();
            self.fresh = false;
        }
        found
    }

    /// Whether another element follows; at the end the array is left.
    ///
    /// # Errors
    ///
    /// The text is not JSON.
    pub fn next_item(&mut self) -> Result<bool, DecodeError> {
        self.advance(b']', "a comma or the end of the array")
    }

    /// Reads any value and gives its text. Checks all of it, duplicate keys included.
    ///
    /// # Errors
    ///
    /// The text is not JSON, nests too deep, or names a member twice.
    pub fn read_raw(&mut self) -> Result<&'a str, DecodeError> {
        self.peek()?;
        let start = self.position;
        self.skip()?;
        Ok(self.text.get(start..self.position).unwrap_or_default())
    }

    /// Recursion is bounded by the depth limit.
    fn skip(&mut self) -> Result<(), DecodeError> {
        match self.peek()? {
            ValueKind::Null => self.literal("null"),
            ValueKind::Boolean => self.read_bool().map(drop),
            ValueKind::Number => self.read_number().map(drop),
            ValueKind::String => self.read_string().map(drop),
            ValueKind::Array => {
                self.enter_array()?;
                let mut index = 0usize;
                while self.next_item()? {
                    self.skip().map_err(|error| error.inside_item(index))?;
                    index += 1;
                }
                Ok(())
            }
            ValueKind::Object => {
                self.enter_object()?;
                let mut seen = Seen::default();
                while let Some(key) = self.next_key()? {
                    if !seen.insert(key.clone()) {
                        return Err(self.error(DecodeErrorKind::DuplicateKey).inside(&key));
                    }
                    self.skip().map_err(|error| error.inside(&key))?;
                }
                Ok(())
            }
        }
    }

    /// Checks that nothing but white space follows.
    ///
    /// # Errors
    ///
    /// Something follows.
    pub fn end(mut self) -> Result<(), DecodeError> {
        match self.peek_byte() {
            None => Ok(()),
            Some(_) => Err(self.error(DecodeErrorKind::TrailingText)),
        }
    }
}

/// The member names of one object so far. A list while it is short; a tree after that, so that a
/// document made of names costs no quadratic time.
#[derive(Default)]
pub(crate) struct Seen<'a> {
    few: Vec<Cow<'a, str>>,
    many: BTreeSet<Cow<'a, str>>,
}

impl<'a> Seen<'a> {
    const FEW: usize = 16;

    /// Adds a name; `false` if it was there.
    pub(crate) fn insert(&mut self, name: Cow<'a, str>) -> bool {
        if self.few.contains(&name) || (!self.many.is_empty() && self.many.contains(&name)) {
            return false;
        }
        if self.few.len() < Self::FEW {
            self.few.push(name);
            return true;
        }
        self.many.insert(name)
    }
}
