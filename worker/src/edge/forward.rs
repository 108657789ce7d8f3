//! Forwards requests that are not answered here to the origin.

use std::pin::pin;
use std::time::Duration;

use cuecard_prompt::{Code, Error, Result};
use futures_util::future::{Either, select};
use worker::Context;
use worker::web_sys::{Headers, Request, Response, ResponseInit};

use super::classify::MISPLACED;
use super::context::{EdgeContext, internal};
use super::health::{is_doubted, is_down};
use super::stale_lists::{self, ListRead};
use super::{change, prompt};
use crate::api::{self, Admission, ApiRequest, Routed};
use crate::origin::{ExchangeFailure, forward as send, read, repeat_misplaced, request_like};
use crate::{clock, wire};

/// The deadline for the start of the origin's answer.
const DEADLINE: Duration = Duration::from_secs(10);
/// The wait for a list that has a copy.
const PATIENCE: Duration = Duration::from_millis(1_500);
/// The same after another wait was in vain.
const PATIENCE_IN_DOUBT: Duration = Duration::from_millis(100);

/// The response headers of the API; no others reach the caller.
const HEADERS: [&str; 16] = [
    "allow",
    "cache-control",
    "content-type",
    "cuecard-bindings",
    "cuecard-request-id",
    "cuecard-revision",
    "cuecard-store",
    "etag",
    "idempotency-replayed",
    "last-modified",
    "link",
    "location",
    "retry-after",
    "www-authenticate",
    "x-content-type-options",
    "content-disposition",
];

/// Answers requests that need no store, and forwards everything else to the origin.
pub(super) async fn forward(
    edge: &EdgeContext,
    context: &Context,
    request: &Request,
    head: &ApiRequest,
    routed: Routed,
) -> Result<Response> {
    let world = clock::world().map_err(internal)?;
    let admitted = match api::admit(head, routed, &world.request_id) {
        Admission::Answered(answer) => {
            let answer =
                wire::send(answer).map_err(|e| Error::new(Code::Internal, e.to_string()))?;
            return Ok(answer.into());
        }
        Admission::Admitted(admitted) => admitted,
    };
    let organization = admitted.key.organization().as_str();
    let path = match &head.query {
        Some(query) => format!("{}?{query}", admitted.path()),
        None => admitted.path(),
    };
    let list = ListRead::of(edge, &admitted, head, &path);
    if let Some(list) = list
        .as_ref()
        .filter(|_| is_down(&edge.origin, organization))
        && let Some(copy) = list.get(edge, context).await?
    {
        return Ok(copy);
    }
    let mut sending = pin!(send_on(edge, organization, &path, request));
    let sent = match &list {
        None => sending.await,
        Some(list) => {
            let in_doubt = is_doubted(&edge.origin, organization)
                || head.header("cache-control") == Some("max-stale");
            let patience = if in_doubt {
                PATIENCE_IN_DOUBT
            } else {
                PATIENCE
            };
            match select(sending.as_mut(), pin!(list.wait(edge, context, patience))).await {
                Either::Left((sent, _)) => sent,
                Either::Right(_) => match list.get(edge, context).await? {
                    Some(copy) => return Ok(copy),
                    None => sending.await,
                },
            }
        }
    };
    let sent = sent.and_then(|answer| {
        let headers = clean(&answer)?;
        Ok((answer, headers))
    });
    if let Some(list) = list.as_ref().filter(|_| stale_lists::failed(&sent))
        && let Some(copy) = list.get(edge, context).await?
    {
        return Ok(copy);
    }
    let (answer, headers) = sent?;
    if let Some(least) = admitted.route().counts_for() {
        pass_length(&answer, &headers, least)?;
    }
    let status = answer.status();
    if let Some(list) = list.filter(|_| status == 200) {
        list.keep(edge, context, &headers, &answer).await;
    }
    if (200..300).contains(&status) {
        change::apply(edge, context, head, &admitted, &headers).await;
    }
    let init = ResponseInit::new();
    init.set_status(status);
    init.set_headers(&headers);
    let body = answer.body();
    Response::new_with_opt_readable_stream_and_init(body.as_ref(), &init).map_err(internal)
}

/// Sends a request to the origin, and a read again where the answer is another's.
async fn send_on(
    edge: &EdgeContext,
    organization: &str,
    path: &str,
    request: &Request,
) -> Result<Response> {
    let url = edge.origin.url(path);
    let url = &url;
    let send = |again: bool| async move {
        let like = request_like(url, request).and_then(|like| match again {
            true => like.unconditional(),
            false => Ok(like),
        });
        let like = like.map_err(|_| ExchangeFailure::Unreachable)?;
        send(&edge.origin, &edge.env, organization, like, DEADLINE).await
    };
    let sent = match request.method().as_str() {
        "GET" => repeat_misplaced(send).await,
        _ => send(false).await,
    };
    sent.map_err(|failure| {
        let (code, detail) = match failure {
            ExchangeFailure::Unwritable => {
                (Code::StoreUnwritable, "the store's disk is full or fails")
            }
            ExchangeFailure::Misplaced => (Code::OriginBadResponse, MISPLACED),
            ExchangeFailure::Deadline => {
                (Code::OriginUnavailable, "the origin did not answer in time")
            }
            ExchangeFailure::Unreachable | ExchangeFailure::Broken | ExchangeFailure::TooLarge => {
                (Code::OriginUnavailable, "the origin cannot be reached")
            }
        };
        Error::new(code, detail)
    })
}

/// The most bytes of a snapshot that gets plans: it is held as a whole for them, and each of its prompts is compiled.
const MAX_PLANNED: usize = 4 << 20;

/// A snapshot on its way to readers, with plans; unchanged where it is too long for them.
pub(super) async fn planned_snapshot(answer: Response) -> Result<Response> {
    let copy = answer.clone().map_err(internal)?;
    let body = read(&copy, MAX_PLANNED).await.ok();
    let Some(mut body) = body.and_then(|body| prompt::snapshot_with_plans(&body)) else {
        return Ok(answer);
    };
    if let Some(body) = answer.body() {
        // Best effort: the cancellation only frees memory.
        let _ = body.cancel();
    }
    let init = ResponseInit::new();
    init.set_status(answer.status());
    init.set_headers(&answer.headers());
    Response::new_with_opt_u8_array_and_init(Some(&mut body), &init).map_err(internal)
}

/// Passes on the length of the answer; another Cuecard's has it in `Content-Length`.
fn pass_length(answer: &Response, headers: &Headers, least: u64) -> Result<()> {
    let of = |name: &str| answer.headers().get(name).ok().flatten();
    let said = of(wire::LENGTH).or_else(|| of("content-length"));
    let length = said.and_then(|text| text.parse().ok()).unwrap_or(0);
    headers
        .set(wire::LENGTH, &least.max(length).to_string())
        .map_err(internal)
}

/// The answer's headers, if it is an answer of the API.
fn clean(answer: &Response) -> Result<Headers> {
    let all = answer.headers();
    let of = |name: &str| all.get(name).ok().flatten();
    let media = of("content-type").unwrap_or_default();
    let media = media.split(';').next().unwrap_or_default().trim();
    let is_of_api = match answer.status() {
        204 | 304 => true,
        300..400 => false,
        _ => matches!(media, "application/json" | "application/problem+json"),
    };
    if !is_of_api {
        if let Some(body) = answer.body() {
            // Best effort: the cancellation only frees the connection.
            let _ = body.cancel();
        }
        return Err(match answer.status() {
            429 | 500.. => Error::new(Code::OriginUnavailable, "the origin failed"),
            401 | 403 => Error::new(Code::OriginAuth, "the origin refused the request"),
            _ => Error::new(
                Code::OriginBadResponse,
                "the origin's answer is not one of Cuecard's",
            ),
        });
    }
    let headers = Headers::new().map_err(internal)?;
    for name in HEADERS {
        if let Some(value) = of(name) {
            headers.set(name, &value).map_err(internal)?;
        }
    }
    Ok(headers)
}
