//! Whether a value has a type, and the value that the type makes of it.

use serde_json::{Number, Value};

use crate::document::{Input, Reader, Type};
use crate::issue;
use crate::json::{Pointer, kind};
use crate::schema::Schema;
use crate::turn;

/// Integers beyond this are not exact as doubles.
const EXACT: i64 = 1 << 53;

/// The value as its type has it: an integral number is an `int`, an integer is a `float`; every other value of another
/// type is an issue.
pub(crate) fn fit(reader: &mut Reader, value: &Value, r#type: Type, at: &Pointer) -> Option<Value> {
    let fitted = match (r#type, value) {
        (Type::Any, _) | (Type::Str, Value::String(_)) | (Type::Bool, Value::Bool(_)) => {
            Some(value.clone())
        }
        (Type::Dict, Value::Object(_)) | (Type::List, Value::Array(_)) => Some(value.clone()),
        (Type::Int, Value::Number(number)) => int(number).map(Value::from),
        (Type::Float, Value::Number(number)) => float(number).map(Value::from),
        (Type::Image, Value::String(text)) if is_image(text) => Some(value.clone()),
        (Type::Messages, Value::Array(items)) => {
            let turns = items.iter().enumerate();
            let read: Vec<_> = turns
                .map(|(index, item)| turn::read(reader, item, &at.item(index)))
                .collect();
            return read
                .into_iter()
                .all(|turn| turn.is_some())
                .then(|| value.clone());
        }
        (list, Value::Array(items)) if list.is_list() => {
            let items = items.iter().enumerate();
            let fitted: Vec<_> = items
                .map(|(index, item)| fit(reader, item, list.item(), &at.item(index)))
                .collect();
            return fitted
                .into_iter()
                .collect::<Option<Vec<_>>>()
                .map(Value::Array);
        }
        _ => None,
    };
    if fitted.is_none() {
        let expected = match r#type {
            Type::Image => "image (an https URL or a data:image/…;base64, URL)",
            other => other.as_str(),
        };
        reader.wrong_type(at, expected, kind(value));
    }
    fitted
}

/// Whether a value can be given to an input: its type, `enum` and `schema`.
pub(crate) fn check_input(
    reader: &mut Reader,
    input: &Input,
    value: &Value,
    at: &Pointer,
) -> Option<Value> {
    let mut value = fit(reader, value, input.r#type, at)?;
    if let Some(values) = &input.r#enum
        && !values.iter().any(|allowed| equal(allowed, &value))
    {
        let expected = format!("one of {}", Value::from(values.clone()));
        let issue = reader.issue(issue::NOT_IN_ENUM, at, format!("expected {expected}"));
        issue.expected = Some(expected);
        issue.received = Some(kind(&value).to_owned());
        return None;
    }
    if let Some(schema) = &input.schema {
        // The schema was read with the document, so it has no issues now.
        let schema = Schema::read(&mut Reader::default(), &Value::Object(schema.clone()), at)?;
        schema.check(reader, &mut value, at)?;
    }
    Some(value)
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

/// Whether a text is an `https` URL or a `data:image/…;base64,` URL.
pub(crate) fn is_image(text: &str) -> bool {
    if let Some((r#type, data)) = data_url(text) {
        let base64 = data.trim_end_matches('=');
        !r#type.is_empty()
            && !base64.is_empty()
            && data.len() - base64.len() <= 2
            && base64
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/'))
    } else {
        text.strip_prefix("https://").is_some_and(|rest| {
            !rest.is_empty()
                && !rest.starts_with('/')
                && !rest.contains(|c: char| c.is_whitespace() || c.is_control())
        })
    }
}

/// The media subtype and the base64 text of a data URL of an image: `png`, `iVBORw0…`.
pub(crate) fn data_url(text: &str) -> Option<(&str, &str)> {
    text.strip_prefix("data:image/")?.split_once(";base64,")
}
