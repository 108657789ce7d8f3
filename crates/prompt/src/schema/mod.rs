//! The subset of JSON Schema 2020-12 that narrows inputs.
//!
//! A keyword outside the subset is refused when the document is read, never ignored.

mod check;
mod read;

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use crate::document::Reader;
use crate::jinja;
use crate::json::{LazyPointer, Pointer};

/// A compiled schema: the keywords `type`, `enum`, `const`, `properties`, `required`, `additionalProperties`,
/// `minProperties`, `maxProperties`, `items`, `minItems`, `maxItems`, `uniqueItems`, `minLength`, `maxLength`,
/// `minimum`, `maximum`, `exclusiveMinimum`, `exclusiveMaximum`, `anyOf`, `allOf`, `oneOf`, `not`, and the annotations
/// `$schema`, `$comment`, `title`, `description`, `default`, `examples`, `deprecated`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Schema {
    /// `false`: nothing fits.
    nothing: bool,
    types: Option<Vec<SchemaKind>>,
    /// `enum`, or the one value of `const`.
    values: Vec<Vec<Value>>,
    /// Bytes of the names in `values`.
    key_bytes: usize,
    properties: BTreeMap<String, Box<Self>>,
    required: Vec<String>,
    /// Bytes of `required`.
    name_bytes: usize,
    additional: Option<Box<Self>>,
    properties_count: Count,
    items: Option<Box<Self>>,
    items_count: Count,
    unique_items: bool,
    length: Count,
    bounds: Vec<NumberBound>,
    any_of: Option<Vec<Self>>,
    all_of: Vec<Self>,
    one_of: Option<Vec<Self>>,
    not: Option<Box<Self>>,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum SchemaKind {
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
enum NumberBound {
    Minimum(f64),
    Maximum(f64),
    Above(f64),
    Below(f64),
}

impl Schema {
    /// Compiles a schema, and notes its issues.
    pub(crate) fn read(reader: &mut Reader, value: &Value, at: &Pointer) -> Option<Self> {
        read::schema(reader, value, &LazyPointer::At(at))
    }

    /// Compiles a schema that has been read before, so has no issues.
    pub(crate) fn of(keywords: &Map<String, Value>) -> Self {
        let root = Pointer::root();
        read::keywords(&mut Reader::default(), keywords, &LazyPointer::At(&root))
    }

    /// Notes where a value does not fit.
    pub(crate) fn check(
        &self,
        reader: &mut Reader,
        value: &jinja::Value,
        at: &LazyPointer<'_>,
    ) -> Option<()> {
        let before = reader.issues.len();
        check::check(self, reader, value, at);
        reader.finish_work(at);
        (reader.issues.len() == before).then_some(())
    }

    /// The schema of a member.
    pub(crate) fn property(&self, name: &str) -> Option<&Self> {
        self.properties.get(name).map(|schema| &**schema)
    }

    /// Whether `properties` lists all names that templates can rely on.
    pub(crate) fn is_closed(&self) -> bool {
        let more = self
            .additional
            .as_ref()
            .is_some_and(|schema| !schema.nothing);
        let composed = self.any_of.is_some() || self.one_of.is_some() || !self.all_of.is_empty();
        !composed && !more && (!self.properties.is_empty() || self.additional.is_some())
    }

    /// Whether every value that fits is a text, number, boolean or null.
    pub(crate) fn is_scalar(&self) -> bool {
        let types = self.types.as_deref().unwrap_or_default();
        !types.is_empty()
            && types
                .iter()
                .all(|kind| !matches!(kind, SchemaKind::Array | SchemaKind::Object))
    }

    /// The schema of a list's items.
    pub(crate) fn item(&self) -> Option<&Self> {
        self.items.as_deref()
    }

    /// The names that `properties` has.
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.properties.keys().map(String::as_str)
    }
}
