//! Python's operators.

use std::cmp::Ordering;

use super::ctx::Ctx;
use super::library;
use super::limits::exceeded;
use super::object::{Kind, View};
use super::value::{Str, Value, failed};
use crate::error::{Error, Result};

/// Arithmetic operators.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Math {
    Add,
    Sub,
    Mul,
    Div,
    FloorDiv,
    Mod,
    Pow,
}

/// Ordering operators.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Order {
    Less,
    LessEqual,
    Greater,
    GreaterEqual,
}

impl Math {
    fn symbol(self) -> &'static str {
        match self {
            Self::Add => "+",
            Self::Sub => "-",
            Self::Mul => "*",
            Self::Div => "/",
            Self::FloorDiv => "//",
            Self::Mod => "%",
            Self::Pow => "** or pow()",
        }
    }
}

impl Order {
    fn holds(self, ordering: Option<Ordering>) -> bool {
        ordering.is_some_and(|ordering| match self {
            Self::Less => ordering.is_lt(),
            Self::LessEqual => ordering.is_le(),
            Self::Greater => ordering.is_gt(),
            Self::GreaterEqual => ordering.is_ge(),
        })
    }

    fn symbol(self) -> &'static str {
        match self {
            Self::Less => "<",
            Self::LessEqual => "<=",
            Self::Greater => ">",
            Self::GreaterEqual => ">=",
        }
    }
}

impl Ctx<'_> {
    /// `a op b`
    pub(super) fn math(&mut self, op: Math, a: &Value, b: &Value) -> Result<Value> {
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

    fn concat_str(&mut self, a: &Str, b: &Str) -> Result<Value> {
        self.charge_memory(a.len() + b.len())?;
        if !a.is_markup() && !b.is_markup() {
            let mut text = String::with_capacity(a.len() + b.len());
            text.push_str(a);
            text.push_str(b);
            return self.new_str(text);
        }
        let mut text = String::new();
        self.push_escaped(a, &mut text)?;
        self.push_escaped(b, &mut text)?;
        Ok(Value::Str(Str::markup(text)))
    }

    fn repeat(&mut self, sequence: &Value, count: i128) -> Result<Value> {
        let count = usize::try_from(count.max(0)).unwrap_or(usize::MAX);
        let (len, unit) = match sequence {
            Value::Str(text) => (text.len(), 1),
            other => (other.len().unwrap_or_default(), size_of::<Value>()),
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
    pub(super) fn negate(&mut self, value: &Value) -> Result<Value> {
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
    pub(super) fn positive(&mut self, value: &Value) -> Result<Value> {
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

    /// `a ~ b ~ …`
    pub(super) fn concat(&mut self, values: &[Value]) -> Result<Value> {
        let markup = self.autoescape
            && values
                .iter()
                .any(|value| matches!(value, Value::Str(text) if text.is_markup()));
        let mut text = String::new();
        if markup {
            for value in values {
                self.write_escaped(value, &mut text)?;
            }
            self.charge_memory(text.len())?;
            return Ok(Value::Str(Str::markup(text)));
        }
        for value in values {
            self.write_str(value, &mut text)?;
        }
        self.new_str(text)
    }

    /// Appends the value as it is printed where escaping is on.
    pub(super) fn write_escaped(&mut self, value: &Value, out: &mut String) -> Result<()> {
        let text = self.str_of(value)?;
        self.push_escaped(&text, out)
    }

    fn push_escaped(&mut self, text: &Str, out: &mut String) -> Result<()> {
        if text.is_markup() {
            self.charge_memory(text.len())?;
            out.push_str(text);
        } else {
            self.charge_memory(text.len() * 2)?;
            escape_into(text, out);
        }
        Ok(())
    }

    /// `a == b`
    pub(super) fn equal(&mut self, a: &Value, b: &Value) -> Result<bool> {
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
                        ctx.charge(1)?;
                        let entry = a.map().entries().get(index).cloned();
                        let Some((key, value)) = entry else {
                            return Ok(true);
                        };
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
                    (Kind::Method(p, f), Kind::Method(q, g)) => {
                        Ok(p.is_same(q) && std::ptr::fn_addr_eq(*f, *g))
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

    fn same_or_equal(&mut self, a: &Value, b: &Value) -> Result<bool> {
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
        if a.len() != b.len() {
            return Ok(false);
        }
        let others = self.collect(b)?;
        let mut iter = self.iter(a)?;
        while let Some(item) = iter.next(self)? {
            if !self.contains_item(&others, &item)? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    fn contains_item(&mut self, items: &[Value], item: &Value) -> Result<bool> {
        for other in items {
            self.charge(1)?;
            if self.same_or_equal(other, item)? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Whether two sequences have equal items.
    pub(super) fn equal_items(&mut self, a: &[Value], b: &[Value]) -> Result<bool> {
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

    /// `a < b` and its like.
    pub(super) fn order(&mut self, op: Order, a: &Value, b: &Value) -> Result<bool> {
        if let Some(ordering) = self.ordering(op, a, b)? {
            return Ok(op.holds(ordering));
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
            (Value::Undefined(undefined), _) | (_, Value::Undefined(undefined)) => {
                Err(undefined.error())
            }
            (Value::Str(a), Value::Str(b)) => {
                self.charge(a.len().min(b.len()) / 16)?;
                // UTF-8 sorts as code points do.
                Ok(Some(Some(a.as_str().cmp(b.as_str()))))
            }
            (Value::List(a), Value::List(b)) => {
                let (a, b) = (a.items().clone(), b.items().clone());
                self.charge_memory((a.len() + b.len()) * size_of::<Value>())?;
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

    /// `item in container`
    pub(super) fn contains(&mut self, container: &Value, item: &Value) -> Result<bool> {
        match container {
            Value::Str(text) => match item {
                Value::Str(part) => {
                    self.charge((text.len() + part.len()) / 8)?;
                    Ok(text.contains(part.as_str()))
                }
                Value::Undefined(undefined) => Err(undefined.error()),
                other => Err(failed(format!(
                    "'in <string>' requires string as left operand, not {}",
                    other.type_name()
                ))),
            },
            Value::Dict(dict) => Ok(dict.map().get(item)?.is_some()),
            Value::Undefined(undefined) => undefined.if_strict().map(|()| false),
            Value::List(list) => {
                let mut index = 0;
                while let Some(other) = list.get(index) {
                    self.charge(1)?;
                    if self.same_or_equal(&other, item)? {
                        return Ok(true);
                    }
                    index += 1;
                }
                Ok(false)
            }
            Value::Tuple(tuple) => self.contains_item(tuple.items(), item),
            Value::Object(object) => match &object.0 {
                Kind::Range(range) => Ok(match exact_int(item) {
                    Some(value) => {
                        let offset = value - i128::from(range.start);
                        let step = i128::from(range.step);
                        offset % step == 0 && (0..range.len() as i128).contains(&(offset / step))
                    }
                    None => false,
                }),
                Kind::View(View::Keys, dict) => Ok(dict.map().get(item)?.is_some()),
                _ => self.contains_iterated(container, item),
            },
            _ => Err(not_a_container(container)),
        }
    }

    fn contains_iterated(&mut self, container: &Value, item: &Value) -> Result<bool> {
        let mut iter = self
            .iter(container)
            .map_err(|_| not_a_container(container))?;
        while let Some(other) = iter.next(self)? {
            if self.same_or_equal(&other, item)? {
                return Ok(true);
            }
        }
        Ok(false)
    }
}

/// `markupsafe.escape` of plain text.
pub(super) fn escape_into(text: &str, out: &mut String) {
    for character in text.chars() {
        match character {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '\'' => out.push_str("&#39;"),
            '"' => out.push_str("&#34;"),
            other => out.push(other),
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

fn not_a_container(value: &Value) -> Error {
    failed(format!(
        "argument of type '{}' is not iterable",
        value.type_name()
    ))
}

fn too_large() -> Error {
    exceeded("an integer needs more than 128 bits")
}

fn int_math(op: Math, a: i128, b: i128) -> Result<Value> {
    let zero = |what: &str| Err(failed(what));
    let result = match op {
        Math::Add => a.checked_add(b),
        Math::Sub => a.checked_sub(b),
        Math::Mul => a.checked_mul(b),
        Math::Div if b == 0 => return zero("division by zero"),
        Math::Div => return Ok(Value::Float(true_div(a, b))),
        Math::FloorDiv | Math::Mod if b == 0 => {
            return zero("integer division or modulo by zero");
        }
        Math::FloorDiv => a.checked_div(b).map(|quotient| {
            let inexact = a.checked_rem(b).unwrap_or_default() != 0;
            quotient - i128::from(inexact && ((a < 0) != (b < 0)))
        }),
        Math::Mod => a.checked_rem(b).map(|rest| {
            if rest != 0 && ((rest < 0) != (b < 0)) {
                rest + b
            } else {
                rest
            }
        }),
        Math::Pow if b < 0 => {
            if a == 0 {
                return zero("0.0 cannot be raised to a negative power");
            }
            return float_math(Math::Pow, a as f64, b as f64).map(Value::Float);
        }
        Math::Pow => match (a, u32::try_from(b)) {
            (0 | 1, _) => Some(if b == 0 { 1 } else { a }),
            (-1, _) => Some(if b % 2 == 0 { 1 } else { -1 }),
            (_, Ok(exponent)) => a.checked_pow(exponent),
            (_, Err(_)) => None,
        },
    };
    result.map(Value::int).ok_or_else(too_large)
}

/// True division of integers, correctly rounded as in Python.
fn true_div(a: i128, b: i128) -> f64 {
    const EXACT: u128 = 1 << 53;
    let (x, y) = (a.unsigned_abs(), b.unsigned_abs());
    if x <= EXACT && y <= EXACT {
        return a as f64 / b as f64;
    }
    let (mut quotient, mut rest) = (x / y, x % y);
    let mut shift = 0;
    // Ten bits more than a float keeps; what is left over only counts as being there.
    while quotient != 0 && quotient < 1 << 63 || quotient == 0 && rest != 0 {
        rest *= 2;
        quotient = quotient * 2 + u128::from(rest >= y);
        if rest >= y {
            rest -= y;
        }
        shift += 1;
    }
    let magnitude = (quotient | u128::from(rest != 0)) as f64 * 2_f64.powi(-shift);
    if (a < 0) == (b < 0) {
        magnitude
    } else {
        -magnitude
    }
}

fn float_math(op: Math, a: f64, b: f64) -> Result<f64> {
    Ok(match op {
        Math::Add => a + b,
        Math::Sub => a - b,
        Math::Mul => a * b,
        Math::Div if b == 0.0 => return Err(failed("float division by zero")),
        Math::Div => a / b,
        Math::FloorDiv if b == 0.0 => {
            return Err(failed("float floor division by zero"));
        }
        Math::Mod if b == 0.0 => return Err(failed("float modulo")),
        Math::FloorDiv => float_divmod(a, b).0,
        Math::Mod => float_divmod(a, b).1,
        Math::Pow if a == 0.0 && b < 0.0 => {
            return Err(failed("0.0 cannot be raised to a negative power"));
        }
        Math::Pow if a < 0.0 && a.is_finite() && b.is_finite() && b.fract() != 0.0 => {
            return Err(failed("the result is a complex number"));
        }
        Math::Pow => {
            let result = a.powf(b);
            if result.is_infinite() && a.is_finite() && b.is_finite() {
                return Err(failed("(34, 'Numerical result out of range')"));
            }
            result
        }
    })
}

/// CPython's `float_divmod`.
fn float_divmod(a: f64, b: f64) -> (f64, f64) {
    let mut rest = a % b;
    let mut quotient = (a - rest) / b;
    if rest != 0.0 {
        if (b < 0.0) != (rest < 0.0) {
            rest += b;
            quotient -= 1.0;
        }
    } else {
        rest = 0.0_f64.copysign(b);
    }
    let floor = if quotient == 0.0 {
        0.0_f64.copysign(a / b)
    } else {
        let floor = quotient.floor();
        if quotient - floor > 0.5 {
            floor + 1.0
        } else {
            floor
        }
    };
    (floor, rest)
}

/// The integer that a number is equal to.
fn exact_int(value: &Value) -> Option<i128> {
    match value {
        Value::Float(value) if value.fract() == 0.0 && value.abs() < 1e38 => Some(*value as i128),
        other => other.as_int(),
    }
}

/// The order of two numbers, exact also between large integers and floats.
fn number_order(a: &Value, b: &Value) -> Option<Ordering> {
    match (a, b) {
        (Value::Float(a), Value::Float(b)) => a.partial_cmp(b),
        (Value::Float(float), other) => float_to_int(*float, other.as_int()?),
        (other, Value::Float(float)) => {
            float_to_int(*float, other.as_int()?).map(Ordering::reverse)
        }
        _ => Some(a.as_int()?.cmp(&b.as_int()?)),
    }
}

fn float_to_int(float: f64, int: i128) -> Option<Ordering> {
    if float.is_nan() {
        return None;
    }
    if float >= 1.7e38 {
        return Some(Ordering::Greater);
    }
    if float <= -1.7e38 {
        return Some(Ordering::Less);
    }
    let whole = float.floor();
    Some((whole as i128).cmp(&int).then(if float > whole {
        Ordering::Greater
    } else {
        Ordering::Equal
    }))
}
