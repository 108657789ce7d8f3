//! Expressions, and what can be assigned to.

use std::ops::Range;

use super::Emitter;
use crate::error::Result;
use crate::jinja::lex::{TokenKind, syntax};

impl<'a> Emitter<'a> {
    /// Names, commas, dots and brackets: what can be assigned to.
    pub(super) fn target(&mut self, range: Range<usize>) {
        for index in range {
            match self.kind(index) {
                Some(TokenKind::Name) => self.put(index, self.assignable(index)),
                _ => self.put(index, self.text(index)),
            }
        }
    }

    pub(super) fn assignable(&self, index: usize) -> &'a str {
        match self.text(index) {
            name @ ("true" | "false" | "none" | "True" | "False" | "None") => name,
            _ => "x",
        }
    }

    pub(super) fn filter_chain(&mut self, range: Range<usize>) -> Result<()> {
        for (number, part) in self.split(range, "|").into_iter().enumerate() {
            if number > 0 {
                self.put(part.start - 1, "|");
            }
            let after = self.dotted(part.start);
            self.expression(after..part.end)?;
        }
        Ok(())
    }

    /// A filter's or test's name, which may have dots; gives what comes next.
    fn dotted(&mut self, mut index: usize) -> usize {
        if self.kind(index) != Some(TokenKind::Name) {
            return index;
        }
        self.put(index, "x");
        index += 1;
        while self.is_op(index, ".") && self.kind(index + 1) == Some(TokenKind::Name) {
            self.put(index, ".");
            self.put(index + 1, "x");
            index += 2;
        }
        index
    }

    pub(super) fn tuple(&mut self, range: Range<usize>, is_tuple: bool) -> Result<()> {
        if range.is_empty() {
            return Err(syntax(self.pos(range.start), "Expected an expression"));
        }
        if !is_tuple {
            return self.expression(range);
        }
        self.raw("\n(");
        self.line += 1;
        self.expression(range)?;
        self.raw("\n)");
        self.line += 1;
        Ok(())
    }

    pub(super) fn expression(&mut self, range: Range<usize>) -> Result<()> {
        let mut index = range.start;
        // Whether an operand ends here, so that an operator can follow.
        let mut operand = false;
        // For every open bracket whether a bracket was added within.
        let mut brackets = Vec::new();
        while index < range.end {
            let Some(kind) = self.kind(index) else {
                return Ok(());
            };
            match kind {
                TokenKind::Name => {
                    let text = self.text(index);
                    let attribute = operand_dot(self, index, range.start);
                    if attribute || self.is_op(index + 1, "=") {
                        self.put(index, "x");
                        operand = true;
                    } else if operand && text == "is" {
                        (index, operand) = self.test(index..range.end)?;
                        continue;
                    } else if operand && text == "not" && self.name(index + 1) == Some("in") {
                        self.put(index, "not");
                        self.put(index + 1, "in");
                        index += 1;
                        operand = false;
                    } else if text == "not"
                        || operand && matches!(text, "and" | "or" | "in" | "if" | "else")
                    {
                        self.put(index, text);
                        operand = text == "not" && self.is_compared(index, range.start);
                    } else {
                        let constant = self.assignable(index);
                        self.put(index, constant);
                        operand = true;
                    }
                }
                TokenKind::Str => {
                    self.put(index, "\"\"");
                    operand = true;
                }
                TokenKind::Int => {
                    self.put(index, "0");
                    operand = true;
                }
                TokenKind::Float => {
                    self.put(index, "0.5");
                    operand = true;
                }
                TokenKind::Op("|") => {
                    self.put(index, "|");
                    index = self.dotted(index + 1);
                    operand = true;
                    continue;
                }
                TokenKind::Op("+") if !operand => self.put(index, "-"),
                TokenKind::Op(op @ ("(" | "[" | "{")) => {
                    self.put(index, op);
                    let tuple = op == "[" && operand && self.has_comma(index);
                    if tuple {
                        self.raw("(");
                    }
                    brackets.push(tuple);
                    operand = false;
                }
                TokenKind::Op(op @ (")" | "]" | "}")) => {
                    if brackets.pop() == Some(true) {
                        self.raw(")");
                    }
                    self.put(index, op);
                    operand = true;
                }
                TokenKind::Op(op) => {
                    self.put(index, op);
                    operand = false;
                }
                _ => return Err(syntax(self.pos(index), "unexpected tag")),
            }
            index += 1;
        }
        Ok(())
    }

    /// Whether an operator that binds closer than `not` is before it: Jinja2 then reads it as a name.
    fn is_compared(&self, index: usize, start: usize) -> bool {
        let before = index.checked_sub(1).filter(|before| *before >= start);
        let Some(TokenKind::Op(op)) = before.and_then(|before| self.kind(before)) else {
            return false;
        };
        matches!(
            op,
            "==" | "!=" | "<" | "<=" | ">" | ">=" | "+" | "-" | "*" | "/" | "//" | "%" | "**" | "~"
        )
    }

    /// `is [not] name`; gives what comes next, and whether an operator can follow.
    fn test(&mut self, range: Range<usize>) -> Result<(usize, bool)> {
        let mut index = range.start;
        self.put(index, "is");
        index += 1;
        if self.name(index) == Some("not") {
            self.put(index, "not");
            index += 1;
        }
        index = self.dotted(index);
        if self.name(index) == Some("is") {
            let detail = "You cannot chain multiple tests with is";
            return Err(syntax(self.pos(index), detail));
        }
        if self.is_op(index, "+") || self.is_op(index, "-") {
            self.raw("()");
        }
        if index < range.end && matches!(self.name(index), Some("not" | "in" | "if")) {
            // To Jinja2 a name that is the test's argument.
            self.put(index, self.text(index));
            return Ok((index + 1, true));
        }
        let list = matches!(self.kind(index), Some(TokenKind::Op("[" | "{" | "(")));
        Ok((index, !list))
    }
}

/// Whether the name is an attribute: `value.name`.
fn operand_dot(emitter: &Emitter<'_>, index: usize, start: usize) -> bool {
    index > start && emitter.is_op(index - 1, ".")
}
