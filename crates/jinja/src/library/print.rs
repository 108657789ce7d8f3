//! `str()` and `repr()` of every value.

use std::rc::Rc;

use super::float;
use crate::error::Result;
use crate::run::ctx::Ctx;
use crate::text::quote;
use crate::text::quote::push_quoted;
use crate::value::object::{Kind, Object, Range, View, is_bound};
use crate::value::{Str, Value};

impl Ctx<'_> {
    /// `str(value)`; free for a value that is a string already.
    pub(crate) fn str_of(&mut self, value: &Value) -> Result<Str> {
        if let Value::Str(text) = value {
            return Ok(text.clone());
        }
        let mut text = String::new();
        write_str(self, value, &mut text)?;
        self.charge_memory(text.len() + 16)?;
        Ok(Str::new(text))
    }

    /// Appends `str(value)`.
    pub(crate) fn write_str(&mut self, value: &Value, out: &mut String) -> Result<()> {
        match value {
            Value::Str(text) => {
                self.charge_memory(text.len())?;
                out.push_str(text);
                Ok(())
            }
            other => write_str(self, other, out),
        }
    }
}

/// Appends `str(value)`; what is appended is charged.
pub(crate) fn write_str(ctx: &mut Ctx<'_>, value: &Value, out: &mut String) -> Result<()> {
    match value {
        Value::Undefined(undefined) => undefined.if_strict(),
        Value::Str(text) => {
            ctx.charge_memory(text.len())?;
            out.push_str(text);
            Ok(())
        }
        other => write_repr(ctx, other, out),
    }
}

/// Appends `repr(value)`; what is appended is charged.
pub(crate) fn write_repr(ctx: &mut Ctx<'_>, value: &Value, out: &mut String) -> Result<()> {
    Printer {
        out,
        around: Vec::new(),
    }
    .value(ctx, value)
}

/// `repr(value)`
pub(crate) fn repr(ctx: &mut Ctx<'_>, value: &Value) -> Result<String> {
    let mut out = String::new();
    write_repr(ctx, value, &mut out)?;
    Ok(out)
}

/// The text of a value: a string unchanged, with its safe mark; anything else as `str(value)`.
pub(crate) fn soft_str(ctx: &mut Ctx<'_>, value: &Value) -> Result<Str> {
    match value {
        Value::Str(text) => Ok(text.clone()),
        other => {
            let mut out = String::new();
            write_str(ctx, other, &mut out)?;
            Ok(Str::new(out))
        }
    }
}

struct Printer<'a> {
    out: &'a mut String,
    /// The containers that are being printed: one within itself prints as `...`.
    around: Vec<*const ()>,
}

impl Printer<'_> {
    fn value(&mut self, ctx: &mut Ctx<'_>, value: &Value) -> Result<()> {
        match value {
            Value::Undefined(_) => self.scalar(ctx, "Undefined"),
            Value::None => self.scalar(ctx, "None"),
            Value::Bool(true) => self.scalar(ctx, "True"),
            Value::Bool(false) => self.scalar(ctx, "False"),
            Value::Int(number) => self.scalar(ctx, &number.to_string()),
            Value::Big(number) => self.scalar(ctx, &number.to_string()),
            Value::Float(number) => {
                ctx.charge(float::COST)?;
                self.scalar(ctx, &float::repr(*number))
            }
            Value::Str(text) => self.string(ctx, text),
            Value::List(list) => {
                self.within(ctx, Rc::as_ptr(list).cast(), ("[", "]"), |printer, ctx| {
                    let mut index = 0;
                    while let Some(item) = list.get(index) {
                        printer.separator(ctx, index)?;
                        printer.value(ctx, &item)?;
                        index += 1;
                    }
                    Ok(())
                })
            }
            Value::Tuple(tuple) => {
                self.within(ctx, std::ptr::null(), ("(", ")"), |printer, ctx| {
                    printer.items(ctx, tuple.items())?;
                    if tuple.len() == 1 {
                        printer.out.push(',');
                    }
                    Ok(())
                })
            }
            Value::Dict(dict) => {
                ctx.charge_memory(dict.len().saturating_mul(2 * size_of::<Value>()))?;
                let entries = dict.map().entries().to_vec();
                self.within(ctx, Rc::as_ptr(dict).cast(), ("{", "}"), |printer, ctx| {
                    printer.entries(ctx, &entries)
                })
            }
            Value::Object(object) => self.object(ctx, object),
        }
    }

    fn scalar(&mut self, ctx: &mut Ctx<'_>, text: &str) -> Result<()> {
        ctx.charge(2)?;
        ctx.charge_memory(text.len())?;
        self.out.push_str(text);
        Ok(())
    }

    fn string(&mut self, ctx: &mut Ctx<'_>, text: &Str) -> Result<()> {
        ctx.charge(text.len())?;
        ctx.charge_memory(quote::bound(text))?;
        if text.is_markup() {
            self.out.push_str("Markup(");
        }
        push_quoted(self.out, text);
        if text.is_markup() {
            self.out.push(')');
        }
        Ok(())
    }

    fn items(&mut self, ctx: &mut Ctx<'_>, items: &[Value]) -> Result<()> {
        for (index, item) in items.iter().enumerate() {
            self.separator(ctx, index)?;
            self.value(ctx, item)?;
        }
        Ok(())
    }

    fn entries(&mut self, ctx: &mut Ctx<'_>, entries: &[(Value, Value)]) -> Result<()> {
        for (index, (key, value)) in entries.iter().enumerate() {
            self.separator(ctx, index)?;
            self.value(ctx, key)?;
            self.out.push_str(": ");
            self.value(ctx, value)?;
        }
        Ok(())
    }

    fn separator(&mut self, ctx: &mut Ctx<'_>, index: usize) -> Result<()> {
        ctx.charge(1)?;
        if index > 0 {
            self.scalar(ctx, ", ")?;
        }
        Ok(())
    }

    fn within(
        &mut self,
        ctx: &mut Ctx<'_>,
        identity: *const (),
        (open, close): (&str, &str),
        inner: impl FnOnce(&mut Self, &mut Ctx<'_>) -> Result<()>,
    ) -> Result<()> {
        self.scalar(ctx, open)?;
        if !identity.is_null() && self.around.contains(&identity) {
            self.scalar(ctx, "...")?;
        } else {
            self.around.push(identity);
            ctx.deeper(|ctx| inner(self, ctx))?;
            self.around.pop();
        }
        self.scalar(ctx, close)
    }

    fn object(&mut self, ctx: &mut Ctx<'_>, object: &Rc<Object>) -> Result<()> {
        match &object.0 {
            Kind::Range(Range { start, stop, step }) => {
                let text = match step {
                    1 => format!("range({start}, {stop})"),
                    _ => format!("range({start}, {stop}, {step})"),
                };
                self.scalar(ctx, &text)
            }
            Kind::Namespace(map) => {
                let entries = map.map().entries().to_vec();
                self.scalar(ctx, "<Namespace ")?;
                self.within(
                    ctx,
                    Rc::as_ptr(object).cast(),
                    ("{", "}"),
                    |printer, ctx| printer.entries(ctx, &entries),
                )?;
                self.scalar(ctx, ">")
            }
            Kind::View(view, dict) => {
                ctx.charge_memory(dict.len().saturating_mul(3 * size_of::<Value>()))?;
                let items: Vec<Value> = (dict.map().entries().iter())
                    .map(|(key, value)| match view {
                        View::Keys => key.clone(),
                        View::Values => value.clone(),
                        View::Items => Value::tuple(vec![key.clone(), value.clone()]),
                    })
                    .collect();
                self.scalar(ctx, object.type_name())?;
                self.within(
                    ctx,
                    Rc::as_ptr(dict).cast(),
                    ("([", "])"),
                    |printer, ctx| printer.items(ctx, &items),
                )
            }
            Kind::Function(name, _) => self.scalar(
                ctx,
                &match *name {
                    "range" | "dict" => format!("<class '{name}'>"),
                    "cycler" => "<class 'jinja2.utils.Cycler'>".to_owned(),
                    "joiner" => "<class 'jinja2.utils.Joiner'>".to_owned(),
                    "namespace" => "<class 'jinja2.utils.Namespace'>".to_owned(),
                    "lipsum" => "<function generate_lorem_ipsum>".to_owned(),
                    name => format!("<function {name}>"),
                },
            ),
            Kind::Macro(called) => {
                let text = ctx.describe_macro(called);
                self.scalar(ctx, &text)
            }
            Kind::Loop(state) => {
                let text = state.describe(ctx)?;
                self.scalar(ctx, &text)
            }
            Kind::Blocks => self.scalar(ctx, "<TemplateReference None>"),
            // Python prints an address here, which differs between runs.
            Kind::Method(it, name, _) if is_bound(it, name) => {
                let owner = it.type_name();
                self.scalar(ctx, &format!("<bound method {owner}.{name} of "))?;
                ctx.deeper(|ctx| self.value(ctx, it))?;
                self.scalar(ctx, ">")
            }
            Kind::Method(it, name, _) => {
                let owner = it.type_name();
                self.scalar(ctx, &format!("<built-in method {name} of {owner} object>"))
            }
            Kind::Generator(name, _) if object.type_name() == "generator" => {
                self.scalar(ctx, &format!("<generator object {name}>"))
            }
            Kind::Cycler(..) | Kind::Joiner(..) => self.scalar(
                ctx,
                &format!("<jinja2.utils.{} object>", object.type_name()),
            ),
            Kind::Block(_) => self.scalar(ctx, "<jinja2.runtime.BlockReference object>"),
            _ => self.scalar(ctx, &format!("<{} object>", object.type_name())),
        }
    }
}
