//! From JSON to a schema.

use serde_json::{Map, Value};

use super::{NumberBound, Schema, SchemaKind};
use crate::document::Reader;
use crate::issue;
use crate::json::{LazyPointer, Pointer, kind};
use crate::suggest::suggest;

const ANNOTATIONS: [&str; 7] = [
    "$schema",
    "$comment",
    "title",
    "description",
    "default",
    "examples",
    "deprecated",
];

const KEYWORDS: [&str; 22] = [
    "type",
    "enum",
    "const",
    "properties",
    "required",
    "additionalProperties",
    "minProperties",
    "maxProperties",
    "items",
    "minItems",
    "maxItems",
    "uniqueItems",
    "minLength",
    "maxLength",
    "minimum",
    "maximum",
    "exclusiveMinimum",
    "exclusiveMaximum",
    "anyOf",
    "allOf",
    "oneOf",
    "not",
];

pub(super) fn schema(reader: &mut Reader, value: &Value, at: &LazyPointer<'_>) -> Option<Schema> {
    match value {
        Value::Bool(anything) => Some(Schema {
            nothing: !anything,
            ..Schema::default()
        }),
        Value::Object(members) => Some(keywords(reader, members, at)),
        other => {
            reader.wrong_type(&at.pointer(), "a schema: dict or bool", kind(other));
            None
        }
    }
}

pub(super) fn keywords(
    reader: &mut Reader,
    members: &Map<String, Value>,
    at: &LazyPointer<'_>,
) -> Schema {
    let mut schema = Schema::default();
    for (keyword, value) in members {
        let at = &at.key(keyword);
        let known = ANNOTATIONS.contains(&keyword.as_str())
            || keyword_of(&mut schema, reader, keyword, value, at);
        if !known && !reader.is_full() {
            let suggestion = suggest(keyword, KEYWORDS.iter().copied());
            let shown: String = keyword.chars().take(64).collect();
            let issue = reader.issue(
                issue::UNKNOWN_KEYWORD,
                &at.pointer(),
                format!("schemas have no keyword `{shown}` here"),
            );
            issue.expected = Some(format!("one of {}", KEYWORDS.join(", ")));
            issue.suggestion = suggestion;
        }
    }
    schema.name_bytes = schema.required.iter().map(String::len).sum();
    schema.key_bytes = schema.values.iter().flatten().map(key_bytes).sum();
    schema
}

/// Bytes of the names of an object's members, and of those of the objects inside.
fn key_bytes(value: &Value) -> usize {
    match value {
        Value::Array(items) => items.iter().map(key_bytes).sum(),
        Value::Object(members) => members
            .iter()
            .map(|(name, member)| name.len() + key_bytes(member))
            .sum(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => 0,
    }
}

/// Reads one keyword; false if there is no such keyword.
fn keyword_of(
    schema: &mut Schema,
    reader: &mut Reader,
    keyword: &str,
    value: &Value,
    at: &LazyPointer<'_>,
) -> bool {
    match keyword {
        "type" => schema.types = types(reader, value, at),
        "enum" => schema.values.extend(values(reader, value, at)),
        "const" => schema.values.push(vec![value.clone()]),
        "properties" => {
            let Value::Object(members) = value else {
                reader.wrong_type(&at.pointer(), "dict", kind(value));
                return true;
            };
            for (name, property) in members {
                if let Some(property) = self::schema(reader, property, &at.key(name)) {
                    schema.properties.insert(name.clone(), Box::new(property));
                }
            }
        }
        "required" => {
            schema.required = reader
                .list(value.clone(), &at.pointer(), Reader::text)
                .unwrap_or_default()
        }
        "additionalProperties" => schema.additional = self::schema(reader, value, at).map(Box::new),
        "minProperties" => schema.properties_count.least = count(reader, value, at),
        "maxProperties" => schema.properties_count.most = count(reader, value, at),
        "items" => schema.items = self::schema(reader, value, at).map(Box::new),
        "minItems" => schema.items_count.least = count(reader, value, at),
        "maxItems" => schema.items_count.most = count(reader, value, at),
        "uniqueItems" => {
            schema.unique_items = reader
                .bool(value.clone(), &at.pointer())
                .unwrap_or_default()
        }
        "minLength" => schema.length.least = count(reader, value, at),
        "maxLength" => schema.length.most = count(reader, value, at),
        "minimum" => schema
            .bounds
            .extend(number(reader, value, at).map(NumberBound::Minimum)),
        "maximum" => schema
            .bounds
            .extend(number(reader, value, at).map(NumberBound::Maximum)),
        "exclusiveMinimum" => schema
            .bounds
            .extend(number(reader, value, at).map(NumberBound::Above)),
        "exclusiveMaximum" => schema
            .bounds
            .extend(number(reader, value, at).map(NumberBound::Below)),
        "anyOf" => schema.any_of = schemas(reader, value, at),
        "allOf" => schema.all_of = schemas(reader, value, at).unwrap_or_default(),
        "oneOf" => schema.one_of = schemas(reader, value, at),
        "not" => schema.not = self::schema(reader, value, at).map(Box::new),
        _ => return false,
    }
    true
}

fn types(reader: &mut Reader, value: &Value, at: &LazyPointer<'_>) -> Option<Vec<SchemaKind>> {
    let one = |reader: &mut Reader, value: Value, at: &Pointer| {
        let names = [
            "null", "boolean", "integer", "number", "string", "array", "object",
        ];
        reader.one_of(value, at, &names, SchemaKind::parse)
    };
    if value.is_array() {
        let types = reader.list(value.clone(), &at.pointer(), one)?;
        let types = not_empty(reader, types, at, "at least one type")?;
        // Each once: every value is compared with all of them.
        let mut distinct = Vec::new();
        for kind in types {
            if !distinct.contains(&kind) {
                distinct.push(kind);
            }
        }
        Some(distinct)
    } else {
        one(reader, value.clone(), &at.pointer()).map(|kind| vec![kind])
    }
}

fn values(reader: &mut Reader, value: &Value, at: &LazyPointer<'_>) -> Option<Vec<Value>> {
    let values = reader.list(value.clone(), &at.pointer(), |_, value, _| Some(value))?;
    not_empty(reader, values, at, "at least one value")
}

fn schemas(reader: &mut Reader, value: &Value, at: &LazyPointer<'_>) -> Option<Vec<Schema>> {
    let Value::Array(items) = value else {
        reader.wrong_type(&at.pointer(), "list", kind(value));
        return None;
    };
    let mut schemas = Vec::with_capacity(items.len());
    for (index, item) in items.iter().enumerate() {
        schemas.extend(schema(reader, item, &at.item(index)));
        if reader.is_full() {
            return None;
        }
    }
    not_empty(reader, schemas, at, "at least one schema")
}

/// A list that has something in it.
fn not_empty<T>(
    reader: &mut Reader,
    list: Vec<T>,
    at: &LazyPointer<'_>,
    expected: &str,
) -> Option<Vec<T>> {
    if list.is_empty() {
        reader.check(false, &at.pointer(), expected)?;
    }
    Some(list)
}

fn count(reader: &mut Reader, value: &Value, at: &LazyPointer<'_>) -> Option<u64> {
    let count = value.as_u64();
    if count.is_none() {
        reader.check(false, &at.pointer(), "an integer from 0");
    }
    count
}

fn number(reader: &mut Reader, value: &Value, at: &LazyPointer<'_>) -> Option<f64> {
    if !value.is_number() {
        reader.wrong_type(&at.pointer(), "float", kind(value));
    }
    value.as_f64()
}

impl SchemaKind {
    fn parse(text: &str) -> Option<Self> {
        Some(match text {
            "null" => Self::Null,
            "boolean" => Self::Boolean,
            "integer" => Self::Integer,
            "number" => Self::Number,
            "string" => Self::String,
            "array" => Self::Array,
            "object" => Self::Object,
            _ => return None,
        })
    }

    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Boolean => "bool",
            Self::Integer => "int",
            Self::Number => "float",
            Self::String => "str",
            Self::Array => "list",
            Self::Object => "dict",
        }
    }
}
