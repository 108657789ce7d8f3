//! The errors of the parser.

use super::{Parser, Pos, TokenKind};
use crate::error::{Error, Result};
use crate::syntax::lexer::Token;
use crate::text::quote::push_quoted;

impl Parser<'_> {
    /// An error at the current token.
    pub(super) fn fail<T>(&self, detail: impl Into<String>) -> Result<T> {
        Err(Error::syntax(self.current.pos, detail))
    }

    /// Keeps an error that Jinja2 finds only when it compiles the tree.
    pub(super) fn fail_later(&mut self, pos: Pos, detail: impl Into<String>) {
        self.late.get_or_insert_with(|| Error::syntax(pos, detail));
    }

    pub(super) fn describe(&self, token: Token) -> String {
        quoted(match token.kind {
            TokenKind::Name => self.text(token),
            kind => kind.describe(),
        })
    }

    pub(super) fn expected(&self, what: &str) -> Error {
        let detail = match self.current.kind {
            TokenKind::End => format!("unexpected end of template, expected {}.", quoted(what)),
            _ => {
                let got = self.describe(self.current);
                format!("expected token {}, got {got}", quoted(what))
            }
        };
        Error::syntax(self.current.pos, detail)
    }

    pub(super) fn unknown_tag(&self, tag: Token) -> Error {
        let name = self.text(tag);
        let start = format!("Encountered unknown tag {}.", quoted(name));
        Error::syntax(tag.pos, self.unfinished(start, Some(name)))
    }

    pub(super) fn end_of_template(&self) -> Error {
        let start = "Unexpected end of template.".to_owned();
        Error::syntax(self.current.pos, self.unfinished(start, None))
    }

    /// Adds what was expected, and where the innermost open block starts.
    fn unfinished(&self, mut message: String, tag: Option<&str>) -> String {
        if let Some(ends) = self.ends.last() {
            let ends: Vec<_> = ends.iter().map(|end| quoted(end)).collect();
            let ends = ends.join(" or ");
            let mut expected = self.ends.iter().flat_map(|ends| *ends);
            message += &match expected.any(|end| Some(*end) == tag) {
                true => format!(
                    " You probably made a nesting mistake. Jinja is expecting this tag, but currently looking for {ends}."
                ),
                false => format!(" Jinja was looking for the following tags: {ends}."),
            };
        }
        if let Some(tag) = self.tags.last() {
            let name = quoted(self.text(*tag));
            let Pos { line, column } = tag.pos;
            message += &format!(" The innermost block that needs to be closed is {name}.");
            message += &format!(" It starts at line {line}, column {column}.");
        }
        message
    }
}

/// Python's `repr`.
pub(super) fn quoted(text: &str) -> String {
    let mut quoted = String::new();
    push_quoted(&mut quoted, text);
    quoted
}
