//! Messages of a conversation, as a `messages` input has them: data that is never rendered as a template.
//!
//! They have our shape or that of an SDK: OpenAI's chat completions and responses, Anthropic's messages,
//! the AI SDK's `ModelMessage`. An unknown part is kept unchanged, and a member without a place is listed in
//! [`RenderedMessage::left_out`].

mod part;
mod parts;
mod said;
mod tool;

use serde_json::{Map, Value};

use crate::document::{Content, Part, Reader, Role};
use crate::issue;
use crate::json::{Pointer, kind};
use crate::rendered_message::RenderedMessage;
use said::{Said, ToolResult, says};

/// The roles of a conversation: people, models and tools. Instructions belong to the document.
pub(crate) const SPEAKERS: &[Role] = &[Role::User, Role::Assistant, Role::Tool];

/// Members of SDK messages that are not part of the conversation.
const BESIDE: [&str; 19] = [
    "_request_id",
    "container",
    "created_at",
    "diagnostics",
    "id",
    "index",
    "logprobs",
    "model",
    "object",
    "parsed",
    "parsed_arguments",
    "parsed_output",
    "status",
    "stop_details",
    "stop_reason",
    "stop_sequence",
    "timestamp",
    "type",
    "usage",
];

/// Reads a conversation; every faulty message is reported.
pub(crate) fn read_all(
    reader: &mut Reader,
    items: &[Value],
    at: &Pointer,
    roles: &[Role],
) -> Vec<RenderedMessage> {
    let mut messages: Vec<RenderedMessage> = Vec::with_capacity(items.len());
    for (index, item) in items.iter().enumerate() {
        if reader.is_full() {
            break;
        }
        let at = at.item(index);
        let Value::Object(members) = item else {
            reader.wrong_type(&at, "dict", kind(item));
            continue;
        };
        match item_type(members) {
            Some(r#type) => read_item(reader, &mut messages, r#type, members, &at),
            None => messages.extend(read(reader, members, &at, roles).into_iter().flatten()),
        }
    }
    messages
}

/// The type of an item of OpenAI's responses that is not a message. A reference to an item has an `id` alone.
fn item_type(members: &Map<String, Value>) -> Option<&str> {
    if members.contains_key("role") {
        return None;
    }
    match members.get("type") {
        Some(Value::String(r#type)) => Some(r#type.as_str()).filter(|r#type| *r#type != "message"),
        None | Some(Value::Null) if members.contains_key("id") && members.len() <= 2 => {
            Some("item_reference")
        }
        _ => None,
    }
}

/// An item of OpenAI's responses that is not a message. The calls of one turn go into one message.
fn read_item(
    reader: &mut Reader,
    messages: &mut Vec<RenderedMessage>,
    r#type: &str,
    members: &Map<String, Value>,
    at: &Pointer,
) {
    match r#type {
        "function_call" => {
            let known = ["call_id", "name", "arguments"];
            let call = tool::read_call(reader, members, at, known);
            if messages
                .last()
                .is_none_or(|last| last.role != Role::Assistant)
            {
                messages.push(RenderedMessage {
                    role: Role::Assistant,
                    ..RenderedMessage::default()
                });
            }
            if let Some(last) = messages.last_mut() {
                let place = Pointer::root().key("toolCalls").item(last.tool_calls.len());
                last.left_out.extend(unread(members, &known, &place));
                last.tool_calls.extend(call);
            }
        }
        "function_call_output" => {
            messages.extend(tool::read_output(reader, members, at).map(ToolResult::into_message));
        }
        _ => {
            let mut item = members.clone();
            item.insert("type".to_owned(), r#type.into());
            messages.push(RenderedMessage {
                role: Role::Assistant,
                content: Content::Parts(vec![Part::Other(item)]),
                ..RenderedMessage::default()
            });
        }
    }
}

/// The members that carry content and have no place in a rendered message, as pointers below `at`.
fn unread(members: &Map<String, Value>, known: &[&str], at: &Pointer) -> Vec<String> {
    members
        .iter()
        .filter(|(key, value)| {
            let key = key.as_str();
            !known.contains(&key) && !BESIDE.contains(&key) && says(value) && !is_direct(key, value)
        })
        .map(|(key, _)| at.key(key).to_string())
        .collect()
}

/// A model calls a tool by itself, where nothing else is said.
fn is_direct(key: &str, value: &Value) -> bool {
    key == "caller" && value.get("type").and_then(Value::as_str) == Some("direct")
}

/// A message; the answers of tools in it are messages of their own, before it.
fn read(
    reader: &mut Reader,
    members: &Map<String, Value>,
    at: &Pointer,
    roles: &[Role],
) -> Option<Vec<RenderedMessage>> {
    let role = reader.member(members, "role", at)?.clone();
    let names: Vec<&str> = roles.iter().map(|role| role.as_str()).collect();
    let role = reader.one_of(role, &at.key("role"), &names, |text| {
        Role::parse(text).filter(|role| roles.contains(role))
    })?;
    let calls_key = spelling(reader, members, at, ["toolCalls", "tool_calls"]);
    let calls = members.get(calls_key).filter(|calls| says(calls));
    let mut said = Said::default();
    if let Some(calls) = calls {
        let at = at.key(calls_key);
        reader.check(
            role == Role::Assistant,
            &at,
            "no tool calls: only an assistant calls tools",
        )?;
        tool::read_calls(reader, calls, &at, &mut said);
    }
    match members.get("content") {
        Some(Value::String(text)) => said.text = Some(text.clone()),
        Some(Value::Array(parts)) => {
            said.is_list = true;
            parts::read_all(reader, parts, role, &at.key("content"), &mut said);
        }
        // A model's message that was cut off, or that has only tool calls or audio.
        Some(Value::Null) if role == Role::Assistant => {}
        None if role == Role::Assistant && members.len() > 1 => {}
        None => drop(reader.member(members, "content", at)),
        Some(other) => reader.wrong_type(&at.key("content"), "str or list of parts", kind(other)),
    }
    if let Some(refusal @ Value::String(text)) = members.get("refusal")
        && !text.is_empty()
    {
        let part = [
            ("type", Value::from("refusal")),
            ("refusal", refusal.clone()),
        ];
        let part = part.map(|(key, value)| (key.to_owned(), value));
        said.parts.push(Part::Other(Map::from_iter(part)));
    }
    let id_key = spelling(reader, members, at, ["toolCallId", "tool_call_id"]);
    let call_id = optional_text(reader, members, id_key, at);
    let answers = !said.results.is_empty() || said.is_other();
    if role == Role::Tool && !members.contains_key(id_key) && !answers {
        let message = "a tool message names the call that it answers";
        reader.issue(issue::MISSING_FIELD, &at.key("toolCallId"), message);
    }
    let known = [
        "role", "content", "name", "refusal", "leftOut", calls_key, id_key,
    ];
    said.left_out
        .extend(unread(members, &known, &Pointer::root()));
    let kept = members.get("leftOut").and_then(Value::as_array);
    let kept = kept.into_iter().flatten().filter_map(Value::as_str);
    said.left_out.extend(kept.map(str::to_owned));
    let name = optional_text(reader, members, "name", at);
    Some(said.into_messages(role, name, call_id))
}

/// The spelling that an object uses of two; both at once are a conflict.
fn spelling(
    reader: &mut Reader,
    members: &Map<String, Value>,
    at: &Pointer,
    [ours, theirs]: [&'static str; 2],
) -> &'static str {
    match (members.get(ours), members.get(theirs)) {
        (Some(_), Some(_)) => {
            let message = format!("`{theirs}` is another spelling of `{ours}`; give one of them");
            reader.issue(issue::CONFLICT, &at.key(theirs), message);
            ours
        }
        (None, Some(_)) => theirs,
        _ => ours,
    }
}

fn optional_text(
    reader: &mut Reader,
    members: &Map<String, Value>,
    key: &str,
    at: &Pointer,
) -> Option<String> {
    match members.get(key) {
        None | Some(Value::Null) => None,
        Some(_) => reader.member_text(members, key, at),
    }
}
