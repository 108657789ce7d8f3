//! Places in a JSON value (RFC 6901).

use std::fmt;

use serde_json::Value;

use super::brief;

/// An RFC 6901 pointer, built downwards: `/messages/0/content`.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Pointer(String);

impl Pointer {
    /// The pointer to the whole value.
    pub fn root() -> Self {
        Self::default()
    }

    /// The most bytes of a pointer: it is for people, and names may be as long as a body.
    pub const MAX_BYTES: usize = 1_000;

    /// The member of an object.
    #[must_use]
    pub fn key(&self, key: &str) -> Self {
        if self.0.len() >= Self::MAX_BYTES {
            return self.clone();
        }
        let key = brief(key, Self::MAX_BYTES);
        let mut pointer = String::with_capacity(self.0.len() + 1 + key.text.len());
        pointer.push_str(&self.0);
        pointer.push('/');
        for char in key.text.chars().chain(key.more) {
            match char {
                '~' => pointer.push_str("~0"),
                '/' => pointer.push_str("~1"),
                char => pointer.push(char),
            }
        }
        Self(pointer)
    }

    /// The place that `below` points to, from here.
    #[must_use]
    pub fn join(&self, below: &str) -> Self {
        Self(format!("{}{below}", self.0))
    }

    /// The item of a list, from 0.
    #[must_use]
    pub fn item(&self, index: usize) -> Self {
        if self.0.len() >= Self::MAX_BYTES {
            return self.clone();
        }
        Self(format!("{}/{index}", self.0))
    }
}

impl fmt::Display for Pointer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl From<Pointer> for String {
    fn from(pointer: Pointer) -> Self {
        pointer.0
    }
}

impl From<&Pointer> for String {
    fn from(pointer: &Pointer) -> Self {
        pointer.0.clone()
    }
}

/// The kind of a value, in the words of input types.
pub fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "bool",
        Value::Number(number) if number.is_f64() => "float",
        Value::Number(_) => "int",
        Value::String(_) => "str",
        Value::Array(_) => "list",
        Value::Object(_) => "dict",
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_pointer_finds_its_place_again() {
        let value = json!({"a/b": [{"m~n": 1}, {"~1": 2}]});
        let list = Pointer::root().key("a/b");
        assert_eq!(list.item(0).key("m~n").to_string(), "/a~1b/0/m~0n");
        assert_eq!(
            value.pointer(&list.item(0).key("m~n").to_string()),
            Some(&json!(1))
        );
        assert_eq!(
            value.pointer(&list.item(1).key("~1").to_string()),
            Some(&json!(2))
        );
        assert_eq!(value.pointer(&Pointer::root().to_string()), Some(&value));
    }
}
