//! Escaping as Jinja2's compiler has it: what is printed goes by the tag `autoescape` around it in the text of the
//! template, what filters and calls give by the one that is open when they run. A block is outside of every tag.

use crate::error::Result;
use crate::library::registry;
use crate::run::ctx::Ctx;
use crate::syntax::tree::*;
use crate::value::{Str, Value};

/// What the `autoescape` tags around a place in the template say.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Escaping {
    /// Set by the innermost tag whose argument is a constant: it decides for constants.
    constants: bool,
    /// Set by a tag whose argument is not a constant: everything but constants is decided when it is printed.
    volatile: bool,
}

impl<'t> Ctx<'t> {
    /// Whether what is printed here, and is no constant, is escaped.
    #[inline]
    pub(crate) fn escapes(&self) -> bool {
        match self.escaping.volatile {
            true => self.autoescape,
            false => self.escaping.constants,
        }
    }

    /// Whether an expression that is printed here is escaped.
    pub(crate) fn escapes_printed(&mut self, expr: &'t Expr) -> Result<bool> {
        Ok(match self.escaping.volatile && self.folds(expr)? {
            true => self.escaping.constants,
            false => self.escapes(),
        })
    }

    /// Whether `~` marks its result where a part is marked: the compiler joins constants, and what is volatile, as they
    /// are.
    pub(crate) fn concat_marks(&mut self, parts: &'t [Expr]) -> Result<bool> {
        Ok(!self.escaping.volatile && self.escaping.constants && !self.all_fold(parts)?)
    }

    /// The setting that filters see: the compiler runs filters of constants by the text of the template.
    pub(crate) fn folded_escaping(&mut self, filter: &'t FilterExpr) -> Result<bool> {
        let here = self.escaping;
        let folded =
            !here.volatile && here.constants != self.autoescape && self.filter_folds(filter)?;
        Ok(match folded {
            true => here.constants,
            false => self.autoescape,
        })
    }

    /// The setting inside the body of a tag with this argument.
    pub(crate) fn escaping_within(&mut self, enabled: &'t Expr, value: bool) -> Result<Escaping> {
        Ok(match self.folds(enabled)? {
            true => Escaping {
                constants: value,
                ..self.escaping
            },
            false => Escaping {
                volatile: true,
                ..self.escaping
            },
        })
    }

    /// The setting in the text here, for a filter or a call of a loop.
    pub(crate) fn captured_here(&self, text: String) -> Value {
        Value::Str(match self.escapes() {
            true => Str::markup(text),
            false => Str::new(text),
        })
    }

    fn all_fold(&mut self, exprs: &'t [Expr]) -> Result<bool> {
        for expr in exprs {
            if !self.folds(expr)? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Whether Jinja2's compiler evaluates the expression itself (`as_const`).
    fn folds(&mut self, expr: &'t Expr) -> Result<bool> {
        self.charge(1)?;
        match expr {
            Expr::Const(_) => Ok(true),
            Expr::Name(_) | Expr::Call(_) => Ok(false),
            Expr::Attribute(node) => self.folds(&node.value),
            Expr::Item(node) => Ok(self.folds(&node.value)? && self.folds(&node.key)?),
            Expr::Slice(node) => {
                for part in [&node.start, &node.stop, &node.step].into_iter().flatten() {
                    if !self.folds(part)? {
                        return Ok(false);
                    }
                }
                self.folds(&node.value)
            }
            Expr::Filter(node) => self.filter_folds(node),
            Expr::Test(node) => Ok(!self.escaping.volatile
                && self.folds(&node.value)?
                && self.args_fold(&node.args)?),
            Expr::Not(value) => self.folds(value),
            Expr::Negate(node) | Expr::Positive(node) => self.folds(&node.0),
            Expr::Math(node) => Ok(self.folds(&node.left)? && self.folds(&node.right)?),
            Expr::And(node) => {
                Ok(self.folds(&node.0)? && (!self.test(&node.0)? || self.folds(&node.1)?))
            }
            Expr::Or(node) => {
                Ok(self.folds(&node.0)? && (self.test(&node.0)? || self.folds(&node.1)?))
            }
            Expr::Concat(node) => self.all_fold(&node.0),
            Expr::Compare(node) => {
                if !self.folds(&node.first)? {
                    return Ok(false);
                }
                for (_, operand) in &node.rest {
                    if !self.folds(operand)? {
                        return Ok(false);
                    }
                }
                Ok(true)
            }
            Expr::If(node) => {
                if !self.folds(&node.test)? {
                    return Ok(false);
                }
                match (self.test(&node.test)?, &node.other) {
                    (true, _) => self.folds(&node.then),
                    (false, Some(other)) => self.folds(other),
                    (false, None) => Ok(false),
                }
            }
            Expr::List(items) | Expr::Tuple(items) => self.all_fold(items),
            Expr::Dict(node) => {
                for (key, value) in &node.0 {
                    if !self.folds(key)? || !self.folds(value)? {
                        return Ok(false);
                    }
                }
                Ok(true)
            }
        }
    }

    fn filter_folds(&mut self, node: &'t FilterExpr) -> Result<bool> {
        // Filters and tests that take the context, or do not exist, are not evaluated by Jinja2's compiler.
        let known = node.row.and_then(registry::filter_at).is_some();
        let takes_context = matches!(
            &*node.name,
            "map" | "random" | "reject" | "rejectattr" | "select" | "selectattr"
        );
        match &node.value {
            Some(value) if known && !takes_context && !self.escaping.volatile => {
                Ok(self.folds(value)? && self.args_fold(&node.args)?)
            }
            _ => Ok(false),
        }
    }

    fn args_fold(&mut self, args: &'t [Arg]) -> Result<bool> {
        for arg in args {
            if !self.folds(arg.expr())? {
                return Ok(false);
            }
        }
        Ok(true)
    }
}
