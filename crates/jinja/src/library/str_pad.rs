//! Methods and filters that change the width of strings.

use super::params::marked;
use crate::error::Result;
use crate::run::ctx::Ctx;
use crate::value::{Str, Value};

/// `center`
pub(crate) fn center(ctx: &mut Ctx<'_>, text: &Str, width: usize, fill: char) -> Result<Value> {
    ctx.charge(text.len() / 16)?;
    let missing = width.saturating_sub(text.char_len());
    // An odd space goes to the left where the width is odd.
    let left = missing / 2 + (missing & width & 1);
    pad(ctx, text, left, missing - left, fill)
}

/// `ljust`
pub(crate) fn left(ctx: &mut Ctx<'_>, text: &Str, width: usize, fill: char) -> Result<Value> {
    ctx.charge(text.len() / 16)?;
    pad(ctx, text, 0, width.saturating_sub(text.char_len()), fill)
}

/// `rjust`
pub(crate) fn right(ctx: &mut Ctx<'_>, text: &Str, width: usize, fill: char) -> Result<Value> {
    ctx.charge(text.len() / 16)?;
    pad(ctx, text, width.saturating_sub(text.char_len()), 0, fill)
}

/// `zfill`
pub(crate) fn zeros(ctx: &mut Ctx<'_>, text: &Str, width: usize) -> Result<Value> {
    ctx.charge(text.len() / 16)?;
    let missing = width.saturating_sub(text.char_len());
    ctx.charge(missing / 16)?;
    ctx.charge_memory(text.len().saturating_add(missing))?;
    let sign = if text.starts_with(['+', '-']) { 1 } else { 0 };
    let (sign, digits) = text.as_str().split_at_checked(sign).unwrap_or(("", text));
    let mut out = String::with_capacity(text.len() + missing);
    out.push_str(sign);
    out.extend(std::iter::repeat_n('0', missing));
    out.push_str(digits);
    Ok(marked(text.is_markup(), out))
}

/// `expandtabs`
pub(crate) fn expand_tabs(ctx: &mut Ctx<'_>, text: &Str, size: usize) -> Result<Value> {
    ctx.charge(text.len())?;
    let tabs = text.bytes().filter(|b| *b == b'\t').count();
    let spaces = tabs.saturating_mul(size);
    ctx.charge(spaces / 16)?;
    ctx.charge_memory(spaces.saturating_add(text.len()))?;
    let mut out = String::with_capacity(text.len());
    let mut column = 0;
    for c in text.chars() {
        match c {
            '\t' if size > 0 => {
                let spaces = size - column % size;
                out.extend(std::iter::repeat_n(' ', spaces));
                column += spaces;
            }
            '\t' => {}
            '\n' | '\r' => {
                out.push(c);
                column = 0;
            }
            _ => {
                out.push(c);
                column += 1;
            }
        }
    }
    Ok(marked(text.is_markup(), out))
}

fn pad(ctx: &mut Ctx<'_>, text: &Str, left: usize, right: usize, fill: char) -> Result<Value> {
    if left == 0 && right == 0 {
        return Ok(Value::Str(text.clone()));
    }
    let spaces = left.saturating_add(right).saturating_mul(fill.len_utf8());
    ctx.charge(spaces / 16)?;
    ctx.charge_memory(text.len().saturating_add(spaces))?;
    let mut out = String::with_capacity(text.len() + spaces);
    out.extend(std::iter::repeat_n(fill, left));
    out.push_str(text);
    out.extend(std::iter::repeat_n(fill, right));
    Ok(marked(text.is_markup(), out))
}
