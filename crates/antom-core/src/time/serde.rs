//! Times in a program's own files: an instant is its milliseconds since 1970, a text is itself.

use alloc::string::String;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::{DateTimeText, UnixTime};

impl Serialize for UnixTime {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_i64(self.as_millis())
    }
}

impl<'de> Deserialize<'de> for UnixTime {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        i64::deserialize(deserializer).map(Self::from_millis)
    }
}

impl Serialize for DateTimeText {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for DateTimeText {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(Self::from)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_come_back() {
        let at = UnixTime::from_millis(1_700_000_000_123);
        assert_eq!(serde_json::to_string(&at).unwrap(), "1700000000123");
        assert_eq!(serde_json::from_str::<UnixTime>("1700000000123").unwrap(), at);
        let text = DateTimeText::from("2025-01-01T00:00:00Z");
        assert_eq!(serde_json::to_string(&text).unwrap(), "\"2025-01-01T00:00:00Z\"");
        assert_eq!(serde_json::from_str::<DateTimeText>("\"2025-01-01T00:00:00Z\"").unwrap(), text);
    }
}
