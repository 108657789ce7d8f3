//! `str.format` and `str.format_map`.

use super::{format_value::format_value, html, params, print};
use crate::error::Result;
use crate::run::ctx::Ctx;
use crate::value::args::Args;
use crate::value::{Str, Value, failed};

/// `text.format(*args, **kwargs)`
pub(crate) fn format(ctx: &mut Ctx<'_>, value: &Value, args: Args) -> Result<Value> {
    let text = params::text(value)?;
    let named = Value::record(args.kw);
    run(ctx, text, &args.pos, &named)
}

/// `text.format_map(mapping)`
pub(crate) fn format_map(ctx: &mut Ctx<'_>, value: &Value, args: Args) -> Result<Value> {
    let text = params::text(value)?;
    let [named] = args.positional("format_map", 1)?;
    run(ctx, text, &[], &named.unwrap_or(Value::None))
}

fn run(ctx: &mut Ctx<'_>, text: &Str, pos: &[Value], named: &Value) -> Result<Value> {
    let mut formatter = Formatter {
        pos,
        named,
        automatic: None,
        next: 0,
        escape: text.is_markup(),
    };
    let out = formatter.expand(ctx, text, 2)?;
    Ok(params::marked(text.is_markup(), out))
}

struct Formatter<'a> {
    pos: &'a [Value],
    named: &'a Value,
    /// Whether the fields are numbered automatically; a text must not mix automatic and explicit numbers.
    automatic: Option<bool>,
    next: usize,
    escape: bool,
}

impl Formatter<'_> {
    fn expand(&mut self, ctx: &mut Ctx<'_>, text: &str, levels: u32) -> Result<String> {
        let Some(levels) = levels.checked_sub(1) else {
            return Err(failed("Max string recursion exceeded"));
        };
        let mut out = String::new();
        let mut rest = text;
        ctx.charge(text.len() / 8)?;
        while let Some(at) = rest.find(['{', '}']) {
            let (literal, brace) = rest.split_at_checked(at).unwrap_or((rest, ""));
            ctx.charge_memory(literal.len() + 1)?;
            out.push_str(literal);
            if let Some(after) = brace.strip_prefix("{{") {
                out.push('{');
                rest = after;
            } else if let Some(after) = brace.strip_prefix("}}") {
                out.push('}');
                rest = after;
            } else if let Some(field) = brace.strip_prefix('{') {
                let end =
                    field_end(field).ok_or_else(|| failed("expected '}' before end of string"))?;
                let (field, after) = field.split_at_checked(end).unwrap_or((field, ""));
                let text = self.field(ctx, field, levels)?;
                ctx.charge_memory(text.len())?;
                out.push_str(&text);
                rest = after.get(1..).unwrap_or("");
            } else {
                return Err(failed("Single '}' encountered in format string"));
            }
        }
        ctx.charge_memory(rest.len())?;
        out.push_str(rest);
        Ok(out)
    }

    fn field(&mut self, ctx: &mut Ctx<'_>, field: &str, levels: u32) -> Result<String> {
        // A colon or an exclamation mark inside brackets belongs to the key.
        let mut in_brackets = false;
        let end = field.find(|c| {
            match c {
                '[' => in_brackets = true,
                ']' => in_brackets = false,
                _ => {}
            }
            !in_brackets && matches!(c, ':' | '!')
        });
        let (name, rest) = field
            .split_at_checked(end.unwrap_or(field.len()))
            .unwrap_or((field, ""));
        let (conversion, spec) = match rest.strip_prefix('!') {
            Some(rest) => {
                let mut chars = rest.chars();
                let conversion = chars.next();
                match (conversion, chars.as_str()) {
                    (Some(_), "") => (conversion, ""),
                    (Some(_), after) => match after.strip_prefix(':') {
                        Some(spec) => (conversion, spec),
                        None => return Err(failed("expected ':' after conversion specifier")),
                    },
                    (None, _) => return Err(failed("unmatched '{' in format spec")),
                }
            }
            None => (None, rest.strip_prefix(':').unwrap_or("")),
        };
        let mut value = self.lookup(ctx, name)?;
        value = match conversion {
            None => value,
            Some('s') => Value::Str(Str::new(print::soft_str(ctx, &value)?.as_str())),
            Some('r') => print::repr(ctx, &value)?.into(),
            Some('a') => {
                let text = print::repr(ctx, &value)?;
                ascii(ctx, &text)?.into()
            }
            Some(_) => return Err(failed("unknown conversion specifier")),
        };
        let spec = if spec.contains(['{', '}']) {
            self.expand(ctx, spec, levels)?
        } else {
            spec.to_owned()
        };
        if !self.escape {
            return format_value(ctx, &value, &spec);
        }
        if let Value::Str(text) = &value
            && text.is_markup()
        {
            return match spec.is_empty() {
                true => Ok(text.as_str().to_owned()),
                false => Err(failed("Unsupported format specification for Markup.")),
            };
        }
        let text = format_value(ctx, &value, &spec)?;
        Ok(html::escaped(ctx, &text.into())?.as_str().to_owned())
    }

    fn lookup(&mut self, ctx: &mut Ctx<'_>, name: &str) -> Result<Value> {
        let end = name.find(['.', '[']).unwrap_or(name.len());
        let (first, mut path) = name.split_at_checked(end).unwrap_or((name, ""));
        let is_number = !first.is_empty() && first.bytes().all(|b| b.is_ascii_digit());
        let mut value = if first.is_empty() || is_number {
            if *self.automatic.get_or_insert(!is_number) == is_number {
                return Err(failed("cannot mix manual and automatic field numbering"));
            }
            let index = if is_number {
                first
                    .parse()
                    .map_err(|_| failed("Too many decimal digits in format string"))?
            } else {
                self.next += 1;
                self.next - 1
            };
            let found = self.pos.get(index).cloned();
            found
                .ok_or_else(|| failed("Replacement index out of range for positional args tuple"))?
        } else {
            let found = ctx.item(self.named, &first.into())?;
            found.ok_or_else(|| failed("a replacement field that is not among the arguments"))?
        };
        while !path.is_empty() {
            ctx.charge(1)?;
            if let Some(rest) = path.strip_prefix('.') {
                let end = rest.find(['.', '[']).unwrap_or(rest.len());
                let (attribute, after) = rest.split_at_checked(end).unwrap_or((rest, ""));
                if attribute.is_empty() {
                    return Err(failed("Empty attribute in format string"));
                }
                let found = ctx.attribute(&value, attribute)?;
                value =
                    found.ok_or_else(|| failed("an attribute that the argument does not have"))?;
                path = after;
            } else if let Some(rest) = path.strip_prefix('[') {
                let (key, after) = rest
                    .split_once(']')
                    .ok_or_else(|| failed("Missing ']' in format string"))?;
                if key.is_empty() {
                    return Err(failed("Empty attribute in format string"));
                }
                let key = match key.parse::<i64>() {
                    Ok(index) if key.bytes().all(|b| b.is_ascii_digit()) => Value::Int(index),
                    _ => key.into(),
                };
                let found = ctx.item(&value, &key)?;
                value = found.ok_or_else(|| failed("an item that the argument does not have"))?;
                path = after;
            } else {
                return Err(failed(
                    "Only '.' or '[' may follow ']' in format field specifier",
                ));
            }
        }
        Ok(value)
    }
}

/// Where a field ends: braces nest, but not inside brackets.
fn field_end(field: &str) -> Option<usize> {
    let (mut depth, mut in_brackets) = (1_usize, false);
    for (at, c) in field.char_indices() {
        match c {
            '[' => in_brackets = true,
            ']' => in_brackets = false,
            '{' if !in_brackets => depth += 1,
            '}' if !in_brackets => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return Some(at);
        }
    }
    None
}

/// `ascii()` of what `repr()` gave.
pub(crate) fn ascii(ctx: &mut Ctx<'_>, text: &str) -> Result<String> {
    ctx.charge_memory(text.len().saturating_mul(5))?;
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match u32::from(c) {
            ..=0x7f => out.push(c),
            code @ ..=0xff => out.push_str(&format!("\\x{code:02x}")),
            code @ ..=0xffff => out.push_str(&format!("\\u{code:04x}")),
            code => out.push_str(&format!("\\U{code:08x}")),
        }
    }
    Ok(out)
}
