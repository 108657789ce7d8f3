//! Kinds of values, as far as they matter to the translation.

/// What a value may be, where that decides how it prints or reckons.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum ValueKind {
    /// Nothing special is known.
    Plain,
    /// A whole number.
    Number,
    /// `2.5`: products print otherwise.
    Fraction,
    /// `true`, `false` or `nil`: they print otherwise.
    Flag,
    /// A list prints otherwise.
    List,
    /// Escaped text, which Jinja2 tells apart from other text.
    Escaped,
    /// A name that holds several of these.
    Mixed,
}
