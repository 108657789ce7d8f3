//! The Cache API: shared by the isolates of one location, and optional. Any error is a miss.
//!
//! It supports neither `stale-while-revalidate` nor `stale-if-error`, so a response is stored for the whole retention,
//! with its revision and time in headers of ours, and `freshness` decides.

use cuecard_freshness::{Held, Millis, Policy};
use js_sys::Uint8Array;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use worker::web_sys::{Cache, Headers, Response, ResponseInit, WorkerGlobalScope};

use super::cacheable::StoredResponse;
use crate::api;

/// Changes with the format of keys, headers or bodies, so that entries of another release are not found.
const FORMAT: &str = "2";

const REVISION: &str = "x-cuecard-revision";
const CHECKED: &str = "x-cuecard-checked";
const MISSING: &str = "x-cuecard-missing";

/// The longest retention, in seconds: a version is stored for ever, which is a year.
const MAX_AGE: Millis = 31_536_000;

/// The response stored under a key.
pub(super) async fn get(origin: &str, key: &str) -> Option<StoredResponse> {
    let found = JsFuture::from(cache()?.match_with_str(&url(origin, key)))
        .await
        .ok()?;
    let response: Response = found.dyn_into().ok()?;
    let body = JsFuture::from(response.array_buffer().ok()?).await.ok()?;
    let headers = response.headers();
    let header = |name: &str| headers.get(name).ok().flatten();
    Some(StoredResponse {
        held: Held {
            revision: header(REVISION)?.parse().ok()?,
            checked: header(CHECKED)?.parse().ok()?,
            missing: header(MISSING).is_some(),
        },
        etag: header("etag").unwrap_or_default(),
        body: Uint8Array::new(&body).to_vec(),
    })
}

/// Stores under a key. Best effort: errors are ignored.
pub(super) async fn put(
    origin: &str,
    key: &str,
    stored: &StoredResponse,
    policy: &Policy,
    pinned: bool,
) {
    if let Some(promise) = start_put(origin, key, stored, policy, pinned) {
        let _ = JsFuture::from(promise).await;
    }
}

/// Removes what is stored under a key.
pub(super) async fn remove(origin: &str, key: &str) {
    if let Some(cache) = cache() {
        let _ = JsFuture::from(cache.delete_with_str(&url(origin, key))).await;
    }
}

fn start_put(
    origin: &str,
    key: &str,
    stored: &StoredResponse,
    policy: &Policy,
    pinned: bool,
) -> Option<js_sys::Promise> {
    let StoredResponse { held, etag, body } = stored;
    let seconds = if pinned && !held.missing {
        MAX_AGE
    } else {
        (policy.retention() / 1_000).clamp(1, MAX_AGE)
    };
    let headers = Headers::new().ok()?;
    let set = |name: &str, value: &str| headers.set(name, value).ok();
    set("content-type", "application/json")?;
    set("cache-control", &format!("max-age={seconds}"))?;
    set(REVISION, &held.revision.to_string())?;
    set(CHECKED, &held.checked.to_string())?;
    if held.missing {
        set(MISSING, "1")?;
    }
    if !etag.is_empty() {
        set("etag", etag)?;
    }
    let init = ResponseInit::new();
    init.set_headers(&headers);
    let bytes = Uint8Array::from(body.as_slice());
    let response = Response::new_with_opt_js_u8_array_and_init(Some(&bytes), &init).ok()?;
    Some(cache()?.put_with_str(&url(origin, key), &response))
}

fn cache() -> Option<Cache> {
    let scope: WorkerGlobalScope = js_sys::global().unchecked_into();
    // `caches.default` is Cloudflare's own, so no binding has it.
    let caches: JsValue = scope.caches().ok()?.into();
    js_sys::Reflect::get(&caches, &"default".into())
        .ok()?
        .dyn_into()
        .ok()
}

/// A URL that only the cache sees: its host does not exist, and is the same whatever host a request came to, so that an
/// invalidation through one host name holds for all.
fn url(origin: &str, key: &str) -> String {
    let key = api::percent_encode(key);
    format!("https://{origin}.cuecard.invalid/{FORMAT}/{key}")
}
