//! `for`, with and without `loop`, conditions and recursion.

use std::rc::Rc;

use super::Flow;
use crate::error::{Result, locate};
use crate::run::ctx::Ctx;
use crate::run::iter::Iter;
use crate::run::loops::{Loop, Recurse};
use crate::syntax::tree::*;
use crate::value::args::Args;
use crate::value::object::{CallFrame, Kind, Lazy, Object};
use crate::value::{Value, failed};

impl<'t> Ctx<'t> {
    pub(super) fn exec_for(&mut self, node: &'t For) -> Result<Flow> {
        let iterable = self.eval(&node.iter)?;
        self.run_loop(node, iterable, 0, None)
    }

    pub(super) fn exec_recursive(&mut self, index: usize) -> Result<Flow> {
        let Some(node) = self.program.tree.loops.get(index) else {
            return Ok(Flow::Normal);
        };
        let iterable = self.eval(&node.iter)?;
        let recurse = Recurse {
            function: index,
            frame: Rc::clone(&self.frame),
            escaping: self.escaping,
        };
        let text = self.call_recursive(recurse, iterable, 0)?;
        self.emit_raw(&text)?;
        Ok(Flow::Normal)
    }

    fn call_recursive(&mut self, recurse: Recurse, iterable: Value, depth: usize) -> Result<Value> {
        let Some(node) = self.program.tree.loops.get(recurse.function) else {
            return Err(failed("not a loop"));
        };
        let frame = self.new_frame(node.slots, Some(Rc::clone(&recurse.frame)))?;
        self.deeper(|ctx| {
            let outer = std::mem::replace(&mut ctx.frame, frame);
            let around = std::mem::replace(&mut ctx.escaping, recurse.escaping);
            let result = ctx.capture_out(|ctx| {
                ctx.nested(|ctx| ctx.run_loop(node, iterable, depth, Some(recurse)))
            });
            let result = result.map(|(_, text)| ctx.captured_here(text));
            ctx.frame = outer;
            ctx.escaping = around;
            result
        })
    }

    fn run_loop(
        &mut self,
        node: &'t For,
        iterable: Value,
        depth: usize,
        recurse: Option<Recurse>,
    ) -> Result<Flow> {
        let iterable = match node.test {
            None => iterable,
            Some(test) => self.filtered(test, node.recursive, iterable)?,
        };
        let completed = match node.loop_place {
            None => {
                let iter = self
                    .iter(&iterable)
                    .map_err(|error| locate(error, node.pos))?;
                self.run_plain(node, iter)?
            }
            Some(place) => {
                let state = Loop::new(self, iterable, depth, recurse)
                    .map_err(|error| locate(error, node.pos))?;
                self.charge_memory(size_of::<Object>())?;
                let object = Rc::new(Object(Kind::Loop(state)));
                self.write(place, Value::Object(Rc::clone(&object)));
                self.run_with_loop(node, &object)?
            }
        };
        self.leave(&node.scope);
        if completed || node.other.is_empty() {
            return Ok(Flow::Normal);
        }
        self.enter(&node.other_scope)?;
        let flow = self.exec(&node.other)?;
        self.leave(&node.other_scope);
        Ok(flow)
    }

    /// Whether the body has run to its end at least once.
    fn run_plain(&mut self, node: &'t For, mut iter: Iter) -> Result<bool> {
        let mut completed = false;
        loop {
            let Some(item) = iter.next(self).map_err(|error| locate(error, node.pos))? else {
                return Ok(completed);
            };
            match self.run_body(node, item)? {
                Flow::Normal => completed = true,
                Flow::Continue => {}
                Flow::Break => return Ok(completed),
            }
        }
    }

    fn run_with_loop(&mut self, node: &'t For, object: &Rc<Object>) -> Result<bool> {
        let mut completed = false;
        let Kind::Loop(state) = &object.0 else {
            return Ok(true);
        };
        loop {
            self.charge(1)?;
            let next = state.advance(self);
            let Some(item) = next.map_err(|error| locate(error, node.pos))? else {
                return Ok(completed);
            };
            match self.run_body(node, item)? {
                Flow::Normal => completed = true,
                Flow::Continue => {}
                Flow::Break => return Ok(completed),
            }
        }
    }

    fn run_body(&mut self, node: &'t For, item: Value) -> Result<Flow> {
        self.assign(&node.target, item)
            .map_err(|error| locate(error, node.pos))?;
        self.enter(&node.scope)?;
        self.exec(&node.body)
    }

    fn filtered(&mut self, test: usize, recursive: bool, iterable: Value) -> Result<Value> {
        let Some(node) = self.program.tree.tests.get(test) else {
            return Ok(iterable);
        };
        let parent = match &self.frame.parent {
            Some(parent) if recursive => Rc::clone(parent),
            _ => Rc::clone(&self.frame),
        };
        let here = Rc::clone(&self.frame);
        self.capture(&here);
        let frame = self.new_frame(node.slots, Some(parent))?;
        Ok(Value::lazy(
            "t_1",
            FilteredLoop {
                source: iterable,
                iter: None,
                frame,
                test,
            },
        ))
    }

    /// `loop(…)`
    pub(crate) fn call_loop(&mut self, state: &Loop, args: Args) -> Result<Value> {
        let (recurse, depth) = state.recurse()?;
        let [iterable] = args.bind("loop", ["iterable"], 1)?;
        self.call_recursive(recurse, iterable.unwrap_or(Value::None), depth)
    }
}

/// What a loop with a condition iterates over: Jinja2 makes a generator function of it.
struct FilteredLoop {
    source: Value,
    iter: Option<Iter>,
    frame: Rc<CallFrame>,
    test: usize,
}

impl Lazy for FilteredLoop {
    fn next(&mut self, ctx: &mut Ctx<'_>) -> Result<Option<Value>> {
        let Some(node) = ctx.program.tree.tests.get(self.test) else {
            return Ok(None);
        };
        let outer = std::mem::replace(&mut ctx.frame, Rc::clone(&self.frame));
        let result = self.step(ctx, node);
        ctx.frame = outer;
        result
    }

    fn dismantle(&mut self, pending: &mut Vec<Value>) {
        pending.push(std::mem::replace(&mut self.source, Value::None));
        if let Some(mut iter) = self.iter.take() {
            iter.dismantle(pending);
        }
    }
}

impl FilteredLoop {
    fn step<'t>(&mut self, ctx: &mut Ctx<'t>, node: &'t LoopTest) -> Result<Option<Value>> {
        let iter = match &mut self.iter {
            Some(iter) => iter,
            place => {
                ctx.enter(&node.scope)?;
                place.insert(ctx.iter(&self.source)?)
            }
        };
        while let Some(item) = iter.next(ctx)? {
            ctx.assign(&node.target, item.clone())?;
            if ctx.nested(|ctx| ctx.test(&node.test))? {
                return Ok(Some(item));
            }
        }
        Ok(None)
    }
}
