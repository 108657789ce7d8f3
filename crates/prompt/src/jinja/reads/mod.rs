//! What a template reads and does, for the check of a prompt before there are inputs: one walk through its tree.

mod exprs;
mod given;

use std::collections::BTreeSet;

use super::ast::{For, Function, Pos, Stmt, Target, Tree};
use super::library;
use crate::check::{Attribute, Findings, How, Known, Place, Read, Scopes, Shape};
use crate::error::{At, Issue};
use crate::issue;
use crate::suggest::suggest;
use given::{collect_given, defined_if};

/// Names that the branches of one `if` are remembered to make sure of; more are rare, and would cost their square.
const MAX_GUARDS: usize = 64;

/// Notes what a template reads and does.
pub(super) fn walk<'a>(
    findings: &'a mut Findings,
    known: Known<'a>,
    place: &'a Place,
    tree: &'a Tree,
) {
    let mut late = BTreeSet::new();
    collect_given(&tree.body, tree, &mut late);
    let mut walk = Walk {
        findings,
        known,
        place,
        tree,
        late,
        scopes: Scopes::new(),
        macros: 0,
    };
    walk.body(&tree.body);
}

struct Walk<'a> {
    findings: &'a mut Findings,
    known: Known<'a>,
    place: &'a Place,
    tree: &'a Tree,
    /// What the template gives itself anywhere: a macro reads it when it is called.
    late: BTreeSet<String>,
    scopes: Scopes<'a>,
    macros: usize,
}

impl<'a> Walk<'a> {
    fn body(&mut self, body: &'a [Stmt]) {
        for stmt in body {
            self.stmt(stmt);
        }
    }

    fn scoped(&mut self, names: &[&str], body: &'a [Stmt]) {
        self.scopes.push();
        for name in names {
            self.scopes.give(name, Shape::Unknown, false);
        }
        self.body(body);
        self.scopes.pop();
    }

    fn stmt(&mut self, stmt: &'a Stmt) {
        match stmt {
            Stmt::Text(_) | Stmt::Break | Stmt::Continue => {}
            Stmt::Print(expr) | Stmt::Do(expr) => {
                self.expr(expr);
            }
            Stmt::If(stmt) => {
                let mut otherwise = Vec::new();
                for (test, body) in &stmt.branches {
                    self.guarded(otherwise.clone(), |walk| walk.expr(test));
                    let mut names = defined_if(test, true);
                    names.extend(otherwise.iter().cloned());
                    self.guarded(names, |walk| walk.body(body));
                    let names = defined_if(test, false).into_iter();
                    otherwise.extend(names);
                    otherwise.truncate(MAX_GUARDS);
                }
                self.guarded(otherwise, |walk| walk.body(&stmt.other));
            }
            Stmt::For(stmt) => self.for_loop(stmt),
            Stmt::Recursive(index) => {
                if let Some(stmt) = self.tree.loops.get(*index) {
                    self.for_loop(stmt);
                }
            }
            Stmt::With(stmt) => {
                let shapes: Vec<_> = stmt
                    .values
                    .iter()
                    .map(|(_, expr)| self.expr(expr))
                    .collect();
                self.scopes.push();
                for ((target, _), shape) in stmt.values.iter().zip(shapes) {
                    self.give(target, shape, false);
                }
                self.body(&stmt.body);
                self.scopes.pop();
            }
            Stmt::Set(stmt) => {
                let shape = self.expr(&stmt.value);
                self.give(&stmt.target, shape, true);
            }
            Stmt::SetBlock(stmt) => {
                self.scoped(&[], &stmt.body);
                if let Some(filter) = &stmt.filter {
                    self.expr(filter);
                }
                self.give(&stmt.target, Shape::Scalar, true);
            }
            Stmt::FilterBlock(stmt) => {
                self.expr(&stmt.filter);
                self.scoped(&[], &stmt.body);
            }
            Stmt::Macro(stmt) => {
                self.scopes.give(&stmt.target.name, Shape::Unknown, true);
                self.function(stmt.function);
            }
            Stmt::CallBlock(stmt) => {
                self.call(&stmt.call);
                self.function(stmt.function);
            }
            Stmt::Block(index, _) => {
                if let Some(block) = self.tree.blocks.get(*index) {
                    self.scoped(&["super", "self"], &block.body);
                }
            }
            Stmt::Autoescape(stmt) => {
                self.expr(&stmt.enabled);
                self.scoped(&[], &stmt.body);
            }
        }
    }

    fn for_loop(&mut self, stmt: &'a For) {
        let item = self.expr(&stmt.iter).item();
        self.scopes.push();
        self.give(&stmt.target, item, false);
        self.scopes.give("loop", Shape::Unknown, false);
        if let Some(test) = stmt.test.and_then(|index| self.tree.tests.get(index)) {
            self.expr(&test.test);
        }
        self.body(&stmt.body);
        self.scopes.pop();
        self.scoped(&[], &stmt.other);
    }

    fn function(&mut self, index: usize) {
        let tree: &'a Tree = self.tree;
        let Some(Function {
            params,
            defaults,
            body,
            ..
        }) = tree.functions.get(index)
        else {
            return;
        };
        for default in defaults {
            self.expr(default);
        }
        self.scopes.push();
        self.macros += 1;
        for name in ["caller", "varargs", "kwargs"] {
            self.scopes.give(name, Shape::Unknown, false);
        }
        for param in params {
            self.scopes.give(&param.name, Shape::Unknown, false);
        }
        self.body(body);
        self.macros -= 1;
        self.scopes.pop();
    }

    fn give(&mut self, target: &Target, shape: Shape<'a>, perhaps: bool) {
        match target {
            Target::Name(name) => self.scopes.give(&name.name, shape, perhaps),
            Target::Namespace(name, _) => drop_shape(self.read(&name.name, name.pos, How::Plain)),
            Target::Tuple(items) => items
                .iter()
                .for_each(|item| self.give(item, Shape::Unknown, perhaps)),
        }
    }

    fn guarded<T>(&mut self, names: Vec<String>, run: impl FnOnce(&mut Self) -> T) -> T {
        self.scopes.guard(names);
        let result = run(self);
        self.scopes.unguard();
        result
    }

    fn read(&mut self, name: &str, pos: Pos, how: How) -> Shape<'a> {
        let how = if self.scopes.is_guarded(name) {
            How::Guarded
        } else {
            how
        };
        let local = self.scopes.find(name);
        let how = match local {
            Some(local) if !local.perhaps => return local.shape,
            Some(_) => How::Perhaps,
            None if self.macros > 0 && self.late.contains(name) => How::Perhaps,
            None => how,
        };
        let input = self.known.by_name.get(name);
        if input.is_none() && library::global(name).is_some() {
            return Shape::Unknown;
        }
        let (pointer, at) = (self.place.pointer.clone(), self.at(pos));
        self.findings.reads.push(Read {
            name: name.to_owned(),
            how,
            pointer,
            at,
        });
        match (local, input) {
            (Some(local), _) => local.shape,
            (None, Some((input, schema))) => Shape::of(input, schema.as_ref()),
            (None, None) => Shape::Unknown,
        }
    }

    fn attribute(&mut self, shape: Shape<'a>, name: &str, pos: Pos) -> Shape<'a> {
        match shape.attribute(name) {
            Attribute::Some(shape) => shape,
            Attribute::None(names) => {
                let (place, at) = (self.place, self.at(pos));
                self.findings.warning(|| {
                    let message = format!("there is no attribute `{name}`");
                    let mut issue = Issue::new(issue::UNKNOWN_ATTRIBUTE, &place.pointer, message);
                    issue.suggestion = suggest(name, names);
                    issue.at = Some(at);
                    issue
                });
                Shape::Unknown
            }
        }
    }

    fn unknown_name(&mut self, name: &str, pos: Pos, code: &str, what: &str, names: &[&str]) {
        let (place, at) = (self.place, self.at(pos));
        self.findings.error(|| {
            let message = format!("there is no {what} `{name}`");
            let mut issue = Issue::new(code, &place.pointer, message);
            issue.suggestion = suggest(name, names.iter().copied());
            issue.at = Some(at);
            issue
        });
    }

    fn at(&self, pos: Pos) -> At {
        At {
            message: u32::try_from(self.place.message).ok(),
            line: pos.line,
            column: pos.column,
        }
    }
}

/// Says that a shape is of no interest.
fn drop_shape(_: Shape<'_>) {}
