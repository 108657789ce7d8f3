//! The names that a condition guarantees, and those that a template assigns to.

use std::collections::BTreeSet;

use crate::jinja::syntax::tree::{Expr, Stmt, Target, Tree};

/// The names that are defined when a condition is true, or when it is false.
pub(super) fn defined_if(condition: &Expr, truth: bool) -> Vec<String> {
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

/// Every name that a template assigns to, at any depth.
pub(super) fn collect_assigned(tree: &Tree) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    let functions = tree.functions.iter().map(|function| &function.body);
    let loops = tree.loops.iter().flat_map(|each| [&each.body, &each.other]);
    let blocks = tree.blocks.iter().map(|block| &block.body);
    for body in functions.chain(loops).chain(blocks).chain([&tree.body]) {
        collect(body, &mut names);
    }
    names
}

fn collect(body: &[Stmt], names: &mut BTreeSet<String>) {
    fn target(assigned: &Target, names: &mut BTreeSet<String>) {
        match assigned {
            Target::Name(name) => drop(names.insert(name.name.to_string())),
            Target::Namespace(..) => {}
            Target::Tuple(items) => items.iter().for_each(|item| target(item, names)),
        }
    }
    for stmt in body {
        match stmt {
            Stmt::If(stmt) => {
                let branches = stmt.branches.iter().map(|(_, body)| body);
                branches
                    .chain([&stmt.other])
                    .for_each(|body| collect(body, names));
            }
            Stmt::For(stmt) => {
                collect(&stmt.body, names);
                collect(&stmt.other, names);
            }
            Stmt::With(stmt) => collect(&stmt.body, names),
            Stmt::Set(stmt) => target(&stmt.target, names),
            Stmt::SetBlock(stmt) => {
                target(&stmt.target, names);
                collect(&stmt.body, names);
            }
            Stmt::FilterBlock(stmt) => collect(&stmt.body, names),
            Stmt::Autoescape(stmt) => collect(&stmt.body, names),
            Stmt::Macro(stmt) => drop(names.insert(stmt.target.name.to_string())),
            Stmt::Text(..)
            | Stmt::Print(..)
            | Stmt::Do(..)
            | Stmt::Recursive(_)
            | Stmt::Block(..)
            | Stmt::CallBlock(_)
            | Stmt::Generation(..)
            | Stmt::Break
            | Stmt::Continue => {}
        }
    }
}
