//! The answer of a model API, the same for all of them.

use serde::Serialize;
use serde_json::Value;

use crate::usage::Usage;

/// An answer, as far as it has been read.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ModelAnswer {
    /// The model's text.
    pub text: String,
    /// The model's calls of tools.
    pub tool_calls: Vec<ToolUse>,
    /// The reason why it stopped, in the API's word.
    pub finish_reason: Option<String>,
    /// The usage, where the API reports it.
    pub usage: Option<Usage>,
    /// The API's own words where it failed in the middle of an answer.
    pub error: Option<String>,
    /// Whether the answer has an end.
    pub ended: bool,
    /// Whether the text was longer than the part that is kept.
    pub cut: bool,
}

/// A call of a tool that the model asks for.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct ToolUse {
    /// Names the call, where the API names calls.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub id: String,
    /// The function's name.
    pub name: String,
    /// Its arguments; a text where they are not JSON.
    pub arguments: Value,
}
