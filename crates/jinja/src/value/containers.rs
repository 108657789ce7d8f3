//! `list`, `tuple` and `dict`: shared, and dropped without recursion however deeply they are nested.

use std::cell::{Cell, Ref, RefCell, RefMut};
use std::rc::Rc;

use crate::error::Result;
use crate::value::map::Map;
use crate::value::object::Object;
use crate::value::{Value, failed};

/// A shared list. The flag tells whether this render has changed it.
#[derive(Debug)]
pub struct List(RefCell<Vec<Value>>, pub(crate) Cell<bool>);

/// A tuple, with names where it is a named one.
#[derive(Debug)]
pub struct Tuple {
    items: Vec<Value>,
    names: Option<&'static Names>,
}

/// The type of a named tuple.
#[derive(Debug)]
pub struct Names {
    /// The type's name.
    pub type_name: &'static str,
    /// The attributes, in order.
    pub fields: &'static [&'static str],
}

/// A shared dict. The flag tells whether this render has changed it.
#[derive(Debug)]
pub struct Dict(RefCell<Map>, pub(crate) Cell<bool>);

impl List {
    /// A list of the items.
    pub fn new(items: Vec<Value>) -> Self {
        Self(RefCell::new(items), Cell::new(false))
    }

    /// The items. Drop the borrow before anything else runs.
    pub fn items(&self) -> Ref<'_, Vec<Value>> {
        self.0.borrow()
    }

    /// The item at an index from 0.
    pub fn get(&self, index: usize) -> Option<Value> {
        self.0.borrow().get(index).cloned()
    }

    /// Number of items.
    pub fn len(&self) -> usize {
        self.0.borrow().len()
    }

    /// Whether there is no item.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The items for a change; only `Ctx::edit_list` may call it, since a change can make a cycle.
    pub(crate) fn edit(&self) -> Result<RefMut<'_, Vec<Value>>> {
        self.0.try_borrow_mut().map_err(|_| in_use())
    }
}

impl Tuple {
    /// A plain tuple.
    pub fn new(items: Vec<Value>) -> Self {
        Self { items, names: None }
    }

    /// A named tuple.
    pub(crate) fn named(items: Vec<Value>, names: &'static Names) -> Self {
        Self {
            items,
            names: Some(names),
        }
    }

    /// The items.
    pub fn items(&self) -> &[Value] {
        &self.items
    }

    /// Number of items.
    pub fn len(&self) -> usize {
        self.items.len()
    }

    /// Whether there is no item.
    pub fn is_empty(&self) -> bool {
        self.items.is_empty()
    }

    /// An item by its name.
    pub(crate) fn field(&self, name: &str) -> Option<&Value> {
        let names = self.names?;
        let index = names.fields.iter().position(|field| *field == name)?;
        self.items.get(index)
    }

    pub(crate) fn type_name(&self) -> &'static str {
        self.names.map_or("tuple", |names| names.type_name)
    }
}

impl Dict {
    /// A dict of the entries.
    pub fn new(map: Map) -> Self {
        Self(RefCell::new(map), Cell::new(false))
    }

    /// The entries. Drop the borrow before anything else runs.
    pub fn map(&self) -> Ref<'_, Map> {
        self.0.borrow()
    }

    /// The value of a string key.
    pub fn get_str(&self, key: &str) -> Option<Value> {
        self.0.borrow().get_str(key).cloned()
    }

    /// Number of entries.
    pub fn len(&self) -> usize {
        self.0.borrow().len()
    }

    /// Whether there is no entry.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The entries for a change; only `Ctx::edit_dict` may call it, since a change can make a cycle.
    pub(crate) fn edit(&self) -> Result<RefMut<'_, Map>> {
        self.0.try_borrow_mut().map_err(|_| in_use())
    }
}

fn in_use() -> crate::error::Error {
    failed("a container is changed while it is read")
}

/// Moves the containers out of `value` when nobody else holds it, so that dropping does not recurse.
fn dismantle(value: Value, pending: &mut Vec<Value>) {
    match value {
        Value::List(mut list) => {
            if let Some(list) = Rc::get_mut(&mut list) {
                take_containers(list.0.get_mut(), pending);
            }
        }
        Value::Tuple(mut tuple) => {
            if let Some(tuple) = Rc::get_mut(&mut tuple) {
                take_containers(&mut tuple.items, pending);
            }
        }
        Value::Dict(mut dict) => {
            if let Some(dict) = Rc::get_mut(&mut dict) {
                dict.0.get_mut().dismantle(pending);
            }
        }
        Value::Object(mut object) => {
            if let Some(object) = Rc::get_mut(&mut object) {
                object.dismantle(pending);
            }
        }
        _ => {}
    }
}

/// Drops values one after the other instead of one inside the other.
pub(crate) fn drop_flat(mut pending: Vec<Value>) {
    while let Some(value) = pending.pop() {
        dismantle(value, &mut pending);
    }
}

/// Moves lists, tuples, dicts and objects out.
pub(crate) fn take_containers<'v>(
    values: impl IntoIterator<Item = &'v mut Value>,
    pending: &mut Vec<Value>,
) {
    for value in values {
        if is_container(value) {
            pending.push(std::mem::replace(value, Value::None));
        }
    }
}

fn is_container(value: &Value) -> bool {
    matches!(
        value,
        Value::List(_) | Value::Tuple(_) | Value::Dict(_) | Value::Object(_)
    )
}

impl Drop for List {
    fn drop(&mut self) {
        let mut pending = Vec::new();
        take_containers(self.0.get_mut(), &mut pending);
        drop_flat(pending);
    }
}

impl Drop for Tuple {
    fn drop(&mut self) {
        let mut pending = Vec::new();
        take_containers(&mut self.items, &mut pending);
        drop_flat(pending);
    }
}

impl Drop for Dict {
    fn drop(&mut self) {
        let mut pending = Vec::new();
        self.0.get_mut().dismantle(&mut pending);
        drop_flat(pending);
    }
}

impl Drop for Object {
    fn drop(&mut self) {
        let mut pending = Vec::new();
        self.dismantle(&mut pending);
        drop_flat(pending);
    }
}
