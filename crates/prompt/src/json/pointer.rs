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
        let mut pointer = self.with_room_for(key.len());
        pointer.push_key(key);
        pointer
    }

    /// The place that `below` points to, from here.
    #[must_use]
    pub fn join(&self, below: &str) -> Self {
        Self(format!("{}{below}", self.0))
    }

    /// The item of a list, from 0.
    #[must_use]
    pub fn item(&self, index: usize) -> Self {
        let mut pointer = self.with_room_for(4);
        pointer.push_item(index);
        pointer
    }

    fn with_room_for(&self, bytes: usize) -> Self {
        let mut pointer = String::with_capacity(self.0.len() + 1 + bytes.min(Self::MAX_BYTES));
        pointer.push_str(&self.0);
        Self(pointer)
    }

    fn push_key(&mut self, key: &str) {
        if self.0.len() >= Self::MAX_BYTES {
            return;
        }
        let key = brief(key, Self::MAX_BYTES);
        self.0.push('/');
        if key.more.is_none() && !key.text.contains(['~', '/']) {
            self.0.push_str(key.text);
            return;
        }
        for char in key.text.chars().chain(key.more) {
            match char {
                '~' => self.0.push_str("~0"),
                '/' => self.0.push_str("~1"),
                char => self.0.push(char),
            }
        }
    }

    fn push_item(&mut self, index: usize) {
        if self.0.len() < Self::MAX_BYTES {
            self.0.push('/');
            self.0.push_str(&index.to_string());
        }
    }
}

/// A pointer on the way down a value, built only where it is told: most places have nothing to tell.
#[derive(Clone, Copy, Debug)]
pub(crate) enum LazyPointer<'a> {
    /// Where the way begins.
    At(&'a Pointer),
    /// The member of an object.
    Key(&'a Self, &'a str),
    /// The item of a list, from 0.
    Item(&'a Self, usize),
}

impl LazyPointer<'_> {
    pub(crate) fn key<'a>(&'a self, key: &'a str) -> LazyPointer<'a> {
        LazyPointer::Key(self, key)
    }

    pub(crate) fn item(&self, index: usize) -> LazyPointer<'_> {
        LazyPointer::Item(self, index)
    }

    pub(crate) fn pointer(&self) -> Pointer {
        match self {
            Self::At(pointer) => (*pointer).clone(),
            Self::Key(outer, key) => {
                let mut pointer = outer.pointer();
                pointer.push_key(key);
                pointer
            }
            Self::Item(outer, index) => {
                let mut pointer = outer.pointer();
                pointer.push_item(*index);
                pointer
            }
        }
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
    fn a_lazy_pointer_is_the_same() {
        let root = Pointer::root().key("a/b");
        let (at, long) = (LazyPointer::At(&root), "k".repeat(2_000));
        assert_eq!(at.pointer(), root);
        assert_eq!(
            at.item(3).key("m~n").key(&long).item(0).pointer(),
            root.item(3).key("m~n").key(&long).item(0)
        );
    }

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
