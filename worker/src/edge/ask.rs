//! Asking the origin, and what comes of it for the reader who asked and for the copy.

use std::rc::Rc;

use cuecard_freshness::{Attempt, Held, Outcome, Settled};
use cuecard_prompt::{Code, Error};

use super::answer::{Answer, Found, How, Source};
use super::item::{Item, Question, Stored};
use super::judge::{Judged, judge};
use super::site::Site;
use super::verdict::Verdict;
use super::{health, tier};
use crate::clock;

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
                &site.cache,
                &question.key,
                stored,
                &question.policy,
                question.pinned,
            )
            .await;
        }
    }
}

/// Asks the origin, unless it is known to be down, and settles the attempt.
pub(super) async fn ask<T: Item>(
    site: &Site,
    question: &Question<T>,
    attempt: Attempt,
) -> Asked<T> {
    let (origin, organization) = (&site.origin, &question.organization);
    let before = question.slot(|slot, _| slot.copy.clone());
    let judged = if health::admit(origin, organization) {
        let judged = judge(site, question, before.as_deref()).await;
        health::note(origin, organization, judged.down);
        judged
    } else {
        Judged::failed(Code::OriginUnavailable, "the origin is known to be down")
    };
    if let Some(refused) = refused(&judged) {
        // It says nothing to others, so one of them may ask now; and whatever was known of this key, it is so no more.
        question.slot(|slot, project| slot.record.give_back(attempt, project));
        Verdict::with_shelf(|verdicts| verdicts.remove(&*question.verdict));
        tier::remove(&site.cache, &question.verdict).await;
        return Asked {
            answer: Answer::Unavailable(refused, 0),
            stored: None,
        };
    }
    settle(question, attempt, judged, before.is_some())
}

/// What the origin says against the caller's key, where it does.
fn refused<T>(judged: &Judged<T>) -> Option<Rc<Error>> {
    let error = judged.error.as_ref()?;
    let failed = matches!(judged.outcome, Outcome::Failed { .. });
    let refuses = matches!(
        error.code(),
        Code::KeyInvalid | Code::KeyMalformed | Code::RoleRequired
    );
    (failed && refuses).then(|| error.clone())
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
        let answer = match (settled, current) {
            (Settled::Missing { age }, _) => {
                let how = if matches!(outcome, Outcome::Missing { .. }) {
                    asked
                } else {
                    How::Failing
                };
                Answer::Missing(slot.error.clone().unwrap_or_else(why), source(age, how))
            }
            (Settled::Answer, Some(copy)) => Answer::Found(Found {
                copy,
                revision,
                source: source(0, asked),
            }),
            (Settled::Stored { age }, Some(copy)) => {
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
            (Settled::Unavailable { retry_after }, _) => Answer::Unavailable(why(), retry_after),
            (Settled::Answer | Settled::Stored { .. }, None) => Answer::Unavailable(why(), 0),
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
