//! Which names a condition makes sure of, and which a template gives itself.

use std::collections::BTreeSet;

use super::super::ast::{Expr, Stmt, Target, Tree};

/// The names that are defined when a condition is true, or false.
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

/// Every name that a template gives itself, at any depth.
pub(super) fn collect_given(body: &[Stmt], tree: &Tree, names: &mut BTreeSet<String>) {
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
