//! `in`.

use super::numbers::exact_int;
use crate::error::{Error, Result};
use crate::run::ctx::Ctx;
use crate::value::containers::Dict;
use crate::value::object::{Kind, View};
use crate::value::{Value, failed};

impl Ctx<'_> {
    /// `item in container`
    pub(crate) fn contains(&mut self, container: &Value, item: &Value) -> Result<bool> {
        match container {
            Value::Str(text) => match item {
                Value::Str(part) => {
                    self.charge((text.len() + part.len()) / 8)?;
                    Ok(text.contains(part.as_str()))
                }
                Value::Undefined(undefined) => Err(undefined.error()),
                other => Err(failed(format!(
                    "'in <string>' requires string as left operand, not {}",
                    other.type_name()
                ))),
            },
            Value::Dict(dict) => {
                self.charge_search(item, dict)?;
                Ok(dict.map().get(item)?.is_some())
            }
            Value::Undefined(undefined) => undefined.if_strict().map(|()| false),
            Value::List(list) => {
                let mut index = 0;
                while let Some(other) = list.get(index) {
                    self.charge(1)?;
                    if self.same_or_equal(&other, item)? {
                        return Ok(true);
                    }
                    index += 1;
                }
                Ok(false)
            }
            Value::Tuple(tuple) => self.contains_item(tuple.items(), item),
            Value::Object(object) => match &object.0 {
                Kind::Range(range) => Ok(match exact_int(item) {
                    Some(value) => {
                        let offset = value.checked_sub(range.start);
                        offset.is_some_and(|offset| {
                            let (place, rest) = (
                                offset.checked_div(range.step),
                                offset.checked_rem(range.step),
                            );
                            let place = place.and_then(|place| u128::try_from(place).ok());
                            rest == Some(0) && place.is_some_and(|place| place < range.len())
                        })
                    }
                    // Anything else is compared with every number.
                    None => {
                        if let Value::Undefined(undefined) = item
                            && range.len() > 0
                        {
                            undefined.if_strict()?;
                        }
                        false
                    }
                }),
                Kind::View(View::Keys, dict) => {
                    self.charge_search(item, dict)?;
                    Ok(dict.map().get(item)?.is_some())
                }
                Kind::View(View::Items, dict) => match item {
                    Value::Tuple(pair) => self.contains_pair(dict, pair.items()),
                    _ => Ok(false),
                },
                _ => self.contains_iterated(container, item),
            },
            _ => Err(not_a_container(container)),
        }
    }

    fn contains_pair(&mut self, dict: &Dict, pair: &[Value]) -> Result<bool> {
        let [key, value] = pair else {
            return Ok(false);
        };
        self.charge_search(key, dict)?;
        let found = dict.map().get(key)?.cloned();
        found.map_or(Ok(false), |found| self.same_or_equal(&found, value))
    }

    fn contains_iterated(&mut self, container: &Value, item: &Value) -> Result<bool> {
        let mut iter = self
            .iter(container)
            .map_err(|_| not_a_container(container))?;
        while let Some(other) = iter.next(self)? {
            if self.same_or_equal(&other, item)? {
                return Ok(true);
            }
        }
        Ok(false)
    }
}

fn not_a_container(value: &Value) -> Error {
    failed(format!(
        "argument of type '{}' is not iterable",
        value.type_name()
    ))
}
