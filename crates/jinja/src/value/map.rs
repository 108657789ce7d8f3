//! Python's `dict`: in insertion order, with `1 == True == 1.0` as one key.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;

use crate::error::Result;
use crate::limits::exceeded;
use crate::size::{self, truncated};
use crate::value::containers::take_containers;
use crate::value::hashed_text::{self, HashedText};
use crate::value::object::{Kind, View};
use crate::value::{Str, Value, failed};

/// Depth of tuples within a key.
const KEY_DEPTH: u32 = 16;

/// The entries of a dict. String keys are indexed lazily: most dicts are small or read a few times only.
#[derive(Clone, Debug, Default)]
pub struct Map {
    entries: Vec<(Value, Value)>,
    scanned: Cell<usize>,
    strings: RefCell<Option<BTreeMap<HashedText, usize>>>,
    others: BTreeMap<HashKey, usize>,
}

/// A key that is not a string, in a form in which equal keys are equal.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
enum HashKey {
    None,
    Int(i128),
    Float(u64),
    Str(HashedText),
    Tuple(Vec<HashKey>),
    /// The length, and the first number and the step where they tell ranges apart.
    Range(u128, i128, i128),
    Identity(usize),
}

impl Map {
    /// An empty map with room for that many entries.
    pub fn with_capacity(capacity: usize) -> Self {
        Self {
            entries: Vec::with_capacity(capacity),
            ..Self::default()
        }
    }

    /// A map of string keys that are known to differ.
    pub fn of_distinct(entries: Vec<(Value, Value)>) -> Self {
        Self {
            entries,
            ..Self::default()
        }
    }

    /// Number of entries.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether there is no entry.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// The entries in order.
    pub fn entries(&self) -> &[(Value, Value)] {
        &self.entries
    }

    /// The value of a string key.
    pub fn get_str(&self, key: &str) -> Option<&Value> {
        let index = self.find_str(key)?;
        self.entries.get(index).map(|(_, value)| value)
    }

    /// The value of a key.
    ///
    /// # Errors
    /// `render_failed` where the key is not hashable
    pub fn get(&self, key: &Value) -> Result<Option<&Value>> {
        let index = self.find(key)?;
        Ok(index.and_then(|index| self.entries.get(index).map(|(_, value)| value)))
    }

    /// Units of work of looking for a text: of a scan, of making the index, or of a search in it.
    pub(crate) fn search_units(&self) -> usize {
        let entries = self.entries.len();
        if entries <= FEW {
            0
        } else if self.strings.borrow().is_some() {
            size::slot(entries.ilog2()) / 3
        } else if self.is_scanned() {
            entries / 16
        } else {
            entries * 2
        }
    }

    /// Sets the value of a key; an existing key keeps its place and its spelling. Returns the old value.
    ///
    /// # Errors
    /// `render_failed` where the key is not hashable
    pub fn insert(&mut self, key: Value, value: Value) -> Result<Option<Value>> {
        if let Value::Str(key) = key {
            return Ok(self.insert_str(key, value));
        }
        let found = key_of(&key, KEY_DEPTH)?;
        if let Some(&index) = self.others.get(&found) {
            return Ok(self.replace(index, value));
        }
        self.others.insert(found, self.entries.len());
        self.entries.push((key, value));
        Ok(None)
    }

    /// [`Map::insert`] of a string key, which cannot fail.
    pub fn insert_str(&mut self, key: Str, value: Value) -> Option<Value> {
        if let Some(index) = self.find_str(&key) {
            return self.replace(index, value);
        }
        if let Some(strings) = self.strings.get_mut() {
            strings.insert(HashedText::new(&key), self.entries.len());
        }
        self.entries.push((Value::Str(key), value));
        None
    }

    /// Takes an entry out. Costs as much as the map is long.
    ///
    /// # Errors
    /// `render_failed` where the key is not hashable
    pub fn remove(&mut self, key: &Value) -> Result<Option<(Value, Value)>> {
        let index = self.find(key)?;
        Ok(index.map(|index| self.remove_at(index)))
    }

    fn remove_at(&mut self, index: usize) -> (Value, Value) {
        let entry = self.entries.remove(index);
        *self.strings.get_mut() = None;
        self.scanned.set(0);
        let is_string = matches!(entry.0, Value::Str(_));
        self.others.retain(|_, at| *at != index || is_string);
        for at in self.others.values_mut() {
            if *at > index {
                *at -= 1;
            }
        }
        entry
    }

    /// [`Map::remove`] of a string key, which cannot fail.
    pub fn remove_str(&mut self, key: &str) -> Option<Value> {
        let index = self.find_str(key)?;
        Some(self.remove_at(index).1)
    }

    /// Takes every entry out.
    pub fn take(&mut self) -> Vec<(Value, Value)> {
        *self.strings.get_mut() = None;
        self.others.clear();
        std::mem::take(&mut self.entries)
    }

    /// Moves the containers out, before a drop.
    pub(crate) fn dismantle(&mut self, pending: &mut Vec<Value>) {
        for (key, value) in &mut self.entries {
            take_containers([key, value], pending);
        }
    }

    fn replace(&mut self, index: usize, value: Value) -> Option<Value> {
        let (_, place) = self.entries.get_mut(index)?;
        Some(std::mem::replace(place, value))
    }

    fn find(&self, key: &Value) -> Result<Option<usize>> {
        match key {
            Value::Str(key) => Ok(self.find_str(key)),
            other => {
                let key = key_of(other, KEY_DEPTH)?;
                Ok(self.others.get(&key).copied())
            }
        }
    }

    fn find_str(&self, key: &str) -> Option<usize> {
        let mut strings = self.strings.borrow_mut();
        if let Some(strings) = strings.as_ref() {
            return hashed_text::get(strings, key);
        }
        if self.is_scanned() {
            return self.scan(key);
        }
        // A loop, not `collect`: that would sort first, with more code in the wasm.
        let mut index = BTreeMap::new();
        for (place, (name, _)) in self.entries.iter().enumerate() {
            if let Value::Str(name) = name {
                index.insert(HashedText::new(name), place);
            }
        }
        let found = hashed_text::get(&index, key);
        *strings = Some(index);
        found
    }

    /// Whether entries are looked at one after the other. That needs no preparation; the index is built once scans have
    /// cost as much as building it.
    fn is_scanned(&self) -> bool {
        self.entries.len() <= FEW || self.scanned.get() < SCANS * self.entries.len()
    }

    /// The entry of a key. Counts the entries that it looks at, and texts of the same length by their bytes.
    fn scan(&self, key: &str) -> Option<usize> {
        let mut compared = 0;
        let found = self.entries.iter().position(|(name, _)| {
            name.as_str().is_some_and(|name| {
                name.len() == key.len() && {
                    compared += name.len() / SCANNED_BYTES;
                    name == key
                }
            })
        });
        let looked = found.map_or(self.entries.len(), |index| index + 1);
        self.scanned.set(self.scanned.get() + looked + compared);
        found
    }
}

/// Entries that are always scanned.
const FEW: usize = 8;

/// Scans that cost as much as an index, and bytes of a text that cost as much as an entry.
const SCANS: usize = 16;
const SCANNED_BYTES: usize = 8;

fn key_of(value: &Value, depth: u32) -> Result<HashKey> {
    Ok(match value {
        Value::None => HashKey::None,
        Value::Bool(_) | Value::Int(_) | Value::Big(_) => {
            HashKey::Int(value.as_int().unwrap_or_default())
        }
        Value::Float(value) => match truncated(*value).filter(|_| value.fract() == 0.0) {
            Some(integer) => HashKey::Int(integer),
            None => HashKey::Float(value.to_bits()),
        },
        Value::Str(text) => HashKey::Str(HashedText::new(text)),
        Value::Tuple(tuple) => {
            let depth = depth
                .checked_sub(1)
                .ok_or_else(|| exceeded("a key is nested too deeply"))?;
            HashKey::Tuple(
                tuple
                    .items()
                    .iter()
                    .map(|item| key_of(item, depth))
                    .collect::<Result<_>>()?,
            )
        }
        Value::Undefined(undefined) => {
            undefined.if_strict()?;
            HashKey::Identity(0)
        }
        Value::Object(object) if is_hashable(value) => match &object.0 {
            Kind::Range(range) => match range.len() {
                0 => HashKey::Range(0, 0, 0),
                1 => HashKey::Range(1, range.start, 0),
                len => HashKey::Range(len, range.start, range.step),
            },
            _ => HashKey::Identity(std::rc::Rc::as_ptr(object).addr()),
        },
        Value::Object(_) | Value::List(_) | Value::Dict(_) => {
            return Err(failed(format!("unhashable type: '{}'", value.type_name())));
        }
    })
}

/// Whether a value can be a key of a dict, as far as a key may be nested.
pub(crate) fn is_hashable(value: &Value) -> bool {
    fn within(value: &Value, depth: u32) -> bool {
        match value {
            Value::Object(object) => !matches!(object.0, Kind::View(View::Keys | View::Items, _)),
            Value::List(_) | Value::Dict(_) => false,
            Value::Tuple(tuple) => depth
                .checked_sub(1)
                .is_none_or(|depth| tuple.items().iter().all(|item| within(item, depth))),
            _ => true,
        }
    }
    within(value, KEY_DEPTH)
}

/// A set of values. It is a map of the kind that a dict has, as another kind would be the same code in the wasm again.
#[derive(Debug, Default)]
pub(crate) struct Seen(BTreeMap<HashKey, usize>);

impl Seen {
    /// Adds a value; false when an equal one was there.
    pub(crate) fn insert(&mut self, value: &Value) -> Result<bool> {
        Ok(self.add(key_of(value, KEY_DEPTH)?))
    }

    /// Adds an object by its address; false when it was there.
    pub(crate) fn insert_address(&mut self, address: usize) -> bool {
        self.add(HashKey::Identity(address))
    }

    fn add(&mut self, key: HashKey) -> bool {
        self.0.insert(key, self.0.len()).is_none()
    }
}
