//! A compiled template of the document: the interface to `cuecard-jinja`.

use std::borrow::Cow;
use std::sync::LazyLock;

use serde_json::{Value, json};

use crate::check::{self, Findings, Known, TemplatePlace};
use crate::document;
use crate::error::{At, Code, Error, Result};
use crate::jinja::library::is_global;
use crate::jinja::{
    self, Dialect, ErrorKind, Inputs, Limits, LocalTime, Missing, Options, Str, UndefinedBehavior,
};
use crate::json;

/// A template with its place in the document.
#[derive(Debug)]
pub(crate) struct PlacedTemplate {
    pub(crate) place: TemplatePlace,
    compiled: CompiledText,
}

#[derive(Debug)]
enum CompiledText {
    Jinja2(jinja::Template),
    Text(String),
}

/// The variables of a render.
#[derive(Debug, Default)]
pub(crate) struct RenderContext(Inputs);

impl RenderContext {
    pub(crate) fn set(&mut self, name: &str, value: &Value) {
        self.set_value(name, jinja::Value::from_json(value));
    }

    pub(crate) fn set_value(&mut self, name: &str, value: jinja::Value) {
        self.0.insert_str(Str::new(name), value);
    }

    /// Notes that an optional input has no value: undefined, even if a global has its name; under strict rules it is
    /// false where a template tests it.
    pub(crate) fn leave_out(&mut self, name: &str, lenient: bool) {
        let missing = match lenient {
            true if !is_global(name, Dialect::HuggingFace) => return,
            true => Missing::Name(name.into()),
            false => Missing::Optional(name.into()),
        };
        self.0
            .insert_str(Str::new(name), jinja::Value::undefined(!lenient, missing));
    }

    /// How many values there are.
    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    /// The same values without some names.
    pub(crate) fn without(&self, names: &[String]) -> Self {
        let mut rest = Inputs::with_capacity(self.0.len());
        for (name, value) in self.0.entries() {
            if let jinja::Value::Str(name) = name
                && !names.iter().any(|other| other == name.as_str())
            {
                rest.insert_str(name.clone(), value.clone());
            }
        }
        Self(rest)
    }
}

impl PlacedTemplate {
    /// Compiles a template and notes what it reads and does. A template that does not compile is noted as well, and is
    /// `None`; only a limit is an error. `tokens` are left for this template and those after it.
    pub(crate) fn compile(
        source: &str,
        options: document::TemplateOptions,
        place: TemplatePlace,
        findings: &mut Findings,
        known: Known<'_>,
        tokens: &mut usize,
    ) -> Result<Option<Self>> {
        if options.is_text() {
            let compiled = CompiledText::Text(source.to_owned());
            return Ok(Some(Self { place, compiled }));
        }
        let options = convert(options);
        let error = match jinja::Template::compile_within(source, &options, tokens) {
            Ok(compiled) => {
                check::template::walk(findings, known, &place, compiled.program());
                let compiled = CompiledText::Jinja2(compiled);
                return Ok(Some(Self { place, compiled }));
            }
            Err(error) => place.locate(error.into()),
        };
        match error.code() {
            Code::TemplateUnknownName => {
                let most = &mut jinja::Template::MAX_TOKENS.clone();
                let program = jinja::Program::compile(source, &options, most)?;
                check::template::walk(findings, known, &place, &program);
            }
            Code::LimitExceeded => return Err(error),
            _ => findings.broken(&place, &error),
        }
        Ok(None)
    }

    /// How a host can run the template by itself; `knows` tells which names are inputs.
    pub(crate) fn plan(&self, knows: &dyn Fn(&str) -> bool) -> Option<Value> {
        match &self.compiled {
            CompiledText::Jinja2(template) => template.plan(knows),
            CompiledText::Text(text) => Some(json!([[], [text]])),
        }
    }

    /// Renders the template with what is left of the limits.
    pub(crate) fn render(
        &self,
        context: &RenderContext,
        now: Option<LocalTime>,
        left: &mut Limits,
    ) -> Result<String> {
        match &self.compiled {
            CompiledText::Jinja2(template) => {
                let rendered = template.render_at(&context.0, now, left);
                rendered.map_err(|error| self.place.locate(error.into()))
            }
            CompiledText::Text(text) => Ok(text.clone()),
        }
    }
}

/// A value as `{{ value }}` prints it.
pub(crate) fn print(value: &Value) -> Cow<'_, str> {
    if let Value::String(text) = value {
        return Cow::Borrowed(text);
    }
    static PRINT: LazyLock<Option<jinja::Template>> =
        LazyLock::new(|| jinja::Template::compile("{{ value }}", &Options::default()).ok());
    let mut context = RenderContext::default();
    context.set("value", value);
    let printed = PRINT
        .as_ref()
        .and_then(|template| template.render(&context.0, &Limits::default()).ok());
    Cow::Owned(printed.unwrap_or_else(|| json::text(value)))
}

fn convert(options: document::TemplateOptions) -> Options {
    Options {
        undefined: match options.undefined() {
            document::Undefined::Strict => UndefinedBehavior::Strict,
            document::Undefined::Lenient => UndefinedBehavior::Lenient,
        },
        // `transformers` removes both.
        trim_blocks: options.trim_blocks.unwrap_or(options.is_chat()),
        lstrip_blocks: options.lstrip_blocks.unwrap_or(options.is_chat()),
        keep_trailing_newline: options.keep_trailing_newline.unwrap_or_default(),
        dialect: options.dialect(),
    }
}

impl From<jinja::Error> for Error {
    fn from(error: jinja::Error) -> Self {
        let code = match error.kind() {
            ErrorKind::Syntax => Code::TemplateSyntax,
            ErrorKind::UnknownName => Code::TemplateUnknownName,
            ErrorKind::Include => Code::TemplateInclude,
            ErrorKind::Render => Code::RenderFailed,
            ErrorKind::Limit => Code::LimitExceeded,
        };
        let coded = Self::new(code, error.detail());
        match error.pos() {
            Some(jinja::Pos { line, column }) => coded.with_at(At {
                message: None,
                line,
                column,
            }),
            None => coded,
        }
    }
}
