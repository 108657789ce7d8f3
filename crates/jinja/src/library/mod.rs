//! Filters, tests, methods, globals and printing: what templates call.
//! The engine reaches them by the functions of this file only.

mod entities;
mod float;
mod format_method;
mod format_value;
mod globals;
mod html;
mod is_tests;
mod json;
mod later;
mod lipsum;
mod methods;
mod misc;
mod numbers;
mod params;
mod percent;
mod pprint;
mod print;
mod printf;
pub mod registry;
mod select;
mod sequences;
mod sorting;
mod spec;
mod str_edit;
mod str_methods;
mod str_pad;
mod str_search;
mod strftime;
mod text_filters;
mod urlize;
mod wrap;

use crate::error::Result;
use crate::options::Dialect;
use crate::run::ctx::Ctx;
use crate::value::Value;
use crate::value::args::Args;

pub(crate) use globals::{check_plain, find as global};
pub(crate) use methods::find as method;
pub(crate) use percent::percent;
pub(crate) use print::{repr, write_str};

/// A filter: what stands before the bar comes first.
pub(crate) type FilterFn = fn(&mut Ctx<'_>, Value, Args) -> Result<Value>;
/// A test: what stands before `is` comes first.
pub(crate) type TestFn = fn(&mut Ctx<'_>, Value, Args) -> Result<bool>;

/// Whether there is a filter of the name.
pub fn is_filter(name: &str) -> bool {
    registry::find_filter(name).is_some()
}

/// Whether there is a test of the name.
pub fn is_test(name: &str) -> bool {
    registry::find_test(name).is_some()
}

/// Whether there is a global function or type of the name.
pub fn is_global(name: &str, dialect: Dialect) -> bool {
    global(name, dialect).is_some()
}

/// Whether a dict has a method of the name, which an attribute finds before a key.
pub(crate) fn is_dict_method(name: &str) -> bool {
    methods::is_dict_method(name)
}
