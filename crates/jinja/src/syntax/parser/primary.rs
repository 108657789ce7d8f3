//! Names, literals and brackets.

use super::{Node, Parser, TokenKind};
use crate::error::Result;
use crate::syntax::literal;
use crate::syntax::tree::*;

impl<'s> Parser<'s> {
    /// Any word is accepted as a name here, also `if` and `not`.
    pub(super) fn primary(&mut self) -> Result<Node> {
        let token = self.current;
        let expr = match token.kind {
            TokenKind::Name => {
                self.next()?;
                match constant(self.text(token)) {
                    Some(constant) => Expr::Const(constant),
                    None => Expr::Name(self.name(token)),
                }
            }
            TokenKind::String => {
                let mut value = String::new();
                while self.at(TokenKind::String) {
                    let token = self.next()?;
                    let quoted = self.text(token);
                    let inner = quoted.get(1..quoted.len() - 1).unwrap_or_default();
                    literal::unescape(inner, token.pos, &mut value)?;
                }
                Expr::Const(Const::Str(value.into()))
            }
            TokenKind::Integer => {
                self.next()?;
                Expr::Const(literal::int(self.text(token), token.pos)?)
            }
            TokenKind::Float => {
                self.next()?;
                Expr::Const(Const::Float(literal::float(self.text(token), token.pos)?))
            }
            TokenKind::LeftParen => return self.bracketed(Self::parenthesised),
            TokenKind::LeftBracket => return self.bracketed(Self::list),
            TokenKind::LeftBrace => return self.bracketed(Self::dict),
            _ => {
                let found = self.describe(token);
                return self.fail(format!("unexpected {found}"));
            }
        };
        self.node(token.pos, 0, expr)
    }

    fn parenthesised(&mut self) -> Result<Node> {
        let pos = self.next()?.pos;
        let node = match self.maybe_tuple(Self::expression)? {
            Some(node) => node,
            None => self.node(pos, 0, Expr::Tuple(Vec::new()))?,
        };
        self.expect(TokenKind::RightParen)?;
        Ok(node)
    }

    fn list(&mut self) -> Result<Node> {
        let pos = self.next()?.pos;
        let (mut items, mut height) = (Vec::new(), 0);
        while self.another(TokenKind::RightBracket, items.is_empty())? {
            let node = self.expression()?;
            height = height.max(node.height);
            items.push(node.expr);
        }
        self.node(pos, height, Expr::List(items))
    }

    fn dict(&mut self) -> Result<Node> {
        let pos = self.next()?.pos;
        let (mut items, mut height) = (Vec::new(), 0);
        while self.another(TokenKind::RightBrace, items.is_empty())? {
            let key = self.expression()?;
            self.expect(TokenKind::Colon)?;
            let value = self.expression()?;
            height = height.max(key.height).max(value.height);
            items.push((key.expr, value.expr));
        }
        self.node(pos, height, Expr::Dict(Box::new((items, pos))))
    }

    /// Whether another item comes before the closing bracket, which is consumed; a comma may precede it.
    pub(super) fn another(&mut self, close: TokenKind, is_first: bool) -> Result<bool> {
        if !self.at(close) && !is_first {
            self.expect(TokenKind::Comma)?;
        }
        Ok(!self.skip(close)?)
    }

    /// Items separated by commas, or a single one. It ends at the end of a tag or bracket.
    pub(super) fn tuple(&mut self, item: fn(&mut Self) -> Result<Node>) -> Result<Node> {
        match self.maybe_tuple(item)? {
            Some(node) => Ok(node),
            None => self.no_expression(),
        }
    }

    fn maybe_tuple(&mut self, item: fn(&mut Self) -> Result<Node>) -> Result<Option<Node>> {
        if self.ends_tuple() {
            return Ok(None);
        }
        let first = item(self)?;
        if !self.at(TokenKind::Comma) {
            return Ok(Some(first));
        }
        let (mut pos, mut height) = (first.pos, first.height);
        let mut items = vec![first.expr];
        while self.at(TokenKind::Comma) {
            pos = self.next()?.pos;
            if self.ends_tuple() {
                break;
            }
            let node = item(self)?;
            height = height.max(node.height);
            items.push(node.expr);
        }
        self.node(pos, height, Expr::Tuple(items)).map(Some)
    }

    pub(super) fn ends_tuple(&self) -> bool {
        let kinds = [
            TokenKind::VariableEnd,
            TokenKind::BlockEnd,
            TokenKind::RightParen,
        ];
        kinds.contains(&self.current.kind)
    }

    pub(super) fn no_expression<T>(&self) -> Result<T> {
        let got = self.describe(self.current);
        self.fail(format!("Expected an expression, got {got}"))
    }
}

/// Words that are not names.
pub(super) fn constant(word: &str) -> Option<Const> {
    match word {
        "true" | "True" => Some(Const::Bool(true)),
        "false" | "False" => Some(Const::Bool(false)),
        "none" | "None" => Some(Const::None),
        _ => None,
    }
}
