//! The tags of statements.

use std::ops::Range;

use super::{Emitter, MAX_BLOCKS, Open};
use crate::error::{Code, Error, Result};
use crate::jinja::lex::{TokenKind, syntax};
use crate::jinja::limits::exceeded;

impl<'a> Emitter<'a> {
    pub(super) fn statement(&mut self, mut range: Range<usize>) -> Result<()> {
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
}
