//! Messages of a conversation, as a `messages` input brings them along: data that is never rendered as a template.

use serde_json::{Map, Value};

use crate::document::{Content, Part, Reader, Role};
use crate::issue;
use crate::json::{self, Pointer, kind};
use crate::rendered::{RenderedMessage, ToolCall};
use crate::typed::is_image;

/// Reads a message in our shape, or in the shape of OpenAI's chat completions (`tool_calls`, `tool_call_id`,
/// `image_url` parts). Only people, models and tools speak in a conversation: the instructions are the document's.
pub(crate) fn read(reader: &mut Reader, value: &Value, at: &Pointer) -> Option<RenderedMessage> {
    let known = [
        "role",
        "content",
        "name",
        "toolCalls",
        "tool_calls",
        "toolCallId",
        "tool_call_id",
    ];
    let mut fields = reader.fields(value.clone(), at, &known)?;
    let role = fields.required(reader, "role", |reader, value, at| {
        let roles = [Role::User, Role::Assistant, Role::Tool];
        reader.one_of(value, at, &roles.map(Role::as_str), |text| {
            Role::parse(text).filter(|role| roles.contains(role))
        })
    });
    let calls_key = fields.renamed(reader, "toolCalls", "tool_calls");
    let calls = fields.optional(reader, &calls_key, |reader, value, at| {
        reader.check(
            role == Some(Role::Assistant),
            at,
            "no tool calls: only an assistant calls tools",
        )?;
        reader.list(value, at, read_call)
    });
    let calls = calls.unwrap_or_default();
    let id_key = fields.renamed(reader, "toolCallId", "tool_call_id");
    let call_id = fields.optional(reader, &id_key, Reader::text);
    if role == Some(Role::Tool) && call_id.is_none() && !fields.has(&id_key) {
        let at = at.key("toolCallId");
        reader.issue(
            issue::MISSING_FIELD,
            &at,
            "a tool message names the call that it answers",
        );
    }
    let silent = fields.is_null("content") || !fields.has("content");
    let content = if silent && !calls.is_empty() {
        Some(Content::default())
    } else {
        fields.required(reader, "content", read_content)
    };
    Some(RenderedMessage {
        role: role?,
        content: content?,
        name: fields.optional(reader, "name", Reader::text),
        tool_calls: calls,
        tool_call_id: call_id,
    })
}

fn read_content(reader: &mut Reader, value: Value, at: &Pointer) -> Option<Content> {
    match value {
        Value::String(text) => Some(Content::Text(text)),
        Value::Array(_) => reader.list(value, at, read_part).map(Content::Parts),
        other => {
            reader.wrong_type(at, "str or list of parts", kind(&other));
            None
        }
    }
}

fn read_part(reader: &mut Reader, value: Value, at: &Pointer) -> Option<Part> {
    let image = |reader: &mut Reader, value: Value, at: &Pointer| {
        let image = reader.text(value, at)?;
        reader.check(
            is_image(&image),
            at,
            "an https URL or a data:image/…;base64, URL",
        )?;
        Some(Part::Image { image })
    };
    match value.get("type").and_then(Value::as_str) {
        Some("image") => reader
            .fields(value, at, &["type", "image"])?
            .required(reader, "image", image),
        Some("image_url") => {
            let mut fields = reader.fields(value, at, &["type", "image_url"])?;
            fields.required(reader, "image_url", |reader, value, at| {
                reader
                    .fields(value, at, &["url", "detail"])?
                    .required(reader, "url", image)
            })
        }
        _ => {
            let mut fields = reader.fields(value, at, &["type", "text"])?;
            fields.required(reader, "type", |reader, value, at| {
                reader.one_of(value, at, &["text", "image"], |text| {
                    (text == "text").then_some(())
                })
            })?;
            let text = fields.required(reader, "text", Reader::text)?;
            Some(Part::Text { text })
        }
    }
}

/// `{id, name, arguments: {…}}`, or OpenAI's `{id, type, function: {name, arguments: "…"}}`.
fn read_call(reader: &mut Reader, value: Value, at: &Pointer) -> Option<ToolCall> {
    let nested = value.get("function").is_some();
    let known: &[&str] = if nested {
        &["id", "type", "function"]
    } else {
        &["id", "name", "arguments"]
    };
    let mut fields = reader.fields(value, at, known)?;
    let id = fields.required(reader, "id", Reader::text);
    let (name, arguments) = if nested {
        fields.required(reader, "function", |reader, value, at| {
            let mut function = reader.fields(value, at, &["name", "arguments"])?;
            let name = function.required(reader, "name", Reader::text);
            Some((
                name?,
                function.required(reader, "arguments", read_arguments)?,
            ))
        })?
    } else {
        let name = fields.required(reader, "name", Reader::text);
        (name?, fields.required(reader, "arguments", read_arguments)?)
    };
    Some(ToolCall {
        id: id?,
        name,
        arguments,
    })
}

fn read_arguments(reader: &mut Reader, value: Value, at: &Pointer) -> Option<Map<String, Value>> {
    let Value::String(text) = &value else {
        return reader.object(value, at);
    };
    let members = match json::parse(text) {
        Ok(Value::Object(members)) => Some(members),
        _ => None,
    };
    reader.check(members.is_some(), at, "a JSON object, or its text")?;
    members
}
