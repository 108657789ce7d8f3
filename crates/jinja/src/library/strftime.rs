//! `strftime` of the C locale as glibc has it, for a time without a zone.

use crate::options::LocalTime;

const DAYS: [&str; 7] = [
    "Sunday",
    "Monday",
    "Tuesday",
    "Wednesday",
    "Thursday",
    "Friday",
    "Saturday",
];
const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

/// A moment in the parts of a calendar.
struct Parts {
    year: i64,
    /// From 1.
    month: i64,
    day: i64,
    /// From 0.
    day_of_year: i64,
    /// 0 is Sunday.
    weekday: i64,
    hour: i64,
    minute: i64,
    second: i64,
}

/// The time in the words of a format. A conversion that there is not stays as it is.
pub(crate) fn strftime(format: &str, time: LocalTime) -> String {
    let mut out = String::new();
    let parts = Parts::of(time);
    let mut rest = format;
    while let Some((before, after)) = rest.split_once('%') {
        out.push_str(before);
        let flags = after.trim_start_matches(['-', '_', '0', '^', '#']);
        let flag_text = after.strip_suffix(flags).unwrap_or_default();
        let digits = flags.trim_start_matches(|c: char| c.is_ascii_digit());
        let width = flags.strip_suffix(digits).unwrap_or_default();
        let conversion = digits.trim_start_matches(['E', 'O']);
        let mut chars = conversion.chars();
        let text = chars.next().and_then(|c| parts.conversion(c, time));
        let Some(text) = text else {
            out.push('%');
            rest = after;
            continue;
        };
        rest = chars.as_str();
        push(&mut out, text, flag_text, width.parse().ok());
    }
    out.push_str(rest);
    out
}

/// What a conversion writes: a number with its width and what fills it, or a text.
enum Text {
    Number(i64, usize, char),
    Plain(String),
}

fn push(out: &mut String, text: Text, flags: &str, width: Option<u8>) {
    let last = flags.chars().rfind(|flag| matches!(flag, '-' | '_' | '0'));
    let (text, fill, usual) = match text {
        Text::Plain(text) => (text, ' ', 0),
        Text::Number(number, width, fill) => (number.to_string(), fill, width),
    };
    let fill = match last {
        Some('_') => ' ',
        Some('0') => '0',
        _ => fill,
    };
    let width = match (width, last) {
        (Some(width), _) => width.into(),
        (None, Some('-')) => 0,
        (None, _) => usual,
    };
    for _ in text.chars().count()..width {
        out.push(fill);
    }
    match flags.contains('^') {
        true => out.push_str(&text.to_uppercase()),
        false => out.push_str(&text),
    }
}

impl Parts {
    fn of(time: LocalTime) -> Self {
        let days = time.seconds.div_euclid(86_400);
        let of_day = time.seconds.rem_euclid(86_400);
        // Years that begin in March have their leap day last: https://howardhinnant.github.io/date_algorithms.html
        let shifted = days + 719_468;
        let era = shifted.div_euclid(146_097);
        let of_era = shifted.rem_euclid(146_097);
        let year_of_era = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
        let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let from_march = (5 * of_year + 2) / 153;
        let day = of_year - (153 * from_march + 2) / 5 + 1;
        let month = if from_march < 10 {
            from_march + 3
        } else {
            from_march - 9
        };
        let year = year_of_era + era * 400 + i64::from(month <= 2);
        let leap = i64::from(is_leap(year));
        Self {
            year,
            month,
            day,
            day_of_year: match month {
                1 | 2 => of_year - 306,
                _ => of_year + 59 + leap,
            },
            weekday: (days + 4).rem_euclid(7),
            hour: of_day / 3_600,
            minute: of_day / 60 % 60,
            second: of_day % 60,
        }
    }

    fn conversion(&self, conversion: char, time: LocalTime) -> Option<Text> {
        use Text::{Number, Plain};
        let two = |number| Number(number, 2, '0');
        let blank = |number| Number(number, 2, ' ');
        let name = |names: &[&str], index: i64| {
            let name = usize::from(u8::try_from(index).unwrap_or_default());
            names.get(name).copied().unwrap_or_default().to_owned()
        };
        let short = |mut name: String| {
            name.truncate(3);
            name
        };
        let again = |format| Plain(strftime(format, time));
        let hour12 = (self.hour + 11) % 12 + 1;
        Some(match conversion {
            'a' => Plain(short(name(&DAYS, self.weekday))),
            'A' => Plain(name(&DAYS, self.weekday)),
            'b' | 'h' => Plain(short(name(&MONTHS, self.month - 1))),
            'B' => Plain(name(&MONTHS, self.month - 1)),
            'c' => again("%a %b %e %H:%M:%S %Y"),
            'C' => two(self.year / 100),
            'd' => two(self.day),
            'D' | 'x' => again("%m/%d/%y"),
            'e' => blank(self.day),
            'f' => Number(time.microseconds.into(), 6, '0'),
            'F' => again("%Y-%m-%d"),
            'g' => two(self.iso_week().0 % 100),
            'G' => Number(self.iso_week().0, 1, '0'),
            'H' => two(self.hour),
            'I' => two(hour12),
            'j' => Number(self.day_of_year + 1, 3, '0'),
            'k' => blank(self.hour),
            'l' => blank(hour12),
            'm' => two(self.month),
            'M' => two(self.minute),
            'n' => Plain("\n".to_owned()),
            'p' => Plain(if self.hour < 12 { "AM" } else { "PM" }.to_owned()),
            'P' => Plain(if self.hour < 12 { "am" } else { "pm" }.to_owned()),
            'r' => again("%I:%M:%S %p"),
            'R' => again("%H:%M"),
            'S' => two(self.second),
            't' => Plain("\t".to_owned()),
            'T' | 'X' => again("%H:%M:%S"),
            'u' => Number((self.weekday + 6) % 7 + 1, 1, '0'),
            'U' => two((self.day_of_year + 7 - self.weekday) / 7),
            'V' => two(self.iso_week().1),
            'w' => Number(self.weekday, 1, '0'),
            'W' => two((self.day_of_year + 7 - (self.weekday + 6) % 7) / 7),
            'y' => two(self.year % 100),
            'Y' => Number(self.year, 1, '0'),
            // There is no zone.
            'z' | 'Z' => Plain(String::new()),
            '%' => Plain("%".to_owned()),
            _ => return None,
        })
    }

    /// Year and week of ISO 8601: the week of a year's first Thursday is its first.
    fn iso_week(&self) -> (i64, i64) {
        let monday = (self.weekday + 6) % 7;
        let thursday = self.day_of_year - monday + 3;
        let length = |year| 365 + i64::from(is_leap(year));
        match thursday {
            ..0 => (self.year - 1, (thursday + length(self.year - 1)) / 7 + 1),
            _ if thursday >= length(self.year) => (self.year + 1, 1),
            _ => (self.year, thursday / 7 + 1),
        }
    }
}

fn is_leap(year: i64) -> bool {
    year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
}
