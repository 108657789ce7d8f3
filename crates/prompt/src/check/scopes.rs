//! Which names a template gives itself, and which it knows to be defined.

use std::collections::BTreeMap;

use super::shape::Shape;

/// Nested scopes, innermost last.
#[derive(Debug)]
pub(crate) struct Scopes<'a> {
    scopes: Vec<BTreeMap<String, Local<'a>>>,
    guards: Vec<Vec<String>>,
}

/// A name that the template gives itself.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Local<'a> {
    pub(crate) shape: Shape<'a>,
    /// Set by `set`, which may stand in a branch that is not taken.
    pub(crate) perhaps: bool,
}

impl<'a> Scopes<'a> {
    pub(crate) fn new() -> Self {
        Self {
            scopes: vec![BTreeMap::new()],
            guards: Vec::new(),
        }
    }

    pub(crate) fn push(&mut self) {
        self.scopes.push(BTreeMap::new());
    }

    pub(crate) fn pop(&mut self) {
        self.scopes.pop();
    }

    /// Gives a name in the innermost scope.
    pub(crate) fn give(&mut self, name: &str, shape: Shape<'a>, perhaps: bool) {
        if let Some(scope) = self.scopes.last_mut() {
            scope.insert(name.to_owned(), Local { shape, perhaps });
        }
    }

    pub(crate) fn find(&self, name: &str) -> Option<Local<'a>> {
        self.scopes
            .iter()
            .rev()
            .find_map(|scope| scope.get(name))
            .copied()
    }

    /// Runs with names that are known to be defined.
    pub(crate) fn guard(&mut self, names: Vec<String>) {
        self.guards.push(names);
    }

    pub(crate) fn unguard(&mut self) {
        self.guards.pop();
    }

    pub(crate) fn is_guarded(&self, name: &str) -> bool {
        self.guards.iter().flatten().any(|guarded| guarded == name)
    }
}
