//! Plans of values.

use serde_json::Value;

use super::{
    EXACT, LOOP, Planner, attribute_node, filter_node, is_attribute, is_member, is_reordered, list,
    node, variable, view,
};
use crate::Dialect;
use crate::library::registry::{self, PLANNED_METHODS, Planned};
use crate::syntax::tree::*;
use crate::syntax::tree::{Math, Order};

impl Planner<'_> {
    pub(super) fn value(&mut self, expr: &Expr) -> Option<Value> {
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
            Expr::Item(of) => match &of.key {
                Expr::Const(Const::Str(key)) if !is_attribute(key) => {
                    attribute_node(self.value(&of.value)?, key)
                }
                key => node("item", [self.value(&of.value)?, self.value(key)?]),
            },
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
                let Planned { fewest, names } = match (&*filter.name, self.dialect) {
                    // Its result is a plain text here.
                    ("tojson", Dialect::HuggingFace) => Planned {
                        fewest: 0,
                        names: &["ensure_ascii", "indent"],
                    },
                    (name, _) => registry::find_filter(name)?.planned?,
                };
                let args = self.arguments(fewest, names, &filter.args)?;
                node("filter", [(&*filter.name).into(), value, args])
            }
            Expr::Test(test) if self.global_of(&test.value).is_some() => {
                let is_defined = match (&*test.name, &*test.args) {
                    ("defined", []) => true,
                    ("undefined", []) => false,
                    _ => return None,
                };
                node("const", [is_defined.into()])
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
            Expr::Slice(of) if is_reversed(of) => {
                filter_node("reverse", self.value(&of.value)?, Vec::new())
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
            if owner.place.outward() <= self.at_once && self.loops.contains(&slot) {
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
        Some(attribute_node(self.value(&of.value)?, &of.name))
    }

    fn call(&mut self, call: &CallExpr) -> Option<Value> {
        if self.global_of(&call.callee) == Some("raise_exception") {
            return Some(node("stop", []));
        }
        if self.global_of(&call.callee) == Some("strftime_now") {
            let [Arg::Positional(format)] = &*call.args else {
                return None;
            };
            return Some(node("now", [self.value(format)?]));
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

/// A test of a value; some are comparisons in other words.
pub(super) fn tested(name: &str, value: Value, arg: Option<Value>) -> Option<Value> {
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

/// `value[::-1]`
fn is_reversed(slice: &Slice) -> bool {
    let step = match &slice.step {
        Some(Expr::Negate(of)) => &of.0,
        _ => return false,
    };
    slice.start.is_none() && slice.stop.is_none() && matches!(step, Expr::Const(Const::Int(1)))
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
