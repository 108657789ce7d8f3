//! The request to the origin, and the classification of its answer before it may replace a copy.

use std::cell::Cell;
use std::rc::Rc;
use std::time::Duration;

use cuecard_freshness::{EpochRevision, Millis, Outcome};
use cuecard_prompt::{Code, Error, Problem};

use super::cacheable::{CacheQuery, Cacheable};
use super::context::EdgeContext;
use super::health::Down;
use super::memory::{Memory, invalidate_versions};
use crate::clock;
use crate::origin::{ExchangeFailure, OriginResponse, exchange, repeat_misplaced, request};

/// The deadline of a read at the origin, first byte to last.
const DEADLINE: Duration = Duration::from_millis(1_500);
/// A burst: that many more requests waiting for one answer within a tenth of a second.
const BURST: u32 = 50;
/// The longest answer that is read.
const MAX_BYTES: usize = 2 << 20;

/// What is told of answers to other requests.
pub(super) const MISPLACED: &str = "the origin's answers are those to other requests";

/// A classified answer.
pub(super) struct Classified<T> {
    pub(super) outcome: Outcome,
    pub(super) status: u16,
    pub(super) copy: Option<Rc<T>>,
    pub(super) error: Option<Rc<Error>>,
    /// Its meaning for the origin's health.
    pub(super) down: Option<Down>,
}

impl<T> Classified<T> {
    pub(super) fn failed(code: Code, detail: &str) -> Self {
        Self {
            outcome: Outcome::Failed { retry_after: None },
            status: 0,
            copy: None,
            error: Some(Rc::new(Error::new(code, detail))),
            down: None,
        }
    }

    fn down(code: Code, detail: &str) -> Self {
        Self {
            down: Some(Down::Origin),
            ..Self::failed(code, detail)
        }
    }
}

/// Sends the request and classifies the answer. A 304 about another copy than the stored one is asked again
/// unconditionally.
pub(super) async fn classify<T: Cacheable>(
    edge: &EdgeContext,
    query: &CacheQuery<T>,
    before: Option<&T>,
) -> Classified<T> {
    let known = before.map(Cacheable::etag).filter(|etag| !etag.is_empty());
    let condition = Cell::new(known);
    let reply = repeat_misplaced(|again| {
        if again {
            condition.set(None);
        }
        send(edge, query, condition.get())
    });
    let (reply, etag) = (reply.await, condition.get());
    let is_of_another_copy = |reply: &OriginResponse| {
        let named = reply.header("etag");
        reply.status == 304 && (etag.is_none() || named.is_some_and(|named| Some(&*named) != etag))
    };
    match &reply {
        Ok(reply) if is_of_another_copy(reply) => {
            classify_reply(query, send(edge, query, None).await, before, false)
        }
        _ => classify_reply(query, reply, before, etag.is_some()),
    }
}

async fn send<T: Cacheable>(
    edge: &EdgeContext,
    query: &CacheQuery<T>,
    etag: Option<&str>,
) -> Result<OriginResponse, ExchangeFailure> {
    let mut headers = vec![
        ("accept", "application/json"),
        ("authorization", &*query.authorization),
        ("cuecard-via", "edge"),
    ];
    if let Some(etag) = etag {
        headers.push(("if-none-match", etag));
    }
    let url = edge.origin.url(&query.path);
    let request = request(&url, &headers).map_err(|_| ExchangeFailure::Unreachable)?;
    let mut before = 0;
    let is_burst = || {
        let waiting = query.with_entry(|entry, _| entry.waiting);
        let more = waiting.saturating_sub(before);
        before = waiting;
        more >= BURST
    };
    exchange(
        &edge.origin,
        &edge.env,
        &query.organization,
        request,
        DEADLINE,
        MAX_BYTES,
        is_burst,
    )
    .await
}

fn classify_reply<T: Cacheable>(
    query: &CacheQuery<T>,
    reply: Result<OriginResponse, ExchangeFailure>,
    before: Option<&T>,
    conditional: bool,
) -> Classified<T> {
    let reply = match reply {
        Ok(reply) => reply,
        Err(ExchangeFailure::Unreachable | ExchangeFailure::Unwritable) => {
            return Classified::down(Code::OriginUnavailable, "the origin cannot be reached");
        }
        Err(ExchangeFailure::Deadline) => {
            return Classified {
                down: Some(Down::Silence),
                ..Classified::failed(Code::OriginUnavailable, "the origin did not answer in time")
            };
        }
        Err(ExchangeFailure::Broken) => {
            return Classified::down(Code::OriginBadResponse, "the origin's answer was cut off");
        }
        Err(ExchangeFailure::TooLarge) => {
            return Classified::failed(Code::OriginBadResponse, "the origin's answer is too long");
        }
        Err(ExchangeFailure::Misplaced) => {
            return Classified::failed(Code::OriginBadResponse, MISPLACED);
        }
    };
    if is_of_another_store(&query.organization, &reply) {
        let detail = "the origin's store is another one than before; raise EPOCH to accept it";
        return Classified::failed(Code::OriginBadResponse, detail);
    }
    let classified = match reply.status {
        200 => classify_full(query, &reply, before),
        304 if conditional => match before
            .and_then(T::own_revision)
            .or_else(|| revision::<T>(&reply))
        {
            Some(revision) => Classified {
                outcome: Outcome::NotModified { revision },
                error: None,
                ..Classified::failed(Code::Internal, "")
            },
            None => Classified::failed(
                Code::OriginBadResponse,
                "the origin's answer has no revision",
            ),
        },
        401 | 403 | 404 | 410 => classify_refusal(query, &reply),
        429 | 500..=599 => Classified {
            outcome: Outcome::Failed {
                retry_after: retry_after(&reply),
            },
            down: Some(if reply.status == 429 || problem(&reply).is_some() {
                Down::Store
            } else {
                Down::Origin
            }),
            ..Classified::failed(Code::OriginUnavailable, "the origin failed")
        },
        _ => Classified::failed(
            Code::OriginBadResponse,
            "the origin's answer has an unexpected status",
        ),
    };
    if let Some(revision) = classified.outcome.revision() {
        keep_store(&query.organization, &reply);
        if let Some(from) = versions_from(&reply, revision) {
            invalidate_versions(&query.project, from);
        }
    }
    Classified {
        status: reply.status,
        ..classified
    }
}

/// Whether another store answers than the one whose copies are here, for example an empty one: keys and prompts that it
/// does not know are not removed.
fn is_of_another_store(organization: &str, reply: &OriginResponse) -> bool {
    let (identity, epoch) = store_of(reply);
    Memory::with(|memory| !memory.knows_store(organization, identity.as_deref(), epoch))
}

/// Remembers the store of an answer that was taken.
fn keep_store(organization: &str, reply: &OriginResponse) {
    if let (Some(identity), epoch) = store_of(reply) {
        Memory::with(|memory| memory.keep_store(organization, &identity, epoch));
    }
}

/// The identity of the store that answers, and its epoch.
fn store_of(reply: &OriginResponse) -> (Option<String>, u64) {
    let identity = reply.header("cuecard-store");
    let epoch = stamp(reply).unwrap_or_default().epoch;
    (identity.filter(|identity| identity.len() <= 64), epoch)
}

fn classify_full<T: Cacheable>(
    query: &CacheQuery<T>,
    reply: &OriginResponse,
    before: Option<&T>,
) -> Classified<T> {
    let bad = |detail: &str| Classified::failed(Code::OriginBadResponse, detail);
    if !reply.is("application/json") {
        return bad("the origin's answer is not JSON");
    }
    let Some(stamped) = revision::<T>(reply) else {
        return bad("the origin's answer has no revision");
    };
    let etag = reply.header("etag").unwrap_or_default();
    let classified = T::read(reply.body.clone(), &etag, &query.expected)
        .and_then(|copy| may_replace(query, copy, before));
    match classified {
        Ok(copy) => {
            if let Some(revision) = stamp(reply) {
                copy.note_revision(revision);
            }
            let revision = copy.own_revision().unwrap_or(stamped);
            Classified {
                outcome: Outcome::Modified { revision },
                copy: Some(Rc::new(copy)),
                error: None,
                ..bad("")
            }
        }
        Err(error) => bad(error.detail()),
    }
}

/// While the stored copy may be served, only a usable one may replace it.
fn may_replace<T: Cacheable>(
    query: &CacheQuery<T>,
    copy: T,
    before: Option<&T>,
) -> cuecard_prompt::Result<T> {
    let serves = query.with_entry(|entry, project| {
        let record = &entry.record;
        record.serves_on_error(project, &query.policy, clock::now())
    });
    if let Some(before) = before.filter(|_| serves) {
        copy.may_replace(before)?;
    }
    Ok(copy)
}

/// Only a problem document of Cuecard counts: a proxy's page is a failure, whatever its status.
fn classify_refusal<T: Cacheable>(query: &CacheQuery<T>, reply: &OriginResponse) -> Classified<T> {
    let Some(problem) = problem(reply) else {
        return match reply.status {
            401 | 403 => Classified::failed(Code::OriginAuth, "the origin refused the request"),
            _ => Classified::failed(
                Code::OriginBadResponse,
                "the origin's answer is not one of Cuecard's",
            ),
        };
    };
    let error = Error::new(problem.code, problem.detail);
    if T::means_missing(error.code()) {
        let known = query.project.get().revision();
        let held = query.with_entry(|entry, _| entry.record.held().map(|held| held.revision));
        let told = revision::<T>(reply).filter(|_| T::HAS_REVISION);
        let revision = told.or(known.max(held)).unwrap_or_default();
        Classified {
            outcome: Outcome::Missing { revision },
            error: Some(Rc::new(error)),
            ..Classified::failed(Code::Internal, "")
        }
    } else {
        Classified::failed(error.code(), error.detail())
    }
}

/// The problem document, if it is one of Cuecard's and not of a proxy before it.
fn problem(reply: &OriginResponse) -> Option<Problem> {
    Some(&reply.body)
        .filter(|_| reply.is("application/problem+json"))
        .and_then(|body| serde_json::from_slice::<Problem>(body).ok())
        .filter(|problem| problem.status == reply.status || reply.status == 410)
}

/// The project's revision at which an answer was made. Grants and settings have none: they are not the project's
/// content.
fn revision<T: Cacheable>(reply: &OriginResponse) -> Option<EpochRevision> {
    if T::HAS_REVISION {
        stamp(reply)
    } else {
        Some(EpochRevision::default())
    }
}

fn stamp(reply: &OriginResponse) -> Option<EpochRevision> {
    reply.header("cuecard-revision")?.parse().ok()
}

/// The revision since which the project's version numbers have meant the same, by an answer made at `revision`.
fn versions_from(reply: &OriginResponse, revision: EpochRevision) -> Option<EpochRevision> {
    let from = reply.header("cuecard-bindings")?.parse().ok();
    from.filter(|from| *from <= revision)
}

fn retry_after(reply: &OriginResponse) -> Option<Millis> {
    let seconds: u64 = reply.header("retry-after")?.trim().parse().ok()?;
    Some(seconds.saturating_mul(1_000))
}
