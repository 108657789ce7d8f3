//! The read path: memory of the isolate, then the Cache API, then the origin, each step decided by `freshness`.

use std::rc::Rc;
use std::time::Duration;

use cuecard_freshness::{Attempt, Lookup, Millis, Revision};
use cuecard_prompt::{Code, Error, Problem, Result};
use futures_util::FutureExt;
use futures_util::future::join;
use worker::{Context, Delay};

use super::answer::{Answer, Found, How, Source};
use super::ask::ask;
use super::health::sick;
use super::item::{Item, Question};
use super::site::Site;
use super::verdict::Verdict;
use super::{changes, tier};
use crate::clock;
use crate::origin::Origin;

/// No reader waits longer for another one's request, in milliseconds: longer than that may take in a burst.
const PATIENCE: Millis = 7_000;

/// The answer to a question, from the nearest place that may give it.
pub(super) async fn obtain<T: Item>(
    site: &Site,
    context: &Context,
    question: &Question<T>,
) -> Answer<T> {
    let begun = clock::now();
    let (mut tier_asked, mut waited) = (false, false);
    loop {
        if waited && let Some(answer) = answered_since(question, begun) {
            return answer;
        }
        let view = look(&site.origin, question);
        let how = match (waited, view.failing) {
            (true, _) => How::Collapsed,
            (_, true) => How::Failing,
            _ => How::Hit,
        };
        match view.lookup {
            Lookup::Fresh { age } => return view.known.serve(question, age, how, true),
            Lookup::Stale { age, refresh } | Lookup::Missing { age, refresh } => {
                if let Some(attempt) = refresh {
                    context.wait_until(renew(site.clone(), question.clone(), attempt));
                }
                return view.known.serve(question, age, how, false);
            }
            Lookup::Fetch(attempt) => {
                if !tier_asked {
                    tier_asked = true;
                    if adopt(site, question).await {
                        question.slot(|slot, project| slot.record.give_back(attempt, project));
                        continue;
                    }
                }
                return fetch(site, context, question, attempt).await;
            }
            Lookup::Wait { until } => {
                if clock::now().saturating_sub(begun) > PATIENCE {
                    return view.known.unavailable(until.saturating_sub(clock::now()));
                }
                waited = true;
                pause(question).await;
            }
            Lookup::Unavailable { retry_after } => return view.known.unavailable(retry_after),
        }
    }
}

/// The copy that memory holds, if it may be served and nobody has to ask.
pub(super) fn recall<T: Item>(origin: &Origin, question: &Question<T>) -> Option<Found<T>> {
    let view = look(origin, question);
    let how = if view.failing { How::Failing } else { How::Hit };
    let fresh = matches!(view.lookup, Lookup::Fresh { .. });
    let (age, unused) = match view.lookup {
        Lookup::Fresh { age } | Lookup::Stale { age, refresh: None } => (Some(age), None),
        Lookup::Stale { refresh, .. } | Lookup::Missing { refresh, .. } => (None, refresh),
        Lookup::Fetch(attempt) => (None, Some(attempt)),
        Lookup::Wait { .. } | Lookup::Unavailable { .. } => (None, None),
    };
    if let Some(attempt) = unused {
        question.slot(|slot, project| slot.record.give_back(attempt, project));
    }
    match view.known.serve(question, age?, how, fresh) {
        Answer::Found(found) => Some(found),
        Answer::Missing(..) | Answer::Unavailable(..) => None,
    }
}

/// The answer that another reader's request has brought, if that was sent at `since` or later.
fn answered_since<T: Item>(question: &Question<T>, since: Millis) -> Option<Answer<T>> {
    let (held, known) = question.slot(|slot, _| {
        let held = slot.record.confirmed_since(since)?;
        let known = Known {
            copy: slot.copy.clone(),
            revision: held.revision,
            error: slot.error.clone(),
        };
        Some((held, known))
    })?;
    let there = held.missing || known.copy.is_some();
    let age = clock::now().saturating_sub(held.checked);
    there.then(|| known.serve(question, age, How::Collapsed, false))
}

/// What the origin says of a key.
pub(super) async fn verdict(
    site: &Site,
    context: &Context,
    question: &Question<Verdict>,
) -> Result<Rc<Verdict>> {
    match obtain(site, context, question).await {
        Answer::Found(Found { copy, .. }) => Ok(copy),
        Answer::Missing(error, _) | Answer::Unavailable(error, _) => Err((*error).clone()),
    }
}

/// What memory says of a question.
struct View<T> {
    lookup: Lookup,
    failing: bool,
    known: Known<T>,
}

/// What can be served without asking.
struct Known<T> {
    copy: Option<Rc<T>>,
    revision: Revision,
    error: Option<Rc<Error>>,
}

fn look<T: Item>(origin: &Origin, question: &Question<T>) -> View<T> {
    let sick = sick(origin, &question.organization);
    question.slot(|slot, project| {
        let copyless = slot.record.held().is_some_and(|held| !held.missing) && slot.copy.is_none();
        if copyless {
            // Its copy was past its end of life and has been dropped.
            slot.record = question.record();
        }
        let lookup = slot
            .record
            .lookup(project, &question.policy, sick, clock::now());
        View {
            lookup,
            failing: slot.record.failing(),
            known: Known {
                copy: slot.copy.clone(),
                revision: slot
                    .record
                    .held()
                    .map(|held| held.revision)
                    .unwrap_or_default(),
                error: slot.error.clone(),
            },
        }
    })
}

impl<T: Item> Known<T> {
    fn serve(self, question: &Question<T>, age: Millis, how: How, fresh: bool) -> Answer<T> {
        let pinned = question.pinned && fresh;
        let source = Source {
            age,
            fresh: (!pinned).then_some(question.policy.fresh),
            how,
        };
        match self.copy {
            Some(copy) => Answer::Found(Found {
                copy,
                revision: self.revision,
                source,
            }),
            None => Answer::Missing(self.error.unwrap_or_else(unreachable_origin), source),
        }
    }

    fn unavailable(self, retry_after: Millis) -> Answer<T> {
        Answer::Unavailable(self.error.unwrap_or_else(unreachable_origin), retry_after)
    }
}

fn unreachable_origin() -> Rc<Error> {
    Rc::new(Error::new(
        Code::OriginUnavailable,
        "the origin cannot be reached",
    ))
}

/// Asks the origin for a reader who cannot be served before it answers. The request goes on when that reader hangs up, as
/// others may be waiting for it.
async fn fetch<T: Item>(
    site: &Site,
    context: &Context,
    question: &Question<T>,
    attempt: Attempt,
) -> Answer<T> {
    let asked = {
        let (site, question) = (site.clone(), question.clone());
        async move { ask(&site, &question, attempt).await }.shared()
    };
    let (site, question, kept) = (site.clone(), question.clone(), asked.clone());
    context.wait_until(async move { kept.await.keep(&site, &question).await });
    asked.await.answer
}

/// Revalidates in the background: by the copy of another isolate, where that is newer, or by the origin.
async fn renew<T: Item>(site: Site, question: Question<T>, attempt: Attempt) {
    let attempt = if adopt(&site, &question).await {
        question.slot(|slot, project| slot.record.give_back(attempt, project));
        match look(&site.origin, &question).lookup {
            Lookup::Stale { refresh, .. } | Lookup::Missing { refresh, .. } => refresh,
            Lookup::Fetch(attempt) => Some(attempt),
            Lookup::Fresh { .. } | Lookup::Wait { .. } | Lookup::Unavailable { .. } => None,
        }
    } else {
        Some(attempt)
    };
    if let Some(attempt) = attempt {
        ask(&site, &question, attempt)
            .await
            .keep(&site, &question)
            .await;
    }
}

/// Takes over what the Cache API holds, if it is newer than what this isolate holds.
async fn adopt<T: Item>(site: &Site, question: &Question<T>) -> bool {
    let stored = tier::get(&site.cache, &question.key);
    let (stored, told) = join(stored, changes::told(site, question)).await;
    let Some(stored) = changes::heed(question, stored, told) else {
        return false;
    };
    let mine = question.slot(|slot, _| slot.copy.clone().filter(|copy| copy.etag() == stored.etag));
    let (copy, error) = if stored.held.missing {
        let error = serde_json::from_slice::<Problem>(&stored.body).map(Error::from);
        (None, error.ok().map(Rc::new))
    } else if let Some(mine) = mine {
        (Some(mine), None)
    } else {
        match T::read(stored.body, &stored.etag, &question.want) {
            Ok(copy) => (Some(Rc::new(copy)), None),
            Err(_) => return false,
        }
    };
    question.slot(|slot, project| {
        let newer = slot.record.adopt(stored.held);
        if let Some(seen) = project
            .revision()
            .filter(|seen| *seen > stored.held.revision)
        {
            // The project has changed since, perhaps by a write here.
            slot.record.require(seen);
        }
        if newer {
            slot.copy = copy;
            slot.error = error;
        }
        newer
    })
}

/// Waits until it is worth looking again. Another request's future must not be awaited, as the platform kills the waiting
/// request for that; a timer of one's own may. The more wait, the more slowly each looks.
async fn pause<T: Item>(question: &Question<T>) {
    let waiting = question.slot(|slot, _| {
        slot.waiting += 1;
        slot.waiting
    });
    Delay::from(Duration::from_millis(u64::from(
        (4 + waiting / 10).min(1_000),
    )))
    .await;
    question.slot(|slot, _| slot.waiting = slot.waiting.saturating_sub(1));
}
