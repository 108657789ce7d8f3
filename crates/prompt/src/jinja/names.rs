//! What a template reads from its inputs, for a check before it is rendered.

use std::sync::Arc;

use crate::error::At;

/// A read of a name that the template may get from its inputs.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct NameUse {
    /// The name, and the attributes that are read of it: `customer`, `address`, `city`.
    pub path: Vec<Arc<str>>,
    /// Where the name is read.
    pub at: At,
    /// Whether the read is in `is defined`, `is undefined`, or before `default`.
    pub guarded: bool,
    /// Whether the template itself assigns the name in the same scope, perhaps only on some ways.
    pub assigned: bool,
    /// Whether the name is called: `range(3)`.
    pub called: bool,
}
