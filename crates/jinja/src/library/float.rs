//! Floats as Python prints and reads them.

use crate::size;
use crate::text::decimal::read_float;
use crate::text::unicode::{decimal, is_space};

/// Whether `format_float` writes an exponent.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum FloatStyle {
    /// `e`: always an exponent.
    Exponent,
    /// `f`: never an exponent.
    Fixed,
    /// `g`: the shorter of both.
    General,
    /// No type in a format specification: `g` with at least one digit after the point.
    Default,
}

/// Units of work for the shortest text of a float.
pub(crate) const COST: usize = 20;
/// Units of work for writing or reading a text with that many digits: more, the further the value is from 1.
pub(crate) fn cost(value: f64, digits: usize) -> usize {
    let exponent = size::clamped(value.to_bits() >> 52 & 0x7ff);
    COST + exponent.abs_diff(1023) / 3 + digits.min(EXACT_DIGITS) / 8
}

/// Digits beyond this many after the point are all zero: a double has at most 1,074.
const EXACT_DIGITS: usize = 1_100;

/// `repr(float)`
pub(crate) fn repr(value: f64) -> String {
    if let Some(text) = not_finite(value) {
        return text.to_owned();
    }
    let (negative, digits, point) = shortest(value);
    let mut text = String::with_capacity(24);
    if negative {
        text.push('-');
    }
    if point <= -4 || point > 16 {
        push_exponent(&mut text, &digits, point - 1, false);
    } else {
        push_fixed(&mut text, &digits, point);
        if !text.contains('.') {
            text.push_str(".0");
        }
    }
    text
}

/// `nan`, `inf`, `-inf`
pub(crate) fn not_finite(value: f64) -> Option<&'static str> {
    match value {
        v if v.is_nan() => Some("nan"),
        f64::INFINITY => Some("inf"),
        f64::NEG_INFINITY => Some("-inf"),
        _ => None,
    }
}

/// A float with a precision, as `%` and `format` write it; only a negative number has a sign.
/// `alternate` keeps the point and trailing zeros. The result has at most `precision + 330` bytes.
pub(crate) fn format(value: f64, style: FloatStyle, precision: usize, alternate: bool) -> String {
    if let Some(text) = not_finite(value) {
        return text.to_owned();
    }
    match style {
        FloatStyle::Fixed => {
            let exact = precision.min(EXACT_DIGITS);
            let mut text = format!("{value:.exact$}");
            text.extend(std::iter::repeat_n('0', precision - exact));
            if alternate && precision == 0 {
                text.push('.');
            }
            text
        }
        FloatStyle::Exponent => {
            let (negative, digits, point) = rounded(value, precision + 1);
            let mut text = String::with_capacity(precision + 10);
            if negative {
                text.push('-');
            }
            push_exponent(&mut text, &digits, point - 1, alternate);
            text
        }
        FloatStyle::General | FloatStyle::Default => {
            let significant = precision.max(1);
            let (negative, mut digits, point) = rounded(value, significant);
            let threshold = i64::try_from(significant).unwrap_or(i64::MAX);
            let threshold = threshold - i64::from(style == FloatStyle::Default);
            if !alternate {
                digits.truncate(digits.trim_end_matches('0').len().max(1));
            }
            let mut text = String::with_capacity(significant + 10);
            if negative {
                text.push('-');
            }
            if point <= -4 || i64::from(point) > threshold {
                push_exponent(&mut text, &digits, point - 1, alternate);
            } else {
                push_fixed(&mut text, &digits, point);
                if !text.contains('.') {
                    match style {
                        FloatStyle::Default => text.push_str(".0"),
                        _ if alternate => text.push('.'),
                        _ => {}
                    }
                }
            }
            text
        }
    }
}

/// `float(text)`; `None` where Python raises `ValueError`.
pub(crate) fn parse(text: &str) -> Option<f64> {
    let text = text.trim_matches(is_space);
    let mut plain = String::with_capacity(text.len());
    let mut previous = '_';
    for c in text.chars() {
        let digit = decimal(c).and_then(|digit| char::from_digit(digit, 10));
        match (digit, c) {
            (Some(digit), _) => plain.push(digit),
            // An underscore stands between two digits.
            (None, '_') if previous.is_ascii_digit() => {}
            (None, '_') => return None,
            _ if previous == '_' && !plain.is_empty() => return None,
            (None, c) => plain.push(c),
        }
        previous = digit.unwrap_or(c);
    }
    if previous == '_' {
        return None;
    }
    let unsigned = plain.trim_start_matches(['+', '-']);
    if plain.len() - unsigned.len() > 1 {
        return None;
    }
    let word = match unsigned.to_ascii_lowercase().as_str() {
        "inf" | "infinity" => f64::INFINITY,
        "nan" => f64::NAN,
        _ => return read_float(&plain),
    };
    Some(if plain.starts_with('-') { -word } else { word })
}

/// `round(value, digits)`: half to even on the exact decimal value.
pub(crate) fn round(value: f64, digits: i64) -> Option<f64> {
    if !value.is_finite() || digits > 323 || digits >= 0 && value.fract() == 0.0 {
        return Some(value);
    }
    if digits < -308 {
        return Some(0.0_f64.copysign(value));
    }
    let rounded: f64 = if let Some(digits) = size::exact(digits) {
        read_float(&format!("{value:.digits$}"))?
    } else {
        // Enough significant digits to cut at the wanted place before the point.
        let (_, _, point) = rounded(value, 17);
        let keep = i64::from(point) + digits;
        if keep < 0 {
            0.0
        } else if keep == 0 {
            let (_, digits, _) = rounded(value, EXACT_DIGITS);
            // Above the half: a half itself goes to the even 0.
            if digits.trim_end_matches('0') > "5" {
                read_float(&format!("1e{point}"))?
            } else {
                0.0
            }
        } else {
            let (_, kept, point) = rounded(value, size::exact(keep)?);
            read_float(&format!("0.{kept}e{point}"))?
        }
    };
    let rounded = rounded.abs().copysign(value);
    rounded.is_finite().then_some(rounded)
}

/// Sign, shortest digits that read back as the value, and the place of the point before or after them.
fn shortest(value: f64) -> (bool, String, i32) {
    let found = split(&format!("{value:e}"));
    // Of two that are equally short and near, Python takes the even one.
    if found.1.len() >= 15 {
        let even = format!("{value:.*e}", found.1.len() - 1);
        if read_float(&even) == Some(value) {
            return split(&even);
        }
    }
    found
}

/// Sign, exactly so many significant digits, and the place of the point.
fn rounded(value: f64, significant: usize) -> (bool, String, i32) {
    let exact = significant.min(EXACT_DIGITS);
    let (negative, mut digits, point) = split(&format!("{value:.*e}", exact.saturating_sub(1)));
    digits.extend(std::iter::repeat_n('0', significant - exact));
    (negative, digits, point)
}

fn split(text: &str) -> (bool, String, i32) {
    let (mantissa, exponent) = text.split_once('e').unwrap_or((text, "0"));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    let negative = mantissa.starts_with('-');
    let digits = mantissa.chars().filter(char::is_ascii_digit).collect();
    (negative, digits, exponent + 1)
}

fn push_exponent(text: &mut String, digits: &str, exponent: i32, alternate: bool) {
    let (first, rest) = digits.split_at_checked(1).unwrap_or((digits, ""));
    text.push_str(first);
    if !rest.is_empty() || alternate {
        text.push('.');
    }
    text.push_str(rest);
    let sign = if exponent < 0 { '-' } else { '+' };
    text.push_str(&format!("e{sign}{:02}", exponent.unsigned_abs()));
}

fn push_fixed(text: &mut String, digits: &str, point: i32) {
    match size::exact(point) {
        Some(0) | None => {
            text.push_str("0.");
            text.extend(std::iter::repeat_n('0', size::slot(point.unsigned_abs())));
            text.push_str(digits);
        }
        Some(point) => match digits.split_at_checked(point) {
            Some((whole, fraction)) => {
                text.push_str(whole);
                if !fraction.is_empty() {
                    text.push('.');
                    text.push_str(fraction);
                }
            }
            None => {
                text.push_str(digits);
                text.extend(std::iter::repeat_n('0', point - digits.len()));
            }
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn repr_is_the_shortest_text_with_python_s_exponents() {
        for (value, text) in [
            (1.0, "1.0"),
            (-0.0, "-0.0"),
            (0.1 + 0.2, "0.30000000000000004"),
            (1e16, "1e+16"),
            (123_456_789_012_345_680.0, "1.2345678901234568e+17"),
            (9_999_999_999_999_998.0, "9999999999999998.0"),
            (1e-4, "0.0001"),
            (1e-5, "1e-05"),
            (1.5e300, "1.5e+300"),
            (5e-324, "5e-324"),
            (9_007_199_254_740_992.0 / 10.0, "900719925474099.2"),
            (f64::NAN, "nan"),
            (f64::NEG_INFINITY, "-inf"),
        ] {
            assert_eq!(repr(value), text);
        }
    }

    #[test]
    fn rounding_is_half_to_even_on_the_exact_value() {
        for (value, digits, result) in [
            (2.675, 2, 2.67),
            (0.5, 0, 0.0),
            (1.5, 0, 2.0),
            (1250.0, -2, 1200.0),
            (1350.0, -2, 1400.0),
            (50.0, -2, 0.0),
            (51.0, -2, 100.0),
            (49.0, -3, 0.0),
            (-1.25, 1, -1.2),
        ] {
            assert_eq!(round(value, digits), Some(result), "{value} {digits}");
        }
    }

    #[test]
    fn what_reads_as_a_float() {
        for (text, value) in [
            (" 1_000.5 ", Some(1000.5)),
            ("1__0", None),
            ("_1", None),
            ("1_", None),
            ("1_.5", None),
            ("1e5", Some(1e5)),
            ("-.5", Some(-0.5)),
            ("5.", Some(5.0)),
            (".", None),
            ("+-1", None),
            ("٣", Some(3.0)),
            ("infinity", Some(f64::INFINITY)),
            ("e5", None),
            ("", None),
            ("0x10", None),
        ] {
            assert_eq!(parse(text), value, "{text}");
        }
    }
}
