//! Values that are neither scalars nor plain containers.

use std::cell::{Cell, RefCell};
use std::fmt;
use std::rc::Rc;
use std::sync::Arc;

use crate::error::Result;
use crate::run::ctx::Ctx;
use crate::run::escaping::Escaping;
use crate::value::args::Args;
use crate::value::containers::Dict;
use crate::value::map::Map;
use crate::value::{Value, failed};

/// A function of the template's globals.
pub(crate) type FunctionFn = fn(&mut Ctx<'_>, Args) -> Result<Value>;
/// A method of a built-in type: the receiver comes first.
pub(crate) type MethodFn = fn(&mut Ctx<'_>, &Value, Args) -> Result<Value>;

/// A value that is neither a scalar nor a plain container. Opaque outside the engine.
#[derive(Debug)]
pub struct Object(pub(crate) Kind);

/// What kinds of objects there are.
pub(crate) enum Kind {
    /// `range`
    Range(Range),
    /// `namespace`
    Namespace(Namespace),
    /// A macro or the `caller` of a call block.
    Macro(Macro),
    /// A method with its receiver and its name: `text.upper`.
    Method(Value, &'static str, MethodFn),
    /// A global function or type: `range`, `dict`, `lipsum`.
    Function(&'static str, FunctionFn),
    /// `cycler`
    Cycler(Vec<Value>, Cell<usize>),
    /// `joiner`
    Joiner(Value, Cell<bool>),
    /// `loop`
    Loop(crate::run::loops::Loop),
    /// `dict.keys()`, `.values()`, `.items()`
    View(View, Rc<Dict>),
    /// A generator: `map`, `select` and others return one. Can be read once. With the name of its function or type.
    Generator(&'static str, RefCell<Generator>),
    /// `self`
    Blocks,
    /// `self.name`
    Block(Arc<str>),
}

/// Attributes that a template sets.
#[derive(Debug, Default)]
pub(crate) struct Namespace {
    map: RefCell<Map>,
    pub(crate) edited: Cell<bool>,
}

impl Namespace {
    pub(crate) fn new(map: Map) -> Self {
        Self {
            map: RefCell::new(map),
            edited: Cell::new(false),
        }
    }

    /// The attributes. Drop the borrow before anything else runs.
    pub(crate) fn map(&self) -> std::cell::Ref<'_, Map> {
        self.map.borrow()
    }

    /// The attributes for a change; only `Ctx::edit_namespace` may call it, since a change can make a cycle.
    pub(crate) fn edit(&self) -> Result<std::cell::RefMut<'_, Map>> {
        self.map
            .try_borrow_mut()
            .map_err(|_| failed("a namespace is changed while it is read"))
    }
}

/// Python's `range`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Range {
    pub(crate) start: i128,
    pub(crate) stop: i128,
    /// Never 0.
    pub(crate) step: i128,
}

/// Which part of a dict a view shows.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum View {
    Keys,
    Values,
    Items,
}

/// A macro: a function of the template with the variables around its definition.
pub(crate) struct Macro {
    pub(crate) function: usize,
    pub(crate) frame: Rc<CallFrame>,
    pub(crate) escaping: Escaping,
}

/// The variables of one activation of a function; `None` is an unset variable.
pub(crate) struct CallFrame {
    pub(crate) slots: RefCell<Vec<Option<Value>>>,
    pub(crate) parent: Option<Rc<CallFrame>>,
    pub(crate) captured: Cell<bool>,
}

/// The state of a generator.
pub(crate) enum Generator {
    /// Existing values, last first.
    Ready(Vec<Value>),
    /// Values made on demand.
    Lazy(Box<dyn Lazy>),
    /// It is running: asking it for a value now is an error.
    Busy,
    /// Exhausted.
    Done,
}

/// Makes values one by one.
pub(crate) trait Lazy {
    /// The next value. Not called again after `None` or an error.
    fn next(&mut self, ctx: &mut Ctx<'_>) -> Result<Option<Value>>;

    /// Moves out every value that it holds, so that dropping a long chain does not recurse.
    fn dismantle(&mut self, pending: &mut Vec<Value>);
}

impl Range {
    /// Number of items.
    pub(crate) fn len(&self) -> u128 {
        let empty = match self.step > 0 {
            true => self.start >= self.stop,
            false => self.start <= self.stop,
        };
        let span = self.stop.abs_diff(self.start);
        match span.checked_sub(1).filter(|_| !empty) {
            Some(span) => span / self.step.unsigned_abs() + 1,
            None => 0,
        }
    }

    /// The number at an index, also outside of the range.
    pub(crate) fn at(&self, index: i128) -> Option<i128> {
        self.step.checked_mul(index)?.checked_add(self.start)
    }

    /// The item at an index, which may count from the end.
    pub(crate) fn item(&self, index: i128) -> Option<Value> {
        let len = i128::try_from(self.len()).ok()?;
        let index = if index < 0 { index + len } else { index };
        let index = (0..len).contains(&index).then_some(index)?;
        self.at(index).map(Value::int)
    }
}

impl Object {
    /// The name of the type in Python.
    pub(crate) fn type_name(&self) -> &'static str {
        match &self.0 {
            Kind::Range(_) => "range",
            Kind::Namespace(_) => "Namespace",
            Kind::Macro(_) => "Macro",
            Kind::Method(it, name, _) if is_bound(it, name) => "method",
            Kind::Method(..) => "builtin_function_or_method",
            Kind::Function(..) => "function",
            Kind::Cycler(..) => "Cycler",
            Kind::Joiner(..) => "Joiner",
            Kind::Loop(_) => "LoopContext",
            Kind::View(View::Keys, _) => "dict_keys",
            Kind::View(View::Values, _) => "dict_values",
            Kind::View(View::Items, _) => "dict_items",
            Kind::Generator(name, _) if is_iterator(name) => name,
            Kind::Generator(..) => "generator",
            Kind::Blocks => "TemplateReference",
            Kind::Block(_) => "BlockReference",
        }
    }

    /// Moves out the values that it holds.
    pub(crate) fn dismantle(&mut self, pending: &mut Vec<Value>) {
        match &mut self.0 {
            Kind::Namespace(namespace) => namespace.map.get_mut().dismantle(pending),
            Kind::Method(receiver, ..) => pending.push(std::mem::replace(receiver, Value::None)),
            Kind::Cycler(items, _) => pending.append(items),
            Kind::Joiner(separator, _) => {
                pending.push(std::mem::replace(separator, Value::None));
            }
            Kind::Generator(_, generator) => match generator.get_mut() {
                Generator::Ready(items) => pending.append(items),
                Generator::Lazy(lazy) => lazy.dismantle(pending),
                Generator::Busy | Generator::Done => {}
            },
            Kind::Loop(state) => state.dismantle(pending),
            Kind::View(_, dict) => pending.push(Value::Dict(Rc::clone(dict))),
            _ => {}
        }
    }
}

/// Whether a generator is one of Python's iterators, and not a generator function's.
pub(crate) fn is_iterator(name: &str) -> bool {
    name == "reversed" || name.ends_with("iterator")
}

/// Whether a method is written in Python: those of `loop`, of `cycler`, and those that `Markup` has of its own.
pub(crate) fn is_bound(receiver: &Value, name: &str) -> bool {
    match receiver {
        Value::Object(object) => matches!(object.0, Kind::Loop(_) | Kind::Cycler(..)),
        Value::Str(text) => {
            let of_str = name.starts_with("is")
                || name.ends_with("with")
                || name.ends_with("find")
                || name.ends_with("index")
                || matches!(name, "count" | "encode");
            text.is_markup() && !of_str
        }
        _ => false,
    }
}

impl fmt::Debug for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("object")
    }
}
