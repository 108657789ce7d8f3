//! Gives the names of expressions and targets their places.

use std::sync::Arc;

use super::{FrameLayout, Ident, Resolver, Symbols, VariableSource};
use crate::error::{Error, ErrorKind, Result};
use crate::library::{self, registry};
use crate::syntax::tree::*;

impl Resolver {
    /// What happens when the scope is entered.
    pub(super) fn scope(&mut self, symbols: usize) -> ScopeSlots {
        let Some(Symbols {
            level,
            function,
            layers,
            ..
        }) = self.symbols.get(symbols)
        else {
            return ScopeSlots::default();
        };
        let (level, function) = (*level, *function);
        let loads = layers.iter().flat_map(|layer| &layer.loads);
        let loads: Vec<_> = loads
            .filter_map(|(name, place)| Some((Arc::clone(name), self.sources.get(*place)?.clone())))
            .collect();
        let mut scope = ScopeSlots::default();
        for (name, source) in loads {
            let slot = self.slot(function, &(level, Arc::clone(&name)));
            scope.owned.push(slot);
            let load = match source {
                VariableSource::Parameter => continue,
                VariableSource::Resolve => Load::Resolve(name),
                VariableSource::Alias(owner, outer) => {
                    Load::Alias(self.place(function, owner, &outer))
                }
                VariableSource::Missing => Load::Missing,
            };
            scope.loads.push((slot, load));
        }
        scope
    }

    pub(super) fn place(&mut self, from: usize, owner: usize, ident: &Ident) -> Place {
        let slot = self.slot(owner, ident);
        let mut up = 0;
        let mut function = from;
        while function != owner {
            let Some(parent) = self.functions.get(function).and_then(|f| f.parent) else {
                break;
            };
            function = parent;
            up += 1;
        }
        Place { up, slot }
    }

    pub(super) fn name(&mut self, name: &mut Name, frame: FrameLayout) {
        if self.find_ref(Some(frame.symbols), &name.name).is_none() {
            // Reached only by names that Jinja2's analysis leaves out: the arguments of a set block's filter.
            self.define(frame.symbols, &name.name, VariableSource::Resolve);
        }
        if let Some((owner, ident)) = self.find_ref(Some(frame.symbols), &name.name) {
            name.place = self.place(frame.function, owner, &ident);
        }
    }

    pub(super) fn target(&mut self, target: &mut Target, frame: FrameLayout) {
        match target {
            Target::Name(name) | Target::Namespace(name, _) => self.name(name, frame),
            Target::Tuple(items) => {
                for item in items {
                    self.target(item, frame);
                }
            }
        }
    }

    fn args(&mut self, args: &mut [Arg], frame: FrameLayout) -> Result<()> {
        args.iter_mut()
            .try_for_each(|arg| self.expr(arg.expr_mut(), frame))
    }

    pub(super) fn expr(&mut self, expr: &mut Expr, frame: FrameLayout) -> Result<()> {
        match expr {
            Expr::Const(_) => Ok(()),
            Expr::Name(name) => {
                self.name(name, frame);
                Ok(())
            }
            Expr::Attribute(node) => {
                node.is_key = !library::is_dict_method(&node.name);
                self.expr(&mut node.value, frame)
            }
            Expr::Item(node) => {
                self.expr(&mut node.value, frame)?;
                self.expr(&mut node.key, frame)
            }
            Expr::Slice(node) => {
                self.expr(&mut node.value, frame)?;
                let parts = [&mut node.start, &mut node.stop, &mut node.step];
                parts
                    .into_iter()
                    .flatten()
                    .try_for_each(|part| self.expr(part, frame))
            }
            Expr::Call(node) => self.call(node, frame),
            Expr::Filter(node) => {
                node.row = registry::filter_row(&node.name);
                if node.row.is_none() && !frame.soft {
                    self.unknown("filter", &node.name, node.pos);
                }
                if let Some(value) = &mut node.value {
                    self.expr(value, frame)?;
                }
                self.args(&mut node.args, frame)
            }
            Expr::Test(node) => {
                node.row = registry::test_row(&node.name);
                if node.row.is_none() && !frame.soft {
                    self.unknown("test", &node.name, node.pos);
                }
                self.expr(&mut node.value, frame)?;
                self.args(&mut node.args, frame)
            }
            Expr::Not(value) => self.expr(value, frame),
            Expr::Negate(node) | Expr::Positive(node) => self.expr(&mut node.0, frame),
            Expr::Math(node) => {
                self.expr(&mut node.left, frame)?;
                self.expr(&mut node.right, frame)
            }
            Expr::And(node) | Expr::Or(node) => {
                self.expr(&mut node.0, frame)?;
                self.expr(&mut node.1, frame)
            }
            Expr::Concat(node) => node.0.iter_mut().try_for_each(|e| self.expr(e, frame)),
            Expr::Compare(node) => {
                self.expr(&mut node.first, frame)?;
                let mut rest = node.rest.iter_mut();
                rest.try_for_each(|(_, expr)| self.expr(expr, frame))
            }
            Expr::If(node) => {
                let frame = FrameLayout {
                    soft: true,
                    ..frame
                };
                self.expr(&mut node.test, frame)?;
                self.expr(&mut node.then, frame)?;
                match &mut node.other {
                    Some(other) => self.expr(other, frame),
                    None => Ok(()),
                }
            }
            Expr::List(items) | Expr::Tuple(items) => {
                items.iter_mut().try_for_each(|e| self.expr(e, frame))
            }
            Expr::Dict(node) => node.0.iter_mut().try_for_each(|(key, value)| {
                self.expr(key, frame)?;
                self.expr(value, frame)
            }),
        }
    }

    pub(super) fn call(&mut self, call: &mut CallExpr, frame: FrameLayout) -> Result<()> {
        self.expr(&mut call.callee, frame)?;
        self.args(&mut call.args, frame)
    }

    fn unknown(&mut self, kind: &str, name: &str, pos: Pos) {
        if self.unknown.len() < Self::MAX_UNKNOWN {
            let detail = format!("No {kind} named '{name}'.");
            let error = Error::new(ErrorKind::UnknownName, detail).with_pos(pos);
            self.unknown.push((pos, error));
        }
    }
}
