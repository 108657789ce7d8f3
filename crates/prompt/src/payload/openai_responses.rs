//! OpenAI's responses.

use serde_json::{Map, Value, json};

use super::{
    Has, Own, Provider, RequestDraft, answered, chosen, function, parameters, parts, pick, places,
};
use crate::document::{Content, Part, Role};
use crate::json::Pointer;
use crate::rendered::Rendered;
use crate::rendered_message::RenderedMessage;

pub(super) fn write(rendered: &Rendered, draft: &mut RequestDraft) {
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
    draft: &mut RequestDraft,
    input: &mut Vec<Value>,
    message: &RenderedMessage,
    at: &Pointer,
) {
    if message.name.is_some() {
        draft.loses(&at.key("name"), "messages have no name here");
    }
    match message.role {
        Role::Tool => {
            if let Some(id) = answered(draft, message, at) {
                let output = write_output(draft, message, at);
                input.push(
                    json!({ "type": "function_call_output", "call_id": id, "output": output }),
                );
            }
        }
        Role::Assistant => {
            let before = input.len();
            let lost = draft.losses.len();
            let mut text = message.content.text().unwrap_or_default().to_owned();
            for (_, part) in parts(draft, message, at, false, &ITEMS) {
                match part {
                    Part::Text { text: more } => text.push_str(more),
                    // An item of its own, beside messages.
                    Part::Other(item) => input.push(json!(item)),
                    Part::Image { .. } => {}
                }
            }
            let is_lost = draft.losses.len() > lost;
            let says_more = !message.tool_calls.is_empty() || input.len() > before || is_lost;
            if !text.is_empty() || !says_more {
                input.push(json!({ "role": "assistant", "content": text }));
            }
        }
        role => {
            let content = write_content(draft, message, at);
            let is_lost = content.as_array().is_some_and(Vec::is_empty);
            if is_lost {
                draft.loses(at, "a message without content cannot be sent");
            } else {
                input.push(json!({ "role": role.as_str(), "content": content }));
            }
        }
    }
    input.extend(message.tool_calls.iter().map(|call| {
        let arguments = Value::Object(call.arguments.clone()).to_string();
        json!({ "type": "function_call", "call_id": call.id, "name": call.name, "arguments": arguments })
    }));
}

fn write_content(draft: &mut RequestDraft, message: &RenderedMessage, at: &Pointer) -> Value {
    if let Content::Text(text) = &message.content {
        return json!(text);
    }
    let takes = matches!(message.role, Role::User | Role::Tool);
    let own: &Own = if takes {
        &[("input_file", Has::Nothing)]
    } else {
        &[]
    };
    let parts = parts(draft, message, at, takes, own);
    parts.into_iter().map(write_part).collect()
}

fn write_part((_, part): (usize, &Part)) -> Value {
    match part {
        Part::Text { text } => json!({ "type": "input_text", "text": text }),
        Part::Image { image } => {
            json!({ "type": "input_image", "image_url": image, "detail": "auto" })
        }
        Part::Other(part) => json!(part),
    }
}

/// The result of a tool: one text, unless it has other parts.
fn write_output(draft: &mut RequestDraft, message: &RenderedMessage, at: &Pointer) -> Value {
    let content = write_content(draft, message, at);
    let text: Option<String> = content.as_array().and_then(|parts| {
        let texts = parts.iter().map(|part| part.get("text")?.as_str());
        texts.collect()
    });
    text.map_or(content, Value::from)
}

/// Items that the API returns beside messages and function calls, and takes back unchanged.
const ITEMS: [(&str, Has); 28] = [
    ("reasoning", Has::List("summary")),
    ("item_reference", Has::Text("id")),
    ("web_search_call", Has::Text("id")),
    ("file_search_call", Has::Text("id")),
    ("code_interpreter_call", Has::Text("id")),
    ("image_generation_call", Has::Text("id")),
    ("computer_call", Has::Text("call_id")),
    ("computer_call_output", Has::Text("call_id")),
    ("custom_tool_call", Has::Text("call_id")),
    ("custom_tool_call_output", Has::Text("call_id")),
    ("local_shell_call", Has::Text("call_id")),
    ("local_shell_call_output", Has::Text("id")),
    ("shell_call", Has::Text("call_id")),
    ("shell_call_output", Has::Text("call_id")),
    ("apply_patch_call", Has::Text("call_id")),
    ("apply_patch_call_output", Has::Text("call_id")),
    ("mcp_call", Has::Text("id")),
    ("mcp_list_tools", Has::Text("id")),
    ("mcp_approval_request", Has::Text("id")),
    ("mcp_approval_response", Has::Text("approval_request_id")),
    ("tool_search_call", Has::Nothing),
    ("tool_search_output", Has::Nothing),
    ("additional_tools", Has::Nothing),
    ("configuration_update", Has::Nothing),
    ("compaction", Has::Text("encrypted_content")),
    ("compaction_trigger", Has::Nothing),
    ("program", Has::Nothing),
    ("program_output", Has::Nothing),
];

/// A function is strict by default here, unlike in chat completions, whose shape the document has.
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
