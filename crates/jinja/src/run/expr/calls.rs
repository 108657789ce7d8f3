//! Calls, filters and tests with their arguments.

use std::sync::Arc;

use crate::error::{Error, Result, locate};
use crate::library::{self, registry};
use crate::run::ctx::Ctx;
use crate::syntax::tree::*;
use crate::value::args::Args;
use crate::value::object::Kind;
use crate::value::{Value, failed};

impl<'t> Ctx<'t> {
    fn eval_args(&mut self, args: &'t [Arg]) -> Result<Args> {
        let mut made = Args::default();
        if args.is_empty() {
            return Ok(made);
        }
        self.charge(args.len() / 4)?;
        made.pos.reserve(args.len());
        for arg in args {
            match arg {
                Arg::Positional(expr) => made.pos.push(self.eval(expr)?),
                Arg::Keyword(name, expr) => {
                    let value = self.eval(expr)?;
                    self.charge(made.kw.len() / 16)?;
                    add_keyword(&mut made, Arc::clone(name), value)?;
                }
                Arg::Sequence(expr) => {
                    let value = self.eval(expr)?;
                    made.pos.extend(self.collect(&value)?);
                }
                Arg::Mapping(expr) => {
                    let value = self.eval(expr)?;
                    let Value::Dict(dict) = &value else {
                        return Err(failed("argument after ** must be a mapping"));
                    };
                    // The keys of a dict differ, so each is compared with those before it.
                    let before = made.kw.len();
                    self.charge(dict.len().saturating_mul(1 + before / 8))?;
                    self.charge_memory(dict.len().saturating_mul(4 * size_of::<Value>()))?;
                    for (key, value) in dict.map().entries() {
                        let Value::Str(name) = key else {
                            return Err(failed("keywords must be strings"));
                        };
                        let mut known = made.kw.iter().take(before);
                        if known.any(|(known, _)| **known == **name) {
                            return Err(repeated(name));
                        }
                        made.kw.push((Arc::clone(name.shared()), value.clone()));
                    }
                }
            }
        }
        Ok(made)
    }

    /// A call; of a call block with its `caller`.
    pub(crate) fn eval_call(&mut self, node: &'t CallExpr, caller: Option<Value>) -> Result<Value> {
        // A method of a built-in type is called directly, without a bound method.
        if let Expr::Attribute(attribute) = &node.callee {
            let receiver = self.eval(&attribute.value)?;
            let method = match &receiver {
                Value::Object(_) | Value::Undefined(_) => None,
                Value::Tuple(tuple) if tuple.field(&attribute.name).is_some() => None,
                other => library::method(other, &attribute.name, self.options.dialect),
            };
            if let Some((_, method)) = method {
                let args = self.call_args(node, caller)?;
                self.charge(1)?;
                return method(self, &receiver, args).map_err(|error| locate(error, node.pos));
            }
            if let Value::Object(object) = &receiver
                && let Kind::Loop(state) = &object.0
            {
                match &*attribute.name {
                    "cycle" => {
                        let args = self.call_args(node, caller)?;
                        return state.cycle(args).map_err(|error| locate(error, node.pos));
                    }
                    "changed" => {
                        let args = self.call_args(node, caller)?;
                        let changed = state.changed(self, args.pos);
                        return changed
                            .map(Value::Bool)
                            .map_err(|error| locate(error, node.pos));
                    }
                    _ => {}
                }
            }
            let callee = self
                .get_attr(&receiver, &attribute.name)
                .map_err(|error| locate(error, attribute.pos))?;
            let args = self.call_args(node, caller)?;
            return self
                .call(&callee, args)
                .map_err(|error| locate(error, node.pos));
        }
        let callee = self.eval(&node.callee)?;
        let args = self.call_args(node, caller)?;
        self.call(&callee, args)
            .map_err(|error| locate(error, node.pos))
    }

    fn call_args(&mut self, node: &'t CallExpr, caller: Option<Value>) -> Result<Args> {
        let mut args = self
            .eval_args(&node.args)
            .map_err(|error| locate(error, node.pos))?;
        if let Some(caller) = caller {
            add_keyword(&mut args, "caller".into(), caller)
                .map_err(|error| locate(error, node.pos))?;
        }
        Ok(args)
    }

    pub(super) fn eval_filter(&mut self, node: &'t FilterExpr) -> Result<Value> {
        let value = match &node.value {
            Some(value) => self.eval(value)?,
            None => self.block_text.take().unwrap_or(Value::None),
        };
        let Some(filter) = node.row.and_then(registry::filter_at) else {
            let error = failed(format!("No filter named '{}' found.", node.name));
            return Err(locate(error, node.pos));
        };
        let args = self
            .eval_args(&node.args)
            .map_err(|error| locate(error, node.pos))?;
        let seen = self.folded_escaping(node)?;
        let here = std::mem::replace(&mut self.autoescape, seen);
        let result = (filter.run)(self, value, args);
        self.autoescape = here;
        result.map_err(|error| locate(error, node.pos))
    }

    pub(super) fn eval_test(&mut self, node: &'t TestExpr) -> Result<bool> {
        let value = self.eval(&node.value)?;
        let Some(test) = node.row.and_then(registry::test_at) else {
            let error = failed(format!("No test named '{}' found.", node.name));
            return Err(locate(error, node.pos));
        };
        let args = self
            .eval_args(&node.args)
            .map_err(|error| locate(error, node.pos))?;
        (test.run)(self, value, args).map_err(|error| locate(error, node.pos))
    }
}

fn add_keyword(args: &mut Args, name: Arc<str>, value: Value) -> Result<()> {
    if args.kw.iter().any(|(known, _)| *known == name) {
        return Err(repeated(&name));
    }
    args.kw.push((name, value));
    Ok(())
}

fn repeated(name: &str) -> Error {
    let name: String = name.chars().take(64).collect();
    failed(format!("got multiple values for keyword argument '{name}'"))
}
