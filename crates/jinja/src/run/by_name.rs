//! Filters and tests that a template names by a value: `map("upper")`, `"upper" is filter`.

use crate::error::Result;
use crate::library::registry;
use crate::run::ctx::Ctx;
use crate::value::args::Args;
use crate::value::{Value, failed};

impl Ctx<'_> {
    /// Calls a filter by name, as `map` does.
    pub(crate) fn call_filter(&mut self, name: &str, value: Value, args: Args) -> Result<Value> {
        let filter = registry::find_filter(name)
            .ok_or_else(|| failed(format!("No filter named '{name}'.")))?;
        self.charge(1)?;
        (filter.run)(self, value, args)
    }

    /// Calls a test by name, as `select` does.
    pub(crate) fn call_test(&mut self, name: &str, value: Value, args: Args) -> Result<bool> {
        let test =
            registry::find_test(name).ok_or_else(|| failed(format!("No test named '{name}'.")))?;
        self.charge(1)?;
        (test.run)(self, value, args)
    }

    /// Whether there is a filter of the name.
    pub(crate) fn has_filter(&self, name: &str) -> bool {
        registry::find_filter(name).is_some()
    }

    /// Whether there is a test of the name.
    pub(crate) fn has_test(&self, name: &str) -> bool {
        registry::find_test(name).is_some()
    }
}
