//! The tokens of a Liquid tag.

use crate::error::{At, Result};

use super::scan::refuse;

/// A token.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum LiquidToken<'s> {
    Name(&'s str),
    Number(&'s str),
    Text(&'s str),
    Sign(&'s str),
}

/// Cuts the inside of a tag.
pub(super) fn lex(text: &str, at: At) -> Result<Vec<LiquidToken<'_>>> {
    let mut tokens = Vec::new();
    let mut rest = text.trim_start();
    while let Some(first) = rest.chars().next() {
        let run = |inside: &dyn Fn(char) -> bool| rest.find(|c| !inside(c)).unwrap_or(rest.len());
        let digits = rest.strip_prefix('-').unwrap_or(rest);
        let length = if matches!(first, '"' | '\'') {
            let body = rest.get(1..).unwrap_or_default();
            let end = body
                .find(first)
                .ok_or_else(|| refuse(at, "a text without its closing quote"))?;
            tokens.push(LiquidToken::Text(body.get(..end).unwrap_or_default()));
            end + 2
        } else if digits.starts_with(|c: char| c.is_ascii_digit()) {
            let mut length = rest.len() - digits.len()
                + digits
                    .find(|c: char| !c.is_ascii_digit())
                    .unwrap_or(digits.len());
            let fraction = rest
                .get(length..)
                .unwrap_or_default()
                .strip_prefix('.')
                .unwrap_or_default();
            let count = fraction
                .find(|c: char| !c.is_ascii_digit())
                .unwrap_or(fraction.len());
            length += if count > 0 { count + 1 } else { 0 };
            tokens.push(LiquidToken::Number(rest.get(..length).unwrap_or_default()));
            length
        } else if first.is_alphabetic() || first == '_' {
            let length = run(&|c| c.is_alphanumeric() || c == '_');
            tokens.push(LiquidToken::Name(rest.get(..length).unwrap_or_default()));
            length
        } else {
            let two = rest
                .get(..2)
                .filter(|sign| matches!(*sign, "==" | "!=" | "<>" | "<=" | ">=" | ".."));
            let sign = two.or_else(|| rest.get(..1).filter(|sign| "|:,.[]()<>=".contains(*sign)));
            let sign =
                sign.ok_or_else(|| refuse(at, "a character that Liquid does not know here"))?;
            tokens.push(LiquidToken::Sign(sign));
            sign.len()
        };
        rest = rest.get(length..).unwrap_or_default().trim_start();
    }
    Ok(tokens)
}
