//! Jinja2's lexer (`lexer.py`): where tags begin and end, what white space they take with them, and their tokens.
//! Linear in the template, without recursion; refuses what would nest too deeply for the parser.

use std::ops::Range;

use super::Options;
use super::ast::Pos;
use super::limits::exceeded;
use crate::error::{At, Code, Error, Result};

/// Bytes of a template.
pub(super) const MAX_TEMPLATE: usize = 256 << 10;
/// Brackets within brackets.
const MAX_BRACKETS: usize = 32;
/// Operators, calls, attributes and filters that apply to each other's result.
const MAX_CHAIN: usize = 128;
/// Tokens of one tag.
const MAX_TOKENS: usize = 8192;

/// A token with its place in the template.
#[derive(Clone, Debug)]
pub(super) struct Token {
    pub(super) kind: TokenKind,
    /// Bytes of the normalised template; for data what is left after white space control.
    pub(super) range: Range<usize>,
    pub(super) pos: Pos,
    /// For an opening bracket and the begin of a tag: whether there is a comma at its own level.
    pub(super) has_comma: bool,
}

/// What a token is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum TokenKind {
    Data,
    VariableBegin,
    VariableEnd,
    BlockBegin,
    BlockEnd,
    Name,
    Str,
    Int,
    Float,
    Op(&'static str),
}

const OPERATORS: [&str; 26] = [
    "//", "**", "==", "!=", ">=", "<=", "+", "-", "/", "*", "%", "~", "[", "]", "(", ")", "{", "}",
    ">", "<", "=", ".", ":", "|", ",", ";",
];

/// Newlines as Jinja2 has them: only `\n`, and none at the end unless it is to be kept.
pub(super) fn normalise(source: &str, options: &Options) -> Result<String> {
    if source.len() > MAX_TEMPLATE {
        return Err(exceeded(format!(
            "the template is longer than {MAX_TEMPLATE} bytes"
        )));
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

/// `template_syntax` at a place.
pub(super) fn syntax(pos: Pos, detail: impl Into<String>) -> Error {
    Error::new(Code::TemplateSyntax, detail).with_at(pos.into())
}

impl From<Pos> for At {
    fn from(pos: Pos) -> Self {
        Self {
            message: None,
            line: pos.line,
            column: pos.column,
        }
    }
}

/// The tokens of a normalised template, `most` of them.
pub(super) fn tokenize(source: &str, options: &Options, most: usize) -> Result<Vec<Token>> {
    let mut lexer = Lexer {
        source,
        options: *options,
        at: 0,
        pos: Pos { line: 1, column: 1 },
        line_starting: true,
        most,
        tokens: Vec::new(),
    };
    lexer.root()?;
    Ok(lexer.tokens)
}

struct Lexer<'s> {
    source: &'s str,
    options: Options,
    at: usize,
    pos: Pos,
    line_starting: bool,
    most: usize,
    tokens: Vec<Token>,
}

/// An open bracket, or the tag itself at the bottom.
struct Level {
    token: usize,
    close: &'static str,
    /// How deep the expression since the last comma can be, and the deepest before it.
    chain: usize,
    deepest: usize,
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
                        self.raw(pos)?;
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

    /// Takes `offset` bytes of text before a tag, without what the tag strips.
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
            self.tokens.push(Token {
                kind: TokenKind::Data,
                range,
                pos,
                has_comma: false,
            });
        }
    }

    fn push(&mut self, kind: TokenKind, bytes: usize) {
        let pos = self.pos;
        let range = self.advance(bytes);
        self.tokens.push(Token {
            kind,
            range,
            pos,
            has_comma: false,
        });
    }

    fn comment(&mut self, pos: Pos) -> Result<()> {
        let rest = self.rest();
        let end = rest
            .find("#}")
            .ok_or_else(|| syntax(pos, "Missing end of comment tag"))?;
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

    fn raw(&mut self, pos: Pos) -> Result<()> {
        let rest = self.rest();
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
        Err(syntax(pos, "Missing end of raw directive"))
    }

    /// Bytes of the newline that `trim_blocks` takes.
    fn trimmed(&self, keep: bool, after: &str) -> usize {
        usize::from(!keep && self.options.trim_blocks && after.starts_with('\n'))
    }

    /// Length of the end of the tag, when it is here.
    fn tag_end(&self, end: TokenKind) -> Option<usize> {
        let rest = self.rest();
        if !matches!(rest.as_bytes().first(), Some(b'-' | b'+' | b'%' | b'}')) {
            return None;
        }
        let close = if end == TokenKind::BlockEnd {
            "%}"
        } else {
            "}}"
        };
        if let Some(after) = rest.strip_prefix('-').and_then(|r| r.strip_prefix(close)) {
            return Some(3 + space_len(after));
        }
        if end == TokenKind::VariableEnd {
            return rest.starts_with(close).then_some(2);
        }
        if rest.strip_prefix('+').is_some_and(|r| r.starts_with(close)) {
            return Some(3);
        }
        let after = rest.strip_prefix(close)?;
        Some(2 + self.trimmed(false, after))
    }

    fn tag(&mut self, end: TokenKind, begin: Pos) -> Result<()> {
        let first = self.tokens.len() - 1;
        let mut levels = vec![Level {
            token: first,
            close: "",
            chain: 0,
            deepest: 0,
        }];
        loop {
            if levels.len() == 1
                && let Some(len) = self.tag_end(end)
            {
                self.push(end, len);
                return Ok(());
            }
            let rest = self.rest();
            let Some(next) = rest.chars().next() else {
                return Err(syntax(begin, "unexpected end of template in a tag"));
            };
            if is_space(next) {
                self.advance(space_len(rest));
                continue;
            }
            if self.tokens.len() - first > MAX_TOKENS {
                return Err(exceeded("a tag has too many tokens").with_at(begin.into()));
            }
            if self.tokens.len() > self.most {
                return Err(exceeded("the templates have too many tokens").with_at(begin.into()));
            }
            self.token(next, &mut levels)?;
        }
    }

    fn token(&mut self, next: char, levels: &mut Vec<Level>) -> Result<()> {
        let rest = self.rest();
        let pos = self.pos;
        let after_dot = self.source.as_bytes().get(self.at.wrapping_sub(1)) == Some(&b'.');
        if next.is_ascii_digit() {
            let float = if after_dot { None } else { float_len(rest) };
            match float {
                Some(len) => self.push(TokenKind::Float, len),
                None => self.push(TokenKind::Int, int_len(rest)),
            }
            return Ok(());
        }
        if is_name(next) {
            let len = rest.find(|c| !is_name(c)).unwrap_or(rest.len());
            let name = rest.get(..len).unwrap_or_default();
            if next.is_numeric() || is_mark(next) {
                return Err(syntax(pos, "Invalid character in identifier"));
            }
            if matches!(
                name,
                "not" | "and" | "or" | "if" | "else" | "is" | "in" | "elif"
            ) {
                grow(levels, pos)?;
            }
            self.push(TokenKind::Name, len);
            return Ok(());
        }
        if next == '"' || next == '\'' {
            let len =
                string_len(rest).ok_or_else(|| syntax(pos, format!("unexpected char {next:?}")))?;
            self.push(TokenKind::Str, len);
            return Ok(());
        }
        let Some(op) = operator(rest) else {
            return Err(syntax(pos, format!("unexpected char {next:?}")));
        };
        self.push(TokenKind::Op(op), op.len());
        self.track(op, pos, levels)
    }

    fn track(&mut self, op: &'static str, pos: Pos, levels: &mut Vec<Level>) -> Result<()> {
        match op {
            "(" | "[" | "{" => {
                grow(levels, pos)?;
                if levels.len() > MAX_BRACKETS {
                    return Err(too_deep(pos));
                }
                let close = match op {
                    "(" => ")",
                    "[" => "]",
                    _ => "}",
                };
                levels.push(Level {
                    token: self.tokens.len() - 1,
                    close,
                    chain: 0,
                    deepest: 0,
                });
            }
            ")" | "]" | "}" => {
                if levels.len() < 2 {
                    return Err(syntax(pos, format!("unexpected '{op}'")));
                }
                let Some(level) = levels.pop() else {
                    return Ok(());
                };
                if level.close != op {
                    let detail = format!("unexpected '{op}', expected '{}'", level.close);
                    return Err(syntax(pos, detail));
                }
                if let Some(outer) = levels.last_mut() {
                    outer.chain = outer.chain.max(level.deepest.max(level.chain)) + 1;
                    if outer.chain > MAX_CHAIN {
                        return Err(too_deep(pos));
                    }
                }
            }
            "," | ":" => {
                let Some(level) = levels.last_mut() else {
                    return Ok(());
                };
                level.deepest = level.deepest.max(level.chain);
                level.chain = 0;
                if op == ","
                    && let Some(token) = self.tokens.get_mut(level.token)
                {
                    token.has_comma = true;
                }
            }
            _ => grow(levels, pos)?,
        }
        Ok(())
    }
}

/// The operator that the text starts with.
fn operator(text: &str) -> Option<&'static str> {
    let bytes = text.as_bytes();
    let first = bytes.first()?;
    let found = OPERATORS.iter().find(|op| match op.as_bytes() {
        [one] => one == first,
        [one, two] => one == first && bytes.get(1) == Some(two),
        _ => false,
    });
    found.copied()
}

fn grow(levels: &mut [Level], pos: Pos) -> Result<()> {
    if let Some(level) = levels.last_mut() {
        level.chain += 1;
        if level.chain > MAX_CHAIN {
            return Err(too_deep(pos));
        }
    }
    Ok(())
}

fn too_deep(pos: Pos) -> Error {
    exceeded("an expression is nested too deeply").with_at(pos.into())
}

/// The first tag: its offset and how it opens.
fn find_tag(text: &str) -> Option<(usize, &'static str)> {
    let mut from = 0;
    loop {
        let offset = from + text.get(from..)?.find('{')?;
        match text.as_bytes().get(offset + 1) {
            Some(b'{') => return Some((offset, "{{")),
            Some(b'%') => return Some((offset, "{%")),
            Some(b'#') => return Some((offset, "{#")),
            _ => from = offset + 1,
        }
    }
}

fn sign_after(text: &str, offset: usize) -> (Option<char>, usize) {
    match text.as_bytes().get(offset) {
        Some(b'-') => (Some('-'), 1),
        Some(b'+') => (Some('+'), 1),
        _ => (None, 0),
    }
}

/// `\s*keyword\s*[+-]?%}`: its length and sign.
fn keyword_tag(text: &str, keyword: &str) -> Option<(usize, Option<char>)> {
    let start = space_len(text);
    let after = text.get(start..)?.strip_prefix(keyword)?;
    let after = after.get(space_len(after)..)?;
    let (sign, len) = sign_after(after, 0);
    let after = after.get(len..)?.strip_prefix("%}")?;
    Some((text.len() - after.len(), sign))
}

/// Length of `{% raw %}` at the start of the text, with the white space that `-%}` takes.
fn raw_begin(text: &str) -> Option<usize> {
    let (_, sign) = sign_after(text, 2);
    let inside = text.get(2 + sign..)?;
    let (len, end_sign) = keyword_tag(inside, "raw")?;
    let len = 2 + sign + len;
    match end_sign {
        None => Some(len),
        Some('-') => Some(len + space_len(text.get(len..)?)),
        Some(_) => None,
    }
}

/// Python's `\s` and `str.isspace`.
pub(super) fn is_space(character: char) -> bool {
    character.is_whitespace() || ('\x1c'..='\x1f').contains(&character)
}

fn space_len(text: &str) -> usize {
    text.find(|c| !is_space(c)).unwrap_or(text.len())
}

fn is_name(character: char) -> bool {
    character == '_' || character.is_alphanumeric() || is_mark(character)
}

/// Combining marks continue an identifier; the common blocks of them.
fn is_mark(character: char) -> bool {
    matches!(character, '\u{300}'..='\u{36f}' | '\u{483}'..='\u{487}' | '\u{591}'..='\u{5bd}' | '\u{900}'..='\u{903}' | '\u{93a}'..='\u{94f}' | '\u{e31}' | '\u{e34}'..='\u{e3a}' | '\u{e47}'..='\u{e4e}' | '\u{3099}' | '\u{309a}' | '\u{b7}')
}

/// Length of `'…'` or `"…"` with its quotes.
fn string_len(text: &str) -> Option<usize> {
    let quote = text.chars().next()?;
    let mut escaped = false;
    for (offset, character) in text.char_indices().skip(1) {
        if escaped {
            escaped = false;
        } else if character == '\\' {
            escaped = true;
        } else if character == quote {
            return Some(offset + 1);
        }
    }
    None
}

/// `(\d+_)*\d+`
fn digits_len(text: &[u8]) -> usize {
    let mut len = 0;
    let mut last_digit = 0;
    for byte in text {
        match byte {
            b'0'..=b'9' => {
                len += 1;
                last_digit = len;
            }
            b'_' if len > 0 && last_digit == len => len += 1,
            _ => break,
        }
    }
    last_digit
}

fn float_len(text: &str) -> Option<usize> {
    let bytes = text.as_bytes();
    let whole = digits_len(bytes);
    let mut len = whole;
    if bytes.get(len) == Some(&b'.') {
        let fraction = digits_len(bytes.get(len + 1..)?);
        if fraction > 0 {
            len += 1 + fraction;
        }
    }
    let has_fraction = len > whole;
    if matches!(bytes.get(len), Some(b'e' | b'E')) {
        let sign = usize::from(matches!(bytes.get(len + 1), Some(b'+' | b'-')));
        let exponent = digits_len(bytes.get(len + 1 + sign..)?);
        if exponent > 0 {
            return Some(len + 1 + sign + exponent);
        }
    }
    has_fraction.then_some(len)
}

fn int_len(text: &str) -> usize {
    let bytes = text.as_bytes();
    let radix: Option<fn(&u8) -> bool> = match bytes.get(..2) {
        Some(b"0b" | b"0B") => Some(|b| matches!(b, b'0' | b'1')),
        Some(b"0o" | b"0O") => Some(|b| matches!(b, b'0'..=b'7')),
        Some(b"0x" | b"0X") => Some(u8::is_ascii_hexdigit),
        _ => None,
    };
    if let Some(is_digit) = radix {
        let len = separated_len(bytes.get(2..).unwrap_or_default(), true, is_digit);
        if len > 0 {
            return 2 + len;
        }
    }
    if bytes.first() == Some(&b'0') {
        return separated_len(bytes, false, |b| *b == b'0');
    }
    separated_len(bytes, false, u8::is_ascii_digit)
}

/// Digits with single underscores between them, and before the first where that is allowed.
fn separated_len(bytes: &[u8], leading: bool, is_digit: fn(&u8) -> bool) -> usize {
    let mut end = 0;
    let mut may_separate = leading;
    for (index, byte) in bytes.iter().enumerate() {
        if is_digit(byte) {
            end = index + 1;
            may_separate = true;
        } else if *byte == b'_' && may_separate {
            may_separate = false;
        } else {
            break;
        }
    }
    end
}
