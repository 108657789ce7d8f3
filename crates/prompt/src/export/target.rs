//! An export under construction, put together field by field.

use serde_json::{Map, Value};

use crate::document::{Content, Demonstrations, Document, Message, Part, Role};
use crate::error::{Code, Error, Issue, Result};
use crate::issue;
use crate::json::Pointer;
use crate::prompt::{Prompt, examples};

/// An exported prompt.
#[derive(Clone, Debug, PartialEq)]
pub struct Exported {
    /// The prompt as the other system writes it; without names, versions and dates, which a document does not have.
    pub value: Value,
    /// What was left out or changed (`not_kept`); pointers are into the document.
    pub losses: Vec<Issue>,
}

/// The engine's functions that an export needs. A caller that wants only the losses passes stand-ins, so that a small
/// module can do without the engine.
pub(super) struct Templates {
    pub(super) compile: fn(&Document) -> Option<Prompt>,
    pub(super) examples: fn(&Demonstrations) -> String,
}

impl Templates {
    pub(super) const READ: Self = Self {
        compile: |document| Prompt::compile(document).ok(),
        examples,
    };
    pub(super) const UNREAD: Self = Self {
        compile: |_| None,
        examples: |_| String::new(),
    };
}

pub(super) struct ExportTarget {
    members: Map<String, Value>,
    losses: Vec<Issue>,
    /// Whether the losses are wanted; some are expensive to find.
    pub(super) tells: bool,
    pub(super) templates: &'static Templates,
}

impl ExportTarget {
    pub(super) fn new(tells: bool, templates: &'static Templates) -> Self {
        Self {
            templates,
            members: Map::new(),
            losses: Vec::new(),
            tells,
        }
    }

    pub(super) fn put(&mut self, key: &str, value: impl Into<Value>) {
        self.members.insert(key.to_owned(), value.into());
    }

    /// Sets an optional field.
    pub(super) fn maybe(&mut self, key: &str, value: Option<impl Into<Value>>) {
        if let Some(value) = value {
            self.put(key, value);
        }
    }

    pub(super) fn loses(&mut self, at: Pointer, message: &str) {
        if self.tells {
            self.losses.push(Issue::new(issue::NOT_KEPT, at, message));
        }
    }

    /// Lists the fields of the document that have no place.
    pub(super) fn has_no_place_for(&mut self, document: &Document, fields: &[&str]) {
        let there = optional_fields(document);
        for field in fields
            .iter()
            .filter(|field| there.contains(&(**field, true)))
        {
            self.loses(Pointer::root().key(field), "it has no place there");
        }
    }

    pub(super) fn finish(self) -> Exported {
        Exported {
            value: self.members.into(),
            losses: self.losses,
        }
    }

    /// A message's content as one text; images are lost.
    pub(super) fn text(&mut self, message: &Message, at: &Pointer) -> String {
        match &message.content {
            Content::Text(text) => text.clone(),
            Content::Parts(parts) => {
                let mut texts = Vec::new();
                for (index, part) in parts.iter().enumerate() {
                    match part {
                        Part::Text { text } => texts.push(text.as_str()),
                        Part::Image { .. } | Part::Other(_) => {
                            self.loses(
                                at.key("content").item(index),
                                "a message is one text there",
                            );
                        }
                    }
                }
                texts.join("\n")
            }
        }
    }
}

/// Every field of a document that may be left out, and whether it is set.
fn optional_fields(document: &Document) -> [(&'static str, bool); 12] {
    [
        ("inputs", document.inputs.is_some()),
        ("outputs", document.outputs.is_some()),
        ("model", document.model.is_some()),
        ("provider", document.provider.is_some()),
        ("parameters", document.parameters.is_some()),
        ("tools", document.tools.is_some()),
        ("toolChoice", document.tool_choice.is_some()),
        ("responseFormat", document.response_format.is_some()),
        ("demonstrations", document.demonstrations.is_some()),
        ("promptingTechnique", document.prompting_technique.is_some()),
        ("template", document.template.is_some()),
        ("metadata", document.metadata.is_some()),
    ]
}

/// The pointer of a message.
pub(super) fn at(index: usize) -> Pointer {
    Pointer::root().key("messages").item(index)
}

/// Whether a message is an instruction.
pub(super) fn is_system(role: Role) -> bool {
    matches!(role, Role::System | Role::Developer)
}

pub(super) fn json<T: serde::Serialize>(value: &T) -> Result<Value> {
    serde_json::to_value(value).map_err(|e| Error::new(Code::Internal, e.to_string()))
}

/// Sets an object's member.
pub(super) fn set(object: &mut Value, key: &str, value: impl Into<Value>) {
    if let Some(members) = object.as_object_mut() {
        members.insert(key.to_owned(), value.into());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_field_but_the_messages_is_looked_at() {
        let names = optional_fields(&Document::default()).map(|(name, _)| name);
        assert_eq!(
            Document::FIELDS.split_first(),
            Some((&"messages", &names[..]))
        );
    }
}
