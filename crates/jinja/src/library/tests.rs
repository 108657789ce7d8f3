//! The tests behind `is`.

use super::print::soft_str;
use crate::error::Result;
use crate::library::TestFn;
use crate::run::ctx::Ctx;
use crate::syntax::tree::{Math, Order};
use crate::text::unicode;
use crate::value::Value;
use crate::value::args::Args;
use crate::value::map::Map;
use crate::value::object::Kind;

/// The test of a name.
pub(crate) fn find(name: &str) -> Option<TestFn> {
    Some(match name {
        "odd" => |ctx, value, args| remainder(ctx, "odd", value, args, 1),
        "even" => |ctx, value, args| remainder(ctx, "even", value, args, 0),
        "divisibleby" => divisible_by,
        "defined" => |_, value, args| plain("defined", args).map(|()| !value.is_undefined()),
        "undefined" => |_, value, args| plain("undefined", args).map(|()| value.is_undefined()),
        "filter" => |_, value, args| {
            plain("filter", args)?;
            Map::default().get(&value)?;
            Ok(value
                .as_str()
                .is_some_and(|name| super::filter(name).is_some()))
        },
        "test" => |_, value, args| {
            plain("test", args)?;
            Map::default().get(&value)?;
            Ok(value.as_str().is_some_and(|name| find(name).is_some()))
        },
        "none" => |_, value, args| plain("none", args).map(|()| matches!(value, Value::None)),
        "boolean" => {
            |_, value, args| plain("boolean", args).map(|()| matches!(value, Value::Bool(_)))
        }
        "false" => {
            |_, value, args| plain("false", args).map(|()| matches!(value, Value::Bool(false)))
        }
        "true" => |_, value, args| plain("true", args).map(|()| matches!(value, Value::Bool(true))),
        "integer" => |_, value, args| {
            plain("integer", args).map(|()| matches!(value, Value::Int(_) | Value::Big(_)))
        },
        "float" => |_, value, args| plain("float", args).map(|()| matches!(value, Value::Float(_))),
        "lower" => |ctx, value, args| {
            plain("lower", args)?;
            let text = soft_str(ctx, &value)?;
            ctx.charge(text.len() / 8)?;
            Ok(unicode::is_lower(&text))
        },
        "upper" => |ctx, value, args| {
            plain("upper", args)?;
            let text = soft_str(ctx, &value)?;
            ctx.charge(text.len() / 8)?;
            Ok(unicode::is_upper(&text))
        },
        "string" => |_, value, args| plain("string", args).map(|()| matches!(value, Value::Str(_))),
        "mapping" => {
            |_, value, args| plain("mapping", args).map(|()| matches!(value, Value::Dict(_)))
        }
        "number" => |_, value, args| plain("number", args).map(|()| value.as_float().is_some()),
        "sequence" => |_, value, args| plain("sequence", args).map(|()| is_sequence(&value)),
        "iterable" => |ctx, value, args| {
            plain("iterable", args)?;
            if let Value::Undefined(undefined) = &value {
                undefined.if_strict()?;
            }
            Ok(ctx.iter(&value).is_ok())
        },
        "callable" => |_, value, args| plain("callable", args).map(|()| is_callable(&value)),
        "sameas" => |_, value, args| {
            let [other] = args.bind("sameas", ["other"], 1)?;
            Ok(other.is_some_and(|other| value.is_same(&other)))
        },
        "escaped" => |_, value, args| {
            plain("escaped", args)?;
            Ok(matches!(value, Value::Str(text) if text.is_markup()))
        },
        "in" => |ctx, value, args| {
            let [container] = args.bind("in", ["seq"], 1)?;
            ctx.contains(&container.unwrap_or(Value::None), &value)
        },
        "==" | "eq" | "equalto" => |ctx, value, args| {
            let other = operand("eq", args)?;
            ctx.equal(&value, &other)
        },
        "!=" | "ne" => |ctx, value, args| {
            let other = operand("ne", args)?;
            Ok(!ctx.equal(&value, &other)?)
        },
        ">" | "gt" | "greaterthan" => |ctx, value, args| order(ctx, value, args, Order::Greater),
        ">=" | "ge" => |ctx, value, args| order(ctx, value, args, Order::GreaterEqual),
        "<" | "lt" | "lessthan" => |ctx, value, args| order(ctx, value, args, Order::Less),
        "<=" | "le" => |ctx, value, args| order(ctx, value, args, Order::LessEqual),
        _ => return None,
    })
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

fn divisible_by(ctx: &mut Ctx<'_>, value: Value, args: Args) -> Result<bool> {
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
