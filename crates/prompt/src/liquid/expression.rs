//! Liquid expressions: values, conditions and filters, written as Jinja2.

use std::collections::BTreeSet;

use crate::error::{At, Result};

use super::scan::refuse;

#[derive(Clone, Copy, Debug, PartialEq)]
enum Token<'s> {
    Name(&'s str),
    Number(&'s str),
    Text(&'s str),
    Sign(&'s str),
}

/// A reader over the tokens of one tag.
#[derive(Debug)]
pub(super) struct Reader<'s, 'n> {
    tokens: Vec<Token<'s>>,
    next: usize,
    at: At,
    /// Names that live in the namespace `liquid`, because a loop assigns them.
    shared: &'n BTreeSet<String>,
}

impl<'s, 'n> Reader<'s, 'n> {
    pub(super) fn new(text: &'s str, at: At, shared: &'n BTreeSet<String>) -> Result<Self> {
        Ok(Self {
            tokens: lex(text, at)?,
            next: 0,
            at,
            shared,
        })
    }

    /// An expression with its filters.
    pub(super) fn filtered(&mut self) -> Result<String> {
        let mut value = self.value()?;
        while self.take("|") {
            value = self.filter(value)?;
        }
        Ok(value)
    }

    /// A condition: comparisons joined by `and` and `or`, which bind from right to left.
    pub(super) fn condition(&mut self) -> Result<String> {
        let (first, is_bool) = self.comparison()?;
        let first = if is_bool { first } else { truth(&first) };
        for word in ["and", "or"] {
            if self.take_name(word) {
                let rest = self.condition()?;
                return Ok(format!("({first}) {word} ({rest})"));
            }
        }
        Ok(first)
    }

    /// `a`, `a == b`, `a contains b`, and whether the result is a bool.
    fn comparison(&mut self) -> Result<(String, bool)> {
        let left = self.value()?;
        if self.take_name("contains") {
            return Ok((format!("{} in {left}", self.value()?), true));
        }
        let Some(&Token::Sign(sign @ ("==" | "!=" | "<" | ">" | "<=" | ">="))) = self.peek() else {
            return Ok((left, false));
        };
        self.next += 1;
        let negated = sign == "!=";
        if let Some(Token::Name(special @ ("empty" | "blank"))) = self.peek().copied() {
            self.next += 1;
            let test = match special {
                "empty" => format!("{left} in ['', [], {{}}]"),
                _ => format!("(not {left} or ({left} is string and not {left}.strip()))"),
            };
            return Ok((
                if negated {
                    format!("not ({test})")
                } else {
                    test
                },
                true,
            ));
        }
        Ok((format!("{left} {sign} {}", self.value()?), true))
    }

    /// A literal, a range or a path.
    pub(super) fn value(&mut self) -> Result<String> {
        let token = self
            .peek()
            .copied()
            .ok_or_else(|| self.unexpected("a value"))?;
        self.next += 1;
        match token {
            Token::Number(number) => Ok(number.to_owned()),
            Token::Text(text) => Ok(quote(text)),
            Token::Name("nil" | "null") => Ok("none".to_owned()),
            Token::Name("empty" | "blank") => Ok("''".to_owned()),
            Token::Name(word @ ("true" | "false")) => Ok(word.to_owned()),
            Token::Name(name) => self.path(name),
            Token::Sign("(") => {
                let from = self.value()?;
                self.expect("..")?;
                let to = self.value()?;
                self.expect(")")?;
                Ok(format!("range({from}, {to} + 1)"))
            }
            Token::Sign(_) => {
                self.next -= 1;
                Err(self.unexpected("a value"))
            }
        }
    }

    fn path(&mut self, name: &str) -> Result<String> {
        let mut path = match name {
            "forloop" => "loop".to_owned(),
            _ if self.shared.contains(name) => format!("liquid.{name}"),
            _ => name.to_owned(),
        };
        loop {
            if self.take(".") {
                let part = self.name()?;
                path = match part {
                    "size" if name != "forloop" => format!("({path} | length)"),
                    "first" | "last" if name != "forloop" => format!("({path} | {part})"),
                    "rindex" | "rindex0" if name == "forloop" => {
                        format!("{path}.rev{}", part.trim_start_matches('r'))
                    }
                    "parentloop" => {
                        return Err(refuse(
                            self.at,
                            "`forloop.parentloop` has no counterpart in Jinja2",
                        ));
                    }
                    _ => format!("{path}.{part}"),
                };
            } else if self.take("[") {
                let index = self.value()?;
                self.expect("]")?;
                path = format!("{path}[{index}]");
            } else {
                return Ok(path);
            }
        }
    }

    fn filter(&mut self, value: String) -> Result<String> {
        let name = self.name()?;
        let mut arguments = Vec::new();
        if self.take(":") {
            arguments.push(self.value()?);
            while self.take(",") {
                arguments.push(self.value()?);
            }
        }
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        let named = |filter: &str| format!("({value} | {filter})");
        Ok(match (name, arguments.as_slice()) {
            ("upcase", []) => named("upper"),
            ("downcase", []) => named("lower"),
            ("capitalize" | "first" | "last" | "reverse" | "sort" | "abs" | "escape", []) => {
                let list = if matches!(name, "reverse" | "sort") {
                    " | list"
                } else {
                    ""
                };
                format!("({value} | {name}{list})")
            }
            ("strip", []) => named("trim"),
            ("lstrip" | "rstrip", []) => format!("{value}.{name}()"),
            ("strip_newlines", []) => format!("{value}.replace('\\r\\n', '').replace('\\n', '')"),
            ("newline_to_br", []) => {
                format!("{value}.replace('\\r\\n', '\\n').replace('\\n', '<br />\\n')")
            }
            ("size", []) => named("length"),
            ("append", [end]) => format!("({value} ~ {end})"),
            ("prepend", [start]) => format!("({start} ~ {value})"),
            ("replace", [from, to]) => named(&format!("replace({from}, {to})")),
            ("replace_first", [from, to]) => named(&format!("replace({from}, {to}, 1)")),
            ("remove", [what]) => named(&format!("replace({what}, '')")),
            ("remove_first", [what]) => named(&format!("replace({what}, '', 1)")),
            ("split", [by]) => format!("{value}.split({by})"),
            ("join", []) => named("join(' ')"),
            ("join", [by]) => named(&format!("join({by})")),
            ("default", [other]) => format!(
                "({value} if {value} is defined and {value} is not none and {value} is not false and {value} not in ['', []] else {other})"
            ),
            ("truncate", []) => named("truncate(50, true, '...', 0)"),
            ("truncate", [length]) => named(&format!("truncate({length}, true, '...', 0)")),
            ("truncate", [length, end]) => named(&format!("truncate({length}, true, {end}, 0)")),
            ("uniq", []) => named("unique(true) | list"),
            ("map", [key]) => named(&format!("map(attribute={key}) | list")),
            ("where", [key, wanted]) => {
                named(&format!("selectattr({key}, 'equalto', {wanted}) | list"))
            }
            ("where", [key]) => named(&format!("selectattr({key}) | list")),
            ("compact", []) => named("reject('none') | list"),
            ("concat", [other]) => format!("({value} + {other})"),
            ("slice", [start]) => format!("({value}[{start}:][:1])"),
            ("slice", [start, count]) => format!("({value}[{start}:][:{count}])"),
            ("plus", [other]) => format!("({value} + {other})"),
            ("minus", [other]) => format!("({value} - {other})"),
            ("times", [other]) => format!("({value} * {other})"),
            ("modulo", [other]) => format!("({value} % {other})"),
            ("ceil" | "floor", []) => named(&format!("round(0, '{name}') | int")),
            ("at_least", [other]) => format!("([{value}, {other}] | max)"),
            ("at_most", [other]) => format!("([{value}, {other}] | min)"),
            _ => {
                return Err(refuse(
                    self.at,
                    format!("the filter `{name}`, used like this, has no counterpart in Jinja2"),
                ));
            }
        })
    }

    /// A bare name.
    pub(super) fn name(&mut self) -> Result<&'s str> {
        let Some(&Token::Name(name)) = self.peek() else {
            return Err(self.unexpected("a name"));
        };
        self.next += 1;
        Ok(name)
    }

    /// Whether this sign came next; it is then taken.
    pub(super) fn take(&mut self, sign: &str) -> bool {
        let found = self.peek() == Some(&Token::Sign(sign));
        self.next += usize::from(found);
        found
    }

    /// Whether this word came next; it is then taken.
    pub(super) fn take_name(&mut self, name: &str) -> bool {
        let found = self.peek() == Some(&Token::Name(name));
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

    /// The end of the tag.
    pub(super) fn end(&self) -> Result<()> {
        if self.peek().is_none() {
            Ok(())
        } else {
            Err(self.unexpected("the end of the tag"))
        }
    }

    fn peek(&self) -> Option<&Token<'s>> {
        self.tokens.get(self.next)
    }

    fn unexpected(&self, wanted: &str) -> crate::error::Error {
        refuse(
            self.at,
            format!("expected {wanted} at token {} of the tag", self.next + 1),
        )
    }
}

/// Liquid's truth: all but `nil` and `false`.
fn truth(value: &str) -> String {
    match value {
        "true" | "false" => value.to_owned(),
        _ => format!("{value} is defined and {value} is not none and {value} is not false"),
    }
}

/// A text as a Jinja2 literal; Liquid's strings know no escapes.
fn quote(text: &str) -> String {
    let text = text
        .replace('\\', "\\\\")
        .replace('\n', "\\n")
        .replace('\'', "\\'");
    format!("'{text}'")
}

fn lex(text: &str, at: At) -> Result<Vec<Token<'_>>> {
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
            tokens.push(Token::Text(body.get(..end).unwrap_or_default()));
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
            tokens.push(Token::Number(rest.get(..length).unwrap_or_default()));
            length
        } else if first.is_alphabetic() || first == '_' {
            let length = run(&|c| c.is_alphanumeric() || c == '_');
            tokens.push(Token::Name(rest.get(..length).unwrap_or_default()));
            length
        } else {
            let two = rest
                .get(..2)
                .filter(|sign| matches!(*sign, "==" | "!=" | "<>" | "<=" | ">=" | ".."));
            let sign = two.or_else(|| rest.get(..1).filter(|sign| "|:,.[]()<>=".contains(*sign)));
            let sign =
                sign.ok_or_else(|| refuse(at, "a character that Liquid does not know here"))?;
            tokens.push(Token::Sign(sign));
            sign.len()
        };
        rest = rest.get(length..).unwrap_or_default().trim_start();
    }
    Ok(tokens)
}
