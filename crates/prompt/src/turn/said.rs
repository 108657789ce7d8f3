//! The content of one incoming message, on its way to rendered messages.

use serde_json::Value;

use crate::document::{Content, Part, Role};
use crate::rendered_message::{RenderedMessage, ToolCall};

/// The content of one incoming message.
#[derive(Default)]
pub(super) struct Said {
    pub(super) text: Option<String>,
    pub(super) is_list: bool,
    pub(super) parts: Vec<Part>,
    pub(super) calls: Vec<ToolCall>,
    pub(super) results: Vec<ToolResult>,
    pub(super) left_out: Vec<String>,
}

impl Said {
    /// Whether all of it is parts of an SDK's own kind, such as an answer to a request for approval.
    pub(super) fn is_other(&self) -> bool {
        let is_other = |part: &Part| matches!(part, Part::Other(_));
        !self.parts.is_empty() && self.parts.iter().all(is_other)
    }

    /// The results of tools first, then the rest.
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
        let mut messages: Vec<_> = results.into_iter().map(ToolResult::into_message).collect();
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

/// The result of a tool.
pub(super) struct ToolResult {
    pub(super) id: String,
    pub(super) content: Content,
    pub(super) left_out: Vec<String>,
}

impl ToolResult {
    pub(super) fn into_message(self) -> RenderedMessage {
        RenderedMessage {
            role: Role::Tool,
            content: self.content,
            tool_call_id: Some(self.id),
            left_out: self.left_out,
            ..RenderedMessage::default()
        }
    }
}

/// Whether a member carries anything: `null` and empty values do not.
pub(super) fn says(value: &Value) -> bool {
    match value {
        Value::Null | Value::Bool(false) => false,
        Value::String(text) => !text.is_empty(),
        Value::Array(items) => !items.is_empty(),
        Value::Object(members) => !members.is_empty(),
        Value::Bool(true) | Value::Number(_) => true,
    }
}
