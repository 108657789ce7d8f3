//! The methods of `list`, `tuple`, `dict`, numbers, and of the objects that globals make.

use std::rc::Rc;

use super::params::{given, integer};
use super::str_methods;
use crate::error::Result;
use crate::jinja::args::Args;
use crate::jinja::containers::{Dict, List};
use crate::jinja::ctx::Ctx;
use crate::jinja::map::Map;
use crate::jinja::object::{Kind, MethodFn, Object, View};
use crate::jinja::value::{Value, failed};

/// The method of a value's type.
pub(crate) fn find(value: &Value, name: &str) -> Option<(&'static str, MethodFn)> {
    let table: &[(&str, MethodFn)] = match value {
        Value::Str(_) => return str_methods::find(name),
        Value::List(_) => LIST,
        Value::Tuple(_) => TUPLE,
        Value::Dict(_) => DICT,
        Value::Float(_) => FLOAT,
        Value::Int(_) | Value::Big(_) | Value::Bool(_) => INT,
        Value::Object(object) => match object.0 {
            Kind::Cycler(..) => CYCLER,
            Kind::Range(_) => TUPLE,
            _ => return None,
        },
        _ => return None,
    };
    table.iter().find(|(known, _)| *known == name).copied()
}

const LIST: &[(&str, MethodFn)] = &[
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

const TUPLE: &[(&str, MethodFn)] = &[("count", count_items), ("index", index_of)];

const DICT: &[(&str, MethodFn)] = &[
    ("clear", clear_dict),
    ("copy", copy_dict),
    ("get", get),
    ("items", |_, it, args| view(it, args, View::Items)),
    ("keys", |_, it, args| view(it, args, View::Keys)),
    ("pop", pop_key),
    ("popitem", popitem),
    ("setdefault", setdefault),
    ("update", update),
    ("values", |_, it, args| view(it, args, View::Values)),
];

const FLOAT: &[(&str, MethodFn)] = &[("conjugate", same), ("is_integer", is_integer)];

const INT: &[(&str, MethodFn)] = &[
    ("bit_count", |_, it, args| bits(it, args, u128::count_ones)),
    ("bit_length", |_, it, args| {
        bits(it, args, |n| 128 - n.leading_zeros())
    }),
    ("conjugate", same),
];

const CYCLER: &[(&str, MethodFn)] = &[("next", next), ("reset", reset)];

fn list_of(value: &Value) -> Result<&Rc<List>> {
    match value {
        Value::List(list) => Ok(list),
        other => Err(failed(format!(
            "expected a list, not '{}'",
            other.type_name()
        ))),
    }
}

fn dict_of(value: &Value) -> Result<&Rc<Dict>> {
    match value {
        Value::Dict(dict) => Ok(dict),
        other => Err(failed(format!(
            "expected a dict, not '{}'",
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
    let at = integer(&at.unwrap_or(Value::None))?;
    let list = list_of(it)?;
    let length = list.len();
    ctx.charge(length / 16)?;
    ctx.charge_memory(size_of::<Value>())?;
    let at = usize::try_from(if at < 0 {
        at.saturating_add(length as i64)
    } else {
        at
    });
    let at = at.unwrap_or(0).min(length);
    ctx.edit_list(list)?.insert(at, item.unwrap_or(Value::None));
    Ok(Value::None)
}

fn pop_item(ctx: &mut Ctx<'_>, it: &Value, args: Args) -> Result<Value> {
    let [at] = args.positional("pop", 0)?;
    let at = at.map_or(Ok(-1), |at| integer(&at))?;
    let list = list_of(it)?;
    let length = list.len();
    ctx.charge(length / 16)?;
    let at = if at < 0 {
        at.saturating_add(length as i64)
    } else {
        at
    };
    match usize::try_from(at).ok().filter(|at| *at < length) {
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
    let reverse = super::params::flag(ctx, reverse, false)?;
    let [] = args.positional("sort", 0)?;
    let mut keyed = Vec::new();
    for item in ctx.collect(it)? {
        let sort_key = match &key {
            Some(key) => ctx.call(key, Args::of(vec![item.clone()]))?,
            None => item.clone(),
        };
        keyed.push((vec![sort_key], item));
    }
    let sorted = super::sorting::sorted(ctx, keyed, reverse, false)?;
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
        if at >= start && (other.is_same(item) || ctx.equal(&other, item)?) {
            return Ok(Some(at));
        }
        at += 1;
    }
    Ok(None)
}

fn index_of(ctx: &mut Ctx<'_>, it: &Value, args: Args) -> Result<Value> {
    let [item, start, end] = args.positional("index", 1)?;
    let length = it.len().unwrap_or(0) as i64;
    let place = |value: Option<Value>, default: i64| -> Result<usize> {
        let place = value.map_or(Ok(default), |value| integer(&value))?;
        let place = if place < 0 {
            place.saturating_add(length)
        } else {
            place
        };
        Ok(usize::try_from(place).unwrap_or(0))
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
        if other.is_same(&item) || ctx.equal(&other, &item)? {
            found += 1;
        }
    }
    Ok(Value::size(found))
}

fn view(it: &Value, args: Args, view: View) -> Result<Value> {
    let [] = args.positional("items", 0)?;
    Ok(Value::object(Object(Kind::View(
        view,
        Rc::clone(dict_of(it)?),
    ))))
}

fn get(_: &mut Ctx<'_>, it: &Value, args: Args) -> Result<Value> {
    let [key, default] = args.positional("get", 1)?;
    let dict = dict_of(it)?;
    let found = dict.map().get(&key.unwrap_or(Value::None))?.cloned();
    Ok(found.or(default).unwrap_or(Value::None))
}

fn charge_entry(ctx: &mut Ctx<'_>, dict: &Rc<Dict>) -> Result<()> {
    ctx.charge(1 + dict.len() / 64)?;
    ctx.charge_memory(3 * size_of::<Value>() + 32)
}

fn setdefault(ctx: &mut Ctx<'_>, it: &Value, args: Args) -> Result<Value> {
    let [key, default] = args.positional("setdefault", 1)?;
    let dict = dict_of(it)?;
    let key = key.unwrap_or(Value::None);
    let default = default.unwrap_or(Value::None);
    if let Some(found) = dict.map().get(&key)?.cloned() {
        return Ok(found);
    }
    charge_entry(ctx, dict)?;
    ctx.edit_dict(dict)?.insert(key, default.clone())?;
    Ok(default)
}

fn pop_key(ctx: &mut Ctx<'_>, it: &Value, args: Args) -> Result<Value> {
    let [key, default] = args.positional("pop", 1)?;
    let dict = dict_of(it)?;
    ctx.charge(dict.len())?;
    let removed = ctx.edit_dict(dict)?.remove(&key.unwrap_or(Value::None))?;
    removed
        .map(|(_, value)| value)
        .or(default)
        .ok_or_else(|| failed("KeyError: no such key to pop"))
}

fn popitem(ctx: &mut Ctx<'_>, it: &Value, args: Args) -> Result<Value> {
    let [] = args.positional("popitem", 0)?;
    let dict = dict_of(it)?;
    ctx.charge(dict.len())?;
    let key = dict.map().entries().last().map(|(key, _)| key.clone());
    let Some(key) = key else {
        return Err(failed("popitem(): dictionary is empty"));
    };
    match ctx.edit_dict(dict)?.remove(&key)? {
        Some((key, value)) => Ok(Value::tuple(vec![key, value])),
        None => Err(failed("popitem(): dictionary is empty")),
    }
}

fn update(ctx: &mut Ctx<'_>, it: &Value, args: Args) -> Result<Value> {
    let entries = entries_of(ctx, "update", args)?;
    let dict = dict_of(it)?;
    ctx.charge(entries.len())?;
    ctx.charge_memory(entries.len().saturating_mul(3 * size_of::<Value>() + 32))?;
    let mut map = ctx.edit_dict(dict)?;
    for (key, value) in entries {
        map.insert(key, value)?;
    }
    Ok(Value::None)
}

/// The entries that `dict()` and `update` are given: a mapping or pairs, then keyword arguments.
pub(crate) fn entries_of(
    ctx: &mut Ctx<'_>,
    name: &str,
    mut args: Args,
) -> Result<Vec<(Value, Value)>> {
    let named = std::mem::take(&mut args.kw);
    let [source] = args.positional(name, 0)?;
    let mut entries = match &source {
        None => Vec::new(),
        Some(Value::Undefined(undefined)) => return Err(undefined.error()),
        Some(Value::Dict(dict)) => {
            ctx.charge_memory(dict.len().saturating_mul(2 * size_of::<Value>()))?;
            dict.map().entries().to_vec()
        }
        Some(pairs) => {
            let mut entries = Vec::new();
            for pair in ctx.collect(pairs)? {
                match <[Value; 2]>::try_from(ctx.collect(&pair)?) {
                    Ok([key, value]) => entries.push((key, value)),
                    Err(_) => {
                        return Err(failed("an element of the update sequence is not a pair"));
                    }
                }
            }
            entries
        }
    };
    entries.extend(
        named
            .into_iter()
            .map(|(name, value)| (Value::str(name), value)),
    );
    Ok(entries)
}

fn clear_dict(ctx: &mut Ctx<'_>, it: &Value, args: Args) -> Result<Value> {
    let [] = args.positional("clear", 0)?;
    let entries = ctx.edit_dict(dict_of(it)?)?.take();
    drop(entries);
    Ok(Value::None)
}

fn copy_dict(ctx: &mut Ctx<'_>, it: &Value, args: Args) -> Result<Value> {
    let [] = args.positional("copy", 0)?;
    let dict = dict_of(it)?;
    ctx.charge(dict.len())?;
    ctx.charge_memory(dict.len().saturating_mul(3 * size_of::<Value>()))?;
    let entries = dict.map().entries().to_vec();
    let mut map = Map::with_capacity(entries.len());
    for (key, value) in entries {
        map.insert(key, value)?;
    }
    ctx.new_dict(map)
}

fn same(_: &mut Ctx<'_>, it: &Value, args: Args) -> Result<Value> {
    let [] = args.positional("conjugate", 0)?;
    Ok(it.as_int().map_or_else(|| it.clone(), Value::int))
}

fn is_integer(_: &mut Ctx<'_>, it: &Value, args: Args) -> Result<Value> {
    let [] = args.positional("is_integer", 0)?;
    Ok(Value::Bool(it.as_float().is_some_and(|number| {
        number.is_finite() && number.fract() == 0.0
    })))
}

fn bits(it: &Value, args: Args, count: fn(u128) -> u32) -> Result<Value> {
    let [] = args.positional("bit_length", 0)?;
    let magnitude = it.as_int().unwrap_or_default().unsigned_abs();
    Ok(Value::Int(i64::from(count(magnitude))))
}

fn next(_: &mut Ctx<'_>, it: &Value, args: Args) -> Result<Value> {
    let [] = args.positional("next", 0)?;
    match it {
        Value::Object(object) if let Kind::Cycler(items, at) = &object.0 => {
            let found = items.get(at.get()).cloned();
            at.set((at.get() + 1) % items.len().max(1));
            Ok(found.unwrap_or(Value::None))
        }
        _ => Err(failed("expected a cycler")),
    }
}

fn reset(_: &mut Ctx<'_>, it: &Value, args: Args) -> Result<Value> {
    let [] = args.positional("reset", 0)?;
    if let Value::Object(object) = it
        && let Kind::Cycler(_, at) = &object.0
    {
        at.set(0);
    }
    Ok(Value::None)
}
