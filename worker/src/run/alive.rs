//! Keeping a request's context.

use js_sys::{Function, Promise};
use wasm_bindgen::JsValue;

use crate::edge::for_runs::CachedReads;

/// Keeps the context of the request that it was made for until it is dropped. Without it, the platform ends everything that
/// a request does when its caller hangs up, and nobody would write down that it did.
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
