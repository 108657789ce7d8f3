//! Expressions from minijinja's tree.

use super::{Reader, Span, mj};
use crate::error::Result;
use crate::jinja::ast::*;
use crate::jinja::lex::{TokenKind, syntax};
use crate::jinja::ops::{Math, Order};
use crate::jinja::{library, literal};

impl Reader<'_> {
    pub(super) fn exprs(&self, exprs: &[mj::Expr<'_>]) -> Result<Vec<Expr>> {
        exprs.iter().map(|expr| self.expr(expr)).collect()
    }

    fn boxed(&self, expr: Option<&mj::Expr<'_>>) -> Result<Option<Expr>> {
        expr.map(|expr| self.expr(expr)).transpose()
    }

    pub(super) fn expr(&self, expr: &mj::Expr<'_>) -> Result<Expr> {
        match expr {
            mj::Expr::Var(var) => Ok(Expr::Name(self.name(self.at(var.span())))),
            mj::Expr::Const(constant) => self.constant(self.at(constant.span())),
            mj::Expr::BinOp(node) => self.binary(node),
            mj::Expr::UnaryOp(node) => self.unary(node, node.span()),
            mj::Expr::Compare(node) => self.compare(node),
            mj::Expr::GetAttr(node) => {
                let index = self.of_str(node.name);
                Ok(Expr::Attribute(Box::new(Attribute {
                    value: self.expr(&node.expr)?,
                    name: self.text(index).into(),
                    pos: self.pos(index),
                })))
            }
            mj::Expr::GetItem(node) => Ok(Expr::Item(Box::new(Item {
                value: self.expr(&node.expr)?,
                key: self.expr(&node.subscript_expr)?,
                pos: self.start(&node.subscript_expr),
            }))),
            mj::Expr::Slice(node) => Ok(Expr::Slice(Box::new(Slice {
                value: self.expr(&node.expr)?,
                start: self.boxed(node.start.as_ref())?,
                stop: self.boxed(node.stop.as_ref())?,
                step: self.boxed(node.step.as_ref())?,
                pos: self.start(&node.expr),
            }))),
            mj::Expr::Call(node) => Ok(Expr::Call(Box::new(self.call(node, node.span())?))),
            mj::Expr::Filter(node) => self.filter(node),
            mj::Expr::Test(node) => self.test(node),
            mj::Expr::IfExpr(node) => Ok(Expr::If(Box::new(Conditional {
                test: self.expr(&node.test_expr)?,
                then: self.expr(&node.true_expr)?,
                other: self.boxed(node.false_expr.as_ref())?,
                pos: self.start(&node.true_expr),
            }))),
            mj::Expr::List(node) => Ok(Expr::List(self.exprs(&node.items)?)),
            mj::Expr::Tuple(node) => Ok(Expr::Tuple(self.exprs(&node.items)?)),
            mj::Expr::Map(node) => {
                let keys = node.keys.iter().zip(&node.values);
                let pairs: Result<_> = keys
                    .map(|(key, value)| Ok((self.expr(key)?, self.expr(value)?)))
                    .collect();
                let pos = self.pos(self.at(node.span()));
                Ok(Expr::Dict(Box::new((pairs?, pos))))
            }
        }
    }

    /// Where an expression starts.
    fn start(&self, mut expr: &mj::Expr<'_>) -> Pos {
        loop {
            expr = match expr {
                mj::Expr::GetAttr(node) => &node.expr,
                mj::Expr::GetItem(node) => &node.expr,
                mj::Expr::Slice(node) => &node.expr,
                mj::Expr::Call(node) => &node.expr,
                mj::Expr::BinOp(node) => &node.left,
                mj::Expr::Compare(node) => &node.expr,
                mj::Expr::Test(node) => &node.expr,
                mj::Expr::IfExpr(node) => &node.true_expr,
                mj::Expr::Filter(node) => match &node.expr {
                    Some(expr) => expr,
                    None => return self.pos(self.at(node.span())),
                },
                other => return self.pos(self.at(other.span())),
            };
        }
    }

    fn constant(&self, index: usize) -> Result<Expr> {
        let pos = self.pos(index);
        let text = self.text(index);
        let kind = self.tokens.get(index).map(|token| token.kind);
        let constant = match kind {
            Some(TokenKind::Int) => literal::int(text, pos)?,
            Some(TokenKind::Float) => Const::Float(literal::float(text, pos)?),
            Some(TokenKind::Str) => {
                let mut value = String::new();
                let rest = self.tokens.get(index..).unwrap_or_default();
                for token in rest.iter().take_while(|t| t.kind == TokenKind::Str) {
                    let quoted = self.source.get(token.range.clone()).unwrap_or_default();
                    let inner = quoted.get(1..quoted.len() - 1).unwrap_or_default();
                    literal::unescape(inner, token.pos, &mut value)?;
                }
                Const::Str(value.into())
            }
            _ => match text {
                "true" | "True" => Const::Bool(true),
                "false" | "False" => Const::Bool(false),
                _ => Const::None,
            },
        };
        Ok(Expr::Const(constant))
    }

    fn binary(&self, node: &mj::BinOp<'_>) -> Result<Expr> {
        let left = self.expr(&node.left)?;
        let right = self.expr(&node.right)?;
        let pos = self.start(&node.left);
        let math = |op| {
            Ok(Expr::Math(Box::new(Binary {
                op,
                left: Expr::Const(Const::None),
                right: Expr::Const(Const::None),
                pos,
            })))
        };
        let made: Result<Expr> = match node.op {
            mj::BinOpKind::Add => math(Math::Add),
            mj::BinOpKind::Sub => math(Math::Sub),
            mj::BinOpKind::Mul => math(Math::Mul),
            mj::BinOpKind::Div => math(Math::Div),
            mj::BinOpKind::FloorDiv => math(Math::FloorDiv),
            mj::BinOpKind::Rem => math(Math::Mod),
            mj::BinOpKind::Pow => math(Math::Pow),
            mj::BinOpKind::ScAnd => return Ok(Expr::And(Box::new((left, right)))),
            mj::BinOpKind::ScOr => return Ok(Expr::Or(Box::new((left, right)))),
            mj::BinOpKind::Concat => {
                return Ok(match left {
                    Expr::Concat(mut node) => {
                        node.0.push(right);
                        Expr::Concat(node)
                    }
                    left => Expr::Concat(Box::new((vec![left, right], pos))),
                });
            }
            mj::BinOpKind::Eq => return Ok(comparison(left, Comparison::Equal, right, pos)),
            mj::BinOpKind::Ne => return Ok(comparison(left, Comparison::NotEqual, right, pos)),
            mj::BinOpKind::Lt => return Ok(order(left, Order::Less, right, pos)),
            mj::BinOpKind::Lte => return Ok(order(left, Order::LessEqual, right, pos)),
            mj::BinOpKind::Gt => return Ok(order(left, Order::Greater, right, pos)),
            mj::BinOpKind::Gte => return Ok(order(left, Order::GreaterEqual, right, pos)),
            mj::BinOpKind::In => return Ok(comparison(left, Comparison::In, right, pos)),
        };
        let mut made = made?;
        if let Expr::Math(node) = &mut made {
            node.left = left;
            node.right = right;
        }
        Ok(made)
    }

    fn unary(&self, node: &mj::UnaryOp<'_>, span: Span) -> Result<Expr> {
        let value = self.expr(&node.expr)?;
        let index = self.at(span);
        Ok(match node.op {
            mj::UnaryOpKind::Not => Expr::Not(Box::new(value)),
            mj::UnaryOpKind::Neg if self.text(index) == "+" => {
                Expr::Positive(Box::new((value, self.pos(index))))
            }
            mj::UnaryOpKind::Neg => Expr::Negate(Box::new((value, self.pos(index)))),
        })
    }

    fn compare(&self, node: &mj::Compare<'_>) -> Result<Expr> {
        let mut rest = Vec::new();
        for op in &node.ops {
            let comparison = match op.op {
                mj::CompareOpKind::Eq => Comparison::Equal,
                mj::CompareOpKind::Ne => Comparison::NotEqual,
                mj::CompareOpKind::Lt => Comparison::Order(Order::Less),
                mj::CompareOpKind::Lte => Comparison::Order(Order::LessEqual),
                mj::CompareOpKind::Gt => Comparison::Order(Order::Greater),
                mj::CompareOpKind::Gte => Comparison::Order(Order::GreaterEqual),
                mj::CompareOpKind::In => Comparison::In,
                mj::CompareOpKind::NotIn => Comparison::NotIn,
            };
            rest.push((comparison, self.expr(&op.expr)?));
        }
        Ok(Expr::Compare(Box::new(Compare {
            first: self.expr(&node.expr)?,
            rest,
            pos: self.start(&node.expr),
        })))
    }

    pub(super) fn call(&self, node: &mj::Call<'_>, _span: Span) -> Result<Call> {
        Ok(Call {
            callee: self.expr(&node.expr)?,
            args: self.args(&node.args)?,
            pos: match &node.expr {
                mj::Expr::GetAttr(attribute) => self.pos(self.of_str(attribute.name)),
                other => self.start(other),
            },
        })
    }

    fn args(&self, args: &[mj::CallArg<'_>]) -> Result<Vec<Arg>> {
        let mut list: Vec<Arg> = Vec::with_capacity(args.len());
        let mut spread = false;
        for arg in args {
            list.push(match arg {
                mj::CallArg::Pos(expr) if spread => {
                    let detail = "invalid syntax for function call expression";
                    return Err(syntax(self.start(expr), detail));
                }
                mj::CallArg::Pos(expr) => Arg::Positional(self.expr(expr)?),
                mj::CallArg::Kwarg(name, expr) => {
                    let index = self.of_str(name);
                    let name = self.text(index);
                    let repeated = list
                        .iter()
                        .any(|arg| matches!(arg, Arg::Keyword(known, _) if **known == *name));
                    if repeated {
                        let detail = format!("keyword argument repeated: {name}");
                        return Err(syntax(self.pos(index), detail));
                    }
                    Arg::Keyword(name.into(), self.expr(expr)?)
                }
                mj::CallArg::PosSplat(expr) => {
                    spread = true;
                    Arg::Sequence(self.expr(expr)?)
                }
                mj::CallArg::KwargSplat(expr) => {
                    spread = true;
                    Arg::Mapping(self.expr(expr)?)
                }
            });
        }
        Ok(list)
    }

    fn filter(&self, node: &mj::Filter<'_>) -> Result<Expr> {
        let index = self.of_str(node.name);
        let name = self.dotted(index);
        Ok(Expr::Filter(Box::new(Filter {
            function: library::filter(&name),
            name,
            value: self.boxed(node.expr.as_ref())?,
            args: self.args(&node.args)?,
            pos: self.pos(index),
        })))
    }

    fn test(&self, node: &mj::Test<'_>) -> Result<Expr> {
        let index = self.of_str(node.name);
        let name = self.dotted(index);
        Ok(Expr::Test(Box::new(Test {
            function: library::test(&name),
            name,
            value: self.expr(&node.expr)?,
            args: self.args(&node.args)?,
            pos: self.pos(index),
        })))
    }
}

fn comparison(left: Expr, op: Comparison, right: Expr, pos: Pos) -> Expr {
    Expr::Compare(Box::new(Compare {
        first: left,
        rest: vec![(op, right)],
        pos,
    }))
}

fn order(left: Expr, op: Order, right: Expr, pos: Pos) -> Expr {
    comparison(left, Comparison::Order(op), right, pos)
}
