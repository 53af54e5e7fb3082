//! serde for every message: thin, so that a type costs a line and not a derive.
//!
//! Reading through serde goes over JSON text into the SDK's own reader, so that there is one parser with
//! one set of rules. The SDK itself always uses the reader directly.

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error as _, MapAccess, SeqAccess, Visitor};
use serde::ser::{Error as _, Serialize, SerializeMap, SerializeSeq, Serializer};

use super::{DynMessage, Limits, ReadMessage, View, writer};

#[doc(hidden)]
pub fn serialize_message<S: Serializer>(message: &dyn DynMessage, serializer: S) -> Result<S::Ok, S::Error> {
    let table = message.table();
    let mut map = serializer.serialize_map(None)?;
    for (index, field) in table.fields.iter().enumerate() {
        match message.view(index) {
            View::Absent if message.rest().was_null(index) => map.serialize_entry(field.wire, &())?,
            View::Absent => {}
            view => map.serialize_entry(field.wire, &Viewed(view))?,
        }
    }
    for (name, value) in message.rest().iter() {
        let typed = table.find(name, 0).is_some_and(|index| !matches!(message.view(index), View::Absent));
        if !typed {
            map.serialize_entry(name, &Viewed(View::Raw(value)))?;
        }
    }
    map.end()
}

struct Viewed<'a>(View<'a>);

impl Serialize for Viewed<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            View::Absent => serializer.serialize_unit(),
            View::Text(text) | View::Decimal(text) => serializer.serialize_str(text),
            View::Boolean(value) => serializer.serialize_bool(value),
            View::Integer(value) => serializer.serialize_i64(value),
            View::Raw(raw) => serde_json::from_str::<serde_json::Value>(raw.as_str())
                .map_err(S::Error::custom)?
                .serialize(serializer),
            View::Message(message) => serialize_message(message, serializer),
            View::List(list) => {
                let mut seq = serializer.serialize_seq(Some(list.length()))?;
                for index in 0..list.length() {
                    seq.serialize_element(&Viewed(list.item(index)))?;
                }
                seq.end()
            }
            View::Map(entries) => {
                let mut map = serializer.serialize_map(Some(entries.length()))?;
                for index in 0..entries.length() {
                    let (name, value) = entries.member(index);
                    map.serialize_entry(name, &Viewed(value))?;
                }
                map.end()
            }
        }
    }
}

#[doc(hidden)]
pub fn deserialize_message<'de, D: Deserializer<'de>, M: ReadMessage>(
    deserializer: D,
) -> Result<M, D::Error> {
    let mut text = Vec::with_capacity(512);
    ToJson(&mut text).deserialize(deserializer)?;
    M::from_json(&text, &Limits::ANSWER).map_err(D::Error::custom)
}

/// Writes whatever a deserializer yields as JSON text.
struct ToJson<'a>(&'a mut Vec<u8>);

impl<'de> DeserializeSeed<'de> for ToJson<'_> {
    type Value = ();
    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl ToJson<'_> {
    fn display(self, value: impl fmt::Display) {
        self.0.extend_from_slice(alloc::format!("{value}").as_bytes());
    }
}

impl<'de> Visitor<'de> for ToJson<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }
    fn visit_bool<E>(self, value: bool) -> Result<(), E> {
        self.display(value);
        Ok(())
    }
    fn visit_i64<E>(self, value: i64) -> Result<(), E> {
        self.display(value);
        Ok(())
    }
    fn visit_u64<E>(self, value: u64) -> Result<(), E> {
        self.display(value);
        Ok(())
    }
    fn visit_f64<E: serde::de::Error>(self, value: f64) -> Result<(), E> {
        // The API has no floats; what a foreign format offers as one is kept as the number it shows.
        if !value.is_finite() {
            return Err(E::custom("expected a finite number"));
        }
        self.display(value);
        Ok(())
    }
    fn visit_str<E>(self, value: &str) -> Result<(), E> {
        writer::write_string(self.0, value);
        Ok(())
    }
    fn visit_unit<E>(self) -> Result<(), E> {
        self.0.extend_from_slice(b"null");
        Ok(())
    }
    fn visit_none<E: serde::de::Error>(self) -> Result<(), E> {
        self.visit_unit()
    }
    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        self.deserialize(deserializer)
    }
    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<(), A::Error> {
        self.0.push(b'[');
        let empty = self.0.len();
        loop {
            let before = self.0.len();
            if before > empty {
                self.0.push(b',');
            }
            if items.next_element_seed(ToJson(self.0))?.is_none() {
                self.0.truncate(before);
                break;
            }
        }
        self.0.push(b']');
        Ok(())
    }
    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<(), A::Error> {
        self.0.push(b'{');
        let empty = self.0.len();
        while let Some(name) = members.next_key::<String>()? {
            if self.0.len() > empty {
                self.0.push(b',');
            }
            writer::write_string(self.0, &name);
            self.0.push(b':');
            members.next_value_seed(ToJson(self.0))?;
        }
        self.0.push(b'}');
        Ok(())
    }
}
