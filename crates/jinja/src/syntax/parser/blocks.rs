//! Tags with a body.

use std::sync::Arc;

use super::{Parser, TokenKind};
use crate::error::{Error, Result};
use crate::syntax::lexer::is_space;
use crate::syntax::tree::*;

/// Depth of loops within one function; CPython compiles no more.
const MAX_LOOPS: usize = 20;

impl Parser<'_> {
    pub(super) fn for_loop(&mut self) -> Result<Stmt> {
        let pos = self.next()?.pos;
        let target = self.target(false)?;
        self.expect_word("in")?;
        let iter = self.tuple(Self::or)?.expr;
        let test = match self.skip_word("if")? {
            true => Some(self.expression()?.expr),
            false => None,
        };
        let recursive = self.skip_word("recursive")?;
        let test = test.map(|test| {
            self.tree.tests.push(LoopTest {
                test,
                target: target.clone(),
                scope: ScopeSlots::default(),
                slots: 0,
            });
            self.tree.tests.len() - 1
        });
        // A recursive loop is a separate function.
        let outer = self.loops;
        self.loops = if recursive { 1 } else { outer + 1 };
        if self.loops > MAX_LOOPS {
            self.fail_later(pos, "too many statically nested blocks");
        }
        let body = self.statements(&["endfor", "else"])?;
        self.loops = if recursive { 0 } else { outer };
        let end = self.next()?;
        let other = match self.text(end) {
            "else" => self.closed(&["endfor"])?,
            _ => Vec::new(),
        };
        self.loops = outer;
        let node = For {
            target,
            iter,
            test,
            recursive,
            body,
            other,
            pos,
            loop_place: None,
            scope: ScopeSlots::default(),
            other_scope: ScopeSlots::default(),
            slots: 0,
        };
        if !recursive {
            return Ok(Stmt::For(Box::new(node)));
        }
        self.tree.loops.push(node);
        Ok(Stmt::Recursive(self.tree.loops.len() - 1))
    }

    pub(super) fn if_block(&mut self) -> Result<Stmt> {
        self.next()?;
        let mut node = If {
            branches: Vec::new(),
            other: Vec::new(),
        };
        loop {
            let test = self.tuple(Self::or)?.expr;
            let body = self.statements(&["elif", "else", "endif"])?;
            node.branches.push((test, body));
            let end = self.next()?;
            match self.text(end) {
                "elif" => continue,
                "else" => node.other = self.closed(&["endif"])?,
                _ => {}
            }
            return Ok(Stmt::If(Box::new(node)));
        }
    }

    /// `set` with a value, or with a body.
    pub(super) fn set(&mut self) -> Result<Stmt> {
        let pos = self.next()?.pos;
        let target = self.target(true)?;
        if self.skip(TokenKind::Assign)? {
            return Ok(Stmt::Set(Box::new(Set {
                target,
                value: self.tuple(Self::expression)?.expr,
                pos,
                export: false,
            })));
        }
        let filter = match self.skip(TokenKind::Pipe)? {
            true => Some(self.filter_chain(None)?.expr),
            false => None,
        };
        Ok(Stmt::SetBlock(Box::new(SetBlock {
            target,
            filter,
            body: self.closed(&["endset"])?,
            pos,
            scope: ScopeSlots::default(),
            export: false,
        })))
    }

    pub(super) fn with(&mut self) -> Result<Stmt> {
        let pos = self.next()?.pos;
        let mut values = Vec::new();
        while !self.at(TokenKind::BlockEnd) {
            if !values.is_empty() {
                self.expect(TokenKind::Comma)?;
            }
            let target = self.target(false)?;
            self.expect(TokenKind::Assign)?;
            values.push((target, self.expression()?.expr));
        }
        Ok(Stmt::With(Box::new(With {
            values,
            body: self.closed(&["endwith"])?,
            pos,
            scope: ScopeSlots::default(),
        })))
    }

    pub(super) fn autoescape(&mut self) -> Result<Stmt> {
        self.next()?;
        Ok(Stmt::Autoescape(Box::new(Autoescape {
            enabled: self.expression()?.expr,
            body: self.closed(&["endautoescape"])?,
            scope: ScopeSlots::default(),
        })))
    }

    pub(super) fn filter_block(&mut self) -> Result<Stmt> {
        self.next()?;
        Ok(Stmt::FilterBlock(Box::new(FilterBlock {
            filter: self.filter_chain(None)?.expr,
            body: self.closed(&["endfilter"])?,
            scope: ScopeSlots::default(),
        })))
    }

    pub(super) fn block(&mut self) -> Result<Stmt> {
        let pos = self.next()?.pos;
        let name = self.expect(TokenKind::Name)?;
        let scoped = self.skip_word("scoped")?;
        let required = self.skip_word("required")?;
        if self.at(TokenKind::Sub) {
            return self.fail(
                "Block names in Jinja have to be valid Python identifiers and may not contain hyphens, \
                 use an underscore instead.",
            );
        }
        let name: Arc<str> = self.text(name).into();
        if self.tree.blocks.iter().any(|block| block.name == name) {
            self.fail_later(pos, format!("block '{name}' defined twice"));
        }
        let place = self.tree.blocks.len();
        self.tree.blocks.push(Block {
            name: Arc::clone(&name),
            scoped,
            required,
            body: Vec::new(),
            scope: ScopeSlots::default(),
            slots: 0,
            self_slot: None,
            super_slot: None,
            locals: Vec::new(),
        });
        let body = self.function_body(&["endblock"])?;
        let blank = |stmt: &Stmt| matches!(stmt, Stmt::Text(text, _) if text.chars().all(is_space));
        if required && !body.iter().all(blank) {
            return self.fail("Required blocks can only contain comments or whitespace");
        }
        if let Some(block) = self.tree.blocks.get_mut(place) {
            block.body = body;
        }
        self.skip_word(&name)?;
        Ok(Stmt::Block(place, pos))
    }

    pub(super) fn macro_block(&mut self) -> Result<Stmt> {
        self.next()?;
        let target = self.new_name()?;
        let (params, defaults) = self.signature()?;
        let name = Some(Arc::clone(&target.name));
        let function = self.function(name, params, defaults, target.pos, &["endmacro"])?;
        Ok(Stmt::Macro(Box::new(MacroStmt {
            target,
            function,
            export: false,
        })))
    }

    pub(super) fn call_block(&mut self) -> Result<Stmt> {
        let pos = self.next()?.pos;
        let (params, defaults) = match self.at(TokenKind::LeftParen) {
            true => self.signature()?,
            false => Default::default(),
        };
        let Expr::Call(call) = self.expression()?.expr else {
            return Err(Error::syntax(pos, "expected call"));
        };
        let function = self.function(None, params, defaults, pos, &["endcall"])?;
        Ok(Stmt::CallBlock(Box::new(CallBlock {
            call: *call,
            function,
        })))
    }

    /// The `generation` tag around the assistant's text: `transformers` can report its place, or else prints the body.
    pub(super) fn generation(&mut self) -> Result<Stmt> {
        let pos = self.next()?.pos;
        let ends = &["endgeneration"];
        let function = self.function(None, Vec::new(), Vec::new(), pos, ends)?;
        Ok(Stmt::Generation(function, pos))
    }

    fn signature(&mut self) -> Result<(Vec<Name>, Vec<Expr>)> {
        self.expect(TokenKind::LeftParen)?;
        let mut params: Vec<Name> = Vec::new();
        let mut defaults = Vec::new();
        while !self.at(TokenKind::RightParen) {
            if !params.is_empty() {
                self.expect(TokenKind::Comma)?;
            }
            let param = self.new_name()?;
            if self.skip(TokenKind::Assign)? {
                defaults.push(self.expression()?.expr);
            } else if !defaults.is_empty() {
                return self.fail("non-default argument follows default argument");
            }
            if params.iter().any(|known| known.name == param.name) {
                let detail = format!("duplicate argument '{}' in function definition", param.name);
                self.fail_later(param.pos, detail);
            }
            params.push(param);
        }
        self.expect(TokenKind::RightParen)?;
        Ok((params, defaults))
    }

    fn function(
        &mut self,
        name: Option<Arc<str>>,
        params: Vec<Name>,
        defaults: Vec<Expr>,
        pos: Pos,
        ends: &'static [&'static str],
    ) -> Result<usize> {
        let body = self.function_body(ends)?;
        self.tree.functions.push(Function {
            name,
            params,
            defaults,
            body,
            pos,
            scope: ScopeSlots::default(),
            slots: 0,
            caller: None,
            kwargs: None,
            varargs: None,
        });
        Ok(self.tree.functions.len() - 1)
    }

    /// A body that cannot leave the loops around it.
    fn function_body(&mut self, ends: &'static [&'static str]) -> Result<Vec<Stmt>> {
        let outer = std::mem::take(&mut self.loops);
        let body = self.closed(ends)?;
        self.loops = outer;
        Ok(body)
    }
}
