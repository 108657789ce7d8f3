//! A rendered message.

use serde::Serialize;
use serde_json::{Map, Value};

use crate::document::{Content, Role};

/// One rendered message.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct RenderedMessage {
    /// The author of the message; never [`Role::Placeholder`].
    pub role: Role,
    /// The content.
    pub content: Content,
    /// Tells participants of one role apart.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The model's calls of tools; only in messages of a `messages` input.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub tool_calls: Vec<ToolCall>,
    /// The call that a tool answers; only in messages of a `messages` input.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tool_call_id: Option<String>,
    /// Pointers, from the message on, to members of a `messages` input that have no place here; payloads list them as
    /// losses.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub left_out: Vec<String>,
}

/// A call of a tool.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ToolCall {
    /// The id of the call, which a tool message refers to.
    pub id: String,
    /// The function's name.
    pub name: String,
    /// Its arguments.
    pub arguments: Map<String, Value>,
}
