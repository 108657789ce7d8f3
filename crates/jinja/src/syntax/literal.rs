//! Python's literals, as Jinja2's lexer evaluates them.

use crate::error::{Error, Result};
use crate::limits::exceeded;
use crate::syntax::tree::{Const, Pos};
use crate::text::decimal::read_float;
use crate::text::unicode::decimal;

/// An integer literal; its digits may be those of any script.
pub(crate) fn int(text: &str, pos: Pos) -> Result<Const> {
    let ascii = |c| match decimal(c) {
        Some(digit) => char::from_digit(digit, 10).unwrap_or(c),
        None => c,
    };
    let digits: String = text.chars().filter(|c| *c != '_').map(ascii).collect();
    let (radix, digits) = match digits.get(..2) {
        Some("0b" | "0B") => (2, digits.get(2..)),
        Some("0o" | "0O") => (8, digits.get(2..)),
        Some("0x" | "0X") => (16, digits.get(2..)),
        _ => (10, Some(digits.as_str())),
    };
    let value = i128::from_str_radix(digits.unwrap_or_default(), radix)
        .map_err(|_| exceeded("an integer needs more than 128 bits").with_pos(pos))?;
    Ok(match i64::try_from(value) {
        Ok(value) => Const::Int(value),
        Err(_) => Const::Big(value),
    })
}

/// A float literal: Python takes ASCII digits only.
pub(crate) fn float(text: &str, pos: Pos) -> Result<f64> {
    let text = text.replace('_', "");
    read_float(&text).ok_or_else(|| {
        let other = text.chars().find(|c| !c.is_ascii()).unwrap_or_default();
        let detail = format!("invalid character '{other}' (U+{:04X})", u32::from(other));
        Error::syntax(pos, detail)
    })
}

/// The text between the quotes, with Python's escapes decoded.
pub(crate) fn unescape(text: &str, pos: Pos, out: &mut String) -> Result<()> {
    let mut rest = text;
    while let Some(at) = rest.find('\\') {
        out.push_str(rest.get(..at).unwrap_or_default());
        rest = rest.get(at + 1..).unwrap_or_default();
        let Some(escape) = rest.chars().next() else {
            return Err(Error::syntax(pos, "\\ at end of string"));
        };
        rest = rest.get(escape.len_utf8()..).unwrap_or_default();
        let plain = match escape {
            '\n' => continue,
            '\\' | '\'' | '"' => escape,
            'a' => '\x07',
            'b' => '\x08',
            'f' => '\x0c',
            'n' => '\n',
            'r' => '\r',
            't' => '\t',
            'v' => '\x0b',
            '0'..='7' => {
                let more = rest
                    .bytes()
                    .take(2)
                    .take_while(|b| matches!(b, b'0'..=b'7'))
                    .count();
                let digits = rest.get(..more).unwrap_or_default();
                rest = rest.get(more..).unwrap_or_default();
                character(&format!("{escape}{digits}"), 8, pos)?
            }
            'x' | 'u' | 'U' => {
                let len = match escape {
                    'x' => 2,
                    'u' => 4,
                    _ => 8,
                };
                let digits = rest
                    .get(..len)
                    .filter(|digits| digits.bytes().all(|b| b.is_ascii_hexdigit()))
                    .ok_or_else(|| {
                        let digits = "X".repeat(len);
                        Error::syntax(pos, format!("truncated \\{escape}{digits} escape"))
                    })?;
                rest = rest.get(len..).unwrap_or_default();
                character(digits, 16, pos)?
            }
            'N' => {
                return Err(Error::syntax(pos, "\\N escapes are not supported"));
            }
            other if other.is_ascii() => {
                out.push('\\');
                other
            }
            // Jinja2 escapes what is not ASCII before it reads the escapes, so this backslash escapes a backslash.
            other => {
                let code = u32::from(other);
                out.push_str(&match code {
                    0..=0xff => format!("\\x{code:02x}"),
                    0x100..=0xffff => format!("\\u{code:04x}"),
                    _ => format!("\\U{code:08x}"),
                });
                continue;
            }
        };
        out.push(plain);
    }
    out.push_str(rest);
    Ok(())
}

fn character(digits: &str, radix: u32, pos: Pos) -> Result<char> {
    let code = u32::from_str_radix(digits, radix).unwrap_or(u32::MAX);
    char::from_u32(code).ok_or_else(|| {
        // Python decodes a surrogate, which no text that leaves Python can hold.
        let surrogate = matches!(code, 0xd800..=0xdfff);
        let detail = match surrogate {
            true => "an escape is not a Unicode scalar value",
            false => "illegal Unicode character",
        };
        Error::syntax(pos, detail)
    })
}
