//! What an answer of the origin is worth: it is judged before it may replace anything.

use std::rc::Rc;
use std::time::Duration;

use cuecard_freshness::{Millis, Outcome, Revision};
use cuecard_prompt::{Code, Error, Problem};

use super::health::Down;
use super::item::{Item, Question};
use super::memory::{Memory, rebind};
use super::site::Site;
use crate::clock;
use crate::origin::{Failure, Reply, exchange, request};

/// A read's whole budget at the origin, first byte to last.
const DEADLINE: Duration = Duration::from_millis(1_500);
/// So many more readers that wait for one answer, within a tenth of a second, are a burst.
const CROWD: u32 = 50;
/// The longest answer that is read.
const MAX_BYTES: usize = 2 << 20;

/// What an answer is worth.
pub(super) struct Judged<T> {
    pub(super) outcome: Outcome,
    pub(super) status: u16,
    pub(super) copy: Option<Rc<T>>,
    pub(super) error: Option<Rc<Error>>,
    /// Whether it speaks against the origin.
    pub(super) down: Option<Down>,
}

impl<T> Judged<T> {
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

/// Asks, and judges the answer. A validation that speaks of another copy than ours is asked again without a condition.
pub(super) async fn judge<T: Item>(
    site: &Site,
    question: &Question<T>,
    before: Option<&T>,
) -> Judged<T> {
    let etag = before.map(Item::etag).filter(|etag| !etag.is_empty());
    let reply = send(site, question, etag).await;
    let odd = |reply: &Reply| {
        let named = reply.header("etag");
        reply.status == 304 && (etag.is_none() || named.is_some_and(|named| Some(&*named) != etag))
    };
    match &reply {
        Ok(reply) if odd(reply) => weigh(question, send(site, question, None).await, before, false),
        _ => weigh(question, reply, before, etag.is_some()),
    }
}

async fn send<T: Item>(
    site: &Site,
    question: &Question<T>,
    etag: Option<&str>,
) -> Result<Reply, Failure> {
    let mut headers = vec![
        ("accept", "application/json"),
        ("authorization", &*question.authorization),
        ("cuecard-via", "edge"),
    ];
    if let Some(etag) = etag {
        headers.push(("if-none-match", etag));
    }
    let url = site.origin.url(&question.path);
    let request = request(&url, &headers).map_err(|_| Failure::Unreachable)?;
    let mut before = 0;
    let crowded = || {
        let waiting = question.slot(|slot, _| slot.waiting);
        let more = waiting.saturating_sub(before);
        before = waiting;
        more >= CROWD
    };
    exchange(
        &site.origin,
        &site.env,
        &question.organization,
        request,
        DEADLINE,
        MAX_BYTES,
        crowded,
    )
    .await
}

fn weigh<T: Item>(
    question: &Question<T>,
    reply: Result<Reply, Failure>,
    before: Option<&T>,
    conditional: bool,
) -> Judged<T> {
    let reply = match reply {
        Ok(reply) => reply,
        Err(Failure::Unreachable) => {
            return Judged::down(Code::OriginUnavailable, "the origin cannot be reached");
        }
        Err(Failure::Deadline) => {
            return Judged {
                down: Some(Down::Silence),
                ..Judged::failed(Code::OriginUnavailable, "the origin did not answer in time")
            };
        }
        Err(Failure::Broken) => {
            return Judged::down(Code::OriginBadResponse, "the origin's answer breaks off");
        }
        Err(Failure::TooLarge) => {
            return Judged::failed(Code::OriginBadResponse, "the origin's answer is too long");
        }
    };
    if is_of_another_store(&question.organization, &reply) {
        let detail = "the origin's store is not the one of before; with a raised EPOCH it counts";
        return Judged::failed(Code::OriginBadResponse, detail);
    }
    let judged = match reply.status {
        200 => judge_full(question, &reply, before),
        304 if conditional => match revision::<T>(&reply) {
            Some(revision) => Judged {
                outcome: Outcome::NotModified { revision },
                error: None,
                ..Judged::failed(Code::Internal, "")
            },
            None => Judged::failed(
                Code::OriginBadResponse,
                "the origin's answer has no revision",
            ),
        },
        401 | 403 | 404 | 410 => judge_refusal(question, &reply),
        429 | 500..=599 => Judged {
            outcome: Outcome::Failed {
                retry_after: retry_after(&reply),
            },
            down: Some(if reply.status == 429 || own_words(&reply).is_some() {
                Down::Store
            } else {
                Down::Origin
            }),
            ..Judged::failed(Code::OriginUnavailable, "the origin failed")
        },
        _ => Judged::failed(
            Code::OriginBadResponse,
            "the origin's answer has a strange status",
        ),
    };
    if let Some(bindings) = judged
        .outcome
        .revision()
        .and_then(|at| bindings(&reply, at))
    {
        rebind(&question.project, bindings);
    }
    Judged {
        status: reply.status,
        ..judged
    }
}

/// Whether a store that is empty, or another one, answers in place of the one whose copies are here: keys and prompts that
/// it does not know are not gone.
fn is_of_another_store(organization: &str, reply: &Reply) -> bool {
    let identity = reply
        .header("cuecard-store")
        .filter(|identity| identity.len() <= 64);
    let epoch = stamp(reply).unwrap_or_default().epoch;
    Memory::with(|memory| {
        if !memory.knows_store(organization, identity.as_deref(), epoch) {
            return true;
        }
        if let Some(identity) = identity.filter(|_| matches!(reply.status, 200 | 304)) {
            memory.keep_store(organization, &identity, epoch);
        }
        false
    })
}

fn judge_full<T: Item>(question: &Question<T>, reply: &Reply, before: Option<&T>) -> Judged<T> {
    let bad = |detail: &str| Judged::failed(Code::OriginBadResponse, detail);
    if !reply.is("application/json") {
        return bad("the origin's answer is not JSON");
    }
    let Some(revision) = revision::<T>(reply) else {
        return bad("the origin's answer has no revision");
    };
    let etag = reply.header("etag").unwrap_or_default();
    let judged = T::read(reply.body.clone(), &etag, &question.want)
        .and_then(|copy| good_enough(question, copy, before));
    match judged {
        Ok(copy) => {
            if let Some(revision) = stamp(reply) {
                copy.heard(revision);
            }
            Judged {
                outcome: Outcome::Modified { revision },
                copy: Some(Rc::new(copy)),
                error: None,
                ..bad("")
            }
        }
        Err(error) => bad(error.detail()),
    }
}

/// While the copy that is held may serve, not everything may take its place.
fn good_enough<T: Item>(
    question: &Question<T>,
    copy: T,
    before: Option<&T>,
) -> cuecard_prompt::Result<T> {
    let serves = question.slot(|slot, project| {
        let record = &slot.record;
        record.serves_on_error(project, &question.policy, clock::now())
    });
    if let Some(before) = before.filter(|_| serves) {
        copy.replaces(before)?;
    }
    Ok(copy)
}

/// Only our own words count: a proxy's page is a failure, whatever its status.
fn judge_refusal<T: Item>(question: &Question<T>, reply: &Reply) -> Judged<T> {
    let Some(problem) = own_words(reply) else {
        return match reply.status {
            401 | 403 => Judged::failed(Code::OriginAuth, "the origin refused the request"),
            _ => Judged::failed(
                Code::OriginBadResponse,
                "the origin's answer is not one of ours",
            ),
        };
    };
    let error = Error::new(problem.code, problem.detail);
    if T::means_missing(error.code()) {
        let known = question.project.get().revision();
        let held = question.slot(|slot, _| slot.record.held().map(|held| held.revision));
        let revision = revision::<T>(reply).or(known.max(held)).unwrap_or_default();
        Judged {
            outcome: Outcome::Missing { revision },
            error: Some(Rc::new(error)),
            ..Judged::failed(Code::Internal, "")
        }
    } else {
        Judged::failed(error.code(), error.detail())
    }
}

/// A problem of another Cuecard, rather than of something before it.
fn own_words(reply: &Reply) -> Option<Problem> {
    Some(&reply.body)
        .filter(|_| reply.is("application/problem+json"))
        .and_then(|body| serde_json::from_slice::<Problem>(body).ok())
        .filter(|problem| problem.status == reply.status || reply.status == 410)
}

/// The project's revision at which an answer was made. A verdict has none, as it does not come from the project.
fn revision<T: Item>(reply: &Reply) -> Option<Revision> {
    if T::HAS_REVISION {
        stamp(reply)
    } else {
        Some(Revision::default())
    }
}

fn stamp(reply: &Reply) -> Option<Revision> {
    reply.header("cuecard-revision")?.parse().ok()
}

/// Since when the project's versions mean what they mean, by an answer made at `revision`.
fn bindings(reply: &Reply, revision: Revision) -> Option<Revision> {
    let bindings = reply.header("cuecard-bindings")?.parse().ok();
    bindings.filter(|bindings| *bindings <= revision)
}

fn retry_after(reply: &Reply) -> Option<Millis> {
    let seconds: u64 = reply.header("retry-after")?.trim().parse().ok()?;
    Some(seconds.saturating_mul(1_000))
}
