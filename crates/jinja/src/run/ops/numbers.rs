//! Arithmetic and order of numbers, as CPython has them.

use std::cmp::Ordering;

use super::pow::pow;
use crate::error::{Error, Result};
use crate::limits::exceeded;
use crate::size;
use crate::syntax::tree::Math;
use crate::value::{Value, failed};

pub(super) fn int_math(op: Math, a: i128, b: i128) -> Result<Value> {
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
pub(crate) fn true_div(a: i128, b: i128) -> f64 {
    const EXACT: u128 = 1 << 53;
    let (x, y) = (a.unsigned_abs(), b.unsigned_abs());
    if x <= EXACT && y <= EXACT {
        return a as f64 / b as f64;
    }
    let (mut quotient, mut rest) = (x / y, x % y);
    let mut shift = 0;
    // Ten bits more than a float keeps; of the remainder only its presence matters.
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

pub(super) fn float_math(op: Math, a: f64, b: f64) -> Result<f64> {
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
            let result = pow(a, b);
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
pub(super) fn exact_int(value: &Value) -> Option<i128> {
    match value {
        Value::Float(value) if value.fract() == 0.0 => size::truncated(*value),
        other => other.as_int(),
    }
}

/// The order of two numbers, exact also between large integers and floats.
pub(super) fn number_order(a: &Value, b: &Value) -> Option<Ordering> {
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
    if float >= size::END {
        return Some(Ordering::Greater);
    }
    if float < -size::END {
        return Some(Ordering::Less);
    }
    let whole = float.floor();
    Some((whole as i128).cmp(&int).then(if float > whole {
        Ordering::Greater
    } else {
        Ordering::Equal
    }))
}

pub(crate) fn too_large() -> Error {
    exceeded("an integer needs more than 128 bits")
}
