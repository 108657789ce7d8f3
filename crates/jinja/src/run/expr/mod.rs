//! Evaluates expressions.

mod calls;

use std::sync::Arc;

use crate::error::{Result, locate};
use crate::library;
use crate::run::ctx::Ctx;
use crate::size;
use crate::syntax::tree::*;
use crate::value::map::Map;
use crate::value::object::CallFrame;
use crate::value::{Missing, Value};

/// Units of a search in a dict that are part of what every operation costs.
const UNPAID: usize = 2;

impl Const {
    fn value(&self) -> Value {
        match self {
            Self::None => Value::None,
            Self::Bool(value) => Value::Bool(*value),
            Self::Int(value) => Value::Int(*value),
            Self::Big(value) => Value::int(*value),
            Self::Float(value) => Value::Float(*value),
            Self::Str(text) => Value::str(Arc::clone(text)),
        }
    }
}

impl<'t> Ctx<'t> {
    /// The value of an expression.
    pub(crate) fn eval(&mut self, expr: &'t Expr) -> Result<Value> {
        match expr {
            Expr::Const(constant) => Ok(constant.value()),
            Expr::Name(name) => Ok(self.variable(name)),
            other => {
                self.charge(1)?;
                self.nested(|ctx| ctx.compound(other))
            }
        }
    }

    fn variable(&mut self, name: &'t Name) -> Value {
        match self.read(name.place) {
            Some(value) => value,
            None => self.undefined(Missing::Name(Arc::clone(&name.name))),
        }
    }

    fn compound(&mut self, expr: &'t Expr) -> Result<Value> {
        match expr {
            Expr::Attribute(node) => {
                if let Some(found) = known_key(&self.frame, node, Value::clone) {
                    self.charge(1 + node.name.len() / 32)
                        .map_err(|error| locate(error, node.pos))?;
                    return Ok(found);
                }
                let value = self.eval(&node.value)?;
                self.get_attr(&value, &node.name)
                    .map_err(|error| locate(error, node.pos))
            }
            Expr::Item(node) => self.eval_item(node),
            Expr::Slice(node) => self.eval_slice(node),
            Expr::Call(node) => self.eval_call(node, None),
            Expr::Filter(node) => self.eval_filter(node),
            Expr::Negate(node) => {
                let value = self.eval(&node.0)?;
                self.negate(&value).map_err(|error| locate(error, node.1))
            }
            Expr::Positive(node) => {
                let value = self.eval(&node.0)?;
                self.positive(&value).map_err(|error| locate(error, node.1))
            }
            Expr::Math(node) => self.eval_math(node),
            Expr::And(node) => {
                let left = self.eval(&node.0)?;
                if self.truth_at(&left, &node.0)? {
                    self.eval(&node.1)
                } else {
                    Ok(left)
                }
            }
            Expr::Or(node) => {
                let left = self.eval(&node.0)?;
                if self.truth_at(&left, &node.0)? {
                    Ok(left)
                } else {
                    self.eval(&node.1)
                }
            }
            Expr::Concat(node) => {
                let values = self.eval_all(&node.0)?;
                let marks = self.concat_marks(&node.0)?;
                self.concat(&values, marks)
                    .map_err(|error| locate(error, node.1))
            }
            Expr::If(node) => self.eval_if(node),
            Expr::List(items) => {
                let items = self.eval_all(items)?;
                self.new_list(items)
            }
            Expr::Tuple(items) => {
                let items = self.eval_all(items)?;
                self.new_tuple(items)
            }
            Expr::Dict(node) => self.eval_dict(node),
            Expr::Not(_) | Expr::Test(_) | Expr::Compare(_) => self.check(expr).map(Value::Bool),
            Expr::Const(constant) => Ok(constant.value()),
            Expr::Name(name) => Ok(self.variable(name)),
        }
    }

    fn eval_all(&mut self, exprs: &'t [Expr]) -> Result<Vec<Value>> {
        let mut values = Vec::with_capacity(exprs.len());
        for expr in exprs {
            values.push(self.eval(expr)?);
        }
        Ok(values)
    }

    fn eval_item(&mut self, node: &'t Item) -> Result<Value> {
        let value = self.eval(&node.value)?;
        let found = match &node.key {
            Expr::Const(Const::Str(name))
                if name.len() <= 64 && matches!(value, Value::Dict(_)) =>
            {
                match &value {
                    Value::Dict(dict) if dict.map().search_units() <= UNPAID => dict.get_str(name),
                    _ => None,
                }
            }
            _ => None,
        };
        if let Some(found) = found {
            return Ok(found);
        }
        let key = self.eval(&node.key)?;
        let found = self
            .get_item(&value, &key)
            .map_err(|error| locate(error, node.pos))?;
        if let Value::Undefined(undefined) = &found
            && let Missing::Element(owner, None) = undefined.what
        {
            let key = self.written(&node.key, &key)?;
            return Ok(self.undefined(Missing::Element(owner, key)));
        }
        Ok(found)
    }

    /// A key as the template writes it: values of inputs stay out of messages.
    fn written(&mut self, expr: &Expr, key: &Value) -> Result<Option<Arc<str>>> {
        Ok(match expr {
            Expr::Name(name) => Some(Arc::clone(&name.name)),
            constant if constant.is_constant() => Some(library::repr(self, key)?.into()),
            _ => None,
        })
    }

    fn eval_slice(&mut self, node: &'t Slice) -> Result<Value> {
        let value = self.eval(&node.value)?;
        let mut parts = [Value::None, Value::None, Value::None];
        let exprs = [&node.start, &node.stop, &node.step];
        for (part, expr) in parts.iter_mut().zip(exprs) {
            if let Some(expr) = expr {
                *part = self.eval(expr)?;
            }
        }
        let [start, stop, step] = &parts;
        self.slice(&value, start, stop, step)
            .map_err(|error| locate(error, node.pos))
    }

    fn eval_math(&mut self, node: &'t Binary) -> Result<Value> {
        let left = self.eval(&node.left)?;
        let right = self.eval(&node.right)?;
        self.math(node.op, &left, &right)
            .map_err(|error| locate(error, node.pos))
    }

    fn eval_if(&mut self, node: &'t Conditional) -> Result<Value> {
        if self.test(&node.test)? {
            return self.eval(&node.then);
        }
        match &node.other {
            Some(other) => self.eval(other),
            // Jinja2 uses its lenient `Undefined` here, whichever kind the environment has.
            None => {
                let hint = format!(
                    "the inline if-expression on line {} evaluated to false and no else section was defined.",
                    node.pos.line
                );
                Ok(Value::undefined(false, Missing::Hint(hint.into())))
            }
        }
    }

    fn eval_dict(&mut self, node: &'t (Vec<(Expr, Expr)>, Pos)) -> Result<Value> {
        let mut map = Map::with_capacity(node.0.len());
        for (key, value) in &node.0 {
            self.charge(1)?;
            let key = self.eval(key)?;
            let value = self.eval(value)?;
            self.charge_key(&key, map.len())?;
            map.insert(key, value)
                .map_err(|error| locate(error, node.1))?;
        }
        self.new_dict(map)
    }

    fn truth_at(&mut self, value: &Value, expr: &'t Expr) -> Result<bool> {
        self.truth(value).map_err(|error| locate(error, expr.pos()))
    }

    /// The truth of an expression, where possible without making its value.
    pub(crate) fn test(&mut self, expr: &'t Expr) -> Result<bool> {
        match expr {
            Expr::Not(_) | Expr::Test(_) | Expr::Compare(_) => {
                self.charge(1)?;
                self.nested(|ctx| ctx.check(expr))
            }
            Expr::And(node) => {
                self.charge(1)?;
                self.nested(|ctx| Ok(ctx.test(&node.0)? && ctx.test(&node.1)?))
            }
            Expr::Or(node) => {
                self.charge(1)?;
                self.nested(|ctx| Ok(ctx.test(&node.0)? || ctx.test(&node.1)?))
            }
            other => {
                let value = self.eval(other)?;
                self.truth_at(&value, other)
            }
        }
    }

    fn check(&mut self, expr: &'t Expr) -> Result<bool> {
        match expr {
            Expr::Not(value) => Ok(!self.test(value)?),
            Expr::Test(node) => self.eval_test(node),
            Expr::Compare(node) => self.eval_compare(node),
            other => self.test(other),
        }
    }

    fn eval_compare(&mut self, node: &'t Compare) -> Result<bool> {
        let mut left = self.eval(&node.first)?;
        for (index, (op, expr)) in node.rest.iter().enumerate() {
            self.charge(index.min(1))?;
            if let (Expr::Const(Const::Str(text)), Value::Str(value)) = (expr, &left)
                && matches!(op, Comparison::Equal | Comparison::NotEqual)
                && node.rest.len() == 1
            {
                let equal = value.as_str() == &**text;
                return Ok(equal == (*op == Comparison::Equal));
            }
            let right = self.eval(expr)?;
            let holds = match op {
                Comparison::Equal => self.equal(&left, &right),
                Comparison::NotEqual => self.equal(&left, &right).map(|equal| !equal),
                Comparison::Order(order) => self.order(*order, &left, &right),
                Comparison::In => self.contains(&right, &left),
                Comparison::NotIn => self.contains(&right, &left).map(|found| !found),
            };
            if !holds.map_err(|error| locate(error, node.pos))? {
                return Ok(false);
            }
            left = right;
        }
        Ok(true)
    }
}

/// The result of `read` on an attribute that is a key of a dict held by a variable of this function.
pub(super) fn known_key<T>(
    frame: &CallFrame,
    node: &Attribute,
    read: impl FnOnce(&Value) -> T,
) -> Option<T> {
    let Expr::Name(name) = &node.value else {
        return None;
    };
    if name.place.up > 0 || !node.is_key {
        return None;
    }
    let slots = frame.slots.borrow();
    let Some(Value::Dict(dict)) = slots.get(size::slot(name.place.slot))? else {
        return None;
    };
    let map = dict.map();
    if map.search_units() > UNPAID {
        return None;
    }
    map.get_str(&node.name).map(read)
}
