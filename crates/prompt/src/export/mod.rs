//! Prompts as other systems write them: the way back from [`Document::import_from`].
//!
//! An export lists what the other system has no place for, so that nothing is lost in silence.

mod athina;
mod basalt;
mod clients;
mod langwatch;
mod literal;
mod target;

use serde_json::Value;

use crate::document::Document;
use crate::error::Result;
use crate::import::System;
pub use target::Exported;
use target::{ExportTarget, Templates};

impl Document {
    /// The document as another system writes it.
    ///
    /// # Errors
    /// `internal`
    pub fn export_to(&self, system: System) -> Result<Exported> {
        self.export(system, ExportTarget::new(true, &Templates::READ))
    }

    /// The export without its losses, which take longer to find than to leave out.
    ///
    /// # Errors
    /// `internal`
    pub fn write_as(&self, system: System) -> Result<Value> {
        Ok(self
            .export(system, ExportTarget::new(false, &Templates::READ))?
            .value)
    }

    fn export(&self, system: System, target: ExportTarget) -> Result<Exported> {
        match system {
            System::Athina => athina::export(self, target),
            System::Basalt => basalt::export(self, target),
            System::Langwatch => langwatch::export(self, target),
            // OpenAI's prompt objects cannot be written from outside.
            System::Openai | System::Plain => Ok(Exported {
                value: self.to_value()?,
                losses: Vec::new(),
            }),
        }
    }
}
