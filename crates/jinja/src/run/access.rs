//! Attributes and items, in the order in which Jinja2's environment looks for them.

use std::rc::Rc;

use crate::error::Result;
use crate::library;
use crate::run::ctx::Ctx;
use crate::size;
use crate::value::map::is_hashable;
use crate::value::object::{Kind, Object};
use crate::value::{Missing, Str, Value, failed};

impl Ctx<'_> {
    /// `value.name`: the attribute, else the item, else undefined.
    pub(crate) fn get_attr(&mut self, value: &Value, name: &str) -> Result<Value> {
        self.charge(1 + name.len() / 32)?;
        if let Some(found) = self.attribute(value, name)? {
            return Ok(found);
        }
        if let Value::Dict(dict) = value {
            self.charge(dict.map().search_units())?;
            if let Some(found) = dict.get_str(name) {
                return Ok(found);
            }
        }
        if let Value::Object(object) = value
            && matches!(object.0, Kind::Blocks)
            && self.program.has_block(name)
        {
            return Ok(Value::object(Object(Kind::Block(name.into()))));
        }
        Ok(self.undefined_attribute(value, name))
    }

    /// `value[key]`: the item, else the attribute, else undefined.
    pub(crate) fn get_item(&mut self, value: &Value, key: &Value) -> Result<Value> {
        self.charge(1)?;
        if let Value::Undefined(undefined) = value {
            return Err(undefined.error());
        }
        if let Some(found) = self.item(value, key)? {
            return Ok(found);
        }
        let Value::Str(name) = key else {
            return Ok(self.undefined(Missing::Element(value.type_name(), None)));
        };
        // A text key is also looked for among the attributes; a missing one stays in the undefined value.
        self.charge(name.len() / 16)?;
        if let Some(found) = self.attribute(value, name)? {
            return Ok(found);
        }
        Ok(self.undefined_attribute(value, name))
    }

    /// Python's `getattr`, with `None` for `AttributeError`.
    pub(crate) fn attribute(&mut self, value: &Value, name: &str) -> Result<Option<Value>> {
        let is_dunder = name.len() > 3 && name.starts_with("__") && name.ends_with("__");
        match value {
            Value::Undefined(_) if is_dunder => return Ok(None),
            Value::Undefined(undefined) => return Err(undefined.error()),
            Value::Tuple(tuple) => {
                if let Some(found) = tuple.field(name) {
                    return Ok(Some(found.clone()));
                }
            }
            Value::Object(object) => match &object.0 {
                Kind::Namespace(namespace) => return Ok(namespace.map().get_str(name).cloned()),
                Kind::Loop(state) => {
                    if let Some(found) = state.attribute(self, name)? {
                        return Ok(Some(found));
                    }
                }
                Kind::Macro(called) => return Ok(self.macro_attribute(called, name)),
                Kind::Cycler(items, position) if name == "current" => {
                    return Ok(items.get(position.get()).cloned());
                }
                Kind::Range(range) => {
                    let part = match name {
                        "start" => Some(range.start),
                        "stop" => Some(range.stop),
                        "step" => Some(range.step),
                        _ => None,
                    };
                    if let Some(part) = part {
                        return Ok(Some(Value::int(part)));
                    }
                }
                _ => {}
            },
            _ => {}
        }
        Ok(library::method(value, name, self.options.dialect)
            .map(|(name, method)| Value::object(Object(Kind::Method(value.clone(), name, method)))))
    }

    /// Python's `value[key]`, with `None` for `TypeError` and `LookupError`.
    pub(crate) fn item(&mut self, value: &Value, key: &Value) -> Result<Option<Value>> {
        match value {
            Value::Dict(dict) if is_hashable(key) => {
                self.charge_search(key, dict)?;
                Ok(dict.map().get(key)?.cloned())
            }
            Value::List(list) => Ok(index(key, list.len()).and_then(|i| list.get(i))),
            Value::Tuple(tuple) => {
                Ok(index(key, tuple.len()).and_then(|i| tuple.items().get(i).cloned()))
            }
            Value::Str(text) => {
                let Some(at) = key.as_int() else {
                    return Ok(None);
                };
                // Counted from the nearer end, so that no more is scanned than the characters before it.
                let (from_end, skipped) = match at < 0 {
                    true => (true, size::clamped(-(at + 1))),
                    false => (false, size::clamped(at)),
                };
                self.charge(skipped.min(text.len()) / 16)?;
                let mut characters = text.chars();
                let character = match from_end {
                    true => characters.nth_back(skipped),
                    false => characters.nth(skipped),
                };
                Ok(character.map(|c| {
                    let mut buffer = [0; 4];
                    let c: &str = c.encode_utf8(&mut buffer);
                    Value::Str(if text.is_markup() {
                        Str::markup(c)
                    } else {
                        Str::new(c)
                    })
                }))
            }
            Value::Object(object) => match &object.0 {
                Kind::Range(range) => Ok(key.as_int().and_then(|i| range.item(i))),
                Kind::Blocks => Ok(key
                    .as_str()
                    .filter(|name| self.program.has_block(name))
                    .map(|name| Value::object(Object(Kind::Block(name.into()))))),
                _ => Ok(None),
            },
            _ => Ok(None),
        }
    }

    /// `value[start:stop:step]`, with Python's errors.
    pub(crate) fn slice(
        &mut self,
        value: &Value,
        start: &Value,
        stop: &Value,
        step: &Value,
    ) -> Result<Value> {
        if let Value::Undefined(undefined) = value {
            return Err(undefined.error());
        }
        if let Value::Str(text) = value {
            self.charge(text.len() / 16)?;
        }
        let Some(len) = value.len().filter(|_| is_sliceable(value)) else {
            return Err(failed(match value {
                Value::Dict(_) => "unhashable type: 'slice'".to_owned(),
                _ => format!("'{}' object is not subscriptable", value.type_name()),
            }));
        };
        let len = i128::try_from(len).map_err(|_| crate::run::ops::too_large())?;
        let bounds = Bounds::new(part(start)?, part(stop)?, part(step)?, len)?;
        if let (
            Value::Object(object),
            Bounds {
                start, stop, step, ..
            },
        ) = (value, &bounds)
            && let Kind::Range(range) = &object.0
        {
            let at = |index: i128| range.at(index).ok_or_else(crate::run::ops::too_large);
            let range = crate::value::object::Range {
                start: at(*start)?,
                stop: at(*stop)?,
                step: range
                    .step
                    .checked_mul(*step)
                    .ok_or_else(crate::run::ops::too_large)?,
            };
            return Ok(Value::object(Object(Kind::Range(range))));
        }
        self.charge(bounds.count)?;
        match value {
            Value::List(list) => {
                let items = list.items();
                let taken = bounds.indices().filter_map(|i| items.get(i)).cloned();
                let taken: Vec<_> = taken.collect();
                drop(items);
                self.new_list(taken)
            }
            Value::Tuple(tuple) => {
                let items = tuple.items();
                let taken = bounds.indices().filter_map(|i| items.get(i)).cloned();
                self.new_tuple(taken.collect())
            }
            Value::Str(text) => {
                self.charge(text.len() / 16)?;
                self.charge_memory(bounds.count)?;
                let taken = slice_str(text, &bounds);
                self.new_str_like(text, taken)
            }
            _ => Err(failed("object is not subscriptable")),
        }
    }
}

fn is_sliceable(value: &Value) -> bool {
    match value {
        Value::Str(_) | Value::List(_) | Value::Tuple(_) => true,
        Value::Object(object) => matches!(object.0, Kind::Range(_)),
        _ => false,
    }
}

fn slice_str(text: &str, bounds: &Bounds) -> String {
    if text.is_ascii() {
        let bytes = text.as_bytes();
        return bounds
            .indices()
            .filter_map(|i| bytes.get(i))
            .map(|byte| char::from(*byte))
            .collect();
    }
    if bounds.step == 1 {
        let start = size::clamped(bounds.start);
        return text.chars().skip(start).take(bounds.count).collect();
    }
    let characters: Vec<char> = text.chars().collect();
    bounds.indices().filter_map(|i| characters.get(i)).collect()
}

/// An index that may count from the end.
fn index(key: &Value, len: usize) -> Option<usize> {
    size::within(key.as_int()?, len)
}

fn part(value: &Value) -> Result<Option<i128>> {
    match value {
        Value::None => Ok(None),
        other => other.as_int().map(Some).ok_or_else(|| {
            failed("slice indices must be integers or None or have an __index__ method")
        }),
    }
}

/// What a slice takes: `count` indices from `start` on.
struct Bounds {
    start: i128,
    /// Where the slice ends, within the sequence or one step outside of it.
    stop: i128,
    step: i128,
    count: usize,
}

impl Bounds {
    fn new(start: Option<i128>, stop: Option<i128>, step: Option<i128>, len: i128) -> Result<Self> {
        let step = step.unwrap_or(1);
        if step == 0 {
            return Err(failed("slice step cannot be zero"));
        }
        let (low, high) = if step < 0 { (-1, len - 1) } else { (0, len) };
        let place = |part: Option<i128>, default| match part {
            None => default,
            Some(at) if at < 0 => at.saturating_add(len).max(low),
            Some(at) => at.min(high),
        };
        let start = place(start, if step < 0 { high } else { low });
        let stop = place(stop, if step < 0 { low } else { high });
        let span = if step < 0 { start - stop } else { stop - start };
        let count = if span <= 0 {
            0
        } else {
            size::clamped((span - 1) / step.saturating_abs() + 1)
        };
        Ok(Self {
            start,
            stop,
            step,
            count,
        })
    }

    fn indices(&self) -> impl Iterator<Item = usize> + '_ {
        (0..self.count).filter_map(|i| size::exact(self.start + self.step * size::wide(i)))
    }
}

/// The namespace that a value holds.
pub(crate) fn namespace(value: &Value) -> Option<&Rc<Object>> {
    match value {
        Value::Object(object) if matches!(object.0, Kind::Namespace(_)) => Some(object),
        _ => None,
    }
}
