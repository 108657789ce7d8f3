//! Prompts that a host can render by itself: texts made of templates that all have a plan, and inputs that are easy to check.

use serde::Serialize;
use serde_json::Value;

use super::demonstrate::Shown;
use super::{Body, Prompt};
use crate::document::{Content, Input, Type};
use crate::rendered::Rendered;
use crate::rendered_message::RenderedMessage;

/// How a host can render a prompt by itself. What it gives is what the engine gives, or nothing: then the engine is asked.
#[derive(Debug, Serialize)]
pub struct Plan<'p> {
    /// Whether inputs may be missing, and others pass unread.
    open: bool,
    inputs: Vec<Planned<'p>>,
    /// The plan of each message's template (`jinja/plan.rs` lists the nodes).
    templates: Vec<Value>,
    /// Whether an undefined value prints as nothing.
    lenient: bool,
    /// The result with empty messages.
    rendered: Rendered,
}

/// What an input takes.
#[derive(Debug, Serialize)]
struct Planned<'p> {
    name: &'p str,
    r#type: Type,
    required: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    default: Option<&'p Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    r#enum: Option<&'p [Value]>,
}

impl<'p> Plan<'p> {
    pub(super) fn of(prompt: &'p Prompt) -> Option<Self> {
        if !matches!(prompt.shown, Shown::No) || prompt.addition.is_some() {
            return None;
        }
        let open = prompt.reader.is_open();
        let inputs = prompt.inputs.iter().map(|input| planned(input, open));
        let knows = |name: &str| prompt.reader.knows(name);
        let templates = prompt.messages.iter().map(|message| match &message.body {
            Body::Text(template) => template.plan(&knows),
            Body::Parts(_) | Body::Placeholder(_) => None,
        });
        let messages = prompt.messages.iter().map(|message| RenderedMessage {
            role: message.role,
            content: Content::default(),
            name: message.name.clone(),
            ..RenderedMessage::default()
        });
        Some(Self {
            open,
            inputs: inputs.collect::<Option<_>>()?,
            templates: templates.collect::<Option<_>>()?,
            lenient: prompt.lenient,
            rendered: Rendered {
                messages: messages.collect(),
                ..prompt.rest.clone()
            },
        })
    }
}

fn planned(input: &Input, open: bool) -> Option<Planned<'_>> {
    let easy = input.schema.is_none() && !matches!(input.r#type, Type::Image | Type::Messages);
    easy.then(|| Planned {
        name: &input.name,
        r#type: input.r#type,
        required: input.is_required() && !open,
        default: input.default.as_ref(),
        r#enum: input.r#enum.as_deref(),
    })
}
