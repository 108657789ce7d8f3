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
//! | `["for", target, "" or "items" or "keys" or "values", value, loop slot or null, scope, body, else scope, else]` | a target is a slot or a list of targets |
//! | `[loads, owned slots]` | a scope |
//! | `["const", value]`, `["name", slot]`, `["attr", value, name]`, `["item", value, key]`, `["loop", slot, name]` | values |
//! | `["not", a]`, `["and", a, b]`, `["or", a, b]`, `["cond", test, then, else or null]`, `["concat", […]]`, `["list", […]]` | |
//! | `["compare", first, [[operator, value]…]]`, `["math", operator, a, b]` | |
//! | `["filter", name, value, […]]`, `["test", name, value]`, `["method", name, value, […]]` | |

use serde_json::Value;

use crate::library;
use crate::library::registry::{self, PLANNED_METHODS};
use crate::syntax::tree::*;
use crate::syntax::tree::{Math, Order};

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
pub(super) fn plan(tree: &Tree, root: &Scope, knows: &dyn Fn(&str) -> bool) -> Option<Value> {
    let mut planner = Planner {
        knows,
        loops: Vec::new(),
        depth: 0,
    };
    let whole = tree.blocks.is_empty();
    let loads = whole.then(|| planner.loads(root))??;
    Some(Value::Array(vec![loads, planner.body(&tree.body)?]))
}

struct Planner<'a> {
    knows: &'a dyn Fn(&str) -> bool,
    /// The slots of `loop` around here.
    loops: Vec<u32>,
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
                Load::Resolve(name) => (self.knows)(name).then(|| (&**name).into())?,
                Load::Alias(place) => self.slot(*place)?,
                Load::Missing => Value::Null,
            };
            Some(Value::Array(vec![(*slot).into(), from]))
        })
    }

    fn scope(&self, scope: &Scope) -> Option<Value> {
        let owned = list(&scope.owned, |slot| Some((*slot).into()));
        Some(Value::Array(vec![self.loads(scope)?, owned?]))
    }

    /// A variable of the template's own function that is not `loop`.
    fn slot(&self, place: Place) -> Option<Value> {
        let plain = place.up == 0 && !self.loops.contains(&place.slot);
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
            Stmt::Print(value, _) => Some(node("print", [self.value(value)?])),
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

    fn each(&mut self, each: &For) -> Option<Value> {
        if each.recursive || each.test.is_some() {
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
        let value = self.value(value)?;
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
            ],
        ))
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
                _ => return None,
            },
            Expr::Name(name) => node("name", [self.slot(name.place)?]),
            Expr::Attribute(of) => match &of.value {
                Expr::Name(name) if self.loops.contains(&name.place.slot) => {
                    let known = name.place.up == 0 && LOOP.contains(&&*of.name);
                    known.then(|| node("loop", [name.place.slot.into(), (&*of.name).into()]))?
                }
                _ if is_attribute(&of.name) => return None,
                value => node("attr", [self.value(value)?, (&*of.name).into()]),
            },
            Expr::Item(of) => node("item", [self.value(&of.value)?, self.value(&of.key)?]),
            Expr::Call(call) => return self.call(call),
            Expr::Filter(filter) => {
                let value = self.value(filter.value.as_ref()?)?;
                let arity = registry::find_filter(&filter.name)?.planned?;
                let args = self.args(arity, &filter.args)?;
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
            Expr::List(items) => node("list", [self.values(items)?]),
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
                    _ => return None,
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
        let args = self.args((*fewest, *most), &call.args)?;
        Some(node("method", [(&*of.name).into(), value, args]))
    }

    /// The arguments of something that takes so many.
    fn args(&mut self, (fewest, most): (usize, usize), args: &[Arg]) -> Option<Value> {
        if !(fewest..=most).contains(&args.len()) {
            return None;
        }
        list(args, |arg| match arg {
            Arg::Positional(value) => self.value(value),
            _ => None,
        })
    }
}

fn literal(constant: &Const) -> Option<Value> {
    Some(match constant {
        Const::None => Value::Null,
        Const::Bool(value) => (*value).into(),
        Const::Int(value) if value.unsigned_abs() <= EXACT => (*value).into(),
        Const::Str(text) => (&**text).into(),
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
