//! Prompts that a host can render by itself, without the engine: `pkg/js/plan/` is such a host.

use cuecard_jinja::is_reordered;
use serde::Serialize;
use serde_json::{Value, json};

use super::demonstrate::{DemonstrationPair, ShownDemonstrations};
use super::{CompiledMessage, CompiledPart, MessageBody, Prompt};
use crate::check::DEMONSTRATIONS;
use crate::document::{Document, Input, Role};
use crate::error::Issue;
use crate::json;
use crate::template::PlacedTemplate;

/// How a host can render a prompt by itself. Its result is the engine's, or nothing: then the host asks the engine.
#[derive(Debug, Serialize)]
pub struct Plan<'p> {
    /// Whether inputs may be missing, and unknown ones are ignored.
    open: bool,
    /// Jinja2's globals that templates read and an input of their name would replace.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    globals: Vec<&'p str>,
    /// Whether an undefined value prints as nothing.
    lenient: bool,
    messages: Vec<PlannedMessage<'p>>,
    /// The demonstrations, where a template names them.
    #[serde(skip_serializing_if = "Option::is_none")]
    rows: Option<&'p Value>,
    /// The demonstrations, where they stand before the real turn.
    #[serde(skip_serializing_if = "Option::is_none")]
    pairs: Option<Pairs<'p>>,
    /// The text added to the instructions.
    #[serde(skip_serializing_if = "Option::is_none")]
    addition: Option<&'p str>,
}

/// A message: exactly one of `text`, `parts` and `placeholder` is set.
#[derive(Debug, Serialize)]
struct PlannedMessage<'p> {
    role: Role,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<&'p str>,
    /// The plan of a template (`crates/jinja/src/plan` lists the nodes).
    #[serde(skip_serializing_if = "Option::is_none")]
    text: Option<Value>,
    /// `text` or `image`, and the plan of its template.
    #[serde(skip_serializing_if = "Option::is_none")]
    parts: Option<Vec<(&'static str, Value)>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    placeholder: Option<&'p str>,
}

#[derive(Debug, Serialize)]
struct Pairs<'p> {
    /// The inputs that a row fills, or leaves empty.
    columns: &'p [String],
    /// The inputs and the answer of each row.
    rows: Vec<(&'p [(String, Value)], &'p str)>,
}

/// What is sent beside a document, but for its seal.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ShippedPlan<'p> {
    format: u32,
    hash: &'p str,
    inputs: &'p [Input],
    warnings: &'p [Issue],
    plan: Plan<'p>,
    /// That of the outputs, where the document has none.
    #[serde(skip_serializing_if = "Option::is_none")]
    response_format: Option<&'p Value>,
}

impl<'p> Plan<'p> {
    /// The format of [`Prompt::shipped`]: it changes whenever an older host would read it wrongly.
    pub const FORMAT: u32 = 1;

    pub(super) fn of(prompt: &'p Prompt) -> Option<Self> {
        let (mut rows, mut pairs) = (None, None);
        match &prompt.shown {
            ShownDemonstrations::No | ShownDemonstrations::InContext(_) => {}
            ShownDemonstrations::Placed(value) => rows = Some(alike(value).then_some(value)?),
            ShownDemonstrations::Pairs { inputs, pairs: all } => {
                let rows = all.iter().map(row).collect::<Option<_>>()?;
                let columns = inputs;
                pairs = Some(Pairs { columns, rows });
            }
        }
        let knows =
            |name: &str| prompt.reader.knows(name) || (rows.is_some() && name == DEMONSTRATIONS);
        let messages = prompt.messages.iter();
        Some(Self {
            open: prompt.reader.is_open(),
            globals: prompt.reader.globals().collect(),
            lenient: prompt.lenient,
            messages: messages
                .map(|message| planned(message, &knows))
                .collect::<Option<_>>()?,
            rows,
            pairs,
            addition: prompt.addition.as_deref(),
        })
    }
}

impl Prompt {
    /// Everything that a host needs to check inputs and render by itself, sent beside the document, whose hash this
    /// is. Its seal covers both: a plan that was cut off, changed or put beside another document is not used. It is
    /// no protection against an origin that forges both.
    pub fn shipped(&self, document: &Document, hash: &str) -> Option<Value> {
        let made = self.rest.response_format.as_ref();
        let mut shipped = json::value_of(&ShippedPlan {
            format: Plan::FORMAT,
            hash,
            inputs: self.inputs(),
            warnings: self.warnings(),
            plan: self.plan()?,
            response_format: made.filter(|_| document.response_format.is_none()),
        })
        .ok()?;
        let document = document.to_value().ok()?;
        let seal = seal(&json::canonical(&json!([document, shipped])));
        shipped
            .as_object_mut()?
            .insert("seal".to_owned(), seal.into());
        Some(shipped)
    }
}

/// A checksum of a text's UTF-16 that is cheap for a host: two products of 32 bits.
fn seal(text: &str) -> String {
    let (mut a, mut b) = (0x9e37_79b9_u32, 0x85eb_ca6b_u32);
    for unit in text.encode_utf16() {
        a = (a ^ u32::from(unit)).wrapping_mul(0x9e37_79b1);
        b = (b ^ u32::from(unit))
            .wrapping_mul(0x5f35_6495)
            .rotate_left(13);
    }
    format!("{a:08x}{b:08x}")
}

fn planned<'p>(
    message: &'p CompiledMessage,
    knows: &dyn Fn(&str) -> bool,
) -> Option<PlannedMessage<'p>> {
    let mut planned = PlannedMessage {
        role: message.role,
        name: message.name.as_deref(),
        text: None,
        parts: None,
        placeholder: None,
    };
    let plan = |template: &PlacedTemplate| template.plan(knows);
    match &message.body {
        MessageBody::Text(template) => planned.text = Some(plan(template)?),
        MessageBody::Parts(parts) => {
            let part = |part: &CompiledPart| {
                Some(match part {
                    CompiledPart::Text(template) => ("text", plan(template)?),
                    CompiledPart::Image(template) => ("image", plan(template)?),
                })
            };
            planned.parts = Some(parts.iter().map(part).collect::<Option<_>>()?);
        }
        MessageBody::Placeholder(input) => planned.placeholder = Some(input),
    }
    Some(planned)
}

fn row(pair: &DemonstrationPair) -> Option<(&[(String, Value)], &str)> {
    let alike = pair.inputs.iter().all(|(_, value)| alike(value));
    alike.then_some((&pair.inputs, &pair.answer))
}

/// Whether JSON carries a value to JavaScript unchanged: no integral floats, and no keys that JavaScript reorders.
fn alike(value: &Value) -> bool {
    match value {
        Value::Number(number) => {
            !number.is_f64() || number.as_f64().is_some_and(|float| float.fract() != 0.0)
        }
        Value::Array(items) => items.iter().all(alike),
        Value::Object(members) => members
            .iter()
            .all(|(key, member)| !is_reordered(key) && alike(member)),
        Value::Null | Value::Bool(_) | Value::String(_) => true,
    }
}
