//! `repr()` of a string.

use super::unicode::is_printable;

/// The most bytes that [`push_quoted`] appends.
pub(crate) fn bound(text: &str) -> usize {
    let escapes = |b: &u8| !matches!(b, b' '..=b'~') || matches!(b, b'\\' | b'\'');
    text.len() + 3 * text.bytes().filter(escapes).count() + 10
}

/// Appends the string with Python's choice of quotes and its escapes.
pub(crate) fn push_quoted(out: &mut String, text: &str) {
    let quote = if text.contains('\'') && !text.contains('"') {
        '"'
    } else {
        '\''
    };
    out.push(quote);
    for c in text.chars() {
        match c {
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            c if c == quote => {
                out.push('\\');
                out.push(c);
            }
            c if is_printable(c) => out.push(c),
            c => match u32::from(c) {
                code @ ..=0xff => out.push_str(&format!("\\x{code:02x}")),
                code @ ..=0xffff => out.push_str(&format!("\\u{code:04x}")),
                code => out.push_str(&format!("\\U{code:08x}")),
            },
        }
    }
    out.push(quote);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotes_and_escapes_are_python_s() {
        for (text, quoted) in [
            ("a", "'a'"),
            ("it's", "\"it's\""),
            ("it's \"it\"", "'it\\'s \"it\"'"),
            ("\\\n\r\t\0\x7f", "'\\\\\\n\\r\\t\\x00\\x7f'"),
            (
                "é\u{a0}\u{200b}\u{10ffff}😀",
                "'é\\xa0\\u200b\\U0010ffff😀'",
            ),
            ("e\u{301}", "'e\u{301}'"),
        ] {
            let mut out = String::new();
            push_quoted(&mut out, text);
            assert_eq!(out, quoted);
        }
    }
}
