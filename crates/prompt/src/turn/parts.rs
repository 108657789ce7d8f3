//! The parts of a message's content: texts, images, calls of tools and their results.

use serde_json::Value;

use super::part::read_part;
use super::said::Said;
use super::{tool, unread};
use crate::document::{Part, Reader, Role};
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
        let place = Pointer::root().key("content").item(index);
        let known: &[&str] = match (r#type.as_str(), role) {
            ("tool_use", Role::Assistant) => {
                let call = tool::read_call(reader, members, &at, ["id", "name", "input"]);
                said.calls.extend(call);
                &["id", "name", "input"]
            }
            // A call that a provider ran stays beside its result, in the same message.
            ("tool-call", Role::Assistant)
                if members.get("providerExecuted") == Some(&Value::Bool(true)) =>
            {
                said.parts.push(Part::Other(members.clone()));
                &[]
            }
            ("tool-call", Role::Assistant) => {
                let names = ["toolCallId", "toolName", "input"];
                said.calls
                    .extend(tool::read_call(reader, members, &at, names));
                &["toolCallId", "toolName", "input"]
            }
            ("tool_result", Role::User | Role::Tool) => {
                let result = tool::read_block(reader, members, &at, &place);
                said.results.extend(result);
                continue;
            }
            ("tool-result", Role::User | Role::Tool) => {
                let result = tool::read_sdk_result(reader, members, &at, &place);
                said.results.extend(result);
                continue;
            }
            _ => {
                let Some((part, known)) = read_part(reader, &r#type, members, &at) else {
                    continue;
                };
                said.parts.push(part);
                known
            }
        };
        if known.is_empty() {
            continue; // kept unchanged
        }
        said.left_out.extend(unread(members, known, &place));
    }
}
