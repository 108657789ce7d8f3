//! The parts of a message's content: texts, images, calls of tools and their results.

use serde_json::Value;

use super::part::read_part;
use super::said::{Said, says};
use super::tool;
use crate::document::{Reader, Role};
use crate::json::{Pointer, kind};

/// Reads the parts of a message of this role.
pub(super) fn read_all(
    reader: &mut Reader,
    parts: &[Value],
    role: Role,
    at: &Pointer,
    said: &mut Said,
) {
    for (index, part) in parts.iter().enumerate() {
        let at = at.item(index);
        let Value::Object(members) = part else {
            reader.wrong_type(&at, "dict", kind(part));
            continue;
        };
        let Some(r#type) = reader.member_text(members, "type", &at) else {
            continue;
        };
        let before = (said.parts.len(), said.results.len());
        let known: &[&str] = match (r#type.as_str(), role) {
            ("tool_use", Role::Assistant) => {
                let call = tool::read_call(reader, members, &at, ["id", "name", "input"]);
                said.calls.extend(call);
                &["id", "name", "input"]
            }
            ("tool-call", Role::Assistant) => {
                let names = ["toolCallId", "toolName", "input"];
                said.calls
                    .extend(tool::read_call(reader, members, &at, names));
                &["toolCallId", "toolName", "input", "providerExecuted"]
            }
            ("tool_result", Role::User | Role::Tool) => {
                said.results.extend(tool::read_block(reader, members, &at));
                &["tool_use_id", "content"]
            }
            ("tool-result", Role::User | Role::Tool) => {
                said.results
                    .extend(tool::read_sdk_result(reader, members, &at));
                &["toolCallId", "toolName", "output"]
            }
            _ => {
                let Some((part, known)) = read_part(reader, &r#type, members, &at) else {
                    continue;
                };
                said.parts.push(part);
                known
            }
        };
        if (said.parts.len(), said.results.len()) != before && known.is_empty() {
            continue; // kept as it is
        }
        let mut left_out = members
            .iter()
            .filter(|(key, value)| *key != "type" && !known.contains(&key.as_str()) && says(value));
        let at = Pointer::root().key("content").item(index);
        said.left_out
            .extend(left_out.by_ref().map(|(key, _)| at.key(key).to_string()));
    }
}
