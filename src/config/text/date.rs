//! A day of the calendar.

use std::fmt;
use std::str::FromStr;

/// A day, written `2027-01-31`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Date {
    year: u16,
    month: u8,
    day: u8,
}

/// Seconds of a day.
const DAY: u64 = 86_400;

impl Date {
    /// The day of a time in seconds since 1970, in UTC.
    pub fn of_unix_time(seconds: u64) -> Self {
        let mut left = seconds / DAY;
        let mut year = 1970;
        // 400 Gregorian years have 146,097 days.
        year += u16::try_from(left / 146_097).unwrap_or(u16::MAX / 400).saturating_mul(400).min(60_000);
        left %= 146_097;
        while left >= days_of_year(year) {
            left -= days_of_year(year);
            year += 1;
        }
        let mut month = 1;
        while left >= u64::from(days_of_month(year, month)) {
            left -= u64::from(days_of_month(year, month));
            month += 1;
        }
        Self { year, month, day: u8::try_from(left).unwrap_or(0) + 1 }
    }
}

fn is_leap(year: u16) -> bool {
    year.is_multiple_of(4) && !year.is_multiple_of(100) || year.is_multiple_of(400)
}

fn days_of_year(year: u16) -> u64 {
    if is_leap(year) { 366 } else { 365 }
}

fn days_of_month(year: u16, month: u8) -> u8 {
    match month {
        2 if is_leap(year) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

impl FromStr for Date {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let is_written_so = text.len() == 10
            && text.bytes().enumerate().all(|(at, byte)| match at {
                4 | 7 => byte == b'-',
                _ => byte.is_ascii_digit(),
            });
        let date = || {
            let mut parts = text.split('-');
            let year = parts.next()?.parse().ok()?;
            let month = parts.next()?.parse().ok()?;
            let day = parts.next()?.parse().ok()?;
            Some(Self { year, month, day })
        };
        let is_day = |date: &Self| {
            (1..=12).contains(&date.month) && (1..=days_of_month(date.year, date.month)).contains(&date.day)
        };
        is_written_so
            .then(date)
            .flatten()
            .filter(is_day)
            .ok_or_else(|| format!("`{text}` is no day; write it as 2027-01-31"))
    }
}

impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}-{:02}", self.year, self.month, self.day)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn times_are_days_of_the_calendar() {
        for (seconds, day) in [
            (0, "1970-01-01"),
            (86_399, "1970-01-01"),
            (951_782_400, "2000-02-29"),
            (1_709_208_000, "2024-02-29"),
            (1_795_453_200, "2026-11-23"),
            (4_107_542_400, "2100-03-01"),
            (13_574_563_200, "2400-02-29"),
        ] {
            assert_eq!(Date::of_unix_time(seconds).to_string(), day);
        }
        // Any clock makes some day, and a late one a late day.
        assert!(Date::of_unix_time(u64::MAX) > "9999-12-31".parse().unwrap());
    }

    #[test]
    fn days_are_read_as_they_are_written_and_keep_their_order() {
        for day in ["1970-01-01", "2024-02-29", "2027-01-31"] {
            assert_eq!(day.parse::<Date>().unwrap().to_string(), day);
        }
        for wrong in
            ["2027-02-29", "2027-13-01", "2027-00-10", "2027-1-31", "31.01.2027", "+027-01-31", "", "2027-01-32"]
        {
            assert!(wrong.parse::<Date>().is_err(), "{wrong}");
        }
        assert!("2026-12-31".parse::<Date>().unwrap() < "2027-01-01".parse().unwrap());
    }
}
