//! Liquid conditions, written as Jinja2.

use crate::error::{Error, Result};

use super::expression::TagReader;
use super::lex::LiquidToken;
use super::scan::refuse;

/// A side of a comparison.
#[derive(Clone, Debug)]
pub(super) enum Operand<'s> {
    /// Jinja2.
    Value(String),
    /// `true`, `false`, `nil`, `null`, `empty` or `blank`.
    Word(&'s str),
}

impl<'s> TagReader<'s, '_> {
    /// A condition: comparisons joined by `and` and `or`, which bind from right to left.
    pub(super) fn condition(&mut self) -> Result<String> {
        let first = self.comparison()?;
        for word in ["and", "or"] {
            if self.take_name(word) {
                let rest = self.nested(Self::condition)?;
                return Ok(format!("({first}) {word} ({rest})"));
            }
        }
        Ok(first)
    }

    /// `a`, `a == b`, `a contains b`.
    fn comparison(&mut self) -> Result<String> {
        let left = self.operand()?;
        let sign = match self.peek() {
            Some(LiquidToken::Name("contains")) => "contains",
            Some(&LiquidToken::Sign(sign @ ("==" | "!=" | "<" | ">" | "<=" | ">="))) => sign,
            _ => return self.truth(left),
        };
        self.next += 1;
        let right = self.operand()?;
        match (sign, left, right) {
            ("==", left, right) => self.equals(left, right),
            ("!=", left, right) => Ok(format!("not ({})", self.equals(left, right)?)),
            ("contains", Operand::Value(left), Operand::Value(right)) => {
                Ok(format!("{right} in {left}"))
            }
            (sign, Operand::Value(left), Operand::Value(right)) => {
                Ok(format!("{left} {sign} {right}"))
            }
            _ => Err(self.no_counterpart()),
        }
    }

    /// A value that a `case` or a `when` compares.
    pub(super) fn operand(&mut self) -> Result<Operand<'s>> {
        if let Some(&LiquidToken::Name(
            word @ ("true" | "false" | "nil" | "null" | "empty" | "blank"),
        )) = self.peek()
        {
            self.next += 1;
            return Ok(Operand::Word(word));
        }
        self.value().map(Operand::Value)
    }

    /// Python's `True == 1`, and an undefined value that differs from `None`, do not hold in Liquid.
    pub(super) fn equals(&self, left: Operand<'_>, right: Operand<'_>) -> Result<String> {
        let (value, word) = match (left, right) {
            (Operand::Value(left), Operand::Value(right)) => {
                return Ok(format!("{left} == {right}"));
            }
            (Operand::Value(value), Operand::Word(word))
            | (Operand::Word(word), Operand::Value(value)) => (value, word),
            (Operand::Word(_), Operand::Word(_)) => return Err(self.no_counterpart()),
        };
        Ok(match word {
            "true" | "false" => format!("{value} is {word}"),
            "empty" => format!("{value} in ['', [], {{}}]"),
            "blank" => format!(
                "({value} is not defined or {value} is none or {value} is false or {value} in ['', [], {{}}] or ({value} is string and not {value}.strip()))"
            ),
            _ => format!("({value} is not defined or {value} is none)"),
        })
    }

    /// Liquid's truth: everything but `nil` and `false`.
    fn truth(&self, value: Operand<'_>) -> Result<String> {
        match value {
            Operand::Word(word @ ("true" | "false")) => Ok(word.to_owned()),
            Operand::Word("nil" | "null") => Ok("false".to_owned()),
            Operand::Word(_) => Err(self.no_counterpart()),
            Operand::Value(value) => Ok(format!(
                "{value} is defined and {value} is not none and {value} is not false"
            )),
        }
    }

    fn no_counterpart(&self) -> Error {
        refuse(self.at, "the comparison has no counterpart in Jinja2")
    }
}
