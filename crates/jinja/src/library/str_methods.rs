//! The methods of `str` and of `Markup`.

use super::params::{count, flag, given, index, int32, integer, marked, text};
use super::{format_method, html, sequences, str_edit, str_pad, str_search};
use crate::error::Result;
use crate::run::ctx::Ctx;
use crate::size;
use crate::text::{case, unicode};
use crate::value::args::Args;
use crate::value::object::MethodFn;
use crate::value::{Str, Value, failed};

/// The method of a name.
pub(crate) fn find(name: &str) -> Option<(&'static str, MethodFn)> {
    METHODS
        .binary_search_by(|(known, _)| (*known).cmp(name))
        .ok()
        .and_then(|index| METHODS.get(index))
        .copied()
}

/// Sorted by name.
pub(super) const METHODS: &[(&str, MethodFn)] = &[
    ("capitalize", |ctx, it, args| {
        cased(ctx, it, args, case::capitalize)
    }),
    ("casefold", |ctx, it, args| {
        cased(ctx, it, args, case::casefold)
    }),
    ("center", |ctx, it, args| {
        justified(ctx, it, args, str_pad::center)
    }),
    ("count", str_search::count),
    ("encode", |_, _, _| Err(failed("there are no bytes"))),
    ("endswith", |ctx, it, args| {
        str_search::affix(ctx, it, args, true)
    }),
    ("expandtabs", expandtabs),
    ("find", |ctx, it, args| {
        str_search::find(ctx, it, args, false)
    }),
    ("format", format_method::format),
    ("format_map", format_method::format_map),
    ("index", |ctx, it, args| {
        str_search::index(ctx, it, args, false)
    }),
    ("isalnum", |ctx, it, args| {
        every(ctx, it, args, unicode::is_alnum)
    }),
    ("isalpha", |ctx, it, args| {
        every(ctx, it, args, unicode::is_alpha)
    }),
    ("isascii", |ctx, it, args| {
        whole(ctx, it, args, str::is_ascii)
    }),
    ("isdecimal", |ctx, it, args| {
        every(ctx, it, args, |c| unicode::decimal(c).is_some())
    }),
    ("isdigit", |ctx, it, args| {
        every(ctx, it, args, unicode::is_digit)
    }),
    ("isidentifier", |ctx, it, args| {
        whole(ctx, it, args, unicode::is_identifier)
    }),
    ("islower", |ctx, it, args| {
        whole(ctx, it, args, unicode::is_lower)
    }),
    ("isnumeric", |ctx, it, args| {
        every(ctx, it, args, unicode::is_numeric)
    }),
    ("isprintable", |ctx, it, args| {
        whole(ctx, it, args, |text| {
            text.chars().all(unicode::is_printable)
        })
    }),
    ("isspace", |ctx, it, args| {
        every(ctx, it, args, unicode::is_space)
    }),
    ("istitle", |ctx, it, args| {
        whole(ctx, it, args, unicode::is_title)
    }),
    ("isupper", |ctx, it, args| {
        whole(ctx, it, args, unicode::is_upper)
    }),
    ("join", join),
    ("ljust", |ctx, it, args| {
        justified(ctx, it, args, str_pad::left)
    }),
    ("lower", |ctx, it, args| cased(ctx, it, args, case::lower)),
    ("lstrip", |ctx, it, args| strip(ctx, it, args, true, false)),
    ("partition", |ctx, it, args| partition(ctx, it, args, false)),
    ("removeprefix", |ctx, it, args| remove(ctx, it, args, false)),
    ("removesuffix", |ctx, it, args| remove(ctx, it, args, true)),
    ("replace", replace),
    ("rfind", |ctx, it, args| {
        str_search::find(ctx, it, args, true)
    }),
    ("rindex", |ctx, it, args| {
        str_search::index(ctx, it, args, true)
    }),
    ("rjust", |ctx, it, args| {
        justified(ctx, it, args, str_pad::right)
    }),
    ("rpartition", |ctx, it, args| partition(ctx, it, args, true)),
    ("rsplit", |ctx, it, args| split(ctx, it, args, true)),
    ("rstrip", |ctx, it, args| strip(ctx, it, args, false, true)),
    ("split", |ctx, it, args| split(ctx, it, args, false)),
    ("splitlines", splitlines),
    ("startswith", |ctx, it, args| {
        str_search::affix(ctx, it, args, false)
    }),
    ("strip", |ctx, it, args| strip(ctx, it, args, true, true)),
    ("striptags", striptags),
    ("swapcase", |ctx, it, args| {
        cased(ctx, it, args, case::swapcase)
    }),
    ("title", |ctx, it, args| cased(ctx, it, args, case::title)),
    ("translate", translate),
    ("unescape", unescape),
    ("upper", |ctx, it, args| cased(ctx, it, args, case::upper)),
    ("zfill", zfill),
];

fn cased(ctx: &mut Ctx<'_>, it: &Value, args: Args, convert: fn(&str) -> String) -> Result<Value> {
    let [] = args.positional("a method of case", 0)?;
    let it = text(it)?;
    str_edit::charge_case(ctx, it)?;
    Ok(marked(it.is_markup(), convert(it)))
}

fn every(ctx: &mut Ctx<'_>, it: &Value, args: Args, test: fn(char) -> bool) -> Result<Value> {
    let [] = args.positional("a test of characters", 0)?;
    let it = text(it)?;
    ctx.charge(it.len() / 4)?;
    Ok(Value::Bool(!it.is_empty() && it.chars().all(test)))
}

fn whole(ctx: &mut Ctx<'_>, it: &Value, args: Args, test: fn(&str) -> bool) -> Result<Value> {
    let [] = args.positional("a test of text", 0)?;
    let it = text(it)?;
    ctx.charge(it.len() / 3)?;
    Ok(Value::Bool(test(it)))
}

type Justify = fn(&mut Ctx<'_>, &Str, usize, char) -> Result<Value>;

fn justified(ctx: &mut Ctx<'_>, it: &Value, args: Args, justify: Justify) -> Result<Value> {
    let [width, fill] = args.positional("justify", 1)?;
    let width = count(&width.unwrap_or(Value::None))?;
    let fill = match &fill {
        Some(fill) => {
            let mut chars = text(fill)?.chars();
            match (chars.next(), chars.next()) {
                (Some(c), None) => c,
                _ => {
                    return Err(failed(
                        "The fill character must be exactly one character long",
                    ));
                }
            }
        }
        None => ' ',
    };
    let it = text(it)?;
    if it.is_markup()
        && html::escape_text(fill.encode_utf8(&mut [0; 4]))
            .chars()
            .count()
            > 1
    {
        return Err(failed(
            "The fill character must be exactly one character long",
        ));
    }
    justify(ctx, it, width, fill)
}

fn expandtabs(ctx: &mut Ctx<'_>, it: &Value, args: Args) -> Result<Value> {
    let [size] = args.bind("expandtabs", ["tabsize"], 0)?;
    let columns = size.map_or(Ok(8), |size| int32(&size))?;
    str_pad::expand_tabs(ctx, text(it)?, size::clamped(columns))
}

fn join(ctx: &mut Ctx<'_>, it: &Value, args: Args) -> Result<Value> {
    let [items] = args.positional("join", 1)?;
    let items = ctx.collect(&items.unwrap_or(Value::None))?;
    let it = text(it)?;
    sequences::joined(ctx, it, &items, it.is_markup(), false)
}

fn strip(ctx: &mut Ctx<'_>, it: &Value, args: Args, left: bool, right: bool) -> Result<Value> {
    let [chars] = args.positional("strip", 0)?;
    str_edit::strip(ctx, text(it)?, given(chars), left, right)
}

fn partition(ctx: &mut Ctx<'_>, it: &Value, args: Args, from_right: bool) -> Result<Value> {
    let [separator] = args.positional("partition", 1)?;
    let separator = separator.unwrap_or(Value::None);
    str_edit::partition(ctx, text(it)?, text(&separator)?, from_right)
}

fn remove(ctx: &mut Ctx<'_>, it: &Value, args: Args, suffix: bool) -> Result<Value> {
    let [affix] = args.positional("removeprefix", 1)?;
    let affix = affix.unwrap_or(Value::None);
    let (it, affix) = (text(it)?, text(&affix)?.as_str());
    let rest = if suffix {
        it.strip_suffix(affix)
    } else {
        it.strip_prefix(affix)
    };
    ctx.charge_memory(it.len())?;
    Ok(marked(it.is_markup(), rest.unwrap_or(it).to_owned()))
}

fn replace(ctx: &mut Ctx<'_>, it: &Value, args: Args) -> Result<Value> {
    let [old, new, limit] = args.positional("replace", 2)?;
    let (old, new) = (old.unwrap_or(Value::None), new.unwrap_or(Value::None));
    let limit = limit.map_or(Ok(-1), |limit| index(&limit))?;
    let it = text(it)?;
    let new = if it.is_markup() {
        html::escaped(ctx, &new)?
    } else {
        text(&new)?.clone()
    };
    str_edit::replace(ctx, it, text(&old)?, &new, limit)
}

fn split(ctx: &mut Ctx<'_>, it: &Value, args: Args, from_right: bool) -> Result<Value> {
    let [separator, limit] = args.bind("split", ["sep", "maxsplit"], 0)?;
    let limit = limit.map_or(Ok(-1), |limit| index(&limit))?;
    str_edit::split(ctx, text(it)?, given(separator), limit, from_right)
}

fn splitlines(ctx: &mut Ctx<'_>, it: &Value, args: Args) -> Result<Value> {
    let [keep] = args.bind("splitlines", ["keepends"], 0)?;
    let keep = flag(ctx, keep, false)?;
    str_edit::split_lines(ctx, text(it)?, keep)
}

fn zfill(ctx: &mut Ctx<'_>, it: &Value, args: Args) -> Result<Value> {
    let [width] = args.positional("zfill", 1)?;
    let width = count(&width.unwrap_or(Value::None))?;
    str_pad::zeros(ctx, text(it)?, width)
}

fn translate(ctx: &mut Ctx<'_>, it: &Value, args: Args) -> Result<Value> {
    let [table] = args.positional("translate", 1)?;
    let Some(Value::Dict(table)) = &table else {
        return Err(failed("the table of translate() is not a dict"));
    };
    let it = text(it)?;
    let mut out = String::new();
    for c in it.chars() {
        ctx.charge(1)?;
        let found = table
            .map()
            .get(&Value::Int(i64::from(u32::from(c))))?
            .cloned();
        match found {
            None => out.push(c),
            Some(Value::None) => continue,
            Some(Value::Str(text)) => {
                ctx.charge_memory(text.len())?;
                out.push_str(&text);
            }
            Some(other) => {
                let code = u32::try_from(integer(&other)?).ok();
                let found = code.and_then(char::from_u32);
                out.push(
                    found.ok_or_else(|| failed("character mapping must be in range(0x110000)"))?,
                );
            }
        }
        ctx.charge_memory(4)?;
    }
    Ok(marked(it.is_markup(), out))
}

fn striptags(ctx: &mut Ctx<'_>, it: &Value, args: Args) -> Result<Value> {
    only_markup(it, "striptags")?;
    html::striptags(ctx, it.clone(), args)
}

fn unescape(ctx: &mut Ctx<'_>, it: &Value, args: Args) -> Result<Value> {
    let [] = args.positional("unescape", 0)?;
    only_markup(it, "unescape")?;
    let it = text(it)?;
    ctx.charge(it.len())?;
    ctx.charge_memory(it.len())?;
    Ok(super::entities::unescape(it).into())
}

fn only_markup(it: &Value, name: &str) -> Result<()> {
    if text(it)?.is_markup() {
        return Ok(());
    }
    Err(failed(format!("'str' object has no attribute '{name}'")))
}
