//! A time as a message field.

use alloc::string::String;
use core::fmt;

use super::{TimeError, UnixTime, UtcOffset, grammar};
use crate::open_enum::Shown;

/// A time in a message: the text as it came, whatever it is, read on demand.
///
/// Storing never fails, so a masked or misshapen time does not make an answer unreadable; reading is
/// strict. Equality is by text: compare [`DateTimeText::instant`]s to compare times.
///
/// ```
/// use antom_core::time::{DateTimeText, TimeError, UnixTime, UtcOffset};
///
/// let time = DateTimeText::from("2020-01-01T12:01:00+08:30");
/// assert_eq!(time.instant()?, UnixTime::from_secs(1_577_849_460));
/// assert_eq!(DateTimeText::at(time.instant()?, UtcOffset::CHINA).as_str(), "2020-01-01T11:31:00+08:00");
/// assert_eq!(DateTimeText::from("2025-10-01T00:00:00").instant(), Err(TimeError::NoOffset));
/// # Ok::<(), TimeError>(())
/// ```
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct DateTimeText(String);

impl DateTimeText {
    /// The text of a point in time at an offset, without milliseconds when there are none.
    pub fn at(time: UnixTime, offset: UtcOffset) -> Self {
        Self(time.to_rfc3339_at(offset))
    }

    /// The point in time. Fractions of a millisecond are dropped.
    ///
    /// # Errors
    ///
    /// When the text does not follow the grammar of the [module](super), for example without an offset.
    pub fn instant(&self) -> Result<UnixTime, TimeError> {
        grammar::read(&self.0)
    }

    /// The text as it came.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<&str> for DateTimeText {
    fn from(text: &str) -> Self {
        Self(text.into())
    }
}

impl From<String> for DateTimeText {
    fn from(text: String) -> Self {
        Self(text)
    }
}

impl From<UnixTime> for DateTimeText {
    fn from(time: UnixTime) -> Self {
        Self(time.to_rfc3339())
    }
}

impl From<DateTimeText> for String {
    fn from(time: DateTimeText) -> Self {
        time.0
    }
}

impl fmt::Display for DateTimeText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl fmt::Debug for DateTimeText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "DateTimeText(\"{}\")", Shown(&self.0))
    }
}

#[cfg(test)]
mod tests {
    use alloc::format;
    use alloc::string::ToString;

    use proptest::prelude::*;

    use super::*;

    #[test]
    fn any_text_is_kept() {
        let masked = DateTimeText::from("*************************");
        assert_eq!(masked.as_str(), "*************************");
        assert!(masked.instant().is_err());
        assert_eq!(format!("{:?}", DateTimeText::from("a\nb")), r#"DateTimeText("a\nb")"#);
    }

    #[test]
    fn equality_is_by_text() {
        let (utc, china) = ("2025-01-01T00:00:00Z", "2025-01-01T08:00:00+08:00");
        let (utc, china) = (DateTimeText::from(utc), DateTimeText::from(china));
        assert_ne!(utc, china);
        assert_eq!(utc.instant(), china.instant());
        assert_eq!(DateTimeText::at(utc.instant().unwrap(), UtcOffset::CHINA), china);
    }

    proptest! {
        #[test]
        fn times_come_back(millis in 0..=UnixTime::MAX.as_millis()) {
            let time = UnixTime::from_millis(millis);
            prop_assert_eq!(DateTimeText::from(time).instant(), Ok(time));
            prop_assert_eq!(DateTimeText::from(millis.to_string()).instant().is_ok(), millis >= 1_000_000_000);
        }

        #[test]
        fn texts_come_back(text in ".{0,60}") {
            let time = DateTimeText::from(text.as_str());
            let _ = time.instant();
            prop_assert_eq!(time.to_string(), text.clone());
            prop_assert_eq!(String::from(time), text);
        }
    }
}
