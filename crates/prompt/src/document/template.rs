//! How a document's templates are read.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::reader::Reader;
use crate::json::Pointer;

/// Options of the template language; the defaults are strict and otherwise Jinja2's own.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct TemplateOptions {
    /// The language of the contents; by default [`Language::Jinja2`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub language: Option<Language>,
    /// The dialect of Jinja2; by default Jinja2's own.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dialect: Option<TemplateDialect>,
    /// What an undefined value does; by default [`Undefined::Strict`], and lenient in [`TemplateDialect::HuggingFace`].
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

/// The language of the contents of messages.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Language {
    /// Templates of Jinja2.
    #[default]
    Jinja2,
    /// No template: the output is the content, byte for byte.
    Text,
}

/// A dialect of Jinja2.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum TemplateDialect {
    /// Jinja2's own.
    #[default]
    Jinja2,
    /// The chat templates of `transformers`, as its `apply_chat_template` renders them.
    HuggingFace,
}

/// What an undefined value does.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Undefined {
    /// An error, as Jinja2's `StrictUndefined`.
    #[default]
    Strict,
    /// Prints nothing and is false, as Jinja2's `Undefined`.
    Lenient,
}

impl TemplateOptions {
    /// Whether contents are plain texts.
    pub(crate) fn is_text(self) -> bool {
        self.language == Some(Language::Text)
    }

    /// Whether contents are chat templates of `transformers`.
    pub(crate) fn is_chat(self) -> bool {
        self.dialect == Some(TemplateDialect::HuggingFace)
    }

    pub(crate) fn dialect(self) -> crate::jinja::Dialect {
        match self.dialect.unwrap_or_default() {
            TemplateDialect::Jinja2 => crate::jinja::Dialect::Jinja2,
            TemplateDialect::HuggingFace => crate::jinja::Dialect::HuggingFace,
        }
    }

    pub(crate) fn undefined(self) -> Undefined {
        match self.undefined {
            Some(undefined) => undefined,
            None if self.is_chat() => Undefined::Lenient,
            None => Undefined::Strict,
        }
    }

    pub(super) fn read(reader: &mut Reader, value: Value, at: &Pointer) -> Option<Self> {
        let known = [
            "language",
            "dialect",
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
            dialect: fields.optional(reader, "dialect", |reader, value, at| {
                reader.one_of(value, at, &["jinja2", "huggingface"], |text| match text {
                    "jinja2" => Some(TemplateDialect::Jinja2),
                    "huggingface" => Some(TemplateDialect::HuggingFace),
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
