//! The Gregorian calendar: days since 1970 and dates, and the writing of RFC 3339 texts.
//!
//! Years are counted from March, so that the leap day is the last of its year, and in cycles of 400 years,
//! which all have the same number of days.

use alloc::string::String;
use alloc::vec::Vec;

use crate::ascii::into_text;

const MILLIS_PER_DAY: i64 = 86_400_000;
const DAYS_PER_CYCLE: i64 = 146_097;
/// From 0000-03-01 to 1970-01-01.
const DAYS_TO_EPOCH: i64 = 719_468;

/// The days of a month; `None` for a month that does not exist.
pub(super) const fn days_in_month(year: u32, month: u32) -> Option<u32> {
    match month {
        1 | 3 | 5 | 7 | 8 | 10 | 12 => Some(31),
        4 | 6 | 9 | 11 => Some(30),
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => Some(29),
        2 => Some(28),
        _ => None,
    }
}

/// Days from 1970-01-01 to a date that exists.
pub(super) fn days_from_date(year: u32, month: u32, day: u32) -> i64 {
    let (year, month, day) = (i64::from(year), i64::from(month), i64::from(day));
    let (year, months_from_march) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    let cycle = year.div_euclid(400);
    let year_of_cycle = year.rem_euclid(400);
    // Five months from March or August have 153 days; the formula spreads them as 31, 30, 31, 30, 31.
    let day_of_year = (153 * months_from_march + 2) / 5 + day - 1;
    let day_of_cycle = year_of_cycle * 365 + year_of_cycle / 4 - year_of_cycle / 100 + day_of_year;
    cycle * DAYS_PER_CYCLE + day_of_cycle - DAYS_TO_EPOCH
}

/// The date `days` after 1970-01-01, as year, month, day.
fn date_from_days(days: i64) -> (i64, i64, i64) {
    let days = days + DAYS_TO_EPOCH;
    let cycle = days.div_euclid(DAYS_PER_CYCLE);
    let day_of_cycle = days.rem_euclid(DAYS_PER_CYCLE);
    let year_of_cycle =
        (day_of_cycle - day_of_cycle / 1460 + day_of_cycle / 36_524 - day_of_cycle / 146_096) / 365;
    let day_of_year = day_of_cycle - (365 * year_of_cycle + year_of_cycle / 4 - year_of_cycle / 100);
    let months_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * months_from_march + 2) / 5 + 1;
    let year = cycle * 400 + year_of_cycle;
    if months_from_march < 10 {
        (year, months_from_march + 3, day)
    } else {
        (year + 1, months_from_march - 9, day)
    }
}

/// Writes local milliseconds, which lie in the years 0 to 9999, with the offset they were shifted by.
pub(super) fn write(local_millis: i64, offset_minutes: i16) -> String {
    let (year, month, day) = date_from_days(local_millis.div_euclid(MILLIS_PER_DAY));
    let of_day = local_millis.rem_euclid(MILLIS_PER_DAY);
    let (hour, minute, second) = (of_day / 3_600_000, of_day / 60_000 % 60, of_day / 1000 % 60);
    let mut text = Vec::with_capacity("2022-01-13T15:33:00.123+08:00".len());
    let mut put = |before: &str, number: i64, digits: u32| {
        text.extend_from_slice(before.as_bytes());
        text.extend((0..digits).rev().map(|place| b'0' + (number / 10_i64.pow(place) % 10) as u8));
    };
    put("", year, 4);
    put("-", month, 2);
    put("-", day, 2);
    put("T", hour, 2);
    put(":", minute, 2);
    put(":", second, 2);
    let millis = of_day % 1000;
    if millis != 0 {
        put(".", millis, 3);
    }
    if offset_minutes == 0 {
        put("Z", 0, 0);
    } else {
        let size = i64::from(offset_minutes.unsigned_abs());
        put(if offset_minutes < 0 { "-" } else { "+" }, size / 60, 2);
        put(":", size % 60, 2);
    }
    into_text(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_day_follows_the_one_before() {
        let mut days = 0;
        for year in 1970..=9999 {
            for month in 1..=12 {
                for day in 1..=days_in_month(year, month).unwrap() {
                    assert_eq!(days_from_date(year, month, day), days);
                    assert_eq!(date_from_days(days), (i64::from(year), i64::from(month), i64::from(day)));
                    days += 1;
                }
            }
        }
        assert_eq!(days * MILLIS_PER_DAY - 1, super::super::UnixTime::MAX.as_millis());
    }

    #[test]
    fn leap_years() {
        let february = |year| days_in_month(year, 2);
        assert_eq!(february(2023), Some(28));
        assert_eq!(february(2024), Some(29));
        assert_eq!(february(2000), Some(29));
        assert_eq!(february(2100), Some(28));
        assert_eq!(days_in_month(2024, 0), None);
        assert_eq!(days_in_month(2024, 13), None);
    }
}
