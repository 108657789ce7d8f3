//! Characters and their case as CPython's `str` sees them.

use super::tables::{DIGITS, MARKS, NUMERALS, ZEROS};

/// `str.isspace()` of one character, and `\s` of `re`.
pub(crate) fn is_space(c: char) -> bool {
    c.is_whitespace() || ('\x1c'..='\x1f').contains(&c)
}

/// Where `str.splitlines()` splits; `\r\n` counts as one.
pub(crate) fn is_line_break(c: char) -> bool {
    matches!(c, '\n'..='\r' | '\x1c'..='\x1e' | '\u{85}' | '\u{2028}' | '\u{2029}')
}

/// `str.isalpha()` of one character.
pub(crate) fn is_alpha(c: char) -> bool {
    c.is_ascii_alphabetic() || (!c.is_ascii() && c.is_alphabetic() && !within(MARKS, c))
}

/// The value of a decimal digit of any script.
pub(crate) fn decimal(c: char) -> Option<u32> {
    if c.is_ascii() {
        return c.to_digit(10);
    }
    let code = u32::from(c);
    let zero = ZEROS
        .partition_point(|zero| *zero <= code)
        .checked_sub(1)
        .and_then(|index| ZEROS.get(index))?;
    code.checked_sub(*zero).filter(|digit| *digit < 10)
}

/// `str.isdigit()` of one character.
pub(crate) fn is_digit(c: char) -> bool {
    decimal(c).is_some() || within(DIGITS, c)
}

/// `str.isnumeric()` of one character.
pub(crate) fn is_numeric(c: char) -> bool {
    c.is_numeric() || NUMERALS.binary_search(&u32::from(c)).is_ok()
}

/// `str.isalnum()` of one character.
pub(crate) fn is_alnum(c: char) -> bool {
    is_alpha(c) || is_numeric(c)
}

/// `\w` of `re`.
pub(crate) fn is_word(c: char) -> bool {
    c == '_' || is_alnum(c)
}

/// `str.isprintable()` of one character.
pub(crate) fn is_printable(c: char) -> bool {
    if c.is_ascii() {
        return (' '..='~').contains(&c);
    }
    // After another character, Rust's own escaping leaves exactly the printable ones as they are.
    let mut buffer = [b'a'; 5];
    let length = match buffer.get_mut(1..) {
        Some(rest) => c.encode_utf8(rest).len(),
        None => return false,
    };
    let text = buffer
        .get(..=length)
        .and_then(|bytes| std::str::from_utf8(bytes).ok());
    text.is_some_and(|text| {
        let mut shown = text.escape_debug();
        shown.next();
        shown.next() == Some(c)
    })
}

/// `str.isidentifier()`
pub fn is_identifier(text: &str) -> bool {
    let mut rest = text.chars();
    let starts = |c| c == '_' || unicode_ident::is_xid_start(c);
    rest.next().is_some_and(starts) && rest.all(unicode_ident::is_xid_continue)
}

/// Whether the character has case: upper, lower or title.
pub(crate) fn is_cased(c: char) -> bool {
    c.is_lowercase() || c.is_uppercase() || is_titlecase(c)
}

/// Category Lt.
pub(crate) fn is_titlecase(c: char) -> bool {
    !c.is_ascii()
        && matches!(c, '\u{1c5}' | '\u{1c8}' | '\u{1cb}' | '\u{1f2}' | '\u{1f88}'..='\u{1f8f}'
            | '\u{1f98}'..='\u{1f9f}' | '\u{1fa8}'..='\u{1faf}' | '\u{1fbc}' | '\u{1fcc}' | '\u{1ffc}')
}

/// `str.islower()`
pub(crate) fn is_lower(text: &str) -> bool {
    let mut cased = false;
    for c in text.chars() {
        if c.is_uppercase() || is_titlecase(c) {
            return false;
        }
        cased |= c.is_lowercase();
    }
    cased
}

/// `str.isupper()`
pub(crate) fn is_upper(text: &str) -> bool {
    let mut cased = false;
    for c in text.chars() {
        if c.is_lowercase() || is_titlecase(c) {
            return false;
        }
        cased |= c.is_uppercase();
    }
    cased
}

/// `str.istitle()`
pub(crate) fn is_title(text: &str) -> bool {
    let (mut cased, mut previous) = (false, false);
    for c in text.chars() {
        if c.is_uppercase() || is_titlecase(c) {
            if previous {
                return false;
            }
            (cased, previous) = (true, true);
        } else if c.is_lowercase() {
            if !previous {
                return false;
            }
            cased = true;
        } else {
            previous = false;
        }
    }
    cased
}

fn within(ranges: &[(u32, u32)], c: char) -> bool {
    let code = u32::from(c);
    let index = ranges.partition_point(|(_, last)| *last < code);
    ranges
        .get(index)
        .is_some_and(|(first, last)| (*first..=*last).contains(&code))
}
