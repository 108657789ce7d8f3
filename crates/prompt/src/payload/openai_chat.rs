//! OpenAI's chat completions.

use serde_json::{Map, Value, json};

use super::{Has, Own, Provider, RequestDraft, answered, parameters, parts, places};
use crate::document::{Content, Part, Role};
use crate::json::Pointer;
use crate::rendered::Rendered;
use crate::rendered_message::{RenderedMessage, ToolCall};

pub(super) fn write(rendered: &Rendered, draft: &mut RequestDraft) {
    if let Some(model) = draft.model.clone() {
        draft.set("model", model);
    }
    let messages: Vec<_> = places(rendered)
        .filter_map(|(at, message)| write_message(draft, message, &at))
        .collect();
    draft.set("messages", messages);
    for (key, value) in [
        ("tools", rendered.tools.clone().map(Value::from)),
        ("tool_choice", rendered.tool_choice.clone()),
        ("response_format", rendered.response_format.clone()),
    ] {
        if let Some(value) = value {
            draft.set(key, value);
        }
    }
    parameters::write(rendered, draft, Provider::OpenaiChat);
}

fn write_message(
    draft: &mut RequestDraft,
    message: &RenderedMessage,
    at: &Pointer,
) -> Option<Value> {
    let mut out = Map::new();
    out.insert("role".to_owned(), message.role.as_str().into());
    let call_id = match message.role {
        Role::Tool => Some(answered(draft, message, at)?),
        _ => None,
    };
    let (mut content, custom) = write_content(draft, message, at);
    let calls: Vec<_> = message
        .tool_calls
        .iter()
        .map(write_call)
        .chain(custom)
        .collect();
    // The model's message may be lost as a whole; one that only called tools has no content.
    if content.as_array().is_some_and(Vec::is_empty) {
        if call_id.is_none() && calls.is_empty() {
            draft.loses(at, "a message without content cannot be sent");
            return None;
        }
        content = json!("");
    }
    if calls.is_empty() || content.as_str() != Some("") {
        out.insert("content".to_owned(), content);
    }
    match (&message.name, message.role) {
        (Some(_), Role::Tool) => draft.loses(&at.key("name"), "a tool message has no name"),
        (Some(name), _) => drop(out.insert("name".to_owned(), name.as_str().into())),
        (None, _) => {}
    }
    if !calls.is_empty() {
        out.insert("tool_calls".to_owned(), calls.into());
    }
    if let Some(id) = call_id {
        out.insert("tool_call_id".to_owned(), id.into());
    }
    Some(out.into())
}

/// The content, and calls of tools that are no functions.
fn write_content(
    draft: &mut RequestDraft,
    message: &RenderedMessage,
    at: &Pointer,
) -> (Value, Vec<Value>) {
    if let Content::Text(text) = &message.content {
        return (json!(text), Vec::new());
    }
    let own: &Own = match message.role {
        Role::User => &[
            ("input_audio", Has::Object("input_audio")),
            ("file", Has::Object("file")),
        ],
        Role::Assistant => &[
            ("refusal", Has::Text("refusal")),
            ("custom", Has::Object("custom")),
        ],
        _ => &[],
    };
    let mut calls = Vec::new();
    let parts = parts(draft, message, at, message.role == Role::User, own);
    let part = |(_, part): (usize, &Part)| match part {
        Part::Text { text } => Some(json!({ "type": "text", "text": text })),
        Part::Image { image } => {
            Some(json!({ "type": "image_url", "image_url": { "url": image } }))
        }
        Part::Other(part) if part.contains_key("custom") => {
            calls.push(json!(part));
            None
        }
        Part::Other(part) => Some(json!(part)),
    };
    let content = parts.into_iter().filter_map(part).collect();
    (content, calls)
}

fn write_call(call: &ToolCall) -> Value {
    let arguments = Value::Object(call.arguments.clone()).to_string();
    json!({ "id": call.id, "type": "function", "function": { "name": call.name, "arguments": arguments } })
}
