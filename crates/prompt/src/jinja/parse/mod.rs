//! The parser: minijinja's, on the template that `emit` has made of ours. The only file that names minijinja.

mod expressions;
mod statements;

use std::sync::Arc;

use minijinja::machinery::{Span, ast as mj, parse as parse_minijinja};

use super::Options;
use super::ast::*;
use super::emit::{Emitted, emit};
use super::lex::{Token, TokenKind, normalise, syntax, tokenize};
use crate::error::Result;

/// Parses a template, and takes its tokens from those that are `left`.
pub(super) fn parse(source: &str, options: &Options, left: &mut usize) -> Result<Tree> {
    let source = normalise(source, options)?;
    let tokens = tokenize(&source, options, left)?;
    let emitted = emit(&source, &tokens)?;
    let mut reader = Reader {
        source: &source,
        tokens: &tokens,
        emitted: &emitted,
        tree: Tree::default(),
    };
    let parsed = parse_minijinja(&emitted.text, "", Default::default())
        .map_err(|error| reader.error(&error))?;
    let mj::Stmt::Template(template) = &parsed else {
        return Err(syntax(Pos::default(), "not a template"));
    };
    let body = reader.stmts(&template.children)?;
    let mut tree = reader.tree;
    tree.body = body;
    Ok(tree)
}

struct Reader<'a> {
    source: &'a str,
    tokens: &'a [Token],
    emitted: &'a Emitted,
    tree: Tree,
}

impl Reader<'_> {
    fn error(&self, error: &minijinja::Error) -> crate::error::Error {
        let pos = error
            .line()
            .and_then(|line| self.emitted.token_on_line(line))
            .map_or_else(Pos::default, |index| self.pos(index));
        syntax(pos, error.detail().unwrap_or("the template does not parse"))
    }

    fn pos(&self, index: usize) -> Pos {
        self.tokens.get(index).map(|t| t.pos).unwrap_or_default()
    }

    fn text(&self, index: usize) -> &str {
        let token = self.tokens.get(index);
        token
            .and_then(|token| self.source.get(token.range.clone()))
            .unwrap_or_default()
    }

    fn at(&self, span: Span) -> usize {
        self.index(span.start_offset as usize)
    }

    fn index(&self, offset: usize) -> usize {
        self.emitted.token_at(offset).unwrap_or(usize::MAX)
    }

    /// The token of a name that minijinja gives as a part of its input.
    fn of_str(&self, name: &str) -> usize {
        let start = self.emitted.text.as_ptr() as usize;
        self.index((name.as_ptr() as usize).wrapping_sub(start))
    }

    fn name(&self, index: usize) -> Name {
        Name {
            name: self.text(index).into(),
            pos: self.pos(index),
            place: Place::default(),
        }
    }

    fn dotted(&self, mut index: usize) -> Arc<str> {
        let mut name = self.text(index).to_owned();
        while self.text(index + 1) == "."
            && self.tokens.get(index + 2).map(|t| t.kind) == Some(TokenKind::Name)
        {
            name.push('.');
            name.push_str(self.text(index + 2));
            index += 2;
        }
        name.into()
    }
}
