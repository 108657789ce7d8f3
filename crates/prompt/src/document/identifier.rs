//! Names that templates can read.

use serde_json::Value;

use super::reader::Reader;
use crate::json::Pointer;

/// Reads a name that templates can read.
pub(super) fn read_identifier(reader: &mut Reader, value: Value, at: &Pointer) -> Option<String> {
    let name = reader.text(value, at)?;
    let expected =
        "a letter or `_`, then letters, digits and `_`, at most 64 characters, no word of Jinja2";
    reader.check(is_identifier(&name), at, expected)?;
    Some(name)
}

pub(super) fn is_identifier(name: &str) -> bool {
    const WORDS: [&str; 14] = [
        "and", "else", "false", "False", "if", "in", "is", "none", "None", "not", "or", "self",
        "true", "True",
    ];
    name.chars().count() <= 64 && cuecard_jinja::is_identifier(name) && !WORDS.contains(&name)
}
