//! Templates that a host can run by itself: a small part of the language, written down as nested JSON arrays.
//!
//! What is here means what the engine does with it as long as every value is a text, an integer within 2^53, a number
//! that prints alike in Python and JavaScript, a boolean, `None`, or a list or dict of these. A host that meets
//! anything else, an undefined value that is used or more work than it may do stops and asks the engine. `pkg/js/plan/`
//! is such a host.
//!
//! | node | is |
//! | --- | --- |
//! | `[loads, body]` | a template |
//! | `[slot, "name"]`, `[slot, other]`, `[slot, null]` | a load: an input, the variable of another slot, nothing |
//! | `"text"`, `["print", value]`, `["set", slot, value]` | statements |
//! | `["if", [[test, body]…], else]` | |
//! | `["json", value, spaces or null]` | prints what `tojson` gives |
//! | `["for", target, "" or "items" or "keys" or "values", value, loop slot or null, scope, body, else scope, else, condition or null]` | a target is a slot or a list of targets; a condition is `[target, scope, value]`, with slots of its own |
//! | `[loads, owned slots]` | a scope |
//! | `["const", value]`, `["name", slot]`, `["item", value, key]`, `["loop", slot, name]` | values |
//! | `["attr", value, name]`, `["field", value, name]` | a member of a dict; no text has a `field` |
//! | `["not", a]`, `["and", a, b]`, `["or", a, b]`, `["cond", test, then, else or null]`, `["concat", […]]`, `["list", […]]` | |
//! | `["dict", [[key, value]…]]`, `["slice", value, start or null, stop or null]` | |
//! | `["compare", first, [[operator, value]…]]`, `["math", operator, a, b]` | |
//! | `["filter", name, value, [argument or null…]]`, `["test", name, value]`, `["method", name, value, […]]` | an argument that is left out before another is `null` |
//! | `["map", value, name]` | the attribute of each item |
//! | `["range", start or null, stop, step or null]`, `["view", "items" or "keys" or "values", value]` | what is read by items only |
//! | `["where", value, slot, condition]`, `["each", value, slot, value]` | the items for which something holds; something of each |
//! | `["capture", slot, scope, body]` | a statement: what a body writes becomes a variable |
//! | `["macro", slot, [[slot, parameter]…], [default or null…], scope, first slot, slots, body]`, `["call", value, […], [[keyword, value]…]]` | a macro, of which all slots are its own |
//! | `["space", [[name, value]…]]`, `["put", slot, name, value]`, `["of", slot, name]` | a namespace, and its attributes |
//! | `["now", format]` | what `strftime_now` gives |
//! | `["stop"]` | what the engine refuses whatever the values are |

mod iterables;
mod statements;
mod values;

use std::sync::Arc;

use serde_json::Value;

use crate::library;
use crate::syntax::tree::*;
use crate::{Dialect, Root};

/// Depth of nested nodes. The engine takes more, and so do JavaScript's stacks.
const MAX_DEPTH: u32 = 60;

/// An integer that a double holds.
const EXACT: u64 = (1 << 53) - 1;

const LOOP: [&str; 7] = [
    "first",
    "index",
    "index0",
    "last",
    "length",
    "revindex",
    "revindex0",
];

/// The plan of a template; `knows` tells the names of inputs from all others.
pub(super) fn plan(
    tree: &Tree,
    root: &Root,
    dialect: Dialect,
    knows: &dyn Fn(&str) -> bool,
) -> Option<Value> {
    let mut planner = Planner {
        tree,
        dialect,
        knows,
        loops: Vec::new(),
        globals: Vec::new(),
        spaces: Vec::new(),
        free: root.slots,
        functions: vec![0],
        at_once: 0,
        captured: None,
        depth: 0,
    };
    let whole = tree.blocks.is_empty();
    let loads = whole.then(|| planner.loads(&root.scope))??;
    Some(Value::Array(vec![loads, planner.body(&tree.body)?]))
}

struct Planner<'a> {
    tree: &'a Tree,
    dialect: Dialect,
    knows: &'a dyn Fn(&str) -> bool,
    /// The slots of the `loop` variables in scope.
    loops: Vec<u32>,
    /// Slots that hold a macro.
    globals: Vec<(u32, Arc<str>)>,
    /// Slots that hold a namespace.
    spaces: Vec<u32>,
    /// The first unused slot.
    free: u32,
    /// The first slot of each function under way: the template, a macro, the condition of a loop.
    functions: Vec<u32>,
    /// How many of the last of them run where they are written, so that the loops around them are known.
    at_once: usize,
    /// The expression that stands for the value of a block's first filter.
    captured: Option<u32>,
    depth: u32,
}

fn node<const N: usize>(name: &str, parts: [Value; N]) -> Value {
    let mut node = Vec::with_capacity(N + 1);
    node.push(name.into());
    node.extend(parts);
    Value::Array(node)
}

fn list<T>(items: &[T], mut one: impl FnMut(&T) -> Option<Value>) -> Option<Value> {
    let mut list = Vec::with_capacity(items.len());
    for item in items {
        list.push(one(item)?);
    }
    Some(Value::Array(list))
}

/// Whether an attribute path is a single name, and no index.
fn is_plain(name: &str) -> bool {
    let plain = |c: char| c == '_' || c.is_ascii_alphanumeric();
    name.starts_with(|c: char| !c.is_ascii_digit()) && name.chars().all(plain)
}

/// Whether a namespace of a plan can have an attribute of that name.
fn is_member(name: &str) -> bool {
    is_plain(name) && !name.starts_with('_')
}

fn variable(slot: u32) -> Value {
    node("name", [slot.into()])
}

fn filter_node(name: &str, of: Value, args: Vec<Value>) -> Value {
    node("filter", [name.into(), of, Value::Array(args)])
}

/// The member of a dict; other values have no attribute of the name, or a method.
fn attribute_node(of: Value, name: &str) -> Value {
    let kind = match library::registry::is_method(name) {
        true => "attr",
        false => "field",
    };
    node(kind, [of, name.into()])
}

/// Whether a dict may have the name as an attribute.
fn is_attribute(name: &str) -> bool {
    name.starts_with("__") || name == "fromkeys" || library::is_dict_method(name)
}

impl Planner<'_> {
    fn deeper(&mut self, run: impl FnOnce(&mut Self) -> Option<Value>) -> Option<Value> {
        self.depth += 1;
        let node = (self.depth <= MAX_DEPTH).then(|| run(self)).flatten();
        self.depth -= 1;
        node
    }

    fn loads(&mut self, scope: &ScopeSlots) -> Option<Value> {
        list(&scope.loads, |(slot, load)| {
            let from = match load {
                Load::Resolve(name) if (self.knows)(name) => (&**name).into(),
                Load::Resolve(name) if library::is_global(name, self.dialect) => {
                    self.globals.push((self.own(*slot), Arc::clone(name)));
                    Value::Null
                }
                Load::Resolve(_) => Value::Null,
                Load::Alias(place) => self.slot(*place)?,
                Load::Missing => Value::Null,
            };
            Some(Value::Array(vec![self.own(*slot).into(), from]))
        })
    }

    /// A slot of the current function.
    fn own(&self, slot: u32) -> u32 {
        self.functions.last().copied().unwrap_or_default() + slot
    }

    /// A slot of the current function, or of one around it.
    fn at(&self, place: Place) -> Option<u32> {
        let up = self.functions.iter().rev().nth(place.outward());
        up.map(|first| first + place.slot)
    }

    fn scope(&mut self, scope: &ScopeSlots) -> Option<Value> {
        let owned = list(&scope.owned, |slot| Some(self.own(*slot).into()));
        Some(Value::Array(vec![self.loads(scope)?, owned?]))
    }

    /// A variable that is neither `loop` nor a macro.
    fn slot(&self, place: Place) -> Option<Value> {
        let slot = self.at(place)?;
        let is_plain = !self.loops.contains(&slot) && self.global(slot).is_none();
        is_plain.then(|| slot.into())
    }

    fn global(&self, slot: u32) -> Option<&str> {
        let mut globals = self.globals.iter();
        let (_, name) = globals.find(|(global, _)| *global == slot)?;
        Some(name)
    }

    /// The name of the global that an expression is.
    fn global_of(&self, expr: &Expr) -> Option<&str> {
        match expr {
            Expr::Name(name) => self.global(self.at(name.place)?),
            _ => None,
        }
    }

    /// The slot of a namespace.
    fn space(&self, place: Place) -> Option<u32> {
        let slot = self.at(place)?;
        self.spaces.contains(&slot).then_some(slot)
    }

    /// A slot that nothing else uses.
    fn fresh(&mut self) -> u32 {
        self.free += 1;
        self.free - 1
    }
}

/// Whether JavaScript would move the key out of insertion order.
pub fn is_reordered(key: &str) -> bool {
    key == "__proto__" || key.bytes().all(|byte| byte.is_ascii_digit())
}

/// The dict whose items, keys or values are read.
fn view(expr: &Expr) -> Option<(&str, &Expr)> {
    let (name, value) = match expr {
        Expr::Call(call) if call.args.is_empty() => match &call.callee {
            Expr::Attribute(of) => (&*of.name, &of.value),
            _ => return None,
        },
        Expr::Filter(filter) if &*filter.name == "items" && filter.args.is_empty() => {
            ("items", filter.value.as_ref()?)
        }
        _ => return None,
    };
    let is_view = ["items", "keys", "values"].contains(&name);
    is_view.then_some((name, value))
}
