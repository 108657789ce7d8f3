//! Targets of assignments.

use super::errors::quoted;
use super::primary::constant;
use super::{Parser, Token, TokenKind};
use crate::error::{Error, Result};
use crate::syntax::tree::Math;
use crate::syntax::tree::*;

/// A target, or Jinja2's name for an expression that is none.
type ParsedTarget = std::result::Result<Target, &'static str>;

impl Parser<'_> {
    /// A name or several of them; also attributes of namespaces, where those can be assigned.
    pub(super) fn target(&mut self, namespaces: bool) -> Result<Target> {
        let mut pos = self.current.pos;
        let mut target = None;
        if !self.ends_tuple() {
            target = Some(self.assigned(namespaces)?);
        }
        if self.at(TokenKind::Comma)
            && let Some(first) = target
        {
            let mut items = vec![first];
            while self.at(TokenKind::Comma) {
                pos = self.next()?.pos;
                if self.ends_tuple() {
                    break;
                }
                items.push(self.assigned(namespaces)?);
            }
            target = Some(tuple(items));
        }
        match target {
            Some(Ok(target)) => Ok(target),
            Some(Err(class)) => Err(cannot_assign(pos, class)),
            None => self.no_expression(),
        }
    }

    fn assigned(&mut self, namespaces: bool) -> Result<ParsedTarget> {
        let token = self.current;
        if namespaces && self.at(TokenKind::Name) && constant(self.text(token)).is_none() {
            self.next()?;
            let owner = self.name(token);
            if !self.skip(TokenKind::Dot)? {
                return Ok(Ok(Target::Name(owner)));
            }
            let attribute = self.expect(TokenKind::Name)?;
            let attribute = self.text(attribute).into();
            return Ok(Ok(Target::Namespace(owner, attribute)));
        }
        Ok(assignable(self.primary()?.expr))
    }

    /// The name of a new variable.
    pub(super) fn new_name(&mut self) -> Result<Name> {
        let token = self.expect(TokenKind::Name)?;
        if constant(self.text(token)).is_some() {
            return Err(cannot_assign(token.pos, "name"));
        }
        Ok(self.name(token))
    }

    pub(super) fn name(&self, token: Token) -> Name {
        Name {
            name: self.text(token).into(),
            pos: token.pos,
            place: Place::default(),
        }
    }
}

fn cannot_assign(pos: Pos, class: &str) -> Error {
    Error::syntax(pos, format!("can't assign to {}", quoted(class)))
}

fn tuple(items: Vec<ParsedTarget>) -> ParsedTarget {
    let items: std::result::Result<_, _> = items.into_iter().collect();
    items.map(Target::Tuple).map_err(|_| "tuple")
}

fn assignable(expr: Expr) -> ParsedTarget {
    Err(match expr {
        Expr::Name(name) => return Ok(Target::Name(name)),
        Expr::Tuple(items) => return tuple(items.into_iter().map(assignable).collect()),
        Expr::Const(_) => "const",
        Expr::Attribute(_) => "getattr",
        Expr::Item(_) | Expr::Slice(_) => "getitem",
        Expr::Call(_) => "call",
        Expr::Filter(_) => "filter",
        Expr::Test(_) => "test",
        Expr::Not(_) => "not",
        Expr::Negate(_) => "neg",
        Expr::Positive(_) => "pos",
        Expr::Math(node) => match node.op {
            Math::Add => "add",
            Math::Sub => "sub",
            Math::Mul => "mul",
            Math::Div => "div",
            Math::FloorDiv => "floordiv",
            Math::Mod => "mod",
            Math::Pow => "pow",
        },
        Expr::And(_) => "and",
        Expr::Or(_) => "or",
        Expr::Concat(_) => "concat",
        Expr::Compare(_) => "compare",
        Expr::If(_) => "condexpr",
        Expr::List(_) => "list",
        Expr::Dict(_) => "dict",
    })
}
