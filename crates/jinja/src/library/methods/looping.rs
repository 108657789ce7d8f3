//! The methods of `loop`.

use crate::error::Result;
use crate::run::ctx::Ctx;
use crate::value::args::Args;
use crate::value::object::{Kind, MethodFn};
use crate::value::{Value, failed};

pub(super) const LOOP: &[(&str, MethodFn)] = &[("changed", changed), ("cycle", cycle)];

fn cycle(_: &mut Ctx<'_>, it: &Value, args: Args) -> Result<Value> {
    match it {
        Value::Object(object) if let Kind::Loop(state) = &object.0 => state.cycle(args),
        _ => Err(failed("expected a loop")),
    }
}

fn changed(ctx: &mut Ctx<'_>, it: &Value, args: Args) -> Result<Value> {
    match it {
        Value::Object(object) if let Kind::Loop(state) = &object.0 => {
            state.changed(ctx, args.pos).map(Value::Bool)
        }
        _ => Err(failed("expected a loop")),
    }
}
