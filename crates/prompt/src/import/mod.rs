//! Imports prompts of other systems, and documents written less strictly.
//!
//! An importer is lenient where [`Document::from_value`] is strict: it takes other names, drops nulls, and leaves out
//! what has no place in a document, but lists it.

mod athina;
mod basalt;
mod columns;
mod imported;
mod langwatch;
mod openai;
mod plain;
mod source;

use serde_json::Value;

use crate::document::{Document, too_many_values};
use crate::error::{Code, Error, Result};
use crate::json::{kind, values_of};
use crate::prompt::Prompt;
pub(crate) use basalt::inputs as basalt_inputs;
pub(crate) use columns::written;
pub use imported::Imported;
use source::ImportSource;
pub use source::read_parameters;
pub(crate) use source::spelling;

/// A system that prompts come from.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum System {
    /// Athina's `prompt_template`: `prompt` is a list of messages.
    Athina,
    /// Basalt's prompt: `text`, `systemText`, and a `model` object.
    Basalt,
    /// LangWatch's prompt: `handle`, `prompt`, `messages`, `temperature`, …
    Langwatch,
    /// OpenAI's prompt object, or a call of its API: `instructions`, `input`.
    Openai,
    /// A Cuecard document, perhaps with snake_case names, nulls or unknown fields.
    Plain,
}

impl System {
    /// The system of a name: `athina`, `basalt`, `langwatch` or `openai`.
    pub fn named(name: &str) -> Option<Self> {
        match name {
            "athina" => Some(Self::Athina),
            "basalt" => Some(Self::Basalt),
            "langwatch" => Some(Self::Langwatch),
            "openai" => Some(Self::Openai),
            _ => None,
        }
    }

    /// Its name.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Athina => "athina",
            Self::Basalt => "basalt",
            Self::Langwatch => "langwatch",
            Self::Openai => "openai",
            Self::Plain => "plain",
        }
    }

    /// The system that a value looks like.
    pub fn detect(value: &Value) -> Self {
        let has = |key: &str| value.get(key).is_some();
        let text = |key: &str| value.get(key).and_then(Value::as_str).unwrap_or_default();
        if text("id").starts_with("pmpt_") || has("instructions") || has("input") {
            Self::Openai
        } else if has("prompt_slug") || value.get("prompt").is_some_and(Value::is_array) {
            Self::Athina
        } else if has("text") || value.pointer("/prompt/text").is_some() {
            Self::Basalt
        } else if [
            "handle",
            "versionId",
            "temperature",
            "maxTokens",
            "projectId",
        ]
        .into_iter()
        .any(has)
        {
            Self::Langwatch
        } else {
            Self::Plain
        }
    }
}

impl Document {
    /// Declares the inputs that templates read and the prompt does not declare, as LangWatch does. Where none are
    /// declared, none need to be.
    ///
    /// # Errors
    /// Those of [`Prompt::compile`]
    pub fn declare_missing(mut self) -> Result<Self> {
        let Some(mut declared) = self.inputs.take() else {
            return Ok(self);
        };
        for input in Prompt::compile(&self)?.inputs() {
            if !declared.iter().any(|known| known.name == input.name) {
                declared.push(input.clone());
            }
        }
        self.inputs = Some(declared);
        Ok(self)
    }

    /// Imports a prompt of whatever [`System`] it looks like.
    ///
    /// # Errors
    /// `document_invalid` with every issue, where what is left is no document; `limit_exceeded`
    pub fn import(value: Value) -> Result<Imported> {
        Self::import_from(System::detect(&value), value)
    }

    /// Imports a prompt of one system.
    ///
    /// # Errors
    /// `document_invalid` with every issue, where what is left is no document; `limit_exceeded`
    pub fn import_from(system: System, value: Value) -> Result<Imported> {
        if values_of(&value) > Self::MAX_VALUES {
            return Err(too_many_values("the prompt"));
        }
        let members = match value {
            Value::Object(members) => members,
            other => {
                let detail = format!("expected dict, received {}", kind(&other));
                return Err(Error::new(Code::DocumentInvalid, detail));
            }
        };
        let source = ImportSource::new(members);
        match system {
            System::Athina => athina::import(source),
            System::Basalt => basalt::import(source),
            System::Langwatch => langwatch::import(source),
            System::Openai => openai::import(source),
            System::Plain => plain::import(source),
        }
    }
}
