//! Jinja2, byte for byte as CPython's Jinja2 3.1.6 renders it.

mod access;
mod args;
mod ast;
mod containers;
mod ctx;
mod eval;
mod expr;
mod iter;
mod known_names;
mod lex;
mod library;
mod limits;
mod literal;
mod loops;
mod lower;
mod map;
mod object;
mod ops;
mod parser;
mod plan;
mod reads;
mod scope;
mod size;
mod value;
mod walk;

use crate::check::{Findings, Known, Place};
use crate::error::Result;
pub use containers::{Dict, List, Names, Tuple};
pub use limits::Limits;
pub use map::Map;
pub use object::Object;
pub use value::{Missing, Str, Undefined as UndefinedValue, Value};

/// What a missing name or attribute does.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Undefined {
    /// Jinja2's `StrictUndefined`: an error as soon as it is used, but for `is defined` and `default`.
    #[default]
    Strict,
    /// Jinja2's default `Undefined`: prints as nothing; its attributes and arithmetic are errors.
    Lenient,
}

/// How a template is compiled. The default is Jinja2's, but for `undefined`.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Options {
    /// What a missing name does.
    pub undefined: Undefined,
    /// Whether the newline after a block tag is removed.
    pub trim_blocks: bool,
    /// Whether the blanks before a block tag at the start of a line are removed.
    pub lstrip_blocks: bool,
    /// Whether the newline at the end of the template is kept.
    pub keep_trailing_newline: bool,
}

/// The variables that a template is rendered with.
pub type Inputs = Map;

/// A compiled template: shared between threads, rendered as often as needed.
#[derive(Debug)]
pub struct Template {
    program: lower::Program,
    options: Options,
}

impl Template {
    /// Tokens of a template's tags and pieces of text; also of all templates of a prompt together.
    pub const MAX_TOKENS: usize = 30_000;

    /// Compiles a template.
    ///
    /// # Errors
    /// `template_syntax`, `template_unknown_name`, `template_include`, `limit_exceeded`
    pub fn compile(source: &str, options: &Options) -> Result<Self> {
        Self::compile_within(source, options, &mut Self::MAX_TOKENS.clone())
    }

    /// [`Template::compile`] for one of several templates that share what is `left` of the tokens.
    pub(crate) fn compile_within(
        source: &str,
        options: &Options,
        left: &mut usize,
    ) -> Result<Self> {
        Ok(Self {
            program: lower::Program::compile(source, options, left)?,
            options: *options,
        })
    }

    /// Renders with the inputs.
    ///
    /// # Errors
    /// `render_failed`, `limit_exceeded`
    pub fn render(&self, inputs: &Inputs, limits: &Limits) -> Result<String> {
        self.render_within(inputs, &mut limits.clone())
    }

    /// [`Template::render`] for one of several renders that share what is `left` of the limits for work and memory.
    pub(crate) fn render_within(&self, inputs: &Inputs, left: &mut Limits) -> Result<String> {
        let (result, budget) = ctx::Ctx::new(&self.program, self.options, inputs, left).run();
        budget.leave_in(left);
        result
    }

    /// How a host can run the template by itself ([`plan`]), if all of it is of that kind; `knows` tells which names are
    /// inputs.
    pub(crate) fn plan(&self, knows: &dyn Fn(&str) -> bool) -> Option<serde_json::Value> {
        plan::plan(&self.program.tree, &self.program.root.scope, knows)
    }

    /// Notes what the template reads and does.
    pub(crate) fn check(&self, findings: &mut Findings, known: Known<'_>, place: &Place) {
        let lower::Program { tree, root, .. } = &self.program;
        reads::walk(findings, known, place, tree, root);
    }

    /// [`Template::check`] for a template that does not compile because of a name in it.
    pub(crate) fn check_source(
        source: &str,
        options: &Options,
        findings: &mut Findings,
        known: Known<'_>,
        place: &Place,
    ) -> Result<()> {
        let mut tree = parser::parse(source, options, &mut Self::MAX_TOKENS.clone())?;
        let root = scope::resolve(&mut tree)?;
        reads::walk(findings, known, place, &tree, &root);
        Ok(())
    }
}

#[cfg(test)]
mod tests;
#[cfg(test)]
pub(crate) use {lex::MAX_TEMPLATE, limits::MAX_NESTED, parser::MAX_BLOCKS};
