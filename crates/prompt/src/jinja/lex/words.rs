//! Lengths of names, texts and numbers.

pub(super) fn is_name(character: char) -> bool {
    character == '_' || character.is_alphanumeric() || is_mark(character)
}

/// Combining marks continue an identifier; the common blocks of them.
pub(super) fn is_mark(character: char) -> bool {
    matches!(character, '\u{300}'..='\u{36f}' | '\u{483}'..='\u{487}' | '\u{591}'..='\u{5bd}' | '\u{900}'..='\u{903}' | '\u{93a}'..='\u{94f}' | '\u{e31}' | '\u{e34}'..='\u{e3a}' | '\u{e47}'..='\u{e4e}' | '\u{3099}' | '\u{309a}' | '\u{b7}')
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

/// `(\d+_)*\d+`
fn digits_len(text: &[u8]) -> usize {
    let mut len = 0;
    let mut last_digit = 0;
    for byte in text {
        match byte {
            b'0'..=b'9' => {
                len += 1;
                last_digit = len;
            }
            b'_' if len > 0 && last_digit == len => len += 1,
            _ => break,
        }
    }
    last_digit
}

pub(super) fn float_len(text: &str) -> Option<usize> {
    let bytes = text.as_bytes();
    let whole = digits_len(bytes);
    let mut len = whole;
    if bytes.get(len) == Some(&b'.') {
        let fraction = digits_len(bytes.get(len + 1..)?);
        if fraction > 0 {
            len += 1 + fraction;
        }
    }
    let has_fraction = len > whole;
    if matches!(bytes.get(len), Some(b'e' | b'E')) {
        let sign = usize::from(matches!(bytes.get(len + 1), Some(b'+' | b'-')));
        let exponent = digits_len(bytes.get(len + 1 + sign..)?);
        if exponent > 0 {
            return Some(len + 1 + sign + exponent);
        }
    }
    has_fraction.then_some(len)
}

pub(super) fn int_len(text: &str) -> usize {
    let bytes = text.as_bytes();
    let radix: Option<fn(&u8) -> bool> = match bytes.get(..2) {
        Some(b"0b" | b"0B") => Some(|b| matches!(b, b'0' | b'1')),
        Some(b"0o" | b"0O") => Some(|b| matches!(b, b'0'..=b'7')),
        Some(b"0x" | b"0X") => Some(u8::is_ascii_hexdigit),
        _ => None,
    };
    if let Some(is_digit) = radix {
        let len = separated_len(bytes.get(2..).unwrap_or_default(), true, is_digit);
        if len > 0 {
            return 2 + len;
        }
    }
    if bytes.first() == Some(&b'0') {
        return separated_len(bytes, false, |b| *b == b'0');
    }
    separated_len(bytes, false, u8::is_ascii_digit)
}

/// Digits with single underscores between them, and before the first where that is allowed.
fn separated_len(bytes: &[u8], leading: bool, is_digit: fn(&u8) -> bool) -> usize {
    let mut end = 0;
    let mut may_separate = leading;
    for (index, byte) in bytes.iter().enumerate() {
        if is_digit(byte) {
            end = index + 1;
            may_separate = true;
        } else if *byte == b'_' && may_separate {
            may_separate = false;
        } else {
            break;
        }
    }
    end
}
