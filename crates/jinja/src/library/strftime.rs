//! `strftime` of the C locale as glibc has it, for a time without a zone.

use time::PrimitiveDateTime;

use crate::text::case::upper;

/// Formats a time. An unknown conversion is copied as it is.
pub(crate) fn strftime(format: &str, time: PrimitiveDateTime) -> String {
    let mut out = String::new();
    let mut rest = format;
    while let Some((before, after)) = rest.split_once('%') {
        out.push_str(before);
        let flags = after.trim_start_matches(['-', '_', '0', '^', '#']);
        let flag_text = after.strip_suffix(flags).unwrap_or_default();
        let digits = flags.trim_start_matches(|c: char| c.is_ascii_digit());
        let width = flags.strip_suffix(digits).unwrap_or_default();
        let conversion = digits.trim_start_matches(['E', 'O']);
        let mut chars = conversion.chars();
        let text = chars.next().and_then(|c| conversion_of(c, time));
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
enum WrittenAs {
    Number(i32, usize, char),
    Plain(String),
}

fn push(out: &mut String, text: WrittenAs, flags: &str, width: Option<u8>) {
    let last = flags.chars().rfind(|flag| matches!(flag, '-' | '_' | '0'));
    let (text, fill, usual) = match text {
        WrittenAs::Plain(text) => (text, ' ', 0),
        WrittenAs::Number(number, width, fill) => (number.to_string(), fill, width),
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
        true => out.push_str(&upper(&text)),
        false => out.push_str(&text),
    }
}

fn conversion_of(conversion: char, time: PrimitiveDateTime) -> Option<WrittenAs> {
    use WrittenAs::{Number, Plain};
    let two = |number: i32| Number(number, 2, '0');
    let blank = |number: i32| Number(number, 2, ' ');
    let short = |name: String| Plain(name.chars().take(3).collect());
    let again = |format| Plain(strftime(format, time));
    let hour = i32::from(time.hour());
    let hour12 = (hour + 11) % 12 + 1;
    let (iso_year, iso_week, weekday) = time.date().to_iso_week_date();
    Some(match conversion {
        'a' => short(weekday.to_string()),
        'A' => Plain(weekday.to_string()),
        'b' | 'h' => short(time.month().to_string()),
        'B' => Plain(time.month().to_string()),
        'c' => again("%a %b %e %H:%M:%S %Y"),
        'C' => two(time.year() / 100),
        'd' => two(time.day().into()),
        'D' | 'x' => again("%m/%d/%y"),
        'e' => blank(time.day().into()),
        'f' => Number(time.microsecond().cast_signed(), 6, '0'),
        'F' => again("%Y-%m-%d"),
        'g' => two(iso_year % 100),
        'G' => Number(iso_year, 1, '0'),
        'H' => two(hour),
        'I' => two(hour12),
        'j' => Number(time.ordinal().into(), 3, '0'),
        'k' => blank(hour),
        'l' => blank(hour12),
        'm' => two(u8::from(time.month()).into()),
        'M' => two(time.minute().into()),
        'n' => Plain("\n".to_owned()),
        'p' => Plain(if hour < 12 { "AM" } else { "PM" }.to_owned()),
        'P' => Plain(if hour < 12 { "am" } else { "pm" }.to_owned()),
        'r' => again("%I:%M:%S %p"),
        'R' => again("%H:%M"),
        'S' => two(time.second().into()),
        't' => Plain("\t".to_owned()),
        'T' | 'X' => again("%H:%M:%S"),
        'u' => Number(weekday.number_from_monday().into(), 1, '0'),
        'U' => two(time.sunday_based_week().into()),
        'V' => two(iso_week.into()),
        'w' => Number(weekday.number_days_from_sunday().into(), 1, '0'),
        'W' => two(time.monday_based_week().into()),
        'y' => two(time.year() % 100),
        'Y' => Number(time.year(), 1, '0'),
        // A time without a zone writes nothing here.
        'z' | 'Z' => Plain(String::new()),
        '%' => Plain("%".to_owned()),
        _ => return None,
    })
}
