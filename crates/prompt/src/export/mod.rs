//! Prompts as other systems write them: the way back from [`Document::import_from`].
//!
//! An export says what the other system has no place for, so that nothing is lost in silence.

mod athina;
mod basalt;
mod langwatch;
mod literal;
mod target;

use serde_json::Value;

use crate::document::Document;
use crate::error::{Issue, Result};
use crate::import::System;

/// An exported prompt.
#[derive(Clone, Debug, PartialEq)]
pub struct Exported {
    /// The prompt as the other system writes it; without names, versions and dates, which a document does not have.
    pub value: Value,
    /// What was left out or written otherwise (`not_kept`); pointers are into the document.
    pub losses: Vec<Issue>,
}

impl Document {
    /// The document as another system writes it.
    ///
    /// # Errors
    /// `internal`
    pub fn export_to(&self, system: System) -> Result<Exported> {
        match system {
            System::Athina => athina::export(self),
            System::Basalt => basalt::export(self),
            System::Langwatch => langwatch::export(self),
            // Its prompt objects cannot be written from outside.
            System::Openai | System::Plain => Ok(Exported {
                value: self.to_value()?,
                losses: Vec::new(),
            }),
        }
    }
}
