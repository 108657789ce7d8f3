//! Filters that are generator functions in Python: they read their value only when the first item is asked for.

use crate::error::Result;
use crate::run::ctx::Ctx;
use crate::run::iter::Iter;
use crate::value::Value;
use crate::value::object::Lazy;

/// The work of such a filter, which starts when the first item is asked for.
type Deferred<const N: usize> = fn(&mut Ctx<'_>, Value, [Option<Value>; N]) -> Result<Iter>;

/// A generator of what `start` gives; `name` is that of the function in Python.
pub(crate) fn later<const N: usize>(
    name: &'static str,
    value: Value,
    args: [Option<Value>; N],
    start: Deferred<N>,
) -> Value {
    Value::lazy(name, Later::New(value, args, start))
}

enum Later<const N: usize> {
    New(Value, [Option<Value>; N], Deferred<N>),
    Running(Iter),
}

impl<const N: usize> Lazy for Later<N> {
    fn next(&mut self, ctx: &mut Ctx<'_>) -> Result<Option<Value>> {
        if let Self::New(..) = self
            && let Self::New(value, args, start) =
                std::mem::replace(self, Self::Running(Iter::Empty))
        {
            *self = Self::Running(start(ctx, value, args)?);
        }
        match self {
            Self::Running(iter) => iter.next(ctx),
            Self::New(..) => Ok(None),
        }
    }

    fn dismantle(&mut self, pending: &mut Vec<Value>) {
        match std::mem::replace(self, Self::Running(Iter::Empty)) {
            Self::New(value, args, _) => {
                pending.push(value);
                pending.extend(args.into_iter().flatten());
            }
            Self::Running(mut iter) => iter.dismantle(pending),
        }
    }
}
