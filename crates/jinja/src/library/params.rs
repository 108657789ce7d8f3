//! Arguments converted to the types that a function takes.

use std::rc::Rc;

use crate::error::Result;
use crate::run::ctx::Ctx;
use crate::size;
use crate::value::containers::Dict;
use crate::value::{Str, Value, failed};

/// An integer (or a bool).
pub(crate) fn any_integer(value: &Value) -> Result<i128> {
    value.as_int().ok_or_else(|| {
        failed(format!(
            "'{}' object cannot be interpreted as an integer",
            value.type_name()
        ))
    })
}

/// An integer that is compared with lengths: one beyond 64 bits becomes the largest of 64 bits.
pub(crate) fn integer(value: &Value) -> Result<i64> {
    let number = any_integer(value)?;
    Ok(i64::try_from(number).unwrap_or(if number < 0 { i64::MIN } else { i64::MAX }))
}

/// An integer that CPython takes as a `Py_ssize_t`.
pub(crate) fn index(value: &Value) -> Result<i64> {
    i64::try_from(any_integer(value)?)
        .map_err(|_| failed("Python int too large to convert to C ssize_t"))
}

/// An integer that CPython takes as an `int` of C.
pub(crate) fn int32(value: &Value) -> Result<i32> {
    i32::try_from(any_integer(value)?)
        .map_err(|_| failed("Python int too large to convert to C int"))
}

/// A count: negative numbers are 0.
pub(crate) fn count(value: &Value) -> Result<usize> {
    Ok(size::clamped(index(value)?))
}

/// A string; nothing else is accepted.
pub(crate) fn text(value: &Value) -> Result<&Str> {
    match value {
        Value::Str(text) => Ok(text),
        Value::Undefined(undefined) => Err(undefined.error()),
        other => Err(failed(format!(
            "expected a str, not '{}'",
            other.type_name()
        ))),
    }
}

/// A dict, for a filter that calls its `items()`.
pub(crate) fn dict(value: &Value) -> Result<&Rc<Dict>> {
    match value {
        Value::Dict(dict) => Ok(dict),
        Value::Undefined(undefined) => Err(undefined.error()),
        other => Err(failed(format!(
            "'{} object' has no attribute 'items'",
            other.type_name()
        ))),
    }
}

/// An argument that may be left out or be `None`.
pub(crate) fn given(value: Option<Value>) -> Option<Value> {
    value.filter(|value| !matches!(value, Value::None))
}

/// A flag: the argument's truth value.
pub(crate) fn flag(ctx: &mut Ctx<'_>, value: Option<Value>, default: bool) -> Result<bool> {
    match value {
        Some(value) => ctx.truth(&value),
        None => Ok(default),
    }
}

/// A string value that is marked safe if the other value is.
pub(crate) fn marked(markup: bool, text: String) -> Value {
    Value::Str(if markup {
        Str::markup(text)
    } else {
        Str::new(text)
    })
}
