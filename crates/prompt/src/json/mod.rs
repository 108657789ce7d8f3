//! Strict JSON in, canonical JSON out.
//!
//! JSON that readers could understand differently is refused: duplicate keys, lone surrogates, a byte order mark,
//! numbers outside a double's range, trailing data, more than [`MAX_DEPTH`] levels.

mod brief;
mod canonical;
mod pointer;
mod read;

pub(crate) use brief::{brief, brief_json, cut};
pub use canonical::{canonical, sha256_hex};
pub(crate) use pointer::LazyPointer;
pub use pointer::{Pointer, kind};
pub(crate) use read::value_of;
pub use read::{MAX_DEPTH, parse, parse_bytes, parse_bytes_within, parse_within};

/// The JSON text of a value: no white space, members in their own order.
pub fn text(value: &serde_json::Value) -> String {
    serde_json::to_string(value).unwrap_or_default()
}

/// The number of values in a value, itself included.
pub(crate) fn values_of(value: &serde_json::Value) -> usize {
    use serde_json::Value;
    1 + match value {
        Value::Array(items) => items.iter().map(values_of).sum(),
        Value::Object(members) => members.values().map(values_of).sum(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => 0,
    }
}
