//! From program to text: [`eval`] runs statements and [`expr`] expressions, with [`ops`] for operators, [`access`] for
//! attributes and items, [`iter`] and [`loops`] for iteration, and [`ctx`] for the state of one render.

pub(crate) mod access;
mod by_name;
pub(crate) mod ctx;
pub(crate) mod escaping;
pub(crate) mod eval;
pub(crate) mod expr;
pub(crate) mod iter;
pub(crate) mod loops;
pub(crate) mod ops;
