//! What a render gives.

use serde::Serialize;
use serde_json::{Map, Value};

use crate::document::{Content, Role};

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

/// One rendered message.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct RenderedMessage {
    /// Who speaks; never [`Role::Placeholder`].
    pub role: Role,
    /// The content.
    pub content: Content,
    /// Tells participants of one role apart.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// What the model asked tools for; only in messages of a `messages` input.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub tool_calls: Vec<ToolCall>,
    /// Which call a tool answers; only in messages of a `messages` input.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tool_call_id: Option<String>,
}

/// A call of a tool.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ToolCall {
    /// Names the call, so that a tool message can answer it.
    pub id: String,
    /// The function's name.
    pub name: String,
    /// Its arguments.
    pub arguments: Map<String, Value>,
}
