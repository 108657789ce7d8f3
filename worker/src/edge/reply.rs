//! Responses to readers.

use std::cell::{OnceCell, RefCell};
use std::rc::Rc;

use cuecard_freshness::Millis;
use cuecard_prompt::{Error, Provider, Result};
use wasm_bindgen::{JsCast, JsValue};
use worker::web_sys::{Headers, Response, ResponseInit};

use super::cache_status::CacheStatus;
use super::cacheable::Cacheable;
use super::context::internal;
use super::cors::Allowed;
use super::prompt::{CachedPrompt, HeaderStamp, ReadyHeaders};
use super::result::FoundCopy;
use crate::api::{self, ApiRequest, ApiResponse};
use crate::{clock, wire};

/// A prompt as the origin wrote it, or 304 where the reader has it already. `bare`: without its body.
pub(super) fn found(
    found: &FoundCopy<CachedPrompt>,
    if_none_match: Option<&str>,
    bare: bool,
    allowed: Allowed<'_>,
) -> Result<Response> {
    let entry = &*found.copy;
    let known = if_none_match
        .is_some_and(|known| api::none_match_names(known, entry.etag().trim_matches('"')));
    let fill = |headers: &Headers| {
        headers.set("etag", entry.etag())?;
        headers.set("cache-control", "private, no-cache")
    };
    let build = || {
        let ready = ready(&entry.ready, found, allowed, fill)?;
        if known {
            return Response::new_with_opt_str_and_init(None, not_modified(&ready)?);
        }
        let body = (!bare).then_some(&entry.body);
        Response::new_with_opt_js_u8_array_and_init(body, &ready.init)
    };
    build().map_err(internal)
}

/// A rendered prompt, or the request body of a model API.
pub(super) fn rendered(
    found: &FoundCopy<CachedPrompt>,
    api: Option<Provider>,
    request: &api::RenderRequest,
    work: Option<u64>,
    allowed: Allowed<'_>,
) -> Result<Response> {
    let entry = &*found.copy;
    let body = entry.rendered(request, api, work)?;
    let fill = |headers: &Headers| headers.set("cache-control", "private, no-store");
    let build = || {
        let ready = ready(&entry.ready_rendered, found, allowed, fill)?;
        // As text: the platform takes longer to make a new buffer of bytes.
        Response::new_with_opt_str_and_init(Some(&body), &ready.init)
    };
    build().map_err(internal)
}

/// A copy as plain data, with its headers.
pub(super) fn plain(found: &FoundCopy<CachedPrompt>, body: Vec<u8>) -> ApiResponse {
    let answer = ApiResponse {
        status: 200,
        headers: vec![
            ("cuecard-revision", found.revision.to_string()),
            ("etag", found.copy.etag().to_owned()),
        ],
        body,
        fault: None,
    };
    with_cache_status(answer, found.cache_status)
}

/// The answer with `Age` and `Cache-Status`.
pub(super) fn with_cache_status(mut answer: ApiResponse, cache_status: CacheStatus) -> ApiResponse {
    let age = cache_status.age_in_seconds().to_string();
    let status = cache_status.to_string();
    answer
        .headers
        .extend([("age", age), ("cache-status", status)]);
    answer
}

/// The headers of an answer from a copy. They stay the same for a second, so most hits share them: the platform copies
/// them when it makes a response.
fn ready(
    kept: &RefCell<Option<Rc<ReadyHeaders>>>,
    found: &FoundCopy<CachedPrompt>,
    allowed: Allowed<'_>,
    fill: impl FnOnce(&Headers) -> std::result::Result<(), JsValue>,
) -> std::result::Result<Rc<ReadyHeaders>, JsValue> {
    let stamp = HeaderStamp {
        revision: found.revision,
        cache_status: found.cache_status.to_the_second(),
    };
    let mut kept = kept.borrow_mut();
    let shared = allowed == Allowed::NoMatter;
    if let Some(ready) = kept.as_ref().filter(|ready| shared && ready.stamp == stamp) {
        return Ok(ready.clone());
    }
    let headers = Headers::new()?;
    headers.set("content-type", "application/json")?;
    headers.set("cuecard-revision", &found.revision.to_string())?;
    headers.set("x-content-type-options", "nosniff")?;
    set_cache_status(&headers, found.cache_status)?;
    allowed.apply(&headers)?;
    fill(&headers)?;
    let mut init = ResponseInit::new();
    init.set_headers(&headers);
    if shared {
        init = shareable(&init)?;
    }
    let ready = Rc::new(ReadyHeaders {
        stamp,
        init,
        not_modified: OnceCell::new(),
    });
    if shared {
        *kept = Some(ready.clone());
    }
    Ok(ready)
}

/// The init of a response without a body, for a reader that has it.
fn not_modified(ready: &ReadyHeaders) -> std::result::Result<&ResponseInit, JsValue> {
    if let Some(init) = ready.not_modified.get() {
        return Ok(init);
    }
    let init = ResponseInit::new();
    init.set_status(304);
    init.set_headers(&ready.init.get_headers());
    let init = shareable(&init)?;
    Ok(ready.not_modified.get_or_init(|| init))
}

/// A response that serves as the init of others: the platform then reads its parts without a call for each.
fn shareable(init: &ResponseInit) -> std::result::Result<ResponseInit, JsValue> {
    Response::new_with_opt_str_and_init(None, init).map(JsCast::unchecked_into)
}

/// The response where there is no such prompt.
pub(super) fn missing(
    error: &Error,
    cache_status: CacheStatus,
    head: &ApiRequest,
    allowed: Allowed<'_>,
) -> Result<Response> {
    finish(refusal(error, head)?, Some(cache_status), allowed, |_| {
        Ok(())
    })
}

/// The response when neither the origin nor a copy answers.
pub(super) fn unavailable(
    error: &Error,
    retry_after: Millis,
    head: &ApiRequest,
    allowed: Allowed<'_>,
) -> Result<Response> {
    finish(refusal(error, head)?, None, allowed, |headers| {
        if error.code().status() == 503 {
            headers.set(
                "retry-after",
                &retry_after.div_ceil(1_000).max(1).to_string(),
            )?;
        }
        headers.set("cache-status", "cuecard; fwd=miss")
    })
}

/// A problem document for a reader whose grant is known.
pub(super) fn refused(error: &Error, head: &ApiRequest, allowed: Allowed<'_>) -> Result<Response> {
    finish(refusal(error, head)?, None, allowed, |headers| {
        if error.code().status() == 503 {
            headers.set("retry-after", "1")?;
        }
        Ok(())
    })
}

/// A problem document for any caller.
pub(super) fn problem(error: &Error, head: &ApiRequest) -> worker::Result<Response> {
    refused(error, head, Allowed::NoMatter).map_err(|e| worker::Error::RustError(e.to_string()))
}

/// The response to OPTIONS on a path that has no route for it.
pub(super) fn no_route(head: &ApiRequest) -> worker::Result<Response> {
    match api::admit(head, api::route(head), &clock::request_id()?) {
        api::Admission::Answered(answer) => Ok(wire::send(answer)?.into()),
        api::Admission::Admitted(_) => worker::Response::empty().map(Into::into),
    }
}

fn refusal(error: &Error, head: &ApiRequest) -> Result<ApiResponse> {
    Ok(api::refuse(error, head, &request_id()?))
}

fn request_id() -> Result<String> {
    clock::request_id().map_err(internal)
}

fn finish(
    answer: ApiResponse,
    cache_status: Option<CacheStatus>,
    allowed: Allowed<'_>,
    more: impl FnOnce(&Headers) -> std::result::Result<(), JsValue>,
) -> Result<Response> {
    let build = || {
        let response: Response = wire::send(answer)
            .map_err(|e| JsValue::from_str(&e.to_string()))?
            .into();
        let headers = response.headers();
        if let Some(status) = cache_status {
            set_cache_status(&headers, status)?;
        }
        allowed.apply(&headers)?;
        more(&headers)?;
        Ok(response)
    };
    build().map_err(internal)
}

/// Sets `Age` (RFC 9111 §5.1) and `Cache-Status`.
pub(super) fn set_cache_status(
    headers: &Headers,
    status: CacheStatus,
) -> std::result::Result<(), JsValue> {
    headers.set("age", &status.age_in_seconds().to_string())?;
    headers.set("cache-status", &status.to_string())
}
