//! How a template is compiled.

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
