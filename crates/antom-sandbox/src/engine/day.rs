//! Days end by the clock, and are settled then.

use antom_core::time::{UnixTime, UtcOffset};

use super::Gateway;
use super::journal::Event;
use super::settlement::ReportPlan;

/// A day in milliseconds, and how far the gateway's midnight, in UTC+8, lies before that of UTC.
const DAY: i64 = 24 * 3_600_000;
const AHEAD: i64 = UtcOffset::CHINA.minutes() as i64 * 60_000;

/// The end of the gateway's day in which a moment lies.
pub(super) fn end_of_day(at: UnixTime) -> UnixTime {
    let day = at.as_millis().saturating_add(AHEAD) / DAY;
    UnixTime::from_millis((day + 1).saturating_mul(DAY).saturating_sub(AHEAD))
}

impl Gateway {
    /// Money moved: the day is settled at its end, for whoever reads the journal.
    pub(super) fn moved(&mut self, at: UnixTime) {
        if self.settings.journal_size > 0 {
            self.settles.get_or_insert(end_of_day(at));
        }
    }

    /// The day that ends now is settled.
    pub(super) fn settle_day(&mut self, to: UnixTime) {
        self.settles = None;
        let from = UnixTime::from_millis(to.as_millis() - DAY);
        let reports = self.settlement_reports(&ReportPlan::new(from, to));
        let files = reports.into_iter().map(|file| file.name).collect();
        self.journal.note(to, Event::Settled { from, to, files });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_ends_at_midnight_in_utc_8() {
        let time = |text: &str| antom_core::time::DateTimeText::from(text).instant().unwrap();
        for (at, end) in [
            ("2023-11-14T22:13:20Z", "2023-11-15T16:00:00Z"),
            ("2023-11-15T15:59:59Z", "2023-11-15T16:00:00Z"),
            ("2023-11-15T16:00:00Z", "2023-11-16T16:00:00Z"),
        ] {
            assert_eq!(end_of_day(time(at)), time(end), "{at}");
        }
    }
}
