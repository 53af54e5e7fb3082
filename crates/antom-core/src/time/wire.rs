//! The time in a signed header.

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use crate::ascii::{into_text, write_integer};

use super::{TimeError, UnixTime, grammar};

/// A request time or response time that has been read: the exact text, and the point in time it names.
///
/// The text is part of what is signed, between two other parts and two dots. Because only texts that follow
/// the grammar of the [module](super) become a `WireTime`, no byte can move from one part into another.
///
/// ```
/// use antom_core::time::{TimeError, UnixTime, WireTime};
///
/// let received = WireTime::parse("2019-05-28T12:12:14+08:00")?;
/// assert_eq!(received.as_str(), "2019-05-28T12:12:14+08:00");
/// assert_eq!(received.instant(), UnixTime::from_secs(1_559_016_734));
///
/// let sent = WireTime::epoch_ms(UnixTime::from_millis(1_685_599_933_871));
/// assert_eq!(sent.as_str(), "1685599933871");
/// # Ok::<(), TimeError>(())
/// ```
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct WireTime {
    text: String,
    instant: UnixTime,
}

impl WireTime {
    /// Reads a header's value. Blanks around it are not part of it and must be gone already.
    ///
    /// # Errors
    ///
    /// When the text is neither RFC 3339 with an offset nor 10 to 16 digits of milliseconds since 1970.
    pub fn parse(text: &str) -> Result<Self, TimeError> {
        let instant = grammar::read(text)?;
        Ok(Self { text: text.into(), instant })
    }

    /// The form to send: milliseconds since 1970, padded with zeros to the ten digits the grammar asks for.
    pub fn epoch_ms(instant: UnixTime) -> Self {
        let millis = instant.as_millis();
        if millis < 1_000_000_000 {
            // Only the first eleven days of 1970 need the padding.
            return Self { text: alloc::format!("{millis:010}"), instant };
        }
        let mut text = Vec::with_capacity(20);
        write_integer(&mut text, millis);
        Self { text: into_text(text), instant }
    }

    /// The text as it stands in the header.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The point in time. Fractions of a millisecond are dropped.
    pub const fn instant(&self) -> UnixTime {
        self.instant
    }
}

impl fmt::Display for WireTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.text)
    }
}

impl fmt::Debug for WireTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "WireTime({})", self.text)
    }
}

#[cfg(test)]
mod tests {
    use alloc::string::ToString;

    use proptest::prelude::*;

    use super::*;

    #[test]
    fn nothing_but_a_time_is_read() {
        for text in [
            "",
            " 1685599933871",
            "1685599933871 ",
            "1685599933871.{}",
            "-685599933871",
            "+685599933871",
            "1e12",
        ] {
            assert!(WireTime::parse(text).is_err(), "{text:?}");
        }
        for text in [
            "2019-05-28T12:12:14Z.{\"a\":1}",
            "2019-05-28T12:12:14.5",
            "2019-05-28T12:12:14",
            "x2019-05-28T12:12:14Z",
        ] {
            assert!(WireTime::parse(text).is_err(), "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn sent_times_are_read(millis in 0..=UnixTime::MAX.as_millis()) {
            let sent = WireTime::epoch_ms(UnixTime::from_millis(millis));
            prop_assert_eq!(WireTime::parse(sent.as_str()), Ok(sent.clone()));
            prop_assert_eq!(sent.instant().as_millis(), millis);
            prop_assert_eq!(sent.to_string(), sent.as_str());
        }

        #[test]
        fn what_is_read_is_of_few_letters(text in "[0-9TZ:.+ -]{0,32}") {
            if let Ok(time) = WireTime::parse(&text) {
                prop_assert_eq!(time.as_str(), text.as_str());
                prop_assert!(!text.contains(' ') && text.matches('.').count() <= 1);
            }
        }
    }
}
