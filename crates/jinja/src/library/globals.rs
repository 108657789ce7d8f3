//! The global functions and types.

use std::cell::Cell;

use super::params::{any_integer, count, flag, text};
use super::strftime::strftime;
use super::{lipsum, methods};
use crate::error::Result;
use crate::options::Dialect;
use crate::run::ctx::Ctx;
use crate::value::args::Args;
use crate::value::map::Map;
use crate::value::object::{FunctionFn, Kind, Namespace, Object, Range};
use crate::value::{Str, Value, failed};

/// The global of a name.
pub(crate) fn find(name: &str, dialect: Dialect) -> Option<(&'static str, FunctionFn)> {
    let table: &[(&'static str, FunctionFn)] = &[
        ("range", range),
        ("dict", dict),
        ("lipsum", lorem_ipsum),
        ("cycler", cycler),
        ("joiner", joiner),
        ("namespace", namespace),
    ];
    let added: &[(&'static str, FunctionFn)] = match dialect {
        Dialect::Jinja2 => &[],
        Dialect::HuggingFace => &[
            ("namespace", plain_namespace),
            ("range", short_range),
            ("raise_exception", raise_exception),
            ("strftime_now", strftime_now),
        ],
    };
    let mut found = added
        .iter()
        .chain(table)
        .filter(|(known, _)| *known == name);
    found.next().copied()
}

/// `raise_exception(message)`
fn raise_exception(ctx: &mut Ctx<'_>, args: Args) -> Result<Value> {
    let [message] = args.bind("raise_exception", ["message"], 1)?;
    let message = ctx.str_of(&message.unwrap_or(Value::None))?;
    Err(failed(message.as_str()))
}

/// `strftime_now(format)`
fn strftime_now(ctx: &mut Ctx<'_>, args: Args) -> Result<Value> {
    let [format] = args.bind("strftime_now", ["format"], 1)?;
    let format = format.unwrap_or(Value::None);
    let format = text(&format)?;
    let now = ctx.now.ok_or_else(|| failed("the host tells no time"))?;
    ctx.charge_memory(format.len().saturating_mul(16))?;
    let told = strftime(format, now.0);
    ctx.new_str(told)
}

/// `namespace` of `transformers`.
fn plain_namespace(ctx: &mut Ctx<'_>, args: Args) -> Result<Value> {
    let map = map_of(ctx, "namespace", args)?;
    for (name, _) in map.entries() {
        check_plain(name.as_str().unwrap_or_default())?;
    }
    Ok(Value::object(Object(Kind::Namespace(Namespace::new(map)))))
}

/// An error for what a namespace of `transformers` cannot hold.
pub(crate) fn check_plain(name: &str) -> Result<()> {
    match name.starts_with('_') {
        true => Err(failed(
            "a namespace cannot have attributes that begin with an underscore",
        )),
        false => Ok(()),
    }
}

/// `range` of Jinja2's sandbox.
fn short_range(ctx: &mut Ctx<'_>, args: Args) -> Result<Value> {
    const MAX_RANGE: u128 = 100_000;
    let made = range(ctx, args)?;
    match made.len() {
        Some(..=MAX_RANGE) => Ok(made),
        _ => Err(failed(
            "Range too big. The sandbox blocks ranges larger than MAX_RANGE (100000).",
        )),
    }
}

impl Value {
    /// `range(start, stop, step)`; a step of 0 counts as 1.
    pub fn range(start: i64, stop: i64, step: i64) -> Self {
        let step = if step == 0 { 1 } else { step };
        Self::object(Object(Kind::Range(Range {
            start: start.into(),
            stop: stop.into(),
            step: step.into(),
        })))
    }
}

fn range(_: &mut Ctx<'_>, args: Args) -> Result<Value> {
    let [first, second, step] = args.positional("range", 1)?;
    let first = any_integer(&first.unwrap_or(Value::None))?;
    let (start, stop) = match second {
        Some(second) => (first, any_integer(&second)?),
        None => (0, first),
    };
    let step = step.map_or(Ok(1), |step| any_integer(&step))?;
    if step == 0 {
        return Err(failed("range() arg 3 must not be zero"));
    }
    Ok(Value::object(Object(Kind::Range(Range {
        start,
        stop,
        step,
    }))))
}

fn map_of(ctx: &mut Ctx<'_>, name: &str, args: Args) -> Result<Map> {
    let entries = methods::entries_of(ctx, name, args)?;
    ctx.charge(entries.len())?;
    ctx.charge_memory(entries.len().saturating_mul(3 * size_of::<Value>() + 32))?;
    methods::charge_entries(ctx, &entries, 0)?;
    let mut map = Map::with_capacity(entries.len());
    for (key, value) in entries {
        map.insert(key, value)?;
    }
    Ok(map)
}

fn dict(ctx: &mut Ctx<'_>, args: Args) -> Result<Value> {
    Ok(Value::dict(map_of(ctx, "dict", args)?))
}

fn namespace(ctx: &mut Ctx<'_>, args: Args) -> Result<Value> {
    let map = map_of(ctx, "namespace", args)?;
    Ok(Value::object(Object(Kind::Namespace(Namespace::new(map)))))
}

fn cycler(_: &mut Ctx<'_>, args: Args) -> Result<Value> {
    if !args.kw.is_empty() {
        return Err(failed("cycler() takes no keyword arguments"));
    }
    if args.pos.is_empty() {
        return Err(failed("at least one item has to be provided"));
    }
    Ok(Value::object(Object(Kind::Cycler(args.pos, Cell::new(0)))))
}

fn joiner(_: &mut Ctx<'_>, args: Args) -> Result<Value> {
    let [separator] = args.bind("joiner", ["sep"], 0)?;
    let separator = separator.unwrap_or_else(|| ", ".into());
    Ok(Value::object(Object(Kind::Joiner(
        separator,
        Cell::new(false),
    ))))
}

/// `lipsum(n=5, html=True, min=20, max=100)`: the same text for the same arguments, so that a render can be repeated.
fn lorem_ipsum(ctx: &mut Ctx<'_>, args: Args) -> Result<Value> {
    let [paragraphs, html, min, max] = args.bind("lipsum", ["n", "html", "min", "max"], 0)?;
    let paragraphs = paragraphs.map_or(Ok(5), |n| count(&n))?;
    let html = flag(ctx, html, true)?;
    let min = min.map_or(Ok(20), |min| count(&min))?;
    let max = max.map_or(Ok(100), |max| count(&max))?;
    if min >= max {
        return Err(failed("empty range for randrange()"));
    }
    let words = paragraphs.saturating_mul(max);
    ctx.charge(words)?;
    ctx.charge_memory(words.saturating_add(paragraphs).saturating_mul(16))?;
    let text = lipsum::generate(paragraphs, html, min, max);
    Ok(Value::Str(if html {
        Str::markup(text)
    } else {
        Str::new(text)
    }))
}
