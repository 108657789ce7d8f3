//! The evaluator.

use super::args::Args;
use super::ctx::Ctx;
use super::loops::Loop;
use super::object::Macro;
use super::value::{Value, failed};
use crate::error::Result;

impl Ctx<'_> {
    pub(super) fn call_macro(&mut self, _called: &Macro, _args: Args) -> Result<Value> {
        Err(failed("not a macro"))
    }

    pub(super) fn call_loop(&mut self, _state: &Loop, _args: Args) -> Result<Value> {
        Err(failed("not a loop"))
    }

    pub(super) fn call_block(&mut self, _name: &str) -> Result<Value> {
        Err(failed("not a block"))
    }

    pub(super) fn macro_attribute(&mut self, _called: &Macro, _name: &str) -> Option<Value> {
        None
    }
}
