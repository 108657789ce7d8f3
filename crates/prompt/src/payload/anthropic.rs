//! Anthropic's messages.

use serde_json::{Map, Value, json};

use super::{
    Has, Own, Provider, RequestDraft, answered, chosen, function, parameters, parts, places, texts,
};
use crate::document::{Part, Role};
use crate::image::data_url;
use crate::json::Pointer;
use crate::rendered::Rendered;
use crate::rendered_message::RenderedMessage;

pub(super) fn write(rendered: &Rendered, draft: &mut RequestDraft) {
    if let Some(model) = draft.model.clone() {
        draft.set("model", model);
    }
    if rendered
        .parameters
        .as_ref()
        .is_none_or(|parameters| !parameters.contains_key("maxTokens"))
    {
        draft.wants(
            &Pointer::root().key("parameters").key("maxTokens"),
            "a request needs max_tokens",
        );
    }
    let mut system = Vec::new();
    let mut messages: Vec<AnthropicTurn> = Vec::new();
    for (at, message) in places(rendered) {
        if message.name.is_some() {
            draft.loses(&at.key("name"), "messages have no name here");
        }
        if matches!(message.role, Role::System | Role::Developer) {
            if !messages.is_empty() {
                draft.loses(
                    &at,
                    "instructions come before all messages; this one was moved there",
                );
            }
            let blocks = texts(draft, message, &at).into_iter();
            system.extend(blocks.filter(|text| !text.is_empty()).map(text_block));
        } else {
            write_turn(draft, &mut messages, message, &at);
        }
    }
    match system.as_slice() {
        [] => {}
        [only] => draft.set("system", only.get("text").cloned().unwrap_or_default()),
        _ => draft.set("system", system),
    }
    draft.set(
        "messages",
        messages
            .into_iter()
            .map(AnthropicTurn::into_value)
            .collect::<Value>(),
    );
    write_tools(rendered, draft);
    if let Some(format) = &rendered.response_format {
        let at = Pointer::root().key("responseFormat");
        match (
            format.get("type").and_then(Value::as_str),
            format.pointer("/json_schema/schema"),
        ) {
            (Some("json_schema"), Some(schema)) => {
                draft.set_in(
                    "output_config",
                    "format",
                    json!({ "type": "json_schema", "schema": schema }),
                );
            }
            (Some("text"), _) => {}
            _ => draft.loses(&at, "there is no response format json_object"),
        }
    }
    parameters::write(rendered, draft, Provider::Anthropic);
}

struct AnthropicTurn {
    role: &'static str,
    blocks: Vec<Value>,
    /// Results of tools: the API wants adjacent ones in one message.
    results: bool,
}

impl AnthropicTurn {
    /// A single text is written as a string.
    fn into_value(self) -> Value {
        match self.blocks.as_slice() {
            [only] if only.get("type") == Some(&json!("text")) => {
                json!({ "role": self.role, "content": only.get("text") })
            }
            _ => json!({ "role": self.role, "content": self.blocks }),
        }
    }
}

/// Blocks of the API's own kind, in user messages and in results of tools.
const GIVEN: [(&str, Has); 7] = [
    ("document", Has::Object("source")),
    ("search_result", Has::List("content")),
    ("container_upload", Has::Text("file_id")),
    ("tool_reference", Has::Text("tool_name")),
    ("browser_state", Has::Nothing),
    // A block that only the API can read, by the id of a file.
    ("image", Has::Object("source")),
    ("mcp_tool_listing", Has::Nothing),
];

/// Blocks of the API's own kind, in the model's messages.
const SAID: [(&str, Has); 16] = [
    ("thinking", Has::Text("thinking")),
    ("redacted_thinking", Has::Text("data")),
    ("server_tool_use", Has::Text("id")),
    ("web_search_tool_result", Has::Text("tool_use_id")),
    ("web_fetch_tool_result", Has::Text("tool_use_id")),
    ("code_execution_tool_result", Has::Text("tool_use_id")),
    ("bash_code_execution_tool_result", Has::Text("tool_use_id")),
    (
        "text_editor_code_execution_tool_result",
        Has::Text("tool_use_id"),
    ),
    ("tool_search_tool_result", Has::Text("tool_use_id")),
    ("advisor_tool_result", Has::Text("tool_use_id")),
    ("mcp_tool_use", Has::Text("id")),
    ("mcp_tool_result", Has::Text("tool_use_id")),
    ("mcp_tool_listing", Has::Nothing),
    ("container_upload", Has::Text("file_id")),
    ("compaction", Has::Nothing),
    ("fallback", Has::Nothing),
];

fn text_block(text: &str) -> Value {
    json!({ "type": "text", "text": text })
}

fn write_turn(
    draft: &mut RequestDraft,
    messages: &mut Vec<AnthropicTurn>,
    message: &RenderedMessage,
    at: &Pointer,
) {
    if message.role == Role::Tool {
        let Some(id) = answered(draft, message, at) else {
            return;
        };
        let content = write_blocks(draft, message, at);
        let result = json!({ "type": "tool_result", "tool_use_id": id, "content": content });
        match messages.last_mut() {
            Some(turn) if turn.results => turn.blocks.push(result),
            _ => messages.push(AnthropicTurn {
                role: "user",
                blocks: vec![result],
                results: true,
            }),
        }
        return;
    }
    let mut blocks = write_blocks(draft, message, at);
    blocks.extend(message.tool_calls.iter().map(|call| {
        json!({ "type": "tool_use", "id": call.id, "name": call.name, "input": call.arguments })
    }));
    if blocks.is_empty() {
        draft.loses(at, "a message without content cannot be sent");
        return;
    }
    let role = if message.role == Role::User {
        "user"
    } else {
        "assistant"
    };
    messages.push(AnthropicTurn {
        role,
        blocks,
        results: false,
    });
}

fn write_blocks(draft: &mut RequestDraft, message: &RenderedMessage, at: &Pointer) -> Vec<Value> {
    if let Some(text) = message.content.text() {
        let text = Some(text).filter(|text| !text.is_empty());
        return text.into_iter().map(text_block).collect();
    }
    let mut blocks = Vec::new();
    let is_said = message.role == Role::Assistant;
    let own: &Own = if is_said { &SAID } else { &GIVEN };
    for (index, part) in parts(draft, message, at, !is_said, own) {
        match part {
            Part::Text { text } if text.is_empty() => {}
            Part::Text { text } => blocks.push(text_block(text)),
            Part::Image { image } => {
                let at = at.key("content").item(index).key("image");
                blocks.extend(
                    image_source(draft, image, &at)
                        .map(|source| json!({ "type": "image", "source": source })),
                );
            }
            Part::Other(part) => blocks.push(json!(part)),
        }
    }
    blocks
}

fn image_source(draft: &mut RequestDraft, image: &str, at: &Pointer) -> Option<Value> {
    let Some((subtype, data)) = data_url(image) else {
        return Some(json!({ "type": "url", "url": image }));
    };
    if !["jpeg", "png", "gif", "webp"].contains(&subtype) {
        draft.fails(
            at,
            "an image is image/jpeg, image/png, image/gif or image/webp",
        );
        return None;
    }
    Some(json!({ "type": "base64", "media_type": format!("image/{subtype}"), "data": data }))
}

fn write_tools(rendered: &Rendered, draft: &mut RequestDraft) {
    let Some(tools) = &rendered.tools else { return };
    draft.set("tools", tools.iter().map(write_tool).collect::<Value>());
    let parameters = rendered.parameters.as_ref();
    let one_call = parameters.and_then(|p| p.get("parallelToolCalls")) == Some(&json!(false));
    let mut choice = match &rendered.tool_choice {
        Some(choice) => match (choice.as_str(), chosen(choice)) {
            (Some("none"), _) => json!({ "type": "none" }),
            (Some("required"), _) => json!({ "type": "any" }),
            (_, Some(name)) => json!({ "type": "tool", "name": name }),
            _ => json!({ "type": "auto" }),
        },
        None if one_call => json!({ "type": "auto" }),
        None => return,
    };
    if let (true, Value::Object(members)) =
        (one_call && choice != json!({ "type": "none" }), &mut choice)
    {
        members.insert("disable_parallel_tool_use".to_owned(), true.into());
    }
    draft.set("tool_choice", choice);
}

fn write_tool(tool: &Value) -> Value {
    let Some(function) = function(tool) else {
        return tool.clone();
    };
    let mut out = super::pick(function, &["name", "description", "strict"]);
    let parameters = function.get("parameters").and_then(Value::as_object);
    let mut schema = parameters.cloned().unwrap_or_else(Map::new);
    schema.entry("type").or_insert_with(|| "object".into());
    out.insert("input_schema".to_owned(), schema.into());
    out.into()
}
