//! CPython's `str` knowledge of characters, and its `repr`.

pub(crate) mod case;
mod case_tables;
pub(crate) mod decimal;
pub(crate) mod quote;
mod tables;
pub(crate) mod unicode;
