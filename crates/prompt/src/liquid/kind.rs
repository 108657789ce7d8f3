//! Kinds of values, as far as the translation depends on them.

/// The kind of a value, where it decides how the value prints or computes.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum ValueKind {
    /// Unknown.
    Plain,
    /// A whole number.
    Number,
    /// A float: products print otherwise.
    Fraction,
    /// `true`, `false` or `nil`, which print otherwise.
    Flag,
    /// A list, which prints otherwise.
    List,
    /// Escaped text, which Jinja2 tells from other text.
    Escaped,
    /// A name that may hold several of these.
    Mixed,
}
