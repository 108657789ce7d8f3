//! Postfix expressions: attributes, items, calls, filters and tests.

use std::sync::Arc;

use super::{Node, Parser, Token, TokenKind};
use crate::error::{Error, Result};
use crate::syntax::literal;
use crate::syntax::tree::*;

/// Arguments, and the height of the tallest.
type ParsedArgs = (Vec<Arg>, u32);

/// The contents of square brackets after a value.
enum Subscript {
    Item(Expr),
    Slice([Option<Expr>; 3]),
}

impl Parser<'_> {
    pub(super) fn postfix(&mut self, mut node: Node) -> Result<Node> {
        loop {
            node = match self.current.kind {
                TokenKind::Dot => self.attribute(node)?,
                TokenKind::LeftBracket => self.item(node)?,
                TokenKind::LeftParen => self.call(node)?,
                _ => return Ok(node),
            };
        }
    }

    /// Filters and tests, and calls of their results.
    pub(super) fn filters(&mut self, mut node: Node) -> Result<Node> {
        loop {
            node = match self.current.kind {
                TokenKind::Pipe => {
                    self.next()?;
                    self.filter_chain(Some(node))?
                }
                TokenKind::Name if self.at_word("is") => self.test(node)?,
                TokenKind::LeftParen => self.call(node)?,
                _ => return Ok(node),
            };
        }
    }

    fn attribute(&mut self, of: Node) -> Result<Node> {
        self.next()?;
        let token = self.next()?;
        let (pos, value) = (token.pos, of.expr);
        let expr = match token.kind {
            TokenKind::Name => {
                let name = self.text(token).into();
                Expr::Attribute(Box::new(Attribute {
                    value,
                    name,
                    is_key: false,
                    pos,
                }))
            }
            TokenKind::Integer => {
                let key = Expr::Const(literal::int(self.text(token), pos)?);
                Expr::Item(Box::new(Item { value, key, pos }))
            }
            _ => return Err(Error::syntax(pos, "expected name or number")),
        };
        self.node(of.pos, of.height, expr)
    }

    fn item(&mut self, of: Node) -> Result<Node> {
        let (mut parts, height) = self.bracketed(Self::subscripts)?;
        let (value, pos) = (of.expr, self.current.pos);
        let expr = match parts.pop() {
            Some((Subscript::Item(key), pos)) if parts.is_empty() => {
                Expr::Item(Box::new(Item { value, key, pos }))
            }
            Some((Subscript::Slice([start, stop, step]), _)) if parts.is_empty() => {
                Expr::Slice(Box::new(Slice {
                    value,
                    start,
                    stop,
                    step,
                    pos: of.pos,
                }))
            }
            last => {
                parts.extend(last);
                let pos = parts.first().map_or(pos, |(_, pos)| *pos);
                let mut keys = Vec::with_capacity(parts.len());
                for (part, pos) in parts {
                    match part {
                        Subscript::Item(key) => keys.push(key),
                        Subscript::Slice(_) => self.fail_later(pos, "invalid syntax"),
                    }
                }
                let key = Expr::Tuple(keys);
                Expr::Item(Box::new(Item { value, key, pos }))
            }
        };
        self.node(of.pos, of.height.max(height), expr)
    }

    fn subscripts(&mut self) -> Result<(Vec<(Subscript, Pos)>, u32)> {
        self.next()?;
        let (mut parts, mut height) = (Vec::new(), 0);
        while !self.at(TokenKind::RightBracket) {
            if !parts.is_empty() {
                self.expect(TokenKind::Comma)?;
            }
            let pos = self.current.pos;
            parts.push((self.subscript(&mut height)?, pos));
        }
        self.next()?;
        Ok((parts, height))
    }

    fn subscript(&mut self, height: &mut u32) -> Result<Subscript> {
        let mut part = |parser: &mut Self| -> Result<Expr> {
            let node = parser.expression()?;
            *height = (*height).max(node.height);
            Ok(node.expr)
        };
        let [mut start, mut stop, mut step] = [None, None, None];
        if !self.at(TokenKind::Colon) {
            let item = part(self)?;
            if !self.at(TokenKind::Colon) {
                return Ok(Subscript::Item(item));
            }
            start = Some(item);
        }
        self.next()?;
        let mut ends = vec![TokenKind::RightBracket, TokenKind::Comma, TokenKind::Colon];
        if !ends.contains(&self.current.kind) {
            stop = Some(part(self)?);
        }
        ends.pop();
        if self.skip(TokenKind::Colon)? && !ends.contains(&self.current.kind) {
            step = Some(part(self)?);
        }
        Ok(Subscript::Slice([start, stop, step]))
    }

    fn call(&mut self, of: Node) -> Result<Node> {
        let (args, height) = self.args()?;
        let pos = match &of.expr {
            Expr::Attribute(attribute) => attribute.pos,
            _ => of.pos,
        };
        let callee = of.expr;
        let node = CallExpr { callee, args, pos };
        self.node(of.pos, of.height.max(height), Expr::Call(Box::new(node)))
    }

    /// Filters joined by `|`, the first of which is current. Without a value they are the filters of a block.
    pub(super) fn filter_chain(&mut self, mut value: Option<Node>) -> Result<Node> {
        loop {
            let (pos, name) = self.dotted()?;
            let (args, height) = self.maybe_args()?;
            let height = height.max(value.as_ref().map_or(0, |node| node.height));
            let start = value.as_ref().map_or(pos, |node| node.pos);
            let expr = Expr::Filter(Box::new(FilterExpr {
                row: None,
                name,
                value: value.map(|node| node.expr),
                args,
                pos,
            }));
            let node = self.node(start, height, expr)?;
            if !self.skip(TokenKind::Pipe)? {
                return Ok(node);
            }
            value = Some(node);
        }
    }

    /// `is [not] name`, with one optional argument without brackets.
    fn test(&mut self, of: Node) -> Result<Node> {
        let is = self.next()?.pos;
        let negated = self.skip_word("not")?;
        let (pos, name) = self.dotted()?;
        let words = ["else", "or", "and"];
        let (args, height) = match self.current.kind {
            TokenKind::Name if words.iter().any(|word| self.at_word(word)) => (Vec::new(), 0),
            TokenKind::Name if self.at_word("is") => {
                return self.fail("You cannot chain multiple tests with is");
            }
            TokenKind::Name
            | TokenKind::String
            | TokenKind::Integer
            | TokenKind::Float
            | TokenKind::LeftBracket
            | TokenKind::LeftBrace => {
                let node = self.primary()?;
                let node = self.postfix(node)?;
                (vec![Arg::Positional(node.expr)], node.height)
            }
            _ => self.maybe_args()?,
        };
        let expr = Expr::Test(Box::new(TestExpr {
            row: None,
            name,
            value: of.expr,
            args,
            pos,
        }));
        let node = self.node(of.pos, of.height.max(height), expr)?;
        match negated {
            true => self.node(is, node.height, Expr::Not(Box::new(node.expr))),
            false => Ok(node),
        }
    }

    /// The name of a filter or a test, which may have dots.
    fn dotted(&mut self) -> Result<(Pos, Arc<str>)> {
        let token = self.expect(TokenKind::Name)?;
        let mut name = self.text(token).to_owned();
        while self.skip(TokenKind::Dot)? {
            let token = self.expect(TokenKind::Name)?;
            name.push('.');
            name.push_str(self.text(token));
        }
        Ok((token.pos, name.into()))
    }

    fn maybe_args(&mut self) -> Result<ParsedArgs> {
        match self.at(TokenKind::LeftParen) {
            true => self.args(),
            false => Ok((Vec::new(), 0)),
        }
    }

    fn args(&mut self) -> Result<ParsedArgs> {
        self.bracketed(Self::arguments)
    }

    fn arguments(&mut self) -> Result<ParsedArgs> {
        let open = self.next()?;
        let (mut args, mut height): ParsedArgs = (Vec::new(), 0);
        while self.another(TokenKind::RightParen, args.is_empty())? {
            let (arg, node) = self.argument(open, &args)?;
            height = height.max(node);
            args.push(arg);
        }
        Ok((args, height))
    }

    fn argument(&mut self, open: Token, before: &[Arg]) -> Result<(Arg, u32)> {
        let has = |test: fn(&Arg) -> bool| before.iter().any(test);
        let sequence = |arg: &Arg| matches!(arg, Arg::Sequence(_));
        let mapping = |arg: &Arg| matches!(arg, Arg::Mapping(_));
        let keyword = |arg: &Arg| matches!(arg, Arg::Keyword(..));
        let token = self.current;
        let is_keyword = token.kind == TokenKind::Name && self.peek()?.kind == TokenKind::Assign;
        let allowed = match token.kind {
            TokenKind::Mul => !has(sequence) && !has(mapping),
            TokenKind::Pow => !has(mapping),
            _ if is_keyword => !has(mapping),
            _ => !has(sequence) && !has(mapping) && !has(keyword),
        };
        if !allowed {
            let detail = "invalid syntax for function call expression";
            return Err(Error::syntax(open.pos, detail));
        }
        if is_keyword {
            self.next()?;
        }
        if is_keyword || matches!(token.kind, TokenKind::Mul | TokenKind::Pow) {
            self.next()?;
        }
        let node = self.expression()?;
        let arg = match token.kind {
            TokenKind::Mul => Arg::Sequence(node.expr),
            TokenKind::Pow => Arg::Mapping(node.expr),
            _ if is_keyword => {
                let name = self.text(token);
                let same = |arg: &Arg| matches!(arg, Arg::Keyword(known, _) if **known == *name);
                if before.iter().any(same) {
                    let detail = format!("keyword argument repeated: {name}");
                    self.fail_later(token.pos, detail);
                }
                Arg::Keyword(name.into(), node.expr)
            }
            _ => Arg::Positional(node.expr),
        };
        Ok((arg, node.height))
    }
}
