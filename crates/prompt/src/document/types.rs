//! The types of inputs.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value;

use super::reader::Reader;
use crate::json::Pointer;

macro_rules! types {
    ($($variant:ident $name:literal [$($alias:literal)*] $about:literal)*) => {
        /// The type of an input.
        #[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
        pub enum Type {
            $(#[doc = $about] $variant,)*
            /// Any JSON; the type of inferred inputs.
            #[default]
            Any,
        }

        impl Type {
            /// Every type.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)* Self::Any];

            /// The spelling that documents keep.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $name,)* Self::Any => "any" }
            }

            /// Parses a type in any accepted spelling.
            pub fn parse(text: &str) -> Option<Self> {
                match text { $($name $(| $alias)* => Some(Self::$variant),)* "any" => Some(Self::Any), _ => None }
            }
        }
    };
}

types! {
    Str "str" ["string"] "A text."
    Int "int" ["integer"] "An integer from -2^63 to 2^63 - 1; 2.0 counts as 2."
    Float "float" ["number"] "A number; 2 counts as 2.0."
    Bool "bool" ["boolean"] "True or false."
    Image "image" [] "An image: an `https` URL or a `data:image/…;base64,` URL."
    List "list" ["array"] "A list of anything."
    ListStr "list[str]" ["list[string]"] "A list of texts."
    ListInt "list[int]" ["list[integer]"] "A list of integers."
    ListFloat "list[float]" ["list[number]"] "A list of numbers."
    ListBool "list[bool]" ["list[boolean]"] "A list of booleans."
    Dict "dict" ["object"] "An object with any keys."
    Messages "messages" ["chat_messages"] "Chat messages, for a placeholder."
}

impl Type {
    /// The type of a list's items; `Any` for everything else.
    pub fn item(self) -> Self {
        match self {
            Self::ListStr => Self::Str,
            Self::ListInt => Self::Int,
            Self::ListFloat => Self::Float,
            Self::ListBool => Self::Bool,
            _ => Self::Any,
        }
    }

    /// Whether values are lists; `messages` does not count.
    pub fn is_list(self) -> bool {
        self == Self::List || self.item() != Self::Any
    }

    pub(super) fn is_scalar(self) -> bool {
        matches!(self, Self::Str | Self::Int | Self::Float | Self::Bool)
    }

    pub(super) fn read(reader: &mut Reader, value: Value, at: &Pointer) -> Option<Self> {
        reader.one_of(value, at, &Self::names(), Self::parse)
    }

    fn names() -> Vec<&'static str> {
        Self::ALL.iter().map(|r#type| r#type.as_str()).collect()
    }
}

impl fmt::Display for Type {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Serialize for Type {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for Type {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse(&text).ok_or_else(|| serde::de::Error::custom("not a type of inputs"))
    }
}
