//! Python's `pprint.pformat` with its defaults: 80 columns, keys sorted.

use std::cmp::Ordering;

use super::{print, str_edit};
use crate::error::Result;
use crate::run::ctx::Ctx;
use crate::size;
use crate::text::{quote, unicode};
use crate::value::args::Args;
use crate::value::{Value, failed};

const WIDTH: i64 = 80;

/// `pprint`
pub(crate) fn pprint(ctx: &mut Ctx<'_>, value: Value, args: Args) -> Result<Value> {
    let [] = args.bind("pprint", [], 0)?;
    let mut out = String::new();
    format(
        ctx,
        &value,
        &mut out,
        Position {
            indent: 0,
            allowance: 0,
            level: 0,
        },
    )?;
    Ok(out.into())
}

/// The place of a value: the columns before it, the columns to keep free after it, and its depth.
#[derive(Clone, Copy)]
struct Position {
    indent: i64,
    allowance: i64,
    level: u32,
}

fn format(ctx: &mut Ctx<'_>, value: &Value, out: &mut String, place: Position) -> Result<()> {
    let mut flat = String::new();
    write_flat(ctx, value, &mut flat)?;
    let fits = columns(&flat) <= WIDTH - place.indent - place.allowance;
    let place = Position {
        level: place.level + 1,
        ..place
    };
    match value {
        _ if fits => {}
        Value::Str(text) if !text.is_markup() => return format_text(ctx, text, out, place),
        Value::List(list) => {
            let items = list.items().clone();
            return format_items(ctx, &items, out, place, "[", "]");
        }
        Value::Tuple(tuple) if value.type_name() == "tuple" => {
            let close = if tuple.len() == 1 { ",)" } else { ")" };
            return format_items(ctx, tuple.items(), out, place, "(", close);
        }
        Value::Dict(dict) => {
            let entries = dict.map().entries().to_vec();
            return format_entries(ctx, entries, out, place);
        }
        _ => {}
    }
    ctx.charge(8 + flat.len() / 2)?;
    ctx.charge_memory(flat.len())?;
    out.push_str(&flat);
    Ok(())
}

fn columns(text: &str) -> i64 {
    text.chars().count() as i64
}

fn new_line(ctx: &mut Ctx<'_>, out: &mut String, comma: &str, indent: i64) -> Result<()> {
    let spaces = size::clamped(indent);
    ctx.charge_memory(spaces + 2)?;
    out.push_str(comma);
    out.push('\n');
    out.extend(std::iter::repeat_n(' ', spaces));
    Ok(())
}

fn format_items(
    ctx: &mut Ctx<'_>,
    items: &[Value],
    out: &mut String,
    place: Position,
    open: &str,
    close: &str,
) -> Result<()> {
    out.push_str(open);
    let indent = place.indent + 1;
    for (index, item) in items.iter().enumerate() {
        if index > 0 {
            new_line(ctx, out, ",", indent)?;
        }
        let last = index + 1 == items.len();
        let inner = Position {
            indent,
            allowance: if last {
                place.allowance + close.len() as i64
            } else {
                1
            },
            level: place.level,
        };
        ctx.deeper(|ctx| format(ctx, item, out, inner))?;
    }
    out.push_str(close);
    Ok(())
}

fn format_entries(
    ctx: &mut Ctx<'_>,
    entries: Vec<(Value, Value)>,
    out: &mut String,
    place: Position,
) -> Result<()> {
    out.push('{');
    let entries = in_order(ctx, entries)?;
    let indent = place.indent + 1;
    for (index, (key, value)) in entries.iter().enumerate() {
        if index > 0 {
            new_line(ctx, out, ",", indent)?;
        }
        let before = out.len();
        write_flat(ctx, key, out)?;
        let width = out.get(before..).map_or(0, columns);
        out.push_str(": ");
        let last = index + 1 == entries.len();
        let inner = Position {
            indent: indent + width + 2,
            allowance: if last { place.allowance + 1 } else { 1 },
            level: place.level,
        };
        ctx.deeper(|ctx| format(ctx, value, out, inner))?;
    }
    out.push('}');
    Ok(())
}

/// A long string as several literals, one per line, broken behind whitespace.
fn format_text(ctx: &mut Ctx<'_>, text: &str, out: &mut String, place: Position) -> Result<()> {
    ctx.charge(text.len())?;
    ctx.charge_memory(quote::bound(text).saturating_mul(3))?;
    let outermost = i64::from(place.level == 1);
    let (indent, allowance) = (place.indent + outermost, place.allowance + outermost);
    let width = WIDTH - indent;
    let quoted = |text: &str| {
        let mut out = String::new();
        quote::push_quoted(&mut out, text);
        out
    };
    let mut chunks: Vec<String> = Vec::new();
    let mut lines = str_edit::lines(text).peekable();
    while let Some(line) = lines.next() {
        let reserved = if lines.peek().is_none() { allowance } else { 0 };
        let whole = quoted(line);
        if columns(&whole) <= width - reserved {
            chunks.push(whole);
            continue;
        }
        let (mut current, mut length) = (String::new(), 0);
        let mut parts = words(line).peekable();
        while let Some(part) = parts.next() {
            let limit = if parts.peek().is_none() {
                width - reserved
            } else {
                width
            };
            ctx.charge(1 + (length + part.len()) / 16)?;
            let candidate = format!("{current}{part}");
            if columns(&quoted(&candidate)) > limit {
                if !current.is_empty() {
                    chunks.push(quoted(&current));
                }
                part.clone_into(&mut current);
            } else {
                current = candidate;
            }
            length = current.len();
        }
        if !current.is_empty() {
            chunks.push(quoted(&current));
        }
    }
    let wrapped = outermost == 1 && chunks.len() != 1;
    if wrapped {
        out.push('(');
    }
    for (index, chunk) in chunks.iter().enumerate() {
        if index > 0 {
            new_line(ctx, out, "", indent)?;
        }
        out.push_str(chunk);
    }
    if wrapped {
        out.push(')');
    }
    Ok(())
}

/// `\S*\s*`, one after the other.
fn words(line: &str) -> impl Iterator<Item = &str> {
    let mut rest = line;
    std::iter::from_fn(move || {
        let blank = rest.find(unicode::is_space).unwrap_or(rest.len());
        let after = rest.get(blank..)?;
        let end = blank + after.find(|c| !unicode::is_space(c)).unwrap_or(after.len());
        let (part, left) = rest
            .split_at_checked(end)
            .filter(|(part, _)| !part.is_empty())?;
        rest = left;
        Some(part)
    })
}

/// `repr()`, but for the keys, which are sorted.
fn write_flat(ctx: &mut Ctx<'_>, value: &Value, out: &mut String) -> Result<()> {
    let (items, open, close) = match value {
        Value::Dict(dict) => {
            let entries = dict.map().entries().to_vec();
            out.push('{');
            for (index, (key, value)) in in_order(ctx, entries)?.iter().enumerate() {
                if index > 0 {
                    out.push_str(", ");
                }
                ctx.deeper(|ctx| write_flat(ctx, key, out))?;
                out.push_str(": ");
                ctx.deeper(|ctx| write_flat(ctx, value, out))?;
            }
            out.push('}');
            return Ok(());
        }
        Value::List(list) => (list.items().clone(), "[", "]"),
        // A named tuple has a `__repr__` of its own, which `pprint` uses unchanged.
        Value::Tuple(tuple) if value.type_name() == "tuple" => {
            let close = if tuple.len() == 1 { ",)" } else { ")" };
            (tuple.items().to_vec(), "(", close)
        }
        other => return print::write_repr(ctx, other, out),
    };
    ctx.charge_memory(2 * items.len() + 2)?;
    out.push_str(open);
    for (index, item) in items.iter().enumerate() {
        if index > 0 {
            out.push_str(", ");
        }
        ctx.deeper(|ctx| write_flat(ctx, item, out))?;
    }
    out.push_str(close);
    Ok(())
}

/// Entries sorted by key; keys that cannot be compared are sorted by the names of their types.
fn in_order(ctx: &mut Ctx<'_>, mut entries: Vec<(Value, Value)>) -> Result<Vec<(Value, Value)>> {
    let count = entries.len();
    ctx.charge(count * 2 * (size::slot(count.max(1).ilog2()) + 1))?;
    if entries
        .iter()
        .any(|(key, _)| matches!(key, Value::Float(number) if number.is_nan()))
    {
        return Err(failed("a dict with the key NaN has no order"));
    }
    let rank = |key: &Value| match key {
        Value::Bool(_) | Value::Int(_) | Value::Big(_) | Value::Float(_) => "int",
        other => other.type_name(),
    };
    entries.sort_by(|(a, _), (b, _)| match (a, b) {
        (Value::Str(a), Value::Str(b)) => a.as_str().cmp(b.as_str()),
        _ => match (a.as_float(), b.as_float()) {
            (Some(x), Some(y)) => x.partial_cmp(&y).unwrap_or(Ordering::Equal),
            _ => rank(a).cmp(rank(b)),
        },
    });
    Ok(entries)
}
