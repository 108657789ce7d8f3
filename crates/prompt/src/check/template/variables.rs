//! The static check's knowledge of each variable along the walk: Jinja2's scopes, with "perhaps" after an `if`.

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
pub(super) type Changes<'a> = Vec<(u32, Variable<'a>)>;

/// The variables of nested functions, innermost last.
#[derive(Debug, Default)]
pub(super) struct Variables<'a> {
    functions: Vec<FunctionReads<'a>>,
}

#[derive(Debug, Default)]
struct FunctionReads<'a> {
    /// Whether the function runs later than where it stands.
    late: bool,
    slots: Vec<Slot<'a>>,
    /// The slots that each open branch has changed, as they were.
    branches: Vec<Vec<(u32, Slot<'a>)>>,
}

#[derive(Clone, Copy, Debug, Default)]
struct Slot<'a> {
    variable: Option<Variable<'a>>,
    /// How many branches were open when it was changed last.
    branch: usize,
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
        let known = function.and_then(|function| function.slots.get(place.index()));
        known
            .and_then(|slot| slot.variable)
            .unwrap_or(Variable::INSIDE)
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
        let at = index(slot);
        if function.slots.len() <= at {
            function.slots.resize(at + 1, Slot::default());
        }
        let Some(now) = function.slots.get_mut(at) else {
            return;
        };
        let open = function.branches.len();
        if let Some(branch) = function.branches.last_mut()
            && now.branch < open
        {
            branch.push((slot, *now));
        }
        *now = Slot {
            variable: Some(variable),
            branch: open,
        };
    }

    /// Begins a branch that may not be taken.
    pub(super) fn begin_branch(&mut self) {
        if let Some(function) = self.functions.last_mut() {
            function.branches.push(Vec::new());
        }
    }

    /// Ends a branch: its changes are undone.
    pub(super) fn end_branch(&mut self) -> Changes<'a> {
        let mut changes = Changes::new();
        let Some(function) = self.functions.last_mut() else {
            return changes;
        };
        for (slot, before) in function.branches.pop().unwrap_or_default() {
            let Some(now) = function.slots.get_mut(index(slot)) else {
                continue;
            };
            let now = std::mem::replace(now, before);
            changes.extend(now.variable.map(|variable| (slot, variable)));
        }
        changes
    }

    /// Joins branches of which exactly one was taken.
    pub(super) fn join(&mut self, branches: &[Changes<'a>]) {
        let mut changes = branches.concat();
        changes.sort_by_key(|(slot, _)| *slot);
        for changed in changes.chunk_by(|(one, _), (two, _)| one == two) {
            let Some(((slot, first), others)) = changed.split_first() else {
                continue;
            };
            let variable = others
                .iter()
                .fold(*first, |joined, (_, other)| joined.join(*other));
            let before = self.get(Place { up: 0, slot: *slot });
            let variable = match changed.len() == branches.len() {
                true => variable,
                false => variable.join(before),
            };
            self.put(*slot, variable);
        }
    }
}

fn index(slot: u32) -> usize {
    Place { up: 0, slot }.index()
}
