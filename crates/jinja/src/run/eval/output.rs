//! Output: to the result, or to the buffer of a block that captures.

use std::fmt::Write;

use crate::error::{Error, Result, locate};
use crate::library;
use crate::limits::{Budget, MAX_NESTED, exceeded};
use crate::run::ctx::Ctx;
use crate::run::expr::known_key;
use crate::size;
use crate::syntax::tree::*;
use crate::value::{Str, Value, failed};

impl<'t> Ctx<'t> {
    /// Writes text as it is.
    pub(crate) fn emit(&mut self, text: &str) -> Result<()> {
        emit(&mut self.budget, &mut self.out, self.output_limit, text)
    }

    /// Writes a value that Jinja2 outputs without `str()`: only strings are accepted.
    pub(super) fn emit_raw(&mut self, value: &Value) -> Result<()> {
        match value {
            Value::Str(text) => self.emit(text),
            other => Err(failed(format!(
                "sequence item: expected str instance, {} found",
                other.type_name()
            ))),
        }
    }

    pub(super) fn print(&mut self, expr: &'t Expr) -> Result<()> {
        if let Expr::Name(name) = expr
            && name.place.up == 0
            && !self.escapes()
        {
            let slots = self.frame.slots.borrow();
            if let Some(Some(Value::Str(text))) = slots.get(size::slot(name.place.slot)) {
                return emit(&mut self.budget, &mut self.out, self.output_limit, text);
            }
        }
        if let Expr::Attribute(node) = expr
            && self.nested < MAX_NESTED
            && !self.escapes()
        {
            let (budget, out) = (&mut self.budget, &mut self.out);
            let printed = known_key(&self.frame, node, |value| {
                let Value::Str(text) = value else { return None };
                if let Err(error) = budget.work(1) {
                    return Some(Err(error));
                }
                let printed = budget
                    .work(1 + node.name.len() / 32)
                    .and_then(|()| emit(budget, out, self.output_limit, text));
                Some(printed.map_err(|error| locate(error, node.pos)))
            });
            if let Some(printed) = printed.flatten() {
                return printed;
            }
        }
        let value = self.eval(expr)?;
        let escape = self.escapes_printed(expr)?;
        self.print_value(&value, escape)
            .map_err(|error| locate(error, expr.pos()))
    }

    fn print_value(&mut self, value: &Value, escape: bool) -> Result<()> {
        match value {
            Value::Str(text) if !escape => return self.emit(text),
            Value::Int(number) => {
                self.charge(1)?;
                if write!(self.out, "{number}").is_err() {
                    return Err(too_long());
                }
            }
            value => {
                self.charge(1)?;
                let mut out = std::mem::take(&mut self.out);
                let result = if escape {
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

    /// Runs with a separate buffer and returns what was written to it.
    pub(super) fn capture_out<T>(
        &mut self,
        run: impl FnOnce(&mut Self) -> Result<T>,
    ) -> Result<(T, String)> {
        let outer = std::mem::take(&mut self.out);
        let result = run(self);
        let text = std::mem::replace(&mut self.out, outer);
        let result = result?;
        self.charge_memory(text.len() + 16)?;
        Ok((result, text))
    }

    /// The text that a block wrote, as a value.
    pub(super) fn captured_str(&self, text: String) -> Value {
        Value::Str(if self.autoescape {
            Str::markup(text)
        } else {
            Str::new(text)
        })
    }
}

fn emit(budget: &mut Budget, out: &mut String, limit: usize, text: &str) -> Result<()> {
    budget.work(1 + text.len() / 64)?;
    if out.len() + text.len() > limit {
        return Err(too_long());
    }
    out.push_str(text);
    Ok(())
}

fn too_long() -> Error {
    exceeded("the output is longer than allowed")
}
