//! Runs statements.

mod assign;
mod blocks;
mod for_loop;
mod frames;
mod macros;
mod output;

use crate::error::{Result, locate};
use crate::limits::{Budget, exceeded};
use crate::run::ctx::Ctx;
use crate::syntax::tree::*;
use crate::value::Value;
use crate::value::object::{Kind, Object};

/// How a statement ended.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Flow {
    Normal,
    Break,
    Continue,
}

impl<'t> Ctx<'t> {
    /// Renders the whole template, and gives back what is left of the limits.
    pub(crate) fn run(mut self) -> (Result<String>, Budget) {
        let result = self.render();
        let budget = self.budget.clone();
        let out = self.finish();
        (result.map(|()| out), budget)
    }

    fn render(&mut self) -> Result<()> {
        let program = self.program;
        let root = &program.root;
        self.charge(8)?;
        self.frame = self.new_frame(root.slots, None)?;
        if let Some(slot) = root.self_slot {
            self.frame
                .set(slot, Some(Value::object(Object(Kind::Blocks))));
        }
        self.out.reserve(program.hint);
        self.enter(&root.scope)?;
        self.exec(&program.tree.body).map(|_| ())
    }

    /// One level of nested nodes: bounds the native stack.
    fn nest(&mut self) -> Result<()> {
        if self.nested >= crate::limits::MAX_NESTED {
            return Err(exceeded("calls or expressions are nested too deeply"));
        }
        self.nested += 1;
        Ok(())
    }

    /// Runs an evaluation one level of nodes deeper.
    pub(crate) fn nested<T>(&mut self, run: impl FnOnce(&mut Self) -> Result<T>) -> Result<T> {
        self.nest()?;
        let result = run(self);
        self.nested -= 1;
        result
    }

    fn exec(&mut self, stmts: &'t [Stmt]) -> Result<Flow> {
        let tree = &self.program.tree;
        for stmt in stmts {
            let flow = match stmt {
                Stmt::Text(text, _) => self.emit(text).map(|()| Flow::Normal),
                Stmt::Print(expr, _) => self.print(expr).map(|()| Flow::Normal),
                other => self.nested_stmt(other),
            };
            let flow = flow.map_err(|error| locate(error, stmt.pos(tree)))?;
            if flow != Flow::Normal {
                return Ok(flow);
            }
        }
        Ok(Flow::Normal)
    }

    fn nested_stmt(&mut self, stmt: &'t Stmt) -> Result<Flow> {
        self.charge(1)?;
        self.nest()?;
        let flow = self.stmt(stmt);
        self.nested -= 1;
        flow
    }

    fn stmt(&mut self, stmt: &'t Stmt) -> Result<Flow> {
        match stmt {
            Stmt::If(node) => self.exec_if(node),
            Stmt::For(node) => self.exec_for(node),
            Stmt::Recursive(index) => self.exec_recursive(*index),
            Stmt::With(node) => self.exec_with(node),
            Stmt::Set(node) => self.exec_set(node),
            Stmt::SetBlock(node) => self.exec_set_block(node),
            Stmt::FilterBlock(node) => self.exec_filter_block(node),
            Stmt::Macro(node) => self.exec_macro(node),
            Stmt::CallBlock(node) => self.exec_call_block(node),
            Stmt::Generation(function, pos) => self.exec_generation(*function, *pos),
            Stmt::Block(index, _) => self.exec_block(*index),
            Stmt::Autoescape(node) => self.exec_autoescape(node),
            Stmt::Do(expr, _) => self.eval(expr).map(|_| Flow::Normal),
            Stmt::Break => Ok(Flow::Break),
            Stmt::Continue => Ok(Flow::Continue),
            Stmt::Text(..) | Stmt::Print(..) => Ok(Flow::Normal),
        }
    }

    fn exec_if(&mut self, node: &'t If) -> Result<Flow> {
        for (index, (test, body)) in node.branches.iter().enumerate() {
            self.charge(index.min(1))?;
            if self.test(test)? {
                return self.exec(body);
            }
        }
        self.exec(&node.other)
    }

    fn exec_with(&mut self, node: &'t With) -> Result<Flow> {
        self.enter(&node.scope)?;
        self.charge(node.values.len() / 2)?;
        for (target, value) in &node.values {
            let value = self.eval(value)?;
            self.assign(target, value)
                .map_err(|error| locate(error, node.pos))?;
        }
        let flow = self.exec(&node.body)?;
        if flow == Flow::Normal {
            self.leave(&node.scope);
        }
        Ok(flow)
    }

    fn exec_filter_block(&mut self, node: &'t FilterBlock) -> Result<Flow> {
        self.enter(&node.scope)?;
        let (flow, text) = self.capture_out(|ctx| ctx.exec(&node.body))?;
        if flow != Flow::Normal {
            return Ok(flow);
        }
        self.block_text = Some(self.captured_here(text));
        let value = self.eval(&node.filter)?;
        self.emit_raw(&value)
            .map_err(|error| locate(error, node.filter.pos()))?;
        self.leave(&node.scope);
        Ok(Flow::Normal)
    }

    fn exec_autoescape(&mut self, node: &'t Autoescape) -> Result<Flow> {
        self.enter(&node.scope)?;
        let enabled = self.test(&node.enabled)?;
        let within = self.escaping_within(&node.enabled, enabled)?;
        let around = std::mem::replace(&mut self.escaping, within);
        let before = std::mem::replace(&mut self.autoescape, enabled);
        let flow = self.exec(&node.body);
        self.escaping = around;
        let flow = flow?;
        // A loop that is left from within does not restore it in Jinja2 either.
        if flow == Flow::Normal {
            self.autoescape = before;
            self.leave(&node.scope);
        }
        Ok(flow)
    }
}
