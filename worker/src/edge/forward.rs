//! Forwards requests that are not answered here to the origin, and applies what they invalidate at once.

use std::pin::pin;
use std::rc::Rc;
use std::time::Duration;

use cuecard_freshness::EpochRevision;
use cuecard_prompt::{Code, Error, Result, Slug};
use cuecard_store::Key;
use futures_util::future::{Either, select};
use worker::Context;
use worker::web_sys::{Headers, Request, Response, ResponseInit};

use super::cacheable::Cacheable;
use super::classify::MISPLACED;
use super::context::{EdgeContext, internal};
use super::grant::{self, Grant};
use super::health::{is_doubted, is_down};
use super::invalidation::Removed;
use super::key::{key, prompt_prefix};
use super::prompt::{self, CachedPrompt};
use super::read_path::grant;
use super::stale_lists::{self, ListRead};
use super::tags::Tags;
use super::{cache_api, invalidation, revisions, run_settings};
use crate::api::{self, Admission, Admitted, ApiRequest, Invalidates, Operation, Routed};
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
        match admitted.invalidates() {
            Invalidates::Nothing => {}
            Invalidates::Keys => invalidate_grants(edge, &admitted.key).await,
            Invalidates::Runs => invalidate_run_settings(edge, &admitted.key).await,
            _ => {
                for change in ForwardedChange::all(&admitted, &headers) {
                    apply_change(edge, context, &admitted.key, head, &change).await;
                }
            }
        }
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

/// A change, as far as copies are concerned.
struct ForwardedChange {
    /// The prompts that changed.
    slugs: Vec<Slug>,
    /// The project's revision after it.
    revision: EpochRevision,
    /// The revision since which the project's version numbers have meant the same.
    versions_from: EpochRevision,
    /// The removed things: copies of them are dropped, so that they are not served again when the origin fails.
    removed: Removed,
}

impl ForwardedChange {
    /// A renamed prompt is removed from its old slug.
    fn all(admitted: &Admitted, headers: &Headers) -> Vec<Self> {
        let written = Self::of(admitted, headers);
        let may_rename = matches!(
            admitted.operation(),
            Operation::CommitVersion | Operation::UpdatePrompt | Operation::RestorePrompt
        );
        let to = headers.get("location").ok().flatten();
        let to = to.filter(|_| may_rename).and_then(|at| api::slug_of(&at));
        let to = to.filter(|to| *to != admitted.slug());
        let Some(to) = to.and_then(|to| Slug::parse(to).ok()) else {
            return vec![written];
        };
        let there = Self {
            slugs: vec![to],
            removed: Removed::Nothing,
            ..written
        };
        let removed = Self {
            removed: Removed::Prompt,
            ..written
        };
        vec![removed, there]
    }

    fn of(admitted: &Admitted, headers: &Headers) -> Self {
        let of = |name: &str| headers.get(name).ok().flatten();
        let revision = |name: &str| of(name).and_then(|text| text.parse().ok());
        let duplicates = admitted.operation() == Operation::DuplicatePrompt;
        // A duplicate is another prompt than the one in the path.
        let made = of("location").filter(|_| duplicates);
        let made = made.and_then(|location| api::slug_of(&location));
        let slugs = [Some(admitted.slug().to_owned()), made];
        let slugs = slugs.into_iter().flatten().map(Slug::parse);
        Self {
            slugs: slugs.filter_map(Result::ok).collect(),
            revision: revision("cuecard-revision").unwrap_or_default(),
            versions_from: revision("cuecard-bindings").unwrap_or_default(),
            removed: match admitted.invalidates() {
                Invalidates::PromptRemoved => Removed::Prompt,
                Invalidates::TagRemoved => Removed::Tag(admitted.name().to_owned()),
                Invalidates::VersionRemoved => Removed::Version(admitted.name().to_owned()),
                Invalidates::Nothing
                | Invalidates::Prompt
                | Invalidates::Keys
                | Invalidates::Runs => Removed::Nothing,
            },
        }
    }
}

/// After a change to keys or projects: the organisation's grants may be outdated.
async fn invalidate_grants(edge: &EdgeContext, key: &Key) {
    let everyone = Grant::prefix_of_all(key.organization().as_str());
    let dropped = grant::remove_all(&everyone);
    remove(edge, &dropped).await;
    invalidate_run_settings(edge, key).await;
}

/// After a change to the settings of runs.
async fn invalidate_run_settings(edge: &EdgeContext, key: &Key) {
    let organization = key.organization().as_str();
    let dropped = run_settings::remove_all(organization);
    remove(edge, &dropped).await;
}

/// After a change to prompts: no older copy is current at this location.
async fn apply_change(
    edge: &EdgeContext,
    context: &Context,
    key: &Key,
    head: &ApiRequest,
    change: &ForwardedChange,
) {
    // An import may bring a name from elsewhere.
    invalidate_run_settings(edge, key).await;
    let everyone = Grant::prefix_of_all(key.organization().as_str());
    let query = Grant::query(key, head, edge.config.keys);
    let Ok(grant) = grant(edge, context, &query).await else {
        return;
    };
    let mut dropped = invalidate(&grant, change);
    revisions::require(&grant.organization, change.revision);
    if change.versions_from == change.revision {
        // A slug or number changed its meaning. Other projects of the organisation learn of it with their grants.
        let (policy, now) = (edge.config.keys, clock::now());
        let invalidated = grant::invalidate_all(&everyone, &policy, now);
        dropped.extend(invalidated);
        invalidation::publish_names(edge, &grant.organization, change.versions_from).await;
    }
    if change.versions_from == change.revision || change.removed != Removed::Nothing {
        stale_lists::end(edge, &grant.organization, change.revision).await;
    }
    remove(edge, &dropped).await;
    for slug in &change.slugs {
        invalidation::publish(edge, &grant, slug, change.revision, &change.removed).await;
    }
}

async fn remove(edge: &EdgeContext, keys: &[Rc<str>]) {
    for key in keys {
        cache_api::remove(&edge.cache, key).await;
    }
}

/// Requires the new revision of the prompts' tags and of confirmed absences. Returns the cache keys of entries in the
/// Cache API that may be outdated.
fn invalidate(grant: &Grant, change: &ForwardedChange) -> Vec<Rc<str>> {
    let mut project = grant.project_state.get();
    project.confirm(change.revision, clock::now());
    project.invalidate_versions(change.versions_from);
    grant.project_state.set(project);
    let prefix = |slug| prompt_prefix(&grant.organization, &grant.project, slug);
    let prefixes: Vec<String> = change.slugs.iter().map(prefix).collect();
    let mut dropped = require_revision::<CachedPrompt>(&prefixes, change);
    dropped.extend(require_revision::<Tags>(&prefixes, change));
    dropped
}

fn require_revision<T: Cacheable>(prefixes: &[String], change: &ForwardedChange) -> Vec<Rc<str>> {
    T::with_cache(|cache| {
        let entries = cache.iter_mut();
        let of_these = entries.filter(|(key, _)| prefixes.iter().any(|one| key.starts_with(one)));
        let dropped: Vec<Rc<str>> = of_these
            .filter(|(key, entry)| {
                let of_version = |version: &String| {
                    let end = self::key(&[version]);
                    prefixes
                        .iter()
                        .any(|one| key.strip_prefix(&**one) == Some(&*end))
                };
                match &change.removed {
                    Removed::Prompt => true,
                    Removed::Version(version) => !entry.record.is_pinned() || of_version(version),
                    Removed::Tag(_) | Removed::Nothing => !entry.record.is_pinned(),
                }
            })
            .map(|(key, entry)| {
                entry.record.require(change.revision);
                key.clone()
            })
            .collect();
        if change.removed != Removed::Nothing {
            for key in &dropped {
                cache.remove(key);
            }
        }
        dropped
    })
}
