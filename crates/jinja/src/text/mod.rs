//! CPython's `str` knowledge of characters, and its `repr`.

pub(crate) mod quote;
mod tables;
pub(crate) mod unicode;
