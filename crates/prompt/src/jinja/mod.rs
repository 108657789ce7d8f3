//! Jinja2, byte for byte as CPython's Jinja2 3.1.6 renders it.

mod access;
mod args;
mod containers;
mod ctx;
mod eval;
mod iter;
mod library;
mod limits;
mod loops;
mod lower;
mod map;
mod object;
mod ops;
mod value;

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
