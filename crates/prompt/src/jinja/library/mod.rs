//! Filters, tests, methods, globals and printing: what templates call.
//! The engine reaches them by the functions of this file only.

mod entities;
mod filters;
mod float;
mod format_method;
mod format_value;
mod globals;
mod html;
mod json;
mod lipsum;
mod methods;
mod misc;
mod numbers;
mod params;
mod percent;
mod pprint;
mod print;
mod printf;
pub(super) mod quote;
mod select;
mod sequences;
mod sorting;
mod spec;
mod str_edit;
mod str_methods;
mod str_pad;
mod str_search;
mod tables;
mod tests;
mod text_filters;
pub(super) mod unicode;
mod urlize;
mod wrap;

use super::args::Args;
use super::ctx::Ctx;
use super::value::Value;
use crate::error::Result;

pub(super) use filters::find as filter;
pub(super) use globals::find as global;
pub(super) use methods::find as method;
pub(super) use percent::percent;
pub(super) use print::write_str;
pub(super) use tests::find as test;

/// A filter: what stands before the bar comes first.
pub(super) type FilterFn = fn(&mut Ctx<'_>, Value, Args) -> Result<Value>;
/// A test: what stands before `is` comes first.
pub(super) type TestFn = fn(&mut Ctx<'_>, Value, Args) -> Result<bool>;
