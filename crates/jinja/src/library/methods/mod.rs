//! The methods of `list`, `tuple`, `dict` and numbers, and of the objects that globals make.

mod cycler;
mod dict;
mod looping;
mod number;
mod sequence;

use super::str_methods;
use crate::options::Dialect;
use crate::value::Value;
use crate::value::object::{Kind, MethodFn};
use cycler::CYCLER;
use dict::DICT;
pub(crate) use dict::{charge_entries, entries_of};
use looping::LOOP;
use number::{FLOAT, INT};
use sequence::{LIST, TUPLE};

/// The methods of every type.
pub(crate) const TABLES: [&[(&str, MethodFn)]; 7] =
    [str_methods::METHODS, LIST, TUPLE, DICT, INT, FLOAT, CYCLER];

/// The method of a value's type; in a sandbox, methods that change the value do not exist.
pub(crate) fn find(
    value: &Value,
    name: &str,
    dialect: Dialect,
) -> Option<(&'static str, MethodFn)> {
    if dialect == Dialect::HuggingFace && is_change(value, name) {
        return None;
    }
    let table: &[(&str, MethodFn)] = match value {
        Value::Str(_) => return str_methods::find(name),
        Value::List(_) => LIST,
        Value::Tuple(_) => TUPLE,
        Value::Dict(_) => DICT,
        Value::Float(_) => FLOAT,
        Value::Int(_) | Value::Big(_) | Value::Bool(_) => INT,
        Value::Object(object) => match object.0 {
            Kind::Cycler(..) => CYCLER,
            Kind::Loop(_) => LOOP,
            Kind::Range(_) => TUPLE,
            _ => return None,
        },
        _ => return None,
    };
    table.iter().find(|(known, _)| *known == name).copied()
}

/// Whether a dict has a method of the name.
pub(crate) fn is_dict_method(name: &str) -> bool {
    DICT.iter().any(|(known, _)| *known == name)
}

/// Whether the method changes a value, after `ImmutableSandboxedEnvironment`.
fn is_change(value: &Value, name: &str) -> bool {
    match value {
        Value::List(_) => !matches!(name, "copy" | "count" | "index"),
        Value::Dict(_) => matches!(name, "clear" | "pop" | "popitem" | "setdefault" | "update"),
        _ => false,
    }
}
