//! `format(value, spec)`.

use super::float::{self, FloatStyle};
use super::spec::{self, Number, Spec};
use super::{print, str_edit};
use crate::error::Result;
use crate::run::ctx::Ctx;
use crate::value::{Str, Value, failed};

/// `format(value, spec)`, paid for before the text is made.
pub(crate) fn format_value(ctx: &mut Ctx<'_>, value: &Value, spec: &str) -> Result<String> {
    if spec.is_empty() {
        let mut out = String::new();
        print::write_str(ctx, value, &mut out)?;
        return Ok(out);
    }
    ctx.charge_memory(spec.len().saturating_mul(4))?;
    match value {
        Value::Str(text) => format_text(ctx, text, &parse(spec)?),
        Value::Float(number) => format_float(ctx, *number, &parse(spec)?),
        Value::Bool(_) | Value::Int(_) | Value::Big(_) => {
            let number = value.as_int().unwrap_or_default();
            format_int(ctx, number, &parse(spec)?)
        }
        Value::Undefined(undefined) if undefined.strict => Err(undefined.error()),
        other => Err(failed(format!(
            "unsupported format string passed to {}.__format__",
            other.type_name()
        ))),
    }
}

fn parse(text: &str) -> Result<Spec> {
    spec::parse(text).map_err(failed)
}

fn format_text(ctx: &mut Ctx<'_>, text: &Str, spec: &Spec) -> Result<String> {
    if !matches!(spec.kind, None | Some('s')) {
        return Err(failed("unknown format code for object of type 'str'"));
    }
    if spec.sign.is_some()
        || spec.alternate
        || spec.no_negative_zero
        || spec.grouping.is_some()
        || spec.align == Some('=')
    {
        return Err(failed("a format option that strings do not have"));
    }
    ctx.charge_memory(spec::cost(spec, text.len()))?;
    let kept = match spec.precision {
        Some(precision) => str_edit::head(text, precision),
        None => text.as_str(),
    };
    Ok(spec::layout_text(spec, kept, kept.chars().count()))
}

fn format_int(ctx: &mut Ctx<'_>, number: i128, spec: &Spec) -> Result<String> {
    let radix_prefix = match spec.kind {
        None | Some('d' | 'n') => "",
        Some('b') => "0b",
        Some('o') => "0o",
        Some('x') => "0x",
        Some('X') => "0X",
        Some('c') => return format_char(ctx, number, spec),
        Some('e' | 'E' | 'f' | 'F' | 'g' | 'G' | '%') => {
            return format_float(ctx, number as f64, spec);
        }
        Some(_) => return Err(failed("unknown format code for object of type 'int'")),
    };
    if spec.precision.is_some() {
        return Err(failed("Precision not allowed in integer format specifier"));
    }
    if spec.no_negative_zero {
        return Err(failed(
            "Negative zero coercion (z) not allowed in format specifier with integer",
        ));
    }
    ctx.charge_memory(spec::cost(spec, 130))?;
    let magnitude = number.unsigned_abs();
    let digits = in_radix(magnitude, spec.kind);
    let number = Number {
        negative: number < 0,
        prefix: if spec.alternate { radix_prefix } else { "" },
        digits: &digits,
        rest: "",
    };
    Ok(spec::layout_number(spec, &number))
}

/// Digits in the radix of `b`, `o`, `x`, `X`, else decimal.
pub(crate) fn in_radix(magnitude: u128, kind: Option<char>) -> String {
    match kind {
        Some('b') => format!("{magnitude:b}"),
        Some('o') => format!("{magnitude:o}"),
        Some('x') => format!("{magnitude:x}"),
        Some('X') => format!("{magnitude:X}"),
        _ => magnitude.to_string(),
    }
}

fn format_char(ctx: &mut Ctx<'_>, number: i128, spec: &Spec) -> Result<String> {
    if spec.sign.is_some() || spec.alternate || spec.precision.is_some() {
        return Err(failed("a format option that 'c' does not have"));
    }
    let found = u32::try_from(number).ok().and_then(char::from_u32);
    let c = found.ok_or_else(|| failed("%c arg not in range(0x110000)"))?;
    ctx.charge_memory(spec::cost(spec, 4))?;
    let text = c.to_string();
    let number = Number {
        digits: &text,
        ..Number::default()
    };
    let spec = Spec {
        align: spec.align.or(if spec.zero { None } else { Some('<') }),
        ..*spec
    };
    Ok(spec::layout_number(&spec, &number))
}

fn format_float(ctx: &mut Ctx<'_>, number: f64, spec: &Spec) -> Result<String> {
    let style = match spec.kind {
        None => FloatStyle::Default,
        Some('e' | 'E') => FloatStyle::Exponent,
        Some('f' | 'F' | '%') => FloatStyle::Fixed,
        Some('g' | 'G' | 'n') => FloatStyle::General,
        Some(_) => return Err(failed("unknown format code for object of type 'float'")),
    };
    let precision = spec.precision.unwrap_or(6);
    ctx.charge_memory(spec::cost(spec, precision.saturating_add(400)))?;
    ctx.charge(float::cost(number, precision))?;
    let percent = spec.kind == Some('%');
    let number = if percent { number * 100.0 } else { number };
    let magnitude = number.abs();
    let mut text = match (spec.kind, spec.precision) {
        (None, None) => float::repr(magnitude),
        _ => float::format(magnitude, style, precision, spec.alternate),
    };
    if matches!(spec.kind, Some('E' | 'F' | 'G')) {
        text.make_ascii_uppercase();
    }
    if percent {
        text.push('%');
    }
    let end = if number.is_finite() {
        text.find(|c: char| !c.is_ascii_digit())
    } else {
        None
    };
    let (digits, rest) = text
        .split_at_checked(end.unwrap_or(text.len()))
        .unwrap_or((&text, ""));
    let is_zero = || !text.bytes().any(|b| matches!(b, b'1'..=b'9'));
    let negative = number.is_sign_negative()
        && !number.is_nan()
        && !(spec.no_negative_zero && number.is_finite() && is_zero());
    let grouping = spec.grouping.filter(|_| number.is_finite());
    let spec = Spec { grouping, ..*spec };
    Ok(spec::layout_number(
        &spec,
        &Number {
            negative,
            prefix: "",
            digits,
            rest,
        },
    ))
}
