//! Google Gemini's `generateContent`.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::{Provider, RequestDraft, answered, chosen, function, parameters, parts, places, texts};
use crate::document::{Part, Role};
use crate::image::data_url;
use crate::json::Pointer;
use crate::rendered::Rendered;
use crate::rendered_message::RenderedMessage;

pub(super) fn write(rendered: &Rendered, draft: &mut RequestDraft) {
    let mut system = Vec::new();
    let mut contents: Vec<Value> = Vec::new();
    let mut calls = BTreeMap::new();
    let mut results = false;
    for (at, message) in places(rendered) {
        if message.name.is_some() {
            draft.loses(&at.key("name"), "messages have no name here");
        }
        if matches!(message.role, Role::System | Role::Developer) {
            if !contents.is_empty() {
                draft.loses(
                    &at,
                    "instructions come before all messages; this one was moved there",
                );
            }
            system.extend(
                texts(draft, message, &at)
                    .into_iter()
                    .map(|text| json!({ "text": text })),
            );
            continue;
        }
        calls.extend(
            message
                .tool_calls
                .iter()
                .map(|call| (call.id.as_str(), call.name.as_str())),
        );
        let parts = write_parts(draft, message, &calls, &at);
        if parts.is_empty() {
            draft.loses(&at, "a message without content cannot be sent");
            continue;
        }
        let role = if message.role == Role::Assistant {
            "model"
        } else {
            "user"
        };
        // The results of one turn's calls go into one turn.
        let together = message.role == Role::Tool && results;
        results = message.role == Role::Tool;
        match contents
            .last_mut()
            .and_then(|last| last.get_mut("parts")?.as_array_mut())
        {
            Some(last) if together => last.extend(parts),
            _ => contents.push(json!({ "role": role, "parts": parts })),
        }
    }
    draft.set("contents", contents);
    if !system.is_empty() {
        draft.set("systemInstruction", json!({ "parts": system }));
    }
    write_tools(rendered, draft);
    if let Some(format) = &rendered.response_format {
        if format.get("type").and_then(Value::as_str) != Some("text") {
            draft.set_in("generationConfig", "responseMimeType", "application/json");
        }
        if let Some(schema) = format.pointer("/json_schema/schema") {
            draft.set_in("generationConfig", "responseJsonSchema", schema.clone());
        }
    }
    parameters::write(rendered, draft, Provider::Gemini);
    if let Some(effort) = rendered
        .parameters
        .as_ref()
        .and_then(|parameters| parameters.get("reasoningEffort"))
    {
        let at = Pointer::root().key("parameters").key("reasoningEffort");
        match effort.as_str() {
            Some(level @ ("minimal" | "low" | "medium" | "high")) => {
                let level = json!({ "thinkingLevel": level.to_ascii_uppercase() });
                draft.set_in("generationConfig", "thinkingConfig", level);
            }
            _ => draft.loses(&at, "a thinking level is minimal, low, medium or high"),
        }
    }
}

fn write_parts(
    draft: &mut RequestDraft,
    message: &RenderedMessage,
    calls: &BTreeMap<&str, &str>,
    at: &Pointer,
) -> Vec<Value> {
    match message.role {
        Role::Tool => {
            let Some(id) = answered(draft, message, at) else {
                return Vec::new();
            };
            let output = texts(draft, message, at).concat();
            let Some(name) = calls.get(id) else {
                draft.fails(
                    at,
                    "a tool message needs the id of a call in a message before it",
                );
                return Vec::new();
            };
            vec![
                json!({ "functionResponse": { "id": id, "name": name, "response": { "output": output } } }),
            ]
        }
        Role::User => match message.content.text() {
            Some(text) => vec![json!({ "text": text })],
            None => {
                let parts = parts(draft, message, at, true, &[]).into_iter();
                parts.filter_map(|(_, part)| write_part(part)).collect()
            }
        },
        _ => {
            let texts = texts(draft, message, at).into_iter();
            let texts = texts.filter(|text| message.tool_calls.is_empty() || !text.is_empty());
            let mut parts: Vec<_> = texts.map(|text| json!({ "text": text })).collect();
            parts.extend(message.tool_calls.iter().map(|call| {
                json!({ "functionCall": { "id": call.id, "name": call.name, "args": call.arguments } })
            }));
            parts
        }
    }
}

fn write_part(part: &Part) -> Option<Value> {
    Some(match part {
        Part::Text { text } => json!({ "text": text }),
        Part::Image { image } => match data_url(image) {
            Some((subtype, data)) => {
                json!({ "inlineData": { "mimeType": format!("image/{subtype}"), "data": data } })
            }
            None => json!({ "fileData": file_data(image) }),
        },
        Part::Other(_) => return None,
    })
}

/// The API requires a media type; the path of a URL often has it.
fn file_data(url: &str) -> Value {
    let path = url
        .split(['?', '#'])
        .next()
        .unwrap_or_default()
        .to_ascii_lowercase();
    let types = [
        (".png", "png"),
        (".jpg", "jpeg"),
        (".jpeg", "jpeg"),
        (".webp", "webp"),
        (".heic", "heic"),
        (".heif", "heif"),
    ];
    let mut file = Map::from_iter([("fileUri".to_owned(), url.into())]);
    if let Some((_, subtype)) = types.iter().find(|(end, _)| path.ends_with(end)) {
        file.insert("mimeType".to_owned(), format!("image/{subtype}").into());
    }
    file.into()
}

fn write_tools(rendered: &Rendered, draft: &mut RequestDraft) {
    let mut declarations = Vec::new();
    for (index, tool) in rendered.tools.iter().flatten().enumerate() {
        let at = Pointer::root().key("tools").item(index);
        let Some(function) = function(tool) else {
            draft.loses(&at, "only functions can be tools");
            continue;
        };
        if function.get("strict") == Some(&json!(true)) {
            draft.loses(
                &at.key("function").key("strict"),
                "functions are not strict here",
            );
        }
        let mut declaration = super::pick(function, &["name", "description"]);
        if let Some(parameters) = function.get("parameters") {
            declaration.insert("parametersJsonSchema".to_owned(), parameters.clone());
        }
        declarations.push(Value::Object(declaration));
    }
    if declarations.is_empty() {
        return;
    }
    draft.set("tools", json!([{ "functionDeclarations": declarations }]));
    let Some(choice) = &rendered.tool_choice else {
        return;
    };
    let config = match (choice.as_str(), chosen(choice)) {
        (Some("none"), _) => json!({ "mode": "NONE" }),
        (Some("required"), _) => json!({ "mode": "ANY" }),
        (_, Some(name)) => json!({ "mode": "ANY", "allowedFunctionNames": [name] }),
        _ => json!({ "mode": "AUTO" }),
    };
    draft.set("toolConfig", json!({ "functionCallingConfig": config }));
}
