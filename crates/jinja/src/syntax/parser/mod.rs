//! Jinja2's parser (`parser.py`): recursive descent over the tokens of the lexer, with Jinja2's errors.
//!
//! [`blocks`] has the tags with a body, [`statements`] the rest of a template, [`targets`] the targets of assignments;
//! [`expressions`] goes down the levels of precedence to [`primary`], and [`calls`] has what follows a value: calls,
//! filters and tests.

mod blocks;
mod calls;
mod errors;
mod expressions;
mod primary;
mod statements;
mod targets;

use crate::error::{Error, Result};
use crate::limits::exceeded;
use crate::options::{Dialect, Options};
use crate::syntax::lexer::{Token, TokenKind, Tokens, normalise, tokenize};
use crate::syntax::tree::*;

/// Depth of nested blocks.
pub const MAX_BLOCKS: usize = 32;

/// Depth of nested brackets.
const MAX_BRACKETS: u32 = 32;

/// Depth of operators, calls, attributes and filters applied to each other's result.
const MAX_HEIGHT: u32 = 128;

/// Parses a template; its tokens count against `left`.
pub(crate) fn parse(source: &str, options: &Options, left: &mut usize) -> Result<Tree> {
    let source = normalise(source, options)?;
    let tokens = tokenize(&source, options, left);
    Parser::new(&source, tokens, options.dialect)?.template()
}

struct Parser<'s> {
    source: &'s str,
    dialect: Dialect,
    tokens: Tokens,
    index: usize,
    current: Token,
    /// The open tags; the innermost comes last.
    tags: Vec<Token>,
    /// The tags that may end the open bodies.
    ends: Vec<&'static [&'static str]>,
    /// The number of loops that are open in this function, which a `break` can leave.
    loops: usize,
    brackets: u32,
    depth: u32,
    tree: Tree,
    /// The first error of those that Jinja2 finds after parsing.
    late: Option<Error>,
}

/// An expression with the place where it starts.
struct Node {
    expr: Expr,
    pos: Pos,
    /// The depth of the expressions under way.
    height: u32,
}

impl<'s> Parser<'s> {
    fn new(source: &'s str, tokens: Tokens, dialect: Dialect) -> Result<Self> {
        let current = match tokens.list.first() {
            Some(token) => *token,
            None => tokens.end.clone()?,
        };
        Ok(Self {
            source,
            dialect,
            tokens,
            index: 0,
            current,
            tags: Vec::new(),
            ends: Vec::new(),
            loops: 0,
            brackets: 0,
            depth: 0,
            tree: Tree::default(),
            late: None,
        })
    }

    fn template(mut self) -> Result<Tree> {
        self.tree.body = self.body(&[])?;
        match self.late {
            Some(error) => Err(error),
            None => Ok(self.tree),
        }
    }

    fn text(&self, token: Token) -> &'s str {
        token.text(self.source)
    }

    /// The token after the current one.
    fn peek(&self) -> Result<Token> {
        match self.tokens.list.get(self.index + 1) {
            Some(token) => Ok(*token),
            None => self.tokens.end.clone(),
        }
    }

    /// Advances, and returns the token that was current.
    fn next(&mut self) -> Result<Token> {
        let token = self.current;
        if token.kind != TokenKind::End {
            self.current = self.peek()?;
            self.index += 1;
        }
        Ok(token)
    }

    fn at(&self, kind: TokenKind) -> bool {
        self.current.kind == kind
    }

    fn at_word(&self, word: &str) -> bool {
        self.at(TokenKind::Name) && self.text(self.current) == word
    }

    fn skip(&mut self, kind: TokenKind) -> Result<bool> {
        let found = self.at(kind);
        if found {
            self.next()?;
        }
        Ok(found)
    }

    fn skip_word(&mut self, word: &str) -> Result<bool> {
        let found = self.at_word(word);
        if found {
            self.next()?;
        }
        Ok(found)
    }

    fn expect(&mut self, kind: TokenKind) -> Result<Token> {
        if self.at(kind) {
            return self.next();
        }
        Err(self.expected(kind.describe()))
    }

    fn expect_word(&mut self, word: &str) -> Result<Token> {
        if self.at_word(word) {
            return self.next();
        }
        Err(self.expected(word))
    }

    /// An expression over others, the tallest of which has a `height`.
    fn node(&self, pos: Pos, height: u32, expr: Expr) -> Result<Node> {
        let height = height + 1;
        if height > MAX_HEIGHT {
            return Err(too_deep(self.current.pos));
        }
        Ok(Node { expr, pos, height })
    }

    /// Parses something that can contain itself.
    fn deeper<T>(&mut self, parse: fn(&mut Self) -> Result<T>) -> Result<T> {
        self.depth += 1;
        if self.depth > MAX_HEIGHT {
            return Err(too_deep(self.current.pos));
        }
        let parsed = parse(self);
        self.depth -= 1;
        parsed
    }

    /// Parses the contents of brackets.
    fn bracketed<T>(&mut self, parse: fn(&mut Self) -> Result<T>) -> Result<T> {
        self.brackets += 1;
        if self.brackets > MAX_BRACKETS {
            return Err(too_deep(self.current.pos));
        }
        let parsed = parse(self);
        self.brackets -= 1;
        parsed
    }
}

fn too_deep(pos: Pos) -> Error {
    exceeded("an expression is nested too deeply").with_pos(pos)
}
