//! What is not answered here goes to the origin; what it changes is seen here at once.

use std::rc::Rc;
use std::time::Duration;

use cuecard_freshness::Revision;
use cuecard_prompt::{Code, Error, Result, Slug};
use worker::Context;
use worker::web_sys::{Headers, Request, Response, ResponseInit};

use super::entry::Entry;
use super::item::Item;
use super::memory::Memory;
use super::tags::Tags;
use super::verdict::Verdict;
use super::{Site, internal, prompt_prefix, tier, verdict};
use crate::api::{self, Admission, Admitted, ApiRequest};
use crate::origin::{Failure, forward as send, request_like};
use crate::{clock, wire};

/// How long the origin may take until its answer begins.
const DEADLINE: Duration = Duration::from_secs(10);

/// The response headers that come from the API; no other one reaches the caller.
const HEADERS: [&str; 14] = [
    "allow",
    "cache-control",
    "content-type",
    "cuecard-request-id",
    "cuecard-revision",
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

/// Answers what needs no store here, and everything else from the origin.
pub(super) async fn forward(
    site: &Site,
    context: &Context,
    request: &Request,
    head: &ApiRequest,
) -> Result<Response> {
    let world = clock::world().map_err(internal)?;
    let admitted = match api::admit(head, &world.request_id) {
        Admission::Answered(answer) => {
            let answer =
                wire::send(answer).map_err(|e| Error::new(Code::Internal, e.to_string()))?;
            return Ok(answer.into());
        }
        Admission::Admitted(admitted) => admitted,
    };
    let organization = admitted.key.organization().as_str();
    let path = match &head.query {
        Some(query) => format!("{}?{query}", head.path),
        None => head.path.clone(),
    };
    let like = request_like(&site.origin.url(&path), request).map_err(internal)?;
    let answer = send(&site.origin, &site.env, organization, like, DEADLINE)
        .await
        .map_err(|failure| {
            Error::new(
                Code::OriginUnavailable,
                match failure {
                    Failure::Deadline => "the origin did not answer in time",
                    Failure::Unreachable | Failure::TooLarge => "the origin cannot be reached",
                },
            )
        })?;
    let (status, headers) = (answer.status(), clean(&answer)?);
    if (200..300).contains(&status) && !matches!(&*head.method, "GET" | "HEAD") {
        let revision = headers.get("cuecard-revision").ok().flatten();
        let authorization: Rc<str> = head.header("authorization").unwrap_or_default().into();
        let revision = revision.and_then(|text| text.parse().ok());
        wrote(
            site,
            context,
            &admitted,
            &authorization,
            revision,
            head.method == "DELETE",
        )
        .await;
    }
    let init = ResponseInit::new();
    init.set_status(status);
    init.set_headers(&headers);
    let body = answer.body();
    Response::new_with_opt_readable_stream_and_init(body.as_ref(), &init).map_err(internal)
}

/// The answer's headers, if it is an answer of the API.
fn clean(answer: &Response) -> Result<Headers> {
    let all = answer.headers();
    let of = |name: &str| all.get(name).ok().flatten();
    let media = of("content-type").unwrap_or_default();
    let media = media.split(';').next().unwrap_or_default().trim();
    let ours = match answer.status() {
        204 | 304 => true,
        300..400 => false,
        _ => matches!(media, "application/json" | "application/problem+json"),
    };
    if !ours {
        if let Some(body) = answer.body() {
            // Nobody waits for the cancellation, which only frees the connection.
            let _ = body.cancel();
        }
        return Err(if answer.status() >= 500 {
            Error::new(Code::OriginUnavailable, "the origin failed")
        } else {
            Error::new(
                Code::OriginBadResponse,
                "the origin's answer is not one of ours",
            )
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

/// After a change, nothing older than it is current at this location.
async fn wrote(
    site: &Site,
    context: &Context,
    admitted: &Admitted,
    authorization: &Rc<str>,
    revision: Option<Revision>,
    deletes: bool,
) {
    let organization = admitted.key.organization().as_str();
    let dropped = match Slug::parse(admitted.slug()) {
        Ok(slug) => {
            let question = Verdict::question(&admitted.key, authorization, site.config.keys);
            let Ok(verdict) = verdict(site, context, &question).await else {
                return;
            };
            changed(&verdict, &slug, deletes, revision.unwrap_or_default())
        }
        // Keys and projects: what is remembered of keys may be wrong.
        Err(_) => {
            let prefix = Verdict::prefix_of_all(organization);
            Memory::with(|memory| memory.forget_verdicts(&prefix))
        }
    };
    for key in dropped {
        tier::remove(&site.host, &key).await;
    }
}

/// Demands the new revision of a prompt's tags, and drops its versions where they may be gone. Returns the cache keys.
fn changed(verdict: &Verdict, slug: &Slug, deletes: bool, revision: Revision) -> Vec<Rc<str>> {
    let prefix = prompt_prefix(&verdict.organization, &verdict.project, slug);
    let mut project = verdict.shared.get();
    project.confirm(revision, clock::now());
    verdict.shared.set(project);
    Memory::with(|memory| {
        let mut keys = demand::<Entry>(memory, &prefix, deletes, revision);
        keys.extend(demand::<Tags>(memory, &prefix, deletes, revision));
        keys
    })
}

fn demand<T: Item>(
    memory: &mut Memory,
    prefix: &str,
    deletes: bool,
    revision: Revision,
) -> Vec<Rc<str>> {
    let shelf = T::shelf(memory);
    let keys: Vec<Rc<str>> = shelf
        .iter_mut()
        .filter(|(key, _)| key.starts_with(prefix))
        .map(|(key, slot)| {
            slot.record.require(revision);
            key.clone()
        })
        .collect();
    if deletes {
        for key in &keys {
            shelf.remove(key);
        }
    }
    keys
}
