//! The error of templates: a kind, what happened, and where.

use std::fmt;

/// Result of everything in this crate.
pub type Result<T> = std::result::Result<T, Error>;

/// A place in a template: line and column from 1, the column in characters.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Pos {
    /// The line, from 1.
    pub line: u32,
    /// The column in that line, in characters, from 1.
    pub column: u32,
}

/// What kind of error it is.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum ErrorKind {
    /// The template does not parse.
    Syntax,
    /// The template uses an unknown filter or test.
    UnknownName,
    /// The template needs other templates.
    Include,
    /// The template failed to render.
    Render,
    /// A limit was exceeded, when the template was compiled or rendered.
    Limit,
}

/// An error of a template, in Jinja2's words where Jinja2 has the error.
#[derive(Clone, Debug, PartialEq)]
pub struct Error(Box<Repr>);

#[derive(Clone, Debug, PartialEq)]
struct Repr {
    kind: ErrorKind,
    detail: String,
    pos: Option<Pos>,
}

impl Error {
    pub(crate) fn new(kind: ErrorKind, detail: impl Into<String>) -> Self {
        Self(Box::new(Repr {
            kind,
            detail: detail.into(),
            pos: None,
        }))
    }

    /// `Syntax` at a place.
    pub(crate) fn syntax(pos: Pos, detail: impl Into<String>) -> Self {
        Self::new(ErrorKind::Syntax, detail).with_pos(pos)
    }

    #[must_use]
    pub(crate) fn with_pos(mut self, pos: Pos) -> Self {
        self.0.pos = Some(pos);
        self
    }

    /// What kind of error it is.
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// What happened; never the value of an input.
    pub fn detail(&self) -> &str {
        &self.0.detail
    }

    /// The place in the template, where there is one.
    pub fn pos(&self) -> Option<Pos> {
        self.0.pos
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.detail)?;
        match self.0.pos {
            Some(Pos { line, column }) => write!(f, " at {line}:{column}"),
            None => Ok(()),
        }
    }
}

impl std::error::Error for Error {}

/// The error with a place, unless it has one from further in.
pub(crate) fn locate(error: Error, pos: impl Into<Option<Pos>>) -> Error {
    match (error.pos(), pos.into()) {
        (None, Some(pos)) => error.with_pos(pos),
        _ => error,
    }
}
