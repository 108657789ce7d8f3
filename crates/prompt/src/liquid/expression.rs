//! Liquid expressions: values and their filters, written as Jinja2.

use crate::error::{At, Error, Result};

use super::filter::{self, Argument};
use super::kind::ValueKind;
use super::lex::{LiquidToken, lex};
use super::names::AssignedNames;
use super::scan::refuse;
use super::token_budget::TokenBudget;

/// The most bytes of an expression as Jinja2.
const MAX_LENGTH: usize = 4096;

/// Depth of conditions, indexes and ranges inside each other.
const MAX_DEPTH: usize = 64;

/// Words that are no names in Jinja2, or that name something there.
const JINJA_WORDS: [&str; 12] = [
    "True", "False", "None", "none", "not", "and", "or", "in", "is", "if", "else", "loop",
];

const DICT_METHODS: [&str; 11] = [
    "clear",
    "copy",
    "fromkeys",
    "get",
    "items",
    "keys",
    "pop",
    "popitem",
    "setdefault",
    "update",
    "values",
];

/// A reader over the tokens of one tag.
#[derive(Debug)]
pub(super) struct TagReader<'s, 'n> {
    tokens: Vec<LiquidToken<'s>>,
    pub(super) next: usize,
    pub(super) at: At,
    names: &'n AssignedNames,
    depth: usize,
    /// The kind of the last value read.
    pub(super) kind: ValueKind,
}

impl<'s, 'n> TagReader<'s, 'n> {
    pub(super) fn new(
        text: &'s str,
        at: At,
        names: &'n AssignedNames,
        budget: &TokenBudget,
    ) -> Result<Self> {
        let tokens = lex(text, at)?;
        budget.pay(tokens.len(), at)?;
        Ok(Self {
            tokens,
            next: 0,
            at,
            names,
            depth: 0,
            kind: ValueKind::Plain,
        })
    }

    /// Reads something nested.
    pub(super) fn nested<T>(&mut self, read: impl FnOnce(&mut Self) -> Result<T>) -> Result<T> {
        if self.depth == MAX_DEPTH {
            return Err(refuse(
                self.at,
                format!("more than {MAX_DEPTH} levels in a tag"),
            ));
        }
        self.depth += 1;
        let result = read(self);
        self.depth -= 1;
        result
    }

    /// An expression with its filters; `kind` is then the kind of its result.
    pub(super) fn filtered(&mut self) -> Result<String> {
        let mut value = self.value()?;
        while self.take("|") {
            value = self.filter(&value)?;
        }
        Ok(value)
    }

    /// An expression that is printed.
    pub(super) fn printed(&mut self) -> Result<String> {
        if let [LiquidToken::Name(literal @ ("true" | "false" | "nil" | "null"))] =
            self.tokens.as_slice()
        {
            self.next += 1;
            let text = if literal.starts_with('n') {
                ""
            } else {
                literal
            };
            return Ok(quote(text));
        }
        let value = self.filtered()?;
        match self.kind {
            ValueKind::Plain | ValueKind::Number | ValueKind::Fraction | ValueKind::Escaped => {
                Ok(value)
            }
            ValueKind::Flag | ValueKind::Mixed => Err(refuse(
                self.at,
                "what may be `true`, `false` or `nil` prints otherwise in Jinja2; print a text",
            )),
            ValueKind::List => Err(refuse(
                self.at,
                "a list prints otherwise in Jinja2; `join` it",
            )),
        }
    }

    /// A literal, a range or a path.
    pub(super) fn value(&mut self) -> Result<String> {
        let token = self
            .peek()
            .copied()
            .ok_or_else(|| self.unexpected("a value"))?;
        self.next += 1;
        self.kind = ValueKind::Plain;
        match token {
            LiquidToken::Number(number) => self.number(number),
            LiquidToken::Text(text) if text.contains('\\') => Err(refuse(
                self.at,
                "a `\\` in a text has no counterpart in Jinja2",
            )),
            LiquidToken::Text(text) => Ok(quote(text)),
            LiquidToken::Name(word @ ("nil" | "null" | "true" | "false")) => {
                self.kind = ValueKind::Flag;
                Ok(if word.starts_with('n') { "none" } else { word }.to_owned())
            }
            LiquidToken::Name("empty" | "blank") => Ok("''".to_owned()),
            LiquidToken::Name(name) => {
                self.check_name(name)?;
                let path = self.path(name)?;
                self.check_length(&path)?;
                Ok(path)
            }
            LiquidToken::Sign("(") => {
                let from = self.nested(Self::value)?;
                self.expect("..")?;
                let to = self.nested(Self::value)?;
                self.expect(")")?;
                self.kind = ValueKind::List;
                Ok(format!("range({from}, {to} + 1)"))
            }
            LiquidToken::Sign(_) => {
                self.next -= 1;
                Err(self.unexpected("a value"))
            }
        }
    }

    /// Numbers that both languages print as written.
    fn number(&mut self, number: &str) -> Result<String> {
        let digits = number.trim_start_matches('-');
        let (whole, fraction) = match digits.split_once('.') {
            Some((whole, fraction)) => (whole, Some(fraction)),
            None => (digits, None),
        };
        let is_short = digits.len() <= 15 && (whole == "0" || !whole.starts_with('0'));
        if !is_short || fraction.is_some_and(|f| f.len() > 4 || f.ends_with('0')) {
            let detail = format!("the number {number} prints otherwise in Jinja2");
            return Err(refuse(self.at, detail));
        }
        self.kind = match fraction {
            Some(_) => ValueKind::Fraction,
            None => ValueKind::Number,
        };
        Ok(number.to_owned())
    }

    /// Refuses names that are words of Jinja2, or used by the translation.
    pub(super) fn check_name(&self, name: &str) -> Result<()> {
        if JINJA_WORDS.contains(&name) || (name == "liquid" && !self.names.shared.is_empty()) {
            let detail = format!("the name `{name}` has another meaning in Jinja2");
            return Err(refuse(self.at, detail));
        }
        Ok(())
    }

    fn path(&mut self, name: &str) -> Result<String> {
        if name == "forloop" {
            return self.forloop();
        }
        let mut path = match self.names.shared.contains(name) {
            true => format!("liquid.{name}"),
            false => name.to_owned(),
        };
        let mut kind = self.names.kind(name);
        loop {
            if self.take(".") {
                let part = self.name()?;
                path = match part {
                    "size" => format!(
                        "({path} if {path} is not defined else {path}.size if {path} is mapping and 'size' in {path} else ({path} | length))"
                    ),
                    "first" | "last" => format!(
                        "({path}.{part} if {path} is mapping or {path} is string else ({path} | {part}))"
                    ),
                    // An attribute of this name would be a method of Python's dict.
                    _ if DICT_METHODS.contains(&part) => format!("{path}['{part}']"),
                    _ => format!("{path}.{part}"),
                };
            } else if self.take("[") {
                let index = self.nested(Self::value)?;
                self.expect("]")?;
                path = format!("{path}[{index}]");
            } else {
                self.kind = kind;
                return Ok(path);
            }
            kind = ValueKind::Plain;
            self.check_length(&path)?;
        }
    }

    fn forloop(&mut self) -> Result<String> {
        self.expect(".")?;
        let part = self.name()?;
        self.kind = ValueKind::Number;
        Ok(match part {
            "index" | "index0" | "length" => format!("loop.{part}"),
            "rindex" | "rindex0" => format!("loop.rev{}", part.trim_start_matches('r')),
            "first" | "last" => {
                self.kind = ValueKind::Flag;
                format!("loop.{part}")
            }
            _ => {
                let detail = format!("`forloop.{part}` has no counterpart in Jinja2");
                return Err(refuse(self.at, detail));
            }
        })
    }

    fn filter(&mut self, value: &str) -> Result<String> {
        let (name, kind) = (self.name()?, self.kind);
        let mut arguments = Vec::new();
        if self.take(":") {
            arguments.push(self.argument()?);
            while self.take(",") {
                arguments.push(self.argument()?);
            }
        }
        let (code, kind) = filter::translate(name, value, kind, &arguments).ok_or_else(|| {
            let detail =
                format!("the filter `{name}`, used like this, has no counterpart in Jinja2");
            refuse(self.at, detail)
        })?;
        self.kind = kind;
        self.check_length(&code)?;
        Ok(code)
    }

    fn argument(&mut self) -> Result<Argument<'s>> {
        let text = match self.peek() {
            Some(LiquidToken::Text(text)) => Some(*text),
            _ => None,
        };
        Ok(Argument {
            code: self.value()?,
            kind: self.kind,
            text,
        })
    }

    /// Some filters repeat their operand, so a chain of them would grow without bound.
    fn check_length(&self, code: &str) -> Result<()> {
        if code.len() > MAX_LENGTH {
            let detail = "the tag is too long when it is written as Jinja2";
            return Err(refuse(self.at, detail));
        }
        Ok(())
    }

    /// A bare name.
    pub(super) fn name(&mut self) -> Result<&'s str> {
        let Some(&LiquidToken::Name(name)) = self.peek() else {
            return Err(self.unexpected("a name"));
        };
        self.next += 1;
        Ok(name)
    }

    /// Whether the next token is this sign, which is then taken.
    pub(super) fn take(&mut self, sign: &str) -> bool {
        let found = self.peek() == Some(&LiquidToken::Sign(sign));
        self.next += usize::from(found);
        found
    }

    /// Whether the next token is this word, which is then taken.
    pub(super) fn take_name(&mut self, name: &str) -> bool {
        let found = self.peek() == Some(&LiquidToken::Name(name));
        self.next += usize::from(found);
        found
    }

    pub(super) fn expect(&mut self, sign: &str) -> Result<()> {
        if self.take(sign) {
            Ok(())
        } else {
            Err(self.unexpected(&format!("`{sign}`")))
        }
    }

    /// Checks that the tag ends here.
    pub(super) fn end(&self) -> Result<()> {
        if self.peek().is_none() {
            Ok(())
        } else {
            Err(self.unexpected("the end of the tag"))
        }
    }

    pub(super) fn peek(&self) -> Option<&LiquidToken<'s>> {
        self.tokens.get(self.next)
    }

    fn unexpected(&self, wanted: &str) -> Error {
        refuse(
            self.at,
            format!("expected {wanted} at token {} of the tag", self.next + 1),
        )
    }
}

/// A text as a Jinja2 literal.
fn quote(text: &str) -> String {
    let text = text.replace('\n', "\\n").replace('\'', "\\'");
    format!("'{text}'")
}
