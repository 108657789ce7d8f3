//! Walks over the names of a syntax tree, in the order of Jinja2's node visitor.

use crate::syntax::tree::*;

/// How a name is used.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Use {
    Load,
    Store,
    Parameter,
}

/// Which names the statements read before they write them.
pub(crate) fn find_undeclared<'n>(body: &[Stmt], tree: &Tables, names: &[&'n str]) -> Vec<&'n str> {
    let mut left = names.to_vec();
    let mut undeclared = Vec::new();
    let mut visit = |name: &Name, used: Use| {
        if let Some(index) = left.iter().position(|known| **known == *name.name) {
            let name = left.swap_remove(index);
            if used == Use::Load {
                undeclared.push(name);
            }
        }
    };
    for stmt in body {
        walk_stmt(stmt, tree, false, &mut visit);
    }
    undeclared
}

/// The parts of a tree that statements refer to by index; `None` for a part under way.
#[derive(Debug, Default)]
pub(crate) struct Tables {
    pub(crate) functions: Vec<Option<Function>>,
    pub(crate) loops: Vec<Option<For>>,
    pub(crate) tests: Vec<Option<LoopTest>>,
    pub(crate) blocks: Vec<Option<Block>>,
}

impl Tables {
    pub(crate) fn function(&self, index: usize) -> Option<&Function> {
        self.functions.get(index)?.as_ref()
    }

    pub(crate) fn recursive(&self, index: usize) -> Option<&For> {
        self.loops.get(index)?.as_ref()
    }

    fn test(&self, index: Option<usize>) -> Option<&LoopTest> {
        self.tests.get(index?)?.as_ref()
    }
}

type Visit<'v> = &'v mut dyn FnMut(&Name, Use);

/// Visits every name of a statement; blocks on request.
pub(crate) fn walk_stmt(stmt: &Stmt, tree: &Tables, blocks: bool, visit: Visit<'_>) {
    let walk_body = |body: &[Stmt], visit: Visit<'_>| {
        for stmt in body {
            walk_stmt(stmt, tree, blocks, visit);
        }
    };
    match stmt {
        Stmt::Text(..) | Stmt::Break | Stmt::Continue => {}
        Stmt::Print(expr, _) | Stmt::Do(expr, _) => walk_loads(expr, visit),
        Stmt::If(node) => {
            for (test, body) in &node.branches {
                walk_loads(test, visit);
                walk_body(body, visit);
            }
            walk_body(&node.other, visit);
        }
        Stmt::For(node) => walk_for(node, tree, blocks, visit),
        Stmt::Recursive(index) => {
            if let Some(node) = tree.recursive(*index) {
                walk_for(node, tree, blocks, visit);
            }
        }
        Stmt::With(node) => {
            for (target, _) in &node.values {
                walk_target(target, Use::Parameter, visit);
            }
            for (_, value) in &node.values {
                walk_loads(value, visit);
            }
            walk_body(&node.body, visit);
        }
        Stmt::Set(node) => {
            walk_target(&node.target, Use::Store, visit);
            walk_loads(&node.value, visit);
        }
        Stmt::SetBlock(node) => {
            walk_target(&node.target, Use::Store, visit);
            if let Some(filter) = &node.filter {
                walk_loads(filter, visit);
            }
            walk_body(&node.body, visit);
        }
        Stmt::FilterBlock(node) => {
            walk_body(&node.body, visit);
            walk_loads(&node.filter, visit);
        }
        Stmt::Macro(node) => walk_function(node.function, tree, blocks, visit),
        Stmt::Generation(function, _) => walk_function(*function, tree, blocks, visit),
        Stmt::CallBlock(node) => {
            walk_call(&node.call, visit);
            walk_function(node.function, tree, blocks, visit);
        }
        Stmt::Block(index, _) => {
            if blocks && let Some(Some(block)) = tree.blocks.get(*index) {
                walk_body(&block.body, visit);
            }
        }
        Stmt::Autoescape(node) => {
            walk_loads(&node.enabled, visit);
            walk_body(&node.body, visit);
        }
    }
}

fn walk_for(node: &For, tree: &Tables, blocks: bool, visit: Visit<'_>) {
    walk_target(&node.target, Use::Store, visit);
    walk_loads(&node.iter, visit);
    for stmt in node.body.iter().chain(&node.other) {
        walk_stmt(stmt, tree, blocks, visit);
    }
    if let Some(test) = tree.test(node.test) {
        walk_loads(&test.test, visit);
    }
}

fn walk_function(index: usize, tree: &Tables, blocks: bool, visit: Visit<'_>) {
    let Some(function) = tree.function(index) else {
        return;
    };
    for param in &function.params {
        visit(param, Use::Parameter);
    }
    for default in &function.defaults {
        walk_loads(default, visit);
    }
    for stmt in &function.body {
        walk_stmt(stmt, tree, blocks, visit);
    }
}

/// Visits the names of a target. The owner of a namespace's attribute is no name in Jinja2's sense.
pub(crate) fn walk_target(target: &Target, used: Use, visit: Visit<'_>) {
    match target {
        Target::Name(name) => visit(name, used),
        Target::Namespace(..) => {}
        Target::Tuple(items) => {
            for item in items {
                walk_target(item, used, visit);
            }
        }
    }
}

fn walk_loads(expr: &Expr, visit: Visit<'_>) {
    walk_expr(expr, &mut |name| visit(name, Use::Load));
}

fn walk_call(call: &CallExpr, visit: Visit<'_>) {
    walk_loads(&call.callee, visit);
    for arg in &call.args {
        walk_loads(arg.expr(), visit);
    }
}

impl Arg {
    pub(crate) fn expr(&self) -> &Expr {
        match self {
            Self::Positional(expr)
            | Self::Keyword(_, expr)
            | Self::Sequence(expr)
            | Self::Mapping(expr) => expr,
        }
    }

    pub(crate) fn expr_mut(&mut self) -> &mut Expr {
        match self {
            Self::Positional(expr)
            | Self::Keyword(_, expr)
            | Self::Sequence(expr)
            | Self::Mapping(expr) => expr,
        }
    }
}

/// Visits every name that an expression reads.
pub(crate) fn walk_expr(expr: &Expr, visit: &mut dyn FnMut(&Name)) {
    if let Expr::Name(name) = expr {
        visit(name);
    }
    each_child(expr, &mut |child| walk_expr(child, visit));
}

/// Visits the direct parts of an expression.
pub(crate) fn each_child(expr: &Expr, visit: &mut dyn FnMut(&Expr)) {
    let args = |args: &[Arg], visit: &mut dyn FnMut(&Expr)| {
        for arg in args {
            visit(arg.expr());
        }
    };
    match expr {
        Expr::Const(_) | Expr::Name(_) => {}
        Expr::Attribute(node) => visit(&node.value),
        Expr::Item(node) => {
            visit(&node.value);
            visit(&node.key);
        }
        Expr::Slice(node) => {
            visit(&node.value);
            for part in [&node.start, &node.stop, &node.step].into_iter().flatten() {
                visit(part);
            }
        }
        Expr::Call(node) => {
            visit(&node.callee);
            args(&node.args, visit);
        }
        Expr::Filter(node) => {
            if let Some(value) = &node.value {
                visit(value);
            }
            args(&node.args, visit);
        }
        Expr::Test(node) => {
            visit(&node.value);
            args(&node.args, visit);
        }
        Expr::Not(value) => visit(value),
        Expr::Negate(node) | Expr::Positive(node) => visit(&node.0),
        Expr::Math(node) => {
            visit(&node.left);
            visit(&node.right);
        }
        Expr::And(node) | Expr::Or(node) => {
            visit(&node.0);
            visit(&node.1);
        }
        Expr::Concat(node) => node.0.iter().for_each(visit),
        Expr::Compare(node) => {
            visit(&node.first);
            node.rest.iter().for_each(|(_, expr)| visit(expr));
        }
        Expr::If(node) => {
            visit(&node.test);
            visit(&node.then);
            if let Some(other) = &node.other {
                visit(other);
            }
        }
        Expr::List(items) | Expr::Tuple(items) => items.iter().for_each(visit),
        Expr::Dict(node) => {
            for (key, value) in &node.0 {
                visit(key);
                visit(value);
            }
        }
    }
}
