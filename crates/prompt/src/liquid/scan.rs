//! A Liquid template cut into text, outputs and tags.

use crate::error::{At, Code, Error, Result};

/// A piece of a template.
#[derive(Debug)]
pub(super) enum Piece<'s> {
    /// Text that is printed as it is.
    Text(&'s str),
    /// `{{ … }}`
    Output(Markup<'s>),
    /// `{% … %}`
    Tag(Markup<'s>),
    /// A comment's delimiters.
    Comment(Markup<'s>),
    /// What stands between `{% raw %}` and `{% endraw %}`, with both tags.
    Raw(&'s str),
}

/// What stands between delimiters.
#[derive(Clone, Copy, Debug)]
pub(super) struct Markup<'s> {
    /// Without the delimiters, their dashes and the white space around.
    pub(super) inner: &'s str,
    /// `{{-` or `{%-`
    pub(super) trims_left: bool,
    /// `-}}` or `-%}`
    pub(super) trims_right: bool,
    /// The opening delimiter.
    pub(super) at: At,
}

/// Cuts a template.
pub(super) fn scan(source: &str) -> Result<Vec<Piece<'_>>> {
    let mut pieces = Vec::new();
    let mut rest = source;
    while !rest.is_empty() {
        let open = ["{{", "{%"].iter().filter_map(|open| rest.find(open)).min();
        let (text, markup) = rest
            .split_at_checked(open.unwrap_or(rest.len()))
            .unwrap_or((rest, ""));
        if !text.is_empty() {
            pieces.push(Piece::Text(text));
        }
        rest = markup;
        if let Some(open) = markup.get(..2) {
            let at = place(source, source.len() - markup.len());
            let (piece, after) = if open == "{{" {
                let (output, after) = cut(markup, "}}", at)?;
                (Piece::Output(output), after)
            } else {
                let (tag, after) = cut(markup, "%}", at)?;
                match tag.inner {
                    "raw" => {
                        let (whole, after, _) = block(markup, after, "endraw", at)?;
                        (Piece::Raw(whole), after)
                    }
                    "comment" => {
                        let (_, after, trims_right) = block(markup, after, "endcomment", at)?;
                        (Piece::Comment(Markup { trims_right, ..tag }), after)
                    }
                    inner if inner.starts_with('#') => (Piece::Comment(tag), after),
                    _ => (Piece::Tag(tag), after),
                }
            };
            pieces.push(piece);
            rest = after;
        }
    }
    Ok(pieces)
}

/// A refusal at a place.
pub(super) fn refuse(at: At, detail: impl Into<String>) -> Error {
    Error::new(Code::TemplateSyntax, detail).with_at(at)
}

/// The markup that starts `text`, and what follows it. Quoted text may hold the closing delimiter.
fn cut<'s>(text: &'s str, close: &str, at: At) -> Result<(Markup<'s>, &'s str)> {
    let unclosed = || {
        refuse(
            at,
            format!("`{}` without `{close}`", text.get(..2).unwrap_or_default()),
        )
    };
    let body = text.get(2..).ok_or_else(unclosed)?;
    let mut quote = None;
    let end = body
        .char_indices()
        .find(|&(index, c)| {
            match quote {
                Some(open) if open == c => quote = None,
                None if matches!(c, '"' | '\'') => quote = Some(c),
                _ => {}
            }
            quote.is_none()
                && body
                    .get(index..)
                    .is_some_and(|rest| rest.starts_with(close))
        })
        .map(|(index, _)| index)
        .or_else(|| body.find(close))
        .ok_or_else(unclosed)?;
    let (inner, after) = body.split_at_checked(end).ok_or_else(unclosed)?;
    let (trims_left, inner) = inner
        .strip_prefix('-')
        .map_or((false, inner), |inner| (true, inner));
    let (trims_right, inner) = inner
        .strip_suffix('-')
        .map_or((false, inner), |inner| (true, inner));
    let after = after.get(close.len()..).unwrap_or_default();
    Ok((
        Markup {
            inner: inner.trim(),
            trims_left,
            trims_right,
            at,
        },
        after,
    ))
}

/// A block whose body is not Liquid: all of it with both tags, what follows, and whether that is trimmed.
fn block<'s>(whole: &'s str, body: &'s str, end: &str, at: At) -> Result<(&'s str, &'s str, bool)> {
    let mut rest = body;
    while let Some(open) = rest.find("{%") {
        let tag = rest.get(open..).unwrap_or_default();
        if let Ok((markup, after)) = cut(tag, "%}", at)
            && markup.inner == end
        {
            let (block, _) = whole
                .split_at_checked(whole.len() - after.len())
                .unwrap_or((whole, ""));
            return Ok((block, after, markup.trims_right));
        }
        rest = tag.get(2..).unwrap_or_default();
    }
    Err(refuse(at, format!("a block without `{end}`")))
}

fn place(source: &str, offset: usize) -> At {
    let before = source.get(..offset).unwrap_or_default();
    let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
    let count = |n: usize| u32::try_from(n + 1).unwrap_or(u32::MAX);
    At {
        message: None,
        line: count(before.matches('\n').count()),
        column: count(before.get(line_start..).unwrap_or_default().chars().count()),
    }
}
