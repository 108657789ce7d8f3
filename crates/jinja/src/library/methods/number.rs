//! The methods of numbers.

use crate::error::Result;
use crate::run::ctx::Ctx;
use crate::value::Value;
use crate::value::args::Args;
use crate::value::object::MethodFn;

pub(super) const FLOAT: &[(&str, MethodFn)] = &[("conjugate", same), ("is_integer", is_integer)];

pub(super) const INT: &[(&str, MethodFn)] = &[
    ("bit_count", |_, it, args| bits(it, args, u128::count_ones)),
    ("bit_length", |_, it, args| {
        bits(it, args, |n| 128 - n.leading_zeros())
    }),
    ("conjugate", same),
];

fn same(_: &mut Ctx<'_>, it: &Value, args: Args) -> Result<Value> {
    let [] = args.positional("conjugate", 0)?;
    Ok(it.as_int().map_or_else(|| it.clone(), Value::int))
}

fn is_integer(_: &mut Ctx<'_>, it: &Value, args: Args) -> Result<Value> {
    let [] = args.positional("is_integer", 0)?;
    Ok(Value::Bool(it.as_float().is_some_and(|number| {
        number.is_finite() && number.fract() == 0.0
    })))
}

fn bits(it: &Value, args: Args, count: fn(u128) -> u32) -> Result<Value> {
    let [] = args.positional("bit_length", 0)?;
    let magnitude = it.as_int().unwrap_or_default().unsigned_abs();
    Ok(Value::Int(i64::from(count(magnitude))))
}
