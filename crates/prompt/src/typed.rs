//! Whether a value has a type, and the value that the type makes of it.

use std::borrow::Cow;

use serde_json::{Map, Number, Value as Json};

use crate::document::{Reader, Type};
use crate::image::is_image;
use crate::jinja::{List, Value};
use crate::json::{LazyPointer, Pointer};
use crate::rendered_message::RenderedMessage;
use crate::turn;

/// Integers beyond this are not exact as doubles.
const EXACT: i64 = 1 << 53;

/// The value as its type has it: an integral number is an `int`, an integer is a `float`; every other value of another
/// type is an issue.
pub(crate) fn fit<'v>(
    reader: &mut Reader,
    value: &'v Value,
    r#type: Type,
    at: &LazyPointer<'_>,
) -> Option<Cow<'v, Value>> {
    match (r#type, value) {
        (Type::Messages, Value::List(_)) => {
            conversation(reader, value, at)?;
            return Some(Cow::Borrowed(value));
        }
        (list, Value::List(items)) if list.item() != Type::Any => {
            return fit_items(reader, value, items, list, at);
        }
        _ => {}
    }
    let fitted = scalar(value, r#type);
    if fitted.is_none() {
        let expected = match r#type {
            Type::Image => "image (an https URL or a data:image/…;base64, URL)",
            other => other.as_str(),
        };
        reader.wrong_type(&at.pointer(), expected, kind(value));
    }
    fitted
}

/// JSON as its type has it, or itself where it has another type.
pub(crate) fn fit_json(json: &Json, r#type: Type) -> Json {
    let (value, root) = (Value::from_json(json), Pointer::root());
    let at = LazyPointer::At(&root);
    match fit(&mut Reader::default(), &value, r#type, &at) {
        Some(Cow::Owned(fitted)) => to_json(&fitted).unwrap_or_else(|| json.clone()),
        _ => json.clone(),
    }
}

/// The messages of a list, and its JSON.
pub(crate) fn conversation(
    reader: &mut Reader,
    list: &Value,
    at: &LazyPointer<'_>,
) -> Option<(Json, Vec<RenderedMessage>)> {
    let before = reader.issues.len();
    let json = to_json(list)?;
    let messages = turn::read_all(reader, json.as_array()?, &at.pointer(), turn::SPEAKERS);
    (reader.issues.len() == before).then_some((json, messages))
}

/// [`fit`] for a value that is used as a whole.
fn scalar(value: &Value, r#type: Type) -> Option<Cow<'_, Value>> {
    let same = match (r#type, value) {
        (Type::Int, Value::Float(double)) => {
            return integral(*double).map(|int| Cow::Owned(Value::Int(int)));
        }
        (Type::Float, Value::Int(integer)) => {
            let exact = is_exact(*integer);
            return exact.then_some(Cow::Owned(Value::Float(*integer as f64)));
        }
        (Type::Image, Value::Str(text)) => is_image(text),
        (Type::Any, _)
        | (Type::Str, Value::Str(_))
        | (Type::Int, Value::Int(_))
        | (Type::Bool, Value::Bool(_))
        | (Type::Float, Value::Float(_))
        | (Type::Dict, Value::Dict(_))
        | (Type::List, Value::List(_)) => true,
        _ => false,
    };
    same.then_some(Cow::Borrowed(value))
}

fn fit_items<'v>(
    reader: &mut Reader,
    value: &'v Value,
    items: &List,
    list: Type,
    at: &LazyPointer<'_>,
) -> Option<Cow<'v, Value>> {
    let mut changed = false;
    let items = items.items();
    let mut fitted = Vec::with_capacity(items.len());
    for (index, item) in items.iter().enumerate() {
        // Pointers are built only for issues that are told.
        let item = match scalar(item, list.item()) {
            None if reader.is_full() => return None,
            None => fit(reader, item, list.item(), &at.item(index)),
            fitting => fitting,
        };
        changed |= matches!(item, Some(Cow::Owned(_)));
        fitted.extend(item);
    }
    if fitted.len() != items.len() {
        return None;
    }
    let owned = || fitted.into_iter().map(Cow::into_owned).collect();
    Some(if changed {
        Cow::Owned(Value::list(owned()))
    } else {
        Cow::Borrowed(value)
    })
}

/// The kind of a value, in the words of input types.
pub(crate) fn kind(value: &Value) -> &'static str {
    match value {
        Value::None => "null",
        other => other.type_name(),
    }
}

/// A value that came as JSON has, as JSON.
pub(crate) fn to_json(value: &Value) -> Option<Json> {
    Some(match value {
        Value::None => Json::Null,
        Value::Bool(value) => (*value).into(),
        Value::Int(value) => (*value).into(),
        Value::Big(value) => u64::try_from(**value).ok()?.into(),
        Value::Float(value) => Number::from_f64(*value)?.into(),
        Value::Str(text) => text.as_str().into(),
        Value::List(items) => items.items().iter().map(to_json).collect::<Option<_>>()?,
        Value::Dict(dict) => {
            let map = dict.map();
            let mut members = Map::with_capacity(map.len());
            for (key, value) in map.entries() {
                members.insert(key.as_str()?.to_owned(), to_json(value)?);
            }
            members.into()
        }
        _ => return None,
    })
}

/// Equality of JSON Schema with a value that a document lists: 1 and 1.0 are one number.
pub(crate) fn equal(listed: &Json, value: &Value) -> bool {
    match (listed, value) {
        (Json::Null, Value::None) => true,
        (Json::Bool(a), Value::Bool(b)) => a == b,
        (Json::Number(a), b) => number(b).is_some() && a.as_f64() == number(b),
        (Json::String(a), Value::Str(b)) => a == b.as_str(),
        (Json::Array(a), Value::List(b)) => {
            a.len() == b.len() && a.iter().zip(b.items().iter()).all(|(a, b)| equal(a, b))
        }
        (Json::Object(a), Value::Dict(b)) => {
            let b = b.map();
            a.len() == b.len()
                && a.iter()
                    .all(|(key, a)| b.get_str(key).is_some_and(|b| equal(a, b)))
        }
        _ => false,
    }
}

/// A number as a double.
pub(crate) fn number(value: &Value) -> Option<f64> {
    value
        .as_float()
        .filter(|_| !matches!(value, Value::Bool(_)))
}

/// The double as an integer, if it is one.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    reason = "an integer that doubles hold"
)]
pub(crate) fn integral(double: f64) -> Option<i64> {
    let holds = double.fract() == 0.0 && double.abs() <= EXACT as f64;
    holds.then_some(double as i64)
}

fn is_exact(integer: i64) -> bool {
    (-EXACT..=EXACT).contains(&integer)
}
