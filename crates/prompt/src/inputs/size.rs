//! How large inputs are, before anything is made of them.

use serde_json::Value as Json;

use crate::error::Issue;
use crate::issue;
use crate::jinja::Value;
use crate::json::MAX_DEPTH;

/// The most bytes of inputs: texts and keys, and 8 for everything else.
pub(crate) const MAX_BYTES: usize = 4 << 20;
/// The most values in inputs, however deep.
pub(crate) const MAX_VALUES: usize = 100_000;
/// The most names of one dict.
pub(crate) const MAX_NAMES: usize = 20_000;

/// Units of work of copying a value.
pub(crate) fn work_of(value: &Json) -> usize {
    let mut size = Size::default();
    size.add(value, 0);
    size.values * 20 + size.bytes / 16
}

/// Takes the values from those that are left; `None` where there are more.
pub(super) fn count_down(value: &Value, left: &mut usize) -> Option<()> {
    *left = left.checked_sub(1)?;
    match value {
        Value::List(list) => list
            .items()
            .iter()
            .try_for_each(|item| count_down(item, left)),
        Value::Dict(dict) => dict
            .map()
            .entries()
            .iter()
            .try_for_each(|(_, member)| count_down(member, left)),
        _ => Some(()),
    }
}

#[derive(Default)]
pub(super) struct Size {
    pub(super) bytes: usize,
    pub(super) values: usize,
    /// Of the dict that has most.
    pub(super) names: usize,
    pub(super) deep: bool,
}

impl Size {
    pub(super) fn add(&mut self, value: &Json, depth: usize) {
        self.values += 1;
        match value {
            Json::String(text) => self.bytes += text.len(),
            Json::Array(_) | Json::Object(_) if depth == MAX_DEPTH => self.deep = true,
            Json::Array(items) => items.iter().for_each(|item| self.add(item, depth + 1)),
            Json::Object(members) => {
                self.names = self.names.max(members.len());
                members.iter().for_each(|(key, member)| {
                    self.bytes += key.len();
                    self.add(member, depth + 1);
                });
            }
            Json::Null | Json::Bool(_) | Json::Number(_) => self.bytes += 8,
        }
    }

    pub(super) fn too_much(&self) -> Option<Issue> {
        let limit = |code, message: String| Some(Issue::new(code, "", message));
        if self.deep {
            limit(
                issue::TOO_DEEP,
                format!("the inputs have more than {MAX_DEPTH} levels"),
            )
        } else if self.bytes > MAX_BYTES {
            limit(
                issue::TOO_LARGE,
                format!("the inputs are over {MAX_BYTES} bytes"),
            )
        } else if self.values > MAX_VALUES {
            limit(
                issue::TOO_LARGE,
                format!("the inputs have more than {MAX_VALUES} values"),
            )
        } else if self.names > MAX_NAMES {
            limit(
                issue::TOO_LARGE,
                format!("a dict of the inputs has more than {MAX_NAMES} names"),
            )
        } else {
            None
        }
    }
}
