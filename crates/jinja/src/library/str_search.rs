//! The methods of `str` that search.

use super::params::{given, integer, text};
use crate::error::Result;
use crate::run::ctx::Ctx;
use crate::size;
use crate::value::args::Args;
use crate::value::{Str, Value, failed};

/// A part of a text between two indices, with the character index at which it begins.
struct Window<'a> {
    text: &'a str,
    offset: usize,
}

/// `None` where the start lies behind the end, which finds nothing, not even an empty text.
fn window<'a>(
    ctx: &mut Ctx<'_>,
    it: &'a Str,
    start: Option<Value>,
    end: Option<Value>,
) -> Result<Option<Window<'a>>> {
    ctx.charge(it.len() / 8)?;
    if start.is_none() && end.is_none() {
        return Ok(Some(Window {
            text: it,
            offset: 0,
        }));
    }
    let length = it.char_len() as i64;
    let place = |value: Option<Value>, default: i64| -> Result<i64> {
        let place = given(value).map_or(Ok(default), |value| integer(&value))?;
        Ok(if place < 0 {
            place.saturating_add(length).max(0)
        } else {
            place
        })
    };
    let (start, end) = (place(start, 0)?, place(end, length)?.min(length));
    if start > end {
        return Ok(None);
    }
    let byte = |index: i64| {
        let index = size::clamped(index);
        it.char_indices().nth(index).map_or(it.len(), |(at, _)| at)
    };
    Ok(it.get(byte(start)..byte(end)).map(|text| Window {
        text,
        offset: size::clamped(start),
    }))
}

fn position(ctx: &mut Ctx<'_>, it: &Value, args: Args, from_right: bool) -> Result<Option<usize>> {
    let [part, start, end] = args.positional("find", 1)?;
    let part = part.unwrap_or(Value::None);
    let part = text(&part)?.as_str();
    let Some(window) = window(ctx, text(it)?, start, end)? else {
        return Ok(None);
    };
    let found = if from_right {
        window.text.rfind(part)
    } else {
        window.text.find(part)
    };
    Ok(found.map(|at| {
        let before = window.text.get(..at).unwrap_or("");
        window.offset + before.chars().count()
    }))
}

/// `find`, `rfind`
pub(crate) fn find(ctx: &mut Ctx<'_>, it: &Value, args: Args, from_right: bool) -> Result<Value> {
    let found = position(ctx, it, args, from_right)?;
    Ok(found.map_or(Value::Int(-1), Value::size))
}

/// `index`, `rindex`
pub(crate) fn index(ctx: &mut Ctx<'_>, it: &Value, args: Args, from_right: bool) -> Result<Value> {
    let found = position(ctx, it, args, from_right)?;
    found
        .map(Value::size)
        .ok_or_else(|| failed("substring not found"))
}

/// `count`
pub(crate) fn count(ctx: &mut Ctx<'_>, it: &Value, args: Args) -> Result<Value> {
    let [part, start, end] = args.positional("count", 1)?;
    let part = part.unwrap_or(Value::None);
    let part = text(&part)?.as_str();
    let found = window(ctx, text(it)?, start, end)?;
    Ok(Value::size(match found {
        Some(window) if part.is_empty() => window.text.chars().count() + 1,
        Some(window) => window.text.matches(part).count(),
        None => 0,
    }))
}

/// `startswith`, `endswith`
pub(crate) fn affix(ctx: &mut Ctx<'_>, it: &Value, args: Args, suffix: bool) -> Result<Value> {
    let [affixes, start, end] = args.positional("startswith", 1)?;
    let affixes = affixes.unwrap_or(Value::None);
    let window = window(ctx, text(it)?, start, end)?;
    let holds = |affix: &str| {
        window.as_ref().is_some_and(|window| match suffix {
            true => window.text.ends_with(affix),
            false => window.text.starts_with(affix),
        })
    };
    let Value::Tuple(tuple) = &affixes else {
        return Ok(Value::Bool(holds(text(&affixes)?)));
    };
    for affix in tuple.items() {
        let affix = text(affix)?;
        ctx.charge(1 + affix.len() / 16)?;
        if holds(affix) {
            return Ok(Value::Bool(true));
        }
    }
    Ok(Value::Bool(false))
}
