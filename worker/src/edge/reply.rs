//! Answers to readers.

use std::cell::RefCell;

use cuecard_freshness::Millis;
use cuecard_prompt::{Error, Provider, Result};
use wasm_bindgen::{JsCast, JsValue};
use worker::web_sys::{Headers, Response, ResponseInit};

use super::answer::{Found, How, Source};
use super::cors::Allowed;
use super::entry::{Entry, Ready, Stamp};
use super::item::Item;
use super::site::internal;
use crate::api::{self, ApiRequest, ApiResponse};
use crate::{clock, wire};

/// A prompt, as the origin wrote it, or that the reader has it already. `bare`: without its body.
pub(super) fn found(
    found: &Found<Entry>,
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
            let init = ResponseInit::new();
            init.set_status(304);
            init.set_headers(&ready.headers);
            return Response::new_with_opt_str_and_init(None, &init);
        }
        let body = (!bare).then_some(&entry.body);
        Response::new_with_opt_js_u8_array_and_init(body, &ready.init)
    };
    build().map_err(internal)
}

/// A rendered prompt, or the request body of a model API.
pub(super) fn rendered(
    found: &Found<Entry>,
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
        // A text: for the platform to make a new buffer of bytes takes longer.
        Response::new_with_opt_str_and_init(Some(&body), &ready.init)
    };
    build().map_err(internal)
}

/// A copy as plain data, with what it says of itself.
pub(super) fn plain(found: &Found<Entry>, body: Vec<u8>) -> ApiResponse {
    let answer = ApiResponse {
        status: 200,
        headers: vec![
            ("cuecard-revision", found.revision.to_string()),
            ("etag", found.copy.etag().to_owned()),
        ],
        body,
        fault: None,
    };
    with_source(answer, found.source)
}

/// The answer with `Age` and `Cache-Status`.
pub(super) fn with_source(mut answer: ApiResponse, source: Source) -> ApiResponse {
    let age = (source.age / 1_000).to_string();
    let status = cache_status(source);
    answer
        .headers
        .extend([("age", age), ("cache-status", status)]);
    answer
}

/// The headers of an answer from a copy. They stay the same for a second, so most hits share them: the platform copies them
/// when it makes a response.
fn ready(
    kept: &RefCell<Option<Ready>>,
    found: &Found<Entry>,
    allowed: Allowed<'_>,
    fill: impl FnOnce(&Headers) -> std::result::Result<(), JsValue>,
) -> std::result::Result<Ready, JsValue> {
    let stamp = Stamp {
        revision: found.revision,
        source: found.source.to_the_second(),
    };
    let mut kept = kept.borrow_mut();
    let shared = allowed == Allowed::NoMatter;
    if let Some(ready) = kept.as_ref().filter(|ready| shared && ready.stamp == stamp) {
        return Ok(ready.clone());
    }
    let mut headers = Headers::new()?;
    headers.set("content-type", "application/json")?;
    headers.set("cuecard-revision", &found.revision.to_string())?;
    headers.set("x-content-type-options", "nosniff")?;
    self::stamp(&headers, found.source)?;
    allowed.apply(&headers)?;
    fill(&headers)?;
    let mut init = ResponseInit::new();
    init.set_headers(&headers);
    if shared {
        // A response can be what others are made after: the platform knows its parts, and need not ask for each.
        let first = Response::new_with_opt_str_and_init(None, &init)?;
        headers = first.headers();
        init = first.unchecked_into();
    }
    let ready = Ready {
        stamp,
        headers,
        init,
    };
    if shared {
        *kept = Some(ready.clone());
    }
    Ok(ready)
}

/// There is no such prompt.
pub(super) fn missing(
    error: &Error,
    source: Source,
    head: &ApiRequest,
    allowed: Allowed<'_>,
) -> Result<Response> {
    finish(refusal(error, head)?, Some(source), allowed, |_| Ok(()))
}

/// Neither the origin nor a copy.
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

/// A problem of a reader whose key is known.
pub(super) fn refused(error: &Error, head: &ApiRequest, allowed: Allowed<'_>) -> Result<Response> {
    finish(refusal(error, head)?, None, allowed, |headers| {
        if error.code().status() == 503 {
            headers.set("retry-after", "1")?;
        }
        Ok(())
    })
}

/// A problem of anyone.
pub(super) fn problem(error: &Error, head: &ApiRequest) -> worker::Result<Response> {
    refused(error, head, Allowed::NoMatter).map_err(|e| worker::Error::RustError(e.to_string()))
}

/// That a path has no route for OPTIONS.
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
    source: Option<Source>,
    allowed: Allowed<'_>,
    more: impl FnOnce(&Headers) -> std::result::Result<(), JsValue>,
) -> Result<Response> {
    let build = || {
        let response: Response = wire::send(answer)
            .map_err(|e| JsValue::from_str(&e.to_string()))?
            .into();
        let headers = response.headers();
        if let Some(source) = source {
            stamp(&headers, source)?;
        }
        allowed.apply(&headers)?;
        more(&headers)?;
        Ok(response)
    };
    build().map_err(internal)
}

/// `Age` (RFC 9111 §5.1) and `Cache-Status` (RFC 9211).
pub(super) fn stamp(headers: &Headers, source: Source) -> std::result::Result<(), JsValue> {
    headers.set("age", &(source.age / 1_000).to_string())?;
    headers.set("cache-status", &cache_status(source))
}

pub(super) fn cache_status(Source { age, fresh, how }: Source) -> String {
    let ttl = fresh.map_or(31_536_000, |fresh| seconds(fresh) - seconds(age));
    let stale = fresh.is_some_and(|fresh| age >= fresh);
    match how {
        How::Hit if stale => format!(
            "cuecard; hit; ttl={}; detail=stale-while-revalidate",
            ttl.min(0)
        ),
        How::Hit => format!("cuecard; hit; ttl={ttl}"),
        How::Failing if stale => format!("cuecard; hit; ttl={}; detail=stale-if-error", ttl.min(0)),
        How::Failing => format!("cuecard; hit; ttl={ttl}; detail=origin-failing"),
        How::Forwarded { status, stale } => {
            let why = if stale { "stale" } else { "miss" };
            let stored = if status == 304 { "" } else { "; stored" };
            format!("cuecard; fwd={why}; fwd-status={status}{stored}")
        }
        How::Collapsed => "cuecard; fwd=miss; collapsed".to_owned(),
    }
}

fn seconds(span: Millis) -> i64 {
    i64::try_from(span / 1_000).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cache_status_says_where_an_answer_came_from() {
        let status = |age, fresh, how| cache_status(Source { age, fresh, how });
        let (fresh, version) = (Some(5_000), None);
        for (seen, expected) in [
            (status(1_200, fresh, How::Hit), "cuecard; hit; ttl=4"),
            (
                status(7_900, fresh, How::Hit),
                "cuecard; hit; ttl=-2; detail=stale-while-revalidate",
            ),
            (
                status(5_100, fresh, How::Hit),
                "cuecard; hit; ttl=0; detail=stale-while-revalidate",
            ),
            (
                status(90_000, fresh, How::Failing),
                "cuecard; hit; ttl=-85; detail=stale-if-error",
            ),
            (
                status(90_000, version, How::Hit),
                "cuecard; hit; ttl=31536000",
            ),
            (
                status(
                    0,
                    fresh,
                    How::Forwarded {
                        status: 200,
                        stale: false,
                    },
                ),
                "cuecard; fwd=miss; fwd-status=200; stored",
            ),
            (
                status(
                    0,
                    fresh,
                    How::Forwarded {
                        status: 304,
                        stale: true,
                    },
                ),
                "cuecard; fwd=stale; fwd-status=304",
            ),
            (
                status(0, fresh, How::Collapsed),
                "cuecard; fwd=miss; collapsed",
            ),
        ] {
            assert_eq!(seen, expected);
        }
    }
}
