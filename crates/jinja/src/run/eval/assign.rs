//! `set`, and assignment with Python's unpacking.

use std::sync::Arc;

use super::Flow;
use crate::error::{Error, Result, locate};
use crate::library;
use crate::options::Dialect;
use crate::run::access;
use crate::run::ctx::Ctx;
use crate::syntax::tree::*;
use crate::value::{Str, Value, failed};

impl<'t> Ctx<'t> {
    pub(super) fn exec_set(&mut self, node: &'t Set) -> Result<Flow> {
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

    pub(super) fn exec_set_block(&mut self, node: &'t SetBlock) -> Result<Flow> {
        self.enter(&node.scope)?;
        let (flow, text) = self.capture_out(|ctx| ctx.exec(&node.body))?;
        if flow != Flow::Normal {
            return Ok(flow);
        }
        let value = match &node.filter {
            None => self.captured_str(text),
            Some(filter) => {
                self.block_text = Some(self.captured_here(text));
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

    /// Assigns, with Python's unpacking.
    pub(super) fn assign(&mut self, target: &'t Target, value: Value) -> Result<()> {
        match target {
            Target::Name(name) => {
                self.write(name.place, value);
                Ok(())
            }
            Target::Namespace(owner, attribute) => {
                let owner = self.read(owner.place).unwrap_or(Value::None);
                let object = access::namespace(&owner).ok_or_else(not_a_namespace)?;
                if self.options.dialect == Dialect::HuggingFace {
                    library::check_plain(attribute)?;
                }
                self.charge_memory(2 * size_of::<Value>())?;
                let old = self
                    .edit_namespace(object)?
                    .insert_str(Str::new(Arc::clone(attribute)), value);
                self.give_back(old);
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

    /// Lets blocks see a name that was assigned at the top level.
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
}

fn not_a_namespace() -> Error {
    failed("cannot assign attribute on non-namespace object")
}
