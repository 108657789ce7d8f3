//! Filters on values of any kind.

use super::params::{flag, text};
use crate::error::Result;
use crate::run::ctx::Ctx;
use crate::value::Value;
use crate::value::args::Args;

/// `default(default_value='', boolean=False)`, `d`
pub(crate) fn default(ctx: &mut Ctx<'_>, value: Value, args: Args) -> Result<Value> {
    let [default, boolean] = args.bind("default", ["default_value", "boolean"], 0)?;
    let boolean = flag(ctx, boolean, false)?;
    let replaced = value.is_undefined() || (boolean && !ctx.truth(&value)?);
    Ok(if replaced {
        default.unwrap_or_else(|| "".into())
    } else {
        value
    })
}

/// `attr(name)`: the attribute and never the item.
pub(crate) fn attr(ctx: &mut Ctx<'_>, value: Value, args: Args) -> Result<Value> {
    let [name] = args.bind("attr", ["name"], 1)?;
    let name = name.unwrap_or(Value::None);
    let name = text(&name)?;
    ctx.charge_memory(name.len())?;
    Ok(match ctx.attribute(&value, name)? {
        Some(found) => found,
        None => ctx.undefined_attribute(&value, name),
    })
}
