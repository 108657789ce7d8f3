//! Rewrites Jinja2's tokens into a template that minijinja's parser reads as Jinja2's parser reads the original.
//!
//! Names become `x` and literals `""`, `0` and `0.5`: the syntax tree is filled in again from the tokens, by offset.
//! What minijinja does not know (`print`, tuples without brackets, unary plus, a colon at the end of a tag, …) is written
//! in the way that it knows. Every token of a tag starts a line, so that an error's line leads back to its token.

mod expression;
mod tags;

use std::ops::Range;

use super::ast::Pos;
use super::lex::{Token, TokenKind, is_space};
use crate::error::Result;

/// Blocks within blocks.
pub(crate) const MAX_BLOCKS: usize = 32;

/// The rewritten template.
#[derive(Debug, Default)]
pub(super) struct Emitted {
    pub(super) text: String,
    /// Offset and line in `text`, and index of the token.
    places: Vec<(usize, usize, usize)>,
    /// For each offset in `text` the token that was written there, or `u32::MAX`.
    tokens: Vec<u32>,
}

impl Emitted {
    /// The token that was written at an offset.
    pub(super) fn token_at(&self, offset: usize) -> Option<usize> {
        let token = *self.tokens.get(offset)?;
        (token != u32::MAX).then_some(token as usize)
    }

    /// The token that was written on a line, or the last before it.
    pub(super) fn token_on_line(&self, line: usize) -> Option<usize> {
        let after = self.places.partition_point(|place| place.1 <= line);
        let place = self.places.get(after.checked_sub(1)?)?;
        Some(place.2)
    }
}

/// Rewrites the tokens of a template.
pub(super) fn emit(source: &str, tokens: &[Token]) -> Result<Emitted> {
    let mut emitter = Emitter {
        source,
        tokens,
        emitted: Emitted::default(),
        line: 1,
        open: Vec::new(),
    };
    emitter.template()?;
    let mut emitted = emitter.emitted;
    emitted.tokens = vec![u32::MAX; emitted.text.len()];
    for (offset, _, index) in &emitted.places {
        if let Some(token) = emitted.tokens.get_mut(*offset) {
            *token = *index as u32;
        }
    }
    Ok(emitted)
}

struct Emitter<'a> {
    source: &'a str,
    tokens: &'a [Token],
    emitted: Emitted,
    line: usize,
    open: Vec<Open<'a>>,
}

/// A block that waits for its end.
struct Open<'a> {
    keyword: &'a str,
    name: &'a str,
    has_else: bool,
}

impl<'a> Emitter<'a> {
    fn kind(&self, index: usize) -> Option<TokenKind> {
        self.tokens.get(index).map(|token| token.kind)
    }

    fn is_op(&self, index: usize, op: &str) -> bool {
        matches!(self.kind(index), Some(TokenKind::Op(found)) if found == op)
    }

    fn text(&self, index: usize) -> &'a str {
        let token = self.tokens.get(index);
        token
            .and_then(|token| self.source.get(token.range.clone()))
            .unwrap_or_default()
    }

    fn name(&self, index: usize) -> Option<&'a str> {
        (self.kind(index)? == TokenKind::Name).then(|| self.text(index))
    }

    fn pos(&self, index: usize) -> Pos {
        self.tokens.get(index).map(|t| t.pos).unwrap_or_default()
    }

    fn has_comma(&self, index: usize) -> bool {
        self.tokens.get(index).is_some_and(|token| token.has_comma)
    }

    fn raw(&mut self, text: &str) {
        self.emitted.text.push_str(text);
    }

    fn put(&mut self, index: usize, text: &str) {
        self.emitted.text.push('\n');
        self.line += 1;
        let place = (self.emitted.text.len(), self.line, index);
        self.emitted.places.push(place);
        self.emitted.text.push_str(text);
    }

    fn template(&mut self) -> Result<()> {
        let mut index = 0;
        while let Some(kind) = self.kind(index) {
            match kind {
                TokenKind::Data => {
                    let mut blank = true;
                    let place = (self.emitted.text.len(), self.line, index);
                    self.emitted.places.push(place);
                    while self.kind(index) == Some(TokenKind::Data) {
                        blank = blank && self.text(index).chars().all(is_space);
                        index += 1;
                    }
                    self.raw(if blank { " " } else { "d" });
                }
                TokenKind::VariableBegin => {
                    let end = self.find(index, TokenKind::VariableEnd);
                    self.raw("{{");
                    self.tuple(index + 1..end, self.has_comma(index))?;
                    self.put(end, "}}");
                    index = end + 1;
                }
                _ => {
                    let end = self.find(index, TokenKind::BlockEnd);
                    self.statement(index + 1..end)?;
                    index = end + 1;
                }
            }
        }
        Ok(())
    }

    fn find(&self, from: usize, kind: TokenKind) -> usize {
        let rest = self.tokens.get(from..).unwrap_or_default();
        from + rest
            .iter()
            .position(|token| token.kind == kind)
            .unwrap_or(rest.len())
    }

    /// Splits a range at an operator outside brackets.
    fn split(&self, range: Range<usize>, op: &str) -> Vec<Range<usize>> {
        let mut parts = Vec::new();
        let mut depth = 0_usize;
        let mut start = range.start;
        for index in range.clone() {
            if let Some(TokenKind::Op(found)) = self.kind(index) {
                match found {
                    "(" | "[" | "{" => depth += 1,
                    ")" | "]" | "}" => depth = depth.saturating_sub(1),
                    _ if depth == 0 && found == op => {
                        parts.push(start..index);
                        start = index + 1;
                    }
                    _ => {}
                }
            }
        }
        parts.push(start..range.end);
        parts
    }

    /// The first keyword outside brackets.
    fn keyword(&self, range: Range<usize>, word: &str) -> Option<usize> {
        let mut depth = 0_usize;
        for index in range {
            match self.kind(index) {
                Some(TokenKind::Op("(" | "[" | "{")) => depth += 1,
                Some(TokenKind::Op(")" | "]" | "}")) => depth = depth.saturating_sub(1),
                Some(TokenKind::Name) if depth == 0 && self.text(index) == word => {
                    return Some(index);
                }
                _ => {}
            }
        }
        None
    }
}
