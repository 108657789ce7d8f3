//! Filters, tests, methods, globals and printing: what templates call.
//! The engine reaches them by the functions of this file only.

use super::args::Args;
use super::ctx::Ctx;
use super::object::{FunctionFn, MethodFn};
use super::value::{Str, Value, failed};
use crate::error::Result;

/// A filter: what stands before the bar comes first.
pub(super) type FilterFn = fn(&mut Ctx<'_>, Value, Args) -> Result<Value>;
/// A test: what stands before `is` comes first.
pub(super) type TestFn = fn(&mut Ctx<'_>, Value, Args) -> Result<bool>;

/// The filter of a name.
pub(super) fn filter(name: &str) -> Option<FilterFn> {
    match name {
        "upper" => Some(|ctx, value, _| {
            let text = ctx.str_of(&value)?;
            ctx.new_str(text.to_uppercase())
        }),
        _ => None,
    }
}

/// The test of a name.
pub(super) fn test(name: &str) -> Option<TestFn> {
    match name {
        "defined" => Some(|_, value, _| Ok(!value.is_undefined())),
        _ => None,
    }
}

/// The method of a value's type.
pub(super) fn method(_value: &Value, _name: &str) -> Option<(&'static str, MethodFn)> {
    None
}

/// A global function or type.
pub(super) fn global(_name: &str) -> Option<(&'static str, FunctionFn)> {
    None
}

/// Appends `str(value)`.
pub(super) fn write_str(ctx: &mut Ctx<'_>, value: &Value, out: &mut String) -> Result<()> {
    match value {
        Value::Undefined(undefined) => undefined.if_strict()?,
        Value::Str(text) => out.push_str(text),
        Value::Int(number) => out.push_str(&number.to_string()),
        other => return write_repr(ctx, other, out),
    }
    Ok(())
}

/// Appends `repr(value)`.
pub(super) fn write_repr(_ctx: &mut Ctx<'_>, value: &Value, out: &mut String) -> Result<()> {
    out.push_str(value.type_name());
    Ok(())
}

/// `text % argument`
pub(super) fn percent(_ctx: &mut Ctx<'_>, _format: &Str, _argument: &Value) -> Result<Value> {
    Err(failed("not all arguments converted"))
}
