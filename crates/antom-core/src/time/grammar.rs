//! The one grammar of times, and what to say when a text does not follow it.

use super::{UnixTime, calendar};

/// Why a text is not a time. The text itself is not repeated.
///
/// ```
/// use antom_core::time::{DateTimeText, TimeError};
///
/// let local = DateTimeText::from("2026-03-01T12:00:00");
/// assert_eq!(local.instant(), Err(TimeError::NoOffset));
/// assert!(DateTimeText::from("yesterday").instant().is_err());
/// ```
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TimeError {
    /// There is no text.
    #[error("reading a time: the text is empty; expected RFC 3339 with an offset, or epoch milliseconds")]
    Empty,
    /// The text does not have the form of a time.
    #[error(
        "reading a time: expected {expected} at byte {at}; write it like 2025-05-17T07:58:04Z or as epoch milliseconds"
    )]
    Form {
        /// Where in the text, counted in bytes from 0.
        at: usize,
        /// What would have been right there.
        expected: &'static str,
    },
    /// Date and time are right, but the offset from UTC is missing: the text names no point in time.
    #[error("reading a time: the offset from UTC is missing; append Z or an offset such as +08:00")]
    NoOffset,
    /// A number is too large or too small for its place.
    #[error("reading a time: {field} is {found}, expected {expected}")]
    Field {
        /// Which number: `month`, `hour` …
        field: &'static str,
        /// The number in the text.
        found: u32,
        /// The range that is allowed.
        expected: &'static str,
    },
    /// Second 60: no point on the scale of [`UnixTime`].
    #[error(
        "reading a time: second 60 (a leap second) has no place on the Unix scale; write second 59 instead"
    )]
    LeapSecond,
    /// More than nine digits after the point.
    #[error("reading a time: more than 9 digits in the fraction of a second; shorten it")]
    LongFraction,
    /// Only digits, but too few or too many of them.
    #[error(
        "reading epoch milliseconds: {digits} digits, expected 10 to 16; a time in seconds must be multiplied by 1000"
    )]
    EpochLength {
        /// How many digits there are.
        digits: usize,
    },
    /// The point in time lies before 1970 or after 9999, in UTC.
    #[error("reading a time: it lies outside the years 1970 to 9999 in UTC")]
    OutOfRange,
}

/// Reads a text that is a time and nothing else. Fractions of a millisecond are dropped.
pub(super) fn read(text: &str) -> Result<UnixTime, TimeError> {
    if text.is_empty() {
        return Err(TimeError::Empty);
    }
    let millis = if text.bytes().all(|byte| byte.is_ascii_digit()) {
        read_epoch(text)?
    } else {
        Cursor { rest: text.as_bytes(), at: 0 }.date_time()?
    };
    UnixTime::within(millis).ok_or(TimeError::OutOfRange)
}

fn read_epoch(text: &str) -> Result<i64, TimeError> {
    let digits = text.len();
    if !(10..=16).contains(&digits) {
        return Err(TimeError::EpochLength { digits });
    }
    text.parse().map_err(|_| TimeError::OutOfRange)
}

struct Cursor<'a> {
    rest: &'a [u8],
    at: usize,
}

impl Cursor<'_> {
    fn date_time(mut self) -> Result<i64, TimeError> {
        let year = self.number(4, "a year of four digits")?;
        self.literal(b'-', "`-`")?;
        let month = self.number(2, "a month of two digits")?;
        self.literal(b'-', "`-`")?;
        let day = self.number(2, "a day of two digits")?;
        self.literal(b'T', "`T` and the time of day")?;
        let hour = self.number(2, "an hour of two digits")?;
        self.literal(b':', "`:`")?;
        let minute = self.number(2, "a minute of two digits")?;
        self.literal(b':', "`:`")?;
        let second = self.number(2, "a second of two digits")?;
        let millis = self.fraction()?;
        let offset = self.offset()?;
        if !self.rest.is_empty() {
            return Err(self.expected("the end of the text"));
        }

        let in_range = |field, found, ok: bool, expected| {
            if ok { Ok(()) } else { Err(TimeError::Field { field, found, expected }) }
        };
        in_range("year", year, year >= 1970, "1970 to 9999")?;
        let last_day = calendar::days_in_month(year, month);
        in_range("month", month, last_day.is_some(), "01 to 12")?;
        in_range("day", day, day >= 1 && Some(day) <= last_day, "a day of that month")?;
        in_range("hour", hour, hour <= 23, "00 to 23")?;
        in_range("minute", minute, minute <= 59, "00 to 59")?;
        if second == 60 {
            return Err(TimeError::LeapSecond);
        }
        in_range("second", second, second <= 59, "00 to 59")?;

        let seconds = calendar::days_from_date(year, month, day) * 86_400
            + i64::from(hour) * 3600
            + i64::from(minute) * 60
            + i64::from(second);
        Ok((seconds - offset) * 1000 + millis)
    }

    /// An optional point with one to nine digits, as whole milliseconds.
    fn fraction(&mut self) -> Result<i64, TimeError> {
        if !self.take(b'.') {
            return Ok(0);
        }
        let (mut millis, mut weight, mut digits) = (0, 100, 0);
        while let Some(digit) = self.digit() {
            millis += i64::from(digit) * weight;
            weight /= 10;
            digits += 1;
            if digits > 9 {
                return Err(TimeError::LongFraction);
            }
        }
        if digits == 0 { Err(self.expected("a digit after the point")) } else { Ok(millis) }
    }

    /// The offset in seconds east of UTC.
    fn offset(&mut self) -> Result<i64, TimeError> {
        if self.rest.is_empty() {
            return Err(TimeError::NoOffset);
        }
        if self.take(b'Z') {
            return Ok(0);
        }
        let sign = if self.take(b'+') {
            1
        } else if self.take(b'-') {
            -1
        } else {
            return Err(self.expected("`Z`, `+` or `-`"));
        };
        let hours = self.number(2, "the offset's hour of two digits")?;
        self.take(b':');
        let minutes = self.number(2, "the offset's minute of two digits")?;
        if hours > 23 {
            return Err(TimeError::Field { field: "the offset's hour", found: hours, expected: "00 to 23" });
        }
        if minutes > 59 {
            return Err(TimeError::Field {
                field: "the offset's minute",
                found: minutes,
                expected: "00 to 59",
            });
        }
        Ok(sign * (i64::from(hours) * 3600 + i64::from(minutes) * 60))
    }

    fn number(&mut self, digits: usize, expected: &'static str) -> Result<u32, TimeError> {
        let mut number = 0;
        for _ in 0..digits {
            let digit = self.digit().ok_or_else(|| self.expected(expected))?;
            number = number * 10 + digit;
        }
        Ok(number)
    }

    fn literal(&mut self, byte: u8, expected: &'static str) -> Result<(), TimeError> {
        if self.take(byte) { Ok(()) } else { Err(self.expected(expected)) }
    }

    fn take(&mut self, byte: u8) -> bool {
        self.next_if(|next| next == byte).is_some()
    }

    fn digit(&mut self) -> Option<u32> {
        self.next_if(|next| next.is_ascii_digit()).map(|next| u32::from(next - b'0'))
    }

    fn next_if(&mut self, wanted: impl FnOnce(u8) -> bool) -> Option<u8> {
        let (&next, rest) = self.rest.split_first()?;
        if !wanted(next) {
            return None;
        }
        self.rest = rest;
        self.at += 1;
        Some(next)
    }

    fn expected(&self, expected: &'static str) -> TimeError {
        TimeError::Form { at: self.at, expected }
    }
}

#[cfg(test)]
mod tests {
    use alloc::format;
    use alloc::string::ToString;

    use proptest::prelude::*;

    use super::*;

    fn millis(text: &str) -> i64 {
        read(text).map(UnixTime::as_millis).unwrap_or_else(|error| panic!("{text}: {error}"))
    }

    #[test]
    fn forms_seen_on_the_wire() {
        // The expected numbers come from GNU date.
        assert_eq!(millis("1685599933871"), 1_685_599_933_871);
        assert_eq!(millis("2019-05-28T12:12:14+08:00"), 1_559_016_734_000);
        assert_eq!(millis("2019-07-12T12:08:56.253+05:30"), 1_562_913_536_253);
        assert_eq!(millis("2025-05-17T07:58:04Z"), 1_747_468_684_000);
        assert_eq!(millis("2020-01-01T12:01:00+08:30"), 1_577_849_460_000);
        assert_eq!(millis("2025-12-01T00:00:00-00:00"), 1_764_547_200_000);
        assert_eq!(millis("2022-01-13T15:33:00+0800"), 1_642_059_180_000);
        assert_eq!(millis("2024-02-29T00:00:00.1234567-0930"), 1_709_199_000_123);
        assert_eq!(millis("1491746302568"), 1_491_746_302_568);
    }

    #[test]
    fn what_is_not_a_time_is_refused() {
        let form = |at, expected| Err(TimeError::Form { at, expected });
        assert_eq!(read(""), Err(TimeError::Empty));
        assert_eq!(read("2025-10-01T00:00:00"), Err(TimeError::NoOffset));
        assert_eq!(read("2025-10-01T00:00:00.5"), Err(TimeError::NoOffset));
        assert_eq!(read(" 2022-01-13T15:33:00+08:00"), form(0, "a year of four digits"));
        assert_eq!(read("2022-01-13T15:33:00+08:00 "), form(25, "the end of the text"));
        assert_eq!(read("2022-01-13T15:33:00 +08:00"), form(19, "`Z`, `+` or `-`"));
        assert_eq!(read("2022-01-13 15:33:00Z"), form(10, "`T` and the time of day"));
        assert_eq!(read("2022-01-13t15:33:00Z"), form(10, "`T` and the time of day"));
        assert_eq!(read("2022-01-13T15:33:00z"), form(19, "`Z`, `+` or `-`"));
        assert_eq!(read("2022-01-13"), form(10, "`T` and the time of day"));
        assert_eq!(read("2022-01-13T15:33Z"), form(16, "`:`"));
        assert_eq!(read("2022-01-13T15:33:00.Z"), form(20, "a digit after the point"));
        assert_eq!(read("2022-01-13T15:33:00,5Z"), form(19, "`Z`, `+` or `-`"));
        assert_eq!(read("2022-01-13T15:33:00+08"), form(22, "the offset's minute of two digits"));
        assert_eq!(read("2022-01-13T15:33:00Z1"), form(20, "the end of the text"));
        assert_eq!(read("+2022-01-13T15:33:00Z"), form(0, "a year of four digits"));
        assert_eq!(read("*************************"), form(0, "a year of four digits"));
        assert_eq!(read("２０22-01-13T15:33:00Z"), form(0, "a year of four digits"));
        assert_eq!(read("2022-01-13T15:33:00.0123456789Z"), Err(TimeError::LongFraction));
        assert_eq!(read("2016-12-31T23:59:60Z"), Err(TimeError::LeapSecond));
    }

    #[test]
    fn numbers_out_of_range_are_named() {
        let field = |text| match read(text) {
            Err(TimeError::Field { field, found, .. }) => (field, found),
            other => panic!("{text}: {other:?}"),
        };
        assert_eq!(field("1969-12-31T23:59:59Z"), ("year", 1969));
        assert_eq!(field("2022-00-13T15:33:00Z"), ("month", 0));
        assert_eq!(field("2022-13-13T15:33:00Z"), ("month", 13));
        assert_eq!(field("2023-02-29T15:33:00Z"), ("day", 29));
        assert_eq!(field("2100-02-29T15:33:00Z"), ("day", 29));
        assert_eq!(field("2022-01-00T15:33:00Z"), ("day", 0));
        assert_eq!(field("2022-01-13T24:00:00Z"), ("hour", 24));
        assert_eq!(field("2022-01-13T15:60:00Z"), ("minute", 60));
        assert_eq!(field("2022-01-13T15:33:61Z"), ("second", 61));
        assert_eq!(field("2022-01-13T15:33:00+24:00"), ("the offset's hour", 24));
        assert_eq!(field("2022-01-13T15:33:00-08:60"), ("the offset's minute", 60));
    }

    #[test]
    fn ends_of_the_range() {
        assert_eq!(millis("1970-01-01T00:00:00Z"), 0);
        assert_eq!(read("1970-01-01T07:59:59+08:00"), Err(TimeError::OutOfRange));
        assert_eq!(read("9999-12-31T23:59:59.999999999Z"), Ok(UnixTime::MAX));
        assert_eq!(read("9999-12-31T23:59:59-00:01"), Err(TimeError::OutOfRange));
        assert_eq!(millis("0000000000"), 0);
        assert_eq!(millis("0253402300799999"), UnixTime::MAX.as_millis());
        assert_eq!(read("253402300800000"), Err(TimeError::OutOfRange));
        assert_eq!(read("168559993"), Err(TimeError::EpochLength { digits: 9 }));
        assert_eq!(read("00000000000000000"), Err(TimeError::EpochLength { digits: 17 }));
    }

    #[test]
    fn errors_say_what_to_do() {
        let text = TimeError::NoOffset.to_string();
        assert!(text.contains("offset") && text.contains("+08:00"), "{text}");
    }

    proptest! {
        #[test]
        fn any_text_is_answered(text in ".{0,60}") {
            let _ = read(&text);
        }

        #[test]
        fn texts_close_to_times_are_answered(text in "[0-9TZ:.+-]{0,40}") {
            let _ = read(&text);
        }

        #[test]
        fn one_wrong_byte_never_reads_as_two_times(place in 0_usize..24, byte in 0x20_u8..0x7f) {
            let mut bytes = *b"2022-01-13T15:33:00.5+08:00";
            bytes[place] = byte;
            let text = core::str::from_utf8(&bytes).unwrap();
            // What is read is written and read again as the same point in time.
            if let Ok(time) = read(text) {
                prop_assert_eq!(read(&time.to_rfc3339()), Ok(time));
                prop_assert!(text.len() >= 20 && text.is_ascii() && !text.contains(' '));
            }
        }

        #[test]
        fn both_offset_forms_agree(hours in 0_u32..24, minutes in 0_u32..60, sign in "[+-]") {
            let colon = read(&format!("2022-01-13T15:33:00{sign}{hours:02}:{minutes:02}"));
            let plain = read(&format!("2022-01-13T15:33:00{sign}{hours:02}{minutes:02}"));
            prop_assert!(colon.is_ok());
            prop_assert_eq!(colon, plain);
        }
    }
}
