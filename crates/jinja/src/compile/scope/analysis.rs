//! Which names a scope loads and stores, not counting the scopes inside it.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::{Layer, Resolver, VariableSource};
use crate::syntax::tree::*;
use crate::syntax::walk::{Use, walk_expr};

impl Resolver {
    pub(super) fn analyze(&mut self, symbols: usize, body: &[Stmt]) {
        for stmt in body {
            self.visit(symbols, stmt);
        }
    }

    pub(super) fn visit_expr(&mut self, symbols: usize, expr: &Expr) {
        walk_expr(expr, &mut |name| self.load(symbols, &name.name));
    }

    pub(super) fn visit_target(&mut self, symbols: usize, target: &Target, used: Use) {
        match target {
            Target::Name(name) if used == Use::Parameter => self.parameter(symbols, &name.name),
            Target::Name(name) => self.store(symbols, &name.name),
            Target::Namespace(owner, _) => self.load(symbols, &owner.name),
            Target::Tuple(items) => {
                for item in items {
                    self.visit_target(symbols, item, used);
                }
            }
        }
    }

    fn visit_call(&mut self, symbols: usize, call: &CallExpr) {
        self.visit_expr(symbols, &call.callee);
        for arg in &call.args {
            self.visit_expr(symbols, arg.expr());
        }
    }

    fn visit(&mut self, symbols: usize, stmt: &Stmt) {
        match stmt {
            Stmt::Text(..) | Stmt::Break | Stmt::Continue => {}
            Stmt::Print(expr, _) | Stmt::Do(expr, _) => self.visit_expr(symbols, expr),
            Stmt::If(node) => self.visit_if(symbols, node),
            Stmt::For(node) => self.visit_expr(symbols, &node.iter),
            Stmt::Recursive(index) => {
                let mut names = Vec::new();
                if let Some(node) = self.tables.recursive(*index) {
                    walk_expr(&node.iter, &mut |name| names.push(Arc::clone(&name.name)));
                }
                for name in names {
                    self.load(symbols, &name);
                }
            }
            Stmt::With(node) => {
                for (_, value) in &node.values {
                    self.visit_expr(symbols, value);
                }
            }
            Stmt::Set(node) => {
                self.visit_expr(symbols, &node.value);
                self.visit_target(symbols, &node.target, Use::Store);
            }
            Stmt::SetBlock(node) => self.visit_target(symbols, &node.target, Use::Store),
            Stmt::FilterBlock(node) => self.visit_expr(symbols, &node.filter),
            Stmt::Macro(node) => self.store(symbols, &node.target.name),
            Stmt::Generation(..) => {}
            Stmt::CallBlock(node) => self.visit_call(symbols, &node.call),
            Stmt::Block(..) | Stmt::Autoescape(_) => {}
        }
    }

    fn visit_if(&mut self, symbols: usize, node: &If) {
        let Some(((test, body), elifs)) = node.branches.split_first() else {
            return;
        };
        self.visit_expr(symbols, test);
        let branches = [
            self.branch(symbols, |this| this.analyze(symbols, body)),
            self.branch(symbols, |this| {
                for (test, body) in elifs {
                    this.visit_expr(symbols, test);
                    let branch = this.branch(symbols, |this| this.analyze(symbols, body));
                    this.merge(symbols, [branch]);
                }
            }),
            self.branch(symbols, |this| this.analyze(symbols, &node.other)),
        ];
        self.merge(symbols, branches);
    }

    fn branch(&mut self, symbols: usize, run: impl FnOnce(&mut Self)) -> Layer {
        if let Some(symbols) = self.symbols.get_mut(symbols) {
            symbols.layers.push(Layer::default());
        }
        run(self);
        let layers = self.symbols.get_mut(symbols).map(|s| &mut s.layers);
        layers.and_then(Vec::pop).unwrap_or_default()
    }

    fn merge<const N: usize>(&mut self, symbols: usize, branches: [Layer; N]) {
        let stored = |this: &Self, name: &str| {
            this.symbols
                .get(symbols)
                .is_some_and(|s| s.layers.iter().any(|layer| layer.stores.contains(name)))
        };
        let mut stores = BTreeSet::new();
        for name in branches.iter().flat_map(|branch| &branch.stored_here) {
            if !stored(self, name) {
                stores.insert(Arc::clone(name));
            }
        }
        for branch in branches {
            if let Some(layer) = self.top(symbols) {
                layer.absorb(branch);
            }
        }
        for name in stores {
            let source = match self.find_ref(self.parent(symbols), &name) {
                Some((function, ident)) => VariableSource::Alias(function, ident),
                None => VariableSource::Resolve,
            };
            self.define(symbols, &name, source);
        }
    }
}
