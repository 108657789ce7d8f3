//! The methods of `list`, `tuple`, `dict`, numbers, and of the objects that globals make.

mod cycler;
mod dict;
mod number;
mod sequence;

use super::str_methods;
use crate::value::Value;
use crate::value::object::{Kind, MethodFn};
use cycler::CYCLER;
use dict::DICT;
pub(crate) use dict::entries_of;
use number::{FLOAT, INT};
use sequence::{LIST, TUPLE};

/// The method of a value's type.
pub(crate) fn find(value: &Value, name: &str) -> Option<(&'static str, MethodFn)> {
    let table: &[(&str, MethodFn)] = match value {
        Value::Str(_) => return str_methods::find(name),
        Value::List(_) => LIST,
        Value::Tuple(_) => TUPLE,
        Value::Dict(_) => DICT,
        Value::Float(_) => FLOAT,
        Value::Int(_) | Value::Big(_) | Value::Bool(_) => INT,
        Value::Object(object) => match object.0 {
            Kind::Cycler(..) => CYCLER,
            Kind::Range(_) => TUPLE,
            _ => return None,
        },
        _ => return None,
    };
    table.iter().find(|(known, _)| *known == name).copied()
}
