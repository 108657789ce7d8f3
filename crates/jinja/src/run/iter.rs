//! Python's iterators over our values.

use std::rc::Rc;

use crate::error::Result;
use crate::run::ctx::Ctx;
use crate::value::containers::{Dict, List, Tuple};
use crate::value::object::{Generator, Kind, Lazy, Object, Range, View};
use crate::value::{Str, Value, failed};

/// An iterator over a value. Lists are read live, as in Python.
pub(crate) enum Iter {
    Empty,
    List(Rc<List>, usize),
    Tuple(Rc<Tuple>, usize),
    /// A string and the byte offset of the next character.
    Chars(Str, usize),
    /// A dict, which part of it to give, the next index, and the length that it must keep.
    Dict(Rc<Dict>, View, usize, usize),
    Range(Range, i128),
    /// A generator or a `loop`.
    Object(Rc<Object>),
    /// Existing values, last first.
    Values(Vec<Value>),
}

impl Iter {
    /// The next value; costs one unit of work.
    pub(crate) fn next(&mut self, ctx: &mut Ctx<'_>) -> Result<Option<Value>> {
        ctx.charge(1)?;
        match self {
            Self::Empty => Ok(None),
            Self::List(list, index) => {
                let item = list.get(*index);
                *index += usize::from(item.is_some());
                Ok(item)
            }
            Self::Tuple(tuple, index) => {
                let item = tuple.items().get(*index).cloned();
                *index += 1;
                Ok(item)
            }
            Self::Chars(text, offset) => {
                let rest = text.as_str().get(*offset..).unwrap_or_default();
                let Some(character) = rest.chars().next() else {
                    return Ok(None);
                };
                *offset += character.len_utf8();
                let mut buffer = [0; 4];
                let item: &str = character.encode_utf8(&mut buffer);
                // Plain also where the text is `Markup`, as in Python.
                ctx.charge_memory(16)?;
                Ok(Some(Value::str(item)))
            }
            Self::Dict(dict, view, index, len) => {
                let map = dict.map();
                if map.len() != *len {
                    return Err(failed("dictionary changed size during iteration"));
                }
                let entry = map.entries().get(*index);
                *index += 1;
                Ok(entry.map(|(key, value)| match view {
                    View::Keys => key.clone(),
                    View::Values => value.clone(),
                    View::Items => Value::tuple(vec![key.clone(), value.clone()]),
                }))
            }
            Self::Range(range, index) => {
                let item = range.item(*index);
                *index += 1;
                Ok(item)
            }
            Self::Object(object) => next_of(object, ctx),
            Self::Values(values) => Ok(values.pop()),
        }
    }

    /// Moves out what the iterator holds; for [`Lazy::dismantle`].
    pub(crate) fn dismantle(&mut self, pending: &mut Vec<Value>) {
        match std::mem::replace(self, Self::Empty) {
            Self::List(list, _) => pending.push(Value::List(list)),
            Self::Tuple(tuple, _) => pending.push(Value::Tuple(tuple)),
            Self::Dict(dict, ..) => pending.push(Value::Dict(dict)),
            Self::Object(object) => pending.push(Value::Object(object)),
            Self::Values(mut values) => pending.append(&mut values),
            Self::Empty | Self::Chars(..) | Self::Range(..) => {}
        }
    }
}

fn next_of(object: &Rc<Object>, ctx: &mut Ctx<'_>) -> Result<Option<Value>> {
    match &object.0 {
        Kind::Loop(state) => Ok(state
            .advance(ctx)?
            .map(|item| Value::tuple(vec![item, Value::Object(Rc::clone(object))]))),
        Kind::Generator(_, cell) => {
            let taken = cell.replace(Generator::Busy);
            let (left, result) = match taken {
                Generator::Ready(mut items) => {
                    let item = items.pop();
                    (Generator::Ready(items), Ok(item))
                }
                Generator::Lazy(mut lazy) => {
                    let result = ctx.deeper(|ctx| lazy.next(ctx));
                    match &result {
                        Ok(Some(_)) => (Generator::Lazy(lazy), result),
                        _ => (Generator::Done, result),
                    }
                }
                Generator::Busy => (Generator::Busy, Err(failed("generator already executing"))),
                Generator::Done => (Generator::Done, Ok(None)),
            };
            cell.replace(left);
            result
        }
        _ => Ok(None),
    }
}

impl Value {
    /// A generator over existing values. `name` is that of its function in Python, or of its type.
    pub(crate) fn generator(name: &'static str, mut items: Vec<Self>) -> Self {
        items.reverse();
        let state = std::cell::RefCell::new(Generator::Ready(items));
        Self::object(Object(Kind::Generator(name, state)))
    }

    /// A generator that makes its values on demand.
    pub(crate) fn lazy(name: &'static str, lazy: impl Lazy + 'static) -> Self {
        let state = std::cell::RefCell::new(Generator::Lazy(Box::new(lazy)));
        Self::object(Object(Kind::Generator(name, state)))
    }

    /// Python's `len`, where the type has one.
    pub(crate) fn len(&self) -> Option<u128> {
        let len = match self {
            Self::Str(text) => text.char_len(),
            Self::List(list) => list.len(),
            Self::Tuple(tuple) => tuple.len(),
            Self::Dict(dict) => dict.len(),
            Self::Undefined(undefined) if !undefined.strict => 0,
            Self::Object(object) => match &object.0 {
                Kind::Range(range) => return Some(range.len()),
                Kind::View(_, dict) => dict.len(),
                _ => return None,
            },
            _ => return None,
        };
        Some(len as u128)
    }
}

impl Ctx<'_> {
    /// Python's `len`, charged; an error where there are more items than a size can be.
    pub(crate) fn counted(&mut self, value: &Value) -> Result<Option<i64>> {
        if let Value::Str(text) = value {
            self.charge(text.len() / 16)?;
        }
        match value.len().map(i64::try_from) {
            None => Ok(None),
            Some(Ok(len)) => Ok(Some(len)),
            Some(Err(_)) => Err(failed("Python int too large to convert to C ssize_t")),
        }
    }

    /// Python's `iter`.
    pub(crate) fn iter(&mut self, value: &Value) -> Result<Iter> {
        Ok(match value {
            Value::List(list) => Iter::List(Rc::clone(list), 0),
            Value::Tuple(tuple) => Iter::Tuple(Rc::clone(tuple), 0),
            Value::Str(text) => Iter::Chars(text.clone(), 0),
            Value::Dict(dict) => Iter::Dict(Rc::clone(dict), View::Keys, 0, dict.len()),
            Value::Undefined(undefined) => {
                undefined.if_strict()?;
                Iter::Empty
            }
            Value::Object(object) => match &object.0 {
                Kind::Range(range) => Iter::Range(*range, 0),
                Kind::View(view, dict) => Iter::Dict(Rc::clone(dict), *view, 0, dict.len()),
                Kind::Generator(..) | Kind::Loop(_) => Iter::Object(Rc::clone(object)),
                _ => return Err(not_iterable(value)),
            },
            _ => return Err(not_iterable(value)),
        })
    }

    /// Python's `list(value)`, charged.
    pub(crate) fn collect(&mut self, value: &Value) -> Result<Vec<Value>> {
        let copied = match value {
            Value::List(list) => Some(list.items().clone()),
            Value::Tuple(tuple) => Some(tuple.items().to_vec()),
            _ => None,
        };
        if let Some(items) = copied {
            self.charge(items.len())?;
            self.charge_memory(items.len() * size_of::<Value>())?;
            return Ok(items);
        }
        let mut iter = self.iter(value)?;
        let mut items = Vec::new();
        while let Some(item) = iter.next(self)? {
            self.charge_memory(size_of::<Value>())?;
            items.push(item);
        }
        Ok(items)
    }
}

fn not_iterable(value: &Value) -> crate::error::Error {
    failed(format!("'{}' object is not iterable", value.type_name()))
}
