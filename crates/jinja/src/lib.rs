//! Jinja2, byte for byte as CPython's Jinja2 3.1.6 renders it, within counted limits: text and values in, text out.
//!
//! ```
//! use cuecard_jinja::{Inputs, Limits, Options, Str, Template, Value};
//!
//! let template = Template::compile("Hello {{ name|title }}!", &Options::default())?;
//! let mut inputs = Inputs::default();
//! inputs.insert_str(Str::new("name"), Value::from("ada lovelace"));
//! assert_eq!(template.render(&inputs, &Limits::default())?, "Hello Ada Lovelace!");
//! # Ok::<(), cuecard_jinja::Error>(())
//! ```
//!
//! A template goes down these floors, and reads best in this order:
//!
//! 1. [`syntax`]: text → tokens → tree, with Jinja2's errors.
//! 2. `compile`: every name gets a slot, as in Jinja2's identifier tracking.
//! 3. `value`: what names hold, as Python has it.
//! 4. `run`: the tree is evaluated, statement by statement.
//! 5. [`library`]: filters, tests, methods and globals.
//! 6. [`plan`](Template::plan): a small part of the language as data, for a host that runs it by itself.
//!
//! `text` has what Python knows of characters, `limits` what one render may cost, `error` the one error. There is no
//! clock, no randomness and no I/O: `random` and `lipsum` choose by what a template is and what was chosen before.

mod compile;
mod error;
pub mod library;
mod limits;
mod options;
mod plan;
mod run;
mod size;
pub mod syntax;
mod text;
mod value;

pub use compile::program::Program;
pub use compile::scope::Root;
pub use error::{Error, ErrorKind, Pos, Result};
pub use limits::{Limits, MAX_NESTED};
pub use options::{Dialect, LocalTime, Options, UndefinedBehavior};
pub use plan::is_reordered;
pub use syntax::lexer::MAX_TEMPLATE;
pub use syntax::parser::MAX_BLOCKS;
pub use text::decimal::read_float;
pub use text::unicode::is_identifier;
pub use value::containers::{Dict, List, Names, Tuple};
pub use value::map::Map;
pub use value::object::Object;
pub use value::{Missing, Str, UndefinedValue, Value};

/// The variables that a template is rendered with.
pub type Inputs = Map;

/// A compiled template: shared between threads, rendered as often as needed.
#[derive(Debug)]
pub struct Template {
    program: Program,
    options: Options,
}

impl Template {
    /// Tokens of a template's tags and pieces of text; also of all templates of a prompt together.
    pub const MAX_TOKENS: usize = 30_000;

    /// Compiles a template.
    ///
    /// # Errors
    /// Every kind but `Render`
    pub fn compile(source: &str, options: &Options) -> Result<Self> {
        Self::compile_within(source, options, &mut Self::MAX_TOKENS.clone())
    }

    /// [`Template::compile`] for one of several templates that share what is `left` of the tokens.
    ///
    /// # Errors
    /// Those of [`Template::compile`]
    pub fn compile_within(source: &str, options: &Options, left: &mut usize) -> Result<Self> {
        let program = Program::compile(source, options, left)?;
        if let Some((_, error)) = program.root.unknown.first() {
            return Err(error.clone());
        }
        let options = *options;
        Ok(Self { program, options })
    }

    /// Renders with the inputs.
    ///
    /// # Errors
    /// `Render`, `Limit`
    pub fn render(&self, inputs: &Inputs, limits: &Limits) -> Result<String> {
        self.render_within(inputs, &mut limits.clone())
    }

    /// [`Template::render`] for one of several renders that share what is `left` of the limits for work and memory.
    ///
    /// # Errors
    /// Those of [`Template::render`]
    pub fn render_within(&self, inputs: &Inputs, left: &mut Limits) -> Result<String> {
        self.render_at(inputs, None, left)
    }

    /// [`Template::render_within`] at a moment, which templates of [`Dialect::HuggingFace`] can ask for.
    ///
    /// # Errors
    /// Those of [`Template::render`]
    pub fn render_at(
        &self,
        inputs: &Inputs,
        now: Option<LocalTime>,
        left: &mut Limits,
    ) -> Result<String> {
        let mut ctx = run::ctx::Ctx::new(&self.program, self.options, inputs, left);
        ctx.now = now;
        let (result, budget) = ctx.run();
        budget.leave_in(left);
        result
    }

    /// How a host can run the template by itself, if all of it is of that kind; `knows` tells which names are
    /// inputs.
    pub fn plan(&self, knows: &dyn Fn(&str) -> bool) -> Option<serde_json::Value> {
        plan::plan(
            &self.program.tree,
            &self.program.root,
            self.options.dialect,
            knows,
        )
    }

    /// The tree of the template, with the place of every name.
    pub fn program(&self) -> &Program {
        &self.program
    }
}

#[cfg(test)]
mod tests;
