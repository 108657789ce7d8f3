//! The state of one render, and what filters, tests, methods and functions may ask of it.

use std::cell::RefMut;
use std::collections::BTreeSet;
use std::rc::{Rc, Weak};

use super::args::Args;
use super::containers::{Dict, List, Tuple};
use super::limits::{Budget, Limits};
use super::lower::Program;
use super::map::Map;
use super::object::{Frame, Generator, Kind, Object};
use super::value::{Missing, Str, Value, failed};
use super::{Options, Undefined, library};
use crate::error::Result;

/// Containers looked at when a render ends, to find cycles.
const SWEEP: usize = 100_000;

/// The state of one render.
pub(super) struct Ctx<'t> {
    pub(super) program: &'t Program,
    pub(super) options: Options,
    pub(super) budget: Budget,
    pub(super) output_limit: usize,
    pub(super) nested: u32,
    /// The variables of the function that runs.
    pub(super) frame: Rc<Frame>,
    /// What scoped blocks see of the scopes around them.
    pub(super) overlays: Vec<Map>,
    /// What a block has written, for the filter that takes it.
    pub(super) block_text: Option<Value>,
    /// What is written goes here: the output, or the buffer of a block that captures.
    pub(super) out: String,
    /// Inside `{% autoescape true %}`.
    pub(super) autoescape: bool,
    pub(super) inputs: &'t super::Inputs,
    pub(super) exports: Map,
    edited: Vec<Edited>,
    captured: Vec<Rc<Frame>>,
}

enum Edited {
    List(Weak<List>),
    Dict(Weak<Dict>),
    Object(Weak<Object>),
}

impl<'t> Ctx<'t> {
    pub(super) fn new(
        program: &'t Program,
        options: Options,
        inputs: &'t super::Inputs,
        limits: &Limits,
    ) -> Self {
        Self {
            program,
            options,
            budget: Budget::new(limits),
            output_limit: limits.output,
            nested: 0,
            frame: Frame::new(0, None),
            overlays: Vec::new(),
            block_text: None,
            out: String::new(),
            autoescape: false,
            inputs,
            exports: Map::default(),
            edited: Vec::new(),
            captured: Vec::new(),
        }
    }

    /// Pays for work: one unit per element or per 16 to 64 bytes touched, before the work is done.
    #[inline]
    pub(super) fn charge(&mut self, units: usize) -> Result<()> {
        self.budget.work(units)
    }

    /// Pays for memory before it is taken; also pays the work of filling it.
    #[inline]
    pub(super) fn charge_memory(&mut self, bytes: usize) -> Result<()> {
        self.budget.memory(bytes)
    }

    /// Runs one level deeper: every recursion over data or calls goes through here.
    pub(super) fn deeper<T>(&mut self, run: impl FnOnce(&mut Self) -> Result<T>) -> Result<T> {
        self.budget.enter()?;
        let result = run(self);
        self.budget.leave();
        result
    }

    /// A new string, paid for.
    pub(super) fn new_str(&mut self, text: String) -> Result<Value> {
        self.charge_memory(text.len() + 16)?;
        Ok(Value::str(text))
    }

    /// A new string of the same kind as another: a method of `Markup` gives `Markup`.
    pub(super) fn new_str_like(&mut self, like: &Str, text: String) -> Result<Value> {
        self.charge_memory(text.len() + 16)?;
        Ok(Value::Str(if like.is_markup() {
            Str::markup(text)
        } else {
            Str::new(text)
        }))
    }

    /// A new list, paid for.
    pub(super) fn new_list(&mut self, items: Vec<Value>) -> Result<Value> {
        self.charge_memory(items.len() * size_of::<Value>() + 48)?;
        Ok(Value::list(items))
    }

    /// A new tuple, paid for.
    pub(super) fn new_tuple(&mut self, items: Vec<Value>) -> Result<Value> {
        self.charge_memory(items.len() * size_of::<Value>() + 48)?;
        Ok(Value::Tuple(Rc::new(Tuple::new(items))))
    }

    /// A new dict, paid for.
    pub(super) fn new_dict(&mut self, map: Map) -> Result<Value> {
        self.charge(2 + map.len())?;
        self.charge_memory(map.len() * 2 * size_of::<Value>() + 128)?;
        Ok(Value::dict(map))
    }

    /// An undefined value of the template's kind.
    pub(super) fn undefined(&self, what: Missing) -> Value {
        Value::undefined(self.options.undefined == Undefined::Strict, what)
    }

    /// The undefined value of a missing attribute.
    pub(super) fn undefined_attribute(&self, owner: &Value, name: &str) -> Value {
        self.undefined(Missing::Attribute(owner.type_name(), name.into()))
    }

    /// `str(value)`; costs nothing for what is a string already.
    pub(super) fn str_of(&mut self, value: &Value) -> Result<Str> {
        if let Value::Str(text) = value {
            return Ok(text.clone());
        }
        let mut text = String::new();
        library::write_str(self, value, &mut text)?;
        self.charge_memory(text.len() + 16)?;
        Ok(Str::new(text))
    }

    /// Appends `str(value)`.
    pub(super) fn write_str(&mut self, value: &Value, out: &mut String) -> Result<()> {
        match value {
            Value::Str(text) => {
                self.charge_memory(text.len())?;
                out.push_str(text);
                Ok(())
            }
            other => library::write_str(self, other, out),
        }
    }

    /// Python's `bool(value)`.
    pub(super) fn truth(&mut self, value: &Value) -> Result<bool> {
        Ok(match value {
            Value::Undefined(undefined) => {
                undefined.if_strict()?;
                false
            }
            Value::None => false,
            Value::Bool(value) => *value,
            Value::Int(value) => *value != 0,
            Value::Big(_) => true,
            Value::Float(value) => *value != 0.0,
            Value::Str(text) => !text.is_empty(),
            Value::List(list) => !list.is_empty(),
            Value::Tuple(tuple) => !tuple.is_empty(),
            Value::Dict(dict) => !dict.is_empty(),
            Value::Object(object) => match &object.0 {
                Kind::Range(range) => range.len() > 0,
                Kind::View(_, dict) => !dict.is_empty(),
                Kind::Loop(state) => state.length(self)? > 0,
                _ => true,
            },
        })
    }

    /// Calls a filter by name, as `map` does.
    pub(super) fn call_filter(&mut self, name: &str, value: Value, args: Args) -> Result<Value> {
        let filter =
            library::filter(name).ok_or_else(|| failed(format!("No filter named '{name}'.")))?;
        self.charge(1)?;
        filter(self, value, args)
    }

    /// Calls a test by name, as `select` does.
    pub(super) fn call_test(&mut self, name: &str, value: Value, args: Args) -> Result<bool> {
        let test = library::test(name).ok_or_else(|| failed(format!("No test named '{name}'.")))?;
        self.charge(1)?;
        test(self, value, args)
    }

    /// Calls a value.
    pub(super) fn call(&mut self, callable: &Value, args: Args) -> Result<Value> {
        self.charge(1)?;
        match callable {
            Value::Undefined(undefined) => Err(undefined.error()),
            Value::Object(object) => match &object.0 {
                Kind::Method(receiver, method) => method(self, receiver, args),
                Kind::Function(_, function) => function(self, args),
                Kind::Macro(called) => self.call_macro(called, args),
                Kind::Loop(state) => self.call_loop(state, args),
                Kind::Block(name) => {
                    let [] = args.bind("BlockReference", [], 0)?;
                    self.call_block(name)
                }
                Kind::Joiner(separator, used) => {
                    let [] = args.bind("Joiner", [], 0)?;
                    Ok(if used.replace(true) {
                        separator.clone()
                    } else {
                        Value::str("")
                    })
                }
                _ => Err(not_callable(callable)),
            },
            _ => Err(not_callable(callable)),
        }
    }

    /// A list for a change. Let go of it before anything else runs.
    pub(super) fn edit_list<'l>(&mut self, list: &'l Rc<List>) -> Result<RefMut<'l, Vec<Value>>> {
        if !list.1.replace(true) {
            self.edited.push(Edited::List(Rc::downgrade(list)));
        }
        list.edit()
    }

    /// A dict for a change. Let go of it before anything else runs.
    pub(super) fn edit_dict<'d>(&mut self, dict: &'d Rc<Dict>) -> Result<RefMut<'d, Map>> {
        if !dict.1.replace(true) {
            self.edited.push(Edited::Dict(Rc::downgrade(dict)));
        }
        dict.edit()
    }

    /// A namespace for a change. Let go of it before anything else runs.
    pub(super) fn edit_namespace<'o>(&mut self, object: &'o Rc<Object>) -> Result<RefMut<'o, Map>> {
        let Kind::Namespace(namespace) = &object.0 else {
            return Err(failed("cannot assign attribute on non-namespace object"));
        };
        if !namespace.edited.replace(true) {
            self.edited.push(Edited::Object(Rc::downgrade(object)));
        }
        namespace.edit()
    }

    /// Remembers a frame that values refer to, since it may refer to them.
    pub(super) fn capture(&mut self, frame: &Rc<Frame>) {
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

    /// Ends the render: what refers to itself would never be freed, so it is emptied.
    pub(super) fn finish(mut self) -> String {
        for frame in self.captured.drain(..) {
            frame.slots.take();
        }
        self.frame = Frame::new(0, None);
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
                    super::containers::drop_flat(items);
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
                // A namespace is never an input: nobody can miss it.
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

/// Whether a container can be reached from itself; yes when there is too much to look at.
fn is_cyclic(start: &Value, left: &mut usize) -> bool {
    let mut seen = BTreeSet::new();
    let mut pending = Vec::new();
    children(start, &mut pending);
    while let Some(value) = pending.pop() {
        let Some(address) = address(&value) else {
            continue;
        };
        if value.is_same(start) {
            return true;
        }
        if !seen.insert(address) {
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
        Value::List(list) => Some(Rc::as_ptr(list) as usize),
        Value::Tuple(tuple) => Some(Rc::as_ptr(tuple) as usize),
        Value::Dict(dict) => Some(Rc::as_ptr(dict) as usize),
        Value::Object(object) => Some(Rc::as_ptr(object) as usize),
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

fn not_callable(value: &Value) -> crate::error::Error {
    failed(format!("'{}' object is not callable", value.type_name()))
}
