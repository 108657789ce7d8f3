//! The methods of `list` and `tuple`.

use std::rc::Rc;

use crate::error::Result;
use crate::library::params::{flag, given, index, integer};
use crate::library::sorting;
use crate::run::ctx::Ctx;
use crate::size;
use crate::value::args::Args;
use crate::value::containers::List;
use crate::value::object::MethodFn;
use crate::value::{Value, failed};

pub(super) const LIST: &[(&str, MethodFn)] = &[
    ("append", append),
    ("clear", clear_list),
    ("copy", copy_list),
    ("count", count_items),
    ("extend", extend),
    ("index", index_of),
    ("insert", insert),
    ("pop", pop_item),
    ("remove", remove_item),
    ("reverse", reverse),
    ("sort", sort),
];

pub(super) const TUPLE: &[(&str, MethodFn)] = &[("count", count_items), ("index", index_of)];

fn list_of(value: &Value) -> Result<&Rc<List>> {
    match value {
        Value::List(list) => Ok(list),
        other => Err(failed(format!(
            "expected a list, not '{}'",
            other.type_name()
        ))),
    }
}

fn append(ctx: &mut Ctx<'_>, it: &Value, args: Args) -> Result<Value> {
    let [item] = args.positional("append", 1)?;
    ctx.charge_memory(size_of::<Value>())?;
    ctx.edit_list(list_of(it)?)?.extend(item);
    Ok(Value::None)
}

fn extend(ctx: &mut Ctx<'_>, it: &Value, args: Args) -> Result<Value> {
    let [items] = args.positional("extend", 1)?;
    let items = ctx.collect(&items.unwrap_or(Value::None))?;
    ctx.charge_memory(items.len() * size_of::<Value>())?;
    ctx.edit_list(list_of(it)?)?.extend(items);
    Ok(Value::None)
}

fn insert(ctx: &mut Ctx<'_>, it: &Value, args: Args) -> Result<Value> {
    let [at, item] = args.positional("insert", 2)?;
    let at = index(&at.unwrap_or(Value::None))?;
    let list = list_of(it)?;
    let length = list.len();
    ctx.charge(length / 16)?;
    ctx.charge_memory(size_of::<Value>())?;
    let from = if at < 0 { size::wide(length) } else { 0 };
    let at = size::clamped(from + i128::from(at)).min(length);
    ctx.edit_list(list)?.insert(at, item.unwrap_or(Value::None));
    Ok(Value::None)
}

fn pop_item(ctx: &mut Ctx<'_>, it: &Value, args: Args) -> Result<Value> {
    let [at] = args.positional("pop", 0)?;
    let at = at.map_or(Ok(-1), |at| index(&at))?;
    let list = list_of(it)?;
    let length = list.len();
    ctx.charge(length / 16)?;
    match size::within(at.into(), length) {
        Some(at) => Ok(ctx.edit_list(list)?.remove(at)),
        None if length == 0 => Err(failed("pop from empty list")),
        None => Err(failed("pop index out of range")),
    }
}

fn remove_item(ctx: &mut Ctx<'_>, it: &Value, args: Args) -> Result<Value> {
    let [item] = args.positional("remove", 1)?;
    let item = item.unwrap_or(Value::None);
    let list = list_of(it)?;
    match search(ctx, it, &item, 0, usize::MAX)? {
        Some(at) => {
            ctx.edit_list(list)?.remove(at);
            Ok(Value::None)
        }
        None => Err(failed("list.remove(x): x not in list")),
    }
}

fn clear_list(ctx: &mut Ctx<'_>, it: &Value, args: Args) -> Result<Value> {
    let [] = args.positional("clear", 0)?;
    let items = std::mem::take(&mut *ctx.edit_list(list_of(it)?)?);
    drop(Value::list(items));
    Ok(Value::None)
}

fn copy_list(ctx: &mut Ctx<'_>, it: &Value, args: Args) -> Result<Value> {
    let [] = args.positional("copy", 0)?;
    Ok(Value::list(ctx.collect(it)?))
}

fn reverse(ctx: &mut Ctx<'_>, it: &Value, args: Args) -> Result<Value> {
    let [] = args.positional("reverse", 0)?;
    let list = list_of(it)?;
    ctx.charge(list.len() / 4)?;
    ctx.edit_list(list)?.reverse();
    Ok(Value::None)
}

fn sort(ctx: &mut Ctx<'_>, it: &Value, mut args: Args) -> Result<Value> {
    let key = given(args.take("key"));
    let reverse = args.take("reverse");
    let reverse = flag(ctx, reverse, false)?;
    let [] = args.positional("sort", 0)?;
    let mut keyed = Vec::new();
    for item in ctx.collect(it)? {
        let sort_key = match &key {
            Some(key) => ctx.call(key, Args::of(vec![item.clone()]))?,
            None => item.clone(),
        };
        keyed.push((vec![sort_key], item));
    }
    let sorted = sorting::sorted(ctx, keyed, reverse, false)?;
    let old = std::mem::replace(&mut *ctx.edit_list(list_of(it)?)?, sorted);
    drop(Value::list(old));
    Ok(Value::None)
}

/// The index of an equal item between two indices.
fn search(
    ctx: &mut Ctx<'_>,
    it: &Value,
    item: &Value,
    start: usize,
    end: usize,
) -> Result<Option<usize>> {
    let mut iter = ctx.iter(it)?;
    let mut at = 0;
    while let Some(other) = iter.next(ctx)? {
        if at >= end {
            break;
        }
        if at >= start && (ctx.same(&other, item)? || ctx.equal(&other, item)?) {
            return Ok(Some(at));
        }
        at += 1;
    }
    Ok(None)
}

fn index_of(ctx: &mut Ctx<'_>, it: &Value, args: Args) -> Result<Value> {
    let [item, start, end] = args.positional("index", 1)?;
    let length = ctx.counted(it)?.unwrap_or(0);
    let place = |value: Option<Value>, default: i64| -> Result<usize> {
        let place = value.map_or(Ok(default), |value| integer(&value))?;
        let from = if place < 0 { length } else { 0 };
        Ok(size::clamped(i128::from(from) + i128::from(place)))
    };
    let (start, end) = (place(start, 0)?, place(end, i64::MAX)?);
    let found = search(ctx, it, &item.unwrap_or(Value::None), start, end)?;
    found
        .map(Value::size)
        .ok_or_else(|| failed("the value is not in the sequence"))
}

fn count_items(ctx: &mut Ctx<'_>, it: &Value, args: Args) -> Result<Value> {
    let [item] = args.positional("count", 1)?;
    let item = item.unwrap_or(Value::None);
    let mut iter = ctx.iter(it)?;
    let mut found = 0;
    while let Some(other) = iter.next(ctx)? {
        if ctx.same(&other, &item)? || ctx.equal(&other, &item)? {
            found += 1;
        }
    }
    Ok(Value::size(found))
}
