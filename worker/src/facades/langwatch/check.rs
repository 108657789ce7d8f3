//! What the members of a body are held against before they are used.

use cuecard_prompt::{Code, Error, Issue, Result};
use serde_json::{Map, Value};

use super::object::slug_of;

/// Members that are texts, and those that are lists.
const TEXTS: [&str; 7] = [
    "handle",
    "scope",
    "model",
    "commitMessage",
    "authorId",
    "prompt",
    "schemaVersion",
];
const LISTS: [&str; 4] = ["messages", "inputs", "outputs", "tags"];

/// A member of another type would count as none.
pub(super) fn check_types(body: &Map<String, Value>) -> Result<()> {
    for (key, value) in body.iter().filter(|(_, value)| !value.is_null()) {
        let name = key.as_str();
        let tags = value.as_array().filter(|_| name == "tags");
        let is_tags = tags.into_iter().flatten().all(Value::is_string);
        if TEXTS.contains(&name) && !value.is_string() {
            return Err(refuse(name, "expected a text"));
        }
        if name == "parameters" && !value.is_object() {
            return Err(refuse(name, "expected an object"));
        }
        if LISTS.contains(&name) && !(value.is_array() && is_tags) {
            return Err(refuse(name, "expected a list; `tags` is one of texts"));
        }
    }
    Ok(())
}

/// A handle that reads like an id would be taken for one.
pub(super) fn check_handle(handle: &str) -> Result<()> {
    match slug_of(handle) == handle {
        true => Ok(()),
        false => Err(refuse(
            "handle",
            "a handle does not read like an id, `prompt_` and hex digits",
        )),
    }
}

pub(super) fn refuse(field: &str, message: &str) -> Error {
    Error::new(Code::BodyInvalid, message).with_issues(vec![Issue::new(
        "wrong_value",
        format!("/{field}"),
        message,
    )])
}
