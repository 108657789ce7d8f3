//! Upper and lower case, as the standard library and CPython have them.

use super::case_tables::{CaseRow, IGNORABLE, LOWER, SPACING, UPPER, UPPER_TEXTS};
use super::unicode::{is_cased, is_printable};

/// `str.upper()`
pub(crate) fn upper(text: &str) -> String {
    if text.is_ascii() {
        return text.to_ascii_uppercase();
    }
    let mut result = String::with_capacity(text.len());
    for c in text.chars() {
        push_upper(&mut result, c);
    }
    result
}

/// `str.lower()`
pub(crate) fn lower(text: &str) -> String {
    if text.is_ascii() {
        return text.to_ascii_lowercase();
    }
    let mut result = String::with_capacity(text.len());
    for (at, c) in text.char_indices() {
        push_lower_at(&mut result, text, at, c);
    }
    result
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
        let mut begin = String::new();
        push_lower(&mut begin, first);
        result.push_str(lower(text).strip_prefix(&begin).unwrap_or_default());
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
            push_lower_at(&mut result, text, at, c);
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
            push_lower_at(&mut result, text, at, c);
        } else if c.is_lowercase() {
            push_upper(&mut result, c);
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
            '\u{13a0}'..='\u{13fd}' | '\u{ab70}'..='\u{abbf}' => push_upper(&mut result, c),
            _ => folded(&mut result, c),
        }
    }
    result
}

/// A character whose folded form is the lower case of its upper case.
fn folded(result: &mut String, c: char) {
    let mut upper = String::new();
    push_upper(&mut upper, c);
    upper.chars().for_each(|letter| push_lower(result, letter));
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
            let mut upper = String::new();
            push_upper(&mut upper, c);
            result.extend(upper.chars().next());
            result.push('\u{345}');
        }
        'ß' | '\u{587}' | '\u{fb00}'..='\u{fb17}' => {
            let mut upper = String::new();
            push_upper(&mut upper, c);
            let mut letters = upper.chars();
            result.extend(letters.next());
            letters.for_each(|letter| push_lower(result, letter));
        }
        _ => push_upper(result, c),
    }
}

/// The upper case of one character.
pub(crate) fn push_upper(result: &mut String, c: char) {
    if c.is_ascii() {
        return result.push(c.to_ascii_uppercase());
    }
    match distance(&UPPER, c) {
        Some(0) => {
            let found = UPPER_TEXTS.binary_search_by_key(&Some(c), |text| text.chars().next());
            let text = found.ok().and_then(|index| UPPER_TEXTS.get(index));
            result.push_str(
                text.and_then(|text| text.strip_prefix(c))
                    .unwrap_or_default(),
            );
        }
        distance => result.push(moved(c, distance)),
    }
}

/// The lower case of one character, wherever it stands.
pub(crate) fn push_lower(result: &mut String, c: char) {
    match c {
        'İ' => result.push_str("i\u{307}"),
        _ if c.is_ascii() => result.push(c.to_ascii_lowercase()),
        _ => result.push(moved(c, distance(&LOWER, c))),
    }
}

/// The lower case of the character at a byte offset: a final sigma has a form of its own.
pub(super) fn push_lower_at(result: &mut String, text: &str, at: usize, c: char) {
    if c != 'Σ' {
        return push_lower(result, c);
    }
    let (before, after) = text.split_at_checked(at).unwrap_or((text, ""));
    let before = before.chars().rev().find(|c| !is_ignorable(*c));
    let after = after.chars().skip(1).find(|c| !is_ignorable(*c));
    let is_final = before.is_some_and(is_cased) && !after.is_some_and(is_cased);
    result.push(if is_final { 'ς' } else { 'σ' });
}

/// The place in the table of the other case of a character outside ASCII.
fn distance(rows: &[CaseRow], c: char) -> Option<i32> {
    let code = u32::from(c);
    let after = rows.partition_point(|(packed, _)| packed & 0x1_ffff <= code);
    let (packed, distance) = rows.get(after.checked_sub(1)?)?;
    let (number, step) = (packed >> 17 & 0x7f, (packed >> 24) + 1);
    let away = code - (packed & 0x1_ffff);
    (away % step == 0 && away / step < number).then_some(*distance)
}

fn moved(c: char, distance: Option<i32>) -> char {
    let code = u32::from(c).checked_add_signed(distance.unwrap_or_default());
    code.and_then(char::from_u32).unwrap_or(c)
}

/// Whether the search for a neighbour skips the character: apostrophes, marks, modifiers.
fn is_ignorable(c: char) -> bool {
    let within = |ranges: &[u32]| {
        let after = ranges.partition_point(|range| range >> 8 <= u32::from(c));
        let range = after.checked_sub(1).and_then(|index| ranges.get(index));
        range.is_some_and(|range| u32::from(c) - (range >> 8) < range & 0xff)
    };
    match c {
        '\'' | '.' | ':' | '^' | '`' => true,
        _ if c.is_ascii() => false,
        _ => within(&IGNORABLE) || extends_grapheme(c) && !within(&SPACING),
    }
}

/// Rust escapes such a character at the start of a text only.
fn extends_grapheme(c: char) -> bool {
    c.escape_debug().len() > 1 && is_printable(c)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_character_has_the_standard_library_s_cases() {
        for c in '\0'..=char::MAX {
            let (mut up, mut low) = (String::new(), String::new());
            push_upper(&mut up, c);
            push_lower(&mut low, c);
            assert_eq!(up, c.to_uppercase().to_string(), "upper {c:?}");
            assert_eq!(low, c.to_lowercase().to_string(), "lower {c:?}");
        }
    }

    #[test]
    fn a_sigma_is_final_where_the_standard_library_has_it_final() {
        // The planes that contain characters with an effect on a sigma.
        for c in ('\0'..='\u{1ffff}').chain('\u{e0000}'..='\u{e0fff}') {
            for text in [format!("{c}Σ"), format!("a{c}Σ"), format!("aΣ{c}b")] {
                assert_eq!(lower(&text), text.to_lowercase());
            }
        }
    }

    #[test]
    fn texts_of_many_scripts() {
        for text in [
            "",
            "Straße",
            "ΌΔΥΣΣΕΎΣ ΣΑΣ.",
            "Ǆ ŉ ﬃ ᾳ İstanbul",
            "日本語",
            "𐐀𐐨",
        ] {
            assert_eq!(upper(text), text.to_uppercase());
            assert_eq!(lower(text), text.to_lowercase());
        }
    }
}
