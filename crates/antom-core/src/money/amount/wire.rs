//! An amount as the member of a message.

use alloc::string::String;

use super::{Amount, Currency};
use crate::codec::{
    DecodeError, Demand, DynMessage, Field, Kind, Members, Message, Privacy, ReadMessage, ReadTarget, Reader,
    Rest, Table, View, WireRead, WireView, deserialize_message, index, read_message, serialize_message,
};

static TABLE: Table = Table {
    name: "Amount",
    fields: &[field("currency", 3), field("value", 16)],
    index: index!(["currency", "value"], required 0b11, aliases false),
};

const fn field(wire: &'static str, max: u32) -> Field {
    Field {
        wire,
        aliases: &[],
        required: true,
        privacy: Privacy::Plain,
        kind: Kind::Text,
        max,
        items: 0,
        min: None,
        condition: None,
        demand: Demand::Always,
    }
}

impl DynMessage for Amount {
    fn table(&self) -> &'static Table {
        &TABLE
    }
    fn view(&self, index: usize) -> View<'_> {
        match index {
            0 => View::Text(self.currency.as_str()),
            1 => View::Text(&self.value),
            _ => View::Absent,
        }
    }
    fn rest(&self) -> &Rest {
        &self.rest
    }
    fn write(&self, members: &mut Members<'_>) {
        members.write(0, View::Text(self.currency.as_str()));
        members.write(1, View::Text(&self.value));
    }
}

impl ReadTarget for Amount {
    fn read_field(&mut self, index: usize, reader: &mut Reader<'_>) -> Result<(), DecodeError> {
        match index {
            0 => self.currency = Currency::from(reader.read_text()?.as_ref()),
            _ => self.value = reader.read_text()?.into_owned(),
        }
        Ok(())
    }
    fn rest_mut(&mut self) -> &mut Rest {
        &mut self.rest
    }
}

impl Message for Amount {
    fn describe() -> &'static Table {
        &TABLE
    }
}

impl ReadMessage for Amount {
    fn placeholder() -> Self {
        Self { currency: Currency::from(""), value: String::new(), rest: Rest::new() }
    }
}

impl WireView for Amount {
    const KIND: Kind = Kind::Message(<Self as Message>::describe);
    fn view(&self) -> View<'_> {
        View::Message(self)
    }
}

impl WireRead for Amount {
    fn placeholder() -> Self {
        <Self as ReadMessage>::placeholder()
    }
    fn read_into(&mut self, reader: &mut Reader<'_>) -> Result<(), DecodeError> {
        read_message(reader, self)
    }
}

impl serde::Serialize for Amount {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serialize_message(self, serializer)
    }
}

impl<'de> serde::Deserialize<'de> for Amount {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserialize_message(deserializer)
    }
}
