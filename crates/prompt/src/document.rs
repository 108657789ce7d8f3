//! The prompt document, as it is written, stored and sent.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};

use crate::error::{Code, Error, Result};
use crate::reference::{Slug, VersionNumber};

/// The content of a prompt: what a version keeps for ever.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Document {
    /// The chat messages, in order.
    pub messages: Vec<Message>,
    /// The declared inputs; absent means inferred from the templates.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub inputs: Option<Vec<Input>>,
    /// `provider/model`.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub model: Option<String>,
    /// Sampling parameters and others.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub parameters: Option<Map<String, Value>>,
    /// Free JSON, versioned.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub metadata: Option<Map<String, Value>>,
}

/// One message of the document.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Message {
    /// `system`, `developer`, `user`, `assistant`, `tool` or `placeholder`.
    pub role: String,
    /// The template, or parts of them.
    pub content: Content,
}

/// A message's content: one text, or several parts.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(untagged)]
pub enum Content {
    /// A text (in a document: a template).
    Text(String),
    /// Parts, in order.
    Parts(Vec<Part>),
}

impl From<&str> for Content {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

/// A part of a message.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(tag = "type", rename_all = "lowercase", deny_unknown_fields)]
pub enum Part {
    /// A text.
    Text {
        /// The text (in a document: a template).
        text: String,
    },
    /// An image.
    Image {
        /// Its URL or data URL (in a document: a template).
        image: String,
    },
}

/// A declared input.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Input {
    /// The name that templates read.
    #[serde(alias = "identifier")]
    pub name: String,
    /// The type, in its canonical spelling.
    pub r#type: String,
}

impl Document {
    /// Parses a document.
    ///
    /// # Errors
    /// `document_invalid`
    pub fn from_value(value: Value) -> Result<Self> {
        serde_json::from_value(value).map_err(|e| Error::new(Code::DocumentInvalid, e.to_string()))
    }

    /// SHA-256 over the canonical JSON (RFC 8785) of the content, in lower-case hex.
    ///
    /// # Errors
    /// `internal`
    pub fn hash(&self) -> Result<String> {
        let json =
            serde_json::to_string(self).map_err(|e| Error::new(Code::Internal, e.to_string()))?;
        Ok(Sha256::digest(json)
            .iter()
            .map(|b| format!("{b:02x}"))
            .collect())
    }
}

/// A committed version: the document and what the store knows of it.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Version {
    /// The prompt's slug.
    pub slug: Slug,
    /// 1, 2, 3, … per prompt.
    pub version: VersionNumber,
    /// Unique in the organisation.
    pub id: String,
    /// [`Document::hash`].
    pub hash: String,
    /// Why the version was made.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub commit_message: Option<String>,
    /// Who made it.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub author: Option<String>,
    /// RFC 3339, UTC, milliseconds.
    pub created_at: String,
    /// The content.
    #[serde(flatten)]
    pub document: Document,
}
