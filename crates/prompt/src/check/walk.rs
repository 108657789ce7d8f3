//! One walk through a template's syntax tree.

use std::collections::BTreeSet;

use minijinja::machinery::ast::{BinOpKind, Call, CallArg, Expr, Macro, Stmt, UnaryOpKind};

use super::names::{FILTERS, GIVES_ITEM, GLOBALS, KEEPS_ITEMS, METHODS, TESTS};
use super::scope::Scopes;
use super::shape::{Attribute, Shape};
use super::{Findings, How, Known, Place, Read};
use crate::error::{At, Issue};
use crate::issue;
use crate::suggest::suggest;

/// Notes what a template reads and does.
pub(crate) fn walk<'a>(
    findings: &'a mut Findings,
    known: Known<'a>,
    place: &'a Place,
    source: &'a str,
    tree: &Stmt<'_>,
) {
    let mut late = BTreeSet::new();
    collect_given(tree, &mut late);
    let mut walk = Walk {
        findings,
        known,
        place,
        source,
        late,
        scopes: Scopes::new(),
        macros: 0,
    };
    walk.stmt(tree);
}

struct Walk<'a> {
    findings: &'a mut Findings,
    known: Known<'a>,
    place: &'a Place,
    source: &'a str,
    /// What the template gives itself anywhere: a macro reads it when it is called.
    late: BTreeSet<String>,
    scopes: Scopes<'a>,
    macros: usize,
}

impl<'a> Walk<'a> {
    fn body(&mut self, body: &[Stmt<'_>]) {
        for stmt in body {
            self.stmt(stmt);
        }
    }

    fn scoped(&mut self, names: &[&str], body: &[Stmt<'_>]) {
        self.scopes.push();
        for name in names {
            self.scopes.give(name, Shape::Unknown, false);
        }
        self.body(body);
        self.scopes.pop();
    }

    fn stmt(&mut self, stmt: &Stmt<'_>) {
        match stmt {
            Stmt::Template(template) => self.body(&template.children),
            Stmt::EmitExpr(emit) => drop(self.expr(&emit.expr)),
            Stmt::EmitRaw(_) | Stmt::Continue(_) | Stmt::Break(_) => {}
            Stmt::ForLoop(stmt) => {
                let item = self.expr(&stmt.iter).item();
                self.scopes.push();
                self.give(&stmt.target, item, false);
                self.scopes.give("loop", Shape::Unknown, false);
                if let Some(filter) = &stmt.filter_expr {
                    self.expr(filter);
                }
                self.body(&stmt.body);
                self.scopes.pop();
                self.scoped(&[], &stmt.else_body);
            }
            Stmt::IfCond(stmt) => {
                self.expr(&stmt.expr);
                self.guarded(defined_if(&stmt.expr, true), |walk| {
                    walk.body(&stmt.true_body)
                });
                self.guarded(defined_if(&stmt.expr, false), |walk| {
                    walk.body(&stmt.false_body)
                });
            }
            Stmt::WithBlock(stmt) => {
                let shapes: Vec<_> = stmt
                    .assignments
                    .iter()
                    .map(|(_, expr)| self.expr(expr))
                    .collect();
                self.scopes.push();
                for ((target, _), shape) in stmt.assignments.iter().zip(shapes) {
                    self.give(target, shape, false);
                }
                self.body(&stmt.body);
                self.scopes.pop();
            }
            Stmt::Set(stmt) => {
                let shape = self.expr(&stmt.expr);
                self.give(&stmt.target, shape, true);
            }
            Stmt::SetBlock(stmt) => {
                self.scoped(&[], &stmt.body);
                if let Some(filter) = &stmt.filter {
                    self.expr(filter);
                }
                self.give(&stmt.target, Shape::Scalar, true);
            }
            Stmt::AutoEscape(stmt) => {
                self.expr(&stmt.enabled);
                self.scoped(&[], &stmt.body);
            }
            Stmt::FilterBlock(stmt) => {
                self.expr(&stmt.filter);
                self.scoped(&[], &stmt.body);
            }
            Stmt::Block(stmt) => self.scoped(&["super", "self"], &stmt.body),
            Stmt::Macro(stmt) => {
                self.scopes.give(stmt.name, Shape::Unknown, true);
                self.macro_body(stmt);
            }
            Stmt::CallBlock(stmt) => {
                self.call(&stmt.call);
                self.macro_body(&stmt.macro_decl);
            }
            Stmt::Do(stmt) => drop(self.call(&stmt.call)),
            // Refused when the template is compiled.
            Stmt::Import(_) | Stmt::FromImport(_) | Stmt::Extends(_) | Stmt::Include(_) => {}
        }
    }

    fn macro_body(&mut self, stmt: &Macro<'_>) {
        for default in &stmt.defaults {
            self.expr(default);
        }
        self.scopes.push();
        self.macros += 1;
        for name in ["caller", "varargs", "kwargs"] {
            self.scopes.give(name, Shape::Unknown, false);
        }
        for arg in &stmt.args {
            self.give(arg, Shape::Unknown, false);
        }
        self.body(&stmt.body);
        self.macros -= 1;
        self.scopes.pop();
    }

    fn give(&mut self, target: &Expr<'_>, shape: Shape<'a>, perhaps: bool) {
        match target {
            Expr::Var(var) => self.scopes.give(var.id, shape, perhaps),
            Expr::Tuple(tuple) => tuple
                .items
                .iter()
                .for_each(|item| self.give(item, Shape::Unknown, perhaps)),
            Expr::List(list) => list
                .items
                .iter()
                .for_each(|item| self.give(item, Shape::Unknown, perhaps)),
            other => drop(self.expr(other)),
        }
    }

    fn guarded<T>(&mut self, names: Vec<String>, run: impl FnOnce(&mut Self) -> T) -> T {
        self.scopes.guard(names);
        let result = run(self);
        self.scopes.unguard();
        result
    }

    fn expr(&mut self, expr: &Expr<'_>) -> Shape<'a> {
        match expr {
            Expr::Var(var) => return self.read(var.id, How::Plain),
            Expr::Const(_) => {}
            Expr::UnaryOp(op) => drop(self.expr(&op.expr)),
            Expr::BinOp(op) => {
                let left = self.expr(&op.left);
                let names = match op.op {
                    BinOpKind::ScAnd => defined_if(&op.left, true),
                    BinOpKind::ScOr => defined_if(&op.left, false),
                    _ => Vec::new(),
                };
                let right = self.guarded(names, |walk| walk.expr(&op.right));
                if let (BinOpKind::ScOr, Shape::Scalar, Shape::Scalar) = (op.op, left, right) {
                    return Shape::Scalar;
                }
            }
            Expr::Compare(compare) => {
                self.expr(&compare.expr);
                for op in &compare.ops {
                    self.expr(&op.expr);
                }
            }
            Expr::IfExpr(expr) => {
                self.expr(&expr.test_expr);
                self.guarded(defined_if(&expr.test_expr, true), |walk| {
                    walk.expr(&expr.true_expr)
                });
                if let Some(other) = &expr.false_expr {
                    self.guarded(defined_if(&expr.test_expr, false), |walk| walk.expr(other));
                }
            }
            Expr::Filter(filter) => {
                let defaults = ["default", "d"].contains(&filter.name);
                let shape = match &filter.expr {
                    Some(Expr::Var(var)) if defaults => self.read(var.id, How::Guarded),
                    Some(expr) => self.expr(expr),
                    None => Shape::Scalar,
                };
                self.known_name(filter.name, &FILTERS, issue::UNKNOWN_FILTER, "filter");
                self.args(&filter.args);
                return match filter.name {
                    name if KEEPS_ITEMS.contains(&name) && !defaults => shape,
                    name if GIVES_ITEM.contains(&name) => shape.item(),
                    _ => Shape::Unknown,
                };
            }
            Expr::Test(test) => {
                let defined = ["defined", "undefined"].contains(&test.name);
                match &test.expr {
                    Expr::Var(var) if defined => drop(self.read(var.id, How::Guarded)),
                    expr => drop(self.expr(expr)),
                }
                self.known_name(test.name, &TESTS, issue::UNKNOWN_TEST, "test");
                self.args(&test.args);
            }
            Expr::GetAttr(get) => {
                let shape = self.expr(&get.expr);
                return self.attribute(shape, get.name);
            }
            Expr::GetItem(get) => {
                let shape = self.expr(&get.expr);
                match &get.subscript_expr {
                    Expr::Const(constant) => match constant.value.as_str() {
                        Some(name) => {
                            return self.member(
                                shape,
                                name,
                                get.subscript_expr.span().start_offset,
                            );
                        }
                        None => return shape.item(),
                    },
                    subscript => drop(self.expr(subscript)),
                }
            }
            Expr::Slice(slice) => {
                let shape = self.expr(&slice.expr);
                for expr in [&slice.start, &slice.stop, &slice.step]
                    .into_iter()
                    .flatten()
                {
                    self.expr(expr);
                }
                return shape;
            }
            Expr::Call(call) => return self.call(call),
            Expr::List(list) => self.exprs(&list.items),
            Expr::Tuple(tuple) => self.exprs(&tuple.items),
            Expr::Map(map) => {
                self.exprs(&map.keys);
                self.exprs(&map.values);
            }
        }
        Shape::Unknown
    }

    fn exprs(&mut self, exprs: &[Expr<'_>]) {
        for expr in exprs {
            self.expr(expr);
        }
    }

    fn call(&mut self, call: &Call<'_>) -> Shape<'a> {
        match &call.expr {
            Expr::GetAttr(get) => {
                let is_self = matches!(&get.expr, Expr::Var(var) if var.id == "self");
                let shape = if is_self {
                    Shape::Unknown
                } else {
                    self.expr(&get.expr)
                };
                if !METHODS.contains(&get.name) {
                    self.attribute(shape, get.name);
                }
            }
            other => drop(self.expr(other)),
        }
        self.args(&call.args);
        Shape::Unknown
    }

    fn args(&mut self, args: &[CallArg<'_>]) {
        for arg in args {
            match arg {
                CallArg::Pos(expr)
                | CallArg::Kwarg(_, expr)
                | CallArg::PosSplat(expr)
                | CallArg::KwargSplat(expr) => {
                    self.expr(expr);
                }
            }
        }
    }

    fn read(&mut self, name: &str, how: How) -> Shape<'a> {
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
        if input.is_none() && GLOBALS.contains(&name) {
            return Shape::Unknown;
        }
        let (pointer, at) = (self.place.pointer.clone(), self.at_name(name));
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

    fn attribute(&mut self, shape: Shape<'a>, name: &str) -> Shape<'a> {
        let at = self.at_name(name);
        self.attribute_at(shape, name, at)
    }

    fn member(&mut self, shape: Shape<'a>, name: &str, offset: u32) -> Shape<'a> {
        let at = self.at_offset(usize::try_from(offset).unwrap_or_default());
        self.attribute_at(shape, name, at)
    }

    fn attribute_at(&mut self, shape: Shape<'a>, name: &str, at: At) -> Shape<'a> {
        match shape.attribute(name) {
            Attribute::Some(shape) => shape,
            Attribute::None(names) => {
                let message = format!("there is no attribute `{name}`");
                let mut issue = Issue::new(issue::UNKNOWN_ATTRIBUTE, &self.place.pointer, message);
                issue.suggestion = suggest(name, names);
                issue.at = Some(at);
                self.findings.warnings.push(issue);
                Shape::Unknown
            }
        }
    }

    fn known_name(&mut self, name: &str, names: &[&str], code: &str, what: &str) {
        if names.contains(&name) {
            return;
        }
        let mut issue = Issue::new(
            code,
            &self.place.pointer,
            format!("there is no {what} `{name}`"),
        );
        issue.suggestion = suggest(name, names.iter().copied());
        issue.at = Some(self.at_name(name));
        self.findings.errors.push(issue);
    }

    /// Where a name stands: the tree's names are slices of the source.
    fn at_name(&self, name: &str) -> At {
        self.at_offset((name.as_ptr() as usize).saturating_sub(self.source.as_ptr() as usize))
    }

    fn at_offset(&self, offset: usize) -> At {
        let before = self.source.get(..offset).unwrap_or_default();
        let line = before.matches('\n').count() + 1;
        let column = before
            .rsplit('\n')
            .next()
            .unwrap_or_default()
            .chars()
            .count()
            + 1;
        let number = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
        At {
            message: u32::try_from(self.place.message).ok(),
            line: number(line),
            column: number(column),
        }
    }
}

/// The names that are defined when a condition is true, or false.
fn defined_if(condition: &Expr<'_>, truth: bool) -> Vec<String> {
    match condition {
        Expr::Var(var) if truth => vec![var.id.to_owned()],
        Expr::Test(test) => match (&test.expr, test.name) {
            (Expr::Var(var), "defined") if truth => vec![var.id.to_owned()],
            (Expr::Var(var), "undefined") if !truth => vec![var.id.to_owned()],
            _ => Vec::new(),
        },
        Expr::UnaryOp(op) if matches!(op.op, UnaryOpKind::Not) => defined_if(&op.expr, !truth),
        Expr::BinOp(op)
            if matches!(
                (op.op, truth),
                (BinOpKind::ScAnd, true) | (BinOpKind::ScOr, false)
            ) =>
        {
            let mut names = defined_if(&op.left, truth);
            names.extend(defined_if(&op.right, truth));
            names
        }
        _ => Vec::new(),
    }
}

/// Every name that a template gives itself, at any depth.
fn collect_given(stmt: &Stmt<'_>, names: &mut BTreeSet<String>) {
    let target = |target: &Expr<'_>, names: &mut BTreeSet<String>| match target {
        Expr::Var(var) => drop(names.insert(var.id.to_owned())),
        Expr::Tuple(tuple) => {
            names.extend(tuple.items.iter().filter_map(|item| match item {
                Expr::Var(var) => Some(var.id.to_owned()),
                _ => None,
            }));
        }
        _ => {}
    };
    let bodies: [&[Stmt<'_>]; 2] = match stmt {
        Stmt::Template(stmt) => [&stmt.children, &[]],
        Stmt::ForLoop(stmt) => [&stmt.body, &stmt.else_body],
        Stmt::IfCond(stmt) => [&stmt.true_body, &stmt.false_body],
        Stmt::WithBlock(stmt) => [&stmt.body, &[]],
        Stmt::Set(stmt) => {
            target(&stmt.target, names);
            return;
        }
        Stmt::SetBlock(stmt) => {
            target(&stmt.target, names);
            [&stmt.body, &[]]
        }
        Stmt::Block(stmt) => [&stmt.body, &[]],
        Stmt::AutoEscape(stmt) => [&stmt.body, &[]],
        Stmt::FilterBlock(stmt) => [&stmt.body, &[]],
        Stmt::Macro(stmt) => {
            names.insert(stmt.name.to_owned());
            [&stmt.body, &[]]
        }
        _ => return,
    };
    for stmt in bodies.into_iter().flatten() {
        collect_given(stmt, names);
    }
}
