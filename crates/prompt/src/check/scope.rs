//! Which names a template gives itself, and which it knows to be defined.

use std::collections::BTreeMap;

use super::shape::Shape;

/// Nested scopes, innermost last.
#[derive(Debug)]
pub(super) struct Scopes<'a> {
    scopes: Vec<BTreeMap<String, Local<'a>>>,
    guards: Vec<Vec<String>>,
}

/// A name that the template gives itself.
#[derive(Clone, Copy, Debug)]
pub(super) struct Local<'a> {
    pub(super) shape: Shape<'a>,
    /// Set by `set`, which may stand in a branch that is not taken.
    pub(super) perhaps: bool,
}

impl<'a> Scopes<'a> {
    pub(super) fn new() -> Self {
        Self {
            scopes: vec![BTreeMap::new()],
            guards: Vec::new(),
        }
    }

    pub(super) fn push(&mut self) {
        self.scopes.push(BTreeMap::new());
    }

    pub(super) fn pop(&mut self) {
        self.scopes.pop();
    }

    /// Gives a name in the innermost scope.
    pub(super) fn give(&mut self, name: &str, shape: Shape<'a>, perhaps: bool) {
        if let Some(scope) = self.scopes.last_mut() {
            scope.insert(name.to_owned(), Local { shape, perhaps });
        }
    }

    pub(super) fn find(&self, name: &str) -> Option<Local<'a>> {
        self.scopes
            .iter()
            .rev()
            .find_map(|scope| scope.get(name))
            .copied()
    }

    /// Runs with names that are known to be defined.
    pub(super) fn guard(&mut self, names: Vec<String>) {
        self.guards.push(names);
    }

    pub(super) fn unguard(&mut self) {
        self.guards.pop();
    }

    pub(super) fn is_guarded(&self, name: &str) -> bool {
        self.guards.iter().flatten().any(|guarded| guarded == name)
    }
}
