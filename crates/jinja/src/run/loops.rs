//! The special variable `loop`.

use std::cell::RefCell;
use std::rc::Rc;
use std::sync::Arc;

use crate::error::Result;
use crate::run::ctx::Ctx;
use crate::run::escaping::Escaping;
use crate::run::iter::Iter;
use crate::size;
use crate::value::args::Args;
use crate::value::object::CallFrame;
use crate::value::{Missing, Value, failed};

/// State of a `for` loop that reads `loop`, after Jinja2's `LoopContext`.
pub(crate) struct Loop {
    state: RefCell<LoopState>,
    depth0: usize,
    recurse: Option<Recurse>,
}

/// The function of a recursive loop.
#[derive(Clone)]
pub(crate) struct Recurse {
    pub(crate) function: usize,
    pub(crate) frame: Rc<CallFrame>,
    pub(crate) escaping: Escaping,
}

struct LoopState {
    iterable: Value,
    iter: Iter,
    length: Option<i64>,
    /// How often `advance` returned an item.
    index: usize,
    /// The result of looking ahead: none yet, the next item, or the end.
    after: Option<Option<Value>>,
    current: Option<Value>,
    before: Option<Value>,
    changed: Option<Vec<Value>>,
}

impl Loop {
    pub(crate) fn new(
        ctx: &mut Ctx<'_>,
        iterable: Value,
        depth0: usize,
        recurse: Option<Recurse>,
    ) -> Result<Self> {
        let iter = ctx.iter(&iterable)?;
        Ok(Self {
            state: RefCell::new(LoopState {
                iterable,
                iter,
                length: None,
                index: 0,
                after: None,
                current: None,
                before: None,
                changed: None,
            }),
            depth0,
            recurse,
        })
    }

    /// The next item.
    pub(crate) fn advance(&self, ctx: &mut Ctx<'_>) -> Result<Option<Value>> {
        let after = self.state.borrow_mut().after.take();
        let item = match after {
            Some(item) => item,
            None => self.pull(ctx)?,
        };
        let mut state = self.state.borrow_mut();
        state.after = item.is_none().then_some(None);
        if item.is_some() {
            state.index += 1;
            state.before = std::mem::replace(&mut state.current, item.clone());
        }
        Ok(item)
    }

    /// The function to call for a nested iterable, with its depth.
    pub(crate) fn recurse(&self) -> Result<(Recurse, usize)> {
        match &self.recurse {
            Some(recurse) => Ok((recurse.clone(), self.depth0 + 1)),
            None => Err(failed(
                "The loop must have the 'recursive' marker to be called recursively.",
            )),
        }
    }

    /// An attribute.
    pub(crate) fn attribute(&self, ctx: &mut Ctx<'_>, name: &str) -> Result<Option<Value>> {
        let index = self.state.borrow().index;
        Ok(Some(match name {
            "index" => Value::size(index),
            "index0" => Value::int(size::wide(index) - 1),
            "first" => Value::Bool(index == 1),
            "last" => Value::Bool(self.peek(ctx)?.is_none()),
            "length" => Value::Int(self.length(ctx)?),
            "revindex" => Value::int(i128::from(self.length(ctx)?) - size::wide(index) + 1),
            "revindex0" => Value::int(i128::from(self.length(ctx)?) - size::wide(index)),
            "depth" => Value::size(self.depth0 + 1),
            "depth0" => Value::size(self.depth0),
            "previtem" => {
                let before = self.state.borrow().before.clone();
                match before {
                    Some(item) if index != 1 => item,
                    _ => ctx.undefined(Missing::Hint(Arc::from("there is no previous item"))),
                }
            }
            "nextitem" => match self.peek(ctx)? {
                Some(item) => item,
                None => ctx.undefined(Missing::Hint(Arc::from("there is no next item"))),
            },
            _ => return Ok(None),
        }))
    }

    /// Python's `len`, which may read the rest of the iterable.
    pub(crate) fn length(&self, ctx: &mut Ctx<'_>) -> Result<i64> {
        if let Some(length) = self.state.borrow().length {
            return Ok(length);
        }
        let iterable = self.state.borrow().iterable.clone();
        let length = match ctx.counted(&iterable)? {
            Some(length) => length,
            None => {
                let mut rest = Vec::new();
                let mut iter = std::mem::replace(&mut self.state.borrow_mut().iter, Iter::Empty);
                while let Some(item) = iter.next(ctx)? {
                    ctx.charge_memory(size_of::<Value>())?;
                    rest.push(item);
                }
                let mut state = self.state.borrow_mut();
                let peeked = usize::from(matches!(state.after, Some(Some(_))));
                let length = (rest.len() + state.index + peeked) as i64;
                rest.reverse();
                state.iter = Iter::Values(rest);
                length
            }
        };
        self.state.borrow_mut().length = Some(length);
        Ok(length)
    }

    /// `loop.cycle(…)`
    pub(crate) fn cycle(&self, args: Args) -> Result<Value> {
        let index = self.state.borrow().index;
        let count = args.pos.len();
        let place = (index + count).checked_sub(1).map(|i| i.checked_rem(count));
        match place.flatten().and_then(|i| args.pos.get(i)) {
            Some(value) => Ok(value.clone()),
            None => Err(failed("no items for cycling given")),
        }
    }

    /// `loop.changed(…)`
    pub(crate) fn changed(&self, ctx: &mut Ctx<'_>, values: Vec<Value>) -> Result<bool> {
        let last = self.state.borrow_mut().changed.take();
        let same = match &last {
            None => false,
            Some(last) => ctx.equal_items(last, &values)?,
        };
        self.state.borrow_mut().changed = Some(values);
        Ok(!same)
    }

    /// `LoopContext.__repr__`: index and length.
    pub(crate) fn describe(&self, ctx: &mut Ctx<'_>) -> Result<String> {
        let length = self.length(ctx)?;
        Ok(format!(
            "<LoopContext {}/{length}>",
            self.state.borrow().index
        ))
    }

    /// Moves out all values that it holds.
    pub(crate) fn dismantle(&mut self, pending: &mut Vec<Value>) {
        let state = self.state.get_mut();
        state.iter.dismantle(pending);
        pending.push(std::mem::replace(&mut state.iterable, Value::None));
        pending.extend(state.after.take().flatten());
        pending.extend(state.current.take());
        pending.extend(state.before.take());
        pending.extend(state.changed.take().into_iter().flatten());
    }

    fn peek(&self, ctx: &mut Ctx<'_>) -> Result<Option<Value>> {
        if let Some(after) = &self.state.borrow().after {
            return Ok(after.clone());
        }
        let item = self.pull(ctx)?;
        self.state.borrow_mut().after = Some(item.clone());
        Ok(item)
    }

    fn pull(&self, ctx: &mut Ctx<'_>) -> Result<Option<Value>> {
        let mut iter = std::mem::replace(&mut self.state.borrow_mut().iter, Iter::Empty);
        let item = iter.next(ctx);
        self.state.borrow_mut().iter = iter;
        item
    }
}
