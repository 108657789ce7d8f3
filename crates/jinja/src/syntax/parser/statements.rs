//! Text, tags that print, and tags without a body.

use super::{MAX_BLOCKS, Parser, TokenKind};
use crate::error::{Error, ErrorKind, Result};
use crate::limits::exceeded;
use crate::options::Dialect;
use crate::syntax::tree::*;

impl Parser<'_> {
    /// Statements up to one of `ends`, which is then current, or to the end of the template.
    pub(super) fn body(&mut self, ends: &[&str]) -> Result<Vec<Stmt>> {
        let mut body = Vec::new();
        loop {
            match self.current.kind {
                TokenKind::End => return Ok(body),
                TokenKind::Data => body.push(self.data()?),
                TokenKind::VariableBegin => {
                    self.next()?;
                    let node = self.tuple(Self::expression)?;
                    self.expect(TokenKind::VariableEnd)?;
                    body.push(Stmt::Print(node.expr, node.pos));
                }
                _ => {
                    self.next()?;
                    if ends.iter().any(|end| self.at_word(end)) {
                        return Ok(body);
                    }
                    self.statement(&mut body)?;
                    self.expect(TokenKind::BlockEnd)?;
                }
            }
        }
    }

    /// The body of a tag, up to one of `ends`, which is then current.
    pub(super) fn statements(&mut self, ends: &'static [&'static str]) -> Result<Vec<Stmt>> {
        self.skip(TokenKind::Colon)?;
        self.expect(TokenKind::BlockEnd)?;
        if self.ends.len() == MAX_BLOCKS {
            let pos = self.tags.last().map_or(self.current.pos, |tag| tag.pos);
            return Err(exceeded("blocks are nested too deeply").with_pos(pos));
        }
        self.ends.push(ends);
        let body = self.body(ends)?;
        if self.at(TokenKind::End) {
            return Err(self.end_of_template());
        }
        self.ends.pop();
        Ok(body)
    }

    /// The body of a tag, and the name of the tag that ends it.
    pub(super) fn closed(&mut self, ends: &'static [&'static str]) -> Result<Vec<Stmt>> {
        let body = self.statements(ends)?;
        self.next()?;
        Ok(body)
    }

    /// Text, also of the pieces that comments and raw blocks have split.
    fn data(&mut self) -> Result<Stmt> {
        let first = self.next()?;
        if !self.at(TokenKind::Data) {
            return Ok(Stmt::Text(self.text(first).into(), first.pos));
        }
        let mut text = self.text(first).to_owned();
        while self.at(TokenKind::Data) {
            let token = self.next()?;
            text.push_str(self.text(token));
        }
        Ok(Stmt::Text(text.into(), first.pos))
    }

    fn statement(&mut self, body: &mut Vec<Stmt>) -> Result<()> {
        let tag = self.current;
        if tag.kind != TokenKind::Name {
            return self.fail("tag name expected");
        }
        self.tags.push(tag);
        let stmt = match self.text(tag) {
            "for" => self.for_loop()?,
            "if" => self.if_block()?,
            "block" => self.block()?,
            "macro" => self.macro_block()?,
            "set" => self.set()?,
            "with" => self.with()?,
            "autoescape" => self.autoescape()?,
            "call" => self.call_block()?,
            "filter" => self.filter_block()?,
            "generation" if self.dialect == Dialect::HuggingFace => self.generation()?,
            "do" if self.dialect == Dialect::Jinja2 => {
                self.next()?;
                Stmt::Do(self.tuple(Self::expression)?.expr, tag.pos)
            }
            "print" => {
                self.print(body)?;
                self.tags.pop();
                return Ok(());
            }
            "break" => self.leave_loop(Stmt::Break, "'break' outside loop")?,
            "continue" => self.leave_loop(Stmt::Continue, "'continue' not properly in loop")?,
            name @ ("include" | "import" | "from" | "extends") => {
                let detail = format!("`{name}` is not supported: a template stands alone");
                let error = Error::new(ErrorKind::Include, detail);
                return Err(error.with_pos(tag.pos));
            }
            _ => {
                self.tags.pop();
                return Err(self.unknown_tag(tag));
            }
        };
        body.push(stmt);
        self.tags.pop();
        Ok(())
    }

    fn print(&mut self, body: &mut Vec<Stmt>) -> Result<()> {
        self.next()?;
        let mut is_first = true;
        while !self.at(TokenKind::BlockEnd) {
            if !is_first {
                self.expect(TokenKind::Comma)?;
            }
            let node = self.expression()?;
            body.push(Stmt::Print(node.expr, node.pos));
            is_first = false;
        }
        Ok(())
    }

    fn leave_loop(&mut self, stmt: Stmt, detail: &str) -> Result<Stmt> {
        let tag = self.next()?;
        if self.loops == 0 {
            self.fail_later(tag.pos, detail);
        }
        Ok(stmt)
    }
}
