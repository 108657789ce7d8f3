//! Filters that compare items.

use std::cmp::Ordering;
use std::rc::Rc;

use super::later::later;
use super::params::{dict, flag, given};
use super::select::{Path, lowered};
use crate::error::Result;
use crate::run::ctx::Ctx;
use crate::run::iter::Iter;
use crate::syntax::tree::Order;
use crate::value::args::Args;
use crate::value::containers::{Names, Tuple};
use crate::value::map::Seen;
use crate::value::object::Lazy;
use crate::value::{Value, failed};

/// `sort(reverse=False, case_sensitive=False, attribute=None)`
pub(crate) fn sort(ctx: &mut Ctx<'_>, value: Value, args: Args) -> Result<Value> {
    let names = ["reverse", "case_sensitive", "attribute"];
    let [reverse, sensitive, attribute] = args.bind("sort", names, 0)?;
    let reverse = flag(ctx, reverse, false)?;
    let ignore_case = !flag(ctx, sensitive, false)?;
    let paths = paths(ctx, attribute.as_ref(), ignore_case)?;
    let mut keyed = Vec::new();
    for item in ctx.collect(&value)? {
        let mut key = Vec::with_capacity(paths.len());
        for path in &paths {
            key.push(path.get(ctx, item.clone())?);
        }
        keyed.push((key, item));
    }
    Ok(Value::list(sorted(ctx, keyed, reverse, true)?))
}

/// Several attributes are separated by commas.
fn paths(ctx: &mut Ctx<'_>, attribute: Option<&Value>, ignore_case: bool) -> Result<Vec<Path>> {
    let parts = match attribute {
        Some(Value::Str(text)) => {
            ctx.charge_memory(text.len().saturating_mul(64))?;
            text.split(',').map(|part| Some(part.into())).collect()
        }
        Some(other) => vec![Some(other.clone())],
        None => vec![None],
    };
    parts
        .into_iter()
        .map(|part| Ok(Path::parse(ctx, part.as_ref())?.ignoring_case(ignore_case)))
        .collect()
}

/// `dictsort(case_sensitive=False, by='key', reverse=False)`
pub(crate) fn dictsort(ctx: &mut Ctx<'_>, value: Value, args: Args) -> Result<Value> {
    let [sensitive, by, reverse] = args.bind("dictsort", ["case_sensitive", "by", "reverse"], 0)?;
    let ignore_case = !flag(ctx, sensitive, false)?;
    let reverse = flag(ctx, reverse, false)?;
    let by_key = match by.as_ref().map(Value::as_str) {
        None | Some(Some("key")) => true,
        Some(Some("value")) => false,
        _ => return Err(failed("You can only sort by either \"key\" or \"value\"")),
    };
    let dict = dict(&value)?;
    ctx.charge_memory(dict.len().saturating_mul(6 * size_of::<Value>()))?;
    let entries = dict.map().entries().to_vec();
    let mut keyed = Vec::with_capacity(entries.len());
    for (key, value) in entries {
        let mut sort_key = if by_key { key.clone() } else { value.clone() };
        if ignore_case {
            sort_key = lowered(ctx, sort_key)?;
        }
        keyed.push((vec![sort_key], Value::tuple(vec![key, value])));
    }
    Ok(Value::list(sorted(ctx, keyed, reverse, false)?))
}

/// `unique(case_sensitive=False, attribute=None)`
pub(crate) fn unique(_: &mut Ctx<'_>, value: Value, args: Args) -> Result<Value> {
    let args = args.bind("unique", ["case_sensitive", "attribute"], 0)?;
    Ok(later(
        "sync_do_unique",
        value,
        args,
        |ctx, value, [sensitive, attribute]| {
            let ignore_case = !flag(ctx, sensitive, false)?;
            let path = Path::parse(ctx, attribute.as_ref())?.ignoring_case(ignore_case);
            let iter = ctx.iter(&value)?;
            let seen = Seen::default();
            let unique = Value::lazy("sync_do_unique", Unique { iter, path, seen });
            ctx.iter(&unique)
        },
    ))
}

struct Unique {
    iter: Iter,
    path: Path,
    seen: Seen,
}

impl Lazy for Unique {
    fn next(&mut self, ctx: &mut Ctx<'_>) -> Result<Option<Value>> {
        while let Some(item) = self.iter.next(ctx)? {
            let key = self.path.get(ctx, item.clone())?;
            // A lookup compares the key with others.
            let bytes = key.as_str().map_or(0, str::len);
            ctx.charge(8 + bytes / 2)?;
            ctx.charge_key(&key, 24)?;
            ctx.charge_memory(64)?;
            if self.seen.insert(&key)? {
                return Ok(Some(item));
            }
        }
        Ok(None)
    }

    fn dismantle(&mut self, pending: &mut Vec<Value>) {
        self.iter.dismantle(pending);
        self.path.dismantle(pending);
    }
}

/// `min(case_sensitive=False, attribute=None)`
pub(crate) fn min(ctx: &mut Ctx<'_>, value: Value, args: Args) -> Result<Value> {
    extreme(ctx, "min", value, args, Order::Less)
}

/// `max(case_sensitive=False, attribute=None)`
pub(crate) fn max(ctx: &mut Ctx<'_>, value: Value, args: Args) -> Result<Value> {
    extreme(ctx, "max", value, args, Order::Greater)
}

fn extreme(
    ctx: &mut Ctx<'_>,
    name: &str,
    value: Value,
    args: Args,
    better: Order,
) -> Result<Value> {
    let [sensitive, attribute] = args.bind(name, ["case_sensitive", "attribute"], 0)?;
    let ignore_case = !flag(ctx, sensitive, false)?;
    let path = Path::parse(ctx, given(attribute).as_ref())?.ignoring_case(ignore_case);
    let mut iter = ctx.iter(&value)?;
    let mut best: Option<(Value, Value)> = None;
    while let Some(item) = iter.next(ctx)? {
        ctx.charge(1)?;
        let key = path.get(ctx, item.clone())?;
        let wins = match &best {
            Some((best, _)) => ctx.order(better, &key, best)?,
            None => true,
        };
        if wins {
            best = Some((key, item));
        }
    }
    Ok(match best {
        Some((_, item)) => item,
        None => super::sequences::empty(ctx, "No aggregated item, sequence was empty."),
    })
}

/// The type of `groupby`'s groups.
static GROUP: Names = Names {
    type_name: "_GroupTuple",
    fields: &["grouper", "list"],
};

/// `groupby(attribute, default=None, case_sensitive=False)`
pub(crate) fn groupby(ctx: &mut Ctx<'_>, value: Value, args: Args) -> Result<Value> {
    let names = ["attribute", "default", "case_sensitive"];
    let [attribute, default, sensitive] = args.bind("groupby", names, 1)?;
    let ignore_case = !flag(ctx, sensitive, false)?;
    let default = given(default);
    let plain = Path::parse(ctx, attribute.as_ref())?.or(default.clone());
    let path = Path::parse(ctx, attribute.as_ref())?
        .or(default)
        .ignoring_case(ignore_case);
    let mut keyed = Vec::new();
    for item in ctx.collect(&value)? {
        let key = path.get(ctx, item.clone())?;
        let pair = Value::tuple(vec![key.clone(), item]);
        keyed.push((vec![key], pair));
    }
    let mut groups: Vec<(Value, Vec<Value>)> = Vec::new();
    for pair in sorted(ctx, keyed, false, false)? {
        let Value::Tuple(pair) = pair else { continue };
        let [key, item] = pair.items() else { continue };
        match groups.last_mut() {
            Some((known, items)) if ctx.equal(known, key)? => items.push(item.clone()),
            _ => groups.push((key.clone(), vec![item.clone()])),
        }
    }
    let mut result = Vec::with_capacity(groups.len());
    for (key, items) in groups {
        // The key of a group is that of its first item, in its own case.
        let key = match items.first() {
            Some(first) if ignore_case => plain.get(ctx, first.clone())?,
            _ => key,
        };
        let items = ctx.new_list(items)?;
        ctx.charge_memory(96)?;
        result.push(Value::Tuple(Rc::new(Tuple::named(
            vec![key, items],
            &GROUP,
        ))));
    }
    ctx.new_list(result)
}

/// An item with its sort key.
type Keyed = (Vec<Value>, Value);

/// Python's `sorted`: stable, also when reversed, and it only ever asks whether one key is less than another.
/// `lists`: the keys are lists, which look for the first items that differ.
pub(super) fn sorted(
    ctx: &mut Ctx<'_>,
    mut keyed: Vec<Keyed>,
    reverse: bool,
    lists: bool,
) -> Result<Vec<Value>> {
    ctx.charge_memory(keyed.len().saturating_mul(2 * size_of::<Keyed>()))?;
    if reverse {
        keyed.reverse();
    }
    let mut sorted = merge_sort(ctx, keyed, lists)?;
    if reverse {
        sorted.reverse();
    }
    Ok(sorted.into_iter().map(|(_, item)| item).collect())
}

/// Below this many items CPython inserts one by one; the result differs only where keys have no order, as NaN.
const INSERTION: usize = 64;

fn merge_sort(ctx: &mut Ctx<'_>, mut items: Vec<Keyed>, lists: bool) -> Result<Vec<Keyed>> {
    if items.len() < INSERTION {
        return insertion_sort(ctx, items, lists);
    }
    let right = items.split_off(items.len() / 2);
    let (left, right) = (
        merge_sort(ctx, items, lists)?,
        merge_sort(ctx, right, lists)?,
    );
    let mut merged = Vec::with_capacity(left.len() + right.len());
    let (mut left, mut right) = (left.into_iter().peekable(), right.into_iter().peekable());
    while let (Some(a), Some(b)) = (left.peek(), right.peek()) {
        let side = if less(ctx, &b.0, &a.0, lists)? {
            &mut right
        } else {
            &mut left
        };
        merged.extend(side.next());
    }
    merged.extend(left);
    merged.extend(right);
    Ok(merged)
}

fn insertion_sort(ctx: &mut Ctx<'_>, mut items: Vec<Keyed>, lists: bool) -> Result<Vec<Keyed>> {
    let pair = |items: &[Keyed], at: usize| match items.get(at..=at + 1) {
        Some([a, b]) => Some((a.0.clone(), b.0.clone())),
        _ => None,
    };
    // The length of the sorted, or strictly descending, run at the start.
    let mut run = 1;
    if let Some((a, b)) = pair(&items, 0) {
        let falling = less(ctx, &b, &a, lists)?;
        run = 2;
        while let Some((a, b)) = pair(&items, run - 1) {
            if less(ctx, &b, &a, lists)? != falling {
                break;
            }
            run += 1;
        }
        if falling && let Some(run) = items.get_mut(..run) {
            run.reverse();
        }
    }
    for at in run..items.len() {
        let (mut low, mut high) = (0, at);
        while low < high {
            let middle = low + (high - low) / 2;
            let (Some(pivot), Some(other)) = (items.get(at), items.get(middle)) else {
                break;
            };
            if less(ctx, &pivot.0, &other.0, lists)? {
                high = middle;
            } else {
                low = middle + 1;
            }
        }
        if let Some(moved) = items.get_mut(low..=at) {
            moved.rotate_right(1);
        }
    }
    Ok(items)
}

fn less(ctx: &mut Ctx<'_>, a: &[Value], b: &[Value], lists: bool) -> Result<bool> {
    for (x, y) in a.iter().zip(b) {
        ctx.charge(1)?;
        if let (Value::Str(x), Value::Str(y)) = (x, y) {
            ctx.charge(x.len().min(y.len()) / 16)?;
            match x.as_str().cmp(y.as_str()) {
                Ordering::Equal => continue,
                order => return Ok(order == Ordering::Less),
            }
        }
        if lists && (ctx.same(x, y)? || ctx.equal(x, y)?) {
            continue;
        }
        return ctx.order(Order::Less, x, y);
    }
    Ok(false)
}
