//! The methods of what `cycler()` makes.

use crate::error::Result;
use crate::run::ctx::Ctx;
use crate::value::args::Args;
use crate::value::object::{Kind, MethodFn};
use crate::value::{Value, failed};

pub(super) const CYCLER: &[(&str, MethodFn)] = &[("next", next), ("reset", reset)];

fn next(_: &mut Ctx<'_>, it: &Value, args: Args) -> Result<Value> {
    let [] = args.positional("next", 0)?;
    match it {
        Value::Object(object) if let Kind::Cycler(items, at) = &object.0 => {
            let found = items.get(at.get()).cloned();
            at.set((at.get() + 1) % items.len().max(1));
            Ok(found.unwrap_or(Value::None))
        }
        _ => Err(failed("expected a cycler")),
    }
}

fn reset(_: &mut Ctx<'_>, it: &Value, args: Args) -> Result<Value> {
    let [] = args.positional("reset", 0)?;
    if let Value::Object(object) = it
        && let Kind::Cycler(_, at) = &object.0
    {
        at.set(0);
    }
    Ok(Value::None)
}
