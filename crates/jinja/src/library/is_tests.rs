//! The tests behind `is`.

use super::print::soft_str;
use crate::error::Result;
use crate::run::ctx::Ctx;
use crate::syntax::tree::{Math, Order};
use crate::text::unicode;
use crate::value::Value;
use crate::value::args::Args;
use crate::value::map::Map;
use crate::value::object::Kind;
pub(super) fn odd(ctx: &mut Ctx<'_>, value: Value, args: Args) -> Result<bool> {
    remainder(ctx, "odd", value, args, 1)
}

pub(super) fn even(ctx: &mut Ctx<'_>, value: Value, args: Args) -> Result<bool> {
    remainder(ctx, "even", value, args, 0)
}

pub(super) fn defined(_: &mut Ctx<'_>, value: Value, args: Args) -> Result<bool> {
    plain("defined", args).map(|()| !value.is_undefined())
}

pub(super) fn undefined(_: &mut Ctx<'_>, value: Value, args: Args) -> Result<bool> {
    plain("undefined", args).map(|()| value.is_undefined())
}

pub(super) fn is_filter(ctx: &mut Ctx<'_>, value: Value, args: Args) -> Result<bool> {
    plain("filter", args)?;
    Map::default().get(&value)?;
    Ok(value.as_str().is_some_and(|name| ctx.has_filter(name)))
}

pub(super) fn is_test(ctx: &mut Ctx<'_>, value: Value, args: Args) -> Result<bool> {
    plain("test", args)?;
    Map::default().get(&value)?;
    Ok(value.as_str().is_some_and(|name| ctx.has_test(name)))
}

pub(super) fn is_none(_: &mut Ctx<'_>, value: Value, args: Args) -> Result<bool> {
    plain("none", args).map(|()| matches!(value, Value::None))
}

pub(super) fn boolean(_: &mut Ctx<'_>, value: Value, args: Args) -> Result<bool> {
    plain("boolean", args).map(|()| matches!(value, Value::Bool(_)))
}

pub(super) fn is_false(_: &mut Ctx<'_>, value: Value, args: Args) -> Result<bool> {
    plain("false", args).map(|()| matches!(value, Value::Bool(false)))
}

pub(super) fn is_true(_: &mut Ctx<'_>, value: Value, args: Args) -> Result<bool> {
    plain("true", args).map(|()| matches!(value, Value::Bool(true)))
}

pub(super) fn integer(_: &mut Ctx<'_>, value: Value, args: Args) -> Result<bool> {
    plain("integer", args).map(|()| matches!(value, Value::Int(_) | Value::Big(_)))
}

pub(super) fn float(_: &mut Ctx<'_>, value: Value, args: Args) -> Result<bool> {
    plain("float", args).map(|()| matches!(value, Value::Float(_)))
}

pub(super) fn lower(ctx: &mut Ctx<'_>, value: Value, args: Args) -> Result<bool> {
    plain("lower", args)?;
    let text = soft_str(ctx, &value)?;
    ctx.charge(text.len() / 8)?;
    Ok(unicode::is_lower(&text))
}

pub(super) fn upper(ctx: &mut Ctx<'_>, value: Value, args: Args) -> Result<bool> {
    plain("upper", args)?;
    let text = soft_str(ctx, &value)?;
    ctx.charge(text.len() / 8)?;
    Ok(unicode::is_upper(&text))
}

pub(super) fn string(_: &mut Ctx<'_>, value: Value, args: Args) -> Result<bool> {
    plain("string", args).map(|()| matches!(value, Value::Str(_)))
}

pub(super) fn mapping(_: &mut Ctx<'_>, value: Value, args: Args) -> Result<bool> {
    plain("mapping", args).map(|()| matches!(value, Value::Dict(_)))
}

pub(super) fn number(_: &mut Ctx<'_>, value: Value, args: Args) -> Result<bool> {
    plain("number", args).map(|()| value.as_float().is_some())
}

pub(super) fn sequence(_: &mut Ctx<'_>, value: Value, args: Args) -> Result<bool> {
    plain("sequence", args).map(|()| is_sequence(&value))
}

pub(super) fn iterable(ctx: &mut Ctx<'_>, value: Value, args: Args) -> Result<bool> {
    plain("iterable", args)?;
    if let Value::Undefined(undefined) = &value {
        undefined.if_strict()?;
    }
    Ok(ctx.iter(&value).is_ok())
}

pub(super) fn callable(_: &mut Ctx<'_>, value: Value, args: Args) -> Result<bool> {
    plain("callable", args).map(|()| is_callable(&value))
}

pub(super) fn sameas(ctx: &mut Ctx<'_>, value: Value, args: Args) -> Result<bool> {
    let [other] = args.bind("sameas", ["other"], 1)?;
    ctx.same(&value, &other.unwrap_or(Value::None))
}

pub(super) fn escaped(_: &mut Ctx<'_>, value: Value, args: Args) -> Result<bool> {
    plain("escaped", args)?;
    Ok(matches!(value, Value::Str(text) if text.is_markup()))
}

pub(super) fn is_in(ctx: &mut Ctx<'_>, value: Value, args: Args) -> Result<bool> {
    let [container] = args.bind("in", ["seq"], 1)?;
    ctx.contains(&container.unwrap_or(Value::None), &value)
}

pub(super) fn equal(ctx: &mut Ctx<'_>, value: Value, args: Args) -> Result<bool> {
    let other = operand("eq", args)?;
    ctx.equal(&value, &other)
}

pub(super) fn not_equal(ctx: &mut Ctx<'_>, value: Value, args: Args) -> Result<bool> {
    let other = operand("ne", args)?;
    Ok(!ctx.equal(&value, &other)?)
}

pub(super) fn greater(ctx: &mut Ctx<'_>, value: Value, args: Args) -> Result<bool> {
    order(ctx, value, args, Order::Greater)
}

pub(super) fn greater_equal(ctx: &mut Ctx<'_>, value: Value, args: Args) -> Result<bool> {
    order(ctx, value, args, Order::GreaterEqual)
}

pub(super) fn less(ctx: &mut Ctx<'_>, value: Value, args: Args) -> Result<bool> {
    order(ctx, value, args, Order::Less)
}

pub(super) fn less_equal(ctx: &mut Ctx<'_>, value: Value, args: Args) -> Result<bool> {
    order(ctx, value, args, Order::LessEqual)
}

fn plain(name: &str, args: Args) -> Result<()> {
    let [] = args.bind(name, [], 0)?;
    Ok(())
}

fn operand(name: &str, args: Args) -> Result<Value> {
    let [other] = args.positional(name, 1)?;
    Ok(other.unwrap_or(Value::None))
}

fn order(ctx: &mut Ctx<'_>, value: Value, args: Args, order: Order) -> Result<bool> {
    let other = operand("compare", args)?;
    ctx.order(order, &value, &other)
}

fn remainder(ctx: &mut Ctx<'_>, name: &str, value: Value, args: Args, wanted: i64) -> Result<bool> {
    plain(name, args)?;
    let rest = ctx.math(Math::Mod, &value, &Value::Int(2))?;
    ctx.equal(&rest, &Value::Int(wanted))
}

pub(super) fn divisible_by(ctx: &mut Ctx<'_>, value: Value, args: Args) -> Result<bool> {
    let [divisor] = args.bind("divisibleby", ["num"], 1)?;
    let rest = ctx.math(Math::Mod, &value, &divisor.unwrap_or(Value::None))?;
    ctx.equal(&rest, &Value::Int(0))
}

/// What has a length and items; also a dict, and not a generator.
fn is_sequence(value: &Value) -> bool {
    match value {
        Value::Undefined(undefined) => !undefined.strict,
        Value::Str(_) | Value::List(_) | Value::Tuple(_) | Value::Dict(_) => true,
        Value::Object(object) => matches!(object.0, Kind::Range(_)),
        _ => false,
    }
}

fn is_callable(value: &Value) -> bool {
    match value {
        // `Undefined` has a `__call__`, which fails.
        Value::Undefined(_) => true,
        Value::Object(object) => matches!(
            object.0,
            Kind::Macro(_)
                | Kind::Method(..)
                | Kind::Function(..)
                | Kind::Joiner(..)
                | Kind::Loop(_)
                | Kind::Block(_)
        ),
        _ => false,
    }
}
