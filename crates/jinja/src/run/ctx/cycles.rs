//! Containers that change while rendering can come to refer to themselves, and would never be freed: the render
//! remembers them, and empties them at the end.

use std::cell::RefMut;
use std::rc::{Rc, Weak};

use super::Ctx;
use crate::error::Result;
use crate::value::containers::{Dict, List};
use crate::value::map::{Map, Seen};
use crate::value::object::{CallFrame, Generator, Kind, Object};
use crate::value::{Value, failed};

/// The number of containers examined at the end of a render to find cycles.
const SWEEP: usize = 100_000;

pub(super) enum Edited {
    List(Weak<List>),
    Dict(Weak<Dict>),
    Object(Weak<Object>),
}

impl<'t> Ctx<'t> {
    /// A list for a change. Let go of it before anything else runs.
    pub(crate) fn edit_list<'l>(&mut self, list: &'l Rc<List>) -> Result<RefMut<'l, Vec<Value>>> {
        if !list.1.replace(true) {
            self.edited.push(Edited::List(Rc::downgrade(list)));
        }
        list.edit()
    }

    /// A dict for a change. Let go of it before anything else runs.
    pub(crate) fn edit_dict<'d>(&mut self, dict: &'d Rc<Dict>) -> Result<RefMut<'d, Map>> {
        if !dict.1.replace(true) {
            self.edited.push(Edited::Dict(Rc::downgrade(dict)));
        }
        dict.edit()
    }

    /// A namespace for a change. Let go of it before anything else runs.
    pub(crate) fn edit_namespace<'o>(&mut self, object: &'o Rc<Object>) -> Result<RefMut<'o, Map>> {
        let Kind::Namespace(namespace) = &object.0 else {
            return Err(failed("cannot assign attribute on non-namespace object"));
        };
        if !namespace.edited.replace(true) {
            self.edited.push(Edited::Object(Rc::downgrade(object)));
        }
        namespace.edit()
    }

    /// Remembers a frame that values refer to, since it may refer to them.
    pub(crate) fn capture(&mut self, frame: &Rc<CallFrame>) {
        let mut frame = frame;
        loop {
            if frame.captured.replace(true) {
                return;
            }
            self.captured.push(Rc::clone(frame));
            match &frame.parent {
                Some(parent) => frame = parent,
                None => return,
            }
        }
    }

    /// Ends the render: empties what refers to itself, as it would never be freed.
    pub(crate) fn finish(mut self) -> String {
        for frame in self.captured.drain(..) {
            frame.slots.take();
        }
        self.frame = CallFrame::new(0, None);
        self.exports = Map::default();
        self.overlays.clear();
        self.block_text = None;
        let edited = std::mem::take(&mut self.edited);
        let out = std::mem::take(&mut self.out);
        let mut left = SWEEP;
        for edited in edited {
            edited.sweep(&mut left);
        }
        out
    }
}

impl Edited {
    fn sweep(self, left: &mut usize) {
        match self {
            Self::List(list) => {
                let Some(list) = list.upgrade() else { return };
                list.1.set(false);
                if is_cyclic(&Value::List(Rc::clone(&list)), left)
                    && let Ok(mut items) = list.edit()
                {
                    let items = std::mem::take(&mut *items);
                    crate::value::containers::drop_flat(items);
                }
            }
            Self::Dict(dict) => {
                let Some(dict) = dict.upgrade() else { return };
                dict.1.set(false);
                if is_cyclic(&Value::Dict(Rc::clone(&dict)), left)
                    && let Ok(mut map) = dict.edit()
                {
                    let entries = map.take();
                    drop(map);
                    drop(entries);
                }
            }
            Self::Object(object) => {
                // A namespace is never an input, so emptying it affects nobody.
                if let Some(object) = object.upgrade()
                    && let Kind::Namespace(namespace) = &object.0
                    && let Ok(mut map) = namespace.edit()
                {
                    let entries = map.take();
                    drop(map);
                    drop(entries);
                }
            }
        }
    }
}

/// Whether a container can be reached from itself; yes when there are too many to examine.
fn is_cyclic(start: &Value, left: &mut usize) -> bool {
    let mut seen = Seen::default();
    let mut pending = Vec::new();
    children(start, &mut pending);
    while let Some(value) = pending.pop() {
        let Some(address) = address(&value) else {
            continue;
        };
        if value.is_same(start) {
            return true;
        }
        if !seen.insert_address(address) {
            continue;
        }
        let Some(rest) = left.checked_sub(1) else {
            return true;
        };
        *left = rest;
        children(&value, &mut pending);
    }
    false
}

fn address(value: &Value) -> Option<usize> {
    match value {
        Value::List(list) => Some(Rc::as_ptr(list).addr()),
        Value::Tuple(tuple) => Some(Rc::as_ptr(tuple).addr()),
        Value::Dict(dict) => Some(Rc::as_ptr(dict).addr()),
        Value::Object(object) => Some(Rc::as_ptr(object).addr()),
        _ => None,
    }
}

fn children(value: &Value, pending: &mut Vec<Value>) {
    match value {
        Value::List(list) => pending.extend(list.items().iter().cloned()),
        Value::Tuple(tuple) => pending.extend(tuple.items().iter().cloned()),
        Value::Dict(dict) => {
            for (key, value) in dict.map().entries() {
                pending.push(key.clone());
                pending.push(value.clone());
            }
        }
        Value::Object(object) => match &object.0 {
            Kind::Method(receiver, ..) => pending.push(receiver.clone()),
            Kind::View(_, dict) => pending.push(Value::Dict(Rc::clone(dict))),
            Kind::Cycler(items, _) => pending.extend(items.iter().cloned()),
            Kind::Joiner(separator, _) => pending.push(separator.clone()),
            Kind::Generator(_, state) => {
                if let Ok(state) = state.try_borrow()
                    && let Generator::Ready(items) = &*state
                {
                    pending.extend(items.iter().cloned());
                }
            }
            Kind::Namespace(namespace) => {
                let map = namespace.map();
                pending.extend(map.entries().iter().map(|(_, value)| value.clone()));
            }
            _ => {}
        },
        _ => {}
    }
}
