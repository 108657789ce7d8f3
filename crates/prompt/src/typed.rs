//! Whether a value has a type, and the value that the type makes of it.

use std::borrow::Cow;

use serde_json::{Map, Number, Value};

use crate::document::{Reader, Type};
use crate::image::is_image;
use crate::jinja;
use crate::json::{Pointer, kind};
use crate::turn;

/// Integers beyond this are not exact as doubles.
const EXACT: i64 = 1 << 53;

/// The value as its type has it: an integral number is an `int`, an integer is a `float`; every other value of another
/// type is an issue.
pub(crate) fn fit<'v>(
    reader: &mut Reader,
    value: &'v Value,
    r#type: Type,
    at: &Pointer,
) -> Option<Cow<'v, Value>> {
    match (r#type, value) {
        (Type::Messages, Value::Array(items)) => {
            let before = reader.issues.len();
            turn::read_all(reader, items, at, turn::SPEAKERS);
            return (reader.issues.len() == before).then_some(Cow::Borrowed(value));
        }
        (list, Value::Array(items)) if list.item() != Type::Any => {
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
        reader.wrong_type(at, expected, kind(value));
    }
    fitted
}

/// [`fit`] for a value that is used as a whole.
fn scalar(value: &Value, r#type: Type) -> Option<Cow<'_, Value>> {
    let same = match (r#type, value) {
        (Type::Int, Value::Number(number)) if number.is_f64() => {
            return int(number).map(|int| Cow::Owned(int.into()));
        }
        (Type::Float, Value::Number(number)) if !number.is_f64() => {
            return float(number).map(|float| Cow::Owned(float.into()));
        }
        (Type::Int, Value::Number(number)) => number.is_i64(),
        (Type::Image, Value::String(text)) => is_image(text),
        (Type::Any, _)
        | (Type::Str, Value::String(_))
        | (Type::Bool, Value::Bool(_))
        | (Type::Float, Value::Number(_))
        | (Type::Dict, Value::Object(_))
        | (Type::List, Value::Array(_)) => true,
        _ => false,
    };
    same.then_some(Cow::Borrowed(value))
}

fn fit_items<'v>(
    reader: &mut Reader,
    value: &'v Value,
    items: &'v [Value],
    list: Type,
    at: &Pointer,
) -> Option<Cow<'v, Value>> {
    let mut changed = false;
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
        Cow::Owned(Value::Array(owned()))
    } else {
        Cow::Borrowed(value)
    })
}

/// [`fit`] for a template value; `None` where the value has another type, and for messages.
pub(crate) fn fit_value(value: &jinja::Value, r#type: Type) -> Option<jinja::Value> {
    use jinja::Value;
    match (r#type, value) {
        (Type::Int, Value::Float(double)) => integral(*double).map(Value::Int),
        (Type::Float, Value::Int(integer)) => {
            is_exact(*integer).then_some(Value::Float(*integer as f64))
        }
        (Type::Image, Value::Str(text)) => is_image(text).then(|| value.clone()),
        (Type::Any, _)
        | (Type::Str, Value::Str(_))
        | (Type::Int, Value::Int(_))
        | (Type::Bool, Value::Bool(_))
        | (Type::Float, Value::Float(_))
        | (Type::Dict, Value::Dict(_))
        | (Type::List, Value::List(_)) => Some(value.clone()),
        (list, Value::List(items)) if list.item() != Type::Any => {
            let fitted = items.items();
            let fitted = fitted.iter().map(|item| fit_value(item, list.item()));
            fitted.collect::<Option<_>>().map(Value::list)
        }
        _ => None,
    }
}

/// A value that came as JSON has, as JSON.
pub(crate) fn to_json(value: &jinja::Value) -> Option<Value> {
    use jinja::Value as TemplateValue;
    Some(match value {
        TemplateValue::None => Value::Null,
        TemplateValue::Bool(value) => (*value).into(),
        TemplateValue::Int(value) => (*value).into(),
        TemplateValue::Float(value) => Number::from_f64(*value)?.into(),
        TemplateValue::Str(text) => text.as_str().into(),
        TemplateValue::List(items) => items.items().iter().map(to_json).collect::<Option<_>>()?,
        TemplateValue::Dict(dict) => {
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

/// Equality of JSON Schema: 1 and 1.0 are one number.
pub(crate) fn equal(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Number(a), Value::Number(b)) => a == b || a.as_f64() == b.as_f64(),
        (Value::Array(a), Value::Array(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| equal(a, b))
        }
        (Value::Object(a), Value::Object(b)) => {
            a.len() == b.len()
                && a.iter()
                    .all(|(key, a)| b.get(key).is_some_and(|b| equal(a, b)))
        }
        _ => a == b,
    }
}

/// The number as an integer, if it is one.
pub(crate) fn int(number: &Number) -> Option<i64> {
    let double = number.as_f64().filter(|_| number.is_f64());
    number.as_i64().or_else(|| double.and_then(integral))
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    reason = "an integer that doubles hold"
)]
fn integral(double: f64) -> Option<i64> {
    let holds = double.fract() == 0.0 && double.abs() <= EXACT as f64;
    holds.then_some(double as i64)
}

/// The number as a double, if it is exact.
fn float(number: &Number) -> Option<f64> {
    let exact = number.is_f64() || number.as_i64().is_some_and(is_exact);
    number.as_f64().filter(|_| exact)
}

fn is_exact(integer: i64) -> bool {
    (-EXACT..=EXACT).contains(&integer)
}
