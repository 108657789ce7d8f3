//! From program to text: [`eval`] runs statements and [`expr`] expressions, with [`ops`] for operators, [`access`] for
//! attributes and items, [`iter`] and [`loops`] for what is iterated, and [`ctx`] for all that one render knows.

pub(crate) mod access;
mod by_name;
pub(crate) mod ctx;
pub(crate) mod escaping;
pub(crate) mod eval;
pub(crate) mod expr;
pub(crate) mod iter;
pub(crate) mod loops;
pub(crate) mod ops;
