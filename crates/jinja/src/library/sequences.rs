//! Filters on sequences that read at most one attribute.

use std::rc::Rc;

use super::later::later;
use super::params::{count, given, integer};
use super::select::Path;
use super::{html, print::soft_str};
use crate::error::Result;
use crate::run::ctx::Ctx;
use crate::run::iter::Iter;
use crate::size;
use crate::syntax::tree::Math;
use crate::value::args::Args;
use crate::value::object::{Kind, View};
use crate::value::{Missing, Str, Value, failed};

/// `length`, `count`
pub(crate) fn length(ctx: &mut Ctx<'_>, value: Value, args: Args) -> Result<Value> {
    let [] = args.bind("len", [], 0)?;
    match (&value, ctx.counted(&value)?) {
        (_, Some(length)) => Ok(Value::Int(length)),
        (Value::Undefined(undefined), None) => Err(undefined.error()),
        (Value::Object(object), None) if let Kind::Loop(state) = &object.0 => {
            Ok(Value::Int(state.length(ctx)?))
        }
        _ => Err(failed(format!(
            "object of type '{}' has no len()",
            value.type_name()
        ))),
    }
}

/// `list`
pub(crate) fn list(ctx: &mut Ctx<'_>, value: Value, args: Args) -> Result<Value> {
    let [] = args.bind("list", [], 0)?;
    Ok(Value::list(ctx.collect(&value)?))
}

/// `first`
pub(crate) fn first(ctx: &mut Ctx<'_>, value: Value, args: Args) -> Result<Value> {
    let [] = args.bind("first", [], 0)?;
    let found = ctx.iter(&value)?.next(ctx)?;
    Ok(found.unwrap_or_else(|| empty(ctx, "No first item, sequence was empty.")))
}

/// `last`
pub(crate) fn last(ctx: &mut Ctx<'_>, value: Value, args: Args) -> Result<Value> {
    let [] = args.bind("last", [], 0)?;
    let items = reversible(ctx, &value)?;
    Ok(items
        .last()
        .cloned()
        .unwrap_or_else(|| empty(ctx, "No last item, sequence was empty.")))
}

/// `random`: always the same item for a given length, so that a render can be repeated.
pub(crate) fn random(ctx: &mut Ctx<'_>, value: Value, args: Args) -> Result<Value> {
    let [] = args.bind("random", [], 0)?;
    match ctx.counted(&value)?.map(size::clamped) {
        Some(0) => return Ok(empty(ctx, "No random item, sequence was empty.")),
        Some(length) => {
            let index = Value::size(super::lipsum::Dice::new(length as u64).below(length));
            if !matches!(value, Value::Dict(_)) {
                return ctx.get_item(&value, &index);
            }
        }
        None => {}
    }
    Err(failed(format!(
        "'{}' object is not a sequence",
        value.type_name()
    )))
}

/// `reverse`
pub(crate) fn reverse(ctx: &mut Ctx<'_>, value: Value, args: Args) -> Result<Value> {
    let [] = args.bind("reverse", [], 0)?;
    if let Value::Str(text) = &value {
        ctx.charge(text.len() / 16)?;
        ctx.charge_memory(text.len())?;
        let reversed = text.chars().rev().collect();
        return Ok(super::params::marked(text.is_markup(), reversed));
    }
    let mut items = ctx.collect(&value)?;
    items.reverse();
    Ok(match &value {
        Value::Object(object) if matches!(object.0, Kind::Generator(..)) => Value::list(items),
        Value::List(_) => Value::generator("list_reverseiterator", items),
        Value::Dict(_) => Value::generator("dict_reversekeyiterator", items),
        Value::Object(object) => match &object.0 {
            Kind::Range(_) => Value::generator("range_iterator", items),
            Kind::View(View::Keys, _) => Value::generator("dict_reversekeyiterator", items),
            Kind::View(View::Values, _) => Value::generator("dict_reversevalueiterator", items),
            Kind::View(View::Items, _) => Value::generator("dict_reverseitemiterator", items),
            _ => Value::generator("reversed", items),
        },
        _ => Value::generator("reversed", items),
    })
}

/// What `reversed()` takes, in order.
fn reversible(ctx: &mut Ctx<'_>, value: &Value) -> Result<Vec<Value>> {
    match value {
        Value::Object(object) if matches!(object.0, Kind::Generator(..) | Kind::Loop(_)) => Err(
            failed(format!("'{}' object is not reversible", value.type_name())),
        ),
        _ => ctx.collect(value),
    }
}

/// `items`
pub(crate) fn items(_: &mut Ctx<'_>, value: Value, args: Args) -> Result<Value> {
    let [] = args.bind("items", [], 0)?;
    Ok(later("do_items", value, [], |_, value, []| match &value {
        Value::Undefined(_) => Ok(Iter::Empty),
        Value::Dict(dict) => Ok(Iter::Dict(Rc::clone(dict), View::Items, 0, dict.len())),
        _ => Err(failed("Can only get item pairs from a mapping.")),
    }))
}

/// `join(d='', attribute=None)`
pub(crate) fn join(ctx: &mut Ctx<'_>, value: Value, args: Args) -> Result<Value> {
    let [separator, attribute] = args.bind("join", ["d", "attribute"], 0)?;
    let separator = separator.unwrap_or_else(|| "".into());
    let mut items = ctx.collect(&value)?;
    if let Some(attribute) = given(attribute) {
        let path = Path::parse(ctx, Some(&attribute))?;
        for item in &mut items {
            *item = path.get(ctx, std::mem::replace(item, Value::None))?;
        }
    }
    let is_markup = |value: &Value| matches!(value, Value::Str(text) if text.is_markup());
    let safe = ctx.autoescape && (is_markup(&separator) || items.iter().any(is_markup));
    let separator = if safe && !is_markup(&separator) {
        html::escaped(ctx, &separator)?
    } else {
        soft_str(ctx, &separator)?
    };
    joined(ctx, &separator, &items, safe, true)
}

/// The items with a separator between them; `safe` escapes those that are not marked.
pub(crate) fn joined(
    ctx: &mut Ctx<'_>,
    separator: &Str,
    items: &[Value],
    safe: bool,
    convert: bool,
) -> Result<Value> {
    let mut out = String::new();
    for (index, item) in items.iter().enumerate() {
        ctx.charge(1)?;
        if index > 0 {
            ctx.charge_memory(separator.len())?;
            out.push_str(separator);
        }
        if safe {
            let text = html::escaped(ctx, item)?;
            ctx.charge_memory(text.len())?;
            out.push_str(&text);
        } else if convert || matches!(item, Value::Str(_)) {
            super::print::write_str(ctx, item, &mut out)?;
        } else {
            return Err(failed(format!(
                "sequence item {index}: expected str instance, {} found",
                item.type_name()
            )));
        }
    }
    Ok(super::params::marked(safe, out))
}

/// `sum(attribute=None, start=0)`
pub(crate) fn sum(ctx: &mut Ctx<'_>, value: Value, args: Args) -> Result<Value> {
    let [attribute, start] = args.bind("sum", ["attribute", "start"], 0)?;
    let length = ctx.counted(&value)?.unwrap_or_default();
    ctx.charge(size::clamped(length))?;
    let mut total = start.unwrap_or(Value::Int(0));
    if let Value::Str(_) = total {
        return Err(failed("sum() can't sum strings [use ''.join(seq) instead]"));
    }
    let path = Path::parse(ctx, given(attribute).as_ref())?;
    let mut iter = ctx.iter(&value)?;
    while let Some(item) = iter.next(ctx)? {
        let item = path.get(ctx, item)?;
        total = ctx.math(Math::Add, &total, &item)?;
    }
    Ok(total)
}

/// `batch(linecount, fill_with=None)`
pub(crate) fn batch(_: &mut Ctx<'_>, value: Value, args: Args) -> Result<Value> {
    let args = args.bind("batch", ["linecount", "fill_with"], 1)?;
    Ok(later("do_batch", value, args, batches))
}

fn batches(ctx: &mut Ctx<'_>, value: Value, [line, fill]: [Option<Value>; 2]) -> Result<Iter> {
    let line = line.unwrap_or(Value::None);
    let size = line.as_float().unwrap_or(f64::NAN);
    let mut batches = Vec::new();
    let mut current: Vec<Value> = Vec::new();
    for item in ctx.collect(&value)? {
        if current.len() as f64 == size {
            batches.push(ctx.new_list(std::mem::take(&mut current))?);
        }
        current.push(item);
    }
    if !current.is_empty() {
        if let Some(fill) = given(fill) {
            if size.is_nan() {
                integer(&line)?;
            }
            if (current.len() as f64) < size {
                let missing = count(&line)?.saturating_sub(current.len());
                ctx.charge_memory(missing.saturating_mul(size_of::<Value>()))?;
                ctx.charge(missing)?;
                current.extend(std::iter::repeat_n(fill, missing));
            }
        }
        batches.push(ctx.new_list(current)?);
    }
    batches.reverse();
    Ok(Iter::Values(batches))
}

/// `slice(slices, fill_with=None)`
pub(crate) fn slice(_: &mut Ctx<'_>, value: Value, args: Args) -> Result<Value> {
    let args = args.bind("slice", ["slices", "fill_with"], 1)?;
    Ok(later("sync_do_slice", value, args, slices_of))
}

fn slices_of(ctx: &mut Ctx<'_>, value: Value, [slices, fill]: [Option<Value>; 2]) -> Result<Iter> {
    let slices = integer(&slices.unwrap_or(Value::None))?;
    let fill = given(fill);
    let items = ctx.collect(&value)?;
    if slices == 0 {
        return Err(failed("integer division or modulo by zero"));
    }
    let slices = size::clamped(slices);
    ctx.charge(slices)?;
    ctx.charge_memory(slices.saturating_mul(2 * size_of::<Value>() + 48))?;
    let mut parts = Vec::with_capacity(slices);
    let mut rest = items.into_iter();
    let (each, extra) = match (
        rest.len().checked_div(slices),
        rest.len().checked_rem(slices),
    ) {
        (Some(each), Some(extra)) => (each, extra),
        _ => (0, 0),
    };
    for number in 0..slices {
        let mut part: Vec<Value> = rest
            .by_ref()
            .take(each + usize::from(number < extra))
            .collect();
        if number >= extra {
            part.extend(fill.clone());
        }
        parts.push(ctx.new_list(part)?);
    }
    parts.reverse();
    Ok(Iter::Values(parts))
}

pub(super) fn empty(ctx: &Ctx<'_>, hint: &str) -> Value {
    ctx.undefined(Missing::Hint(hint.into()))
}
