//! The parts of a message's content.

use serde_json::{Map, Value};

use super::says;
use super::tool::{self, Result};
use crate::document::{Content, Part, Reader, Role};
use crate::issue;
use crate::json::{Pointer, kind};
use crate::rendered::{RenderedMessage, ToolCall};
use crate::typed::is_image;

/// What a message said.
#[derive(Default)]
pub(super) struct Said {
    pub(super) text: Option<String>,
    pub(super) is_list: bool,
    pub(super) parts: Vec<Part>,
    pub(super) calls: Vec<ToolCall>,
    pub(super) results: Vec<Result>,
    pub(super) left_out: Vec<String>,
}

impl Said {
    /// The answers of tools, then what else there is.
    pub(super) fn into_messages(
        self,
        role: Role,
        name: Option<String>,
        tool_call_id: Option<String>,
    ) -> Vec<RenderedMessage> {
        let Self {
            text,
            is_list,
            parts,
            calls,
            results,
            left_out,
        } = self;
        let had_results = !results.is_empty();
        let mut messages: Vec<_> = results.into_iter().map(Result::into_message).collect();
        let content = match (text, parts.is_empty()) {
            (Some(text), true) => Content::Text(text),
            (Some(text), false) => {
                let text = (!text.is_empty()).then_some(Part::Text { text });
                Content::Parts(text.into_iter().chain(parts).collect())
            }
            (None, false) => Content::Parts(parts),
            (None, true) if is_list && calls.is_empty() && !had_results => Content::Parts(parts),
            (None, true) => Content::default(),
        };
        let is_empty = content == Content::default() && calls.is_empty();
        match messages.last_mut() {
            Some(last) if is_empty => last.left_out.extend(left_out),
            _ => messages.push(RenderedMessage {
                role,
                content,
                name,
                tool_calls: calls,
                tool_call_id,
                left_out,
            }),
        }
        messages
    }
}

/// Reads the parts of a message of this role.
pub(super) fn read_all(
    reader: &mut Reader,
    parts: &[Value],
    role: Role,
    at: &Pointer,
    said: &mut Said,
) {
    for (index, part) in parts.iter().enumerate() {
        let at = at.item(index);
        let Value::Object(members) = part else {
            reader.wrong_type(&at, "dict", kind(part));
            continue;
        };
        let Some(r#type) = reader.member_text(members, "type", &at) else {
            continue;
        };
        let before = (said.parts.len(), said.results.len());
        let known: &[&str] = match (r#type.as_str(), role) {
            ("tool_use", Role::Assistant) => {
                let call = tool::read_call(reader, members, &at, ["id", "name", "input"]);
                said.calls.extend(call);
                &["id", "name", "input"]
            }
            ("tool-call", Role::Assistant) => {
                let names = ["toolCallId", "toolName", "input"];
                said.calls
                    .extend(tool::read_call(reader, members, &at, names));
                &["toolCallId", "toolName", "input", "providerExecuted"]
            }
            ("tool_result", Role::User | Role::Tool) => {
                said.results.extend(tool::read_block(reader, members, &at));
                &["tool_use_id", "content"]
            }
            ("tool-result", Role::User | Role::Tool) => {
                said.results
                    .extend(tool::read_sdk_result(reader, members, &at));
                &["toolCallId", "toolName", "output"]
            }
            _ => {
                let Some((part, known)) = read_part(reader, &r#type, members, &at) else {
                    continue;
                };
                said.parts.push(part);
                known
            }
        };
        if (said.parts.len(), said.results.len()) != before && known.is_empty() {
            continue; // kept as it is
        }
        let mut left_out = members
            .iter()
            .filter(|(key, value)| *key != "type" && !known.contains(&key.as_str()) && says(value));
        let at = Pointer::root().key("content").item(index);
        said.left_out
            .extend(left_out.by_ref().map(|(key, _)| at.key(key).to_string()));
    }
}

/// A text or an image, and which members say it; anything else as it is.
pub(super) fn read_part(
    reader: &mut Reader,
    r#type: &str,
    members: &Map<String, Value>,
    at: &Pointer,
) -> Option<(Part, &'static [&'static str])> {
    let text = |key: &str| members.get(key).and_then(Value::as_str);
    let media_type = text("mediaType").or_else(|| text("mimeType"));
    match r#type {
        "text" | "input_text" | "output_text" => {
            let text = reader.member_text(members, "text", at)?;
            Some((Part::Text { text }, &["text"]))
        }
        "image" if members.contains_key("source") => match source(members.get("source")?) {
            Some(url) => image(reader, url, &at.key("source"), &["source"]),
            None => Some((Part::Other(members.clone()), &[])),
        },
        "image" => {
            let value = reader.member_text(members, "image", at)?;
            let known: &[&str] = &["image", "mediaType", "mimeType"];
            image(reader, data_url(value, media_type), &at.key("image"), known)
        }
        "image_url" | "input_image" if members.contains_key("image_url") => {
            let at = at.key("image_url");
            let (value, at) = match members.get("image_url")? {
                Value::Object(nested) => (nested.get("url").cloned(), at.key("url")),
                other => (Some(other.clone()), at),
            };
            let url = reader.text(value.unwrap_or_default(), &at)?;
            image(reader, url, &at, &["image_url", "detail"])
        }
        "file" if media_type.is_some_and(|r#type| r#type.starts_with("image/")) => {
            match text("data") {
                Some(data) => {
                    let url = data_url(data.to_owned(), media_type);
                    let known: &[&str] = &["data", "mediaType", "mimeType", "filename"];
                    image(reader, url, &at.key("data"), known)
                }
                None => Some((Part::Other(members.clone()), &[])),
            }
        }
        _ => Some((Part::Other(members.clone()), &[])),
    }
}

fn image(
    reader: &mut Reader,
    image: String,
    at: &Pointer,
    known: &'static [&'static str],
) -> Option<(Part, &'static [&'static str])> {
    let expected = "an https URL or a data:image/…;base64, URL";
    if !is_image(&image) {
        reader
            .issue(issue::INVALID_VALUE, at, format!("expected {expected}"))
            .expected = Some(expected.to_owned());
        return None;
    }
    Some((Part::Image { image }, known))
}

/// Anthropic's source of an image as a URL; `None` for one that only Anthropic can read.
fn source(source: &Value) -> Option<String> {
    let text = |key: &str| source.get(key).and_then(Value::as_str);
    match text("type")? {
        "base64" => Some(format!(
            "data:{};base64,{}",
            text("media_type")?,
            text("data")?
        )),
        "url" => text("url").map(str::to_owned),
        _ => None,
    }
}

/// Base64 alone with its media type before it.
fn data_url(text: String, media_type: Option<&str>) -> String {
    match media_type {
        Some(r#type) if r#type.starts_with("image/") && !text.contains(':') => {
            format!("data:{};base64,{text}", r#type)
        }
        _ => text,
    }
}
