//! The state of one render, and the operations that filters, tests, methods and functions have on it.
//!
//! Circle: a value holds values (lists, dicts, objects), an object holds functions and loops, and those take this
//! state, which holds values. It is the core that every interpreter of a tree has; `cargo xtask lint` allows it and no
//! other.

mod cycles;

use std::rc::Rc;
use std::sync::Arc;

use crate::compile::program::Program;
use crate::error::Result;
use crate::limits::{Budget, Limits};
use crate::options::{LocalTime, Options, UndefinedBehavior};
use crate::run::escaping::Escaping;
use crate::value::args::Args;
use crate::value::containers::{Dict, Tuple};
use crate::value::map::Map;
use crate::value::object::{CallFrame, Kind};
use crate::value::{Missing, Str, Value, failed};
use cycles::Edited;

/// Bytes of a text that counts as long.
const LONG: usize = 1024;

/// The state of one render.
pub(crate) struct Ctx<'t> {
    pub(crate) program: &'t Program,
    pub(crate) options: Options,
    pub(crate) budget: Budget,
    pub(crate) output_limit: usize,
    pub(crate) nested: u32,
    /// The variables of the function that runs.
    pub(crate) frame: Rc<CallFrame>,
    /// The names that scoped blocks see of the scopes around them.
    pub(crate) overlays: Vec<Map>,
    /// The text that a block has written, for its filter.
    pub(crate) block_text: Option<Value>,
    /// The destination of output: the result, or the buffer of a block that captures.
    pub(crate) out: String,
    /// Inside `{% autoescape true %}`, as filters and functions see it: what a block or a macro runs is inside, too.
    pub(crate) autoescape: bool,
    /// Inside `{% autoescape %}` as the template's text nests it.
    pub(crate) escaping: Escaping,
    pub(crate) inputs: &'t Map,
    pub(crate) exports: Map,
    /// The time of the render, if the host gives one.
    pub(crate) now: Option<LocalTime>,
    edited: Vec<Edited>,
    captured: Vec<Rc<CallFrame>>,
}

impl<'t> Ctx<'t> {
    pub(crate) fn new(
        program: &'t Program,
        options: Options,
        inputs: &'t Map,
        limits: &Limits,
    ) -> Self {
        Self {
            program,
            options,
            budget: Budget::new(limits),
            output_limit: limits.output,
            nested: 0,
            frame: CallFrame::new(0, None),
            overlays: Vec::new(),
            block_text: None,
            out: String::new(),
            autoescape: false,
            escaping: Escaping::default(),
            inputs,
            exports: Map::default(),
            now: None,
            edited: Vec::new(),
            captured: Vec::new(),
        }
    }

    /// Pays for work: one unit per element or per 16 to 256 bytes touched, before the work is done.
    #[inline]
    pub(crate) fn charge(&mut self, units: usize) -> Result<()> {
        self.budget.work(units)
    }

    /// Pays for memory before it is taken; also pays the work of filling it.
    #[inline]
    pub(crate) fn charge_memory(&mut self, bytes: usize) -> Result<()> {
        self.budget.memory(bytes)
    }

    /// Pays for memory that is filled by copying a text.
    pub(crate) fn charge_copy(&mut self, bytes: usize) -> Result<()> {
        self.budget.copy(bytes)
    }

    /// Drops a value that an assignment replaced. The memory of a long text that nobody else holds is given back:
    /// a template that appends to a text for every message of a chat would otherwise pay for its square.
    pub(crate) fn give_back(&mut self, replaced: Option<Value>) {
        if let Some(Value::Str(text)) = replaced
            && text.len() >= LONG
            && Arc::strong_count(text.shared()) == 1
        {
            self.budget.give_back(text.len());
        }
    }

    /// Runs one level deeper: every recursion over data or calls goes through here.
    pub(crate) fn deeper<T>(&mut self, run: impl FnOnce(&mut Self) -> Result<T>) -> Result<T> {
        self.budget.enter()?;
        let result = run(self);
        self.budget.leave();
        result
    }

    /// A new string, paid for.
    pub(crate) fn new_str(&mut self, text: String) -> Result<Value> {
        self.charge_memory(text.len() + 16)?;
        Ok(Value::str(text))
    }

    /// A new string of the same kind as another: a method of `Markup` gives `Markup`.
    pub(crate) fn new_str_like(&mut self, like: &Str, text: String) -> Result<Value> {
        self.charge_memory(text.len() + 16)?;
        Ok(Value::Str(if like.is_markup() {
            Str::markup(text)
        } else {
            Str::new(text)
        }))
    }

    /// A new list, paid for.
    pub(crate) fn new_list(&mut self, items: Vec<Value>) -> Result<Value> {
        self.charge_memory(items.len() * size_of::<Value>() + 48)?;
        Ok(Value::list(items))
    }

    /// A new tuple, paid for.
    pub(crate) fn new_tuple(&mut self, items: Vec<Value>) -> Result<Value> {
        self.charge_memory(items.len() * size_of::<Value>() + 48)?;
        Ok(Value::Tuple(Rc::new(Tuple::new(items))))
    }

    /// A new dict, paid for.
    pub(crate) fn new_dict(&mut self, map: Map) -> Result<Value> {
        self.charge(2 + map.len())?;
        self.charge_memory(map.len() * 2 * size_of::<Value>() + 128)?;
        Ok(Value::dict(map))
    }

    /// An undefined value of the template's kind.
    pub(crate) fn undefined(&self, what: Missing) -> Value {
        Value::undefined(self.options.undefined == UndefinedBehavior::Strict, what)
    }

    /// The undefined value of a missing attribute.
    pub(crate) fn undefined_attribute(&self, owner: &Value, name: &str) -> Value {
        self.undefined(Missing::Attribute(owner.type_name(), name.into()))
    }

    /// Python's `bool(value)`.
    pub(crate) fn truth(&mut self, value: &Value) -> Result<bool> {
        Ok(match value {
            Value::Undefined(undefined) if matches!(undefined.what, Missing::Optional(_)) => false,
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

    /// Pays for a key of a dict of that many entries: the key is compared with some of theirs, and a tuple copied.
    pub(crate) fn charge_key(&mut self, key: &Value, entries: usize) -> Result<()> {
        /// Shorter texts are compared within the unit that every operation costs.
        const SHORT: usize = 64;
        match key {
            Value::Str(text) if text.len() <= SHORT => Ok(()),
            Value::Str(text) => self.charge((text.len() / 32).saturating_mul(entries.clamp(1, 24))),
            Value::Tuple(tuple) => {
                self.charge(tuple.len().saturating_mul(entries.clamp(1, 24)))?;
                self.charge_memory(tuple.len().saturating_mul(32))?;
                self.deeper(|ctx| {
                    let mut items = tuple.items().iter();
                    items.try_for_each(|item| ctx.charge_key(item, entries))
                })
            }
            _ => Ok(()),
        }
    }

    /// Pays for a search in a dict.
    pub(crate) fn charge_search(&mut self, key: &Value, dict: &Dict) -> Result<()> {
        self.charge_key(key, dict.len())?;
        match key {
            Value::Str(_) => self.charge(dict.map().search_units()),
            _ => Ok(()),
        }
    }

    /// Python's `is`, which for texts is a comparison.
    pub(crate) fn same(&mut self, a: &Value, b: &Value) -> Result<bool> {
        if let (Value::Str(x), Value::Str(y)) = (a, b)
            && x.len() == y.len()
        {
            self.charge(x.len() / 16)?;
        }
        Ok(a.is_same(b))
    }

    /// Calls a value.
    pub(crate) fn call(&mut self, callable: &Value, args: Args) -> Result<Value> {
        self.charge(1)?;
        match callable {
            Value::Undefined(undefined) => Err(undefined.error()),
            Value::Object(object) => match &object.0 {
                Kind::Method(receiver, _, method) => method(self, receiver, args),
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
}

fn not_callable(value: &Value) -> crate::error::Error {
    failed(format!("'{}' object is not callable", value.type_name()))
}
