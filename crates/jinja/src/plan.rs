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
//! | `["const", value]`, `["name", slot]`, `["attr", value, name]`, `["item", value, key]`, `["loop", slot, name]` | values |
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
//! | `["stop"]` | what the engine refuses whatever the values are |

use std::sync::Arc;

use serde_json::Value;

use crate::library;
use crate::library::registry::{self, PLANNED_METHODS, Planned};
use crate::run::ops::escape_into;
use crate::syntax::tree::*;
use crate::syntax::tree::{Math, Order};
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

fn filter(name: &str, of: Value, args: Vec<Value>) -> Value {
    node("filter", [name.into(), of, Value::Array(args)])
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

    /// The name of the macro that is called.
    fn function(&self, callee: &Expr) -> Option<&str> {
        match callee {
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

    fn target(&mut self, target: &Target) -> Option<Value> {
        match target {
            Target::Name(name) => self.slot(name.place),
            Target::Tuple(items) => self.deeper(|planner| list(items, |item| planner.target(item))),
            Target::Namespace(..) => None,
        }
    }

    fn body(&mut self, body: &[Stmt]) -> Option<Value> {
        self.deeper(|planner| list(body, |stmt| planner.statement(stmt)))
    }

    fn statement(&mut self, stmt: &Stmt) -> Option<Value> {
        match stmt {
            Stmt::Text(text, _) => Some((&**text).into()),
            Stmt::Print(value, _) => self.print(value),
            Stmt::If(branch) => {
                let branches = list(&branch.branches, |(test, body)| {
                    Some(Value::Array(vec![self.value(test)?, self.body(body)?]))
                });
                Some(node("if", [branches?, self.body(&branch.other)?]))
            }
            Stmt::For(each) => self.each(each),
            Stmt::Set(set) => match &set.target {
                Target::Name(name) => {
                    let slot = self.slot(name.place)?;
                    let value = match self.namespace(&set.value) {
                        Some(value) => {
                            self.spaces.push(self.at(name.place)?);
                            value
                        }
                        None => self.value(&set.value)?,
                    };
                    Some(node("set", [slot, value]))
                }
                Target::Namespace(owner, name) if is_member(name) => {
                    let slot = self.space(owner.place)?;
                    let value = self.value(&set.value)?;
                    Some(node("put", [slot.into(), (&**name).into(), value]))
                }
                _ => None,
            },
            Stmt::SetBlock(set) => {
                let Target::Name(name) = &set.target else {
                    return None;
                };
                let text = self.fresh();
                let capture = self.capture(text, &set.scope, &set.body)?;
                let value = match &set.filter {
                    Some(filter) => self.filtered(text, filter)?,
                    None => variable(text),
                };
                let set = node("set", [self.slot(name.place)?, value]);
                Some(in_turn(vec![capture, set]))
            }
            Stmt::FilterBlock(block) => {
                let text = self.fresh();
                let capture = self.capture(text, &block.scope, &block.body)?;
                let print = node("print", [self.filtered(text, &block.filter)?]);
                Some(in_turn(vec![capture, print]))
            }
            Stmt::Macro(stmt) => self.macro_of(stmt),
            _ => None,
        }
    }

    /// A filter that marks a text as safe has a plan only where it is printed at once: plans have no safe texts.
    fn print(&mut self, value: &Expr) -> Option<Value> {
        if let Some(json) = self.json(value) {
            return Some(json);
        }
        let of = match value {
            Expr::Filter(filter) if filter.args.is_empty() => match &*filter.name {
                "safe" => self.value(filter.value.as_ref()?)?,
                "e" | "escape" | "forceescape" => {
                    let mut text =
                        self::filter("string", self.value(filter.value.as_ref()?)?, Vec::new());
                    // `&` comes first, as the others make it.
                    for old in ["&", "<", ">", "'", "\""] {
                        let mut new = String::new();
                        escape_into(old, &mut new);
                        let both = [old, &*new].map(|text| node("const", [text.into()]));
                        text = self::filter("replace", text, both.into());
                    }
                    text
                }
                _ => self.value(value)?,
            },
            _ => self.value(value)?,
        };
        Some(node("print", [of]))
    }

    fn capture(&mut self, slot: u32, scope: &ScopeSlots, body: &[Stmt]) -> Option<Value> {
        let scope = self.scope(scope)?;
        Some(node("capture", [slot.into(), scope, self.body(body)?]))
    }

    /// A filter of what was captured. Its arguments are constants: names would be those of the block.
    fn filtered(&mut self, text: u32, filter: &Expr) -> Option<Value> {
        let mut next = Some(filter);
        while let Some(Expr::Filter(one)) = next {
            let is_constant = |arg: &Arg| match arg {
                Arg::Positional(value) | Arg::Keyword(_, value) => matches!(value, Expr::Const(_)),
                Arg::Sequence(_) | Arg::Mapping(_) => false,
            };
            if !one.args.iter().all(is_constant) {
                return None;
            }
            next = one.value.as_ref();
        }
        self.captured = next.is_none().then_some(text);
        let value = self.captured.and_then(|_| self.value(filter));
        self.captured = None;
        value
    }

    fn macro_of(&mut self, stmt: &MacroStmt) -> Option<Value> {
        let function = self.tree.functions.get(stmt.function)?;
        let special = [function.caller, function.kwargs, function.varargs];
        if special.iter().any(Option::is_some) {
            return None;
        }
        let slot = self.slot(stmt.target.place)?;
        let first = self.free;
        self.free += function.slots;
        self.functions.push(first);
        let loops = std::mem::take(&mut self.loops);
        let parts = self.function_parts(function);
        self.loops = loops;
        self.functions.pop();
        let (params, defaults, scope, body) = parts?;
        let slots = self.free - first;
        Some(node(
            "macro",
            [
                slot,
                params,
                defaults,
                scope,
                first.into(),
                slots.into(),
                body,
            ],
        ))
    }

    fn function_parts(&mut self, function: &Function) -> Option<(Value, Value, Value, Value)> {
        let params = list(&function.params, |param| {
            Some(Value::Array(vec![
                self.slot(param.place)?,
                (&*param.name).into(),
            ]))
        })?;
        let scope = self.scope(&function.scope)?;
        let required = function.params.len().checked_sub(function.defaults.len())?;
        let mut defaults = vec![Value::Null; required];
        for default in &function.defaults {
            defaults.push(self.value(default)?);
        }
        let body = self.body(&function.body)?;
        Some((params, Value::Array(defaults), scope, body))
    }

    /// `namespace(…)` with keywords.
    fn namespace(&mut self, expr: &Expr) -> Option<Value> {
        let Expr::Call(call) = expr else { return None };
        if self.function(&call.callee)? != "namespace" {
            return None;
        }
        let members = list(&call.args, |arg| match arg {
            Arg::Keyword(name, value) if is_member(name) => {
                Some(Value::Array(vec![(&**name).into(), self.value(value)?]))
            }
            _ => None,
        });
        Some(node("space", [members?]))
    }

    /// `tojson` where it is printed at once: elsewhere its result is marked as safe, which plans do not know.
    fn json(&mut self, value: &Expr) -> Option<Value> {
        let Expr::Filter(filter) = value else {
            return None;
        };
        if &*filter.name != "tojson" || self.dialect == Dialect::HuggingFace {
            return None;
        }
        let spaces = match &*filter.args {
            [] => Value::Null,
            [Arg::Positional(Expr::Const(Const::Int(spaces @ 0..=16)))] => (*spaces).into(),
            [Arg::Keyword(name, Expr::Const(Const::Int(spaces @ 0..=16)))]
                if &**name == "indent" =>
            {
                (*spaces).into()
            }
            _ => return None,
        };
        Some(node("json", [self.value(filter.value.as_ref()?)?, spaces]))
    }

    fn each(&mut self, each: &For) -> Option<Value> {
        if each.recursive {
            return None;
        }
        let (view, value) = match view(&each.iter) {
            Some((view, value)) => (view, self.value(value)?),
            None => ("", self.items(&each.iter)?),
        };
        let condition = match each.test {
            Some(test) => self.condition(self.tree.tests.get(test)?)?,
            None => Value::Null,
        };
        let target = self.target(&each.target)?;
        let place = match each.loop_place {
            Some(place) => Some(self.at(place)?),
            None => None,
        };
        self.loops.extend(place);
        let inside = self
            .scope(&each.scope)
            .and_then(|scope| Some((scope, self.body(&each.body)?)));
        if place.is_some() {
            self.loops.pop();
        }
        let (scope, body) = inside?;
        let other_scope = self.scope(&each.other_scope)?;
        let other = self.body(&each.other)?;
        Some(node(
            "for",
            [
                target,
                view.into(),
                value,
                place.into(),
                scope,
                body,
                other_scope,
                other,
                condition,
            ],
        ))
    }

    /// The condition of a loop: its target once more, and what must hold.
    fn condition(&mut self, test: &LoopTest) -> Option<Value> {
        self.functions.push(self.free);
        self.free += test.slots;
        let parts = self.target(&test.target).and_then(|target| {
            let scope = self.scope(&test.scope)?;
            Some(vec![target, scope, self.value(&test.test)?])
        });
        self.functions.pop();
        parts.map(Value::Array)
    }

    /// A value of which only the items are read.
    fn items(&mut self, expr: &Expr) -> Option<Value> {
        self.deeper(|planner| planner.generated(expr))
    }

    fn generated(&mut self, expr: &Expr) -> Option<Value> {
        if let Some((view, value)) = view(expr) {
            return Some(node("view", [view.into(), self.value(value)?]));
        }
        match expr {
            Expr::Call(call) if self.function(&call.callee) == Some("range") => {
                let mut ends = [Value::Null, Value::Null, Value::Null];
                // One argument is where it stops.
                let first = usize::from(call.args.len() == 1);
                for (place, arg) in call.args.iter().enumerate() {
                    let Arg::Positional(value) = arg else {
                        return None;
                    };
                    *ends.get_mut(first + place)? = self.value(value)?;
                }
                (!call.args.is_empty()).then(|| node("range", ends))
            }
            Expr::Filter(filter) => self.chosen(expr, filter),
            _ => self.value(expr),
        }
    }

    /// A filter; some read only the items of their value.
    fn chosen(&mut self, expr: &Expr, filter: &FilterExpr) -> Option<Value> {
        let Some(of) = &filter.value else {
            return self.value(expr);
        };
        let name = |value: &Expr| match value {
            Expr::Const(Const::Str(name)) if is_plain(name) && !is_attribute(name) => {
                Some(Arc::clone(name))
            }
            _ => None,
        };
        match (&*filter.name, &*filter.args) {
            ("map", [Arg::Keyword(key, value)]) if &**key == "attribute" => {
                let name = name(value)?;
                Some(node("map", [self.items(of)?, (&*name).into()]))
            }
            ("map", [Arg::Positional(Expr::Const(Const::Str(filter)))]) => {
                let planned = registry::find_filter(filter)?.planned?;
                // Filters that mark texts as safe, or that return other kinds of lists, have no plan.
                (planned.fewest == 0).then_some(())?;
                let slot = self.fresh();
                let one = self::filter(filter, variable(slot), Vec::new());
                Some(node("each", [self.items(of)?, slot.into(), one]))
            }
            (kind @ ("selectattr" | "rejectattr"), [Arg::Positional(attribute), test @ ..]) => {
                let name = name(attribute)?;
                let slot = self.fresh();
                let one = node("attr", [variable(slot), (&*name).into()]);
                self.picked(of, slot, one, kind == "rejectattr", test)
            }
            (kind @ ("select" | "reject"), test) => {
                let slot = self.fresh();
                self.picked(of, slot, variable(slot), kind == "reject", test)
            }
            ("reverse", []) => Some(self::filter("reverse", self.items(of)?, Vec::new())),
            _ => self.value(expr),
        }
    }

    /// The items of which a test holds, or does not; the test's argument is evaluated for each of them, so it is one
    /// that cannot fail.
    fn picked(
        &mut self,
        of: &Expr,
        slot: u32,
        one: Value,
        negated: bool,
        test: &[Arg],
    ) -> Option<Value> {
        let items = self.items(of)?;
        let holds = match test {
            [] => one,
            [Arg::Positional(Expr::Const(Const::Str(name))), rest @ ..] => {
                let rest = match rest {
                    [] => None,
                    [Arg::Positional(arg @ (Expr::Const(_) | Expr::Name(_)))] => {
                        Some(self.value(arg)?)
                    }
                    _ => return None,
                };
                tested(name, one, rest)?
            }
            _ => return None,
        };
        let holds = match negated {
            true => node("not", [holds]),
            false => holds,
        };
        Some(node("where", [items, slot.into(), holds]))
    }

    fn value(&mut self, expr: &Expr) -> Option<Value> {
        self.deeper(|planner| planner.compound(expr))
    }

    fn values(&mut self, exprs: &[Expr]) -> Option<Value> {
        list(exprs, |expr| self.value(expr))
    }

    fn compound(&mut self, expr: &Expr) -> Option<Value> {
        Some(match expr {
            Expr::Const(constant) => node("const", [literal(constant)?]),
            Expr::Negate(of) => match &of.0 {
                Expr::Const(Const::Int(value)) => {
                    node("const", [literal(&Const::Int(value.checked_neg()?))?])
                }
                value => node(
                    "math",
                    ["-".into(), node("const", [0.into()]), self.value(value)?],
                ),
            },
            Expr::Name(name) => node("name", [self.slot(name.place)?]),
            Expr::Attribute(of) => return self.attribute(of),
            Expr::Item(of) => node("item", [self.value(&of.value)?, self.value(&of.key)?]),
            Expr::Call(call) => return self.call(call),
            Expr::Filter(filter) => {
                let value = match (&filter.value, &*filter.name) {
                    (None, _) => variable(self.captured?),
                    (Some(value), "join" | "list" | "first" | "sort" | "sum") => {
                        self.items(value)?
                    }
                    (Some(value), "length" | "count") if view(value).is_some() => {
                        self.items(value)?
                    }
                    (Some(value), _) => self.value(value)?,
                };
                let Planned { fewest, names } = registry::find_filter(&filter.name)?.planned?;
                let args = self.arguments(fewest, names, &filter.args)?;
                node("filter", [(&*filter.name).into(), value, args])
            }
            Expr::Test(test) => {
                let arg = match &*test.args {
                    [] => None,
                    [Arg::Positional(arg)] => Some(self.value(arg)?),
                    _ => return None,
                };
                tested(&test.name, self.value(&test.value)?, arg)?
            }
            Expr::Not(value) => node("not", [self.value(value)?]),
            Expr::And(both) => node("and", [self.value(&both.0)?, self.value(&both.1)?]),
            Expr::Or(both) => node("or", [self.value(&both.0)?, self.value(&both.1)?]),
            Expr::If(cond) => {
                let other = match &cond.other {
                    Some(other) => self.value(other)?,
                    None => Value::Null,
                };
                node(
                    "cond",
                    [self.value(&cond.test)?, self.value(&cond.then)?, other],
                )
            }
            Expr::Concat(parts) => node("concat", [self.values(&parts.0)?]),
            Expr::List(items) | Expr::Tuple(items) => node("list", [self.values(items)?]),
            Expr::Dict(entries) => {
                let entries = list(&entries.0, |(key, value)| match key {
                    Expr::Const(Const::Str(key)) if !is_reordered(key) => {
                        Some(Value::Array(vec![(&**key).into(), self.value(value)?]))
                    }
                    _ => None,
                });
                node("dict", [entries?])
            }
            Expr::Slice(of) if of.step.is_none() => {
                let mut end = |end: &Option<Expr>| match end {
                    Some(end) => self.value(end),
                    None => Some(Value::Null),
                };
                let (start, stop) = (end(&of.start)?, end(&of.stop)?);
                node("slice", [self.value(&of.value)?, start, stop])
            }
            Expr::Compare(compare) => {
                let rest = list(&compare.rest, |(op, value)| {
                    Some(Value::Array(vec![operator(*op).into(), self.value(value)?]))
                });
                node("compare", [self.value(&compare.first)?, rest?])
            }
            Expr::Math(math) => {
                let op = match math.op {
                    Math::Add => "+",
                    Math::Sub => "-",
                    Math::Mul => "*",
                    Math::Div => "/",
                    Math::FloorDiv => "//",
                    Math::Mod => "%",
                    Math::Pow => return None,
                };
                node(
                    "math",
                    [op.into(), self.value(&math.left)?, self.value(&math.right)?],
                )
            }
            _ => return None,
        })
    }

    fn attribute(&mut self, of: &Attribute) -> Option<Value> {
        let name = (&*of.name).into();
        if let Expr::Name(owner) = &of.value {
            let slot = self.at(owner.place)?;
            if owner.place.up == 0 && self.loops.contains(&slot) {
                let is_known = LOOP.contains(&&*of.name);
                return is_known.then(|| node("loop", [slot.into(), name]));
            }
            if self.spaces.contains(&slot) {
                return is_member(&of.name).then(|| node("of", [slot.into(), name]));
            }
        }
        if is_attribute(&of.name) {
            return None;
        }
        Some(node("attr", [self.value(&of.value)?, name]))
    }

    fn call(&mut self, call: &CallExpr) -> Option<Value> {
        if self.function(&call.callee) == Some("raise_exception") {
            return Some(node("stop", []));
        }
        if let Expr::Name(name) = &call.callee {
            let callee = node("name", [self.slot(name.place)?]);
            let (mut args, mut keywords) = (Vec::new(), Vec::new());
            for arg in &call.args {
                match arg {
                    Arg::Positional(value) => args.push(self.value(value)?),
                    Arg::Keyword(name, value) => {
                        keywords.push(Value::Array(vec![(&**name).into(), self.value(value)?]))
                    }
                    Arg::Sequence(_) | Arg::Mapping(_) => return None,
                }
            }
            return Some(node(
                "call",
                [callee, Value::Array(args), Value::Array(keywords)],
            ));
        }
        let Expr::Attribute(of) = &call.callee else {
            return None;
        };
        let value = self.value(&of.value)?;
        if !registry::is_method(&of.name) {
            return Some(node("stop", []));
        }
        let mut methods = PLANNED_METHODS.iter();
        let (_, fewest, most) = methods.find(|(name, ..)| *name == &*of.name)?;
        if !(*fewest..=*most).contains(&call.args.len()) {
            return None;
        }
        let args = list(&call.args, |arg| match arg {
            Arg::Positional(value) => self.value(value),
            _ => None,
        })?;
        Some(node("method", [(&*of.name).into(), value, args]))
    }

    /// Arguments by their names: those that stand by position, and keywords.
    fn arguments(&mut self, fewest: usize, names: &[&str], args: &[Arg]) -> Option<Value> {
        let mut given = Vec::new();
        for arg in args {
            let (place, value) = match arg {
                Arg::Positional(value) => (given.len(), value),
                Arg::Keyword(key, value) => (names.iter().position(|name| *name == &**key)?, value),
                Arg::Sequence(_) | Arg::Mapping(_) => return None,
            };
            given.resize(given.len().max(place + 1), Value::Null);
            let free = given.get_mut(place).filter(|free| free.is_null())?;
            *free = self.value(value)?;
        }
        let needed = given.iter().take(fewest).filter(|one| !one.is_null());
        let whole = given.len() <= names.len() && needed.count() == fewest;
        whole.then_some(Value::Array(given))
    }
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

/// Statements as one.
fn in_turn(statements: Vec<Value>) -> Value {
    node("if", [Value::Array(Vec::new()), Value::Array(statements)])
}

/// A test of a value; some are comparisons in other words.
fn tested(name: &str, value: Value, arg: Option<Value>) -> Option<Value> {
    let compare = |value, op: &str, with| {
        let rest = Value::Array(vec![Value::Array(vec![op.into(), with])]);
        node("compare", [value, rest])
    };
    let constant = |number: i64| node("const", [number.into()]);
    let rest = |value, by| node("math", ["%".into(), value, by]);
    Some(match (name, arg) {
        ("eq" | "equalto" | "==", Some(arg)) => compare(value, "==", arg),
        ("ne" | "!=", Some(arg)) => compare(value, "!=", arg),
        ("lt" | "lessthan" | "<", Some(arg)) => compare(value, "<", arg),
        ("le" | "<=", Some(arg)) => compare(value, "<=", arg),
        ("gt" | "greaterthan" | ">", Some(arg)) => compare(value, ">", arg),
        ("ge" | ">=", Some(arg)) => compare(value, ">=", arg),
        ("in", Some(arg)) => compare(value, "in", arg),
        ("divisibleby", Some(arg)) => compare(rest(value, arg), "==", constant(0)),
        ("even", None) => compare(rest(value, constant(2)), "==", constant(0)),
        ("odd", None) => compare(rest(value, constant(2)), "==", constant(1)),
        // In plain data these are texts, lists and dicts.
        ("iterable", None) => node("test", ["sequence".into(), value]),
        (name, None) if registry::find_test(name)?.planned => node("test", [name.into(), value]),
        _ => return None,
    })
}

/// Whether JavaScript would move the key out of insertion order.
pub fn is_reordered(key: &str) -> bool {
    key == "__proto__" || key.bytes().all(|byte| byte.is_ascii_digit())
}

fn literal(constant: &Const) -> Option<Value> {
    Some(match constant {
        Const::None => Value::Null,
        Const::Bool(value) => (*value).into(),
        Const::Int(value) if value.unsigned_abs() <= EXACT => (*value).into(),
        Const::Str(text) => (&**text).into(),
        // Between these bounds both languages print the same digits, and JavaScript sees no integer.
        Const::Float(value) if value.fract() != 0.0 && (1e-4..1e15).contains(&value.abs()) => {
            (*value).into()
        }
        Const::Int(_) | Const::Big(_) | Const::Float(_) => return None,
    })
}

fn operator(op: Comparison) -> &'static str {
    match op {
        Comparison::Equal => "==",
        Comparison::NotEqual => "!=",
        Comparison::Order(Order::Less) => "<",
        Comparison::Order(Order::LessEqual) => "<=",
        Comparison::Order(Order::Greater) => ">",
        Comparison::Order(Order::GreaterEqual) => ">=",
        Comparison::In => "in",
        Comparison::NotIn => "not in",
    }
}
