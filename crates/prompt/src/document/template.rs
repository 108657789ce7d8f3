//! How a document's templates are read.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::reader::Reader;
use crate::json::Pointer;

/// Options of the template language; the defaults are strict and otherwise Jinja2's own.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Template {
    /// What the contents are written in; by default [`Language::Jinja2`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub language: Option<Language>,
    /// What an undefined value does; by default [`Undefined::Strict`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub undefined: Option<Undefined>,
    /// Whether the first newline after a block tag is removed; by default not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub trim_blocks: Option<bool>,
    /// Whether white space before a block tag at the start of a line is removed; by default not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lstrip_blocks: Option<bool>,
    /// Whether a newline at the end of a template is kept; by default not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub keep_trailing_newline: Option<bool>,
}

/// What the contents of messages are written in.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Language {
    /// Templates of Jinja2.
    #[default]
    Jinja2,
    /// No template: a content is the output, byte for byte.
    Text,
}

/// What an undefined value does.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Undefined {
    /// It stops the render, as Jinja2's `StrictUndefined`.
    #[default]
    Strict,
    /// It prints nothing and is false, as Jinja2's `Undefined`.
    Lenient,
}

impl Template {
    /// Whether contents are no templates.
    pub(crate) fn is_text(self) -> bool {
        self.language == Some(Language::Text)
    }

    pub(super) fn read(reader: &mut Reader, value: Value, at: &Pointer) -> Option<Self> {
        let known = [
            "language",
            "undefined",
            "trimBlocks",
            "lstripBlocks",
            "keepTrailingNewline",
        ];
        let mut fields = reader.fields(value, at, &known)?;
        Some(Self {
            language: fields.optional(reader, "language", |reader, value, at| {
                reader.one_of(value, at, &["jinja2", "text"], |text| match text {
                    "jinja2" => Some(Language::Jinja2),
                    "text" => Some(Language::Text),
                    _ => None,
                })
            }),
            undefined: fields.optional(reader, "undefined", |reader, value, at| {
                reader.one_of(value, at, &["strict", "lenient"], |text| match text {
                    "strict" => Some(Undefined::Strict),
                    "lenient" => Some(Undefined::Lenient),
                    _ => None,
                })
            }),
            trim_blocks: fields.optional(reader, "trimBlocks", Reader::bool),
            lstrip_blocks: fields.optional(reader, "lstripBlocks", Reader::bool),
            keep_trailing_newline: fields.optional(reader, "keepTrailingNewline", Reader::bool),
        })
    }
}
