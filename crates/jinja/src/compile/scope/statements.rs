//! Gives the names of statements their places, scope by scope.

use std::collections::BTreeSet;

use super::{FrameLayout, Resolver};
use crate::error::{Error, Result};
use crate::syntax::tree::*;
use crate::syntax::walk::{Use, find_undeclared, walk_stmt, walk_target};

impl Resolver {
    pub(super) fn stmts(&mut self, stmts: &mut [Stmt], frame: FrameLayout) -> Result<()> {
        stmts.iter_mut().try_for_each(|stmt| self.stmt(stmt, frame))
    }

    fn stmt(&mut self, stmt: &mut Stmt, frame: FrameLayout) -> Result<()> {
        let export = frame.toplevel && self.has_blocks;
        match stmt {
            Stmt::Text(..) | Stmt::Break | Stmt::Continue => Ok(()),
            Stmt::Print(expr, _) | Stmt::Do(expr, _) => self.expr(expr, frame),
            Stmt::If(node) => {
                let frame = FrameLayout {
                    soft: true,
                    ..frame
                };
                for (test, body) in &mut node.branches {
                    self.expr(test, frame)?;
                    self.stmts(body, frame)?;
                }
                self.stmts(&mut node.other, frame)
            }
            Stmt::For(node) => self.for_loop(node, frame),
            Stmt::Recursive(index) => {
                let taken = self.tables.loops.get_mut(*index).and_then(Option::take);
                let Some(mut node) = taken else {
                    return Ok(());
                };
                self.for_loop(&mut node, frame)?;
                if let Some(place) = self.tables.loops.get_mut(*index) {
                    *place = Some(node);
                }
                Ok(())
            }
            Stmt::With(node) => {
                let inner = self.inner(frame, frame.function);
                for (target, _) in &node.values {
                    self.visit_target(inner.symbols, target, Use::Parameter);
                }
                self.analyze(inner.symbols, &node.body);
                node.scope = self.scope(inner.symbols);
                for (target, value) in &mut node.values {
                    self.target(target, inner);
                    self.expr(value, frame)?;
                }
                self.stmts(&mut node.body, inner)
            }
            Stmt::Set(node) => {
                node.export = export;
                self.target(&mut node.target, frame);
                self.expr(&mut node.value, frame)
            }
            Stmt::SetBlock(node) => {
                node.export = export;
                let inner = self.inner(frame, frame.function);
                self.analyze(inner.symbols, &node.body);
                self.target(&mut node.target, frame);
                if let Some(filter) = &mut node.filter {
                    self.expr(filter, inner)?;
                }
                node.scope = self.scope(inner.symbols);
                self.stmts(&mut node.body, inner)
            }
            Stmt::FilterBlock(node) => {
                let inner = self.inner(frame, frame.function);
                self.analyze(inner.symbols, &node.body);
                self.visit_expr(inner.symbols, &node.filter);
                node.scope = self.scope(inner.symbols);
                self.stmts(&mut node.body, inner)?;
                self.expr(&mut node.filter, inner)
            }
            Stmt::Macro(node) => {
                node.export = export;
                self.function(node.function, frame)?;
                self.name(&mut node.target, frame);
                Ok(())
            }
            Stmt::Generation(function, _) => self.function(*function, frame),
            Stmt::CallBlock(node) => {
                self.function(node.function, frame)?;
                self.call(&mut node.call, frame)
            }
            Stmt::Block(index, _) => {
                self.block_locals(*index, frame);
                Ok(())
            }
            Stmt::Autoescape(node) => {
                let inner = self.inner(frame, frame.function);
                self.visit_expr(inner.symbols, &node.enabled);
                self.analyze(inner.symbols, &node.body);
                node.scope = self.scope(inner.symbols);
                self.expr(&mut node.enabled, inner)?;
                self.stmts(&mut node.body, inner)
            }
        }
    }

    fn for_loop(&mut self, node: &mut For, frame: FrameLayout) -> Result<()> {
        let function = if node.recursive {
            self.new_function(Some(frame.function))
        } else {
            frame.function
        };
        let body = self.inner(frame, function);
        let mut assigns_loop = None;
        let mut check = |name: &Name, used: Use| {
            if used == Use::Store && &*name.name == "loop" {
                assigns_loop = Some(name.pos);
            }
        };
        walk_target(&node.target, Use::Store, &mut check);
        for stmt in node.body.iter().chain(&node.other) {
            walk_stmt(stmt, &self.tables, true, &mut check);
        }
        if let Some(pos) = assigns_loop {
            let detail = "Can't assign to special loop variable in for-loop target";
            return Err(Error::syntax(pos, detail));
        }
        let reads_loop = !find_undeclared(&node.body, &self.tables, &["loop"]).is_empty();
        let scoped_block = self.has_blocks;
        if node.recursive || reads_loop || scoped_block {
            let slot = self.declare(body.symbols, "loop");
            node.loop_place = Some(Place { up: 0, slot });
        }
        self.visit_target(body.symbols, &node.target, Use::Parameter);
        self.analyze(body.symbols, &node.body);
        node.scope = self.scope(body.symbols);
        if let Some(index) = node.test {
            self.loop_test(index, frame)?;
        }
        self.target(&mut node.target, body);
        self.expr(&mut node.iter, frame)?;
        self.stmts(&mut node.body, body)?;
        let other = self.inner(frame, function);
        self.analyze(other.symbols, &node.other);
        node.other_scope = self.scope(other.symbols);
        self.stmts(&mut node.other, other)?;
        if node.recursive {
            node.slots = self.slots(function);
        }
        Ok(())
    }

    fn loop_test(&mut self, index: usize, frame: FrameLayout) -> Result<()> {
        let Some(mut test) = self.tables.tests.get_mut(index).and_then(Option::take) else {
            return Ok(());
        };
        let function = self.new_function(Some(frame.function));
        let inner = self.inner(frame, function);
        self.visit_target(inner.symbols, &test.target, Use::Parameter);
        self.visit_expr(inner.symbols, &test.test);
        test.scope = self.scope(inner.symbols);
        self.target(&mut test.target, inner);
        self.expr(&mut test.test, inner)?;
        test.slots = self.slots(function);
        if let Some(place) = self.tables.tests.get_mut(index) {
            *place = Some(test);
        }
        Ok(())
    }

    fn function(&mut self, index: usize, frame: FrameLayout) -> Result<()> {
        let Some(mut node) = self.tables.functions.get_mut(index).and_then(Option::take) else {
            return Ok(());
        };
        let function = self.new_function(Some(frame.function));
        let inner = self.inner(frame, function);
        let analyze = |this: &mut Self, node: &Function| {
            for param in &node.params {
                this.parameter(inner.symbols, &param.name);
            }
            for default in &node.defaults {
                this.visit_expr(inner.symbols, default);
            }
            this.analyze(inner.symbols, &node.body);
        };
        analyze(self, &node);
        let special = ["caller", "kwargs", "varargs"];
        let undeclared = find_undeclared(&node.body, &self.tables, &special);
        let given = |name: &str| node.params.iter().position(|param| &*param.name == name);
        let first_default = node.params.len() - node.defaults.len().min(node.params.len());
        if undeclared.contains(&"caller") {
            match given("caller") {
                Some(place) if place < first_default => {
                    let detail = "When defining macros or call blocks the special \"caller\" argument must be omitted \
                                  or be given a default.";
                    return Err(Error::syntax(node.pos, detail));
                }
                Some(_) => {}
                None => node.caller = Some(self.declare(inner.symbols, "caller")),
            }
        }
        if undeclared.contains(&"kwargs") && given("kwargs").is_none() {
            node.kwargs = Some(self.declare(inner.symbols, "kwargs"));
        }
        if undeclared.contains(&"varargs") && given("varargs").is_none() {
            node.varargs = Some(self.declare(inner.symbols, "varargs"));
        }
        analyze(self, &node);
        node.scope = self.scope(inner.symbols);
        for param in &mut node.params {
            self.name(param, inner);
        }
        for default in &mut node.defaults {
            self.expr(default, inner)?;
        }
        self.stmts(&mut node.body, inner)?;
        node.slots = self.slots(function);
        if let Some(place) = self.tables.functions.get_mut(index) {
            *place = Some(node);
        }
        Ok(())
    }

    /// A scoped block sees everything that the scopes around it have stored.
    fn block_locals(&mut self, index: usize, frame: FrameLayout) {
        let scoped = self.tables.blocks.get(index).and_then(Option::as_ref);
        if !scoped.is_some_and(|block| block.scoped) {
            return;
        }
        let mut names = BTreeSet::new();
        let mut next = Some(frame.symbols);
        while let Some(symbols) = next.and_then(|index| self.symbols.get(index)) {
            for layer in &symbols.layers {
                names.extend(layer.stores.iter().cloned());
            }
            next = symbols.parent;
        }
        let mut locals = Vec::new();
        for name in names {
            if let Some((owner, ident)) = self.find_ref(Some(frame.symbols), &name) {
                locals.push((name, self.place(frame.function, owner, &ident)));
            }
        }
        if let Some(Some(block)) = self.tables.blocks.get_mut(index) {
            block.locals = locals;
        }
    }
}
