//! The static check's knowledge of each variable along the walk: Jinja2's scopes, with "perhaps" after an `if`.

use std::collections::BTreeMap;

use crate::check::Shape;
use crate::jinja::syntax::tree::{Load, Place, ScopeSlots};

/// What is known of a variable at one place of the template.
#[derive(Clone, Copy, Debug)]
pub(super) struct Variable<'a> {
    pub(super) shape: Shape<'a>,
    pub(super) origin: InitialValue,
    pub(super) assigned: Assigned,
}

/// The value of a variable before the template assigns to it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum InitialValue {
    /// Unset, or set by the template itself: a parameter, the target of a loop.
    Inside,
    /// The render's value of that name, or Jinja2's global.
    Outside,
}

/// Whether the template has assigned to a variable.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Assigned {
    No,
    Perhaps,
    Yes,
}

/// New values of slots after a branch.
pub(super) type Changes<'a> = BTreeMap<u32, Variable<'a>>;

/// The variables of nested functions, innermost last.
#[derive(Debug, Default)]
pub(super) struct Variables<'a> {
    functions: Vec<FunctionReads<'a>>,
}

#[derive(Debug, Default)]
struct FunctionReads<'a> {
    /// Whether the function runs later than where it stands.
    late: bool,
    slots: BTreeMap<u32, Variable<'a>>,
    /// The old values of slots, for each open branch.
    branches: Vec<BTreeMap<u32, Option<Variable<'a>>>>,
}

impl Variable<'_> {
    const INSIDE: Self = Self {
        shape: Shape::Unknown,
        origin: InitialValue::Inside,
        assigned: Assigned::No,
    };

    fn join(self, other: Self) -> Self {
        Self {
            shape: self.shape.join(other.shape),
            origin: match (self.origin, other.origin) {
                (InitialValue::Inside, InitialValue::Inside) => InitialValue::Inside,
                _ => InitialValue::Outside,
            },
            assigned: match self.assigned == other.assigned {
                true => self.assigned,
                false => Assigned::Perhaps,
            },
        }
    }
}

impl<'a> Variables<'a> {
    /// Enters a function; `late` marks a macro, which runs when it is called.
    pub(super) fn push(&mut self, late: bool) {
        self.functions.push(FunctionReads {
            late,
            ..FunctionReads::default()
        });
    }

    pub(super) fn pop(&mut self) {
        self.functions.pop();
    }

    /// Enters a scope; `resolve` gives the shape of a name from outside.
    pub(super) fn enter(
        &mut self,
        scope: &'a ScopeSlots,
        mut resolve: impl FnMut(&'a str) -> Variable<'a>,
    ) {
        for slot in &scope.owned {
            self.put(*slot, Variable::INSIDE);
        }
        for (slot, load) in &scope.loads {
            let variable = match load {
                Load::Resolve(name) => resolve(name),
                Load::Alias(place) => self.get(*place),
                Load::Missing => Variable::INSIDE,
            };
            self.put(*slot, variable);
        }
    }

    pub(super) fn get(&self, place: Place) -> Variable<'a> {
        let function = self.functions.iter().rev().nth(place.outward());
        let known = function.and_then(|function| function.slots.get(&place.slot));
        known.copied().unwrap_or(Variable::INSIDE)
    }

    /// Whether the variable may be assigned to between here and when the function runs.
    pub(super) fn is_late(&self, place: Place) -> bool {
        let mut inner = self.functions.iter().rev().take(place.outward());
        inner.any(|function| function.late)
    }

    /// Assigns to a variable of the innermost function.
    pub(super) fn assign(&mut self, place: Place, shape: Shape<'a>) {
        let origin = self.get(place).origin;
        let assigned = Assigned::Yes;
        self.put(
            place.slot,
            Variable {
                shape,
                origin,
                assigned,
            },
        );
    }

    fn put(&mut self, slot: u32, variable: Variable<'a>) {
        let Some(function) = self.functions.last_mut() else {
            return;
        };
        let before = function.slots.insert(slot, variable);
        if let Some(branch) = function.branches.last_mut() {
            branch.entry(slot).or_insert(before);
        }
    }

    /// Begins a branch that may not be taken.
    pub(super) fn begin_branch(&mut self) {
        if let Some(function) = self.functions.last_mut() {
            function.branches.push(BTreeMap::new());
        }
    }

    /// Ends a branch: its changes are undone.
    pub(super) fn end_branch(&mut self) -> Changes<'a> {
        let mut changes = Changes::new();
        let Some(function) = self.functions.last_mut() else {
            return changes;
        };
        for (slot, before) in function.branches.pop().unwrap_or_default() {
            let now = match before {
                Some(variable) => function.slots.insert(slot, variable),
                None => function.slots.remove(&slot),
            };
            if let Some(now) = now {
                changes.insert(slot, now);
            }
        }
        changes
    }

    /// Joins branches of which exactly one was taken.
    pub(super) fn join(&mut self, branches: &[Changes<'a>]) {
        let mut joined: BTreeMap<u32, (usize, Variable<'a>)> = BTreeMap::new();
        for (slot, variable) in branches.iter().flatten() {
            let entry = joined.entry(*slot).or_insert((0, *variable));
            *entry = (entry.0 + 1, entry.1.join(*variable));
        }
        for (slot, (count, variable)) in joined {
            let before = self.get(Place { up: 0, slot });
            let variable = match count == branches.len() {
                true => variable,
                false => variable.join(before),
            };
            self.put(slot, variable);
        }
    }
}
