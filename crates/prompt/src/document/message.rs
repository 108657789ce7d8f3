//! Messages of a document.

use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::identifier::is_identifier;
use super::reader::{Fields, Reader};
use crate::issue;
use crate::json::{Pointer, kind};

/// One message of the document.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Message {
    /// Who speaks.
    pub role: Role,
    /// The template, or parts with templates. A placeholder has `{{ name }}`, the input that its messages come from.
    pub content: Content,
    /// Tells participants of one role apart: 1 to 64 letters, digits, `_` and `-`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
}

impl Message {
    /// The input that a placeholder's messages come from; `None` for every other role.
    pub fn placeholder(&self) -> Option<&str> {
        match (&self.role, &self.content) {
            (Role::Placeholder, Content::Text(text)) => placeholder_input(text),
            _ => None,
        }
    }

    pub(super) fn read(reader: &mut Reader, value: Value, at: &Pointer) -> Option<Self> {
        let known = ["role", "content", "name"];
        let mut fields = reader.fields(value, at, &known)?;
        let role = fields.required(reader, "role", Role::read);
        if role == Some(Role::Placeholder) {
            return Self::read_placeholder(reader, fields);
        }
        let content = fields.required(reader, "content", Content::read);
        let name = fields.optional(reader, "name", |reader, value, at| {
            let name = reader.text(value, at)?;
            reader.check(is_name(&name), at, "1 to 64 letters, digits, `_` and `-`")?;
            Some(name)
        });
        Some(Self {
            role: role?,
            content: content?,
            name,
        })
    }

    /// A placeholder names its input in `content` (`history` or `{{ history }}`) or in `name`.
    fn read_placeholder(reader: &mut Reader, mut fields: Fields) -> Option<Self> {
        let key = if fields.has("name") && !fields.has("content") {
            "name"
        } else {
            "content"
        };
        if key == "content" && fields.has("name") {
            let at = fields.pointer().key("name");
            reader.issue(
                issue::CONFLICT,
                &at,
                "a placeholder names its input once, in `content`",
            );
        }
        let input = fields.required(reader, key, |reader, value, at| {
            let text = reader.text(value, at)?;
            let input = placeholder_input(&text);
            reader.check(
                input.is_some(),
                at,
                "the name of an input, as in `{{ history }}`",
            )?;
            input.map(str::to_owned)
        })?;
        Some(Self {
            role: Role::Placeholder,
            content: Content::Text(format!("{{{{ {input} }}}}")),
            name: None,
        })
    }
}

fn placeholder_input(text: &str) -> Option<&str> {
    let text = text.trim();
    let inner = text
        .strip_prefix("{{")
        .and_then(|rest| rest.strip_suffix("}}"));
    Some(inner.unwrap_or(text).trim()).filter(|name| is_identifier(name))
}

pub(super) fn is_name(name: &str) -> bool {
    (1..=64).contains(&name.len())
        && name
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-'))
}

/// The author of a message.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// Instructions.
    System,
    /// Instructions, by the newer name of some providers.
    Developer,
    /// The person or program that asks.
    #[default]
    User,
    /// The model.
    Assistant,
    /// The answer of a tool.
    Tool,
    /// Not a message: the place of a `messages` input.
    Placeholder,
}

impl Role {
    /// Every role.
    pub const ALL: [Self; 6] = [
        Self::System,
        Self::Developer,
        Self::User,
        Self::Assistant,
        Self::Tool,
        Self::Placeholder,
    ];

    /// The role's name in JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::System => "system",
            Self::Developer => "developer",
            Self::User => "user",
            Self::Assistant => "assistant",
            Self::Tool => "tool",
            Self::Placeholder => "placeholder",
        }
    }

    /// Parses a role.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.as_str() == text)
    }

    fn read(reader: &mut Reader, value: Value, at: &Pointer) -> Option<Self> {
        reader.one_of(value, at, &Self::ALL.map(Self::as_str), Self::parse)
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
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

impl Content {
    /// The most parts in a message.
    pub const MAX_PARTS: usize = 64;

    /// The text, if the content is a single one.
    pub(crate) fn text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            Self::Parts(_) => None,
        }
    }

    pub(crate) fn read(reader: &mut Reader, value: Value, at: &Pointer) -> Option<Self> {
        match value {
            Value::String(text) => Some(Self::Text(text)),
            Value::Array(parts) => {
                let count = (1..=Self::MAX_PARTS).contains(&parts.len());
                reader.check(count, at, "1 to 64 parts")?;
                reader
                    .list(Value::Array(parts), at, Part::read)
                    .map(Self::Parts)
            }
            other => {
                reader.wrong_type(at, "str or list of parts", kind(&other));
                None
            }
        }
    }
}

impl Default for Content {
    fn default() -> Self {
        Self::Text(String::new())
    }
}

impl From<&str> for Content {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for Content {
    fn from(text: String) -> Self {
        Self::Text(text)
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
        /// Its `https` URL or `data:image/…;base64,` URL (in a document: a template).
        image: String,
    },
    /// Any other part of a conversation, unchanged; never in a document.
    #[serde(untagged)]
    Other(Map<String, Value>),
}

impl Part {
    fn read(reader: &mut Reader, value: Value, at: &Pointer) -> Option<Self> {
        let known: &[&str] = match value.get("type").and_then(Value::as_str) {
            Some("text") => &["type", "text"],
            Some("image") => &["type", "image"],
            _ => &["type", "text", "image"],
        };
        let mut fields = reader.fields(value, at, known)?;
        let kinds = ["text", "image"];
        let kind = fields.required(reader, "type", |reader, value, at| {
            reader.one_of(value, at, &kinds, |text| {
                kinds.into_iter().find(|k| *k == text)
            })
        })?;
        let text = fields.required(reader, kind, Reader::text)?;
        Some(match kind {
            "image" => Self::Image { image: text },
            _ => Self::Text { text },
        })
    }
}
