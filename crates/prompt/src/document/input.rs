//! Declared inputs and their types.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::{Map, Value};

use super::reader::Reader;
use crate::issue;
use crate::json::Pointer;
use crate::schema::Schema;
use crate::typed;

/// A declared input.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Input {
    /// The name that templates read, an identifier of Python: a letter or `_`, then letters, digits and `_`, at most 64
    /// characters.
    pub name: String,
    /// The type.
    pub r#type: Type,
    /// Whether a render needs it; by default, whether there is no `default`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub required: Option<bool>,
    /// What a render takes when the input is left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub default: Option<Value>,
    /// What the input is, for people.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// The values that it can have.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub r#enum: Option<Vec<Value>>,
    /// Narrows a `dict` or a list: JSON Schema, the subset that [`Schema`] lists.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub schema: Option<Map<String, Value>>,
}

impl Input {
    /// The most inputs of a document, declared or inferred.
    pub const MAX_INPUTS: usize = 256;

    /// An input that must be given.
    pub fn new(name: impl Into<String>, r#type: Type) -> Self {
        Self {
            name: name.into(),
            r#type,
            ..Self::default()
        }
    }

    /// Whether a render fails without it.
    pub fn is_required(&self) -> bool {
        self.required.unwrap_or(self.default.is_none())
    }

    pub(super) fn read(reader: &mut Reader, value: Value, at: &Pointer) -> Option<Self> {
        let known = [
            "name",
            "type",
            "required",
            "default",
            "description",
            "enum",
            "schema",
            "identifier",
        ];
        let mut fields = reader.fields(value, at, &known)?;
        let key = fields.renamed(reader, "name", "identifier");
        let name = fields.required(reader, &key, read_identifier);
        let r#type = fields.required(reader, "type", Type::read);
        let required = fields.optional(reader, "required", Reader::bool);
        let description = fields.optional(reader, "description", Reader::text);
        let r#enum = fields.optional(reader, "enum", |reader, value, at| {
            let values = reader.list(value, at, |reader, value, at| {
                if let Some(r#type) = r#type {
                    typed::fit(reader, &value, r#type, at)?;
                }
                Some(value)
            })?;
            reader.check(!values.is_empty(), at, "at least one value")?;
            reader.check(
                r#type.is_none_or(Type::is_scalar),
                at,
                "no `enum`: the type is not str, int, float or bool",
            )?;
            Some(values)
        });
        let mut compiled = None;
        let schema = fields.optional(reader, "schema", |reader, value, at| {
            reader.check(
                r#type.is_none_or(|t| t.is_list() || t == Type::Dict),
                at,
                "no `schema`: the type is not dict or a list",
            )?;
            compiled = Schema::read(reader, &value, at);
            reader.object(value, at)
        });
        let mut input = Self {
            name: name?,
            r#type: r#type?,
            required,
            default: None,
            description,
            r#enum,
            schema,
        };
        input.default = fields.optional(reader, "default", |reader, value, at| {
            if required == Some(true) {
                reader.issue(
                    issue::CONFLICT,
                    at,
                    "an input with a default is not required",
                );
            }
            typed::fit_input(reader, &input, compiled.as_ref(), &value, at)?;
            Some(value)
        });
        Some(input)
    }

    /// The input's schema, compiled.
    pub(crate) fn compile_schema(&self) -> Option<Schema> {
        let schema = Value::Object(self.schema.clone()?);
        // It was read with the document, so it has no issues.
        Schema::read(&mut Reader::default(), &schema, &Pointer::root())
    }
}

/// Reads a name that templates can read.
pub(super) fn read_identifier(reader: &mut Reader, value: Value, at: &Pointer) -> Option<String> {
    let name = reader.text(value, at)?;
    let expected =
        "a letter or `_`, then letters, digits and `_`, at most 64 characters, no word of Jinja2";
    reader.check(is_identifier(&name), at, expected)?;
    Some(name)
}

pub(super) fn is_identifier(name: &str) -> bool {
    const WORDS: [&str; 14] = [
        "and", "else", "false", "False", "if", "in", "is", "none", "None", "not", "or", "self",
        "true", "True",
    ];
    name.chars().count() <= 64 && cuecard_jinja::is_identifier(name) && !WORDS.contains(&name)
}

macro_rules! types {
    ($($variant:ident $name:literal [$($alias:literal)*] $about:literal)*) => {
        /// The type of an input.
        #[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
        pub enum Type {
            $(#[doc = $about] $variant,)*
            /// Whatever JSON holds; the type of inferred inputs.
            #[default]
            Any,
        }

        impl Type {
            /// Every type.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)* Self::Any];

            /// The one spelling that documents keep.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $name,)* Self::Any => "any" }
            }

            /// Parses a type, also in its other accepted spellings.
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

    /// Whether values are lists, messages aside.
    pub fn is_list(self) -> bool {
        self == Self::List || self.item() != Self::Any
    }

    fn is_scalar(self) -> bool {
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
