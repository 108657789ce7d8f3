//! Filters on numbers.

use super::float;
use super::params::{flag, given, integer};
use crate::error::Result;
use crate::run::ctx::Ctx;
use crate::run::ops::{too_large, true_div};
use crate::size::{self, truncated};
use crate::syntax::tree::Math;
use crate::text::unicode;
use crate::value::args::Args;
use crate::value::{Value, failed};

/// `int(text, base)`: `None` where Python raises `ValueError`.
pub(crate) fn parse_int(text: &str, base: u32) -> Result<Option<Value>> {
    let text = text.trim_matches(unicode::is_space);
    let (negative, digits) = match text.strip_prefix('-') {
        Some(digits) => (true, digits),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    let mut base = base;
    let mut digits = digits;
    let mut prefixed = false;
    for (names, radix) in [(["0x", "0X"], 16), (["0o", "0O"], 8), (["0b", "0B"], 2)] {
        let stripped = names.iter().find_map(|name| digits.strip_prefix(name));
        if let Some(rest) = stripped.filter(|_| base == 0 || base == radix) {
            (base, digits, prefixed) = (radix, rest, true);
            break;
        }
    }
    if base == 0 {
        base = 10;
        let zeros = digits.chars().all(|c| matches!(c, '0' | '_'));
        if digits.starts_with('0') && !zeros {
            return Ok(None);
        }
    }
    if !(2..=36).contains(&base) {
        return Ok(None);
    }
    let mut value: i128 = 0;
    // An underscore stands between two digits, or behind the prefix.
    let mut digit_before = prefixed;
    let mut any = false;
    for c in digits.chars() {
        if c == '_' && digit_before {
            digit_before = false;
            continue;
        }
        let digit = c.to_digit(36).or_else(|| unicode::decimal(c));
        let Some(digit) = digit.filter(|digit| *digit < base) else {
            return Ok(None);
        };
        value = value
            .checked_mul(i128::from(base))
            .and_then(|value| value.checked_add(i128::from(digit)))
            .ok_or_else(too_large)?;
        (digit_before, any) = (true, true);
    }
    let valid = any && digit_before;
    Ok(valid.then(|| Value::int(if negative { -value } else { value })))
}

/// `int(float)`: towards zero.
fn truncate(number: f64) -> Result<Value> {
    truncated(number).map(Value::int).ok_or_else(too_large)
}

/// `int(default=0, base=10)`
pub(crate) fn int(ctx: &mut Ctx<'_>, value: Value, args: Args) -> Result<Value> {
    let [default, base] = args.bind("int", ["default", "base"], 0)?;
    let default = default.unwrap_or(Value::Int(0));
    match &value {
        Value::Undefined(undefined) => Err(undefined.error()),
        Value::Str(text) => {
            // An invalid base is an error that Jinja2 catches.
            let base = base.map_or(Some(10), |base| base.as_int());
            let base = base.and_then(|base| u32::try_from(base).ok());
            ctx.charge(4 * text.len())?;
            if let Some(found) = parse_int(text, base.unwrap_or(1))? {
                return Ok(found);
            }
            match float::parse(text) {
                Some(number) if number.is_finite() => truncate(number),
                _ => Ok(default),
            }
        }
        Value::Float(number) if number.is_nan() => Ok(default),
        Value::Float(number) if number.is_infinite() => {
            Err(failed("cannot convert float infinity to integer"))
        }
        Value::Float(number) => truncate(*number),
        other => Ok(other.as_int().map_or(default, Value::int)),
    }
}

/// `float(default=0.0)`
pub(crate) fn to_float(ctx: &mut Ctx<'_>, value: Value, args: Args) -> Result<Value> {
    let [default] = args.bind("float", ["default"], 0)?;
    if let Value::Undefined(undefined) = &value {
        return Err(undefined.error());
    }
    Ok(match float_of(ctx, &value)? {
        Some(number) => Value::Float(number),
        None => default.unwrap_or(Value::Float(0.0)),
    })
}

/// Python's `float(value)`, where there is one.
fn float_of(ctx: &mut Ctx<'_>, value: &Value) -> Result<Option<f64>> {
    match value {
        Value::Str(text) => {
            ctx.charge(8 * text.len())?;
            Ok(float::parse(text))
        }
        other => Ok(other.as_float()),
    }
}

/// `abs`
pub(crate) fn abs(_: &mut Ctx<'_>, value: Value, args: Args) -> Result<Value> {
    let [] = args.bind("abs", [], 0)?;
    match &value {
        Value::Undefined(undefined) => Err(undefined.error()),
        Value::Float(number) => Ok(Value::Float(number.abs())),
        other => match other.as_int() {
            Some(number) => Ok(Value::int(number.checked_abs().ok_or_else(too_large)?)),
            None => Err(failed(format!(
                "bad operand type for abs(): '{}'",
                value.type_name()
            ))),
        },
    }
}

/// `round(precision=0, method='common')`
pub(crate) fn round(ctx: &mut Ctx<'_>, value: Value, args: Args) -> Result<Value> {
    let [precision, method] = args.bind("round", ["precision", "method"], 0)?;
    ctx.charge(4)?;
    let method = method.unwrap_or_else(|| "common".into());
    let precision = precision.unwrap_or(Value::Int(0));
    if let Value::Undefined(undefined) = &value {
        return Err(undefined.error());
    }
    match method.as_str() {
        Some("common") => common(ctx, &value, &precision),
        Some("ceil") => directed(ctx, &value, &precision, f64::ceil),
        Some("floor") => directed(ctx, &value, &precision, f64::floor),
        _ => Err(failed("method must be common, ceil or floor")),
    }
}

fn common(ctx: &mut Ctx<'_>, value: &Value, precision: &Value) -> Result<Value> {
    if let Value::Float(number) = value {
        let digits = precision.as_int().unwrap_or_default();
        ctx.charge(float::cost(*number, size::clamped(digits)))?;
        if matches!(precision, Value::None) {
            return match float::round(*number, 0) {
                Some(rounded) if rounded.is_finite() => truncate(rounded),
                _ => Err(failed("cannot convert float NaN or infinity to integer")),
            };
        }
        let rounded = float::round(*number, integer(precision)?);
        return rounded
            .map(Value::Float)
            .ok_or_else(|| failed("rounded value too large to represent"));
    }
    let Some(number) = value.as_int() else {
        return Err(failed(format!(
            "type {} doesn't define __round__ method",
            value.type_name()
        )));
    };
    let digits = match precision {
        Value::None => 0,
        other => integer(other)?,
    };
    if digits >= 0 {
        return Ok(Value::int(number));
    }
    // Half to even, in integers.
    let unit = u32::try_from(digits.unsigned_abs())
        .ok()
        .and_then(|digits| 10_i128.checked_pow(digits));
    let Some(unit) = unit else {
        return Ok(Value::Int(0));
    };
    let (quotient, rest) = (number.div_euclid(unit), number.rem_euclid(unit));
    let up = rest > unit - rest || (rest == unit - rest && quotient % 2 != 0);
    (quotient + i128::from(up))
        .checked_mul(unit)
        .map(Value::int)
        .ok_or_else(too_large)
}

/// `func(value * 10**precision) / 10**precision`
fn directed(
    ctx: &mut Ctx<'_>,
    value: &Value,
    precision: &Value,
    direction: fn(f64) -> f64,
) -> Result<Value> {
    let factor = ctx.math(Math::Pow, &Value::Int(10), precision)?;
    let scaled = match ctx.math(Math::Mul, value, &factor)? {
        Value::Float(number) if number.is_finite() => {
            let rounded = direction(number);
            // The result is an `int` in Python, which has no negative zero.
            if let Some(rounded) = truncated(rounded) {
                Value::int(rounded)
            } else if let Some(factor) = factor.as_int() {
                // An integer of more than 128 bits is divided without its lowest bits, which are all zero.
                let mut scale = 1_048_576.0;
                let scaled = loop {
                    match truncated(rounded / scale) {
                        Some(scaled) => break scaled,
                        None => scale *= 1_048_576.0,
                    }
                };
                return Ok(Value::Float(true_div(scaled, factor) * scale));
            } else {
                Value::Float(rounded)
            }
        }
        Value::Float(_) => return Err(failed("cannot convert float NaN or infinity to integer")),
        other if other.as_int().is_some() => other,
        other => {
            return Err(failed(format!(
                "must be real number, not {}",
                other.type_name()
            )));
        }
    };
    ctx.math(Math::Div, &scaled, &factor)
}

/// `filesizeformat(binary=False)`
pub(crate) fn filesizeformat(ctx: &mut Ctx<'_>, value: Value, args: Args) -> Result<Value> {
    let [binary] = args.bind("filesizeformat", ["binary"], 0)?;
    ctx.charge(24)?;
    let binary = flag(ctx, given(binary), false)?;
    if let Value::Undefined(undefined) = &value {
        return Err(undefined.error());
    }
    let Some(bytes) = float_of(ctx, &value)? else {
        return Err(failed("could not convert to float"));
    };
    let base: f64 = if binary { 1024.0 } else { 1000.0 };
    if bytes == 1.0 {
        return Ok("1 Byte".into());
    }
    if bytes < base {
        let mut text = String::new();
        super::print::write_str(ctx, &truncate(bytes)?, &mut text)?;
        text.push_str(" Bytes");
        return Ok(text.into());
    }
    let prefixes = if binary {
        ["KiB", "MiB", "GiB", "TiB", "PiB", "EiB", "ZiB", "YiB"]
    } else {
        ["kB", "MB", "GB", "TB", "PB", "EB", "ZB", "YB"]
    };
    // Integers in Python: a power of them is rounded once.
    let step: i128 = if binary { 1024 } else { 1000 };
    let mut unit = step * step;
    let mut chosen = "";
    for (index, prefix) in prefixes.iter().enumerate() {
        chosen = prefix;
        let fits = !bytes.is_nan() && (bytes.floor() as i128) < unit;
        if fits || index + 1 == prefixes.len() {
            break;
        }
        unit *= step;
    }
    ctx.charge(float::cost(bytes, 1))?;
    let amount = float::format(
        base * bytes / unit as f64,
        float::FloatStyle::Fixed,
        1,
        false,
    );
    Ok(format!("{amount} {chosen}").into())
}
