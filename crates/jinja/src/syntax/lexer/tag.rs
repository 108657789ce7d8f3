//! The tokens of a tag.

use super::scan::{is_space, space_len};
use super::words::{float_len, int_len, is_name, string_len};
use super::{Lexer, TokenKind};
use crate::error::{Error, Result};
use crate::limits::exceeded;
use crate::syntax::literal::unescape;
use crate::syntax::tree::Pos;
use crate::text::quote::push_quoted;
use crate::text::unicode::{decimal, is_identifier};

/// Tokens of one tag.
const MAX_TOKENS: usize = 8192;

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

    /// Takes tokens up to the end of the tag. A missing end is reported by the parser.
    pub(super) fn tag(&mut self, end: TokenKind, begin: Pos) -> Result<()> {
        let first = self.tokens.len();
        // The closers of the open brackets.
        let mut open = Vec::new();
        loop {
            if open.is_empty()
                && let Some(len) = self.tag_end(end)
            {
                self.push(end, len);
                return Ok(());
            }
            let rest = self.rest();
            let Some(next) = rest.chars().next() else {
                return Ok(());
            };
            if is_space(next) {
                self.advance(space_len(rest));
                continue;
            }
            if self.tokens.len() - first > MAX_TOKENS {
                return Err(exceeded("a tag has too many tokens").with_pos(begin));
            }
            if self.tokens.len() > self.most {
                return Err(exceeded("the templates have too many tokens").with_pos(begin));
            }
            self.token(next, &mut open)?;
        }
    }

    fn token(&mut self, next: char, open: &mut Vec<TokenKind>) -> Result<()> {
        let rest = self.rest();
        let pos = self.pos;
        if decimal(next).is_some() {
            let after_dot = self.source.as_bytes().get(self.at.wrapping_sub(1)) == Some(&b'.');
            let float = if after_dot { None } else { float_len(rest) };
            if let Some(len) = float {
                self.push(TokenKind::Float, len);
                return Ok(());
            }
            let len = int_len(rest);
            if len > 0 {
                self.push(TokenKind::Integer, len);
                return Ok(());
            }
        }
        if is_name(next) {
            let len = rest.find(|c| !is_name(c)).unwrap_or(rest.len());
            if !is_identifier(rest.get(..len).unwrap_or_default()) {
                return Err(Error::syntax(pos, "Invalid character in identifier"));
            }
            // Names are compared with one another, so every 4 bytes beyond 16 count as a token.
            self.most = self.most.saturating_sub(len.saturating_sub(16) / 4);
            self.push(TokenKind::Name, len);
            return Ok(());
        }
        if matches!(next, '"' | '\'')
            && let Some(len) = string_len(rest)
        {
            let inner = rest.get(1..len - 1).unwrap_or_default();
            if inner.contains('\\') {
                unescape(inner, pos, &mut String::new())?;
            }
            self.push(TokenKind::String, len);
            return Ok(());
        }
        let Some((op, len)) = TokenKind::operator(rest) else {
            let before = self.source.get(..self.at).unwrap_or_default();
            let mut detail = String::from("unexpected char ");
            push_quoted(&mut detail, next.encode_utf8(&mut [0; 4]));
            detail += &format!(" at {}", before.chars().count());
            return Err(Error::syntax(pos, detail));
        };
        match op {
            TokenKind::LeftParen => open.push(TokenKind::RightParen),
            TokenKind::LeftBracket => open.push(TokenKind::RightBracket),
            TokenKind::LeftBrace => open.push(TokenKind::RightBrace),
            TokenKind::RightParen | TokenKind::RightBracket | TokenKind::RightBrace => {
                let wanted = open.pop();
                if wanted != Some(op) {
                    let mut detail = format!("unexpected '{}'", op.describe());
                    if let Some(wanted) = wanted {
                        detail += &format!(", expected '{}'", wanted.describe());
                    }
                    return Err(Error::syntax(pos, detail));
                }
            }
            _ => {}
        }
        self.push(op, len);
        Ok(())
    }
}
