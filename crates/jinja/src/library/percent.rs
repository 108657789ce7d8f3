//! `text % argument`.

use super::float::{self, FloatStyle};
use super::printf::{self, Amount, Conversion, FormatPiece};
use super::{format_value::in_radix, html, params, print, str_edit};
use crate::error::Result;
use crate::run::ctx::Ctx;
use crate::run::ops::too_large;
use crate::size;
use crate::size::truncated;
use crate::value::{Str, Value, failed};

/// `format % argument`; a `Markup` escapes what it takes in.
pub(crate) fn percent(ctx: &mut Ctx<'_>, format: &Str, argument: &Value) -> Result<Value> {
    // A piece takes at least two bytes of the format.
    let pieces = format.bytes().filter(|b| *b == b'%').count();
    ctx.charge(format.len() / 8 + pieces)?;
    ctx.charge_memory(pieces.saturating_mul(2 * size_of::<FormatPiece<'_>>()))?;
    let mut arguments = FormatArguments { argument, next: 0 };
    let mut out = String::new();
    for piece in printf::parse(format).map_err(failed)? {
        match piece {
            FormatPiece::Text(text) => {
                ctx.charge_memory(text.len())?;
                out.push_str(text);
            }
            FormatPiece::Conversion(conversion) => {
                convert(
                    ctx,
                    &conversion,
                    &mut arguments,
                    format.is_markup(),
                    &mut out,
                )?;
            }
        }
    }
    arguments.finish()?;
    Ok(params::marked(format.is_markup(), out))
}

struct FormatArguments<'a> {
    argument: &'a Value,
    next: usize,
}

impl FormatArguments<'_> {
    fn next(&mut self) -> Result<Value> {
        let found = match self.argument {
            Value::Tuple(tuple) => tuple.items().get(self.next).cloned(),
            other => (self.next == 0).then(|| other.clone()),
        };
        self.next += 1;
        found.ok_or_else(|| failed("not enough arguments for format string"))
    }

    fn named(&self, name: &str) -> Result<Value> {
        match self.argument {
            Value::Dict(dict) => dict
                .get_str(name)
                .ok_or_else(|| failed("a format key that is not in the mapping")),
            Value::Undefined(undefined) => Err(undefined.error()),
            _ => Err(failed("format requires a mapping")),
        }
    }

    /// A tuple must be used up, and so must a single value that is no container.
    fn finish(&self) -> Result<()> {
        let left = match self.argument {
            Value::Tuple(tuple) => self.next < tuple.len(),
            Value::Dict(_) | Value::List(_) | Value::Undefined(_) => false,
            Value::Object(object) => object.type_name() != "range" && self.next == 0,
            _ => self.next == 0,
        };
        if left {
            return Err(failed(
                "not all arguments converted during string formatting",
            ));
        }
        Ok(())
    }
}

fn convert(
    ctx: &mut Ctx<'_>,
    spec: &Conversion<'_>,
    arguments: &mut FormatArguments<'_>,
    escape: bool,
    out: &mut String,
) -> Result<()> {
    let mut amount = |amount: Option<Amount>| -> Result<Option<i64>> {
        match amount {
            None => Ok(None),
            Some(Amount::Fixed(number)) => Ok(Some(number)),
            Some(Amount::Next) => match arguments.next()? {
                value @ (Value::Int(_) | Value::Big(_) | Value::Bool(_)) => {
                    params::index(&value).map(Some)
                }
                _ => Err(failed("* wants int")),
            },
        }
    };
    let width = amount(spec.width)?.unwrap_or(0);
    let precision = match amount(spec.precision)?.map(i32::try_from) {
        Some(Ok(precision)) => Some(size::clamped(precision)),
        Some(Err(_)) => return Err(failed("precision too big")),
        None => None,
    };
    if spec.kind == '%' {
        out.push('%');
        return Ok(());
    }
    let left = spec.left || width < 0;
    let width = size::clamped(width.unsigned_abs());
    let value = match spec.name {
        Some(name) => arguments.named(name)?,
        None => arguments.next()?,
    };
    let (text, numeric) = match spec.kind {
        's' | 'r' | 'a' => (text_of(ctx, spec.kind, &value, precision, escape)?, false),
        'c' => (character(&value)?, false),
        'd' | 'i' | 'u' | 'o' | 'x' | 'X' => (integer_of(ctx, spec, &value, precision)?, true),
        'e' | 'E' | 'f' | 'F' | 'g' | 'G' => (float_of(ctx, spec, &value, precision)?, true),
        _ => return Err(failed("unsupported format character")),
    };
    pad(ctx, spec, &text, numeric, width, left, out)
}

fn pad(
    ctx: &mut Ctx<'_>,
    spec: &Conversion<'_>,
    text: &str,
    numeric: bool,
    width: usize,
    left: bool,
    out: &mut String,
) -> Result<()> {
    let sign = match text.bytes().next() {
        Some(b'-') => "-",
        Some(_) if numeric && spec.plus => "+",
        Some(_) if numeric && spec.space => " ",
        _ => "",
    };
    let (sign, body) = match numeric {
        true => (sign, text.strip_prefix('-').unwrap_or(text)),
        false => ("", text),
    };
    let missing = width.saturating_sub(sign.len() + body.chars().count());
    ctx.charge(missing / 16)?;
    ctx.charge_memory(text.len().saturating_add(missing).saturating_add(1))?;
    let zeros = numeric && spec.zero && !left;
    if !left && !zeros {
        out.extend(std::iter::repeat_n(' ', missing));
    }
    out.push_str(sign);
    let mut body = body;
    if zeros {
        // The prefix stays before the zeros.
        let prefixed = spec.alternate && matches!(spec.kind, 'o' | 'x' | 'X');
        if let Some((prefix, digits)) = body.split_at_checked(2).filter(|_| prefixed) {
            out.push_str(prefix);
            body = digits;
        }
        out.extend(std::iter::repeat_n('0', missing));
    }
    out.push_str(body);
    if left {
        out.extend(std::iter::repeat_n(' ', missing));
    }
    Ok(())
}

fn text_of(
    ctx: &mut Ctx<'_>,
    kind: char,
    value: &Value,
    precision: Option<usize>,
    escape: bool,
) -> Result<String> {
    let mut text = String::new();
    match kind {
        's' if escape => text.push_str(&html::escaped(ctx, value)?),
        's' => print::write_str(ctx, value, &mut text)?,
        _ => print::write_repr(ctx, value, &mut text)?,
    }
    if kind == 'a' {
        text = super::format_method::ascii(ctx, &text)?;
    }
    if escape && kind != 's' {
        text = html::escaped(ctx, &Value::from(text))?.as_str().to_owned();
    }
    if let Some(precision) = precision {
        let kept = str_edit::head(&text, precision).len();
        text.truncate(kept);
    }
    Ok(text)
}

fn character(value: &Value) -> Result<String> {
    if let Value::Str(text) = value {
        return match text.char_len() {
            1 => Ok(text.as_str().to_owned()),
            _ => Err(failed("%c requires int or char")),
        };
    }
    let number = value
        .as_int()
        .ok_or_else(|| failed("%c requires int or char"))?;
    let found = u32::try_from(number).ok().and_then(char::from_u32);
    found
        .map(String::from)
        .ok_or_else(|| failed("%c arg not in range(0x110000)"))
}

fn integer_of(
    ctx: &mut Ctx<'_>,
    spec: &Conversion<'_>,
    value: &Value,
    precision: Option<usize>,
) -> Result<String> {
    let number = match value {
        Value::Float(number) if matches!(spec.kind, 'd' | 'i' | 'u') => {
            if !number.is_finite() {
                return Err(failed("cannot convert float NaN or infinity to integer"));
            }
            truncated(*number).ok_or_else(too_large)?
        }
        Value::Undefined(undefined) => return Err(undefined.error()),
        other => other.as_int().ok_or_else(|| {
            failed(format!(
                "%{} format: a number is required, not {}",
                spec.kind,
                other.type_name()
            ))
        })?,
    };
    let mut digits = in_radix(number.unsigned_abs(), Some(spec.kind));
    let missing = precision.unwrap_or(0).saturating_sub(digits.len());
    ctx.charge_memory(missing.saturating_add(digits.len()))?;
    if missing > 0 {
        digits.insert_str(0, &"0".repeat(missing));
    }
    let prefix = match spec.kind {
        'o' if spec.alternate => "0o",
        'x' if spec.alternate => "0x",
        'X' if spec.alternate => "0X",
        _ => "",
    };
    let sign = if number < 0 { "-" } else { "" };
    Ok(format!("{sign}{prefix}{digits}"))
}

fn float_of(
    ctx: &mut Ctx<'_>,
    spec: &Conversion<'_>,
    value: &Value,
    precision: Option<usize>,
) -> Result<String> {
    if let Value::Undefined(undefined) = value {
        return Err(undefined.error());
    }
    let number = value
        .as_float()
        .ok_or_else(|| failed(format!("must be real number, not {}", value.type_name())))?;
    let style = match spec.kind {
        'e' | 'E' => FloatStyle::Exponent,
        'f' | 'F' => FloatStyle::Fixed,
        _ => FloatStyle::General,
    };
    let precision = precision.unwrap_or(6);
    ctx.charge_memory(precision.saturating_add(330).saturating_mul(2))?;
    ctx.charge(float::cost(number, precision))?;
    let mut text = float::format(number, style, precision, spec.alternate);
    if spec.kind.is_ascii_uppercase() {
        text.make_ascii_uppercase();
    }
    Ok(text)
}
