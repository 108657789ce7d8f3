//! Filters on text.

use super::params::{count, flag, given, index, integer, marked, text};
use super::print::soft_str;
use super::{html, str_edit, str_pad, wrap};
use crate::error::Result;
use crate::run::ctx::Ctx;
use crate::size;
use crate::text::{case, unicode};
use crate::value::args::Args;
use crate::value::{Str, Value, failed};

/// `upper`
pub(crate) fn upper(ctx: &mut Ctx<'_>, value: Value, args: Args) -> Result<Value> {
    cased(ctx, "upper", value, args, case::upper)
}

/// `lower`
pub(crate) fn lower(ctx: &mut Ctx<'_>, value: Value, args: Args) -> Result<Value> {
    cased(ctx, "lower", value, args, case::lower)
}

/// `capitalize`
pub(crate) fn capitalize(ctx: &mut Ctx<'_>, value: Value, args: Args) -> Result<Value> {
    cased(ctx, "capitalize", value, args, case::capitalize)
}

fn cased(
    ctx: &mut Ctx<'_>,
    name: &str,
    value: Value,
    args: Args,
    convert: fn(&str) -> String,
) -> Result<Value> {
    let [] = args.bind(name, [], 0)?;
    let text = soft_str(ctx, &value)?;
    str_edit::charge_case(ctx, &text)?;
    Ok(marked(text.is_markup(), convert(&text)))
}

/// `title`: words begin after whitespace, a hyphen or an opening bracket only.
pub(crate) fn title(ctx: &mut Ctx<'_>, value: Value, args: Args) -> Result<Value> {
    let [] = args.bind("title", [], 0)?;
    let text = soft_str(ctx, &value)?;
    str_edit::charge_case(ctx, &text)?;
    ctx.charge(text.len() / 2)?;
    let separator = |c: char| unicode::is_space(c) || matches!(c, '-' | '(' | '{' | '[' | '<');
    let mut out = String::with_capacity(text.len());
    for word in text.split_inclusive(separator) {
        let mut chars = word.chars();
        if let Some(first) = chars.next() {
            case::push_upper(&mut out, first);
        }
        out.push_str(&case::lower(chars.as_str()));
    }
    Ok(Value::str(out))
}

/// `trim(chars=None)`
pub(crate) fn trim(ctx: &mut Ctx<'_>, value: Value, args: Args) -> Result<Value> {
    let [chars] = args.bind("trim", ["chars"], 0)?;
    let text = soft_str(ctx, &value)?;
    str_edit::strip(ctx, &text, given(chars), true, true)
}

/// `center(width=80)`
pub(crate) fn center(ctx: &mut Ctx<'_>, value: Value, args: Args) -> Result<Value> {
    let [width] = args.bind("center", ["width"], 0)?;
    let width = width.map_or(Ok(80), |width| count(&width))?;
    let text = soft_str(ctx, &value)?;
    str_pad::center(ctx, &text, width, ' ')
}

/// `string`
pub(crate) fn string(ctx: &mut Ctx<'_>, value: Value, args: Args) -> Result<Value> {
    let [] = args.bind("string", [], 0)?;
    Ok(Value::Str(soft_str(ctx, &value)?))
}

/// `replace(old, new, count=None)`
pub(crate) fn replace(ctx: &mut Ctx<'_>, value: Value, args: Args) -> Result<Value> {
    let [old, new, count] = args.bind("replace", ["old", "new", "count"], 2)?;
    let (old, new) = (old.unwrap_or(Value::None), new.unwrap_or(Value::None));
    let limit = given(count).map_or(Ok(-1), |count| index(&count))?;
    let is_markup = |value: &Value| matches!(value, Value::Str(text) if text.is_markup());
    if !ctx.autoescape {
        let (text, old, new) = (
            soft_str(ctx, &value)?,
            soft_str(ctx, &old)?,
            soft_str(ctx, &new)?,
        );
        return str_edit::replace(ctx, &Str::new(text.as_str()), &old, &new, limit);
    }
    let text = if is_markup(&old) || is_markup(&new) && !is_markup(&value) {
        html::escaped(ctx, &value)?
    } else {
        soft_str(ctx, &value)?
    };
    let old = soft_str(ctx, &old)?;
    let new = if text.is_markup() {
        html::escaped(ctx, &new)?
    } else {
        soft_str(ctx, &new)?
    };
    str_edit::replace(ctx, &text, &old, &new, limit)
}

/// `indent(width=4, first=False, blank=False)`
pub(crate) fn indent(ctx: &mut Ctx<'_>, value: Value, args: Args) -> Result<Value> {
    let [width, first, blank] = args.bind("indent", ["width", "first", "blank"], 0)?;
    let text = text(&value)?;
    let first = flag(ctx, first, false)?;
    let blank = flag(ctx, blank, false)?;
    let (indention, spaces) = match &width {
        Some(Value::Str(indention)) => (indention.clone(), 0),
        Some(width) => (Str::new(""), count(width)?),
        None => (Str::new(""), 4),
    };
    ctx.charge(text.len())?;
    let breaks = text.chars().filter(|c| unicode::is_line_break(*c)).count() + 1;
    let bytes = indention
        .len()
        .saturating_add(spaces)
        .saturating_mul(breaks);
    ctx.charge_memory(bytes.saturating_add(text.len()))?;
    let indention = if spaces > 0 {
        " ".repeat(spaces)
    } else {
        indention.as_str().to_owned()
    };
    let mut out = String::with_capacity(text.len());
    let whole = format!("{}\n", text.as_str());
    for (index, line) in str_edit::lines(&whole).enumerate() {
        let line = line.trim_end_matches(unicode::is_line_break);
        if index > 0 {
            out.push('\n');
        }
        let indented = match index {
            0 => first,
            _ => blank || !line.is_empty(),
        };
        if indented {
            out.push_str(&indention);
        }
        out.push_str(line);
    }
    Ok(marked(text.is_markup(), out))
}

/// `truncate(length=255, killwords=False, end='...', leeway=None)`
pub(crate) fn truncate(ctx: &mut Ctx<'_>, value: Value, args: Args) -> Result<Value> {
    let [length, killwords, end, leeway] =
        args.bind("truncate", ["length", "killwords", "end", "leeway"], 0)?;
    let length = length.map_or(Ok(255), |length| integer(&length))?;
    let leeway = given(leeway).map_or(Ok(5), |leeway| integer(&leeway))?;
    let killwords = flag(ctx, killwords, false)?;
    let end = end.unwrap_or_else(|| "...".into());
    let end = text(&end)?;
    ctx.charge(end.len() / 16)?;
    let end_length = end.char_len() as i64;
    if length < end_length || leeway < 0 {
        return Err(failed(format!(
            "expected length >= {end_length} and leeway >= 0"
        )));
    }
    let Value::Str(whole) = &value else {
        // A value with a length that fits is returned unchanged.
        return match ctx.counted(&value)? {
            Some(len) if len <= length.saturating_add(leeway) => Ok(value),
            _ => Err(text(&value).err().unwrap_or_else(|| failed("not a str"))),
        };
    };
    ctx.charge(whole.len() / 16)?;
    ctx.charge_memory(whole.len() + end.len())?;
    if whole.char_len() as i64 <= length.saturating_add(leeway) {
        return Ok(value);
    }
    let kept = str_edit::head(whole, size::clamped(length - end_length));
    let kept = match kept.rfind(' ') {
        Some(space) if !killwords => kept.get(..space).unwrap_or(kept),
        _ => kept,
    };
    let end = if whole.is_markup() {
        html::escaped(ctx, &Value::Str(end.clone()))?
    } else {
        end.clone()
    };
    if end.is_markup() && !whole.is_markup() {
        let kept = html::escape_text(kept);
        return Ok(marked(true, format!("{kept}{}", end.as_str())));
    }
    Ok(marked(whole.is_markup(), format!("{kept}{}", end.as_str())))
}

/// `wordwrap(width=79, break_long_words=True, wrapstring=None, break_on_hyphens=True)`
pub(crate) fn wordwrap(ctx: &mut Ctx<'_>, value: Value, args: Args) -> Result<Value> {
    let names = [
        "width",
        "break_long_words",
        "wrapstring",
        "break_on_hyphens",
    ];
    let [width, long, wrapstring, hyphens] = args.bind("wordwrap", names, 0)?;
    let width = width.map_or(Ok(79), |width| integer(&width))?;
    let long = flag(ctx, long, true)?;
    let hyphens = flag(ctx, hyphens, true)?;
    let wrapstring = given(wrapstring).unwrap_or_else(|| "\n".into());
    let (source, wrapstring) = (text(&value)?, text(&wrapstring)?);
    ctx.charge(source.len() / 16)?;
    let chars = source.char_len();
    if width <= 0 && chars > 0 {
        return Err(failed("invalid width (must be > 0)"));
    }
    ctx.charge(8 * chars)?;
    ctx.charge_memory(source.len().saturating_mul(5))?;
    let mut out: Vec<String> = Vec::new();
    for line in str_edit::lines(source) {
        let line = line.trim_end_matches(unicode::is_line_break);
        out.push(String::new());
        let wrapped = wrap::wrap(line, size::clamped(width), long, hyphens);
        let mut wrapped = wrapped.into_iter();
        if let (Some(place), Some(first)) = (out.last_mut(), wrapped.next()) {
            *place = first;
        }
        out.extend(wrapped);
    }
    ctx.charge_memory(wrapstring.len().saturating_mul(out.len()))?;
    Ok(marked(wrapstring.is_markup(), out.join(wrapstring)))
}

/// `wordcount`
pub(crate) fn wordcount(ctx: &mut Ctx<'_>, value: Value, args: Args) -> Result<Value> {
    let [] = args.bind("wordcount", [], 0)?;
    let text = soft_str(ctx, &value)?;
    ctx.charge(text.len())?;
    let words = text
        .split(|c| !unicode::is_word(c))
        .filter(|word| !word.is_empty());
    Ok(Value::size(words.count()))
}

/// `format(*args, **kwargs)`: `value % (kwargs or args)`
pub(crate) fn format(ctx: &mut Ctx<'_>, value: Value, args: Args) -> Result<Value> {
    if !args.pos.is_empty() && !args.kw.is_empty() {
        return Err(failed(
            "can't handle positional and keyword arguments at the same time",
        ));
    }
    let text = soft_str(ctx, &value)?;
    let argument = if args.kw.is_empty() {
        Value::tuple(args.pos)
    } else {
        Value::record(args.kw)
    };
    super::percent::percent(ctx, &text, &argument)
}
