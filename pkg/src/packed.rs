//! The inputs of a render as `js/packed.ts` packs them: words of 32 bits that say what there is, then all texts in one
//! piece, of which JavaScript encodes the short ones at once. Little-endian. The low 4 bits of a word are its kind, the
//! others a number.
//!
//! | kind | value | number, then |
//! | --- | --- | --- |
//! | 0 | null | |
//! | 1, 2 | false, true | |
//! | 3 | integer | itself, signed |
//! | 4 | integer | two words |
//! | 5 | float | two words |
//! | 6 | string | its length in UTF-16 |
//! | 7 | list | the number of items, the items |
//! | 8 | dict | the number of entries; their keys, as strings; their values |
//! | 9 | dict | the same with the keys of the last dict at this depth, so without keys |
//! | 10 | nothing | in place of an entry's value: there is no such entry |
//! | 11 | string | its length in bytes |

use std::rc::Rc;

use cuecard_prompt::Given;
use cuecard_prompt::jinja::{Map, Str, Value};
use cuecard_prompt::json::MAX_DEPTH;

/// Reads inputs, of which `words` words come first; `None` where the bytes are not what `js/packed.ts` writes, or a
/// text has half of a surrogate pair at its end.
pub(crate) fn read(bytes: &[u8], words: usize) -> Option<Given> {
    let (words, text) = bytes.split_at_checked(words.checked_mul(4)?)?;
    let text = std::str::from_utf8(text).ok()?;
    let mut reader = PackedReader {
        words: words.as_chunks().0,
        is_ascii: text.is_ascii(),
        text,
        keys: Vec::new(),
        given: Given::default(),
    };
    let word = reader.word()?;
    let values = reader.dict(word, 0)?;
    let is_all = reader.words.is_empty() && reader.text.is_empty();
    is_all.then_some(Given {
        values,
        ..reader.given
    })
}

struct PackedReader<'a> {
    words: &'a [[u8; 4]],
    text: &'a str,
    is_ascii: bool,
    /// By depth, the keys of the last dict and their bytes.
    keys: Vec<(Rc<[Value]>, usize)>,
    given: Given,
}

impl PackedReader<'_> {
    fn value(&mut self, word: u32, depth: usize) -> Option<Value> {
        self.given.count += 1;
        let kind = word & 15;
        if kind < 6 {
            self.given.bytes += 8;
        }
        Some(match kind {
            0 => Value::None,
            1 => Value::Bool(false),
            2 => Value::Bool(true),
            3 => Value::Int(i64::from(word.cast_signed() >> 4)),
            4 => Value::Int(self.long()?.cast_signed()),
            5 => Value::Float(f64::from_bits(self.long()?)),
            6 | 11 => {
                let text = self.string(word)?;
                self.given.bytes += text.len();
                Value::Str(text)
            }
            7 => {
                if depth == MAX_DEPTH {
                    return None;
                }
                let length = number(word)?;
                let mut items = Vec::with_capacity(length.min(self.words.len()));
                for _ in 0..length {
                    let word = self.word()?;
                    items.push(self.value(word, depth + 1)?);
                }
                Value::list(items)
            }
            _ => Value::dict(self.dict(word, depth)?),
        })
    }

    fn dict(&mut self, word: u32, depth: usize) -> Option<Map> {
        if depth == MAX_DEPTH {
            return None;
        }
        let length = number(word)?;
        if length > Given::MAX_NAMES {
            return None;
        }
        if word & 15 == 8 {
            let mut keys = Vec::with_capacity(length.min(self.words.len()));
            let mut bytes = 0;
            for _ in 0..length {
                let word = self.word()?;
                let key = self.string(word)?;
                bytes += key.len();
                keys.push(Value::Str(key));
            }
            if self.keys.len() <= depth {
                self.keys.resize_with(depth + 1, Default::default);
            }
            *self.keys.get_mut(depth)? = (keys.into(), bytes);
        } else if word & 15 != 9 {
            return None;
        }
        let (keys, bytes) = self.keys.get(depth)?.clone();
        let mut entries = Vec::with_capacity(length.min(self.words.len()));
        self.given.bytes += bytes;
        for key in keys.get(..length)? {
            let word = self.word()?;
            if word & 15 == 10 {
                self.given.bytes -= key.as_str().map_or(0, str::len);
            } else {
                entries.push((key.clone(), self.value(word, depth + 1)?));
            }
        }
        Some(Map::of_distinct(entries))
    }

    fn word(&mut self) -> Option<u32> {
        let (first, rest) = self.words.split_first()?;
        self.words = rest;
        Some(u32::from_le_bytes(*first))
    }

    fn long(&mut self) -> Option<u64> {
        let low = self.word()?;
        Some(u64::from(low) | u64::from(self.word()?) << 32)
    }

    fn string(&mut self, word: u32) -> Option<Str> {
        let length = match word & 15 {
            6 if !self.is_ascii => bytes_of(self.text, number(word)?)?,
            6 | 11 => number(word)?,
            _ => return None,
        };
        let (text, rest) = self.text.split_at_checked(length)?;
        self.text = rest;
        Some(Str::new(text))
    }
}

fn number(word: u32) -> Option<usize> {
    usize::try_from(word >> 4).ok()
}

/// The number of bytes of that many UTF-16 units of a text: the first byte of a character tells how many it has.
fn bytes_of(text: &str, units: usize) -> Option<usize> {
    if text.as_bytes().get(..units)?.is_ascii() {
        return Some(units);
    }
    let mut left = units;
    let mut bytes = 0;
    while left > 0 {
        let (length, own) = match text.as_bytes().get(bytes)? {
            ..0x80 => (1, 1),
            0x80..0xe0 => (2, 1),
            0xe0..0xf0 => (3, 1),
            0xf0.. => (4, 2),
        };
        left = left.checked_sub(own)?;
        bytes += length;
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(words: &[u32], text: &str) -> Option<Given> {
        let bytes: Vec<_> = words.iter().flat_map(|word| word.to_le_bytes()).collect();
        read(&[&bytes, text.as_bytes()].concat(), words.len())
    }

    const fn word(kind: u32, number: u32) -> u32 {
        number << 4 | kind
    }

    #[test]
    fn what_is_packed() {
        let form = [
            word(8, 2),
            word(6, 1),
            word(6, 1),
            word(7, 3),
            word(8, 2),
            word(6, 1),
            word(6, 2),
            word(6, 3),
            word(10, 0),
            word(9, 2),
            word(0, 0),
            word(11, 3),
            word(3, u32::MAX),
            word(4, 0),
            5,
            1,
        ];
        let given = words(&form, "aäbcd😀x€").unwrap();
        let shown: Vec<_> = given
            .values
            .entries()
            .iter()
            .map(|(key, value)| format!("{key:?} {value:?}"))
            .collect();
        assert_eq!(
            (shown.len(), given.values.get_str("ä").unwrap().as_int()),
            (2, Some(4_294_967_301))
        );
        let Some(Value::List(items)) = given.values.get_str("a") else {
            panic!("no list");
        };
        let (Value::Dict(first), Value::Dict(second)) =
            (items.get(0).unwrap(), items.get(1).unwrap())
        else {
            panic!("no dicts");
        };
        assert_eq!(first.get_str("b").unwrap().as_str(), Some("😀x"));
        assert_eq!((first.len(), second.len()), (1, 2));
        assert_eq!(second.get_str("cd").unwrap().as_str(), Some("€"));
        assert_eq!(items.get(2).unwrap().as_int(), Some(-1));
        // Keys: 1 + 2 + 1 + 1 + 2; texts: 5 + 3; three others.
        assert_eq!((given.bytes, given.count), (7 + 8 + 24, 8));
    }

    #[test]
    fn what_is_not() {
        for (form, text) in [
            (&[][..], ""),
            (&[word(7, 0)], ""),
            (&[word(9, 0)], ""),
            (&[word(8, 0)], "a"),
            (&[word(8, 0), word(8, 0)], ""),
            (&[word(8, 1), word(6, 2), word(0, 0)], "a"),
            (&[word(8, 1), word(6, 1), word(12, 0)], "a"),
            // One character, split between two texts.
            (&[word(8, 1), word(6, 1), word(6, 1)], "😀"),
            (&[word(8, 1), word(11, 1), word(11, 1)], "ä"),
            (&[word(8, 1), word(6, 1), word(4, 0), 1], "a"),
        ] {
            assert!(words(form, text).is_none(), "{form:?}");
        }
        let deep = [
            &[word(8, 1), word(6, 1)][..],
            &[word(7, 1); 70],
            &[word(0, 0)],
        ]
        .concat();
        assert!(words(&deep, "a").is_none());
    }
}
