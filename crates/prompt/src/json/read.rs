//! The strict reader (RFC 8259 within the limits of I-JSON, RFC 7493).
//!
//! It accepts and refuses the same as serde_json, except for duplicate members. serde_json's reader, made to detect
//! those, adds 18 KB to what browsers download, most of it for numbers.

use cuecard_jinja::read_float;
use serde::Serialize;
use serde_json::map::{Entry, Map};
use serde_json::{Number, Value};

use crate::error::{Code, Error, Result};

/// The most levels of lists and objects that a JSON text may have.
pub const MAX_DEPTH: usize = 64;

/// Reads one JSON text.
///
/// # Errors
/// `json_invalid`, with the byte offset in the detail.
pub fn parse(text: &str) -> Result<Value> {
    parse_within(text, usize::MAX)
}

/// Reads one JSON text of at most `values` values, however deep; floats with large exponents or many digits count for
/// more.
///
/// # Errors
/// `json_invalid`, with the byte offset in the detail; `limit_exceeded`, as soon as there are more.
pub fn parse_within(text: &str, values: usize) -> Result<Value> {
    let reader = JsonReader {
        text,
        at: 0,
        values,
        levels: MAX_DEPTH,
    };
    reader.all()
}

/// A value of our own as JSON, however large and deep. It goes by way of its text: each serializer is all the code of our
/// types in the wasm again.
pub(crate) fn value_of(value: &impl Serialize) -> Result<Value> {
    let text = serde_json::to_string(value);
    let text = text.map_err(|_| Error::new(Code::Internal, "unprintable"))?;
    let reader = JsonReader {
        text: &text,
        at: 0,
        values: usize::MAX,
        levels: usize::MAX,
    };
    reader.all()
}

/// Reads one JSON text from bytes, which must be UTF-8.
///
/// # Errors
/// `json_invalid`, with the byte offset in the detail.
pub fn parse_bytes(bytes: &[u8]) -> Result<Value> {
    parse(utf8(bytes)?)
}

/// As [`parse_within`], from bytes, which must be UTF-8.
///
/// # Errors
/// As [`parse_within`]
pub fn parse_bytes_within(bytes: &[u8], values: usize) -> Result<Value> {
    parse_within(utf8(bytes)?, values)
}

fn utf8(bytes: &[u8]) -> Result<&str> {
    str::from_utf8(bytes).map_err(|error| {
        let offset = error.valid_up_to();
        Error::new(
            Code::JsonInvalid,
            format!("the text is not UTF-8 at offset {offset}"),
        )
    })
}

/// Approximately the largest power of ten in a double.
const MAX_POWER: usize = 330;

/// The most bytes of a number whose digits count as nothing, and those of one in which more would not count.
const MAX_SHORT: usize = 24;
const MAX_LONG: usize = 1_000;

struct JsonReader<'a> {
    text: &'a str,
    at: usize,
    /// How many more values there may be.
    values: usize,
    /// The most levels.
    levels: usize,
}

impl JsonReader<'_> {
    fn all(mut self) -> Result<Value> {
        self.blank();
        let value = self.value(0)?;
        self.blank();
        match self.peek() {
            Some(_) => self.unexpected("trailing characters"),
            None => Ok(value),
        }
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn next(&mut self) -> Option<u8> {
        let byte = self.peek()?;
        self.at += 1;
        Some(byte)
    }

    /// Takes the next byte if it is the given one.
    fn take(&mut self, byte: u8) -> bool {
        let found = self.peek() == Some(byte);
        self.at += usize::from(found);
        found
    }

    fn blank(&mut self) {
        while let Some(b' ' | b'\t' | b'\n' | b'\r') = self.peek() {
            self.at += 1;
        }
    }

    /// The error at the bytes read last.
    fn refuse<T>(&self, reason: &str) -> Result<T> {
        let detail = format!("{reason} at offset {}", self.at);
        Err(Error::new(Code::JsonInvalid, detail))
    }

    /// The error at the next byte.
    fn unexpected<T>(&mut self, reason: &str) -> Result<T> {
        self.next();
        self.refuse(reason)
    }

    /// Takes some of the allowed values.
    fn count(&mut self, values: usize) -> Result<()> {
        let Some(left) = self.values.checked_sub(values) else {
            let detail = format!("too many values at offset {}", self.at);
            return Err(Error::new(Code::LimitExceeded, detail));
        };
        self.values = left;
        Ok(())
    }

    fn value(&mut self, depth: usize) -> Result<Value> {
        self.count(1)?;
        match self.peek() {
            Some(b'n') => self.word("null", Value::Null),
            Some(b't') => self.word("true", true.into()),
            Some(b'f') => self.word("false", false.into()),
            Some(b'"') => Ok(self.string()?.into()),
            Some(b'-' | b'0'..=b'9') => self.number(),
            Some(b'[') => Ok(self.list(depth)?.into()),
            Some(b'{') => Ok(self.object(depth)?.into()),
            Some(_) => self.unexpected("expected value"),
            None => self.refuse("EOF while parsing a value"),
        }
    }

    fn word(&mut self, word: &str, value: Value) -> Result<Value> {
        for expected in word.bytes() {
            match self.next() {
                Some(byte) if byte == expected => {}
                Some(_) => return self.refuse("expected ident"),
                None => return self.refuse("EOF while parsing a value"),
            }
        }
        Ok(value)
    }

    fn list(&mut self, depth: usize) -> Result<Vec<Value>> {
        let mut list = Vec::new();
        self.open(depth)?;
        while !self.closes(b']', list.is_empty())? {
            list.push(self.value(depth + 1)?);
        }
        Ok(list)
    }

    fn object(&mut self, depth: usize) -> Result<Map<String, Value>> {
        let mut object = Map::new();
        self.open(depth)?;
        while !self.closes(b'}', object.is_empty())? {
            if self.peek() != Some(b'"') {
                return self.unexpected("key must be a string");
            }
            let key = self.string()?;
            self.blank();
            let Entry::Vacant(place) = object.entry(key) else {
                return self.refuse("a key appears twice in an object");
            };
            if !self.take(b':') {
                return match self.peek() {
                    Some(_) => self.unexpected("expected `:`"),
                    None => self.refuse("EOF while parsing an object"),
                };
            }
            self.blank();
            place.insert(self.value(depth + 1)?);
        }
        Ok(object)
    }

    fn open(&mut self, depth: usize) -> Result<()> {
        self.at += 1;
        self.blank();
        if depth == self.levels {
            return self.refuse(&format!("more than {MAX_DEPTH} levels"));
        }
        Ok(())
    }

    /// Whether a list or an object ends here; if not, the comma before the next member is taken.
    fn closes(&mut self, close: u8, is_first: bool) -> Result<bool> {
        self.blank();
        let is_list = close == b']';
        if self.take(close) {
            return Ok(true);
        }
        if self.peek().is_none() {
            return self.refuse(if is_list {
                "EOF while parsing a list"
            } else {
                "EOF while parsing an object"
            });
        }
        if is_first {
            return Ok(false);
        }
        if !self.take(b',') {
            return self.unexpected(if is_list {
                "expected `,` or `]`"
            } else {
                "expected `,` or `}`"
            });
        }
        self.blank();
        match self.peek() {
            None => self.refuse("EOF while parsing a value"),
            Some(byte) if byte == close => self.unexpected("trailing comma"),
            Some(_) => Ok(false),
        }
    }

    fn number(&mut self) -> Result<Value> {
        let start = self.at;
        self.take(b'-');
        match self.next() {
            Some(b'0') if matches!(self.peek(), Some(b'0'..=b'9')) => {
                return self.unexpected("invalid number");
            }
            Some(b'0'..=b'9') => self.digits(),
            Some(_) => return self.refuse("invalid number"),
            None => return self.refuse("EOF while parsing a value"),
        }
        let whole = self.at;
        if self.take(b'.') {
            match self.peek() {
                Some(b'0'..=b'9') => self.digits(),
                Some(_) => return self.unexpected("invalid number"),
                None => return self.refuse("EOF while parsing a value"),
            }
        }
        if self.take(b'e') || self.take(b'E') {
            let _ = self.take(b'+') || self.take(b'-');
            let start = self.at;
            match self.next() {
                Some(b'0'..=b'9') => self.digits(),
                Some(_) => return self.refuse("invalid number"),
                None => return self.refuse("EOF while parsing a value"),
            }
            let exponent = self.text.get(start..self.at).unwrap_or_default();
            // A float with a power of 300 takes as long to read as some 20 values.
            let power: usize = exponent.parse().unwrap_or(MAX_POWER).min(MAX_POWER);
            self.count(power / 16)?;
        }
        let text = self.text.get(start..self.at).unwrap_or_default();
        // Of a float with so many digits, each takes as long as half a value.
        self.count(text.len().saturating_sub(MAX_SHORT).min(MAX_LONG) / 2)?;
        // JavaScript's negative zero is a float.
        if self.at == whole && text != "-0" {
            if let Ok(integer) = text.parse::<i64>() {
                return Ok(integer.into());
            }
            if let Ok(integer) = text.parse::<u64>() {
                return Ok(integer.into());
            }
        }
        match read_float(text).and_then(Number::from_f64) {
            Some(number) => Ok(number.into()),
            None => self.refuse("number out of range"),
        }
    }

    fn digits(&mut self) {
        while let Some(b'0'..=b'9') = self.peek() {
            self.at += 1;
        }
    }

    fn string(&mut self) -> Result<String> {
        let mut string = String::new();
        self.at += 1;
        loop {
            let start = self.at;
            while !matches!(self.peek(), None | Some(b'"' | b'\\' | ..b' ')) {
                self.at += 1;
            }
            string.push_str(self.text.get(start..self.at).unwrap_or_default());
            match self.next() {
                Some(b'"') => return Ok(string),
                Some(b'\\') => string.push(self.escape()?),
                Some(_) => {
                    return self.refuse(
                        "control character (\\u0000-\\u001F) found while parsing a string",
                    );
                }
                None => return self.refuse(CUT_STRING),
            }
        }
    }

    fn escape(&mut self) -> Result<char> {
        Ok(match self.next() {
            Some(byte @ (b'"' | b'\\' | b'/')) => byte.into(),
            Some(b'b') => '\u{8}',
            Some(b'f') => '\u{c}',
            Some(b'n') => '\n',
            Some(b'r') => '\r',
            Some(b't') => '\t',
            Some(b'u') => return self.unicode(),
            Some(_) => return self.refuse("invalid escape"),
            None => return self.refuse(CUT_STRING),
        })
    }

    /// The character after `\u`: four digits, or those of a surrogate pair.
    fn unicode(&mut self) -> Result<char> {
        let mut code = self.hex()?;
        if let 0xd800..=0xdbff = code {
            for expected in *b"\\u" {
                match self.next() {
                    Some(byte) if byte == expected => {}
                    Some(_) => return self.refuse("unexpected end of hex escape"),
                    None => return self.refuse(CUT_STRING),
                }
            }
            let low = self.hex()?;
            let low = low.checked_sub(0xdc00).filter(|low| *low < 0x400);
            code = low.map_or(code, |low| 0x1_0000 + ((code - 0xd800) << 10) + low);
        }
        match char::from_u32(code) {
            Some(character) => Ok(character),
            None => self.refuse("lone leading surrogate in hex escape"),
        }
    }

    fn hex(&mut self) -> Result<u32> {
        let Some(digits) = self.text.as_bytes().get(self.at..self.at + 4) else {
            self.at = self.text.len();
            return self.refuse(CUT_STRING);
        };
        let code = digits.iter().try_fold(0, |code, digit| {
            Some(code << 4 | char::from(*digit).to_digit(16)?)
        });
        self.at += 4;
        match code {
            Some(code) => Ok(code),
            None => self.refuse("invalid escape"),
        }
    }
}

const CUT_STRING: &str = "EOF while parsing a string";

#[cfg(test)]
mod tests;
