//! The strict reader (RFC 8259 within the limits of I-JSON, RFC 7493).

use std::cell::Cell;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error as _, MapAccess, SeqAccess, Visitor};
use serde_json::map::{Entry as MapEntry, Map};
use serde_json::{Number, Value};

use crate::error::{Code, Error, Result};

/// The most levels of lists and objects that a JSON text may have.
pub const MAX_DEPTH: usize = 64;

/// Reads one JSON text.
///
/// # Errors
/// `json_invalid`, with the byte offset in the detail.
pub fn parse(text: &str) -> Result<Value> {
    let mut reader = serde_json::Deserializer::from_str(text);
    let depth = Cell::new(0);
    let value = Strict { depth: &depth }
        .deserialize(&mut reader)
        .and_then(|value| reader.end().map(|()| value));
    value.map_err(|error| invalid(&error, text))
}

/// Reads one JSON text from bytes, which must be UTF-8.
///
/// # Errors
/// `json_invalid`, with the byte offset in the detail.
pub fn parse_bytes(bytes: &[u8]) -> Result<Value> {
    let text = str::from_utf8(bytes).map_err(|error| {
        let offset = error.valid_up_to();
        Error::new(
            Code::JsonInvalid,
            format!("the text is not UTF-8 at offset {offset}"),
        )
    })?;
    parse(text)
}

fn invalid(error: &serde_json::Error, text: &str) -> Error {
    let before: usize = text
        .split_inclusive('\n')
        .take(error.line().saturating_sub(1))
        .map(str::len)
        .sum();
    let offset = (before + error.column()).min(text.len());
    // serde_json ends its messages with the place, which we give as an offset.
    let reason = error.to_string();
    let reason = reason.split(" at line ").next().unwrap_or_default();
    Error::new(Code::JsonInvalid, format!("{reason} at offset {offset}"))
}

/// Builds a value, counting levels and looking at every key.
struct Strict<'a> {
    depth: &'a Cell<usize>,
}

impl Strict<'_> {
    fn nested<T, E: serde::de::Error>(
        &self,
        read: impl FnOnce(Strict<'_>) -> std::result::Result<T, E>,
    ) -> std::result::Result<T, E> {
        if self.depth.get() == MAX_DEPTH {
            return Err(E::custom(format!("more than {MAX_DEPTH} levels")));
        }
        self.depth.set(self.depth.get() + 1);
        let value = read(Strict { depth: self.depth });
        self.depth.set(self.depth.get() - 1);
        value
    }
}

impl<'de> DeserializeSeed<'de> for Strict<'_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(
        self,
        deserializer: D,
    ) -> std::result::Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Strict<'_> {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> std::result::Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> std::result::Result<Value, E> {
        Ok(value.into())
    }

    fn visit_i64<E>(self, value: i64) -> std::result::Result<Value, E> {
        Ok(value.into())
    }

    fn visit_u64<E>(self, value: u64) -> std::result::Result<Value, E> {
        Ok(value.into())
    }

    fn visit_f64<E: serde::de::Error>(self, value: f64) -> std::result::Result<Value, E> {
        Number::from_f64(value)
            .map(Value::Number)
            .ok_or_else(|| E::custom("number out of range"))
    }

    fn visit_str<E>(self, value: &str) -> std::result::Result<Value, E> {
        Ok(value.into())
    }

    fn visit_string<E>(self, value: String) -> std::result::Result<Value, E> {
        Ok(value.into())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> std::result::Result<Value, A::Error> {
        self.nested(|strict| {
            let mut list = Vec::new();
            while let Some(item) = items.next_element_seed(Strict {
                depth: strict.depth,
            })? {
                list.push(item);
            }
            Ok(Value::Array(list))
        })
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> std::result::Result<Value, A::Error> {
        self.nested(|strict| {
            let mut object = Map::new();
            while let Some(key) = entries.next_key::<String>()? {
                let MapEntry::Vacant(place) = object.entry(key) else {
                    return Err(A::Error::custom("a key appears twice in an object"));
                };
                place.insert(entries.next_value_seed(Strict {
                    depth: strict.depth,
                })?);
            }
            Ok(Value::Object(object))
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn refused(text: &str) -> String {
        let error = parse(text).unwrap_err();
        assert_eq!(error.code(), Code::JsonInvalid);
        error.detail().to_owned()
    }

    #[test]
    fn reads_what_everyone_reads_alike() {
        let value =
            parse(r#" {"b":[1,-2,2.5,1e3,18446744073709551615,true,null,"\ud83d\ude00"],"a":{}} "#);
        assert_eq!(
            value.unwrap(),
            json!({"b": [1, -2, 2.5, 1e3, u64::MAX, true, null, "😀"], "a": {}})
        );
    }

    #[test]
    fn refuses_what_readers_could_take_differently() {
        for text in [
            "",
            " ",
            "\u{feff}{}",
            "{\"a\":1,\"a\":1}",
            "{\"a\":{\"b\":1,\"\\u0062\":2}}",
            "[1] 2",
            "[1]x",
            "NaN",
            "[NaN]",
            "Infinity",
            "-Infinity",
            "1e999",
            "01",
            "+1",
            ".5",
            "1.",
            "'a'",
            "{a:1}",
            "[1,]",
            "{\"a\":1,}",
            "\"\\ud800\"",
            "\"\\udc00\"",
            "\"\\ud800\\u0041\"",
            "\"\u{1}\"",
            "\"\\x41\"",
            "// c\n1",
            "nul",
            "[",
        ] {
            refused(text);
        }
    }

    #[test]
    fn says_where() {
        assert_eq!(refused("[1, 2]\n x"), "trailing characters at offset 9");
        assert_eq!(
            refused("{\"a\":1,\n\"a\":2}"),
            "a key appears twice in an object at offset 11"
        );
        let error = parse_bytes(b"[\"ab\xff\"]").unwrap_err();
        assert_eq!(error.detail(), "the text is not UTF-8 at offset 4");
    }

    #[test]
    fn levels_are_counted_not_siblings() {
        let nested = |n: usize| format!("{}{}", "[".repeat(n), "]".repeat(n));
        assert!(parse(&nested(MAX_DEPTH)).is_ok());
        assert!(refused(&nested(MAX_DEPTH + 1)).contains("more than 64 levels"));
        assert!(refused(&"{\"a\":".repeat(100_000)).contains("more than 64 levels"));
        assert!(parse(&format!("[{}{{}}]", "[],".repeat(500))).is_ok());
    }
}
