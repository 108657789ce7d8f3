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
    /// The delimiters of a comment.
    Comment(Markup<'s>),
    /// A block from `{% raw %}` to `{% endraw %}`, with both tags.
    Raw(&'s str),
}

/// The markup between delimiters.
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
    let mut place = Cursor::start(source);
    while !rest.is_empty() {
        let (text, markup) = rest
            .split_at_checked(open(rest).unwrap_or(rest.len()))
            .unwrap_or((rest, ""));
        if !text.is_empty() {
            pieces.push(Piece::Text(text));
        }
        rest = markup;
        if let Some(open) = markup.get(..2) {
            let at = place.advance(source.len() - markup.len());
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

/// The markup at the start of `text`, and the rest. Quoted text may hold the closing delimiter.
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

/// A block whose body is not Liquid: all of it with both tags, the rest, and whether the rest is trimmed.
fn block<'s>(whole: &'s str, body: &'s str, end: &str, at: At) -> Result<(&'s str, &'s str, bool)> {
    for (open, _) in body.match_indices("{%") {
        let tag = body.get(open + 2..).unwrap_or_default();
        if let Some((after, trims_right)) = closing(tag, end) {
            let (block, _) = whole
                .split_at_checked(whole.len() - after.len())
                .unwrap_or((whole, ""));
            return Ok((block, after, trims_right));
        }
    }
    Err(refuse(at, format!("a block without `{end}`")))
}

/// The rest after the closing tag whose inside starts `tag`, and whether it is trimmed.
fn closing<'s>(tag: &'s str, end: &str) -> Option<(&'s str, bool)> {
    let tag = tag.strip_prefix('-').unwrap_or(tag);
    let rest = tag.trim_start().strip_prefix(end)?.trim_start();
    let dashed = rest.strip_prefix('-');
    let after = dashed.unwrap_or(rest).strip_prefix("%}")?;
    Some((after, dashed.is_some()))
}

/// The offset of the next opening delimiter.
fn open(text: &str) -> Option<usize> {
    let mut braces = text.match_indices('{').map(|(index, _)| index);
    braces.find(|index| matches!(text.as_bytes().get(index + 1), Some(b'{' | b'%')))
}

/// A place that only moves forward, so that all places of a template cost one reading of it.
struct Cursor<'s> {
    source: &'s str,
    offset: usize,
    line: u32,
    column: u32,
}

impl<'s> Cursor<'s> {
    fn start(source: &'s str) -> Self {
        Self {
            source,
            offset: 0,
            line: 1,
            column: 1,
        }
    }

    fn advance(&mut self, offset: usize) -> At {
        let passed = self.source.get(self.offset..offset).unwrap_or_default();
        for c in passed.chars() {
            if c == '\n' {
                self.line = self.line.saturating_add(1);
                self.column = 1;
            } else {
                self.column = self.column.saturating_add(1);
            }
        }
        self.offset = offset;
        At {
            message: None,
            line: self.line,
            column: self.column,
        }
    }
}
