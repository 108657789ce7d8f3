//! Jinja2's lexer (`lexer.py`): where tags begin and end, which white space they strip, and their tokens.
//! Linear in the template, without recursion.

mod scan;
mod tag;
mod token;
mod words;

use std::ops::Range;

use crate::error::{Error, Pos, Result};
use crate::limits::exceeded;
use crate::options::Options;
pub(crate) use scan::is_space;
use scan::{find_tag, keyword_tag, raw_begin, sign_after, space_len};
pub(crate) use token::{Token, TokenKind, Tokens};

const START: Pos = Pos { line: 1, column: 1 };

/// Bytes of a template.
pub const MAX_TEMPLATE: usize = 256 << 10;

/// Normalises newlines as Jinja2 does: only `\n`, and none at the end unless it is to be kept.
pub(crate) fn normalise(source: &str, options: &Options) -> Result<String> {
    if source.len() > MAX_TEMPLATE {
        let detail = format!("the template is longer than {MAX_TEMPLATE} bytes");
        let last = source.get(..source.floor_char_boundary(MAX_TEMPLATE));
        return Err(exceeded(detail).with_pos(end_of(last.unwrap_or_default())));
    }
    let mut text = if source.contains('\r') {
        source.replace("\r\n", "\n").replace('\r', "\n")
    } else {
        source.to_owned()
    };
    if !options.keep_trailing_newline && text.ends_with('\n') {
        text.pop();
    }
    Ok(text)
}

/// The end of a text.
fn end_of(text: &str) -> Pos {
    let lines = text.matches('\n').count() as u32;
    let last = text.rsplit('\n').next().unwrap_or_default();
    Pos {
        line: lines + 1,
        column: last.chars().count() as u32 + 1,
    }
}

/// The tokens of a normalised template; their number is taken from `left`.
pub(crate) fn tokenize(source: &str, options: &Options, left: &mut usize) -> Tokens {
    let mut lexer = Lexer {
        source,
        options: *options,
        at: 0,
        pos: START,
        line_starting: true,
        most: *left,
        tokens: Vec::new(),
    };
    let result = lexer.root();
    *left = lexer.most.saturating_sub(lexer.tokens.len());
    // Jinja2's last token is where the one before it is.
    let pos = lexer.tokens.last().map_or(START, |token| token.pos);
    Tokens {
        list: lexer.tokens,
        end: result.map(|()| Token {
            kind: TokenKind::End,
            start: 0,
            end: 0,
            pos,
        }),
    }
}

struct Lexer<'s> {
    source: &'s str,
    options: Options,
    at: usize,
    pos: Pos,
    line_starting: bool,
    /// The number of tokens allowed; a long name counts as several.
    most: usize,
    tokens: Vec<Token>,
}

impl<'s> Lexer<'s> {
    fn rest(&self) -> &'s str {
        self.source.get(self.at..).unwrap_or_default()
    }

    fn advance(&mut self, bytes: usize) -> Range<usize> {
        let start = self.at;
        let text = self.rest().get(..bytes).unwrap_or_default();
        match text.rfind('\n') {
            Some(last) => {
                self.pos.line += text.matches('\n').count() as u32;
                let tail = text.get(last + 1..).unwrap_or_default();
                self.pos.column = tail.chars().count() as u32 + 1;
            }
            None => self.pos.column += text.chars().count() as u32,
        }
        self.line_starting = text.ends_with('\n');
        self.at += bytes;
        start..self.at
    }

    fn root(&mut self) -> Result<()> {
        while !self.rest().is_empty() {
            let Some((offset, kind)) = find_tag(self.rest()) else {
                let starting = self.at;
                let pos = self.pos;
                let len = self.rest().len();
                self.advance(len);
                self.data(starting..self.at, pos);
                return Ok(());
            };
            let (sign, len) = sign_after(self.rest(), offset + 2);
            self.data_before(offset, sign, kind == "{{");
            let pos = self.pos;
            match kind {
                "{#" => {
                    self.advance(2 + len);
                    self.comment(pos)?;
                }
                "{%" => match raw_begin(self.rest()) {
                    Some(len) => {
                        self.advance(len);
                        self.raw()?;
                    }
                    None => {
                        self.push(TokenKind::BlockBegin, 2 + len);
                        self.tag(TokenKind::BlockEnd, pos)?;
                    }
                },
                _ => {
                    self.push(TokenKind::VariableBegin, 2 + len);
                    self.tag(TokenKind::VariableEnd, pos)?;
                }
            }
        }
        Ok(())
    }

    /// Takes `offset` bytes of text before a tag, without the white space that the tag strips.
    fn data_before(&mut self, offset: usize, sign: Option<char>, is_variable: bool) {
        let text = self.rest().get(..offset).unwrap_or_default();
        let mut kept = text;
        if sign == Some('-') {
            kept = text.trim_end_matches(is_space);
        } else if sign.is_none() && self.options.lstrip_blocks && !is_variable {
            let line = text.rfind('\n').map_or(0, |last| last + 1);
            let blank = text.get(line..).unwrap_or_default();
            if (line > 0 || self.line_starting) && blank.chars().all(is_space) {
                kept = text.get(..line).unwrap_or_default();
            }
        }
        let start = self.at;
        let pos = self.pos;
        let end = start + kept.len();
        self.advance(offset);
        self.data(start..end, pos);
    }

    fn data(&mut self, range: Range<usize>, pos: Pos) {
        if !range.is_empty() {
            self.add(TokenKind::Data, range, pos);
        }
    }

    fn push(&mut self, kind: TokenKind, bytes: usize) {
        let pos = self.pos;
        let range = self.advance(bytes);
        self.add(kind, range, pos);
    }

    fn add(&mut self, kind: TokenKind, range: Range<usize>, pos: Pos) {
        // A template is no longer than MAX_TEMPLATE.
        self.tokens.push(Token {
            kind,
            start: range.start as u32,
            end: range.end as u32,
            pos,
        });
    }

    fn comment(&mut self, pos: Pos) -> Result<()> {
        let rest = self.rest();
        // Jinja2 takes a comment that ends right after its start for a whole one, and likewise a raw block.
        if rest.is_empty() {
            return Ok(());
        }
        let end = rest
            .find("#}")
            .ok_or_else(|| Error::syntax(pos, "Missing end of comment tag"))?;
        let before = rest.get(..end).unwrap_or_default();
        let after = rest.get(end + 2..).unwrap_or_default();
        let taken = if before.ends_with('-') {
            space_len(after)
        } else {
            self.trimmed(before.ends_with('+'), after)
        };
        self.advance(end + 2 + taken);
        Ok(())
    }

    fn raw(&mut self) -> Result<()> {
        let rest = self.rest();
        if rest.is_empty() {
            return Ok(());
        }
        let mut from = 0;
        while let Some(found) = rest.get(from..).and_then(|rest| rest.find("{%")) {
            let offset = from + found;
            let (sign, len) = sign_after(rest, offset + 2);
            let inside = rest.get(offset + 2 + len..).unwrap_or_default();
            if let Some((len_inside, end_sign)) = keyword_tag(inside, "endraw") {
                let after = inside.get(len_inside..).unwrap_or_default();
                let taken = if end_sign == Some('-') {
                    space_len(after)
                } else {
                    self.trimmed(end_sign == Some('+'), after)
                };
                self.data_before(offset, sign, false);
                self.advance(2 + len + len_inside + taken);
                return Ok(());
            }
            from = offset + 2;
        }
        Err(Error::syntax(self.pos, "Missing end of raw directive"))
    }

    /// The bytes of the newline that `trim_blocks` strips.
    fn trimmed(&self, keep: bool, after: &str) -> usize {
        usize::from(!keep && self.options.trim_blocks && after.starts_with('\n'))
    }
}
