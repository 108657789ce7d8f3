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
    text.is_some_and(|text| text.escape_debug().nth(1) == Some(c))
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

/// `str.upper()`
pub(crate) fn upper(text: &str) -> String {
    text.to_uppercase()
}

/// `str.lower()`
pub(crate) fn lower(text: &str) -> String {
    text.to_lowercase()
}

/// `str.capitalize()`
pub(crate) fn capitalize(text: &str) -> String {
    if text.is_ascii() {
        let mut result = text.to_ascii_lowercase();
        if let Some(first) = result.get_mut(..1) {
            first.make_ascii_uppercase();
        }
        return result;
    }
    let mut result = String::with_capacity(text.len());
    if let Some(first) = text.chars().next() {
        push_title(&mut result, first);
        // The text is lowered as a whole: whether a sigma is final depends on its surroundings.
        result.extend(lower(text).chars().skip(first.to_lowercase().count()));
    }
    result
}

/// `str.title()`
pub(crate) fn title(text: &str) -> String {
    if text.is_ascii() {
        let mut previous = false;
        return ascii(text, |c| {
            let changed = match previous {
                true => c.to_ascii_lowercase(),
                false => c.to_ascii_uppercase(),
            };
            previous = c.is_ascii_alphabetic();
            changed
        });
    }
    let mut result = String::with_capacity(text.len());
    let mut previous = false;
    for (at, c) in text.char_indices() {
        if previous {
            push_lower(&mut result, text, at, c);
        } else {
            push_title(&mut result, c);
        }
        previous = is_cased(c);
    }
    result
}

/// A text of ASCII with every character changed, to ASCII.
fn ascii(text: &str, change: impl FnMut(u8) -> u8) -> String {
    let changed = text.bytes().map(change).collect();
    String::from_utf8(changed).unwrap_or_default()
}

/// `str.swapcase()`
pub(crate) fn swapcase(text: &str) -> String {
    if text.is_ascii() {
        return ascii(text, |c| match c.is_ascii_uppercase() {
            true => c.to_ascii_lowercase(),
            false => c.to_ascii_uppercase(),
        });
    }
    let mut result = String::with_capacity(text.len());
    for (at, c) in text.char_indices() {
        if c.is_uppercase() {
            push_lower(&mut result, text, at, c);
        } else if c.is_lowercase() {
            result.extend(c.to_uppercase());
        } else {
            result.push(c);
        }
    }
    result
}

/// `str.casefold()`
pub(crate) fn casefold(text: &str) -> String {
    if text.is_ascii() {
        return text.to_ascii_lowercase();
    }
    let mut result = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            'ı' => result.push(c),
            'ẞ' => result.push_str("ss"),
            '\u{13a0}'..='\u{13fd}' | '\u{ab70}'..='\u{abbf}' => result.extend(c.to_uppercase()),
            _ => result.extend(c.to_uppercase().flat_map(char::to_lowercase)),
        }
    }
    result
}

/// The title case of one character.
pub(crate) fn push_title(result: &mut String, c: char) {
    match c {
        '\u{1c4}'..='\u{1c6}' => result.push('\u{1c5}'),
        '\u{1c7}'..='\u{1c9}' => result.push('\u{1c8}'),
        '\u{1ca}'..='\u{1cc}' => result.push('\u{1cb}'),
        '\u{1f1}'..='\u{1f3}' => result.push('\u{1f2}'),
        '\u{10d0}'..='\u{10ff}' => result.push(c),
        '\u{1f80}'..='\u{1faf}' => result.push(char::from_u32(u32::from(c) | 8).unwrap_or(c)),
        '\u{1fb3}' | '\u{1fbc}' => result.push('\u{1fbc}'),
        '\u{1fc3}' | '\u{1fcc}' => result.push('\u{1fcc}'),
        '\u{1ff3}' | '\u{1ffc}' => result.push('\u{1ffc}'),
        '\u{1fb7}' => result.push_str("\u{1fbc}\u{342}"),
        '\u{1fc7}' => result.push_str("\u{1fcc}\u{342}"),
        '\u{1ff7}' => result.push_str("\u{1ffc}\u{342}"),
        '\u{1fb2}' | '\u{1fb4}' | '\u{1fc2}' | '\u{1fc4}' | '\u{1ff2}' | '\u{1ff4}' => {
            result.extend(c.to_uppercase().take(1));
            result.push('\u{345}');
        }
        'ß' | '\u{587}' | '\u{fb00}'..='\u{fb17}' => {
            let mut letters = c.to_uppercase();
            result.extend(letters.next());
            result.extend(letters.flat_map(char::to_lowercase));
        }
        _ => result.extend(c.to_uppercase()),
    }
}

/// The lower case of the character at a byte offset: a final sigma has a form of its own.
fn push_lower(result: &mut String, text: &str, at: usize, c: char) {
    if c != 'Σ' {
        return result.extend(c.to_lowercase());
    }
    // Case-ignorable characters (apostrophes, marks) do not count as neighbours.
    let cased = |c: &char| is_cased(*c);
    let skipped = |c: &char| !cased(c) && is_ignorable(*c);
    let (before, after) = text.split_at_checked(at).unwrap_or((text, ""));
    let before = before.chars().rev().find(|c| !skipped(c));
    let after = after.chars().skip(1).find(|c| !skipped(c));
    let is_final = before.as_ref().is_some_and(cased) && !after.as_ref().is_some_and(cased);
    result.push(if is_final { 'ς' } else { 'σ' });
}

fn is_ignorable(c: char) -> bool {
    matches!(c, '\'' | '.' | ':' | '^' | '`' | '\u{a8}' | '\u{ad}' | '\u{af}' | '\u{b4}' | '\u{b7}' | '\u{b8}'
        | '\u{2018}' | '\u{2019}' | '\u{300}'..='\u{36f}' | '\u{200b}'..='\u{200f}')
}

fn within(ranges: &[(u32, u32)], c: char) -> bool {
    let code = u32::from(c);
    let index = ranges.partition_point(|(_, last)| *last < code);
    ranges
        .get(index)
        .is_some_and(|(first, last)| (*first..=*last).contains(&code))
}
