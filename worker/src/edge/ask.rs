//! Asking the origin: one request within its deadline, the answer judged before it may replace anything.

use std::rc::Rc;
use std::time::Duration;

use cuecard_freshness::{Attempt, Held, Millis, Outcome, Revision, Settled};
use cuecard_prompt::{Code, Error, Problem};

use super::Site;
use super::item::{Item, Question, Stored, rebind};
use super::memory::Memory;
use super::read::{Answer, Found, How, Source};
use super::tier;
use crate::clock;
use crate::origin::{Failure, Origin, Reply, exchange, request};

/// A read's whole budget at the origin, first byte to last.
const DEADLINE: Duration = Duration::from_millis(1_500);
/// So many more readers that wait for one answer, within a tenth of a second, are a burst.
const CROWD: u32 = 50;
/// The longest answer that is read.
const MAX_BYTES: usize = 2 << 20;

/// How a question to the origin ended.
pub(super) struct Asked<T> {
    /// For the reader whose request it was.
    pub(super) answer: Answer<T>,
    stored: Option<Rc<Stored>>,
}

impl<T> Clone for Asked<T> {
    fn clone(&self) -> Self {
        Self {
            answer: self.answer.clone(),
            stored: self.stored.clone(),
        }
    }
}

impl<T: Item> Asked<T> {
    /// Shares what was learnt with the location's other isolates.
    pub(super) async fn keep(&self, site: &Site, question: &Question<T>) {
        if let Some(stored) = &self.stored {
            tier::put(
                &site.host,
                &question.key,
                stored,
                &question.policy,
                question.pinned,
            )
            .await;
        }
    }
}

/// Whether the origin is known to be down.
pub(super) fn sick(origin: &Origin, organization: &str) -> bool {
    let key = origin.breaker(organization);
    Memory::with(|memory| memory.breaker(key, |breaker| breaker.sick()))
}

/// Asks the origin, unless it is known to be down, and settles the attempt.
pub(super) async fn ask<T: Item>(
    site: &Site,
    question: &Question<T>,
    attempt: Attempt,
) -> Asked<T> {
    let key = site.origin.breaker(&question.organization);
    let before = question.slot(|slot, _| slot.copy.clone());
    let admitted =
        Memory::with(|memory| memory.breaker(key, |breaker| breaker.admit(clock::now())));
    let judged = if admitted {
        let judged = judge_with_retry(site, question, before.as_deref()).await;
        Memory::with(|memory| {
            memory.breaker(key, |breaker| {
                if judged.down {
                    breaker.failed(clock::now());
                } else {
                    breaker.succeeded();
                }
            });
        });
        judged
    } else {
        Judged::down(Code::OriginUnavailable, "the origin is known to be down")
    };
    settle(question, attempt, judged, before.is_some())
}

/// What an answer is worth.
struct Judged<T> {
    outcome: Outcome,
    status: u16,
    copy: Option<Rc<T>>,
    error: Option<Rc<Error>>,
    /// The origin did not answer, or with a failure of its own: what a circuit breaker counts.
    down: bool,
}

impl<T> Judged<T> {
    fn failed(code: Code, detail: &str) -> Self {
        Self {
            outcome: Outcome::Failed { retry_after: None },
            status: 0,
            copy: None,
            error: Some(Rc::new(Error::new(code, detail))),
            down: false,
        }
    }

    fn down(code: Code, detail: &str) -> Self {
        Self {
            down: true,
            ..Self::failed(code, detail)
        }
    }
}

/// A validation that speaks of another copy than ours is asked again without a condition.
async fn judge_with_retry<T: Item>(
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
        Ok(reply) if odd(reply) => judge(question, send(site, question, None).await, false),
        _ => judge(question, reply, etag.is_some()),
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

fn judge<T: Item>(
    question: &Question<T>,
    reply: Result<Reply, Failure>,
    conditional: bool,
) -> Judged<T> {
    let reply = match reply {
        Ok(reply) => reply,
        Err(Failure::Unreachable) => {
            return Judged::down(Code::OriginUnavailable, "the origin cannot be reached");
        }
        Err(Failure::Deadline) => {
            return Judged::down(Code::OriginUnavailable, "the origin did not answer in time");
        }
        Err(Failure::TooLarge) => {
            return Judged::failed(Code::OriginBadResponse, "the origin's answer is too long");
        }
    };
    let judged = match reply.status {
        200 => judge_full(question, &reply),
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
            ..Judged::down(Code::OriginUnavailable, "the origin failed")
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

fn judge_full<T: Item>(question: &Question<T>, reply: &Reply) -> Judged<T> {
    let bad = |detail: &str| Judged::failed(Code::OriginBadResponse, detail);
    if !reply.is("application/json") {
        return bad("the origin's answer is not JSON");
    }
    let Some(revision) = revision::<T>(reply) else {
        return bad("the origin's answer has no revision");
    };
    let etag = reply.header("etag").unwrap_or_default();
    match T::read(reply.body.clone(), &etag, &question.want) {
        Ok(copy) => Judged {
            outcome: Outcome::Modified { revision },
            copy: Some(Rc::new(copy)),
            error: None,
            ..bad("")
        },
        Err(error) => bad(error.detail()),
    }
}

/// Only our own words count: a proxy's page is a failure, whatever its status.
fn judge_refusal<T: Item>(question: &Question<T>, reply: &Reply) -> Judged<T> {
    let problem = Some(&reply.body)
        .filter(|_| reply.is("application/problem+json"))
        .and_then(|body| serde_json::from_slice::<Problem>(body).ok())
        .filter(|problem| problem.status == reply.status || reply.status == 410);
    let Some(problem) = problem else {
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

/// The project's revision at which an answer was made. A verdict has none, as it does not come from the project.
fn revision<T: Item>(reply: &Reply) -> Option<Revision> {
    if T::HAS_REVISION {
        reply.header("cuecard-revision")?.parse().ok()
    } else {
        Some(Revision::default())
    }
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

fn settle<T: Item>(
    question: &Question<T>,
    attempt: Attempt,
    judged: Judged<T>,
    stale: bool,
) -> Asked<T> {
    let Judged {
        outcome,
        status,
        copy,
        error,
        ..
    } = judged;
    let refused = error
        .as_ref()
        .filter(|error| {
            matches!(
                error.code(),
                Code::KeyInvalid | Code::KeyMalformed | Code::RoleRequired
            )
        })
        .filter(|_| matches!(outcome, Outcome::Failed { .. }));
    let source = |age, how| Source {
        age,
        fresh: Some(question.policy.fresh),
        how,
    };
    let asked = How::Forwarded { status, stale };
    question.slot(|slot, project| {
        let now = clock::now();
        let settled = slot
            .record
            .settle(attempt, outcome, project, &question.policy, now);
        let current = match settled {
            Settled::Answer => copy.clone(),
            Settled::Stored { .. } => slot.copy.take(),
            Settled::Missing { .. } | Settled::Unavailable { .. } => None,
        };
        slot.copy = current.clone();
        slot.error = match (settled, outcome) {
            // What this caller's key may not do says nothing to others.
            (Settled::Unavailable { .. }, _) if refused.is_some() => None,
            (Settled::Unavailable { .. }, _)
            | (Settled::Missing { .. }, Outcome::Missing { .. }) => error.clone(),
            (Settled::Missing { .. }, _) => slot.error.take(),
            (Settled::Answer | Settled::Stored { .. }, _) => None,
        };
        let held = slot.record.held();
        let revision = held.map(|held| held.revision).unwrap_or_default();
        let why = || {
            let none = || {
                Rc::new(Error::new(
                    Code::OriginUnavailable,
                    "the origin cannot be reached",
                ))
            };
            error.clone().or(slot.error.clone()).unwrap_or_else(none)
        };
        let answer = match (settled, current, refused) {
            (_, _, Some(refused)) => Answer::Unavailable(refused.clone(), 0),
            (Settled::Missing { age }, ..) => {
                let how = if matches!(outcome, Outcome::Missing { .. }) {
                    asked
                } else {
                    How::Failing
                };
                Answer::Missing(slot.error.clone().unwrap_or_else(why), source(age, how))
            }
            (Settled::Answer, Some(copy), _) => Answer::Found(Found {
                copy,
                revision,
                source: source(0, asked),
            }),
            (Settled::Stored { age }, Some(copy), _) => {
                let how = if matches!(outcome, Outcome::NotModified { .. }) {
                    asked
                } else {
                    How::Failing
                };
                Answer::Found(Found {
                    copy,
                    revision,
                    source: source(age, how),
                })
            }
            (Settled::Unavailable { retry_after }, ..) => Answer::Unavailable(why(), retry_after),
            (Settled::Answer | Settled::Stored { .. }, None, _) => Answer::Unavailable(why(), 0),
        };
        let learnt = !matches!(outcome, Outcome::Failed { .. });
        let stored = held
            .filter(|_| learnt)
            .map(|held| Rc::new(stored(held, slot.copy.as_deref(), slot.error.as_deref())));
        Asked { answer, stored }
    })
}

fn stored<T: Item>(held: Held, copy: Option<&T>, error: Option<&Error>) -> Stored {
    Stored {
        held,
        etag: copy.map(Item::etag).unwrap_or_default().to_owned(),
        body: match (copy, error) {
            (Some(copy), _) => copy.body(),
            (None, Some(error)) => serde_json::to_vec(&error.to_problem()).unwrap_or_default(),
            (None, None) => Vec::new(),
        },
    }
}
