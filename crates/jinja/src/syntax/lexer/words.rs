//! Lengths of names, texts and numbers.

use crate::text::unicode::{decimal, is_alnum};

/// Whether Jinja2 takes the character into a name. Not every such run is a name: `x²` is not.
pub(super) fn is_name(c: char) -> bool {
    // Unicode 15.1 lets these four continue a name; Jinja2's own list of such characters is older.
    let is_new = matches!(c, '\u{200c}' | '\u{200d}' | '\u{30fb}' | '\u{ff65}');
    c == '_' || is_alnum(c) || unicode_ident::is_xid_continue(c) && !is_new
}

/// Length of `'…'` or `"…"` with its quotes.
pub(super) fn string_len(text: &str) -> Option<usize> {
    let quote = text.chars().next()?;
    let mut escaped = false;
    for (offset, character) in text.char_indices().skip(1) {
        if escaped {
            escaped = false;
        } else if character == '\\' {
            escaped = true;
        } else if character == quote {
            return Some(offset + 1);
        }
    }
    None
}

/// Python's `\d`: decimal digits of every script.
fn is_decimal(c: char) -> bool {
    decimal(c).is_some()
}

/// `(\d+_)*\d+(\.(\d+_)*\d+)?(e[+\-]?(\d+_)*\d+)?`, with a fraction or an exponent.
pub(super) fn float_len(text: &str) -> Option<usize> {
    let digits = |from: usize| {
        let rest = text.get(from..).unwrap_or_default();
        from + separated_len(rest, false, is_decimal)
    };
    let bytes = text.as_bytes();
    let whole = digits(0);
    let mut end = whole;
    if whole == 0 {
        return None;
    }
    if bytes.get(end) == Some(&b'.') && digits(end + 1) > end + 1 {
        end = digits(end + 1);
    }
    if matches!(bytes.get(end), Some(b'e' | b'E')) {
        let sign = usize::from(matches!(bytes.get(end + 1), Some(b'+' | b'-')));
        let from = end + 1 + sign;
        if digits(from) > from {
            return Some(digits(from));
        }
    }
    (end > whole).then_some(end)
}

/// `0b(_?[01])+|0o(_?[0-7])+|0x(_?[\da-f])+|[1-9](_?\d)*|0(_?0)*`; 0 where there is none.
pub(super) fn int_len(text: &str) -> usize {
    let is_digit: Option<fn(char) -> bool> = match text.as_bytes().get(..2) {
        Some(b"0b" | b"0B") => Some(|c| matches!(c, '0' | '1')),
        Some(b"0o" | b"0O") => Some(|c| matches!(c, '0'..='7')),
        Some(b"0x" | b"0X") => Some(|c| c.is_ascii_hexdigit() || is_decimal(c)),
        _ => None,
    };
    if let Some(is_digit) = is_digit {
        let len = separated_len(text.get(2..).unwrap_or_default(), true, is_digit);
        if len > 0 {
            return 2 + len;
        }
    }
    match text.as_bytes().first() {
        Some(b'0') => separated_len(text, false, |c| c == '0'),
        Some(b'1'..=b'9') => separated_len(text, false, is_decimal),
        _ => 0,
    }
}

/// Digits with single underscores between them, and before the first where that is allowed.
fn separated_len(text: &str, leading: bool, is_digit: fn(char) -> bool) -> usize {
    let mut end = 0;
    let mut may_separate = leading;
    for (index, c) in text.char_indices() {
        if is_digit(c) {
            end = index + c.len_utf8();
            may_separate = true;
        } else if c == '_' && may_separate {
            may_separate = false;
        } else {
            break;
        }
    }
    end
}
