//! String edits of methods and filters: strip, replace, split. They are paid for before anything is made.

use super::params::{marked, text as text_of};
use crate::error::Result;
use crate::run::ctx::Ctx;
use crate::size;
use crate::text::unicode::{is_line_break, is_space};
use crate::value::{Str, Value, failed};

/// Pays for a change of case: outside ASCII, one character can become three.
pub(crate) fn charge_case(ctx: &mut Ctx<'_>, text: &str) -> Result<()> {
    ctx.charge(text.len() / 32)?;
    if text.is_ascii() {
        ctx.charge_memory(text.len())
    } else {
        ctx.charge(text.len())?;
        ctx.charge_memory(text.len().saturating_mul(3))
    }
}

/// The first characters of a text.
pub(crate) fn head(text: &str, count: usize) -> &str {
    match text.char_indices().nth(count) {
        Some((at, _)) => text.get(..at).unwrap_or(text),
        None => text,
    }
}

/// The lines of a text with their ends, as `splitlines(keepends=True)` gives them.
pub(crate) fn lines(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let end = match rest.char_indices().find(|(_, c)| is_line_break(*c)) {
            Some((at, '\r'))
                if rest
                    .get(at + 1..)
                    .is_some_and(|after| after.starts_with('\n')) =>
            {
                at + 2
            }
            Some((at, c)) => at + c.len_utf8(),
            None => rest.len(),
        };
        let (line, after) = rest.split_at_checked(end)?;
        rest = after;
        Some(line)
    })
}

/// `strip`, `lstrip` and `rstrip`.
pub(crate) fn strip(
    ctx: &mut Ctx<'_>,
    text: &Str,
    chars: Option<Value>,
    left: bool,
    right: bool,
) -> Result<Value> {
    let set: Option<Vec<char>> = match &chars {
        Some(chars) => {
            let chars = text_of(chars)?;
            ctx.charge(chars.len() / 2)?;
            ctx.charge_memory(chars.len().saturating_mul(4))?;
            let mut set: Vec<char> = chars.chars().collect();
            set.sort_unstable();
            Some(set)
        }
        None => None,
    };
    let dropped = |c: char| match &set {
        Some(set) => set.binary_search(&c).is_ok(),
        None => is_space(c),
    };
    let mut kept = text.as_str();
    if left {
        kept = trimmed(ctx, kept, dropped, false)?;
    }
    if right {
        kept = trimmed(ctx, kept, dropped, true)?;
    }
    if kept.len() == text.len() {
        return Ok(Value::Str(text.clone()));
    }
    ctx.charge_memory(kept.len())?;
    Ok(marked(text.is_markup(), kept.to_owned()))
}

/// Characters examined per charge.
const STEP: usize = 64;

/// A text without the leading or trailing characters to drop; each examined character is paid for.
fn trimmed<'a>(
    ctx: &mut Ctx<'_>,
    text: &'a str,
    dropped: impl Fn(char) -> bool,
    end: bool,
) -> Result<&'a str> {
    let mut rest = text;
    loop {
        let mut chars = rest.chars();
        for _ in 0..STEP {
            let before = chars.as_str();
            let next = match end {
                true => chars.next_back(),
                false => chars.next(),
            };
            if !next.is_some_and(&dropped) {
                return Ok(before);
            }
        }
        ctx.charge(STEP / 4)?;
        rest = chars.as_str();
    }
}

/// `replace`; a negative limit means no limit.
pub(crate) fn replace(
    ctx: &mut Ctx<'_>,
    text: &Str,
    old: &str,
    new: &str,
    limit: i64,
) -> Result<Value> {
    let limit = if limit < 0 {
        usize::MAX
    } else {
        size::clamped(limit)
    };
    ctx.charge(text.len() / 8)?;
    let found = if old.is_empty() {
        text.char_len() + 1
    } else {
        text.matches(old).take(limit).count()
    }
    .min(limit);
    if found == 0 {
        return Ok(Value::Str(text.clone()));
    }
    let bytes = found.saturating_mul(new.len()).saturating_add(text.len());
    ctx.charge(found)?;
    ctx.charge_memory(bytes)?;
    Ok(marked(
        text.is_markup(),
        text.as_str().replacen(old, new, found),
    ))
}

/// `split` and `rsplit`.
pub(crate) fn split(
    ctx: &mut Ctx<'_>,
    text: &Str,
    separator: Option<Value>,
    limit: i64,
    from_right: bool,
) -> Result<Value> {
    let limit = if limit < 0 {
        usize::MAX
    } else {
        size::clamped(limit)
    };
    ctx.charge(text.len() / 5)?;
    let parts: Vec<&str> = match &separator {
        None => {
            charge_parts(ctx, text, blanks(text).min(limit))?;
            split_blank(text, limit, from_right)
        }
        Some(separator) => {
            let separator = text_of(separator)?.as_str();
            if separator.is_empty() {
                return Err(failed("empty separator"));
            }
            let cuts = text.matches(separator).take(limit).count();
            charge_parts(ctx, text, cuts)?;
            if from_right {
                let mut parts: Vec<&str> =
                    text.rsplitn(limit.saturating_add(1), separator).collect();
                parts.reverse();
                parts
            } else {
                text.splitn(limit.saturating_add(1), separator).collect()
            }
        }
    };
    Ok(list_of(text, parts))
}

/// `splitlines`
pub(crate) fn split_lines(ctx: &mut Ctx<'_>, text: &Str, keep_ends: bool) -> Result<Value> {
    ctx.charge(text.len() / 8)?;
    let count = text.chars().filter(|c| is_line_break(*c)).count();
    charge_parts(ctx, text, count)?;
    let parts = lines(text)
        .map(|line| match keep_ends {
            true => line,
            false => line
                .strip_suffix("\r\n")
                .unwrap_or_else(|| line.strip_suffix(is_line_break).unwrap_or(line)),
        })
        .collect();
    Ok(list_of(text, parts))
}

/// `partition` and `rpartition`.
pub(crate) fn partition(
    ctx: &mut Ctx<'_>,
    text: &Str,
    separator: &str,
    from_right: bool,
) -> Result<Value> {
    if separator.is_empty() {
        return Err(failed("empty separator"));
    }
    ctx.charge(text.len() / 8)?;
    charge_parts(ctx, text, 2)?;
    let all = text.as_str();
    let (a, b, c) = match (
        from_right,
        all.split_once(separator),
        all.rsplit_once(separator),
    ) {
        (false, Some((a, c)), _) | (true, _, Some((a, c))) => (a, separator, c),
        (false, ..) => (all, "", ""),
        (true, ..) => ("", "", all),
    };
    let part = |part: &str| marked(text.is_markup(), part.to_owned());
    Ok(Value::tuple(vec![part(a), part(b), part(c)]))
}

fn charge_parts(ctx: &mut Ctx<'_>, text: &str, cuts: usize) -> Result<()> {
    ctx.charge(cuts)?;
    // Each part is a value, and a string of its own with two reference counts.
    ctx.charge_memory(
        (cuts + 1)
            .saturating_mul(size_of::<Value>() + 16)
            .saturating_add(text.len()),
    )
}

fn list_of(text: &Str, parts: Vec<&str>) -> Value {
    let part = |part: &str| marked(text.is_markup(), part.to_owned());
    Value::list(parts.into_iter().map(part).collect())
}

/// Runs of whitespace.
fn blanks(text: &str) -> usize {
    let mut previous = false;
    let starts = |c: char| {
        let blank = is_space(c);
        let starts = blank && !previous;
        previous = blank;
        starts
    };
    text.chars().map(starts).filter(|starts| *starts).count()
}

fn split_blank(text: &str, limit: usize, from_right: bool) -> Vec<&str> {
    let mut parts = Vec::new();
    let mut rest = text;
    if from_right {
        loop {
            rest = rest.trim_end_matches(is_space);
            if rest.is_empty() {
                break;
            }
            if parts.len() == limit {
                parts.push(rest);
                break;
            }
            let word = rest.rfind(is_space).map_or(0, |at| {
                at + rest
                    .get(at..)
                    .and_then(|r| r.chars().next())
                    .map_or(0, char::len_utf8)
            });
            let (before, part) = rest.split_at_checked(word).unwrap_or(("", rest));
            parts.push(part);
            rest = before;
        }
        parts.reverse();
        return parts;
    }
    loop {
        rest = rest.trim_start_matches(is_space);
        if rest.is_empty() {
            break;
        }
        if parts.len() == limit {
            parts.push(rest);
            break;
        }
        let end = rest.find(is_space).unwrap_or(rest.len());
        let (part, after) = rest.split_at_checked(end).unwrap_or((rest, ""));
        parts.push(part);
        rest = after;
    }
    parts
}
