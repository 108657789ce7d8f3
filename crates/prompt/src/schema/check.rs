//! Whether a value fits a schema.

use serde_json::Value as Json;

use super::{Count, NumberBound, Schema, SchemaKind};
use crate::document::Reader;
use crate::issue;
use crate::jinja::{Map, Value};
use crate::json::{self, LazyPointer};
use crate::suggest::suggest;
use crate::typed::{equal, integral, kind, number, to_json};

/// Steps of an issue: one for each listed value of an `enum`, and one for guessing the intended name.
const ISSUE: usize = 4;
const TELL: usize = 4;
const GUESS: usize = 500;
/// Steps of an item under `uniqueItems`, and bytes of its text per step.
const UNIQUE: usize = 10;
const UNIQUE_BYTES: usize = 16;
/// Bytes of a text per step when it is compared, when its characters are counted, and when it is hashed.
const EQUAL_BYTES: usize = 256;
const LENGTH_BYTES: usize = 64;
const HASH_BYTES: usize = 16;

pub(super) fn check(schema: &Schema, reader: &mut Reader, value: &Value, at: &LazyPointer<'_>) {
    let enumerated: usize = schema.values.iter().map(Vec::len).sum();
    if reader.is_full() || !reader.works(1 + enumerated) {
        return;
    }
    if schema.nothing {
        mismatch(reader, at, "nothing here", kind(value));
        return;
    }
    if let Some(types) = &schema.types
        && !types.iter().any(|kind| kind.fits(value))
    {
        let names: Vec<_> = types.iter().map(|kind| kind.as_str()).collect();
        mismatch(reader, at, &names.join(" or "), kind(value));
        return;
    }
    if enumerated > 0 && !reader.works(comparing(schema, value)) {
        return;
    }
    for values in &schema.values {
        if !values.iter().any(|allowed| equal(allowed, value)) {
            if !reader.works(TELL * values.len()) {
                return;
            }
            let expected = match reader.is_quiet {
                true => String::new(),
                false => format!("one of {}", json::brief_json(values)),
            };
            mismatch(reader, at, &expected, kind(value));
        }
    }
    match value {
        Value::Dict(dict) => object(schema, reader, &dict.map(), at),
        Value::List(items) => list(schema, reader, &items.items(), at),
        Value::Str(text) => {
            if schema.length.is_limit() && reader.works(text.len() / LENGTH_BYTES) {
                let count = text.chars().count();
                schema.length.check(reader, count, at, "characters");
            }
        }
        other => {
            if let Some(double) = number(other) {
                for bound in schema.bounds.iter().filter(|bound| !bound.fits(double)) {
                    mismatch(reader, at, &bound.expected(), kind(other));
                }
            }
        }
    }
    compositions(schema, reader, value, at);
}

/// Steps of comparing a value with the listed ones, in addition to one for each.
fn comparing(schema: &Schema, value: &Value) -> usize {
    let alike = |allowed: &&Json| match value {
        Value::Str(_) => allowed.is_string(),
        Value::List(_) => allowed.is_array(),
        Value::Dict(_) => allowed.is_object(),
        _ => false,
    };
    let count = schema.values.iter().flatten().filter(alike).count();
    let named = matches!(value, Value::List(_) | Value::Dict(_));
    match count {
        0 => 0,
        _ if named => count * weight(value) + schema.key_bytes / HASH_BYTES,
        _ => count * weight(value),
    }
}

fn weight(value: &Value) -> usize {
    match value {
        Value::Str(text) => text.len() / EQUAL_BYTES,
        Value::List(items) => items.len() + items.items().iter().map(weight).sum::<usize>(),
        Value::Dict(dict) => {
            let members = dict.map();
            let members = members.entries().iter().map(|(_, member)| member);
            dict.len() + members.map(weight).sum::<usize>()
        }
        _ => 0,
    }
}

fn object(schema: &Schema, reader: &mut Reader, members: &Map, at: &LazyPointer<'_>) {
    schema
        .properties_count
        .check(reader, members.len(), at, "members");
    let looks_up = !schema.properties.is_empty() || schema.additional.is_some();
    // The evaluator in TypeScript lists the names to count them.
    let (count, bytes) = match looks_up || schema.properties_count.is_limit() {
        true => (members.len(), names(members).map(str::len).sum()),
        false => (0, 0),
    };
    let bytes = schema.name_bytes / HASH_BYTES + bytes / LENGTH_BYTES;
    if !reader.works(schema.required.len() + count + bytes) {
        return;
    }
    for name in schema
        .required
        .iter()
        .filter(|name| members.get_str(name).is_none())
    {
        if reader.is_full() || !reader.works(ISSUE) {
            return;
        }
        if reader.is_quiet {
            reader.untold();
            continue;
        }
        let issue = reader.issue(
            issue::SCHEMA_MISMATCH,
            &at.key(name).pointer(),
            format!("`{name}` is required"),
        );
        issue.received = Some("nothing".to_owned());
    }
    if !looks_up {
        return;
    }
    for (name, (_, member)) in names(members).zip(members.entries()) {
        match (schema.properties.get(name), &schema.additional) {
            (Some(property), _) => check(property, reader, member, &at.key(name)),
            (None, Some(additional)) if additional.nothing => {
                if reader.is_full() || !reader.works(GUESS) {
                    return;
                }
                if reader.is_quiet {
                    reader.untold();
                    continue;
                }
                let suggestion = suggest(name, schema.names());
                let issue = mismatch(
                    reader,
                    &at.key(name),
                    "no member of this name",
                    kind(member),
                );
                issue.suggestion = suggestion;
            }
            (None, Some(additional)) => check(additional, reader, member, &at.key(name)),
            (None, None) => {}
        }
    }
}

fn names(members: &Map) -> impl Iterator<Item = &str> {
    let keys = members.entries().iter().map(|(key, _)| key);
    keys.map(|key| key.as_str().unwrap_or_default())
}

fn list(schema: &Schema, reader: &mut Reader, items: &[Value], at: &LazyPointer<'_>) {
    schema.items_count.check(reader, items.len(), at, "items");
    if let Some(schema) = &schema.items {
        for (index, item) in items.iter().enumerate() {
            check(schema, reader, item, &at.item(index));
        }
    }
    // Canonical texts are sorted, which keeps this at n log n.
    if schema.unique_items && reader.works(UNIQUE * items.len()) {
        let mut texts = Vec::with_capacity(items.len());
        for item in items.iter() {
            let text = canonical(item);
            if !reader.works(text.len() / UNIQUE_BYTES) {
                return;
            }
            texts.push(text);
        }
        texts.sort_unstable();
        if texts
            .windows(2)
            .any(|pair| matches!(pair, [a, b] if a == b))
        {
            mismatch(reader, at, "items that differ", "list");
        }
    }
}

fn canonical(item: &Value) -> String {
    json::canonical(&to_json(item).unwrap_or_default())
}

fn compositions(schema: &Schema, reader: &mut Reader, value: &Value, at: &LazyPointer<'_>) {
    for schema in &schema.all_of {
        check(schema, reader, value, at);
    }
    if let Some(schemas) = &schema.any_of
        && !schemas.iter().any(|schema| fits(schema, reader, value, at))
    {
        mismatch(reader, at, "one of the schemas of anyOf", kind(value));
    }
    if let Some(schemas) = &schema.one_of {
        let fitting = schemas
            .iter()
            .filter(|schema| fits(schema, reader, value, at))
            .count();
        if fitting != 1 {
            mismatch(
                reader,
                at,
                "exactly one of the schemas of oneOf",
                kind(value),
            );
        }
    }
    if let Some(schema) = &schema.not
        && fits(schema, reader, value, at)
    {
        mismatch(
            reader,
            at,
            "a value that does not fit the schema of not",
            kind(value),
        );
    }
}

/// Whether a value fits, without issues.
fn fits(schema: &Schema, reader: &mut Reader, value: &Value, at: &LazyPointer<'_>) -> bool {
    reader.works(ISSUE);
    let issues = std::mem::take(&mut reader.issues);
    let was_quiet = std::mem::replace(&mut reader.is_quiet, true);
    check(schema, reader, value, at);
    reader.is_quiet = was_quiet;
    let found = std::mem::replace(&mut reader.issues, issues);
    found.is_empty()
}

fn mismatch<'a>(
    reader: &'a mut Reader,
    at: &LazyPointer<'_>,
    expected: &str,
    received: &str,
) -> &'a mut crate::Issue {
    if reader.is_quiet {
        return reader.untold();
    }
    let issue = reader.issue(
        issue::SCHEMA_MISMATCH,
        &at.pointer(),
        format!("expected {expected}"),
    );
    issue.expected = Some(expected.to_owned());
    issue.received = Some(received.to_owned());
    issue
}

impl SchemaKind {
    fn fits(self, value: &Value) -> bool {
        match (self, value) {
            (Self::Integer, Value::Float(double)) => integral(*double).is_some(),
            (Self::Null, Value::None)
            | (Self::Boolean, Value::Bool(_))
            | (Self::Integer | Self::Number, Value::Int(_) | Value::Big(_))
            | (Self::Number, Value::Float(_))
            | (Self::String, Value::Str(_))
            | (Self::Array, Value::List(_))
            | (Self::Object, Value::Dict(_)) => true,
            _ => false,
        }
    }
}

impl Count {
    fn is_limit(self) -> bool {
        self.least.is_some() || self.most.is_some()
    }

    fn check(self, reader: &mut Reader, count: usize, at: &LazyPointer<'_>, what: &str) {
        let count = u64::try_from(count).unwrap_or(u64::MAX);
        if let Some(least) = self.least.filter(|least| count < *least) {
            mismatch(
                reader,
                at,
                &format!("at least {least} {what}"),
                &format!("{count} {what}"),
            );
        }
        if let Some(most) = self.most.filter(|most| count > *most) {
            mismatch(
                reader,
                at,
                &format!("at most {most} {what}"),
                &format!("{count} {what}"),
            );
        }
    }
}

impl NumberBound {
    fn fits(self, value: f64) -> bool {
        match self {
            Self::Minimum(bound) => value >= bound,
            Self::Maximum(bound) => value <= bound,
            Self::Above(bound) => value > bound,
            Self::Below(bound) => value < bound,
        }
    }

    fn expected(self) -> String {
        match self {
            Self::Minimum(bound) => format!("at least {bound}"),
            Self::Maximum(bound) => format!("at most {bound}"),
            Self::Above(bound) => format!("more than {bound}"),
            Self::Below(bound) => format!("less than {bound}"),
        }
    }
}
