//! Runs statements.

use std::cell::{Cell, RefCell};
use std::fmt::Write;
use std::rc::Rc;
use std::sync::Arc;

use super::args::Args;
use super::ast::*;
use super::ctx::Ctx;
use super::iter::Iter;
use super::limits::{Budget, exceeded};
use super::loops::{Loop, Recurse};
use super::map::Map;
use super::object::{Frame, Kind, Lazy, Macro, Object};
use super::value::{Missing, Str, Value, failed};
use super::{access, library};
use crate::error::{Error, Result};

/// How statements end.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Flow {
    Normal,
    Break,
    Continue,
}

/// The error with a place, unless it has one from further in.
pub(super) fn locate(error: Error, pos: Pos) -> Error {
    if error.at().is_some() {
        error
    } else {
        error.with_at(pos.into())
    }
}

impl Frame {
    pub(super) fn new(slots: u32, parent: Option<Rc<Self>>) -> Rc<Self> {
        Rc::new(Self {
            slots: RefCell::new(vec![None; slots as usize]),
            parent,
            captured: Cell::new(false),
        })
    }

    pub(super) fn set(&self, slot: u32, value: Option<Value>) {
        let mut slots = self.slots.borrow_mut();
        let old = match slots.get_mut(slot as usize) {
            Some(place) => std::mem::replace(place, value),
            None => None,
        };
        drop(slots);
        drop(old);
    }
}

impl<'t> Ctx<'t> {
    /// Renders the whole template, and gives back what is left of the limits.
    pub(super) fn run(mut self) -> (Result<String>, Budget) {
        let result = self.render();
        let budget = self.budget.clone();
        let out = self.finish();
        (result.map(|()| out), budget)
    }

    fn render(&mut self) -> Result<()> {
        let program = self.program;
        let root = &program.root;
        self.charge(8)?;
        self.frame = self.new_frame(root.slots, None)?;
        if let Some(slot) = root.self_slot {
            self.frame
                .set(slot, Some(Value::object(Object(Kind::Blocks))));
        }
        self.out.reserve(program.hint);
        self.enter(&root.scope)?;
        self.exec(&program.tree.body).map(|_| ())
    }

    /// One level of nested nodes: bounds the native stack.
    fn nest(&mut self) -> Result<()> {
        if self.nested >= super::limits::MAX_NESTED {
            return Err(exceeded("calls or expressions are nested too deeply"));
        }
        self.nested += 1;
        Ok(())
    }

    /// Runs an evaluation one level of nodes deeper.
    pub(super) fn nested<T>(&mut self, run: impl FnOnce(&mut Self) -> Result<T>) -> Result<T> {
        self.nest()?;
        let result = run(self);
        self.nested -= 1;
        result
    }

    fn enter(&mut self, scope: &'t Scope) -> Result<()> {
        self.charge(scope.loads.len())?;
        for (slot, load) in &scope.loads {
            let value = match load {
                Load::Missing => None,
                Load::Alias(place) => self.read(*place),
                Load::Resolve(name) => self.lookup(name),
            };
            self.frame.set(*slot, value);
        }
        Ok(())
    }

    fn leave(&mut self, scope: &'t Scope) {
        for slot in &scope.owned {
            self.frame.set(*slot, None);
        }
    }

    /// A name's value from outside the template's own variables.
    fn lookup(&self, name: &Arc<str>) -> Option<Value> {
        for overlay in self.overlays.iter().rev() {
            if let Some(value) = overlay.get_str(name) {
                return Some(value.clone());
            }
        }
        if let Some(value) = self.exports.get_str(name) {
            return Some(value.clone());
        }
        if let Some(value) = self.inputs.get_str(name) {
            return Some(value.clone());
        }
        library::global(name)
            .map(|(name, function)| Value::object(Object(Kind::Function(name, function))))
    }

    /// A variable's value.
    pub(super) fn read(&self, place: Place) -> Option<Value> {
        let mut frame = &self.frame;
        for _ in 0..place.up {
            frame = frame.parent.as_ref()?;
        }
        frame.slots.borrow().get(place.slot as usize)?.clone()
    }

    fn write(&self, place: Place, value: Value) {
        let mut frame = &self.frame;
        for _ in 0..place.up {
            let Some(parent) = frame.parent.as_ref() else {
                return;
            };
            frame = parent;
        }
        frame.set(place.slot, Some(value));
    }

    /// Writes text as it is.
    pub(super) fn emit(&mut self, text: &str) -> Result<()> {
        self.charge(1 + text.len() / 64)?;
        if self.out.len() + text.len() > self.output_limit {
            return Err(too_long());
        }
        self.out.push_str(text);
        Ok(())
    }

    /// Writes what Jinja2 gives to the output without `str()`: only strings will do.
    fn emit_raw(&mut self, value: &Value) -> Result<()> {
        match value {
            Value::Str(text) => self.emit(text),
            other => Err(failed(format!(
                "sequence item: expected str instance, {} found",
                other.type_name()
            ))),
        }
    }

    fn print(&mut self, expr: &'t Expr) -> Result<()> {
        if let Expr::Name(name) = expr
            && name.place.up == 0
            && !self.autoescape
        {
            let slots = self.frame.slots.borrow();
            if let Some(Some(Value::Str(text))) = slots.get(name.place.slot as usize) {
                self.budget.work(1 + text.len() / 64)?;
                if self.out.len() + text.len() > self.output_limit {
                    return Err(too_long());
                }
                self.out.push_str(text);
                return Ok(());
            }
        }
        let value = self.eval(expr)?;
        self.print_value(&value)
            .map_err(|error| locate(error, super::expr::pos_of(expr)))
    }

    fn print_value(&mut self, value: &Value) -> Result<()> {
        match value {
            Value::Str(text) if !self.autoescape => return self.emit(text),
            Value::Int(number) => {
                self.charge(1)?;
                if write!(self.out, "{number}").is_err() {
                    return Err(too_long());
                }
            }
            value => {
                self.charge(1)?;
                let mut out = std::mem::take(&mut self.out);
                let result = if self.autoescape {
                    self.write_escaped(value, &mut out)
                } else {
                    library::write_str(self, value, &mut out)
                };
                self.out = out;
                result?;
            }
        }
        if self.out.len() > self.output_limit {
            return Err(too_long());
        }
        Ok(())
    }

    /// Runs with a buffer of its own and gives what was written to it.
    fn capture_out<T>(&mut self, run: impl FnOnce(&mut Self) -> Result<T>) -> Result<(T, String)> {
        let outer = std::mem::take(&mut self.out);
        let result = run(self);
        let text = std::mem::replace(&mut self.out, outer);
        let result = result?;
        self.charge_memory(text.len() + 16)?;
        Ok((result, text))
    }

    /// What a block wrote, as a value.
    fn captured_str(&self, text: String) -> Value {
        Value::Str(if self.autoescape {
            Str::markup(text)
        } else {
            Str::new(text)
        })
    }

    fn exec(&mut self, stmts: &'t [Stmt]) -> Result<Flow> {
        for stmt in stmts {
            let flow = match stmt {
                Stmt::Text(text) => {
                    self.emit(text)?;
                    Flow::Normal
                }
                Stmt::Print(expr) => {
                    self.print(expr)?;
                    Flow::Normal
                }
                other => {
                    self.charge(1)?;
                    self.nest()?;
                    let flow = self.stmt(other);
                    self.nested -= 1;
                    flow?
                }
            };
            if flow != Flow::Normal {
                return Ok(flow);
            }
        }
        Ok(Flow::Normal)
    }

    fn stmt(&mut self, stmt: &'t Stmt) -> Result<Flow> {
        match stmt {
            Stmt::If(node) => self.exec_if(node),
            Stmt::For(node) => self.exec_for(node),
            Stmt::Recursive(index) => self.exec_recursive(*index),
            Stmt::With(node) => self.exec_with(node),
            Stmt::Set(node) => self.exec_set(node),
            Stmt::SetBlock(node) => self.exec_set_block(node),
            Stmt::FilterBlock(node) => self.exec_filter_block(node),
            Stmt::Macro(node) => self.exec_macro(node),
            Stmt::CallBlock(node) => self.exec_call_block(node),
            Stmt::Block(index, pos) => self.exec_block(*index).map_err(|e| locate(e, *pos)),
            Stmt::Autoescape(node) => self.exec_autoescape(node),
            Stmt::Do(expr) => self.eval(expr).map(|_| Flow::Normal),
            Stmt::Break => Ok(Flow::Break),
            Stmt::Continue => Ok(Flow::Continue),
            Stmt::Text(_) | Stmt::Print(_) => Ok(Flow::Normal),
        }
    }

    fn exec_if(&mut self, node: &'t If) -> Result<Flow> {
        for (test, body) in &node.branches {
            if self.test(test)? {
                return self.exec(body);
            }
        }
        self.exec(&node.other)
    }

    fn exec_for(&mut self, node: &'t For) -> Result<Flow> {
        let iterable = self.eval(&node.iter)?;
        self.run_loop(node, iterable, 0, None)
    }

    fn exec_recursive(&mut self, index: usize) -> Result<Flow> {
        let Some(node) = self.program.tree.loops.get(index) else {
            return Ok(Flow::Normal);
        };
        let iterable = self.eval(&node.iter)?;
        let recurse = Recurse {
            function: index,
            frame: Rc::clone(&self.frame),
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
        let text = self.deeper(|ctx| {
            let outer = std::mem::replace(&mut ctx.frame, frame);
            let result = ctx.capture_out(|ctx| {
                ctx.nested(|ctx| ctx.run_loop(node, iterable, depth, Some(recurse)))
            });
            ctx.frame = outer;
            result
        })?;
        Ok(self.captured_str(text.1))
    }

    fn new_frame(&mut self, slots: u32, parent: Option<Rc<Frame>>) -> Result<Rc<Frame>> {
        self.charge_memory(64 + slots as usize * size_of::<Value>())?;
        Ok(Frame::new(slots, parent))
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
            "generator",
            FilteredLoop {
                source: iterable,
                iter: None,
                frame,
                test,
            },
        ))
    }

    fn exec_with(&mut self, node: &'t With) -> Result<Flow> {
        self.enter(&node.scope)?;
        for (target, value) in &node.values {
            let value = self.eval(value)?;
            self.assign(target, value)
                .map_err(|error| locate(error, node.pos))?;
        }
        let flow = self.exec(&node.body)?;
        if flow == Flow::Normal {
            self.leave(&node.scope);
        }
        Ok(flow)
    }

    fn exec_set(&mut self, node: &'t Set) -> Result<Flow> {
        self.check_namespaces(&node.target)
            .map_err(|error| locate(error, node.pos))?;
        let value = self.eval(&node.value)?;
        self.assign(&node.target, value)
            .map_err(|error| locate(error, node.pos))?;
        if node.export {
            self.export(&node.target);
        }
        Ok(Flow::Normal)
    }

    fn exec_set_block(&mut self, node: &'t SetBlock) -> Result<Flow> {
        self.enter(&node.scope)?;
        let (flow, text) = self.capture_out(|ctx| ctx.exec(&node.body))?;
        if flow != Flow::Normal {
            return Ok(flow);
        }
        let value = match &node.filter {
            None => self.captured_str(text),
            Some(filter) => {
                self.block_text = Some(self.captured_str(text));
                let value = self.eval(filter)?;
                if self.autoescape {
                    Value::Str(Str::markup(Arc::clone(self.str_of(&value)?.shared())))
                } else {
                    value
                }
            }
        };
        self.check_namespaces(&node.target)
            .and_then(|()| self.assign(&node.target, value))
            .map_err(|error| locate(error, node.pos))?;
        if node.export {
            self.export(&node.target);
        }
        self.leave(&node.scope);
        Ok(Flow::Normal)
    }

    fn exec_filter_block(&mut self, node: &'t FilterBlock) -> Result<Flow> {
        self.enter(&node.scope)?;
        let (flow, text) = self.capture_out(|ctx| ctx.exec(&node.body))?;
        if flow != Flow::Normal {
            return Ok(flow);
        }
        self.block_text = Some(self.captured_str(text));
        let value = self.eval(&node.filter)?;
        self.emit_raw(&value)
            .map_err(|error| locate(error, super::expr::pos_of(&node.filter)))?;
        self.leave(&node.scope);
        Ok(Flow::Normal)
    }

    fn exec_macro(&mut self, node: &'t MacroStmt) -> Result<Flow> {
        let value = self.make_macro(node.function)?;
        self.write(node.target.place, value.clone());
        if node.export {
            self.exports
                .insert_str(Str::new(Arc::clone(&node.target.name)), value);
        }
        Ok(Flow::Normal)
    }

    fn make_macro(&mut self, function: usize) -> Result<Value> {
        let frame = Rc::clone(&self.frame);
        self.capture(&frame);
        self.charge_memory(64)?;
        let called = Macro { function, frame };
        Ok(Value::object(Object(Kind::Macro(called))))
    }

    fn exec_call_block(&mut self, node: &'t CallBlock) -> Result<Flow> {
        let caller = self.make_macro(node.function)?;
        let pos = node.call.pos;
        let value = self.eval_call(&node.call, Some(caller))?;
        self.emit_raw(&value).map_err(|error| locate(error, pos))?;
        Ok(Flow::Normal)
    }

    fn exec_autoescape(&mut self, node: &'t Autoescape) -> Result<Flow> {
        self.enter(&node.scope)?;
        let enabled = self.test(&node.enabled)?;
        let before = std::mem::replace(&mut self.autoescape, enabled);
        let flow = self.exec(&node.body);
        self.autoescape = before;
        let flow = flow?;
        if flow == Flow::Normal {
            self.leave(&node.scope);
        }
        Ok(flow)
    }

    fn exec_block(&mut self, index: usize) -> Result<Flow> {
        let Some(block) = self.program.tree.blocks.get(index) else {
            return Ok(Flow::Normal);
        };
        if block.required {
            let detail = format!("Required block '{}' not found", block.name);
            return Err(failed(detail));
        }
        if block.scoped {
            self.charge(8 * block.locals.len())?;
            let mut overlay = Map::default();
            for (name, place) in &block.locals {
                if let Some(value) = self.read(*place) {
                    overlay.insert_str(Str::new(Arc::clone(name)), value);
                }
            }
            self.charge_memory(overlay.len() * 2 * size_of::<Value>())?;
            self.overlays.push(overlay);
        }
        let result = self.run_block(block);
        if block.scoped {
            self.overlays.pop();
        }
        result.map(|()| Flow::Normal)
    }

    fn run_block(&mut self, block: &'t Block) -> Result<()> {
        let frame = self.new_frame(block.slots, None)?;
        if let Some(slot) = block.self_slot {
            frame.set(slot, Some(Value::object(Object(Kind::Blocks))));
        }
        if let Some(slot) = block.super_slot {
            let hint = format!("there is no parent block called '{}'.", block.name);
            frame.set(slot, Some(self.undefined(Missing::Hint(hint.into()))));
        }
        self.deeper(|ctx| {
            let outer = std::mem::replace(&mut ctx.frame, frame);
            ctx.enter(&block.scope)?;
            let result = ctx.exec(&block.body);
            ctx.frame = outer;
            result.map(drop)
        })
    }

    /// `self.name()`
    pub(super) fn call_block(&mut self, name: &str) -> Result<Value> {
        let blocks = &self.program.tree.blocks;
        let Some(block) = blocks.iter().find(|block| *block.name == *name) else {
            return Err(failed("there is no such block"));
        };
        let ((), text) = self.capture_out(|ctx| ctx.nested(|ctx| ctx.run_block(block)))?;
        Ok(self.captured_str(text))
    }

    /// Assigns, with Python's unpacking.
    fn assign(&mut self, target: &'t Target, value: Value) -> Result<()> {
        match target {
            Target::Name(name) => {
                self.write(name.place, value);
                Ok(())
            }
            Target::Namespace(owner, attribute) => {
                let owner = self.read(owner.place).unwrap_or(Value::None);
                let object = access::namespace(&owner).ok_or_else(not_a_namespace)?;
                self.charge_memory(2 * size_of::<Value>())?;
                let old = self
                    .edit_namespace(object)?
                    .insert_str(Str::new(Arc::clone(attribute)), value);
                drop(old);
                Ok(())
            }
            Target::Tuple(items) => {
                let mut iter = self.iter(&value).map_err(|_| {
                    failed(format!(
                        "cannot unpack non-iterable {} object",
                        value.type_name()
                    ))
                })?;
                let mut values = Vec::with_capacity(items.len());
                while let Some(value) = iter.next(self)? {
                    if values.len() == items.len() {
                        return Err(failed(format!(
                            "too many values to unpack (expected {})",
                            items.len()
                        )));
                    }
                    values.push(value);
                }
                if values.len() < items.len() {
                    return Err(failed(format!(
                        "not enough values to unpack (expected {}, got {})",
                        items.len(),
                        values.len()
                    )));
                }
                for (target, value) in items.iter().zip(values) {
                    self.assign(target, value)?;
                }
                Ok(())
            }
        }
    }

    fn check_namespaces(&mut self, target: &'t Target) -> Result<()> {
        match target {
            Target::Name(_) => Ok(()),
            Target::Namespace(owner, _) => match self.read(owner.place) {
                Some(value) if access::namespace(&value).is_some() => Ok(()),
                _ => Err(not_a_namespace()),
            },
            Target::Tuple(items) => items
                .iter()
                .try_for_each(|item| self.check_namespaces(item)),
        }
    }

    /// Lets blocks see what was assigned at the top of the template.
    fn export(&mut self, target: &'t Target) {
        match target {
            Target::Name(name) => {
                if let Some(value) = self.read(name.place) {
                    self.exports
                        .insert_str(Str::new(Arc::clone(&name.name)), value);
                }
            }
            Target::Namespace(..) => {}
            Target::Tuple(items) => items.iter().for_each(|item| self.export(item)),
        }
    }

    /// Calls a macro, after Jinja2's `Macro.__call__`.
    pub(super) fn call_macro(&mut self, called: &Macro, mut args: Args) -> Result<Value> {
        let Some(function) = self.program.tree.functions.get(called.function) else {
            return Err(failed("not a macro"));
        };
        let frame = self.new_frame(function.slots, Some(Rc::clone(&called.frame)))?;
        let count = function.params.len();
        let rest = args.pos.split_off(count.min(args.pos.len()));
        let mut positional = args.pos.drain(..);
        for param in &function.params {
            let value = match positional.next() {
                Some(value) => Some(value),
                None => take(&mut args.kw, &param.name),
            };
            frame.set(param.place.slot, value);
        }
        drop(positional);
        if let Some(slot) = function.caller {
            let caller = match args.take("caller") {
                None | Some(Value::None) => {
                    self.undefined(Missing::Hint("No caller defined".into()))
                }
                Some(caller) => caller,
            };
            frame.set(slot, Some(caller));
        }
        let name = || {
            let name = function.name.as_deref();
            name.map_or_else(|| "None".to_owned(), |name| format!("'{name}'"))
        };
        match (function.kwargs, args.kw.first()) {
            (Some(slot), _) => {
                let mut map = Map::default();
                for (name, value) in args.kw {
                    map.insert_str(Str::new(name), value);
                }
                let kwargs = self.new_dict(map)?;
                frame.set(slot, Some(kwargs));
            }
            (None, Some((keyword, _))) if &**keyword == "caller" => {
                return Err(failed(format!(
                    "macro {} was invoked with two values for the special caller argument. This is most likely a bug.",
                    name()
                )));
            }
            (None, Some((keyword, _))) => {
                return Err(failed(format!(
                    "macro {} takes no keyword argument '{keyword}'",
                    name()
                )));
            }
            (None, None) => {}
        }
        match function.varargs {
            Some(slot) => {
                let varargs = self.new_tuple(rest)?;
                frame.set(slot, Some(varargs));
            }
            None if !rest.is_empty() => {
                return Err(failed(format!(
                    "macro {} takes not more than {count} argument(s)",
                    name()
                )));
            }
            None => {}
        }
        let text = self.deeper(|ctx| {
            let outer = std::mem::replace(&mut ctx.frame, frame);
            let result = ctx.capture_out(|ctx| ctx.nested(|ctx| ctx.run_function(function)));
            ctx.frame = outer;
            result
        })?;
        Ok(self.captured_str(text.1))
    }

    fn run_function(&mut self, function: &'t Function) -> Result<()> {
        self.enter(&function.scope)?;
        let first_default = function
            .params
            .len()
            .saturating_sub(function.defaults.len());
        for (index, param) in function.params.iter().enumerate() {
            if self.read(param.place).is_some() {
                continue;
            }
            let default = index
                .checked_sub(first_default)
                .and_then(|index| function.defaults.get(index));
            let value = match default {
                Some(default) => self.eval(default)?,
                None => {
                    let hint = format!("parameter '{}' was not provided", param.name);
                    self.undefined(Missing::Hint(hint.into()))
                }
            };
            self.write(param.place, value);
        }
        self.exec(&function.body).map(drop)
    }

    /// `loop(…)`
    pub(super) fn call_loop(&mut self, state: &Loop, args: Args) -> Result<Value> {
        let (recurse, depth) = state.recurse()?;
        let [iterable] = args.bind("loop", ["iterable"], 1)?;
        self.call_recursive(recurse, iterable.unwrap_or(Value::None), depth)
    }

    /// `Macro.__repr__`
    pub(super) fn describe_macro(&self, called: &Macro) -> String {
        let function = self.program.tree.functions.get(called.function);
        match function.and_then(|function| function.name.as_deref()) {
            Some(name) => format!("<Macro '{name}'>"),
            None => "<Macro anonymous>".to_owned(),
        }
    }

    /// An attribute of a macro.
    pub(super) fn macro_attribute(&mut self, called: &Macro, name: &str) -> Option<Value> {
        let function = self.program.tree.functions.get(called.function)?;
        Some(match name {
            "name" => match &function.name {
                Some(name) => Value::str(Arc::clone(name)),
                None => Value::None,
            },
            "arguments" => Value::tuple(
                function
                    .params
                    .iter()
                    .map(|param| Value::str(Arc::clone(&param.name)))
                    .collect(),
            ),
            "catch_kwargs" => Value::Bool(function.kwargs.is_some()),
            "catch_varargs" => Value::Bool(function.varargs.is_some()),
            "caller" => Value::Bool(function.caller.is_some()),
            _ => return None,
        })
    }
}

fn take(pairs: &mut Vec<(Arc<str>, Value)>, name: &str) -> Option<Value> {
    let index = pairs.iter().position(|(known, _)| **known == *name)?;
    Some(pairs.remove(index).1)
}

fn too_long() -> Error {
    exceeded("the output is longer than allowed")
}

fn not_a_namespace() -> Error {
    failed("cannot assign attribute on non-namespace object")
}

/// What a loop with a condition iterates over: Jinja2 makes a generator function of it.
struct FilteredLoop {
    source: Value,
    iter: Option<Iter>,
    frame: Rc<Frame>,
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
