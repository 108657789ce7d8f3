//! OpenAI's responses.

use serde_json::{Map, Value, json};

use super::{Draft, Provider, chosen, function, parameters, parts, pick, places, texts};
use crate::document::{Content, Part, Role};
use crate::json::Pointer;
use crate::rendered::Rendered;
use crate::rendered_message::RenderedMessage;

pub(super) fn write(rendered: &Rendered, draft: &mut Draft) {
    if let Some(model) = draft.model.clone() {
        draft.set("model", model);
    }
    let mut input = Vec::new();
    for (at, message) in places(rendered) {
        write_message(draft, &mut input, message, &at);
    }
    draft.set("input", input);
    if let Some(tools) = &rendered.tools {
        draft.set("tools", tools.iter().map(write_tool).collect::<Value>());
    }
    if let Some(choice) = &rendered.tool_choice {
        let choice = chosen(choice).map_or_else(
            || choice.clone(),
            |name| json!({ "type": "function", "name": name }),
        );
        draft.set("tool_choice", choice);
    }
    if let Some(format) = &rendered.response_format {
        let mut flat = pick(format.as_object().unwrap_or(&Map::new()), &["type"]);
        if let Some(Value::Object(schema)) = format.get("json_schema") {
            flat.extend(schema.clone());
        }
        draft.set_in("text", "format", flat);
    }
    parameters::write(rendered, draft, Provider::OpenaiResponses);
}

fn write_message(
    draft: &mut Draft,
    input: &mut Vec<Value>,
    message: &RenderedMessage,
    at: &Pointer,
) {
    if message.name.is_some() {
        draft.loses(&at.key("name"), "messages have no name here");
    }
    match message.role {
        Role::Tool => {
            let output = texts(draft, message, at).concat();
            match &message.tool_call_id {
                Some(id) => input.push(
                    json!({ "type": "function_call_output", "call_id": id, "output": output }),
                ),
                None => draft.fails(at, "a tool message needs the id of a call"),
            }
        }
        Role::Assistant => {
            let before = input.len();
            let mut text = message.content.text().unwrap_or_default().to_owned();
            for (_, part) in parts(draft, message, at, false, &ITEMS) {
                match part {
                    Part::Text { text: more } => text.push_str(more),
                    // An item of its own, beside messages.
                    Part::Other(item) => input.push(json!(item)),
                    Part::Image { .. } => {}
                }
            }
            let says_more = !message.tool_calls.is_empty() || input.len() > before;
            if !text.is_empty() || !says_more {
                input.push(json!({ "role": "assistant", "content": text }));
            }
        }
        role => {
            let content = write_content(draft, message, at);
            input.push(json!({ "role": role.as_str(), "content": content }));
        }
    }
    input.extend(message.tool_calls.iter().map(|call| {
        let arguments = Value::Object(call.arguments.clone()).to_string();
        json!({ "type": "function_call", "call_id": call.id, "name": call.name, "arguments": arguments })
    }));
}

fn write_content(draft: &mut Draft, message: &RenderedMessage, at: &Pointer) -> Value {
    if let Content::Text(text) = &message.content {
        return json!(text);
    }
    let part = |(_, part): (usize, &Part)| match part {
        Part::Text { text } => json!({ "type": "input_text", "text": text }),
        Part::Image { image } => {
            json!({ "type": "input_image", "image_url": image, "detail": "auto" })
        }
        Part::Other(part) => json!(part),
    };
    let is_user = message.role == Role::User;
    let own: &[&str] = if is_user { &["input_file"] } else { &[] };
    let parts = parts(draft, message, at, is_user, own);
    parts.into_iter().map(part).collect()
}

/// What the API gives beside messages and calls of functions, and takes back as it is.
const ITEMS: [&str; 5] = [
    "reasoning",
    "web_search_call",
    "file_search_call",
    "code_interpreter_call",
    "custom_tool_call",
];

/// A function is strict by default here, and not in chat completions, whose shape the document has.
fn write_tool(tool: &Value) -> Value {
    let Some(function) = function(tool) else {
        return tool.clone();
    };
    let mut flat = pick(function, &["name", "description"]);
    flat.insert("type".to_owned(), "function".into());
    for (key, default) in [("parameters", Value::Null), ("strict", false.into())] {
        flat.insert(
            key.to_owned(),
            function.get(key).cloned().unwrap_or(default),
        );
    }
    flat.into()
}
