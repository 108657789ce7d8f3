//! The prompt document as it is written, stored and sent.

mod demonstrations;
mod identifier;
mod input;
mod message;
mod output;
mod parameters;
mod read;
mod reader;
mod template;
mod tools;
mod types;
mod version;

use serde::{Deserialize, Deserializer, Serialize};
use serde_json::{Map, Value};

pub use demonstrations::{Column, Demonstrations, Row, Technique};
pub use input::Input;
pub use message::{Content, Message, Part, Role};
pub(crate) use output::response_format;
pub use output::{Output, OutputType};
pub(crate) use parameters::{MAX_PARAMETERS, near_misses};
pub(crate) use read::{invalid, too_many_values};
pub(crate) use reader::Reader;
pub use template::{TemplateOptions, Undefined};
pub use types::Type;
pub use version::Version;

use crate::error::Result;
use crate::json;

/// The content of a prompt, which a version keeps for ever.
///
/// A value of this type has been through [`Document::from_value`], so its parts have the right shapes; only
/// [`Prompt::compile`](crate::Prompt::compile) knows whether the templates are right.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Document {
    /// The chat messages, in order: 1 to [`Document::MAX_MESSAGES`].
    pub messages: Vec<Message>,
    /// The declared inputs; absent means inferred from the templates.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub inputs: Option<Vec<Input>>,
    /// What the model must answer with; decides the response format.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub outputs: Option<Vec<Output>>,
    /// `provider/model`, such as `openai/gpt-4o-mini`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
    /// Which of the caller's model providers to use, such as `default` or `azure`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub provider: Option<String>,
    /// Sampling parameters; known names are checked, others are carried.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub parameters: Option<Map<String, Value>>,
    /// Tools that the model may call, in OpenAI's shape.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tools: Option<Vec<Value>>,
    /// `auto`, `none`, `required` or one function.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tool_choice: Option<Value>,
    /// `{type: "text" | "json_object" | "json_schema", json_schema?}`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub response_format: Option<Value>,
    /// The few-shot table.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub demonstrations: Option<Demonstrations>,
    /// How demonstrations and reasoning are put into the messages.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub prompting_technique: Option<Technique>,
    /// How templates are read; by default strict and as Jinja2 does.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub template: Option<TemplateOptions>,
    /// Any JSON, versioned with the rest.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub metadata: Option<Map<String, Value>>,
}

impl Document {
    /// Every field by its name, in the order of the struct. The reader, the package's types and the API's description
    /// are held against it.
    pub const FIELDS: [&str; 13] = [
        "messages",
        "inputs",
        "outputs",
        "model",
        "provider",
        "parameters",
        "tools",
        "toolChoice",
        "responseFormat",
        "demonstrations",
        "promptingTechnique",
        "template",
        "metadata",
    ];
    /// The most messages in a document.
    pub const MAX_MESSAGES: usize = 256;
    /// The most content parts of all messages together.
    pub const MAX_PARTS: usize = 2_048;
    /// The most values in a document, however deep.
    pub const MAX_VALUES: usize = 30_000;
    /// The most bytes of a document, approximately those of its canonical JSON.
    pub const MAX_BYTES: usize = 1 << 20;

    /// Parses a document. Accepted spellings (`string` for `str`, `prompt` for a system message, …) come out in their
    /// one canonical form.
    ///
    /// # Errors
    /// `document_invalid` with every issue, `limit_exceeded`
    pub fn from_value(value: Value) -> Result<Self> {
        read::document(Reader::default(), value)
    }

    /// Reads a document that Cuecard has written, perhaps a later release: unknown fields are ignored.
    ///
    /// # Errors
    /// As [`Document::from_value`]
    pub fn from_stored(value: Value) -> Result<Self> {
        read::document(Reader::lenient(), value)
    }

    /// Whether the content has this hash. `written` is the JSON that it was read from, which may have members that
    /// only a later release knows.
    ///
    /// # Errors
    /// `internal`
    pub fn has_hash(&self, hash: &str, written: &Value) -> Result<bool> {
        Ok(self.hash()? == hash || json::sha256_hex(json::canonical(written)) == hash)
    }

    /// Parses a document from a JSON text, strictly: see [`json::parse`].
    ///
    /// # Errors
    /// `json_invalid`, `document_invalid` with every issue, `limit_exceeded`
    pub fn from_json(text: &str) -> Result<Self> {
        Self::from_value(json::parse(text)?)
    }

    /// The document as a JSON value: camelCase, optional fields left out.
    ///
    /// # Errors
    /// `internal`
    pub fn to_value(&self) -> Result<Value> {
        json::value_of(self)
    }

    /// Whether the contents are texts rather than templates.
    pub(crate) fn is_text(&self) -> bool {
        self.template.unwrap_or_default().is_text()
    }

    /// SHA-256 over the canonical JSON (RFC 8785) of the content, in lower-case hex: equal content, equal hash,
    /// whatever the order of keys or the spelling of types.
    ///
    /// # Errors
    /// `internal`
    pub fn hash(&self) -> Result<String> {
        Ok(json::sha256_hex(json::canonical(&self.to_value()?)))
    }
}

/// Reads what Cuecard has written: see [`Document::from_stored`].
impl<'de> Deserialize<'de> for Document {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Self, D::Error> {
        let members = Map::deserialize(deserializer)?;
        Self::from_stored(Value::Object(members)).map_err(|error| {
            let issues = error.issues().iter().take(3);
            let places: Vec<_> = issues
                .map(|issue| format!("{}: {}", issue.pointer, issue.message))
                .collect();
            serde::de::Error::custom(format!("{error}: {}", places.join("; ")))
        })
    }
}
