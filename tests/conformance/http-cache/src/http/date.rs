//! HTTP dates (RFC 9110 5.6.7), in milliseconds since 1970. The crate `httpdate` reads dates in one case only and does
//! not resolve the century of a two-digit year, both of which the RFC requires of a recipient.

use cuecard_freshness::Millis;

const MONTHS: [&str; 12] = [
    "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec",
];
const DAYS: [&str; 7] = [
    "monday",
    "tuesday",
    "wednesday",
    "thursday",
    "friday",
    "saturday",
    "sunday",
];

/// Reads any of the three formats in any case, in GMT only (RFC 9111 4.2). Years before 1970 count as 1970. `now`
/// determines the century of a two-digit year.
pub(crate) fn parse(text: &str, now: Millis) -> Option<Millis> {
    let text = text.trim_matches([' ', '\t']).to_ascii_lowercase();
    let (day_name, rest) = text.split_once([',', ' '])?;
    if let Some(rest) = rest.strip_prefix(' ')
        && text.contains(',')
    {
        return match rest.contains('-') {
            true => rfc850(day_name, rest, now),
            false => fixdate(day_name, rest),
        };
    }
    asctime(day_name, rest)
}

/// Writes the preferred format.
pub(crate) fn format(at: Millis) -> String {
    let (days, seconds) = (at / 86_400_000, at / 1_000 % 86_400);
    let (year, month, day) = civil(days);
    let (hour, minute, second) = (seconds / 3_600, seconds / 60 % 60, seconds % 60);
    let month = title(MONTHS.get(month));
    // 1970-01-01 was a Thursday.
    let day_name = title(DAYS.get((days as usize + 3) % 7));
    format!("{day_name}, {day:02} {month} {year:04} {hour:02}:{minute:02}:{second:02} GMT")
}

/// `sun, 06 nov 1994 08:49:37 gmt`
fn fixdate(day_name: &str, rest: &str) -> Option<Millis> {
    let [day, month, year, time, "gmt"] = words(rest, ' ')? else {
        return None;
    };
    short_day(day_name)?;
    at(digits(year, 4)?, month, digits(day, 2)?, time)
}

/// `sunday, 06-nov-94 08:49:37 gmt`
fn rfc850(day_name: &str, rest: &str, now: Millis) -> Option<Millis> {
    let [date, time, "gmt"] = words(rest, ' ')? else {
        return None;
    };
    let [day, month, year] = words(date, '-')?;
    DAYS.contains(&day_name).then_some(())?;
    let (this_year, ..) = civil(now / 86_400_000);
    // A year more than 50 years ahead is in the past.
    let year = this_year / 100 * 100 + digits(year, 2)?;
    let year = if year > this_year + 50 {
        year - 100
    } else {
        year
    };
    at(year, month, digits(day, 2)?, time)
}

/// `sun nov  6 08:49:37 1994`
fn asctime(day_name: &str, rest: &str) -> Option<Millis> {
    short_day(day_name)?;
    let (month, rest) = rest.split_once(' ')?;
    let (day, rest) = match rest.strip_prefix(' ') {
        Some(rest) => (digits(rest.split_once(' ')?.0, 1)?, rest),
        None => (digits(rest.split_once(' ')?.0, 2)?, rest),
    };
    let [_, time, year] = words(rest, ' ')?;
    at(digits(year, 4)?, month, day, time)
}

fn at(year: u64, month: &str, day: u64, time: &str) -> Option<Millis> {
    let month = MONTHS.iter().position(|name| *name == month)?;
    let [hour, minute, second] = words(time, ':')?;
    let (hour, minute, second) = (digits(hour, 2)?, digits(minute, 2)?, digits(second, 2)?);
    // Second 60 is a leap second.
    let valid = (1..=31).contains(&day) && hour < 24 && minute < 60 && second <= 60;
    let days = valid.then(|| days(year, month as u64 + 1, day))?;
    let seconds = days * 86_400 + (hour * 3_600 + minute * 60 + second) as i64;
    Some(seconds.max(0) as u64 * 1_000)
}

/// The parts of a text, if there are exactly `N`.
fn words<const N: usize>(text: &str, separator: char) -> Option<[&str; N]> {
    text.split(separator).collect::<Vec<_>>().try_into().ok()
}

fn digits(text: &str, count: usize) -> Option<u64> {
    let plain = text.len() == count && text.bytes().all(|byte| byte.is_ascii_digit());
    plain.then(|| text.parse().ok())?
}

fn short_day(name: &str) -> Option<()> {
    let known = DAYS.iter().any(|day| day.get(..3) == Some(name));
    known.then_some(())
}

fn title(name: Option<&&str>) -> String {
    let mut short: Vec<char> = name.map_or("", |name| *name).chars().take(3).collect();
    if let Some(first) = short.first_mut() {
        *first = first.to_ascii_uppercase();
    }
    short.into_iter().collect()
}

/// Days since 1970-01-01 of a Gregorian date. The year starts in March here, so that the leap day is its last day.
fn days(year: u64, month: u64, day: u64) -> i64 {
    let (year, month) = match month {
        1 | 2 => (year as i64 - 1, month as i64 + 9),
        _ => (year as i64, month as i64 - 3),
    };
    let leap_days = year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400);
    year * 365 + leap_days + (153 * month + 2) / 5 + day as i64 - 1 - 719_468
}

/// The inverse of `days`: year, month from 0, day from 1.
fn civil(since: u64) -> (u64, usize, u64) {
    let since = since as i64;
    let mut year = 1970 + since / 366;
    while days(year as u64 + 1, 1, 1) <= since {
        year += 1;
    }
    let starts = |month: u64| days(year as u64, month, 1);
    let month = (1..=12)
        .rev()
        .find(|month| starts(*month) <= since)
        .unwrap_or(1);
    (
        year as u64,
        month as usize - 1,
        (since - starts(month)) as u64 + 1,
    )
}

#[cfg(test)]
mod tests {
    use cuecard_freshness::Millis;
    use proptest::prelude::*;

    use super::*;

    const NOW: Millis = 1_784_000_000_000;

    #[test]
    fn the_three_formats_of_the_rfc_are_one_time() {
        for text in [
            "Sun, 06 Nov 1994 08:49:37 GMT",
            "Sunday, 06-Nov-94 08:49:37 GMT",
            "Sun Nov  6 08:49:37 1994",
            "sUN, 06 nOV 1994 08:49:37 gmt",
        ] {
            assert_eq!(parse(text, NOW), Some(784_111_777_000), "{text}");
        }
        assert_eq!(
            parse("Thursday, 18-Aug-50 02:01:18 GMT", NOW),
            parse("Thu, 18 Aug 2050 02:01:18 GMT", NOW)
        );
        assert_eq!(
            parse("Fri Aug 18 02:01:18 2050", NOW),
            parse("Thu, 18 Aug 2050 02:01:18 GMT", NOW)
        );
    }

    #[test]
    fn anything_else_is_no_date() {
        for text in [
            "",
            "0",
            "foo",
            "Thu, 18 Aug 2050 02:01:18 UTC",
            "Thu, 18 Aug 2050 02:01:18 AEST",
            "Thu, 18 Aug 2050 02:01:18",
            "Thu, 18 Aug 50 02:01:18 GMT",
            "Thu 18 Aug 2050 02:01:18 GMT",
            "Thu, 18  Aug  2050 02:01:18 GMT",
            "Thu, 18-Aug-2050 02:01:18 GMT",
            "Thu, 18 Aug 2050 02.01.18 GMT",
            "Thu, 18 Aug 2050 2:01:18 GMT",
            "Thu, 32 Aug 2050 02:01:18 GMT",
            "Thu, 18 Aug 2050 24:01:18 GMT",
            "Thu, 18 Aug 2050 02:01:18 GMT, Thu, 18 Aug 2050 02:01:18 GMT",
            "Day, 18 Aug 2050 02:01:18 GMT",
        ] {
            assert_eq!(parse(text, NOW), None, "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn what_is_written_is_read(seconds in 0_u64..253_402_300_800) {
            let text = format(seconds * 1_000);
            prop_assert_eq!(parse(&text, NOW), Some(seconds * 1_000), "{}", text);
        }
    }

    #[test]
    fn the_day_of_the_week_is_right() {
        assert_eq!(format(784_111_777_000), "Sun, 06 Nov 1994 08:49:37 GMT");
        assert_eq!(format(0), "Thu, 01 Jan 1970 00:00:00 GMT");
        assert_eq!(format(951_782_400_000), "Tue, 29 Feb 2000 00:00:00 GMT");
    }
}
