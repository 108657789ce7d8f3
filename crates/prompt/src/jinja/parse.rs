//! The parser: minijinja's, on the template that `emit` has made of ours. The only file that names minijinja.

use std::sync::Arc;

use minijinja::machinery::{Span, ast as mj, parse as parse_minijinja};

use super::Options;
use super::ast::*;
use super::emit::{Emitted, emit};
use super::lex::{Token, TokenKind, is_space, normalise, syntax, tokenize};
use super::ops::{Math, Order};
use super::{library, literal};
use crate::error::Result;

/// Parses a template, and takes its tokens from those that are `left`.
pub(super) fn parse(source: &str, options: &Options, left: &mut usize) -> Result<Tree> {
    let source = normalise(source, options)?;
    let tokens = tokenize(&source, options, *left)?;
    *left = left.saturating_sub(tokens.len());
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

    fn stmts(&mut self, stmts: &[mj::Stmt<'_>]) -> Result<Vec<Stmt>> {
        let mut list: Vec<Stmt> = Vec::with_capacity(stmts.len());
        for stmt in stmts {
            list.push(self.stmt(stmt)?);
        }
        Ok(list)
    }

    fn stmt(&mut self, stmt: &mj::Stmt<'_>) -> Result<Stmt> {
        match stmt {
            mj::Stmt::EmitRaw(raw) => Ok(self.data(self.at(raw.span()))),
            mj::Stmt::EmitExpr(emit) => Ok(Stmt::Print(self.expr(&emit.expr)?)),
            mj::Stmt::ForLoop(node) => self.for_loop(node, node.span()),
            mj::Stmt::WithBlock(node) => self.with_block(node, node.span()),
            mj::Stmt::Set(node) => Ok(Stmt::Set(Box::new(Set {
                target: self.target(&node.target)?,
                value: self.expr(&node.expr)?,
                pos: self.pos(self.at(node.span())),
                export: false,
            }))),
            mj::Stmt::SetBlock(node) => Ok(Stmt::SetBlock(Box::new(SetBlock {
                target: self.target(&node.target)?,
                filter: node.filter.as_ref().map(|f| self.expr(f)).transpose()?,
                body: self.stmts(&node.body)?,
                pos: self.pos(self.at(node.span())),
                scope: Scope::default(),
                export: false,
            }))),
            mj::Stmt::AutoEscape(node) => Ok(Stmt::Autoescape(Box::new(Autoescape {
                enabled: self.expr(&node.enabled)?,
                body: self.stmts(&node.body)?,
                scope: Scope::default(),
            }))),
            mj::Stmt::FilterBlock(node) => Ok(Stmt::FilterBlock(Box::new(FilterBlock {
                filter: self.expr(&node.filter)?,
                body: self.stmts(&node.body)?,
                scope: Scope::default(),
            }))),
            mj::Stmt::Macro(node) => {
                let target = self.name(self.of_str(node.name));
                let function = self.function(node, Some(Arc::clone(&target.name)), target.pos)?;
                Ok(Stmt::Macro(Box::new(MacroStmt {
                    target,
                    function,
                    export: false,
                })))
            }
            mj::Stmt::CallBlock(node) => {
                let pos = self.pos(self.at(node.span()));
                let call = self.call(&node.call, node.call.span())?;
                let function = self.function(&node.macro_decl, None, pos)?;
                Ok(Stmt::CallBlock(Box::new(CallBlock { call, function })))
            }
            mj::Stmt::Continue(_) => Ok(Stmt::Continue),
            mj::Stmt::Break(_) => Ok(Stmt::Break),
            mj::Stmt::Do(node) => match node.call.args.as_slice() {
                [mj::CallArg::Pos(expr)] => Ok(Stmt::Do(self.expr(expr)?)),
                _ => Err(syntax(
                    self.pos(self.at(node.span())),
                    "Expected an expression",
                )),
            },
            mj::Stmt::Template(_)
            | mj::Stmt::Block(_)
            | mj::Stmt::IfCond(_)
            | mj::Stmt::Import(_)
            | mj::Stmt::FromImport(_)
            | mj::Stmt::Extends(_)
            | mj::Stmt::Include(_) => Err(syntax(Pos::default(), "unexpected statement")),
        }
    }

    /// Text, also of the pieces that comments and raw blocks have split.
    fn data(&self, first: usize) -> Stmt {
        let rest = self.tokens.get(first..).unwrap_or_default();
        let text: String = rest
            .iter()
            .take_while(|token| token.kind == TokenKind::Data)
            .filter_map(|token| self.source.get(token.range.clone()))
            .collect();
        Stmt::Text(text.into())
    }

    fn for_loop(&mut self, node: &mj::ForLoop<'_>, span: Span) -> Result<Stmt> {
        let test = match &node.filter_expr {
            None => None,
            Some(test) => {
                let test = LoopTest {
                    test: self.expr(test)?,
                    target: self.target(&node.target)?,
                    scope: Scope::default(),
                    slots: 0,
                };
                self.tree.tests.push(test);
                Some(self.tree.tests.len() - 1)
            }
        };
        let node = For {
            target: self.target(&node.target)?,
            iter: self.expr(&node.iter)?,
            test,
            recursive: node.recursive,
            body: self.stmts(&node.body)?,
            other: self.stmts(&node.else_body)?,
            pos: self.pos(self.at(span)),
            loop_place: None,
            scope: Scope::default(),
            other_scope: Scope::default(),
            slots: 0,
        };
        if node.recursive {
            self.tree.loops.push(node);
            return Ok(Stmt::Recursive(self.tree.loops.len() - 1));
        }
        Ok(Stmt::For(Box::new(node)))
    }

    /// An `if`, which comes as a `with` around an `if` for each of its branches.
    fn if_cond(&mut self, branches: &[mj::Stmt<'_>]) -> Result<Stmt> {
        let mut node = If {
            branches: Vec::with_capacity(branches.len()),
            other: Vec::new(),
        };
        for branch in branches {
            let mj::Stmt::IfCond(branch) = branch else {
                return Err(syntax(Pos::default(), "unexpected statement"));
            };
            let body = self.stmts(&branch.true_body)?;
            if self.text(self.at(branch.span())) == "else" {
                node.other = body;
            } else {
                node.branches.push((self.expr(&branch.expr)?, body));
            }
        }
        Ok(Stmt::If(Box::new(node)))
    }

    fn with_block(&mut self, node: &mj::WithBlock<'_>, span: Span) -> Result<Stmt> {
        let first = self.at(span);
        if let Some(mj::Stmt::IfCond(_)) = node.body.first()
            && first == usize::MAX
        {
            return self.if_cond(&node.body);
        }
        if self.text(first) == "block" {
            return self.block(first, &node.body);
        }
        let mut values = Vec::new();
        for (target, value) in &node.assignments {
            values.push((self.target(target)?, self.expr(value)?));
        }
        Ok(Stmt::With(Box::new(With {
            values,
            body: self.stmts(&node.body)?,
            pos: self.pos(first),
            scope: Scope::default(),
        })))
    }

    /// A block, which comes as a `with`: `block name [scoped] [required]`.
    fn block(&mut self, first: usize, body: &[mj::Stmt<'_>]) -> Result<Stmt> {
        let pos = self.pos(first);
        let name: Arc<str> = self.text(first + 1).into();
        if self.tree.blocks.iter().any(|block| block.name == name) {
            return Err(syntax(pos, format!("block '{name}' defined twice")));
        }
        let scoped = self.text(first + 2) == "scoped";
        let required = self.text(first + 2 + usize::from(scoped)) == "required";
        let place = self.tree.blocks.len();
        self.tree.blocks.push(Block {
            name,
            scoped,
            required,
            body: Vec::new(),
            scope: Scope::default(),
            slots: 0,
            self_slot: None,
            super_slot: None,
            locals: Vec::new(),
        });
        let body = self.stmts(body)?;
        let blank = |stmt: &Stmt| matches!(stmt, Stmt::Text(text) if text.chars().all(is_space));
        if required && !body.iter().all(blank) {
            let detail = "Required blocks can only contain comments or whitespace";
            return Err(syntax(pos, detail));
        }
        if let Some(block) = self.tree.blocks.get_mut(place) {
            block.body = body;
        }
        Ok(Stmt::Block(place, pos))
    }

    fn function(
        &mut self,
        node: &mj::Macro<'_>,
        name: Option<Arc<str>>,
        pos: Pos,
    ) -> Result<usize> {
        let mut params: Vec<Name> = Vec::new();
        for param in &node.args {
            let param = self.name(self.at(param.span()));
            if params.iter().any(|known| known.name == param.name) {
                let detail = format!("duplicate argument '{}'", param.name);
                return Err(syntax(param.pos, detail));
            }
            params.push(param);
        }
        let function = Function {
            name,
            params,
            defaults: self.exprs(&node.defaults)?,
            body: self.stmts(&node.body)?,
            pos,
            scope: Scope::default(),
            slots: 0,
            caller: None,
            kwargs: None,
            varargs: None,
        };
        self.tree.functions.push(function);
        Ok(self.tree.functions.len() - 1)
    }

    fn target(&self, target: &mj::Expr<'_>) -> Result<Target> {
        match target {
            mj::Expr::Var(var) => Ok(Target::Name(self.name(self.at(var.span())))),
            mj::Expr::List(list) => {
                let items: Result<_> = list.items.iter().map(|item| self.target(item)).collect();
                Ok(Target::Tuple(items?))
            }
            mj::Expr::GetAttr(attribute) => match &attribute.expr {
                mj::Expr::Var(var) => {
                    let owner = self.name(self.at(var.span()));
                    let name = self.text(self.of_str(attribute.name)).into();
                    Ok(Target::Namespace(owner, name))
                }
                other => Err(syntax(
                    self.pos(self.at(other.span())),
                    "only an attribute of a namespace can be assigned",
                )),
            },
            other => Err(syntax(
                self.pos(self.at(other.span())),
                "can't assign to this",
            )),
        }
    }

    fn exprs(&self, exprs: &[mj::Expr<'_>]) -> Result<Vec<Expr>> {
        exprs.iter().map(|expr| self.expr(expr)).collect()
    }

    fn boxed(&self, expr: Option<&mj::Expr<'_>>) -> Result<Option<Expr>> {
        expr.map(|expr| self.expr(expr)).transpose()
    }

    fn expr(&self, expr: &mj::Expr<'_>) -> Result<Expr> {
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

    fn call(&self, node: &mj::Call<'_>, _span: Span) -> Result<Call> {
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
