//! Statements from minijinja's tree.

use std::sync::Arc;

use super::{Reader, Span, mj};
use crate::error::Result;
use crate::jinja::ast::*;
use crate::jinja::lex::{TokenKind, is_space, syntax};

impl Reader<'_> {
    pub(super) fn stmts(&mut self, stmts: &[mj::Stmt<'_>]) -> Result<Vec<Stmt>> {
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
}
