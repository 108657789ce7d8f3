//! Expressions by precedence, from the loosest operator to the closest.

use super::{Node, Parser, TokenKind};
use crate::error::Result;
use crate::syntax::tree::*;
use crate::syntax::tree::{Math, Order};

impl Parser<'_> {
    /// `a if b else c`
    pub(super) fn expression(&mut self) -> Result<Node> {
        let pos = self.current.pos;
        let mut left = self.or()?;
        while self.skip_word("if")? {
            let test = self.or()?;
            let mut height = left.height.max(test.height);
            let mut other = None;
            if self.skip_word("else")? {
                let node = self.deeper(Self::expression)?;
                height = height.max(node.height);
                other = Some(node.expr);
            }
            let (test, then) = (test.expr, left.expr);
            let node = Conditional {
                test,
                then,
                other,
                pos,
            };
            left = self.node(pos, height, Expr::If(Box::new(node)))?;
        }
        Ok(left)
    }

    /// `a or b`; this is the top level where an expression may not contain a condition.
    pub(super) fn or(&mut self) -> Result<Node> {
        let mut left = self.and()?;
        while self.skip_word("or")? {
            let right = self.and()?;
            left = self.both(left, right, |both| Expr::Or(Box::new(both)))?;
        }
        Ok(left)
    }

    fn and(&mut self) -> Result<Node> {
        let mut left = self.not()?;
        while self.skip_word("and")? {
            let right = self.not()?;
            left = self.both(left, right, |both| Expr::And(Box::new(both)))?;
        }
        Ok(left)
    }

    fn not(&mut self) -> Result<Node> {
        if !self.at_word("not") {
            return self.compare();
        }
        let pos = self.next()?.pos;
        let node = self.deeper(Self::not)?;
        self.node(pos, node.height, Expr::Not(Box::new(node.expr)))
    }

    fn compare(&mut self) -> Result<Node> {
        let first = self.math(0)?;
        let mut height = first.height;
        let mut rest = Vec::new();
        while let Some(op) = self.comparison()? {
            let node = self.math(0)?;
            height = height.max(node.height);
            rest.push((op, node.expr));
        }
        if rest.is_empty() {
            return Ok(first);
        }
        let (pos, first) = (first.pos, first.expr);
        let node = Compare { first, rest, pos };
        self.node(pos, height, Expr::Compare(Box::new(node)))
    }

    fn comparison(&mut self) -> Result<Option<Comparison>> {
        let op = match self.current.kind {
            TokenKind::Equal => Comparison::Equal,
            TokenKind::NotEqual => Comparison::NotEqual,
            TokenKind::Less => Comparison::Order(Order::Less),
            TokenKind::LessEqual => Comparison::Order(Order::LessEqual),
            TokenKind::Greater => Comparison::Order(Order::Greater),
            TokenKind::GreaterEqual => Comparison::Order(Order::GreaterEqual),
            TokenKind::Name if self.at_word("in") => Comparison::In,
            TokenKind::Name if self.at_word("not") => {
                let next = self.peek()?;
                if next.kind != TokenKind::Name || self.text(next) != "in" {
                    return Ok(None);
                }
                self.next()?;
                Comparison::NotIn
            }
            _ => return Ok(None),
        };
        self.next()?;
        Ok(Some(op))
    }

    /// Arithmetic and `~`: operators that bind at least as tightly as `lowest`.
    fn math(&mut self, lowest: u8) -> Result<Node> {
        let mut left = self.unary(true)?;
        while let Some(level) = level(self.current.kind).filter(|level| *level >= lowest) {
            let op = match self.next()?.kind {
                TokenKind::Add => Math::Add,
                TokenKind::Sub => Math::Sub,
                TokenKind::Mul => Math::Mul,
                TokenKind::Div => Math::Div,
                TokenKind::FloorDiv => Math::FloorDiv,
                TokenKind::Mod => Math::Mod,
                TokenKind::Pow => Math::Pow,
                _ => {
                    left = self.concat(left, level + 1)?;
                    continue;
                }
            };
            let right = self.math(level + 1)?;
            let pos = left.pos;
            left = self.both(left, right, |(left, right)| {
                Expr::Math(Box::new(Binary {
                    op,
                    left,
                    right,
                    pos,
                }))
            })?;
        }
        Ok(left)
    }

    /// The rest of `a ~ b ~ c`, after the first `~`.
    fn concat(&mut self, first: Node, lowest: u8) -> Result<Node> {
        let (pos, mut height) = (first.pos, first.height);
        let mut parts = vec![first.expr];
        loop {
            let node = self.math(lowest)?;
            height = height.max(node.height);
            parts.push(node.expr);
            if !self.skip(TokenKind::Tilde)? {
                return self.node(pos, height, Expr::Concat(Box::new((parts, pos))));
            }
        }
    }

    fn unary(&mut self, with_filters: bool) -> Result<Node> {
        let mut node = match self.current.kind {
            TokenKind::Sub | TokenKind::Add => {
                let sign = self.next()?;
                let node = self.deeper(|parser| parser.unary(false))?;
                let of = Box::new((node.expr, sign.pos));
                let expr = match sign.kind {
                    TokenKind::Sub => Expr::Negate(of),
                    _ => Expr::Positive(of),
                };
                self.node(sign.pos, node.height, expr)?
            }
            _ => self.primary()?,
        };
        node = self.postfix(node)?;
        if with_filters {
            node = self.filters(node)?;
        }
        Ok(node)
    }

    fn both(
        &self,
        left: Node,
        right: Node,
        join: impl FnOnce((Expr, Expr)) -> Expr,
    ) -> Result<Node> {
        let height = left.height.max(right.height);
        self.node(left.pos, height, join((left.expr, right.expr)))
    }
}

/// How tightly an operator binds.
fn level(kind: TokenKind) -> Option<u8> {
    match kind {
        TokenKind::Add | TokenKind::Sub => Some(0),
        TokenKind::Tilde => Some(1),
        TokenKind::Mul | TokenKind::Div | TokenKind::FloorDiv | TokenKind::Mod => Some(2),
        TokenKind::Pow => Some(3),
        _ => None,
    }
}
