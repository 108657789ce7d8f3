//! Time and randomness of the platform: the only module that asks for them.

use std::cell::RefCell;

use cuecard_run::Reach;
use cuecard_store::{Entropy, Timestamp};
use wasm_bindgen::prelude::*;

use crate::api::World;

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_namespace = crypto, js_name = getRandomValues, catch)]
    fn get_random_values(bytes: &mut [u8]) -> Result<JsValue, JsValue>;
}

thread_local! {
    static IDS: RefCell<Vec<u64>> = const { RefCell::new(Vec::new()) };
}

/// Milliseconds since 1970-01-01T00:00:00Z. Cloudflare stops this clock while a request computes.
pub(crate) fn now_ms() -> i64 {
    // Whole and far below 2^53, so nothing is lost.
    js_sys::Date::now() as i64
}

/// [`now_ms`] in the units of `freshness`.
pub(crate) fn now() -> u64 {
    u64::try_from(now_ms()).unwrap_or(0)
}

/// Fills the buffer from the platform's cryptographic generator.
///
/// # Errors
/// What the platform throws.
pub(crate) fn random(bytes: &mut [u8]) -> Result<(), JsValue> {
    get_random_values(bytes).map(|_| ())
}

/// The circumstances of one request.
///
/// # Errors
/// What the platform throws.
pub(crate) fn world() -> Result<World, JsValue> {
    let mut entropy = [0; 32];
    random(&mut entropy)?;
    Ok(World {
        now: Timestamp::from_ms(now_ms()),
        entropy: Entropy::new(entropy),
        request_id: request_id()?,
        epoch: 0,
        reach: Reach::Public,
        work: None,
    })
}

/// A request's id: 16 hex digits. Fetches randomness for many at once.
///
/// # Errors
/// What the platform throws.
pub(crate) fn request_id() -> Result<String, JsValue> {
    IDS.with_borrow_mut(|ids| {
        if ids.is_empty() {
            let mut bytes = [0; 1_024];
            random(&mut bytes)?;
            ids.extend(bytes.as_chunks().0.iter().map(|id| u64::from_ne_bytes(*id)));
        }
        Ok(format!("{:016x}", ids.pop().unwrap_or_default()))
    })
}

/// Returns the time elapsed, for tests that compare durations.
#[cfg(test)]
pub(crate) fn stopwatch() -> impl Fn() -> std::time::Duration {
    let start = std::time::Instant::now();
    move || start.elapsed()
}
