//! Keeps a request's context alive.

use js_sys::{Function, Promise};
use wasm_bindgen::JsValue;

use crate::edge::for_runs::CachedReads;

/// Keeps the context of its request until it is dropped. Without it, the platform ends all of a request's work when the
/// caller hangs up, and nothing would be recorded.
pub(super) struct Alive(Option<Function>);

impl Alive {
    pub(super) fn new(reads: &CachedReads<'_>) -> Self {
        let mut done = None;
        reads.wait_until(Promise::new(&mut |resolve, _| done = Some(resolve)));
        Self(done)
    }
}

impl Drop for Alive {
    fn drop(&mut self) {
        if let Some(done) = &self.0 {
            // The function of a promise does not throw.
            let _ = done.call0(&JsValue::UNDEFINED);
        }
    }
}
