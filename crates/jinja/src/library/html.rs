//! Escaping, and the filters that make HTML or URLs.

use super::params::{dict, flag, given, integer, text};
use super::print::soft_str;
use super::{entities, urlize};
use crate::error::Result;
use crate::run::ctx::Ctx;
use crate::run::ops::escape_into;
use crate::text::unicode;
use crate::value::args::Args;
use crate::value::{Str, Value, failed};

/// `markupsafe.escape` of a text.
pub(crate) fn escape_text(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    escape_into(text, &mut out);
    out
}

/// `markupsafe.escape`: what is marked safe stays as it is.
pub(crate) fn escaped(ctx: &mut Ctx<'_>, value: &Value) -> Result<Str> {
    let text = soft_str(ctx, value)?;
    if text.is_markup() {
        return Ok(text);
    }
    force_escaped(ctx, &text)
}

fn force_escaped(ctx: &mut Ctx<'_>, text: &str) -> Result<Str> {
    ctx.charge(text.len() / 6)?;
    let special = |b: &u8| matches!(b, b'&' | b'<' | b'>' | b'\'' | b'"');
    let found = text.bytes().filter(special).count();
    ctx.charge_memory(text.len() + 4 * found)?;
    Ok(Str::markup(escape_text(text)))
}

/// `escape`, `e`
pub(crate) fn escape(ctx: &mut Ctx<'_>, value: Value, args: Args) -> Result<Value> {
    let [] = args.bind("escape", [], 0)?;
    Ok(Value::Str(escaped(ctx, &value)?))
}

/// `forceescape`
pub(crate) fn forceescape(ctx: &mut Ctx<'_>, value: Value, args: Args) -> Result<Value> {
    let [] = args.bind("forceescape", [], 0)?;
    let text = soft_str(ctx, &value)?;
    Ok(Value::Str(force_escaped(ctx, &text)?))
}

/// `safe`
pub(crate) fn safe(ctx: &mut Ctx<'_>, value: Value, args: Args) -> Result<Value> {
    let [] = args.bind("safe", [], 0)?;
    let text = soft_str(ctx, &value)?;
    Ok(Value::Str(Str::markup(text.shared().clone())))
}

/// `striptags`
pub(crate) fn striptags(ctx: &mut Ctx<'_>, value: Value, args: Args) -> Result<Value> {
    let [] = args.bind("striptags", [], 0)?;
    let source = soft_str(ctx, &value)?;
    ctx.charge(source.len())?;
    ctx.charge_memory(source.len().saturating_mul(3))?;
    let mut kept = String::with_capacity(source.len());
    let mut rest = source.as_str();
    while let Some(start) = rest.find('<') {
        let (before, tag) = rest.split_at_checked(start).unwrap_or((rest, ""));
        let end = match tag.strip_prefix("<!--") {
            Some(comment) => comment.find("-->").map(|at| at + 7),
            None => tag.find('>').map(|at| at + 1),
        };
        let Some(after) = end.and_then(|end| tag.get(end..)) else {
            break;
        };
        kept.push_str(before);
        rest = after;
    }
    kept.push_str(rest);
    let words: Vec<&str> = kept
        .split(unicode::is_space)
        .filter(|word| !word.is_empty())
        .collect();
    Ok(Value::str(entities::unescape(&words.join(" "))))
}

/// `xmlattr(autospace=True)`
pub(crate) fn xmlattr(ctx: &mut Ctx<'_>, value: Value, args: Args) -> Result<Value> {
    let [autospace] = args.bind("xmlattr", ["autospace"], 0)?;
    let autospace = flag(ctx, autospace, true)?;
    let dict = dict(&value)?;
    ctx.charge_memory(dict.len().saturating_mul(2 * size_of::<Value>()))?;
    let entries = dict.map().entries().to_vec();
    let mut parts: Vec<String> = Vec::new();
    for (key, value) in entries {
        ctx.charge(4)?;
        if matches!(value, Value::None | Value::Undefined(_)) {
            continue;
        }
        let name = text(&key)?;
        ctx.charge(name.len() / 16)?;
        let odd = |c: char| matches!(c, '\t'..='\r' | ' ' | '/' | '>' | '=');
        if name.contains(odd) {
            return Err(failed("invalid character in an attribute name"));
        }
        let (name, value) = (escaped(ctx, &key)?, escaped(ctx, &value)?);
        ctx.charge_memory(name.len() + value.len() + 4)?;
        parts.push(format!("{}=\"{}\"", name.as_str(), value.as_str()));
    }
    let mut out = parts.join(" ");
    if autospace && !out.is_empty() {
        out.insert(0, ' ');
    }
    Ok(super::params::marked(ctx.autoescape, out))
}

/// `urlencode`
pub(crate) fn urlencode(ctx: &mut Ctx<'_>, value: Value, args: Args) -> Result<Value> {
    let [] = args.bind("urlencode", [], 0)?;
    let pairs = match &value {
        Value::Dict(dict) => {
            ctx.charge_memory(dict.len().saturating_mul(2 * size_of::<Value>()))?;
            dict.map().entries().to_vec()
        }
        Value::Str(_) => return quote(ctx, &value, false).map(Value::from),
        _ if ctx.iter(&value).is_err() => return quote(ctx, &value, false).map(Value::from),
        _ => {
            let mut pairs = Vec::new();
            for item in ctx.collect(&value)? {
                match <[Value; 2]>::try_from(ctx.collect(&item)?) {
                    Ok([key, value]) => pairs.push((key, value)),
                    Err(_) => return Err(failed("not a pair to unpack (expected 2 values)")),
                }
            }
            pairs
        }
    };
    let mut out = String::new();
    for (index, (key, value)) in pairs.iter().enumerate() {
        if index > 0 {
            out.push('&');
        }
        out.push_str(&quote(ctx, key, true)?);
        out.push('=');
        out.push_str(&quote(ctx, value, true)?);
    }
    Ok(out.into())
}

fn quote(ctx: &mut Ctx<'_>, value: &Value, for_query: bool) -> Result<String> {
    let text = soft_str(ctx, value)?;
    let plain = |b: &u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'.' | b'-' | b'~');
    ctx.charge(text.len())?;
    let quoted = text.bytes().filter(|b| !plain(b)).count();
    ctx.charge_memory(text.len() + 2 * quoted)?;
    let mut out = String::with_capacity(text.len() + 2 * quoted);
    for byte in text.bytes() {
        match byte {
            b if plain(&b) => out.push(char::from(b)),
            b'/' if !for_query => out.push('/'),
            b' ' if for_query => out.push('+'),
            b => {
                out.push('%');
                let digits = [b >> 4, b & 15].into_iter();
                let digits = digits.filter_map(|digit| char::from_digit(u32::from(digit), 16));
                out.extend(digits.map(|digit| digit.to_ascii_uppercase()));
            }
        }
    }
    Ok(out)
}

/// `urlize(trim_url_limit=None, nofollow=False, target=None, rel=None, extra_schemes=None)`
pub(crate) fn urlize(ctx: &mut Ctx<'_>, value: Value, args: Args) -> Result<Value> {
    let names = [
        "trim_url_limit",
        "nofollow",
        "target",
        "rel",
        "extra_schemes",
    ];
    let [limit, nofollow, target, rel, schemes] = args.bind("urlize", names, 0)?;
    let limit = given(limit).map(|limit| integer(&limit)).transpose()?;
    let mut rels = vec!["noopener".to_owned()];
    if flag(ctx, nofollow, false)? {
        rels.push("nofollow".to_owned());
    }
    if let Some(rel) = given(rel) {
        let rel = text(&rel)?;
        ctx.charge_memory(rel.len().saturating_mul(4))?;
        rels.extend(
            rel.split(unicode::is_space)
                .filter(|part| !part.is_empty())
                .map(str::to_owned),
        );
    }
    rels.sort();
    rels.dedup();
    let mut attributes = format!(" rel=\"{}\"", escape_text(&rels.join(" ")));
    if let Some(target) = given(target) {
        let target = escaped(ctx, &target)?;
        if !target.is_empty() {
            attributes.push_str(&format!(" target=\"{}\"", target.as_str()));
        }
    }
    let mut known = Vec::new();
    if let Some(schemes) = given(schemes) {
        for scheme in ctx.collect(&schemes)? {
            let scheme = text(&scheme)?.as_str().to_owned();
            ctx.charge(scheme.len())?;
            if !is_scheme(&scheme) {
                return Err(failed("not a valid URI scheme prefix"));
            }
            known.push(scheme);
        }
    }
    let source = escaped(ctx, &value)?;
    ctx.charge(source.len() / 4)?;
    let words = 1 + source.chars().filter(|c| unicode::is_space(*c)).count();
    ctx.charge(source.len().saturating_mul(2 + known.len()))?;
    let bytes = attributes.len().saturating_add(30).saturating_mul(words);
    ctx.charge_memory(bytes.saturating_add(source.len().saturating_mul(3)))?;
    let links = urlize::Links {
        attributes: &attributes,
        limit,
        schemes: &known,
    };
    let out = urlize::urlize(&source, &links);
    Ok(super::params::marked(ctx.autoescape, out))
}

/// `[\w.+-]{2,}:(/){0,2}`
fn is_scheme(text: &str) -> bool {
    let Some((name, slashes)) = text.split_once(':') else {
        return false;
    };
    let name_ok = name
        .chars()
        .all(|c| unicode::is_word(c) || matches!(c, '.' | '+' | '-'));
    name_ok && name.chars().count() >= 2 && matches!(slashes, "" | "/" | "//")
}
