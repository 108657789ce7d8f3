//! What a template reads and does, for the check of a prompt before there are inputs: one walk through its tree.

use std::collections::BTreeSet;

use super::ast::{Arg, Call, Const, Expr, Filter, For, Function, Pos, Stmt, Target, Test, Tree};
use super::known_names::{FILTERS, GIVES_ITEM, KEEPS_ITEMS, METHODS, TESTS};
use super::library;
use crate::check::{Attribute, Findings, How, Known, Place, Read, Scopes, Shape};
use crate::error::{At, Issue};
use crate::issue;
use crate::suggest::suggest;

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
                    otherwise.extend(defined_if(test, false));
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

    fn expr(&mut self, expr: &'a Expr) -> Shape<'a> {
        match expr {
            Expr::Name(name) => return self.read(&name.name, name.pos, How::Plain),
            Expr::Const(_) => {}
            Expr::Not(expr) => drop_shape(self.expr(expr)),
            Expr::Negate(node) | Expr::Positive(node) => drop_shape(self.expr(&node.0)),
            Expr::Math(node) => {
                self.expr(&node.left);
                self.expr(&node.right);
            }
            Expr::And(node) | Expr::Or(node) => {
                self.expr(&node.0);
                let names = defined_if(&node.0, matches!(expr, Expr::And(_)));
                self.guarded(names, |walk| walk.expr(&node.1));
            }
            Expr::Concat(node) => self.exprs(&node.0),
            Expr::Compare(node) => {
                self.expr(&node.first);
                for (_, expr) in &node.rest {
                    self.expr(expr);
                }
            }
            Expr::If(node) => {
                self.expr(&node.test);
                self.guarded(defined_if(&node.test, true), |walk| walk.expr(&node.then));
                if let Some(other) = &node.other {
                    self.guarded(defined_if(&node.test, false), |walk| walk.expr(other));
                }
            }
            Expr::Filter(filter) => return self.filter(filter),
            Expr::Test(test) => self.test(test),
            Expr::Attribute(node) => {
                let shape = self.expr(&node.value);
                return self.attribute(shape, &node.name, node.pos);
            }
            Expr::Item(node) => {
                let shape = self.expr(&node.value);
                match &node.key {
                    Expr::Const(Const::Str(name)) => return self.attribute(shape, name, node.pos),
                    Expr::Const(_) => return shape.item(),
                    key => drop_shape(self.expr(key)),
                }
            }
            Expr::Slice(node) => {
                let shape = self.expr(&node.value);
                for expr in [&node.start, &node.stop, &node.step].into_iter().flatten() {
                    self.expr(expr);
                }
                return shape;
            }
            Expr::Call(call) => self.call(call),
            Expr::List(items) | Expr::Tuple(items) => self.exprs(items),
            Expr::Dict(node) => {
                for (key, value) in &node.0 {
                    self.expr(key);
                    self.expr(value);
                }
            }
        }
        Shape::Unknown
    }

    fn exprs(&mut self, exprs: &'a [Expr]) {
        for expr in exprs {
            self.expr(expr);
        }
    }

    fn filter(&mut self, filter: &'a Filter) -> Shape<'a> {
        let name = &*filter.name;
        let defaults = ["default", "d"].contains(&name);
        let shape = match &filter.value {
            Some(Expr::Name(name)) if defaults => self.read(&name.name, name.pos, How::Guarded),
            Some(expr) => self.expr(expr),
            None => Shape::Scalar,
        };
        if filter.function.is_none() {
            self.unknown_name(name, filter.pos, issue::UNKNOWN_FILTER, "filter", &FILTERS);
        }
        self.args(&filter.args);
        match name {
            name if KEEPS_ITEMS.contains(&name) => shape,
            name if GIVES_ITEM.contains(&name) => shape.item(),
            _ => Shape::Unknown,
        }
    }

    fn test(&mut self, test: &'a Test) {
        let defined = ["defined", "undefined"].contains(&&*test.name);
        match &test.value {
            Expr::Name(name) if defined => {
                drop_shape(self.read(&name.name, name.pos, How::Guarded))
            }
            expr => drop_shape(self.expr(expr)),
        }
        if test.function.is_none() {
            self.unknown_name(&test.name, test.pos, issue::UNKNOWN_TEST, "test", &TESTS);
        }
        self.args(&test.args);
    }

    fn call(&mut self, call: &'a Call) {
        match &call.callee {
            Expr::Attribute(node) => {
                let is_self = matches!(&node.value, Expr::Name(name) if &*name.name == "self");
                let shape = if is_self {
                    Shape::Unknown
                } else {
                    self.expr(&node.value)
                };
                if !METHODS.contains(&&*node.name) {
                    self.attribute(shape, &node.name, node.pos);
                }
            }
            other => drop_shape(self.expr(other)),
        }
        self.args(&call.args);
    }

    fn args(&mut self, args: &'a [Arg]) {
        for arg in args {
            let (Arg::Positional(expr)
            | Arg::Keyword(_, expr)
            | Arg::Sequence(expr)
            | Arg::Mapping(expr)) = arg;
            self.expr(expr);
        }
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
        let input = self
            .known
            .inputs
            .into_iter()
            .flatten()
            .find(|input| input.name == name);
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
            (None, Some(input)) => Shape::of(input, self.known.schemas.get(name)),
            (None, None) => Shape::Unknown,
        }
    }

    fn attribute(&mut self, shape: Shape<'a>, name: &str, pos: Pos) -> Shape<'a> {
        match shape.attribute(name) {
            Attribute::Some(shape) => shape,
            Attribute::None(names) => {
                let message = format!("there is no attribute `{name}`");
                let mut issue = Issue::new(issue::UNKNOWN_ATTRIBUTE, &self.place.pointer, message);
                issue.suggestion = suggest(name, names);
                issue.at = Some(self.at(pos));
                self.findings.warnings.push(issue);
                Shape::Unknown
            }
        }
    }

    fn unknown_name(&mut self, name: &str, pos: Pos, code: &str, what: &str, names: &[&str]) {
        let mut issue = Issue::new(
            code,
            &self.place.pointer,
            format!("there is no {what} `{name}`"),
        );
        issue.suggestion = suggest(name, names.iter().copied());
        issue.at = Some(self.at(pos));
        self.findings.errors.push(issue);
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

/// The names that are defined when a condition is true, or false.
fn defined_if(condition: &Expr, truth: bool) -> Vec<String> {
    match condition {
        Expr::Name(name) if truth => vec![name.name.to_string()],
        Expr::Test(test) => match (&test.value, &*test.name) {
            (Expr::Name(name), "defined") if truth => vec![name.name.to_string()],
            (Expr::Name(name), "undefined") if !truth => vec![name.name.to_string()],
            _ => Vec::new(),
        },
        Expr::Not(expr) => defined_if(expr, !truth),
        Expr::And(node) if truth => [&node.0, &node.1]
            .into_iter()
            .flat_map(|expr| defined_if(expr, true))
            .collect(),
        Expr::Or(node) if !truth => [&node.0, &node.1]
            .into_iter()
            .flat_map(|expr| defined_if(expr, false))
            .collect(),
        _ => Vec::new(),
    }
}

/// Every name that a template gives itself, at any depth.
fn collect_given(body: &[Stmt], tree: &Tree, names: &mut BTreeSet<String>) {
    fn target(given: &Target, names: &mut BTreeSet<String>) {
        match given {
            Target::Name(name) => drop(names.insert(name.name.to_string())),
            Target::Namespace(..) => {}
            Target::Tuple(items) => items.iter().for_each(|item| target(item, names)),
        }
    }
    for stmt in body {
        match stmt {
            Stmt::If(stmt) => {
                stmt.branches
                    .iter()
                    .for_each(|(_, body)| collect_given(body, tree, names));
                collect_given(&stmt.other, tree, names);
            }
            Stmt::For(stmt) => {
                collect_given(&stmt.body, tree, names);
                collect_given(&stmt.other, tree, names);
            }
            Stmt::With(stmt) => collect_given(&stmt.body, tree, names),
            Stmt::Set(stmt) => target(&stmt.target, names),
            Stmt::SetBlock(stmt) => {
                target(&stmt.target, names);
                collect_given(&stmt.body, tree, names);
            }
            Stmt::FilterBlock(stmt) => collect_given(&stmt.body, tree, names),
            Stmt::Autoescape(stmt) => collect_given(&stmt.body, tree, names),
            Stmt::Macro(stmt) => drop(names.insert(stmt.target.name.to_string())),
            Stmt::Block(index, _) => {
                if let Some(block) = tree.blocks.get(*index) {
                    collect_given(&block.body, tree, names);
                }
            }
            Stmt::Text(_)
            | Stmt::Print(_)
            | Stmt::Do(_)
            | Stmt::Recursive(_)
            | Stmt::CallBlock(_)
            | Stmt::Break
            | Stmt::Continue => {}
        }
    }
}
