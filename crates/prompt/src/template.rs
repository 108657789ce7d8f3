//! A template of the document, compiled.

use std::borrow::Cow;
use std::sync::Arc;

use minijinja::machinery::parse;
use serde_json::Value;

use crate::check::{Findings, Known, Place, walk};
use crate::document;
use crate::error::Result;
use crate::jinja;

/// Branches of a template up to which the check can read it: its parser recurses for every `elif`.
const MAX_CHECKED_ELIFS: usize = 256;

/// A compiled template.
#[derive(Clone, Debug)]
pub(crate) struct Template {
    source: String,
    compiled: Arc<jinja::Template>,
}

/// What templates are rendered with.
#[derive(Clone, Debug, Default)]
pub(crate) struct Context(jinja::Inputs);

impl Context {
    pub(crate) fn set(&mut self, name: &str, value: &Value) {
        let name = jinja::Str::new(name);
        self.0.insert_str(name, jinja::Value::from_json(value));
    }

    pub(crate) fn remove(&mut self, name: &str) {
        self.0.remove_str(name);
    }
}

impl Template {
    /// Compiles a template; the error's place has no message.
    pub(crate) fn compile(source: &str, options: document::Template) -> Result<Self> {
        let undefined = match options.undefined.unwrap_or_default() {
            document::Undefined::Strict => jinja::Undefined::Strict,
            document::Undefined::Lenient => jinja::Undefined::Lenient,
        };
        let options = jinja::Options {
            undefined,
            trim_blocks: options.trim_blocks.unwrap_or_default(),
            lstrip_blocks: options.lstrip_blocks.unwrap_or_default(),
            keep_trailing_newline: options.keep_trailing_newline.unwrap_or_default(),
        };
        Ok(Self {
            source: source.to_owned(),
            compiled: Arc::new(jinja::Template::compile(source, &options)?),
        })
    }

    /// Notes what the template reads and does.
    pub(crate) fn walk(&self, findings: &mut Findings, known: Known<'_>, place: &Place) {
        if self.source.matches("elif").count() > MAX_CHECKED_ELIFS {
            return;
        }
        if let Ok(tree) = parse(&self.source, "", Default::default()) {
            walk(findings, known, place, &self.source, &tree);
        }
    }

    /// Renders the template; the error's place has no message.
    pub(crate) fn render(&self, context: &Context) -> Result<String> {
        self.compiled.render(&context.0, &jinja::Limits::default())
    }
}

/// A value as `{{ value }}` prints it.
pub(crate) fn print(value: &Value) -> Cow<'_, str> {
    match value {
        Value::String(text) => Cow::Borrowed(text),
        other => Cow::Owned(printed(other).unwrap_or_default()),
    }
}

fn printed(value: &Value) -> Result<String> {
    let mut context = Context::default();
    context.set("value", value);
    Template::compile("{{ value }}", document::Template::default())?.render(&context)
}
