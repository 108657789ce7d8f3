//! Macros and call blocks, after Jinja2's `Macro`.

use std::rc::Rc;
use std::sync::Arc;

use super::Flow;
use crate::error::{Result, locate};
use crate::run::ctx::Ctx;
use crate::syntax::tree::*;
use crate::value::args::Args;
use crate::value::map::Map;
use crate::value::object::{Kind, Macro, Object};
use crate::value::{Missing, Str, Value, failed};

impl<'t> Ctx<'t> {
    pub(super) fn exec_macro(&mut self, node: &'t MacroStmt) -> Result<Flow> {
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
        let escaping = self.escaping;
        let called = Macro {
            function,
            frame,
            escaping,
        };
        Ok(Value::object(Object(Kind::Macro(called))))
    }

    pub(super) fn exec_call_block(&mut self, node: &'t CallBlock) -> Result<Flow> {
        let caller = self.make_macro(node.function)?;
        let pos = node.call.pos;
        let value = self.eval_call(&node.call, Some(caller))?;
        self.emit_raw(&value).map_err(|error| locate(error, pos))?;
        Ok(Flow::Normal)
    }

    pub(super) fn exec_generation(&mut self, function: usize, pos: Pos) -> Result<Flow> {
        let body = self.make_macro(function)?;
        let value = self.call(&body, Args::default());
        let value = value.map_err(|error| locate(error, pos))?;
        self.emit_raw(&value).map_err(|error| locate(error, pos))?;
        Ok(Flow::Normal)
    }

    /// Calls a macro, after Jinja2's `Macro.__call__`.
    pub(crate) fn call_macro(&mut self, called: &Macro, mut args: Args) -> Result<Value> {
        let Some(function) = self.program.tree.functions.get(called.function) else {
            return Err(failed("not a macro"));
        };
        let frame = self.new_frame(function.slots, Some(Rc::clone(&called.frame)))?;
        let count = function.params.len();
        self.charge(count.saturating_mul(args.kw.len()) / 8)?;
        for (index, (name, _)) in args.kw.iter().enumerate() {
            self.charge(name.len() / 32 * index.clamp(1, 24))?;
        }
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
                self.charge_memory(args.kw.len() * 2 * size_of::<Value>())?;
                let named = args.kw.into_iter();
                let entries = named.map(|(name, value)| (Value::str(name), value));
                let kwargs = self.new_dict(Map::of_distinct(entries.collect()))?;
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
            let around = std::mem::replace(&mut ctx.escaping, called.escaping);
            let result = ctx.capture_out(|ctx| ctx.nested(|ctx| ctx.run_function(function)));
            ctx.frame = outer;
            ctx.escaping = around;
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

    /// `Macro.__repr__`
    pub(crate) fn describe_macro(&self, called: &Macro) -> String {
        let function = self.program.tree.functions.get(called.function);
        match function.and_then(|function| function.name.as_deref()) {
            Some(name) => format!("<Macro '{name}'>"),
            None => "<Macro anonymous>".to_owned(),
        }
    }

    /// An attribute of a macro.
    pub(crate) fn macro_attribute(&mut self, called: &Macro, name: &str) -> Option<Value> {
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
