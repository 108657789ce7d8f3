//! Rewrites Jinja2's tokens into a template that minijinja's parser reads as Jinja2's parser reads the original.
//!
//! Names become `x` and literals `""`, `0` and `0.5`: the syntax tree is filled in again from the tokens, by offset.
//! What minijinja does not know (`print`, tuples without brackets, unary plus, a colon at the end of a tag, …) is written
//! in the way that it knows. Every token of a tag starts a line, so that an error's line leads back to its token.

use std::ops::Range;

use super::ast::Pos;
use super::lex::{Token, TokenKind, is_space, syntax};
use super::limits::exceeded;
use crate::error::{Code, Error, Result};

/// Blocks within blocks.
const MAX_BLOCKS: usize = 32;

/// The rewritten template.
#[derive(Debug, Default)]
pub(super) struct Emitted {
    pub(super) text: String,
    /// Offset and line in `text`, and index of the token.
    places: Vec<(usize, usize, usize)>,
    /// For each offset in `text` the token that was written there, or `u32::MAX`.
    tokens: Vec<u32>,
}

impl Emitted {
    /// The token that was written at an offset.
    pub(super) fn token_at(&self, offset: usize) -> Option<usize> {
        let token = *self.tokens.get(offset)?;
        (token != u32::MAX).then_some(token as usize)
    }

    /// The token that was written on a line, or the last before it.
    pub(super) fn token_on_line(&self, line: usize) -> Option<usize> {
        let after = self.places.partition_point(|place| place.1 <= line);
        let place = self.places.get(after.checked_sub(1)?)?;
        Some(place.2)
    }
}

/// Rewrites the tokens of a template.
pub(super) fn emit(source: &str, tokens: &[Token]) -> Result<Emitted> {
    let mut emitter = Emitter {
        source,
        tokens,
        emitted: Emitted::default(),
        line: 1,
        open: Vec::new(),
    };
    emitter.template()?;
    let mut emitted = emitter.emitted;
    emitted.tokens = vec![u32::MAX; emitted.text.len()];
    for (offset, _, index) in &emitted.places {
        if let Some(token) = emitted.tokens.get_mut(*offset) {
            *token = *index as u32;
        }
    }
    Ok(emitted)
}

struct Emitter<'a> {
    source: &'a str,
    tokens: &'a [Token],
    emitted: Emitted,
    line: usize,
    open: Vec<Open<'a>>,
}

/// A block that waits for its end.
struct Open<'a> {
    keyword: &'a str,
    name: &'a str,
    has_else: bool,
}

impl<'a> Emitter<'a> {
    fn kind(&self, index: usize) -> Option<TokenKind> {
        self.tokens.get(index).map(|token| token.kind)
    }

    fn is_op(&self, index: usize, op: &str) -> bool {
        matches!(self.kind(index), Some(TokenKind::Op(found)) if found == op)
    }

    fn text(&self, index: usize) -> &'a str {
        let token = self.tokens.get(index);
        token
            .and_then(|token| self.source.get(token.range.clone()))
            .unwrap_or_default()
    }

    fn name(&self, index: usize) -> Option<&'a str> {
        (self.kind(index)? == TokenKind::Name).then(|| self.text(index))
    }

    fn pos(&self, index: usize) -> Pos {
        self.tokens.get(index).map(|t| t.pos).unwrap_or_default()
    }

    fn has_comma(&self, index: usize) -> bool {
        self.tokens.get(index).is_some_and(|token| token.has_comma)
    }

    fn raw(&mut self, text: &str) {
        self.emitted.text.push_str(text);
    }

    fn put(&mut self, index: usize, text: &str) {
        self.emitted.text.push('\n');
        self.line += 1;
        let place = (self.emitted.text.len(), self.line, index);
        self.emitted.places.push(place);
        self.emitted.text.push_str(text);
    }

    fn template(&mut self) -> Result<()> {
        let mut index = 0;
        while let Some(kind) = self.kind(index) {
            match kind {
                TokenKind::Data => {
                    let mut blank = true;
                    let place = (self.emitted.text.len(), self.line, index);
                    self.emitted.places.push(place);
                    while self.kind(index) == Some(TokenKind::Data) {
                        blank = blank && self.text(index).chars().all(is_space);
                        index += 1;
                    }
                    self.raw(if blank { " " } else { "d" });
                }
                TokenKind::VariableBegin => {
                    let end = self.find(index, TokenKind::VariableEnd);
                    self.raw("{{");
                    self.tuple(index + 1..end, self.has_comma(index))?;
                    self.put(end, "}}");
                    index = end + 1;
                }
                _ => {
                    let end = self.find(index, TokenKind::BlockEnd);
                    self.statement(index + 1..end)?;
                    index = end + 1;
                }
            }
        }
        Ok(())
    }

    fn find(&self, from: usize, kind: TokenKind) -> usize {
        let rest = self.tokens.get(from..).unwrap_or_default();
        from + rest
            .iter()
            .position(|token| token.kind == kind)
            .unwrap_or(rest.len())
    }

    /// Splits a range at an operator outside brackets.
    fn split(&self, range: Range<usize>, op: &str) -> Vec<Range<usize>> {
        let mut parts = Vec::new();
        let mut depth = 0_usize;
        let mut start = range.start;
        for index in range.clone() {
            if let Some(TokenKind::Op(found)) = self.kind(index) {
                match found {
                    "(" | "[" | "{" => depth += 1,
                    ")" | "]" | "}" => depth = depth.saturating_sub(1),
                    _ if depth == 0 && found == op => {
                        parts.push(start..index);
                        start = index + 1;
                    }
                    _ => {}
                }
            }
        }
        parts.push(start..range.end);
        parts
    }

    /// The first keyword outside brackets.
    fn keyword(&self, range: Range<usize>, word: &str) -> Option<usize> {
        let mut depth = 0_usize;
        for index in range {
            match self.kind(index) {
                Some(TokenKind::Op("(" | "[" | "{")) => depth += 1,
                Some(TokenKind::Op(")" | "]" | "}")) => depth = depth.saturating_sub(1),
                Some(TokenKind::Name) if depth == 0 && self.text(index) == word => {
                    return Some(index);
                }
                _ => {}
            }
        }
        None
    }

    fn statement(&mut self, mut range: Range<usize>) -> Result<()> {
        let first = range.start;
        let Some(name) = self.name(first) else {
            return Err(syntax(self.pos(first), "tag name expected"));
        };
        let opens = matches!(
            name,
            "for"
                | "if"
                | "elif"
                | "else"
                | "with"
                | "macro"
                | "call"
                | "filter"
                | "set"
                | "block"
                | "autoescape"
        );
        if opens && range.len() > 1 && self.is_op(range.end - 1, ":")
            || name == "else" && self.is_op(first + 1, ":")
        {
            range.end -= 1;
        }
        let rest = first + 1..range.end;
        match name {
            "include" | "import" | "from" | "extends" => {
                let detail = format!("`{name}` is not supported: a template stands alone");
                let error = Error::new(Code::TemplateInclude, detail);
                return Err(error.with_at(self.pos(first).into()));
            }
            "print" => return self.print(rest),
            _ => {}
        }
        self.nest(name, &rest)?;
        let begin = first.saturating_sub(1);
        self.raw("{%");
        match name {
            "do" => {
                self.put(first, "do");
                self.put(first, "x((");
                if rest.is_empty() {
                    return Err(syntax(self.pos(begin), "Expected an expression"));
                }
                self.expression(rest)?;
                self.raw("\n))");
                self.line += 1;
            }
            "if" | "elif" => {
                self.raw(if name == "if" {
                    "with%}{%"
                } else {
                    "endif%}{%"
                });
                self.put(first, "if");
                self.tuple(rest, self.has_comma(begin))?;
            }
            "else" if self.open.last().is_some_and(|open| open.keyword == "if") => {
                self.raw("endif%}{%");
                self.put(first, "if");
                self.raw(" true");
                self.expression(rest)?;
            }
            "endif" => {
                self.put(first, name);
                self.expression(rest)?;
                self.raw("%}{%endwith");
                self.close(name);
            }
            "for" => self.for_tag(first, rest)?,
            "set" => self.set_tag(first, rest)?,
            "with" => self.with_tag(first, rest)?,
            "filter" => {
                self.put(first, name);
                self.filter_chain(rest)?;
            }
            "block" => self.block_tag(first, rest)?,
            "macro" => {
                self.put(first, name);
                if self.kind(first + 1) == Some(TokenKind::Name) {
                    self.put(first + 1, self.assignable(first + 1));
                    self.expression(rest.start + 1..rest.end)?;
                } else {
                    self.expression(rest)?;
                }
            }
            "call" | "autoescape" => {
                self.put(first, name);
                self.expression(rest)?;
            }
            "break" | "continue" | "else" => {
                self.put(first, name);
                self.expression(rest)?;
            }
            _ if name.starts_with("end") => {
                self.put(first, if name == "endblock" { "endwith" } else { name });
                let closed = name == "endblock" && rest.len() == 1;
                let same = closed && self.closing_name() == self.text(first + 1);
                if !same {
                    self.expression(rest)?;
                }
                self.close(name);
            }
            _ => {
                let detail = format!("Encountered unknown tag '{name}'.");
                return Err(syntax(self.pos(first), detail));
            }
        }
        self.put(range.end, "%}");
        Ok(())
    }

    fn closing_name(&self) -> &'a str {
        self.open.last().map(|open| open.name).unwrap_or_default()
    }

    /// Keeps count of open blocks.
    ///
    /// An `if` is written as a `with` around an `if` for each branch: minijinja's parser recurses for every `elif`.
    fn nest(&mut self, name: &'a str, rest: &Range<usize>) -> Result<()> {
        let opens = match name {
            "for" | "if" | "with" | "macro" | "call" | "filter" | "block" | "autoescape" => true,
            "set" => self.split(rest.clone(), "=").len() == 1,
            "elif" | "else" => {
                let open = self.open.last_mut().filter(|open| {
                    !open.has_else
                        && (open.keyword == "if" || name == "else" && open.keyword == "for")
                });
                let Some(open) = open else {
                    let detail = format!("Encountered unknown tag '{name}'.");
                    return Err(syntax(self.pos(rest.start.saturating_sub(1)), detail));
                };
                open.has_else = name == "else";
                false
            }
            _ => false,
        };
        if opens {
            self.open.push(Open {
                keyword: name,
                name: self.name(rest.start).unwrap_or_default(),
                has_else: false,
            });
        }
        if self.open.len() > MAX_BLOCKS {
            let detail = "blocks are nested too deeply";
            return Err(exceeded(detail).with_at(self.pos(rest.start.saturating_sub(1)).into()));
        }
        Ok(())
    }

    fn close(&mut self, name: &str) {
        let matches = |open: &Open<'_>| name.strip_prefix("end") == Some(open.keyword);
        if self.open.last().is_some_and(matches) {
            self.open.pop();
        }
    }

    fn print(&mut self, rest: Range<usize>) -> Result<()> {
        if rest.is_empty() {
            return Ok(());
        }
        let end = rest.end;
        for part in self.split(rest, ",") {
            self.raw("{{");
            self.expression(part)?;
            self.put(end, "}}");
        }
        Ok(())
    }

    fn for_tag(&mut self, first: usize, rest: Range<usize>) -> Result<()> {
        self.put(first, "for");
        let Some(at) = self.keyword(rest.clone(), "in") else {
            return Err(syntax(self.pos(first), "expected token 'in'"));
        };
        self.target(rest.start..at);
        self.put(at, "in");
        let mut end = rest.end;
        let recursive = self.name(end - 1) == Some("recursive") && end - 1 > at + 1;
        if recursive {
            end -= 1;
        }
        let test = self.keyword(at + 1..end, "if");
        let iter = at + 1..test.unwrap_or(end);
        let is_tuple = self.split(iter.clone(), ",").len() > 1;
        self.tuple(iter, is_tuple)?;
        if let Some(test) = test {
            self.put(test, "if");
            self.expression(test + 1..end)?;
        }
        if recursive {
            self.put(end, "recursive");
        }
        Ok(())
    }

    fn set_tag(&mut self, first: usize, rest: Range<usize>) -> Result<()> {
        self.put(first, "set");
        let parts = self.split(rest.clone(), "=");
        let Some(target) = parts.first().filter(|_| parts.len() > 1) else {
            let pipe = self
                .split(rest.clone(), "|")
                .first()
                .map_or(rest.end, |p| p.end);
            self.target(rest.start..pipe);
            if pipe < rest.end {
                self.put(pipe, "|");
                self.filter_chain(pipe + 1..rest.end)?;
            }
            return Ok(());
        };
        self.target(target.clone());
        self.put(target.end, "=");
        let value = target.end + 1..rest.end;
        let is_tuple = self.split(value.clone(), ",").len() > 1;
        self.tuple(value, is_tuple)
    }

    fn with_tag(&mut self, first: usize, rest: Range<usize>) -> Result<()> {
        self.put(first, "with");
        if rest.is_empty() {
            return Ok(());
        }
        let mut start = rest.start;
        for part in self.split(rest, ",") {
            let sides = self.split(start..part.end, "=");
            let Some(target) = sides.first().filter(|_| sides.len() > 1) else {
                continue;
            };
            let is_tuple = self.split(target.clone(), ",").len() > 1;
            if is_tuple {
                self.raw("(");
            }
            self.target(target.clone());
            if is_tuple {
                self.raw(")");
            }
            self.put(target.end, "=");
            self.expression(target.end + 1..part.end)?;
            if self.is_op(part.end, ",") {
                self.put(part.end, ",");
            }
            start = part.end + 1;
        }
        Ok(())
    }

    /// A block is written as a `with` without values: minijinja allows no block in a macro, and Jinja2 does.
    fn block_tag(&mut self, first: usize, rest: Range<usize>) -> Result<()> {
        if self.name(rest.start).is_none() || rest.is_empty() {
            return Err(syntax(self.pos(first), "expected the name of a block"));
        }
        let mut next = rest.start + 1;
        for word in ["scoped", "required"] {
            if next < rest.end && self.text(next) == word {
                next += 1;
            }
        }
        if next < rest.end {
            let detail = "unexpected token after the name of a block";
            return Err(syntax(self.pos(next), detail));
        }
        self.put(first, "with");
        Ok(())
    }

    /// Names, commas, dots and brackets: what can be assigned to.
    fn target(&mut self, range: Range<usize>) {
        for index in range {
            match self.kind(index) {
                Some(TokenKind::Name) => self.put(index, self.assignable(index)),
                _ => self.put(index, self.text(index)),
            }
        }
    }

    fn assignable(&self, index: usize) -> &'a str {
        match self.text(index) {
            name @ ("true" | "false" | "none" | "True" | "False" | "None") => name,
            _ => "x",
        }
    }

    fn filter_chain(&mut self, range: Range<usize>) -> Result<()> {
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

    fn tuple(&mut self, range: Range<usize>, is_tuple: bool) -> Result<()> {
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

    fn expression(&mut self, range: Range<usize>) -> Result<()> {
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
                        index = self.test(index)?;
                        let list = matches!(self.kind(index), Some(TokenKind::Op("[" | "{" | "(")));
                        operand = !list;
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
                        operand = false;
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

    /// `is [not] name`; gives what comes next.
    fn test(&mut self, mut index: usize) -> Result<usize> {
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
        Ok(index)
    }
}

/// Whether the name is an attribute: `value.name`.
fn operand_dot(emitter: &Emitter<'_>, index: usize, start: usize) -> bool {
    index > start && emitter.is_op(index - 1, ".")
}
