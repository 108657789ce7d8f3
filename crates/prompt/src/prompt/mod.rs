//! A compiled prompt: inputs in, messages out.

mod compile;
mod demonstrate;
mod output;
mod plan;
mod render;
mod sample;

use std::collections::BTreeSet;

use serde_json::Value;

use crate::document::{Document, Input, Output, Role};
use crate::error::{Issue, Result};
use crate::inputs::{DeclaredInputs, Given};
use crate::jinja::{Limits, LocalTime, Template};
use crate::rendered::Rendered;
use crate::rendered_message::RenderedMessage;
use crate::template::PlacedTemplate;
use demonstrate::ShownDemonstrations;
pub(crate) use demonstrate::examples;
pub use plan::Plan;
pub(crate) use render::MAX_OUTPUT;

/// The text that the technique `chain_of_thought` adds to the system message.
pub const CHAIN_OF_THOUGHT: &str =
    "Think step by step: reason through the task first, then give the final answer.";

/// Settings of a render that the host decides.
#[derive(Clone, Copy, Debug, Default)]
pub struct RenderOptions {
    /// The time, for `strftime_now`.
    pub now: Option<LocalTime>,
    /// Units of work that the render may take, instead of those of [`Limits`]; at most [`RenderOptions::MAX_WORK`].
    pub work: Option<u64>,
}

impl RenderOptions {
    /// The most work that a host can allow.
    pub const MAX_WORK: u64 = 10_000_000;

    fn limits(self) -> Limits {
        let usual = Limits::default();
        Limits {
            work: self
                .work
                .map_or(usual.work, |work| work.min(Self::MAX_WORK)),
            ..usual
        }
    }
}

/// A document that is ready to render.
#[derive(Debug)]
pub struct Prompt {
    messages: Vec<CompiledMessage>,
    inputs: Vec<Input>,
    reader: DeclaredInputs,
    /// The inputs that templates read; the others need not be converted.
    read: BTreeSet<String>,
    shown: ShownDemonstrations,
    /// Whether undefined values are lenient.
    lenient: bool,
    /// The text added to the system message.
    addition: Option<String>,
    /// The parts of the result that inputs do not change.
    rest: Rendered,
    warnings: Vec<Issue>,
    outputs: Vec<Output>,
}

/// One compiled message.
#[derive(Debug)]
struct CompiledMessage {
    role: Role,
    name: Option<String>,
    body: MessageBody,
}

#[derive(Debug)]
enum MessageBody {
    Text(Box<PlacedTemplate>),
    Parts(Vec<CompiledPart>),
    /// The messages of an input.
    Placeholder(String),
}

#[derive(Debug)]
enum CompiledPart {
    Text(PlacedTemplate),
    Image(PlacedTemplate),
}

impl Prompt {
    /// Compiles a document: every template is parsed and checked against the inputs.
    ///
    /// # Errors
    /// `template_syntax`, `template_include`, `template_unknown_name`, `template_undefined`, `document_invalid`, each
    /// with everything that was found; `limit_exceeded`
    pub fn compile(document: &Document) -> Result<Self> {
        let mut left = Template::MAX_TOKENS;
        Self::compile_within(document, &mut left)
    }

    /// [`Prompt::compile`] for one of several documents that share what is `left` of the tokens.
    ///
    /// # Errors
    /// Those of [`Prompt::compile`]
    pub fn compile_within(document: &Document, left: &mut usize) -> Result<Self> {
        compile::compile(document, left)
    }

    /// Whether a template names the demonstrations.
    pub(crate) fn places_demonstrations(&self) -> bool {
        matches!(self.shown, ShownDemonstrations::Placed(_))
    }

    /// The inputs: those that the document declares, or those that its templates ask for.
    pub fn inputs(&self) -> &[Input] {
        &self.inputs
    }

    /// Warnings of the static check, which do not stop a render: unused inputs, unknown attributes, optional
    /// inputs that are read as if they were always there.
    pub fn warnings(&self) -> &[Issue] {
        &self.warnings
    }

    /// Every issue of the inputs; empty when they fit.
    pub fn check(&self, inputs: &Value) -> Vec<Issue> {
        self.reader.check(inputs)
    }

    /// The names that a prompt reads, where other inputs are ignored; `None` where other inputs are an issue.
    pub fn open_names(&self) -> Option<Vec<&str>> {
        let names = self.inputs.iter().map(|input| input.name.as_str());
        let open = self.reader.is_open();
        open.then(|| names.chain(self.reader.globals()).collect())
    }

    /// How a host can render the prompt by itself, if it is of that kind.
    pub fn plan(&self) -> Option<Plan<'_>> {
        Plan::of(self)
    }

    /// Renders the prompt.
    ///
    /// # Errors
    /// `input_invalid` with every issue, `render_failed`, `limit_exceeded`
    pub fn render(&self, inputs: &Value) -> Result<Rendered> {
        self.render_with(inputs, RenderOptions::default())
    }

    /// [`Prompt::render`] with the host's settings.
    ///
    /// # Errors
    /// Those of [`Prompt::render`]
    pub fn render_with(&self, inputs: &Value, options: RenderOptions) -> Result<Rendered> {
        Ok(Rendered {
            messages: self.messages_with(inputs, options)?,
            ..self.rest.clone()
        })
    }

    /// The messages of [`Prompt::render`].
    ///
    /// # Errors
    /// Those of [`Prompt::render`]
    pub fn messages(&self, inputs: &Value) -> Result<Vec<RenderedMessage>> {
        self.messages_with(inputs, RenderOptions::default())
    }

    /// The messages of [`Prompt::render_with`].
    ///
    /// # Errors
    /// Those of [`Prompt::render`]
    pub fn messages_with(
        &self,
        inputs: &Value,
        options: RenderOptions,
    ) -> Result<Vec<RenderedMessage>> {
        render::messages(self, inputs, options)
    }

    /// [`Prompt::messages_with`] of template values; `None` where they are larger than inputs may be.
    ///
    /// # Errors
    /// Those of [`Prompt::render`]
    pub fn messages_of(
        &self,
        given: &Given,
        options: RenderOptions,
    ) -> Option<Result<Vec<RenderedMessage>>> {
        let fitted = self.reader.fit(given)?;
        Some(fitted.and_then(|fitted| render::messages_of(self, fitted, options)))
    }

    /// A model's text as the prompt's output: JSON where the outputs ask for it. With every issue of it.
    pub fn output(&self, text: &str) -> (Value, Vec<Issue>) {
        output::read(&self.outputs, self.rest.response_format.as_ref(), text)
    }

    /// The parts of [`Prompt::render`] that inputs do not change.
    pub fn rest(&self) -> &Rendered {
        &self.rest
    }
}
