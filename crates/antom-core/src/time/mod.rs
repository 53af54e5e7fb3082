//! Points in time and the texts they travel in. No clock: the time comes in as an argument ([`Now`]).
//!
//! | Type | What it is |
//! | --- | --- |
//! | [`UnixTime`] | a point in time, in milliseconds |
//! | [`UtcOffset`] | the distance of local time from UTC, for writing |
//! | [`Now`] | what two clocks show at one moment |
//! | [`DateTimeText`] | a time in a message, kept as it came, read on demand |
//! | [`WireTime`] | the time in a signed header, read before it is trusted |
//!
//! Both texts follow one grammar, and nothing outside it is read:
//! `YYYY-MM-DDThh:mm:ss[.f]` with one to nine fraction digits and an offset (`Z`, `+hh:mm` or `+hhmm`,
//! either sign), or 10 to 16 digits of milliseconds since 1970.
//!
//! ```
//! use antom_core::time::{UnixTime, WireTime};
//!
//! let time = UnixTime::from_secs(1_700_000_000);
//! assert_eq!(time.to_rfc3339(), "2023-11-14T22:13:20Z");
//! assert_eq!(WireTime::epoch_ms(time).as_str(), "1700000000000");
//! ```

use alloc::string::String;
use core::fmt;
use core::time::Duration;

mod calendar;
mod grammar;
mod serde;
mod text;
mod wire;

pub use grammar::TimeError;
pub use text::DateTimeText;
pub use wire::WireTime;

/// A point in time: whole milliseconds since 1970-01-01T00:00:00Z, up to the end of the year 9999.
///
/// The range is an invariant, so every value can be written as a date. Leap seconds do not exist on this
/// scale.
///
/// ```
/// use antom_core::time::UnixTime;
/// use core::time::Duration;
///
/// let sent = UnixTime::from_secs(1_700_000_000);
/// let expires = sent.saturating_add(Duration::from_secs(600));
/// assert_eq!(expires.since(sent), sent.abs_diff(expires));
/// assert_eq!(sent.since(expires), Duration::ZERO);
/// assert_eq!(expires.checked_sub(Duration::from_secs(600)), Some(sent));
/// assert_eq!(UnixTime::from_millis(sent.as_millis()).as_secs(), 1_700_000_000);
/// assert_eq!(UnixTime::MAX.checked_add(Duration::from_secs(1)), None);
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct UnixTime(i64);

impl UnixTime {
    /// 1970-01-01T00:00:00Z.
    pub const EPOCH: Self = Self(0);
    /// 9999-12-31T23:59:59.999Z.
    pub const MAX: Self = Self(253_402_300_799_999);

    /// A point in time from milliseconds; outside the range, the nearest bound.
    ///
    /// A clock set before 1970 thus reads as 1970, which no freshness check accepts.
    pub const fn from_millis(millis: i64) -> Self {
        if millis < Self::EPOCH.0 {
            Self::EPOCH
        } else if millis > Self::MAX.0 {
            Self::MAX
        } else {
            Self(millis)
        }
    }

    /// A point in time from seconds; outside the range, the nearest bound.
    pub const fn from_secs(secs: i64) -> Self {
        Self::from_millis(secs.saturating_mul(1000))
    }

    /// Milliseconds since 1970.
    pub const fn as_millis(self) -> i64 {
        self.0
    }

    /// Whole seconds since 1970, rounded down.
    pub const fn as_secs(self) -> i64 {
        self.0 / 1000
    }

    /// The point `span` later; `None` after the year 9999. Fractions of a millisecond in `span` are dropped.
    pub fn checked_add(self, span: Duration) -> Option<Self> {
        Self::within(self.0.checked_add(i64::try_from(span.as_millis()).ok()?)?)
    }

    /// The point `span` earlier; `None` before 1970. Fractions of a millisecond in `span` are dropped.
    pub fn checked_sub(self, span: Duration) -> Option<Self> {
        Self::within(self.0.checked_sub(i64::try_from(span.as_millis()).ok()?)?)
    }

    /// The point `span` later, at most [`UnixTime::MAX`].
    #[must_use]
    pub fn saturating_add(self, span: Duration) -> Self {
        self.checked_add(span).unwrap_or(Self::MAX)
    }

    /// The point `span` earlier, at least [`UnixTime::EPOCH`].
    ///
    /// ```
    /// use antom_core::time::UnixTime;
    /// use core::time::Duration;
    ///
    /// assert_eq!(UnixTime::from_secs(60).saturating_sub(Duration::from_secs(61)), UnixTime::EPOCH);
    /// ```
    #[must_use]
    pub fn saturating_sub(self, span: Duration) -> Self {
        self.checked_sub(span).unwrap_or(Self::EPOCH)
    }

    /// The time from `earlier` to here; zero when `earlier` is later.
    pub fn since(self, earlier: Self) -> Duration {
        Duration::from_millis(u64::try_from(self.0.saturating_sub(earlier.0)).unwrap_or(0))
    }

    /// The distance between two points, whichever is earlier.
    pub const fn abs_diff(self, other: Self) -> Duration {
        Duration::from_millis(self.0.abs_diff(other.0))
    }

    /// RFC 3339 text in UTC, with milliseconds only when there are any.
    ///
    /// ```
    /// use antom_core::time::UnixTime;
    ///
    /// assert_eq!(UnixTime::from_millis(1_685_599_933_871).to_rfc3339(), "2023-06-01T06:12:13.871Z");
    /// assert_eq!(UnixTime::from_secs(1_685_599_933).to_rfc3339(), "2023-06-01T06:12:13Z");
    /// ```
    pub fn to_rfc3339(self) -> String {
        self.to_rfc3339_at(UtcOffset::UTC)
    }

    /// RFC 3339 text in local time at `offset`.
    ///
    /// Within a day of the range's ends the local date may fall outside the years 1970 to 9999; the text is
    /// then in UTC.
    ///
    /// ```
    /// use antom_core::time::{UnixTime, UtcOffset};
    ///
    /// let time = UnixTime::from_secs(1_685_599_933);
    /// assert_eq!(time.to_rfc3339_at(UtcOffset::CHINA), "2023-06-01T14:12:13+08:00");
    /// ```
    pub fn to_rfc3339_at(self, offset: UtcOffset) -> String {
        let local = self.0.saturating_add(offset.millis());
        if Self::within(local).is_some() {
            calendar::write(local, offset.minutes())
        } else {
            calendar::write(self.0, 0)
        }
    }

    /// The value if it lies in the range.
    fn within(millis: i64) -> Option<Self> {
        (Self::EPOCH.0..=Self::MAX.0).contains(&millis).then_some(Self(millis))
    }
}

impl fmt::Display for UnixTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.to_rfc3339())
    }
}

impl fmt::Debug for UnixTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "UnixTime({})", self.to_rfc3339())
    }
}

/// What the caller's clock showed; before 1970 or after 9999, the nearest bound.
#[cfg(feature = "std")]
impl From<std::time::SystemTime> for UnixTime {
    fn from(time: std::time::SystemTime) -> Self {
        time.duration_since(std::time::SystemTime::UNIX_EPOCH)
            .map_or(Self::EPOCH, |span| Self::EPOCH.saturating_add(span))
    }
}

/// The distance of local time from UTC, in whole minutes, less than a day.
///
/// ```
/// use antom_core::time::{DateTimeText, UnixTime, UtcOffset};
///
/// let offset = UtcOffset::from_minutes(8 * 60).unwrap_or(UtcOffset::UTC);
/// let begin = DateTimeText::at(UnixTime::from_secs(0), offset);
/// assert_eq!(begin.as_str(), "1970-01-01T08:00:00+08:00");
/// assert_eq!(offset.minutes(), 480);
/// assert_eq!(UtcOffset::from_minutes(24 * 60), None);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct UtcOffset(i16);

impl UtcOffset {
    /// UTC itself, written `Z`.
    pub const UTC: Self = Self(0);
    /// `+08:00`, in which the gateway states times and ends its days.
    pub const CHINA: Self = Self(480);

    /// An offset from minutes east of UTC; `None` from a full day on.
    pub const fn from_minutes(minutes: i16) -> Option<Self> {
        if minutes.unsigned_abs() < 24 * 60 { Some(Self(minutes)) } else { None }
    }

    /// Minutes east of UTC.
    pub const fn minutes(self) -> i16 {
        self.0
    }

    fn millis(self) -> i64 {
        i64::from(self.0) * 60_000
    }
}

/// What the caller's two clocks show at one moment.
///
/// The wall clock may jump, so it only dates requests and tells whether something has expired. Waiting and
/// deadlines use the monotonic clock, whose zero means nothing.
///
/// ```
/// use antom_core::time::{Now, UnixTime};
/// use core::time::Duration;
///
/// let now = Now::new(UnixTime::from_secs(1_700_000_000), Duration::from_secs(5));
/// assert_eq!(now.wall.as_secs(), 1_700_000_000);
/// assert_eq!(now.mono, Duration::from_secs(5));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Now {
    /// The time of day, for request times and expiry.
    pub wall: UnixTime,
    /// Time since any fixed moment, for deadlines and back-off. It never goes back.
    pub mono: Duration,
}

impl Now {
    /// The readings of both clocks.
    pub const fn new(wall: UnixTime, mono: Duration) -> Self {
        Self { wall, mono }
    }
}

#[cfg(test)]
mod tests {
    use alloc::format;
    use alloc::string::ToString;

    use proptest::prelude::*;

    use super::*;

    #[test]
    fn range_is_kept() {
        assert_eq!(UnixTime::from_millis(-1), UnixTime::EPOCH);
        assert_eq!(UnixTime::from_millis(i64::MAX), UnixTime::MAX);
        assert_eq!(UnixTime::from_secs(i64::MAX), UnixTime::MAX);
        assert_eq!(UnixTime::from_secs(i64::MIN), UnixTime::EPOCH);
        assert_eq!(UnixTime::MAX.to_rfc3339(), "9999-12-31T23:59:59.999Z");
        assert_eq!(UnixTime::MAX.checked_add(Duration::from_millis(1)), None);
        assert_eq!(UnixTime::MAX.checked_add(Duration::from_micros(999)), Some(UnixTime::MAX));
        assert_eq!(UnixTime::EPOCH.checked_sub(Duration::from_millis(1)), None);
        assert_eq!(UnixTime::EPOCH.saturating_add(Duration::MAX), UnixTime::MAX);
        assert_eq!(UnixTime::MAX.saturating_sub(Duration::MAX), UnixTime::EPOCH);
    }

    #[test]
    fn arithmetic_is_in_milliseconds() {
        let start = UnixTime::from_secs(100);
        let end = start.saturating_add(Duration::from_millis(1500));
        assert_eq!((end.as_millis(), end.as_secs()), (101_500, 101));
        assert_eq!(end.since(start), Duration::from_millis(1500));
        assert_eq!(start.since(end), Duration::ZERO);
        assert_eq!(start.abs_diff(end), end.abs_diff(start));
        assert_eq!(end.checked_sub(Duration::from_millis(1500)), Some(start));
        assert!(start < end);
    }

    #[test]
    fn texts() {
        let time = UnixTime::from_millis(1_685_599_933_005);
        assert_eq!(time.to_string(), "2023-06-01T06:12:13.005Z");
        assert_eq!(format!("{time:?}"), "UnixTime(2023-06-01T06:12:13.005Z)");
        let india = UtcOffset::from_minutes(330).unwrap();
        assert_eq!(time.to_rfc3339_at(india), "2023-06-01T11:42:13.005+05:30");
        let west = UtcOffset::from_minutes(-570).unwrap();
        assert_eq!(time.to_rfc3339_at(west), "2023-05-31T20:42:13.005-09:30");
        assert_eq!(UnixTime::MAX.to_rfc3339_at(UtcOffset::CHINA), "9999-12-31T23:59:59.999Z");
        assert_eq!(UnixTime::EPOCH.to_rfc3339_at(west), "1970-01-01T00:00:00Z");
        assert_eq!(UtcOffset::from_minutes(1440), None);
        assert_eq!(UtcOffset::from_minutes(i16::MIN), None);
    }

    #[cfg(feature = "std")]
    #[test]
    fn system_time_is_converted() {
        use std::time::SystemTime;
        let time = SystemTime::UNIX_EPOCH + Duration::from_micros(1_685_599_933_871_999);
        assert_eq!(UnixTime::from(time), UnixTime::from_millis(1_685_599_933_871));
        assert_eq!(UnixTime::from(SystemTime::UNIX_EPOCH - Duration::from_secs(1)), UnixTime::EPOCH);
    }

    proptest! {
        #[test]
        fn written_times_are_read_back(millis in 0..=UnixTime::MAX.0, minutes in -1439_i16..=1439) {
            let time = UnixTime::from_millis(millis);
            let offset = UtcOffset::from_minutes(minutes).unwrap();
            prop_assert_eq!(grammar::read(&time.to_rfc3339()), Ok(time));
            prop_assert_eq!(grammar::read(&time.to_rfc3339_at(offset)), Ok(time));
        }

        #[test]
        fn since_undoes_add(start in 0..=UnixTime::MAX.0, span in 0_u64..4_000_000_000) {
            let start = UnixTime::from_millis(start);
            let span = Duration::from_millis(span);
            if let Some(end) = start.checked_add(span) {
                prop_assert_eq!(end.since(start), span);
                prop_assert_eq!(end.checked_sub(span), Some(start));
            }
        }
    }
}
