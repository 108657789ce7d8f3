//! The tokens of a tag.

use super::scan::{is_space, space_len};
use super::words::{float_len, int_len, is_mark, is_name, string_len};
use super::{Lexer, TokenKind, syntax};
use crate::error::{Error, Result};
use crate::jinja::ast::Pos;
use crate::jinja::limits::exceeded;

/// Brackets within brackets.
const MAX_BRACKETS: usize = 32;

/// Operators, calls, attributes and filters that apply to each other's result.
const MAX_CHAIN: usize = 128;

/// Tokens of one tag.
const MAX_TOKENS: usize = 8192;

const OPERATORS: [&str; 26] = [
    "//", "**", "==", "!=", ">=", "<=", "+", "-", "/", "*", "%", "~", "[", "]", "(", ")", "{", "}",
    ">", "<", "=", ".", ":", "|", ",", ";",
];

/// An open bracket, or the tag itself at the bottom.
struct Level {
    token: usize,
    close: &'static str,
    /// How deep the expression since the last comma can be, and the deepest before it.
    chain: usize,
    deepest: usize,
}

impl<'s> Lexer<'s> {
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

    pub(super) fn tag(&mut self, end: TokenKind, begin: Pos) -> Result<()> {
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
            // Names are compared with one another; a token more for every 4 bytes over 16.
            self.most = self.most.saturating_sub(len.saturating_sub(16) / 4);
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
