//! Variables: the slots of functions, and the names from outside.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::sync::Arc;

use crate::error::Result;
use crate::library;
use crate::run::ctx::Ctx;
use crate::size;
use crate::syntax::tree::*;
use crate::value::Value;
use crate::value::object::{CallFrame, Kind, Object};

/// Units of work for looking up a name in the inputs and the globals.
const LOOKUP: usize = 8;

impl CallFrame {
    pub(crate) fn new(slots: u32, parent: Option<Rc<Self>>) -> Rc<Self> {
        Rc::new(Self {
            slots: RefCell::new(vec![None; size::slot(slots)]),
            parent,
            captured: Cell::new(false),
        })
    }

    pub(crate) fn set(&self, slot: u32, value: Option<Value>) {
        let mut slots = self.slots.borrow_mut();
        let old = match slots.get_mut(size::slot(slot)) {
            Some(place) => std::mem::replace(place, value),
            None => None,
        };
        drop(slots);
        drop(old);
    }
}

impl<'t> Ctx<'t> {
    pub(super) fn enter(&mut self, scope: &'t ScopeSlots) -> Result<()> {
        self.charge(scope.loads.len())?;
        for (slot, load) in &scope.loads {
            let value = match load {
                Load::Missing => None,
                Load::Alias(place) => self.read(*place),
                Load::Resolve(name) => {
                    self.charge(LOOKUP + self.overlays.len())?;
                    self.lookup(name)
                }
            };
            self.frame.set(*slot, value);
        }
        Ok(())
    }

    pub(super) fn leave(&mut self, scope: &'t ScopeSlots) {
        for slot in &scope.owned {
            self.frame.set(*slot, None);
        }
    }

    /// The value of a name that is no variable of the template.
    fn lookup(&self, name: &Arc<str>) -> Option<Value> {
        for overlay in self.overlays.iter().rev() {
            if let Some(value) = overlay.get_str(name) {
                return Some(value.clone());
            }
        }
        if let Some(value) = self.exports.get_str(name) {
            return Some(value.clone());
        }
        if let Some(value) = self.inputs.get_str(name) {
            return Some(value.clone());
        }
        library::global(name, self.options.dialect)
            .map(|(name, function)| Value::object(Object(Kind::Function(name, function))))
    }

    /// A variable's value.
    pub(crate) fn read(&self, place: Place) -> Option<Value> {
        let mut frame = &self.frame;
        for _ in 0..place.up {
            frame = frame.parent.as_ref()?;
        }
        frame.slots.borrow().get(size::slot(place.slot))?.clone()
    }

    pub(super) fn write(&self, place: Place, value: Value) {
        let mut frame = &self.frame;
        for _ in 0..place.up {
            let Some(parent) = frame.parent.as_ref() else {
                return;
            };
            frame = parent;
        }
        frame.set(place.slot, Some(value));
    }

    pub(super) fn new_frame(
        &mut self,
        slots: u32,
        parent: Option<Rc<CallFrame>>,
    ) -> Result<Rc<CallFrame>> {
        self.charge_memory(64 + size::slot(slots) * size_of::<Value>())?;
        Ok(CallFrame::new(slots, parent))
    }
}
