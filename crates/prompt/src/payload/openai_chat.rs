//! OpenAI's chat completions.

use serde_json::{Map, Value, json};

use super::{Draft, Provider, parameters, parts, places};
use crate::document::{Content, Part, Role};
use crate::json::Pointer;
use crate::rendered::Rendered;
use crate::rendered_message::{RenderedMessage, ToolCall};

pub(super) fn write(rendered: &Rendered, draft: &mut Draft) {
    if let Some(model) = draft.model.clone() {
        draft.set("model", model);
    }
    let messages: Vec<_> = places(rendered)
        .map(|(at, message)| write_message(draft, message, &at))
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

fn write_message(draft: &mut Draft, message: &RenderedMessage, at: &Pointer) -> Value {
    let mut out = Map::new();
    out.insert("role".to_owned(), message.role.as_str().into());
    let content = write_content(draft, message, at);
    // A model that only called tools said nothing.
    let only_calls = !message.tool_calls.is_empty() && says_nothing(&content);
    if !only_calls {
        out.insert("content".to_owned(), content);
    }
    match (&message.name, message.role) {
        (Some(_), Role::Tool) => draft.loses(&at.key("name"), "a tool message has no name"),
        (Some(name), _) => drop(out.insert("name".to_owned(), name.as_str().into())),
        (None, _) => {}
    }
    if !message.tool_calls.is_empty() {
        out.insert(
            "tool_calls".to_owned(),
            message.tool_calls.iter().map(write_call).collect(),
        );
    }
    match (&message.tool_call_id, message.role) {
        (Some(id), Role::Tool) => drop(out.insert("tool_call_id".to_owned(), id.as_str().into())),
        (None, Role::Tool) => draft.fails(at, "a tool message needs the id of a call"),
        _ => {}
    }
    out.into()
}

fn write_content(draft: &mut Draft, message: &RenderedMessage, at: &Pointer) -> Value {
    if let Content::Text(text) = &message.content {
        return json!(text);
    }
    let own: &[&str] = match message.role {
        Role::User => &["input_audio", "file"],
        Role::Assistant => &["refusal"],
        _ => &[],
    };
    let parts = parts(draft, message, at, message.role == Role::User, own);
    let part = |(_, part): (usize, &Part)| match part {
        Part::Text { text } => json!({ "type": "text", "text": text }),
        Part::Image { image } => json!({ "type": "image_url", "image_url": { "url": image } }),
        Part::Other(part) => json!(part),
    };
    parts.into_iter().map(part).collect()
}

fn says_nothing(content: &Value) -> bool {
    content.as_str() == Some("") || content.as_array().is_some_and(Vec::is_empty)
}

fn write_call(call: &ToolCall) -> Value {
    let arguments = Value::Object(call.arguments.clone()).to_string();
    json!({ "id": call.id, "type": "function", "function": { "name": call.name, "arguments": arguments } })
}
