//! Templates that a host can run by itself: a small part of the language, written down as nested JSON arrays.
//!
//! What is here means what the engine does with it as long as every value is a text, an integer within 2^53, a number that
//! prints alike in Python and JavaScript, a boolean, `None`, or a list or dict of these. A host that meets anything else, an
//! undefined value that is used or more work than it may do stops and asks the engine. `pkg/js/plan/` is such a host.
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

use serde_json::Value;

use crate::library;
use crate::library::registry::{self, PLANNED_METHODS, Planned};
use crate::syntax::tree::*;
use crate::syntax::tree::{Math, Order};
use crate::{Dialect, Root};

/// Levels of nested nodes; the engine takes more, and so do JavaScript's stacks.
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
        free: root.slots,
        above: None,
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
    /// The slots of `loop` around here.
    loops: Vec<u32>,
    /// The first slot behind those of the template and of the conditions so far.
    free: u32,
    /// In the condition of a loop: where the slots of its own function begin.
    above: Option<u32>,
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

/// Whether the name of an attribute is one name, and no index.
fn is_plain(name: &str) -> bool {
    let plain = |c: char| c == '_' || c.is_ascii_alphanumeric();
    name.starts_with(|c: char| !c.is_ascii_digit()) && name.chars().all(plain)
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

    fn loads(&self, scope: &Scope) -> Option<Value> {
        list(&scope.loads, |(slot, load)| {
            let from = match load {
                Load::Resolve(name) if (self.knows)(name) => (&**name).into(),
                // One that the template sets, and may read before.
                Load::Resolve(name) if library::is_global(name, self.dialect) => return None,
                Load::Resolve(_) => Value::Null,
                Load::Alias(place) => self.slot(*place)?,
                Load::Missing => Value::Null,
            };
            Some(Value::Array(vec![self.own(*slot).into(), from]))
        })
    }

    /// A slot of the function that is under way.
    fn own(&self, slot: u32) -> u32 {
        self.above.unwrap_or_default() + slot
    }

    fn scope(&self, scope: &Scope) -> Option<Value> {
        let owned = list(&scope.owned, |slot| Some(self.own(*slot).into()));
        Some(Value::Array(vec![self.loads(scope)?, owned?]))
    }

    /// A variable of the template's own function that is not `loop`, or one of a loop's condition.
    fn slot(&self, place: Place) -> Option<Value> {
        if place.up == 0 && self.above.is_some() {
            return Some(self.own(place.slot).into());
        }
        let plain =
            place.up == u32::from(self.above.is_some()) && !self.loops.contains(&place.slot);
        plain.then(|| place.slot.into())
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
            Stmt::Print(value, _) => Some(match self.json(value) {
                Some(node) => node,
                None => node("print", [self.value(value)?]),
            }),
            Stmt::If(branch) => {
                let branches = list(&branch.branches, |(test, body)| {
                    Some(Value::Array(vec![self.value(test)?, self.body(body)?]))
                });
                Some(node("if", [branches?, self.body(&branch.other)?]))
            }
            Stmt::For(each) => self.each(each),
            Stmt::Set(set) => match &set.target {
                Target::Name(name) => {
                    let value = self.value(&set.value)?;
                    Some(node("set", [self.slot(name.place)?, value]))
                }
                _ => None,
            },
            _ => None,
        }
    }

    /// `tojson` where it is printed at once: elsewhere what it gives is marked as safe, which plans do not know.
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
        let (view, value) = match &each.iter {
            Expr::Call(call) => match &call.callee {
                Expr::Attribute(of)
                    if call.args.is_empty() && ["items", "keys", "values"].contains(&&*of.name) =>
                {
                    (&*of.name, &of.value)
                }
                _ => return None,
            },
            value => ("", value),
        };
        let value = self.items(value)?;
        let condition = match each.test {
            Some(test) => self.condition(self.tree.tests.get(test)?)?,
            None => Value::Null,
        };
        let target = self.target(&each.target)?;
        let place = match each.loop_place {
            Some(Place { up: 0, slot }) => Some(slot),
            Some(_) => return None,
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
        if self.above.is_some() {
            return None;
        }
        self.above = Some(self.free);
        self.free += test.slots;
        let parts = self.target(&test.target).and_then(|target| {
            let scope = self.scope(&test.scope)?;
            Some(vec![target, scope, self.value(&test.test)?])
        });
        self.above = None;
        parts.map(Value::Array)
    }

    /// A value of which only the items are read.
    fn items(&mut self, expr: &Expr) -> Option<Value> {
        let Expr::Filter(filter) = expr else {
            return self.value(expr);
        };
        match (&*filter.name, &*filter.args) {
            ("map", [Arg::Keyword(key, Expr::Const(Const::Str(name)))])
                if &**key == "attribute" && is_plain(name) && !is_attribute(name) =>
            {
                let value = self.deeper(|planner| planner.items(filter.value.as_ref()?))?;
                Some(node("map", [value, (&**name).into()]))
            }
            _ => self.value(expr),
        }
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
            Expr::Attribute(of) => match &of.value {
                Expr::Name(name)
                    if self.above.is_none() && self.loops.contains(&name.place.slot) =>
                {
                    let known = name.place.up == 0 && LOOP.contains(&&*of.name);
                    known.then(|| node("loop", [name.place.slot.into(), (&*of.name).into()]))?
                }
                _ if is_attribute(&of.name) => return None,
                value => node("attr", [self.value(value)?, (&*of.name).into()]),
            },
            Expr::Item(of) => node("item", [self.value(&of.value)?, self.value(&of.key)?]),
            Expr::Call(call) => return self.call(call),
            Expr::Filter(filter) => {
                let value = filter.value.as_ref()?;
                let value = match &*filter.name {
                    "join" | "list" => self.items(value)?,
                    _ => self.value(value)?,
                };
                let Planned { fewest, names } = registry::find_filter(&filter.name)?.planned?;
                let args = self.arguments(fewest, names, &filter.args)?;
                node("filter", [(&*filter.name).into(), value, args])
            }
            Expr::Test(test)
                if test.args.is_empty() && registry::find_test(&test.name)?.planned =>
            {
                node("test", [(&*test.name).into(), self.value(&test.value)?])
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

    fn call(&mut self, call: &Call) -> Option<Value> {
        let Expr::Attribute(of) = &call.callee else {
            return None;
        };
        let value = self.value(&of.value)?;
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

/// Whether JavaScript keeps a key elsewhere than where it was put.
pub fn is_reordered(key: &str) -> bool {
    key == "__proto__" || key.bytes().all(|byte| byte.is_ascii_digit())
}

fn literal(constant: &Const) -> Option<Value> {
    Some(match constant {
        Const::None => Value::Null,
        Const::Bool(value) => (*value).into(),
        Const::Int(value) if value.unsigned_abs() <= EXACT => (*value).into(),
        Const::Str(text) => (&**text).into(),
        // Between these bounds both languages print the same digits, and it is no integer for JavaScript.
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
