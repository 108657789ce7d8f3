//! How a template is compiled.

use time::{PrimitiveDateTime, UtcDateTime};

/// What a missing name or attribute does.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum UndefinedBehavior {
    /// Jinja2's `StrictUndefined`: an error as soon as it is used, but for `is defined` and `default`.
    #[default]
    Strict,
    /// Jinja2's default `Undefined`: prints as nothing; its attributes and arithmetic are errors.
    Lenient,
}

/// The host whose templates these are: hosts add to Jinja2.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Dialect {
    /// Jinja2 with its extensions `do` and `loopcontrols`.
    #[default]
    Jinja2,
    /// The chat templates of Hugging Face's `transformers`: the tag `generation`, the functions `raise_exception` and
    /// `strftime_now`, a `tojson` that escapes no HTML; a sandbox in which values cannot be changed; no `do`.
    HuggingFace,
}

/// A wall-clock time in the years 1 to 9999, without a zone.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct LocalTime(pub(crate) PrimitiveDateTime);

impl LocalTime {
    /// From the milliseconds that the clock is after 1970-01-01 00:00:00.
    pub fn from_ms(ms: i64) -> Option<Self> {
        let at = UtcDateTime::from_unix_timestamp_nanos(i128::from(ms) * 1_000_000).ok()?;
        (1..=9999)
            .contains(&at.year())
            .then(|| Self(PrimitiveDateTime::new(at.date(), at.time())))
    }
}

/// How a template is compiled. The default is Jinja2's, but for `undefined`.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Options {
    /// What a missing name does.
    pub undefined: UndefinedBehavior,
    /// Whether the newline after a block tag is removed.
    pub trim_blocks: bool,
    /// Whether the blanks before a block tag at the start of a line are removed.
    pub lstrip_blocks: bool,
    /// Whether the newline at the end of the template is kept.
    pub keep_trailing_newline: bool,
    /// What is available beside Jinja2's own.
    pub dialect: Dialect,
}
