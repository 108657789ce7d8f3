//! OpenAI's prompt object (`pmpt_…`), and the body of a `responses.create` or `chat.completions.create` call.
//!
//! Its texts know `{{name}}` and nothing else of a template; what else looks like one stays as it is.

use serde_json::{Map, Value, json};

use super::Imported;
use super::source::{ImportSource, add_parameter, not_empty};
use crate::error::Result;
use crate::json::Pointer;

pub(super) fn import(mut source: ImportSource) -> Result<Imported> {
    let id = source.take_text("id");
    // The version number there; a commit here assigns its own.
    for key in [
        "object",
        "version",
        "created_at",
        "is_default",
        "stream",
        "store",
    ] {
        source.take(key);
    }
    let model = source.take("model").map(|model| match model {
        Value::String(name) if !name.contains('/') => json!(format!("openai/{name}")),
        other => other,
    });
    let mut messages = Vec::new();
    if let Some(instructions) = source.take("instructions") {
        said(instructions, "system", &mut messages);
    }
    for key in ["messages", "input"] {
        if let Some(value) = source.take(key) {
            said(value, "user", &mut messages);
        }
    }
    let ends_in_newline = messages.iter().any(ends_in_newline);
    let template = ends_in_newline.then(|| json!({ "keepTrailingNewline": true }));
    let inputs = inputs(source.take("variables"));
    let mut text = source.inner("text");
    let mut reasoning = source.inner("reasoning");
    let format = text.take("format").map(response_format);
    let format = format.or_else(|| source.take("response_format"));
    let tools = source.take("tools").map(tools);
    let choice = source
        .take("tool_choice")
        .map(|choice| nested(choice, &["name"]));
    let limit = source.take("max_output_tokens");
    let mut parameters = match source.take_parameters()? {
        Some(Value::Object(parameters)) => parameters,
        _ => Map::new(),
    };
    for (name, value) in [
        ("maxTokens", limit),
        ("verbosity", text.take("verbosity")),
        ("reasoningEffort", reasoning.take("effort")),
    ] {
        if let Some(value) = value {
            add_parameter(&mut parameters, &Pointer::root().key(name), name, value)?;
        }
    }
    let lost = [text.rest(), reasoning.rest()].concat();
    source.losses.extend(lost);
    let parameters = (!parameters.is_empty()).then(|| Value::Object(parameters));
    let metadata = source.take("metadata");
    source.finish(
        id,
        None,
        [
            ("messages", Some(messages.into())),
            ("inputs", inputs),
            ("model", model),
            ("parameters", parameters),
            ("tools", not_empty(tools)),
            ("toolChoice", choice),
            (
                "responseFormat",
                format.filter(|format| format.get("type") != Some(&json!("text"))),
            ),
            ("template", template),
            ("metadata", metadata),
        ],
    )
}

/// A text, or a list of messages; a message without a role gets `role`.
fn said(value: Value, role: &str, messages: &mut Vec<Value>) {
    match value {
        Value::String(text) => {
            messages.push(json!({ "role": role, "content": escaped(&text) }));
        }
        Value::Array(items) => {
            for item in items {
                let Value::Object(mut message) = item else {
                    said(item, role, messages);
                    continue;
                };
                message.retain(|key, value| {
                    !value.is_null() && !matches!(key.as_str(), "type" | "id" | "status")
                });
                message.entry("role").or_insert_with(|| role.into());
                let content = message.shift_remove("content").unwrap_or_default();
                message.insert("content".to_owned(), content_of(content));
                messages.push(message.into());
            }
        }
        // Any other value is left to the document's reader, which reports it.
        other => messages.push(other),
    }
}

fn content_of(content: Value) -> Value {
    match content {
        Value::String(text) => escaped(&text).into(),
        Value::Array(parts) => {
            let parts: Vec<Value> = parts.into_iter().map(part).collect();
            match parts.as_slice() {
                [only] if only.get("type") == Some(&json!("text")) => {
                    only.get("text").cloned().unwrap_or_default()
                }
                _ => parts.into(),
            }
        }
        other => other,
    }
}

fn part(part: Value) -> Value {
    let text = |key: &str| part.get(key).and_then(Value::as_str).map(escaped);
    match part.get("type").and_then(Value::as_str) {
        Some("input_text" | "output_text" | "text") => {
            json!({ "type": "text", "text": text("text") })
        }
        Some("input_image") => json!({ "type": "image", "image": text("image_url") }),
        Some("image_url") => {
            let url = part.pointer("/image_url/url").and_then(Value::as_str);
            json!({ "type": "image", "image": url.map(escaped) })
        }
        _ => part,
    }
}

fn ends_in_newline(message: &Value) -> bool {
    let ends = |value: &Value| value.as_str().is_some_and(|text| text.ends_with('\n'));
    let content = message.get("content");
    let parts = content.and_then(Value::as_array).into_iter().flatten();
    content.is_some_and(ends) || parts.filter_map(|part| part.get("text")).any(ends)
}

/// A template that prints `text` unchanged, but for its `{{name}}` variables.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('{') {
        let (before, from) = rest.split_at(at);
        out.push_str(before);
        if let Some(length) = variable(from) {
            let (variable, after) = from.split_at(length);
            out.push_str(variable);
            rest = after;
            continue;
        }
        let opens = ["{{", "{%", "{#"]
            .into_iter()
            .find(|open| from.starts_with(open));
        let (shown, length) = match opens {
            Some(open) => (format!("{{{{ '{open}' }}}}"), open.len()),
            None => ("{".to_owned(), 1),
        };
        out.push_str(&shown);
        rest = from.split_at(length).1;
    }
    out.push_str(rest);
    out
}

/// The length of the `{{name}}` that a text begins with.
fn variable(text: &str) -> Option<usize> {
    let inner = text.strip_prefix("{{")?;
    let end = inner.find("}}")?;
    let name = inner.split_at(end).0.trim();
    let mut chars = name.chars();
    let first = chars
        .next()
        .is_some_and(|c| c.is_ascii_alphabetic() || c == '_');
    let rest = chars.all(|c| c.is_ascii_alphanumeric() || c == '_');
    (first && rest).then_some(end + 4)
}

/// Variables by name: with an example, or with the value that fills it.
fn inputs(variables: Option<Value>) -> Option<Value> {
    let names: Vec<(String, bool)> = match variables? {
        Value::Object(variables) => variables
            .into_iter()
            .map(|(name, value)| (name, value.get("type") == Some(&json!("input_image"))))
            .collect(),
        Value::Array(variables) => variables
            .iter()
            .filter_map(|variable| variable.as_str().or(variable.get("name")?.as_str()))
            .map(|name| (name.to_owned(), false))
            .collect(),
        _ => return None,
    };
    let input = |(name, is_image)| {
        let kind = if is_image { "image" } else { "str" };
        json!({ "name": name, "type": kind })
    };
    not_empty(Some(names.into_iter().map(input).collect()))
}

/// `{type, name, schema, strict}` becomes `{type, json_schema: {name, schema, strict}}`.
fn response_format(format: Value) -> Value {
    match format {
        Value::Object(mut members) if members.contains_key("schema") => {
            let kind = members.shift_remove("type");
            members.retain(|_, value| !value.is_null());
            json!({ "type": kind, "json_schema": members })
        }
        other => other,
    }
}

fn tools(tools: Value) -> Value {
    match tools {
        Value::Array(tools) => {
            let keys = ["name", "description", "parameters", "strict"];
            tools.into_iter().map(|tool| nested(tool, &keys)).collect()
        }
        other => other,
    }
}

/// `{type: "function", name, …}` becomes `{type, function: {name, …}}`.
fn nested(value: Value, keys: &[&str]) -> Value {
    let Value::Object(members) = &value else {
        return value;
    };
    let is_flat = members.get("type") == Some(&json!("function")) && members.contains_key("name");
    if !is_flat {
        return value;
    }
    let own = members
        .iter()
        .filter(|(key, value)| keys.contains(&key.as_str()) && !value.is_null());
    let function: Map<String, Value> = own
        .map(|(key, value)| (key.clone(), value.clone()))
        .collect();
    json!({ "type": "function", "function": function })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Document, Prompt, System};

    #[test]
    fn a_prompt_object_becomes_a_document() {
        let object = json!({
            "id": "pmpt_123", "object": "prompt", "version": "2", "model": "gpt-5.6",
            "instructions": "You greet {{name}}. JSON looks so: {{\"a\": 1}} {% raw",
            "input": [
                { "type": "message", "role": "user", "content": [{ "type": "input_text", "text": "Hello {{ name }}" }] },
                { "role": "user", "content": [
                    { "type": "input_text", "text": "Look" }, { "type": "input_image", "image_url": "{{picture}}" },
                ] },
            ],
            "variables": { "name": "Ada", "picture": { "type": "input_image" } },
            "tools": [{ "type": "function", "name": "f", "parameters": { "type": "object" }, "strict": true }, { "type": "web_search" }],
            "tool_choice": { "type": "function", "name": "f" },
            "text": { "format": { "type": "json_schema", "name": "out", "schema": { "type": "object" } }, "verbosity": "low" },
            "reasoning": { "effort": "low" }, "max_output_tokens": 9, "temperature": 0.5, "truncation": "auto",
        });
        let imported = Document::import_from(System::Openai, object.clone()).unwrap();
        assert_eq!(System::detect(&object), System::Openai);
        assert_eq!(imported.slug.as_deref(), Some("pmpt_123"));
        let lost: Vec<&str> = imported
            .losses
            .iter()
            .map(|loss| loss.pointer.as_str())
            .collect();
        assert_eq!(lost, ["/truncation"]);
        let prompt = Prompt::compile(&imported.document).unwrap();
        let inputs = json!({ "name": "Ada", "picture": "https://a.example/b.png" });
        let rendered = serde_json::to_value(prompt.render(&inputs).unwrap()).unwrap();
        assert_eq!(
            rendered["messages"][0]["content"],
            "You greet Ada. JSON looks so: {{\"a\": 1}} {% raw"
        );
        assert_eq!(rendered["messages"][1]["content"], "Hello Ada");
        assert_eq!(
            rendered["messages"][2]["content"][1]["image"],
            "https://a.example/b.png"
        );
        assert_eq!(rendered["model"], "openai/gpt-5.6");
        assert_eq!(rendered["tools"][0]["function"]["name"], "f");
        assert_eq!(rendered["toolChoice"]["function"]["name"], "f");
        assert_eq!(rendered["responseFormat"]["json_schema"]["name"], "out");
        let parameters = json!({ "temperature": 0.5, "maxTokens": 9, "verbosity": "low", "reasoningEffort": "low" });
        assert_eq!(rendered["parameters"], parameters);
    }

    #[test]
    fn a_pasted_call_becomes_a_document() {
        for call in [
            json!({ "model": "gpt-5", "input": "Tell a joke\n" }),
            json!({ "model": "gpt-5", "messages": [{ "role": "user", "content": "Tell a joke\n" }] }),
        ] {
            let imported = Document::import_from(System::Openai, call).unwrap();
            let prompt = Prompt::compile(&imported.document).unwrap();
            let rendered = prompt.render(&json!({})).unwrap();
            assert_eq!(rendered.messages[0].content, "Tell a joke\n".into());
        }
    }
}
