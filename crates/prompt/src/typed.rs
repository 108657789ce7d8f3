//! Whether a value has a type, and the value that the type makes of it.

use std::borrow::Cow;

use serde_json::{Number, Value};

use crate::document::{Reader, Type};
use crate::image::is_image;
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

/// [`fit`] for what is not taken apart.
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
        // Places are only built for what is wrong.
        let item =
            scalar(item, list.item()).or_else(|| fit(reader, item, list.item(), &at.item(index)));
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
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_precision_loss,
        reason = "an integer that doubles hold"
    )]
    let integral = double
        .filter(|d| d.fract() == 0.0 && d.abs() <= EXACT as f64)
        .map(|d| d as i64);
    number.as_i64().or(integral)
}

/// The number as a double, if that is exact.
fn float(number: &Number) -> Option<f64> {
    let exact = number.is_f64()
        || number
            .as_i64()
            .is_some_and(|integer| integer.abs() <= EXACT);
    number.as_f64().filter(|_| exact)
}
