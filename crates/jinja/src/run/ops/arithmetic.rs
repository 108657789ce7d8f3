//! `+ - * / // % **` of any two values.

use super::numbers::{float_math, int_math, too_large};
use crate::error::Result;
use crate::library;
use crate::limits::exceeded;
use crate::run::ctx::Ctx;
use crate::size;
use crate::syntax::tree::Math;
use crate::value::{Str, Value, failed};

/// Units of work that a power takes.
const POWER: usize = 4;

impl Ctx<'_> {
    /// `a op b`
    pub(crate) fn math(&mut self, op: Math, a: &Value, b: &Value) -> Result<Value> {
        if let (Value::Int(a), Value::Int(b)) = (a, b) {
            let fast = match op {
                Math::Add => a.checked_add(*b),
                Math::Sub => a.checked_sub(*b),
                Math::Mul => a.checked_mul(*b),
                _ => None,
            };
            if let Some(result) = fast {
                return Ok(Value::Int(result));
            }
        }
        if op == Math::Pow {
            self.charge(POWER)?;
        }
        if let (Some(a), Some(b)) = (a.as_int(), b.as_int()) {
            return int_math(op, a, b);
        }
        if let (Some(a), Some(b)) = (a.as_float(), b.as_float()) {
            return float_math(op, a, b).map(Value::Float);
        }
        match (op, a, b) {
            (Math::Mod, Value::Str(format), _) => library::percent(self, format, b),
            (_, Value::Undefined(undefined), _) | (_, _, Value::Undefined(undefined)) => {
                Err(undefined.error())
            }
            (Math::Add, Value::Str(a), Value::Str(b)) => self.concat_str(a, b),
            (Math::Add, Value::List(a), Value::List(b)) => {
                let (a, b) = (a.items(), b.items());
                self.charge(a.len() + b.len())?;
                self.charge_memory((a.len() + b.len()) * size_of::<Value>())?;
                let items = a.iter().chain(b.iter()).cloned().collect();
                Ok(Value::list(items))
            }
            (Math::Add, Value::Tuple(a), Value::Tuple(b)) => {
                self.charge(a.len() + b.len())?;
                self.charge_memory((a.len() + b.len()) * size_of::<Value>())?;
                Ok(Value::tuple(
                    a.items().iter().chain(b.items()).cloned().collect(),
                ))
            }
            (Math::Mul, sequence, count) | (Math::Mul, count, sequence)
                if count.as_int().is_some() && is_sequence(sequence) =>
            {
                self.repeat(sequence, count.as_int().unwrap_or_default())
            }
            _ => Err(failed(format!(
                "unsupported operand type(s) for {}: '{}' and '{}'",
                op.symbol(),
                a.type_name(),
                b.type_name()
            ))),
        }
    }

    fn repeat(&mut self, sequence: &Value, count: i128) -> Result<Value> {
        let count = i64::try_from(count)
            .map_err(|_| failed("cannot fit 'int' into an index-sized integer"))?;
        let count = size::clamped(count);
        let (len, unit) = match sequence {
            Value::Str(text) => (text.len(), 1),
            other => (
                size::clamped(self.counted(other)?.unwrap_or_default()),
                size_of::<Value>(),
            ),
        };
        let total = len
            .checked_mul(count)
            .filter(|total| total.checked_mul(unit).is_some())
            .ok_or_else(|| exceeded("a repetition needs more memory than allowed"))?;
        self.charge_memory(total.saturating_mul(unit))?;
        Ok(match sequence {
            Value::Str(text) => Value::Str(if text.is_markup() {
                Str::markup(text.repeat(count))
            } else {
                Str::new(text.repeat(count))
            }),
            Value::List(list) => {
                self.charge(total)?;
                let items = list.items();
                Value::list(repeat_items(&items, count, total))
            }
            Value::Tuple(tuple) => {
                self.charge(total)?;
                Value::tuple(repeat_items(tuple.items(), count, total))
            }
            other => other.clone(),
        })
    }

    /// `-value`
    pub(crate) fn negate(&mut self, value: &Value) -> Result<Value> {
        match value {
            Value::Undefined(undefined) => Err(undefined.error()),
            Value::Float(value) => Ok(Value::Float(-value)),
            other => match other.as_int() {
                Some(value) => value.checked_neg().map(Value::int).ok_or_else(too_large),
                None => Err(failed(format!(
                    "bad operand type for unary -: '{}'",
                    other.type_name()
                ))),
            },
        }
    }

    /// `+value`
    pub(crate) fn positive(&mut self, value: &Value) -> Result<Value> {
        match value {
            Value::Undefined(undefined) => Err(undefined.error()),
            Value::Float(value) => Ok(Value::Float(*value)),
            other => other.as_int().map(Value::int).ok_or_else(|| {
                failed(format!(
                    "bad operand type for unary +: '{}'",
                    other.type_name()
                ))
            }),
        }
    }
}

fn repeat_items(items: &[Value], count: usize, total: usize) -> Vec<Value> {
    let mut repeated = Vec::with_capacity(total);
    if !items.is_empty() {
        for _ in 0..count {
            repeated.extend_from_slice(items);
        }
    }
    repeated
}

fn is_sequence(value: &Value) -> bool {
    matches!(value, Value::Str(_) | Value::List(_) | Value::Tuple(_))
}
