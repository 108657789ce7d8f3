//! Values as Python has them.

pub(crate) mod args;
pub(crate) mod containers;
pub(crate) mod hashed_text;
pub(crate) mod map;
pub(crate) mod object;

use std::ops::Deref;
use std::rc::Rc;
use std::sync::Arc;

use crate::error::{Error, ErrorKind, Result};
use crate::value::containers::{Dict, List, Tuple};
use crate::value::map::Map;
use crate::value::object::Object;

/// A value of a template: cheap to clone, containers are shared as in Python.
#[derive(Clone, Debug)]
pub enum Value {
    /// What a missing name or attribute gives.
    Undefined(Rc<UndefinedValue>),
    /// `None`
    None,
    /// `bool`
    Bool(bool),
    /// `int` within 64 bits.
    Int(i64),
    /// `int` beyond 64 and within 128 bits; make it with [`Value::int`].
    Big(Rc<i128>),
    /// `float`
    Float(f64),
    /// `str`, or `Markup` when it is marked safe.
    Str(Str),
    /// `list`
    List(Rc<List>),
    /// `tuple`, also a named one
    Tuple(Rc<Tuple>),
    /// `dict`
    Dict(Rc<Dict>),
    /// Any other object: ranges, namespaces, callables, iterators, `loop`.
    Object(Rc<Object>),
}

/// A string; `markup` tells `markupsafe.Markup` from `str`.
#[derive(Clone, Debug)]
pub struct Str {
    text: Arc<str>,
    markup: bool,
}

/// Why a value is undefined, and how strict it is about it.
#[derive(Debug)]
pub struct UndefinedValue {
    /// `StrictUndefined` refuses printing, iterating, truth and comparing; `Undefined` only everything else.
    pub strict: bool,
    /// What was looked up.
    pub what: Missing,
}

/// The kind of an undefined value.
#[derive(Debug)]
pub enum Missing {
    /// A name.
    Name(Arc<str>),
    /// A name that callers may leave out: false where it is tested, whatever the template's kind.
    Optional(Arc<str>),
    /// An attribute of a value of the type.
    Attribute(&'static str, Arc<str>),
    /// An element of a value of the type, and its key as the template has it, where that is a constant or a name.
    Element(&'static str, Option<Arc<str>>),
    /// A whole message.
    Hint(Arc<str>),
}

impl UndefinedValue {
    /// The error of using the value. It names types and what the template itself says, never an input's value.
    pub fn error(&self) -> Error {
        let detail = match &self.what {
            Missing::Name(name) | Missing::Optional(name) => format!("'{name}' is undefined"),
            Missing::Attribute(owner, name) => {
                format!("'{}' has no attribute '{name}'", object(owner))
            }
            Missing::Element(owner, Some(key)) => format!("{} has no element {key}", object(owner)),
            Missing::Element(owner, None) => format!("{} has no such element", object(owner)),
            Missing::Hint(hint) => hint.as_ref().to_owned(),
        };
        Error::new(ErrorKind::Render, detail)
    }

    /// The error where the value is strict.
    ///
    /// # Errors
    /// `render_failed`
    pub fn if_strict(&self) -> Result<()> {
        if self.strict {
            Err(self.error())
        } else {
            Ok(())
        }
    }
}

impl Str {
    /// A plain string.
    pub fn new(text: impl Into<Arc<str>>) -> Self {
        Self {
            text: text.into(),
            markup: false,
        }
    }

    /// A string marked safe.
    pub fn markup(text: impl Into<Arc<str>>) -> Self {
        Self {
            text: text.into(),
            markup: true,
        }
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The shared text.
    pub fn shared(&self) -> &Arc<str> {
        &self.text
    }

    /// Whether the string is marked safe.
    pub fn is_markup(&self) -> bool {
        self.markup
    }

    /// Python's `len`: code points.
    pub fn char_len(&self) -> usize {
        if self.text.is_ascii() {
            self.text.len()
        } else {
            self.text.chars().count()
        }
    }
}

impl Deref for Str {
    type Target = str;

    fn deref(&self) -> &str {
        &self.text
    }
}

impl Value {
    /// An `int` of any supported size.
    pub fn int(value: i128) -> Self {
        match i64::try_from(value) {
            Ok(value) => Self::Int(value),
            Err(_) => Self::Big(Rc::new(value)),
        }
    }

    /// A length or an index.
    pub fn size(value: usize) -> Self {
        Self::int(value as i128)
    }

    /// A plain string.
    pub fn str(text: impl Into<Arc<str>>) -> Self {
        Self::Str(Str::new(text))
    }

    /// A list of values.
    pub fn list(items: Vec<Self>) -> Self {
        Self::List(Rc::new(List::new(items)))
    }

    /// A tuple of values.
    pub fn tuple(items: Vec<Self>) -> Self {
        Self::Tuple(Rc::new(Tuple::new(items)))
    }

    /// A dict.
    pub fn dict(map: Map) -> Self {
        Self::Dict(Rc::new(Dict::new(map)))
    }

    /// A dict from names and values, in order; a repeated name keeps its place and takes the last value.
    pub fn record(pairs: impl IntoIterator<Item = (Arc<str>, Self)>) -> Self {
        let mut map = Map::default();
        for (name, value) in pairs {
            map.insert_str(Str::new(name), value);
        }
        Self::dict(map)
    }

    /// An object.
    pub fn object(object: Object) -> Self {
        Self::Object(Rc::new(object))
    }

    /// An undefined value.
    pub fn undefined(strict: bool, what: Missing) -> Self {
        Self::Undefined(Rc::new(UndefinedValue { strict, what }))
    }

    /// A value from JSON: numbers without a fraction part are `int`, others `float`. The JSON must not be nested
    /// deeper than a parser with a limit allows (serde_json: 128).
    pub fn from_json(json: &serde_json::Value) -> Self {
        match json {
            serde_json::Value::Null => Self::None,
            serde_json::Value::Bool(value) => Self::Bool(*value),
            serde_json::Value::Number(number) => match (number.as_i64(), number.as_u64()) {
                (Some(value), _) => Self::Int(value),
                (_, Some(value)) => Self::int(i128::from(value)),
                _ => Self::Float(number.as_f64().unwrap_or(f64::NAN)),
            },
            serde_json::Value::String(text) => Self::str(text.as_str()),
            serde_json::Value::Array(items) => {
                Self::list(items.iter().map(Self::from_json).collect())
            }
            serde_json::Value::Object(fields) => {
                let entry = |(name, value): (&String, _)| {
                    (Self::str(name.as_str()), Self::from_json(value))
                };
                Self::dict(Map::of_distinct(fields.iter().map(entry).collect()))
            }
        }
    }

    /// The value of an `int` or a `bool`.
    pub fn as_int(&self) -> Option<i128> {
        match self {
            Self::Int(value) => Some(i128::from(*value)),
            Self::Bool(value) => Some(i128::from(*value)),
            Self::Big(value) => Some(**value),
            _ => None,
        }
    }

    /// The value of a `float`, an `int` or a `bool` as a float.
    pub fn as_float(&self) -> Option<f64> {
        match self {
            Self::Float(value) => Some(*value),
            other => other.as_int().map(|value| value as f64),
        }
    }

    /// The text of a `str`.
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Self::Str(text) => Some(text),
            _ => None,
        }
    }

    /// Whether the value is undefined, of either kind.
    pub fn is_undefined(&self) -> bool {
        matches!(self, Self::Undefined(_))
    }

    /// Python's `is`: the same object; for values that Python interns or we copy, the same kind and value.
    pub fn is_same(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::None, Self::None) => true,
            (Self::Bool(a), Self::Bool(b)) => a == b,
            (Self::Int(a), Self::Int(b)) => a == b,
            (Self::Big(a), Self::Big(b)) => a == b,
            (Self::Float(a), Self::Float(b)) => a.to_bits() == b.to_bits(),
            (Self::Str(a), Self::Str(b)) => a.text == b.text && a.markup == b.markup,
            (Self::Undefined(a), Self::Undefined(b)) => Rc::ptr_eq(a, b),
            (Self::List(a), Self::List(b)) => Rc::ptr_eq(a, b),
            (Self::Tuple(a), Self::Tuple(b)) => Rc::ptr_eq(a, b) || (a.is_empty() && b.is_empty()),
            (Self::Dict(a), Self::Dict(b)) => Rc::ptr_eq(a, b),
            (Self::Object(a), Self::Object(b)) => Rc::ptr_eq(a, b),
            _ => false,
        }
    }

    /// The name of the value's type in Python.
    pub fn type_name(&self) -> &'static str {
        match self {
            Self::Undefined(undefined) if undefined.strict => "StrictUndefined",
            Self::Undefined(_) => "Undefined",
            Self::None => "NoneType",
            Self::Bool(_) => "bool",
            Self::Int(_) | Self::Big(_) => "int",
            Self::Float(_) => "float",
            Self::Str(text) if text.markup => "Markup",
            Self::Str(_) => "str",
            Self::List(_) => "list",
            Self::Tuple(tuple) => tuple.type_name(),
            Self::Dict(_) => "dict",
            Self::Object(object) => object.type_name(),
        }
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::str(text)
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Self::str(text)
    }
}

impl From<bool> for Value {
    fn from(value: bool) -> Self {
        Self::Bool(value)
    }
}

impl From<i64> for Value {
    fn from(value: i64) -> Self {
        Self::Int(value)
    }
}

impl From<f64> for Value {
    fn from(value: f64) -> Self {
        Self::Float(value)
    }
}

/// Jinja2's `object_type_repr`.
fn object(owner: &str) -> String {
    match owner {
        "NoneType" => "None".to_owned(),
        owner => format!("{owner} object"),
    }
}

/// `render_failed`: what Python would have raised as `TypeError`, `ValueError` and so on.
pub(crate) fn failed(detail: impl Into<String>) -> Error {
    Error::new(ErrorKind::Render, detail)
}
