//! The methods of `dict`.

use std::rc::Rc;

use crate::error::Result;
use crate::run::ctx::Ctx;
use crate::value::args::Args;
use crate::value::containers::Dict;
use crate::value::map::Map;
use crate::value::object::{Kind, MethodFn, Object, View};
use crate::value::{Value, failed};

pub(super) const DICT: &[(&str, MethodFn)] = &[
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

fn dict_of(value: &Value) -> Result<&Rc<Dict>> {
    match value {
        Value::Dict(dict) => Ok(dict),
        other => Err(failed(format!(
            "expected a dict, not '{}'",
            other.type_name()
        ))),
    }
}

fn view(it: &Value, args: Args, view: View) -> Result<Value> {
    let [] = args.positional("items", 0)?;
    Ok(Value::object(Object(Kind::View(
        view,
        Rc::clone(dict_of(it)?),
    ))))
}

fn get(ctx: &mut Ctx<'_>, it: &Value, args: Args) -> Result<Value> {
    let [key, default] = args.positional("get", 1)?;
    let dict = dict_of(it)?;
    let key = key.unwrap_or(Value::None);
    ctx.charge_search(&key, dict)?;
    let found = dict.map().get(&key)?.cloned();
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
    ctx.charge_search(&key, dict)?;
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
    let key = key.unwrap_or(Value::None);
    ctx.charge_search(&key, dict)?;
    ctx.charge(dict.len())?;
    let removed = ctx.edit_dict(dict)?.remove(&key)?;
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
    ctx.charge_search(&key, dict)?;
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
    charge_entries(ctx, &entries, dict.len())?;
    let mut map = ctx.edit_dict(dict)?;
    for (key, value) in entries {
        map.insert(key, value)?;
    }
    Ok(Value::None)
}

/// Pays for entries that are put into a dict of so many.
pub(crate) fn charge_entries(
    ctx: &mut Ctx<'_>,
    entries: &[(Value, Value)],
    before: usize,
) -> Result<()> {
    for (index, (key, _)) in entries.iter().enumerate() {
        ctx.charge_key(key, before + index)?;
    }
    Ok(())
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
    charge_entries(ctx, &entries, 0)?;
    let mut map = Map::with_capacity(entries.len());
    for (key, value) in entries {
        map.insert(key, value)?;
    }
    ctx.new_dict(map)
}
