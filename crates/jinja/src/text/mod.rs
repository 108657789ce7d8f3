//! What CPython's `str` knows of characters, and its `repr`.

pub(crate) mod quote;
mod tables;
pub(crate) mod unicode;
