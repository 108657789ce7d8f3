//! The flat form of a JavaScript value, written by `js/wire.ts`: a tag byte, then what the tag says. Little-endian.
//!
//! | tag | value | then |
//! | --- | --- | --- |
//! | 0 | null | |
//! | 1, 2 | false, true | |
//! | 3 | integer | 8 bytes, signed |
//! | 4 | float | 8 bytes |
//! | 5 | string | u32 length in bytes, UTF-8 |
//! | 6 | list | u32 number of items, the items |
//! | 7 | dict | u32 number of entries; of each, the key as u32 length and UTF-8, then the value |

use serde_json::{Map, Number, Value};

/// Deeper than the walker ever goes.
const DEPTH: u32 = 100;

/// Reads one value; `None` where the bytes are not what the walker writes.
pub(crate) fn read(bytes: &[u8]) -> Option<Value> {
    let mut reader = WireReader(bytes);
    let value = reader.value(DEPTH)?;
    reader.0.is_empty().then_some(value)
}

struct WireReader<'a>(&'a [u8]);

impl WireReader<'_> {
    fn value(&mut self, depth: u32) -> Option<Value> {
        let depth = depth.checked_sub(1)?;
        Some(match self.byte()? {
            0 => Value::Null,
            1 => Value::Bool(false),
            2 => Value::Bool(true),
            3 => i64::from_le_bytes(self.array()?).into(),
            4 => Number::from_f64(f64::from_le_bytes(self.array()?))?.into(),
            5 => self.text()?.into(),
            6 => {
                let length = self.length()?;
                let items: Option<Vec<_>> = (0..length).map(|_| self.value(depth)).collect();
                items?.into()
            }
            7 => {
                let length = self.length()?;
                let mut entries = Map::with_capacity(length.min(self.0.len()));
                for _ in 0..length {
                    let key = self.text()?;
                    entries.insert(key, self.value(depth)?);
                }
                entries.into()
            }
            _ => return None,
        })
    }

    fn byte(&mut self) -> Option<u8> {
        let (first, rest) = self.0.split_first()?;
        self.0 = rest;
        Some(*first)
    }

    fn array<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (head, rest) = self.0.split_first_chunk()?;
        self.0 = rest;
        Some(*head)
    }

    fn length(&mut self) -> Option<usize> {
        usize::try_from(u32::from_le_bytes(self.array()?)).ok()
    }

    fn text(&mut self) -> Option<String> {
        let length = self.length()?;
        let (text, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(std::str::from_utf8(text).ok()?.to_owned())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_the_walker_writes() {
        let bytes = [
            b"\x07\x02\0\0\0".as_slice(),
            b"\x01\0\0\0a\x06\x03\0\0\0\x00\x02\x03\xff\xff\xff\xff\xff\xff\xff\xff",
            b"\x02\0\0\0\xc3\xa4\x05\x01\0\0\0b",
        ]
        .concat();
        assert_eq!(read(&bytes), Some(json!({"a": [null, true, -1], "ä": "b"})));
    }

    #[test]
    fn what_it_does_not_write() {
        let deep = [b"\x06\x01\0\0\0".repeat(200), vec![0]].concat();
        for bytes in [
            b"".as_slice(),
            b"\x08",
            b"\x00\x00",
            b"\x05\x09\0\0\0a",
            b"\x06\xff\xff\xff\xff",
            b"\x05\x01\0\0\0\xff",
            &deep,
        ] {
            assert_eq!(read(bytes), None);
        }
    }
}
