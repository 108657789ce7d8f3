//! The names of a template: which of them live in a namespace, and the kinds of their values.

use std::collections::{BTreeMap, BTreeSet};

use super::kind::ValueKind;

/// The names that a template assigns.
#[derive(Debug, Default)]
pub(super) struct AssignedNames {
    /// Names that a block assigns or captures: in Liquid they outlive it, in Jinja2 only a namespace's attributes do.
    pub(super) shared: BTreeSet<String>,
    kinds: BTreeMap<String, ValueKind>,
}

impl AssignedNames {
    /// The names, with no kinds yet.
    pub(super) fn new(shared: BTreeSet<String>) -> Self {
        Self {
            shared,
            kinds: BTreeMap::new(),
        }
    }

    pub(super) fn kind(&self, name: &str) -> ValueKind {
        self.kinds.get(name).copied().unwrap_or(ValueKind::Plain)
    }

    /// Notes the kind of an assignment to a name.
    pub(super) fn assign(&mut self, name: String, kind: ValueKind) {
        if matches!(kind, ValueKind::Plain | ValueKind::Number) {
            return;
        }
        let known = self.kinds.entry(name).or_insert(kind);
        if *known != kind {
            *known = ValueKind::Mixed;
        }
    }
}
