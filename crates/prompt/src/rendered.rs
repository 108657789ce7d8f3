//! The result of a render.

use serde::Serialize;
use serde_json::{Map, Value};

use crate::document::{Reader, Role};
use crate::error::{Code, Error, Result};
use crate::json::Pointer;
use crate::rendered_message::RenderedMessage;
use crate::turn;

/// A rendered prompt: everything that a model call needs.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Rendered {
    /// The chat messages.
    pub messages: Vec<RenderedMessage>,
    /// [`Document::model`](crate::Document::model).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
    /// [`Document::provider`](crate::Document::provider).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub provider: Option<String>,
    /// [`Document::parameters`](crate::Document::parameters).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub parameters: Option<Map<String, Value>>,
    /// [`Document::tools`](crate::Document::tools).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tools: Option<Vec<Value>>,
    /// [`Document::tool_choice`](crate::Document::tool_choice).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tool_choice: Option<Value>,
    /// The document's response format, or the one that its outputs ask for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub response_format: Option<Value>,
}

impl Rendered {
    /// Reads a rendered prompt that a caller may have changed. Its messages may also have the shapes that a `messages`
    /// input takes; other members are ignored.
    ///
    /// # Errors
    /// `input_invalid`, with every issue
    pub fn from_value(value: Value) -> Result<Self> {
        const ROLES: [Role; 5] = [
            Role::System,
            Role::Developer,
            Role::User,
            Role::Assistant,
            Role::Tool,
        ];
        let mut reader = Reader::default();
        let root = Pointer::root();
        let members = reader.object(value, &root).unwrap_or_default();
        let mut text = |key: &str| match members.get(key) {
            Some(Value::Null) | None => None,
            Some(_) => reader.member_text(&members, key, &root),
        };
        let (model, provider) = (text("model"), text("provider"));
        let items = reader.member(&members, "messages", &root).cloned();
        let items = items
            .and_then(|items| reader.list(items, &root.key("messages"), |_, item, _| Some(item)));
        let items = items.unwrap_or_default();
        let get = |key: &str| members.get(key).filter(|value| !value.is_null()).cloned();
        let rendered = Self {
            messages: turn::read_all(&mut reader, &items, &root.key("messages"), &ROLES),
            model,
            provider,
            parameters: get("parameters")
                .and_then(|value| reader.object(value, &root.key("parameters"))),
            tools: get("tools")
                .and_then(|value| reader.list(value, &root.key("tools"), |_, tool, _| Some(tool))),
            tool_choice: get("toolChoice"),
            response_format: get("responseFormat"),
        };
        if reader.issues.is_empty() {
            return Ok(rendered);
        }
        let detail = "this is not a rendered prompt";
        Err(Error::new(Code::InputInvalid, detail).with_issues(reader.issues))
    }
}
