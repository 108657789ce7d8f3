//! Calls of tools, and their results.

use serde_json::{Map, Value};

use super::part::read_part;
use super::said::{Said, ToolResult};
use super::unread;
use crate::document::{Content, Part, Reader};
use crate::json::{self, Pointer, kind};
use crate::rendered_message::ToolCall;

/// The calls of a message: `{id, name, arguments: {…}}`, or OpenAI's `{id, type, function: {name, arguments: "…"}}`.
/// One of another kind is kept unchanged.
pub(super) fn read_calls(reader: &mut Reader, calls: &Value, at: &Pointer, said: &mut Said) {
    let Value::Array(calls) = calls else {
        reader.wrong_type(at, "list", kind(calls));
        return;
    };
    for (index, call) in calls.iter().enumerate() {
        let at = at.item(index);
        let Value::Object(members) = call else {
            reader.wrong_type(&at, "dict", kind(call));
            continue;
        };
        match members.get("function") {
            Some(Value::Object(function)) => {
                let id = reader.member_text(members, "id", &at);
                let at = at.key("function");
                let known = ["name", "arguments"];
                let call = read_function(reader, function, &at, known);
                let place = place(said);
                let left_out = unread(members, &["function"], &place);
                said.left_out.extend(left_out);
                let place = place.key("function");
                said.left_out.extend(unread(function, &known, &place));
                said.calls.extend(complete(id, call));
            }
            Some(other) => reader.wrong_type(&at.key("function"), "dict", kind(other)),
            None if members.contains_key("custom") => said.parts.push(Part::Other(members.clone())),
            None => {
                let known = ["id", "name", "arguments"];
                let call = read_call(reader, members, &at, known);
                let left_out = unread(members, &known, &place(said));
                said.left_out.extend(left_out);
                said.calls.extend(call);
            }
        }
    }
}

/// The place of the next call in the rendered message.
fn place(said: &Said) -> Pointer {
    Pointer::root().key("toolCalls").item(said.calls.len())
}

/// A call whose members have these names.
pub(super) fn read_call(
    reader: &mut Reader,
    members: &Map<String, Value>,
    at: &Pointer,
    [id, name, arguments]: [&str; 3],
) -> Option<ToolCall> {
    let id = reader.member_text(members, id, at);
    let call = read_function(reader, members, at, [name, arguments]);
    complete(id, call)
}

type FunctionCall = (String, Map<String, Value>);

fn read_function(
    reader: &mut Reader,
    members: &Map<String, Value>,
    at: &Pointer,
    [name, arguments]: [&str; 2],
) -> Option<FunctionCall> {
    let name = reader.member_text(members, name, at);
    let given = reader.member(members, arguments, at)?;
    let arguments = read_arguments(reader, given, &at.key(arguments))?;
    Some((name?, arguments))
}

fn complete(id: Option<String>, function: Option<FunctionCall>) -> Option<ToolCall> {
    let (name, arguments) = function?;
    Some(ToolCall {
        id: id?,
        name,
        arguments,
    })
}

fn read_arguments(reader: &mut Reader, value: &Value, at: &Pointer) -> Option<Map<String, Value>> {
    let Value::String(text) = value else {
        return reader.object(value.clone(), at);
    };
    if text.is_empty() {
        return Some(Map::new());
    }
    let members = match reader.json(text, at)? {
        Value::Object(members) => Some(members),
        _ => None,
    };
    reader.check(members.is_some(), at, "a JSON object, or its text")?;
    members
}

/// A result in OpenAI's responses.
pub(super) fn read_output(
    reader: &mut Reader,
    members: &Map<String, Value>,
    at: &Pointer,
) -> Option<ToolResult> {
    let place = Pointer::root();
    read_answer(reader, members, at, ["call_id", "output"], &place)
}

/// A result among Anthropic's blocks; `place` is the place of the block in its message.
pub(super) fn read_block(
    reader: &mut Reader,
    members: &Map<String, Value>,
    at: &Pointer,
    place: &Pointer,
) -> Option<ToolResult> {
    read_answer(reader, members, at, ["tool_use_id", "content"], place)
}

fn read_answer(
    reader: &mut Reader,
    members: &Map<String, Value>,
    at: &Pointer,
    [id, content]: [&str; 2],
    place: &Pointer,
) -> Option<ToolResult> {
    let mut left_out = unread(members, &[id, content], place);
    let id = reader.member_text(members, id, at)?;
    let (at, place) = (at.key(content), place.key(content));
    let content = match members.get(content) {
        None | Some(Value::Null) => Content::default(),
        Some(Value::String(text)) => Content::Text(text.clone()),
        Some(Value::Array(parts)) => {
            Content::Parts(read_parts(reader, parts, &at, &place, &mut left_out))
        }
        Some(other) => {
            reader.wrong_type(&at, "str or list of parts", kind(other));
            return None;
        }
    };
    Some(ToolResult {
        id,
        content,
        left_out,
    })
}

/// A result among the AI SDK's parts; `place` is the place of the part in its message.
pub(super) fn read_sdk_result(
    reader: &mut Reader,
    members: &Map<String, Value>,
    at: &Pointer,
    place: &Pointer,
) -> Option<ToolResult> {
    let id = reader.member_text(members, "toolCallId", at)?;
    let output = reader.member(members, "output", at)?.clone();
    let output = reader.object(output, &at.key("output"))?;
    let value = output.get("value").cloned().unwrap_or_default();
    let at = at.key("output").key("value");
    let mut left_out = unread(members, &["toolCallId", "toolName", "output"], place);
    let place = place.key("output");
    left_out.extend(unread(&output, &["type", "value", "reason"], &place));
    let r#type = output.get("type").and_then(Value::as_str);
    // A failure or a refusal is more than its text.
    if matches!(
        r#type,
        Some("error-text" | "error-json" | "execution-denied")
    ) {
        left_out.push(place.key("type").to_string());
    }
    let content = match (r#type, value) {
        (Some("content"), Value::Array(parts)) => {
            let place = place.key("value");
            Content::Parts(read_parts(reader, &parts, &at, &place, &mut left_out))
        }
        (Some("execution-denied"), _) => {
            let reason = output.get("reason").and_then(Value::as_str);
            Content::from(reason.unwrap_or("The tool was not allowed to run."))
        }
        (_, Value::String(text)) => Content::Text(text),
        (_, other) => Content::Text(json::text(&other)),
    };
    Some(ToolResult {
        id,
        content,
        left_out,
    })
}

/// The parts of a result; `place` is their place in the incoming message.
fn read_parts(
    reader: &mut Reader,
    parts: &[Value],
    at: &Pointer,
    place: &Pointer,
    left_out: &mut Vec<String>,
) -> Vec<Part> {
    let mut read = Vec::with_capacity(parts.len());
    for (index, part) in parts.iter().enumerate() {
        let at = at.item(index);
        let Value::Object(members) = part else {
            reader.wrong_type(&at, "dict", kind(part));
            continue;
        };
        let r#type = members.get("type").and_then(Value::as_str);
        let Some((part, known)) = read_part(reader, r#type.unwrap_or_default(), members, &at)
        else {
            continue;
        };
        if !known.is_empty() {
            left_out.extend(unread(members, known, &place.item(index)));
        }
        read.push(part);
    }
    read
}
