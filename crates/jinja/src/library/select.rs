//! `map`, `select` and their kin, and the attribute paths that many filters take.

use std::sync::Arc;

use super::params::{given, text};
use crate::error::Result;
use crate::run::ctx::Ctx;
use crate::run::iter::Iter;
use crate::text::{case, unicode};
use crate::value::args::{Args, unexpected_keyword};
use crate::value::object::Lazy;
use crate::value::{Value, failed};

/// An attribute path: `name`, `address.city`, `0.name`, or a number.
#[derive(Default)]
pub(crate) struct Path {
    parts: Vec<Value>,
    default: Option<Value>,
    ignore_case: bool,
}

impl Path {
    /// The path that an argument describes; without an argument it is the item itself.
    pub(crate) fn parse(ctx: &mut Ctx<'_>, attribute: Option<&Value>) -> Result<Self> {
        let parts = match attribute {
            None | Some(Value::None) => Vec::new(),
            Some(Value::Str(path)) => {
                ctx.charge_memory(path.len().saturating_mul(16) + 32)?;
                path.split('.').map(part).collect::<Result<_>>()?
            }
            Some(other) => vec![other.clone()],
        };
        Ok(Self {
            parts,
            ..Self::default()
        })
    }

    /// The value that replaces an undefined part.
    pub(crate) fn or(self, default: Option<Value>) -> Self {
        Self { default, ..self }
    }

    /// Compares strings in lower case.
    pub(crate) fn ignoring_case(self, ignore_case: bool) -> Self {
        Self {
            ignore_case,
            ..self
        }
    }

    /// The attribute of an item.
    pub(crate) fn get(&self, ctx: &mut Ctx<'_>, item: Value) -> Result<Value> {
        let mut found = item;
        for part in &self.parts {
            found = ctx.get_item(&found, part)?;
            if let (Value::Undefined(_), Some(default)) = (&found, &self.default) {
                found = default.clone();
            }
        }
        if self.ignore_case {
            found = lowered(ctx, found)?;
        }
        Ok(found)
    }

    /// Moves out what the path holds.
    pub(crate) fn dismantle(&mut self, pending: &mut Vec<Value>) {
        pending.append(&mut self.parts);
        pending.extend(self.default.take());
    }
}

/// `ignore_case`
pub(crate) fn lowered(ctx: &mut Ctx<'_>, value: Value) -> Result<Value> {
    match value {
        Value::Str(text) => {
            super::str_edit::charge_case(ctx, &text)?;
            Ok(case::lower(&text).into())
        }
        other => Ok(other),
    }
}

fn part(text: &str) -> Result<Value> {
    if text.is_empty() || !text.chars().all(unicode::is_digit) {
        return Ok(text.into());
    }
    super::numbers::parse_int(text, 10)?.ok_or_else(|| failed("an index that is no integer"))
}

/// `map(attribute=…, default=None)`, `map(filter, *args, **kwargs)`
pub(crate) fn map(ctx: &mut Ctx<'_>, value: Value, args: Args) -> Result<Value> {
    generate(ctx, value, args, Selecting::Map)
}

/// `select(test=None, *args)`
pub(crate) fn select(ctx: &mut Ctx<'_>, value: Value, args: Args) -> Result<Value> {
    generate(
        ctx,
        value,
        args,
        Selecting::Select {
            attribute: false,
            keep: true,
        },
    )
}

/// `reject(test=None, *args)`
pub(crate) fn reject(ctx: &mut Ctx<'_>, value: Value, args: Args) -> Result<Value> {
    generate(
        ctx,
        value,
        args,
        Selecting::Select {
            attribute: false,
            keep: false,
        },
    )
}

/// `selectattr(attribute, test=None, *args)`
pub(crate) fn selectattr(ctx: &mut Ctx<'_>, value: Value, args: Args) -> Result<Value> {
    generate(
        ctx,
        value,
        args,
        Selecting::Select {
            attribute: true,
            keep: true,
        },
    )
}

/// `rejectattr(attribute, test=None, *args)`
pub(crate) fn rejectattr(ctx: &mut Ctx<'_>, value: Value, args: Args) -> Result<Value> {
    generate(
        ctx,
        value,
        args,
        Selecting::Select {
            attribute: true,
            keep: false,
        },
    )
}

fn generate(_: &mut Ctx<'_>, value: Value, args: Args, kind: Selecting) -> Result<Value> {
    let name = match kind {
        Selecting::Map => "sync_do_map",
        Selecting::Select { .. } => "select_or_reject",
    };
    Ok(Value::lazy(
        name,
        Selection {
            kind,
            state: SelectionState::New(value, args),
        },
    ))
}

#[derive(Clone, Copy)]
enum Selecting {
    Map,
    Select { attribute: bool, keep: bool },
}

/// A generator that, as in Python, reads nothing before its first value is asked for.
struct Selection {
    kind: Selecting,
    state: SelectionState,
}

enum SelectionState {
    New(Value, Args),
    Running(Iter, Path, Option<NamedCall>),
    Done,
}

/// The filter or test to call.
struct NamedCall {
    name: Arc<str>,
    pos: Vec<Value>,
    kw: Vec<(Arc<str>, Value)>,
}

impl NamedCall {
    fn args(&self, ctx: &mut Ctx<'_>) -> Result<Args> {
        ctx.charge(self.pos.len() + self.kw.len())?;
        Ok(Args {
            pos: self.pos.clone(),
            kw: self.kw.clone(),
        })
    }
}

impl Selection {
    fn start(&self, ctx: &mut Ctx<'_>, mut args: Args) -> Result<(Path, Option<NamedCall>)> {
        let attribute = match self.kind {
            Selecting::Map => {
                if args.pos.is_empty()
                    && let Some(attribute) = args.take("attribute")
                {
                    let default = given(args.take("default"));
                    if let Some((name, _)) = args.kw.first() {
                        return Err(unexpected_keyword("map", name));
                    }
                    return Ok((Path::parse(ctx, Some(&attribute))?.or(default), None));
                }
                if args.pos.is_empty() {
                    return Err(failed("map requires a filter argument"));
                }
                None
            }
            Selecting::Select {
                attribute: true, ..
            } => {
                if args.pos.is_empty() {
                    return Err(failed("Missing parameter for attribute name"));
                }
                Some(args.pos.remove(0))
            }
            Selecting::Select { .. } => None,
        };
        let path = Path::parse(ctx, attribute.as_ref())?;
        if args.pos.is_empty() {
            return Ok((path, None));
        }
        let name = args.pos.remove(0);
        let name = text(&name)?.shared().clone();
        let call = NamedCall {
            name,
            pos: args.pos,
            kw: args.kw,
        };
        Ok((path, Some(call)))
    }
}

impl Lazy for Selection {
    fn next(&mut self, ctx: &mut Ctx<'_>) -> Result<Option<Value>> {
        if let SelectionState::New(..) = self.state
            && let SelectionState::New(value, args) =
                std::mem::replace(&mut self.state, SelectionState::Done)
        {
            if !ctx.truth(&value)? {
                return Ok(None);
            }
            let (path, call) = self.start(ctx, args)?;
            let iter = ctx.iter(&value)?;
            self.state = SelectionState::Running(iter, path, call);
        }
        let SelectionState::Running(iter, path, call) = &mut self.state else {
            return Ok(None);
        };
        while let Some(item) = iter.next(ctx)? {
            match self.kind {
                Selecting::Map => {
                    let found = path.get(ctx, item)?;
                    return match call {
                        Some(call) => {
                            let args = call.args(ctx)?;
                            ctx.call_filter(&call.name, found, args).map(Some)
                        }
                        None => Ok(Some(found)),
                    };
                }
                Selecting::Select { keep, .. } => {
                    let found = path.get(ctx, item.clone())?;
                    let holds = match call {
                        Some(call) => {
                            let args = call.args(ctx)?;
                            ctx.call_test(&call.name, found, args)?
                        }
                        None => ctx.truth(&found)?,
                    };
                    if holds == keep {
                        return Ok(Some(item));
                    }
                }
            }
        }
        Ok(None)
    }

    fn dismantle(&mut self, pending: &mut Vec<Value>) {
        match std::mem::replace(&mut self.state, SelectionState::Done) {
            SelectionState::New(value, args) => {
                pending.push(value);
                pending.extend(args.pos);
                pending.extend(args.kw.into_iter().map(|(_, value)| value));
            }
            SelectionState::Running(mut iter, mut path, call) => {
                iter.dismantle(pending);
                path.dismantle(pending);
                if let Some(call) = call {
                    pending.extend(call.pos);
                    pending.extend(call.kw.into_iter().map(|(_, value)| value));
                }
            }
            SelectionState::Done => {}
        }
    }
}
