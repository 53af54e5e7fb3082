use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec::Vec;

use super::{DecimalText, DecodeError, DynMessage, Kind, Map, RawJson, Reader};
use crate::secret::{Personal, Secret};
use crate::time::DateTimeText;

/// A borrowed look at one value of a message.
///
/// ```
/// use antom_core::codec::{View, WireView};
///
/// assert!(matches!("text".to_owned().view(), View::Text("text")));
/// assert!(matches!(None::<String>.view(), View::Absent));
/// assert!(matches!(true.view(), View::Boolean(true)));
/// ```
#[derive(Clone, Copy)]
#[allow(missing_debug_implementations)] // It shows secrets to writers; there is nothing safe to print.
pub enum View<'a> {
    /// Not there.
    Absent,
    /// A string.
    Text(&'a str),
    /// A boolean.
    Boolean(bool),
    /// A whole number.
    Integer(i64),
    /// A decimal number as text.
    Decimal(&'a str),
    /// Any JSON value.
    Raw(&'a RawJson),
    /// An object with named members.
    Message(&'a dyn DynMessage),
    /// An array.
    List(&'a dyn ListView),
    /// An object whose names are data.
    Map(&'a dyn MapView),
}

/// A list without its element type.
///
/// ```
/// use antom_core::codec::{View, WireView};
///
/// let words = vec!["a".to_owned(), "b".to_owned()];
/// let View::List(list) = words.view() else { panic!("no list") };
/// assert_eq!(list.length(), 2);
/// assert!(matches!(list.item(1), View::Text("b")));
/// ```
pub trait ListView {
    /// The number of elements.
    fn length(&self) -> usize;
    /// The element at an index.
    fn item(&self, index: usize) -> View<'_>;
}

/// A map without its value type.
///
/// ```
/// use antom_core::codec::{Map, View, WireView};
///
/// let mut map = Map::new();
/// map.insert("key", "value".to_owned());
/// let View::Map(view) = map.view() else { panic!("no map") };
/// assert_eq!(view.length(), 1);
/// assert!(matches!(view.member(0), ("key", View::Text("value"))));
/// ```
pub trait MapView {
    /// The number of members.
    fn length(&self) -> usize;
    /// The member at an index.
    fn member(&self, index: usize) -> (&str, View<'_>);
}

/// A field type as writers see it.
///
/// ```
/// use antom_core::codec::{Kind, View, WireView};
///
/// assert!(matches!(<i64 as WireView>::KIND, Kind::Integer));
/// assert!(matches!(7_i64.view(), View::Integer(7)));
/// ```
pub trait WireView {
    /// The shape of the value.
    const KIND: Kind;
    /// A look at the value.
    fn view(&self) -> View<'_>;
}

/// A field type as the reader sees it.
///
/// ```
/// use antom_core::codec::{Limits, Reader, WireRead};
///
/// let mut reader = Reader::new(b"[true,false]", &Limits::ANSWER)?;
/// assert_eq!(Vec::<bool>::read(&mut reader)?, [true, false]);
///
/// let mut place = 0_i64;
/// place.read_into(&mut Reader::new(b"42", &Limits::ANSWER)?)?;
/// assert_eq!(place, 42);
/// # Ok::<(), antom_core::codec::DecodeError>(())
/// ```
pub trait WireRead: Sized {
    /// The state of a required field before it was read.
    #[doc(hidden)]
    fn placeholder() -> Self;
    /// Reads the value into its place, which holds a placeholder. After an error the place holds nothing
    /// that means anything.
    ///
    /// # Errors
    ///
    /// The value has another shape, or the text is not JSON.
    fn read_into(&mut self, reader: &mut Reader<'_>) -> Result<(), DecodeError>;
    /// Reads the value.
    ///
    /// # Errors
    ///
    /// As [`read_into`](Self::read_into).
    fn read(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let mut value = Self::placeholder();
        value.read_into(reader)?;
        Ok(value)
    }
}

macro_rules! text_field {
    ($type:ty, $kind:expr, $text:ident => $view:expr, $place:ident, $read:ident => $put:expr) => {
        impl WireView for $type {
            const KIND: Kind = $kind;
            #[inline]
            fn view(&self) -> View<'_> {
                let $text = self;
                $view
            }
        }
        impl WireRead for $type {
            fn placeholder() -> Self {
                Self::from(String::new())
            }
            fn read_into(&mut self, reader: &mut Reader<'_>) -> Result<(), DecodeError> {
                let ($place, $read) = (self, reader.read_text()?.into_owned());
                $put;
                Ok(())
            }
        }
    };
}

text_field!(String, Kind::Text, text => View::Text(text), place, read => *place = read);
text_field!(Secret<String>, Kind::Text, text => View::Text(text.expose()), place, read => place.put(read));
text_field!(Personal<String>, Kind::Text, text => View::Text(text.expose()), place, read => *place = read.into());
text_field!(DateTimeText, Kind::DateTime, text => View::Text(text.as_str()), place, read => *place = read.into());

impl WireView for bool {
    const KIND: Kind = Kind::Boolean;
    #[inline]
    fn view(&self) -> View<'_> {
        View::Boolean(*self)
    }
}

impl WireRead for bool {
    fn placeholder() -> Self {
        false
    }
    fn read_into(&mut self, reader: &mut Reader<'_>) -> Result<(), DecodeError> {
        *self = reader.read_bool()?;
        Ok(())
    }
}

impl WireView for i64 {
    const KIND: Kind = Kind::Integer;
    #[inline]
    fn view(&self) -> View<'_> {
        View::Integer(*self)
    }
}

impl WireRead for i64 {
    fn placeholder() -> Self {
        0
    }
    fn read_into(&mut self, reader: &mut Reader<'_>) -> Result<(), DecodeError> {
        *self = reader.read_integer()?;
        Ok(())
    }
}

impl WireView for DecimalText {
    const KIND: Kind = Kind::Decimal;
    #[inline]
    fn view(&self) -> View<'_> {
        View::Decimal(self.as_str())
    }
}

impl WireRead for DecimalText {
    fn placeholder() -> Self {
        Self::from("")
    }
    fn read_into(&mut self, reader: &mut Reader<'_>) -> Result<(), DecodeError> {
        *self = Self::from(reader.read_text()?.as_ref());
        Ok(())
    }
}

impl WireView for RawJson {
    const KIND: Kind = Kind::Any;
    #[inline]
    fn view(&self) -> View<'_> {
        View::Raw(self)
    }
}

impl WireRead for RawJson {
    fn placeholder() -> Self {
        Self::trusted("null")
    }
    fn read_into(&mut self, reader: &mut Reader<'_>) -> Result<(), DecodeError> {
        *self = Self::trusted(reader.read_raw()?);
        Ok(())
    }
}

impl<T: WireView> WireView for Option<T> {
    const KIND: Kind = T::KIND;
    #[inline]
    fn view(&self) -> View<'_> {
        match self {
            Some(value) => value.view(),
            None => View::Absent,
        }
    }
}

impl<T: WireRead> WireRead for Option<T> {
    fn placeholder() -> Self {
        None
    }
    fn read_into(&mut self, reader: &mut Reader<'_>) -> Result<(), DecodeError> {
        let result = self.insert(T::placeholder()).read_into(reader);
        if result.is_err() {
            *self = None;
        }
        result
    }
}

/// For types that can hold themselves.
impl<T: WireView> WireView for Box<T> {
    const KIND: Kind = T::KIND;
    #[inline]
    fn view(&self) -> View<'_> {
        (**self).view()
    }
}

impl<T: WireRead> WireRead for Box<T> {
    fn placeholder() -> Self {
        Self::new(T::placeholder())
    }
    fn read_into(&mut self, reader: &mut Reader<'_>) -> Result<(), DecodeError> {
        (**self).read_into(reader)
    }
}

impl<T: WireView> WireView for Vec<T> {
    const KIND: Kind = Kind::List(&T::KIND);
    #[inline]
    fn view(&self) -> View<'_> {
        View::List(self)
    }
}

impl<T: WireView> ListView for Vec<T> {
    fn length(&self) -> usize {
        self.len()
    }
    fn item(&self, index: usize) -> View<'_> {
        self.get(index).map_or(View::Absent, WireView::view)
    }
}

impl<T: WireRead> WireRead for Vec<T> {
    fn placeholder() -> Self {
        Self::new()
    }
    fn read_into(&mut self, reader: &mut Reader<'_>) -> Result<(), DecodeError> {
        reader.enter_array()?;
        while reader.next_item()? {
            self.push(T::placeholder());
            let index = self.len() - 1;
            if let Some(item) = self.last_mut() {
                item.read_into(reader).map_err(|error| error.inside_item(index))?;
            }
        }
        Ok(())
    }
}

impl<T: WireView> WireView for Map<T> {
    const KIND: Kind = Kind::Map(&T::KIND);
    #[inline]
    fn view(&self) -> View<'_> {
        View::Map(self)
    }
}

impl<T: WireView> MapView for Map<T> {
    fn length(&self) -> usize {
        self.len()
    }
    fn member(&self, index: usize) -> (&str, View<'_>) {
        self.at(index).map_or(("", View::Absent), |(name, value)| (name, value.view()))
    }
}

impl<T: WireRead> WireRead for Map<T> {
    fn placeholder() -> Self {
        Self::new()
    }
    fn read_into(&mut self, reader: &mut Reader<'_>) -> Result<(), DecodeError> {
        let mut seen = super::reader::Seen::default();
        reader.enter_object()?;
        while let Some(key) = reader.next_key()? {
            if !seen.insert(key.clone()) {
                return Err(reader.error(super::DecodeErrorKind::DuplicateKey).inside(&key));
            }
            let value = T::read(reader).map_err(|error| error.inside(&key))?;
            self.push(key.into_owned(), value);
        }
        Ok(())
    }
}
