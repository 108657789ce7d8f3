//! A template of the document, compiled.

use std::borrow::Cow;
use std::collections::BTreeMap;

use minijinja::machinery::parse;
use minijinja::{Environment, UndefinedBehavior};
use serde_json::Value;

use crate::check::{Findings, Known, Place, walk};
use crate::document;
use crate::error::{At, Code, Error, Result};

/// A compiled template.
#[derive(Clone, Debug)]
pub(crate) struct Template {
    source: String,
    strict: bool,
}

/// What templates are rendered with.
#[derive(Clone, Debug, Default)]
pub(crate) struct Context(BTreeMap<String, minijinja::Value>);

impl Context {
    pub(crate) fn set(&mut self, name: &str, value: &Value) {
        self.0.insert(name.to_owned(), convert(value));
    }

    pub(crate) fn remove(&mut self, name: &str) {
        self.0.remove(name);
    }
}

impl Template {
    /// Compiles a template; the error's place has no message.
    pub(crate) fn compile(source: &str, options: document::Template) -> Result<Self> {
        parse(source, "", Default::default()).map_err(|e| located(Code::TemplateSyntax, &e))?;
        let strict = options.undefined.unwrap_or_default() == document::Undefined::Strict;
        Ok(Self {
            source: source.to_owned(),
            strict,
        })
    }

    /// Notes what the template reads and does.
    pub(crate) fn walk(&self, findings: &mut Findings, known: Known<'_>, place: &Place) {
        if let Ok(tree) = parse(&self.source, "", Default::default()) {
            walk(findings, known, place, &self.source, &tree);
        }
    }

    /// Renders the template; the error's place has no message.
    pub(crate) fn render(&self, context: &Context) -> Result<String> {
        let mut environment = Environment::empty();
        let behavior = if self.strict {
            UndefinedBehavior::Strict
        } else {
            UndefinedBehavior::Lenient
        };
        environment.set_undefined_behavior(behavior);
        let context = minijinja::Value::from(context.0.clone());
        environment
            .render_str(&self.source, context)
            .map_err(|e| located(Code::RenderFailed, &e))
    }
}

/// A value as `{{ value }}` prints it.
pub(crate) fn print(value: &Value) -> Cow<'_, str> {
    match value {
        Value::String(text) => Cow::Borrowed(text),
        other => Cow::Owned(convert(other).to_string()),
    }
}

fn located(code: Code, error: &minijinja::Error) -> Error {
    let line = error
        .line()
        .and_then(|line| u32::try_from(line).ok())
        .unwrap_or(1);
    Error::new(code, error.to_string()).with_at(At {
        message: None,
        line,
        column: 1,
    })
}

fn convert(value: &Value) -> minijinja::Value {
    match value {
        Value::Null => minijinja::Value::from(()),
        Value::Bool(value) => (*value).into(),
        Value::Number(number) => match number.as_i64() {
            Some(integer) => integer.into(),
            None => number.as_f64().unwrap_or_default().into(),
        },
        Value::String(text) => text.as_str().into(),
        Value::Array(items) => items.iter().map(convert).collect::<Vec<_>>().into(),
        Value::Object(members) => {
            let members = members
                .iter()
                .map(|(key, value)| (key.clone(), convert(value)));
            members.collect::<BTreeMap<_, _>>().into()
        }
    }
}
