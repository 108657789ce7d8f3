//! `==` and `<`.

use std::cmp::Ordering;

use super::numbers::number_order;
use crate::error::Result;
use crate::run::ctx::Ctx;
use crate::syntax::tree::Order;
use crate::value::object::{Kind, View};
use crate::value::{Value, failed};

impl Ctx<'_> {
    /// `a == b`
    pub(crate) fn equal(&mut self, a: &Value, b: &Value) -> Result<bool> {
        match (a, b) {
            (Value::Str(a), Value::Str(b)) => {
                if a.len() != b.len() {
                    return Ok(false);
                }
                self.charge(a.len() / 16)?;
                return Ok(a.as_str() == b.as_str());
            }
            (Value::Int(a), Value::Int(b)) => return Ok(a == b),
            (Value::Undefined(a), Value::Undefined(b)) => {
                a.if_strict()?;
                b.if_strict()?;
                return Ok(true);
            }
            (Value::Undefined(undefined), _) | (_, Value::Undefined(undefined)) => {
                undefined.if_strict()?;
                return Ok(false);
            }
            (Value::None, Value::None) => return Ok(true),
            (Value::List(a), Value::List(b)) => {
                if a.len() != b.len() {
                    return Ok(false);
                }
                let mut index = 0;
                return self.deeper(|ctx| {
                    while let (Some(x), Some(y)) = (a.get(index), b.get(index)) {
                        ctx.charge(3)?;
                        if !ctx.same_or_equal(&x, &y)? {
                            return Ok(false);
                        }
                        index += 1;
                    }
                    Ok(true)
                });
            }
            (Value::Tuple(a), Value::Tuple(b)) => return self.equal_items(a.items(), b.items()),
            (Value::Dict(a), Value::Dict(b)) => {
                if a.len() != b.len() {
                    return Ok(false);
                }
                let mut index = 0;
                return self.deeper(|ctx| {
                    loop {
                        ctx.charge(4)?;
                        let entry = a.map().entries().get(index).cloned();
                        let Some((key, value)) = entry else {
                            return Ok(true);
                        };
                        ctx.charge_search(&key, b)?;
                        let other = b.map().get(&key)?.cloned();
                        match other {
                            Some(other) if ctx.same_or_equal(&value, &other)? => index += 1,
                            _ => return Ok(false),
                        }
                    }
                });
            }
            (Value::Object(x), Value::Object(y)) => {
                return match (&x.0, &y.0) {
                    (Kind::Range(x), Kind::Range(y)) => Ok(x.len() == y.len()
                        && (x.len() == 0
                            || (x.start == y.start && (x.len() == 1 || x.step == y.step)))),
                    (Kind::View(p, _), Kind::View(q, _))
                        if *p != View::Values && *q != View::Values =>
                    {
                        self.equal_as_sets(a, b)
                    }
                    (Kind::Method(p, _, f), Kind::Method(q, _, g)) => {
                        Ok(std::ptr::fn_addr_eq(*f, *g) && self.same(p, q)?)
                    }
                    _ => Ok(a.is_same(b)),
                };
            }
            _ => {}
        }
        if let (Some(x), Some(y)) = (a.as_int(), b.as_int()) {
            return Ok(x == y);
        }
        Ok(number_order(a, b) == Some(Ordering::Equal))
    }

    pub(super) fn same_or_equal(&mut self, a: &Value, b: &Value) -> Result<bool> {
        let identical = match (a, b) {
            (Value::List(_), _)
            | (Value::Dict(_), _)
            | (Value::Tuple(_), _)
            | (Value::Object(_), _)
            | (Value::Undefined(_), _) => a.is_same(b),
            _ => false,
        };
        Ok(identical || self.equal(a, b)?)
    }

    fn equal_as_sets(&mut self, a: &Value, b: &Value) -> Result<bool> {
        Ok(a.len() == b.len() && self.is_subset(a, b)?)
    }

    fn is_subset(&mut self, a: &Value, b: &Value) -> Result<bool> {
        let mut iter = self.iter(a)?;
        while let Some(item) = iter.next(self)? {
            // Each item is made, hashed and looked up.
            self.charge(4)?;
            if !self.contains(b, &item)? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    pub(super) fn contains_item(&mut self, items: &[Value], item: &Value) -> Result<bool> {
        for other in items {
            self.charge(1)?;
            if self.same_or_equal(other, item)? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Whether two sequences have equal items.
    pub(crate) fn equal_items(&mut self, a: &[Value], b: &[Value]) -> Result<bool> {
        if a.len() != b.len() {
            return Ok(false);
        }
        self.deeper(|ctx| {
            for (x, y) in a.iter().zip(b) {
                ctx.charge(1)?;
                if !ctx.same_or_equal(x, y)? {
                    return Ok(false);
                }
            }
            Ok(true)
        })
    }

    /// `a < b`, `<=`, `>` and `>=`.
    pub(crate) fn order(&mut self, op: Order, a: &Value, b: &Value) -> Result<bool> {
        if let Some(ordering) = self.ordering(op, a, b)? {
            return Ok(op.holds(ordering));
        }
        if is_set(a) && is_set(b) {
            let (small, large) = match op {
                Order::Less | Order::LessEqual => (a, b),
                Order::Greater | Order::GreaterEqual => (b, a),
            };
            let fits = match op {
                Order::Less | Order::Greater => small.len() < large.len(),
                Order::LessEqual | Order::GreaterEqual => small.len() <= large.len(),
            };
            return Ok(fits && self.is_subset(small, large)?);
        }
        Err(failed(format!(
            "'{}' not supported between instances of '{}' and '{}'",
            op.symbol(),
            a.type_name(),
            b.type_name()
        )))
    }

    /// `Some(None)` for what can be compared and has no order, such as NaN; `None` for what cannot.
    fn ordering(&mut self, op: Order, a: &Value, b: &Value) -> Result<Option<Option<Ordering>>> {
        match (a, b) {
            (Value::Int(a), Value::Int(b)) => Ok(Some(Some(a.cmp(b)))),
            (Value::Undefined(undefined), _) | (_, Value::Undefined(undefined)) => {
                Err(undefined.error())
            }
            (Value::Str(a), Value::Str(b)) => {
                self.charge(a.len().min(b.len()) / 16)?;
                // UTF-8 sorts as code points do.
                Ok(Some(Some(a.as_str().cmp(b.as_str()))))
            }
            (Value::List(a), Value::List(b)) => {
                self.charge_memory((a.len() + b.len()) * size_of::<Value>())?;
                let (a, b) = (a.items().clone(), b.items().clone());
                self.order_items(op, &a, &b).map(Some)
            }
            (Value::Tuple(a), Value::Tuple(b)) => {
                self.order_items(op, a.items(), b.items()).map(Some)
            }
            _ if a.as_float().is_some() && b.as_float().is_some() => Ok(Some(number_order(a, b))),
            _ => Ok(None),
        }
    }

    fn order_items(&mut self, op: Order, a: &[Value], b: &[Value]) -> Result<Option<Ordering>> {
        self.deeper(|ctx| {
            for (x, y) in a.iter().zip(b) {
                ctx.charge(1)?;
                if ctx.same_or_equal(x, y)? {
                    continue;
                }
                return if ctx.order(op, x, y)? {
                    Ok(Some(match op {
                        Order::Less | Order::LessEqual => Ordering::Less,
                        Order::Greater | Order::GreaterEqual => Ordering::Greater,
                    }))
                } else {
                    Ok(None)
                };
            }
            Ok(Some(a.len().cmp(&b.len())))
        })
    }
}

/// Whether a value compares like a set: the keys and the items of a dict.
fn is_set(value: &Value) -> bool {
    match value {
        Value::Object(object) => matches!(&object.0, Kind::View(view, _) if *view != View::Values),
        _ => false,
    }
}
