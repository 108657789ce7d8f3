//! The subset of JSON Schema 2020-12 that narrows inputs.
//!
//! A keyword outside the subset is refused when the document is read, never ignored: a schema means what it says.

mod check;
mod read;

use std::collections::BTreeMap;

use serde_json::Value;

use crate::document::Reader;
use crate::json::Pointer;

/// A compiled schema: the keywords `type`, `enum`, `const`, `properties`, `required`, `additionalProperties`,
/// `minProperties`, `maxProperties`, `items`, `minItems`, `maxItems`, `uniqueItems`, `minLength`, `maxLength`,
/// `minimum`, `maximum`, `exclusiveMinimum`, `exclusiveMaximum`, `anyOf`, `allOf`, `oneOf`, `not`, and the annotations
/// `$schema`, `$comment`, `title`, `description`, `default`, `examples`, `deprecated`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Schema {
    /// `false`: nothing fits.
    nothing: bool,
    types: Option<Vec<Kind>>,
    /// `enum`, or the one value of `const`.
    values: Vec<Vec<Value>>,
    properties: BTreeMap<String, Self>,
    required: Vec<String>,
    additional: Option<Box<Self>>,
    properties_count: Count,
    items: Option<Box<Self>>,
    items_count: Count,
    unique_items: bool,
    length: Count,
    bounds: Vec<Bound>,
    any_of: Option<Vec<Self>>,
    all_of: Vec<Self>,
    one_of: Option<Vec<Self>>,
    not: Option<Box<Self>>,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Kind {
    Null,
    Boolean,
    Integer,
    Number,
    String,
    Array,
    Object,
}

#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct Count {
    least: Option<u64>,
    most: Option<u64>,
}

/// A limit of a number.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Bound {
    Minimum(f64),
    Maximum(f64),
    Above(f64),
    Below(f64),
}

impl Schema {
    /// Compiles a schema; what is wrong with it is noted.
    pub(crate) fn read(reader: &mut Reader, value: &Value, at: &Pointer) -> Option<Self> {
        read::schema(reader, value, at)
    }

    /// Notes where a value does not fit. An integer that was written as 2.0 becomes 2.
    pub(crate) fn check(&self, reader: &mut Reader, value: &mut Value, at: &Pointer) -> Option<()> {
        let before = reader.issues.len();
        check::value(self, reader, value, at);
        (reader.issues.len() == before).then_some(())
    }

    /// The names that `properties` has.
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.properties.keys().map(String::as_str)
    }
}
