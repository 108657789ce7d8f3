//! The read path: memory of the isolate, then the Cache API, then the origin, each step decided by `freshness`.

use std::pin::pin;
use std::rc::Rc;
use std::time::Duration;

use cuecard_freshness::{Attempt, Lookup, Millis};
use cuecard_prompt::{Error, Problem, Result};
use futures_util::FutureExt;
use futures_util::future::{Either, join, select};
use worker::{Context, Delay};

use super::cache_status::Handling;
use super::cacheable::{CacheQuery, Cacheable};
use super::context::EdgeContext;
use super::grant::{self, Grant};
use super::health::{is_doubted, is_down};
use super::result::{CacheResult, FoundCopy};
use super::revalidate::revalidate;
use super::revisions::{self, Revisions};
use super::servable::{Servable, copy_on_error, revalidated_since};
use super::{cache_api, invalidation};
use crate::clock;
use crate::origin::Origin;

/// The longest that a request waits for another one's revalidation, in milliseconds: longer than that takes in a burst.
const PATIENCE: Millis = 7_000;

/// The longest that a request waits for the origin while it has a copy that serves where the origin fails.
const PATIENCE_WITH_COPY: Millis = 2_000;

/// Answers a query from memory, the Cache API or the origin, whichever is nearest and allowed.
pub(super) async fn get_or_fetch<T: Cacheable>(
    edge: &EdgeContext,
    context: &Context,
    query: &CacheQuery<T>,
) -> CacheResult<T> {
    let begun = clock::now();
    let (mut cache_asked, mut waited) = (false, false);
    loop {
        if waited && let Some(answer) = revalidated_since(query, begun) {
            return answer;
        }
        let view = lookup(&edge.origin, query, clock::now());
        let handling = match (waited, view.failing) {
            (true, _) => Handling::Collapsed,
            (_, true) => Handling::HitOnError,
            _ => Handling::Hit,
        };
        match view.lookup {
            Lookup::Fresh { age } => return view.servable.serve(query, age, handling, true),
            Lookup::Stale { age, refresh } | Lookup::Missing { age, refresh } => {
                if let Some(attempt) = refresh {
                    context.wait_until(self::refresh(edge.clone(), query.clone(), attempt));
                }
                return view.servable.serve(query, age, handling, false);
            }
            Lookup::Fetch(attempt) => {
                let mut lease = Lease {
                    query,
                    attempt: Some(attempt),
                };
                if !cache_asked {
                    cache_asked = true;
                    if adopt(edge, query).await {
                        continue;
                    }
                }
                if let Some(attempt) = lease.attempt.take() {
                    return fetch(edge, context, query, attempt).await;
                }
            }
            Lookup::Wait { until } => {
                let waits = clock::now().saturating_sub(begun);
                if waits > PATIENCE_WITH_COPY
                    && let Some(copy) = copy_on_error(query)
                {
                    return copy;
                }
                if waits > PATIENCE {
                    return view
                        .servable
                        .unavailable(until.saturating_sub(clock::now()));
                }
                waited = true;
                pause(query).await;
            }
            Lookup::Unavailable { retry_after } => return view.servable.unavailable(retry_after),
        }
    }
}

/// An attempt that has not begun. Dropping it releases it: otherwise the future of a caller that gives up would keep
/// all others from the origin.
struct Lease<'a, T: Cacheable> {
    query: &'a CacheQuery<T>,
    attempt: Option<Attempt>,
}

impl<T: Cacheable> Drop for Lease<'_, T> {
    fn drop(&mut self) {
        if let Some(attempt) = self.attempt.take() {
            release(self.query, attempt);
        }
    }
}

fn release<T: Cacheable>(query: &CacheQuery<T>, attempt: Attempt) {
    query.with_entry(|entry, project| entry.record.release(attempt, project));
}

/// The copy in memory, if it may be served without a request to the origin.
pub(super) fn get_cached<T: Cacheable>(
    origin: &Origin,
    query: &CacheQuery<T>,
    now: Millis,
) -> Option<FoundCopy<T>> {
    let view = lookup(origin, query, now);
    let handling = if view.failing {
        Handling::HitOnError
    } else {
        Handling::Hit
    };
    let fresh = matches!(view.lookup, Lookup::Fresh { .. });
    let age = match view.lookup {
        Lookup::Fresh { age } | Lookup::Stale { age, refresh: None } => Some(age),
        _ => None,
    };
    if let Some(unused) = attempt(view.lookup) {
        release(query, unused);
    }
    match view.servable.serve(query, age?, handling, fresh) {
        CacheResult::Found(found) => Some(found),
        CacheResult::Missing(..) | CacheResult::Unavailable(..) => None,
    }
}

/// The rights of a key.
pub(super) async fn grant(
    edge: &EdgeContext,
    context: &Context,
    query: &CacheQuery<Grant>,
) -> Result<Rc<Grant>> {
    match get_or_fetch(edge, context, query).await {
        CacheResult::Found(FoundCopy { copy, .. }) => Ok(copy),
        CacheResult::Missing(error, _) | CacheResult::Unavailable(error, _) => {
            Err((*error).clone())
        }
    }
}

/// The entry in memory, and what to do about it.
struct FromMemory<T> {
    lookup: Lookup,
    failing: bool,
    servable: Servable<T>,
}

/// A stale entry is looked up again where the organisation's revisions renew it.
fn lookup<T: Cacheable>(origin: &Origin, query: &CacheQuery<T>, now: Millis) -> FromMemory<T> {
    let view = lookup_unrenewed(origin, query, now);
    let fresh = matches!(view.lookup, Lookup::Fresh { .. });
    if fresh || query.policy.fresh == 0 || !revisions::renew(query) {
        return view;
    }
    if let Some(attempt) = attempt(view.lookup) {
        release(query, attempt);
    }
    lookup_unrenewed(origin, query, now)
}

/// The right to ask the origin, from a lookup.
fn attempt(lookup: Lookup) -> Option<Attempt> {
    match lookup {
        Lookup::Stale { refresh, .. } | Lookup::Missing { refresh, .. } => refresh,
        Lookup::Fetch(attempt) => Some(attempt),
        Lookup::Fresh { .. } | Lookup::Wait { .. } | Lookup::Unavailable { .. } => None,
    }
}

fn lookup_unrenewed<T: Cacheable>(
    origin: &Origin,
    query: &CacheQuery<T>,
    now: Millis,
) -> FromMemory<T> {
    // A key that may have been revoked is worth a wait; any other copy is not.
    let is_down = if T::HAS_REVISION {
        is_doubted(origin, &query.organization)
    } else {
        is_down(origin, &query.organization)
    };
    query.with_entry(|entry, project| {
        let copyless =
            entry.record.held().is_some_and(|held| !held.missing) && entry.copy.is_none();
        if copyless {
            // The copy had expired and was dropped.
            entry.record.forget();
        }
        let lookup = entry.record.lookup(project, &query.policy, is_down, now);
        // A copy that would have to wait for the origin.
        let late = query
            .policy
            .fresh
            .saturating_add(query.policy.stale_while_revalidate);
        let unwaited = is_down && matches!(lookup, Lookup::Stale { age, .. } if age >= late);
        FromMemory {
            lookup,
            failing: entry.record.failing() || unwaited,
            servable: Servable {
                copy: entry.copy.clone(),
                revision: entry
                    .record
                    .held()
                    .map(|held| held.revision)
                    .unwrap_or_default(),
                error: entry.error.clone(),
            },
        }
    })
}

/// Waits for the origin, as nothing may be served before it answers. The request to it goes on when the client
/// disconnects, as others may be waiting for it.
async fn fetch<T: Cacheable>(
    edge: &EdgeContext,
    context: &Context,
    query: &CacheQuery<T>,
    attempt: Attempt,
) -> CacheResult<T> {
    let revalidated = {
        let (edge, query) = (edge.clone(), query.clone());
        async move { revalidate(&edge, &query, attempt).await }.shared()
    };
    {
        let (edge, query, stored) = (edge.clone(), query.clone(), revalidated.clone());
        context.wait_until(async move { stored.await.store(&edge, &query).await });
    }
    if copy_on_error(query).is_some() {
        let late = pin!(Delay::from(Duration::from_millis(PATIENCE_WITH_COPY)));
        if let Either::Right(_) = select(revalidated.clone(), late).await
            && let Some(copy) = copy_on_error(query)
        {
            return copy;
        }
    }
    revalidated.await.result
}

/// Revalidates in the background: by the copy of another isolate, if that is newer, by the organisation's revisions,
/// and only where neither makes it fresh by a request to the origin of its own.
async fn refresh<T: Cacheable>(edge: EdgeContext, query: CacheQuery<T>, attempt: Attempt) {
    let Some(attempt) = adopt_or(&edge, &query, attempt).await else {
        return;
    };
    refresh_revisions(&edge, &query).await;
    if let Some(attempt) = again(&edge, &query, attempt) {
        revalidate(&edge, &query, attempt)
            .await
            .store(&edge, &query)
            .await;
    }
}

/// Revalidates the revisions of the organisation that a query is about, unless they are fresh; waits where another
/// request does.
async fn refresh_revisions<T: Cacheable>(edge: &EdgeContext, query: &CacheQuery<T>) {
    if query.policy.fresh == 0 || query.number().is_none() {
        return;
    }
    let query = Revisions::query(query, &edge.config);
    let attempt = loop {
        match lookup(&edge.origin, &query, clock::now()).lookup {
            Lookup::Wait { .. } => pause(&query).await,
            lookup => break attempt(lookup),
        }
    };
    let Some(attempt) = attempt else {
        return;
    };
    let before = query.with_entry(|entry, _| entry.copy.clone());
    if let Some(attempt) = adopt_or(edge, &query, attempt).await {
        revalidate(edge, &query, attempt)
            .await
            .store(edge, &query)
            .await;
    }
    let after = query.with_entry(|entry, _| entry.copy.clone());
    if let Some(revisions) =
        after.filter(|after| before.is_none_or(|before| !Rc::ptr_eq(&before, after)))
    {
        grant::require_all(&query.organization, |number| revisions.of_keys(number));
    }
}

/// Adopts the entry of another isolate. The attempt remains if that is not fresh either.
async fn adopt_or<T: Cacheable>(
    edge: &EdgeContext,
    query: &CacheQuery<T>,
    attempt: Attempt,
) -> Option<Attempt> {
    if adopt(edge, query).await {
        again(edge, query, attempt)
    } else {
        Some(attempt)
    }
}

/// Gives an attempt back and looks again, now that there may be a newer copy.
fn again<T: Cacheable>(
    edge: &EdgeContext,
    query: &CacheQuery<T>,
    unused: Attempt,
) -> Option<Attempt> {
    release(query, unused);
    attempt(lookup(&edge.origin, query, clock::now()).lookup)
}

/// Adopts what the Cache API stores, if it is newer than what this isolate holds.
async fn adopt<T: Cacheable>(edge: &EdgeContext, query: &CacheQuery<T>) -> bool {
    let stored = cache_api::get(&edge.cache, &query.key);
    let (stored, change) = join(stored, invalidation::last(edge, query)).await;
    let Some(stored) = invalidation::apply(query, stored, change) else {
        return false;
    };
    let mine =
        query.with_entry(|entry, _| entry.copy.clone().filter(|copy| copy.etag() == stored.etag));
    let (copy, error) = if stored.held.missing {
        let error = serde_json::from_slice::<Problem>(&stored.body).map(Error::from);
        (None, error.ok().map(Rc::new))
    } else if let Some(mine) = mine {
        (Some(mine), None)
    } else {
        match T::read(stored.body, &stored.etag, &query.expected) {
            Ok(copy) => (Some(Rc::new(copy)), None),
            Err(_) => return false,
        }
    };
    query.with_entry(|entry, project| {
        let newer = entry.record.adopt(stored.held);
        if let Some(seen) = project
            .revision()
            .filter(|seen| *seen > stored.held.revision)
        {
            // The project has changed since, perhaps by a write here.
            entry.record.require(seen);
        }
        if newer {
            entry.copy = copy;
            entry.error = error;
        }
        newer
    })
}

/// Waits until the next look. A request may await its own timer, but not another request's future: the
/// platform cancels it for that. The more requests wait, the less often each looks.
async fn pause<T: Cacheable>(query: &CacheQuery<T>) {
    struct Waiting<'a, T: Cacheable>(&'a CacheQuery<T>);
    impl<T: Cacheable> Drop for Waiting<'_, T> {
        fn drop(&mut self) {
            self.0
                .with_entry(|entry, _| entry.waiting = entry.waiting.saturating_sub(1));
        }
    }
    let waiting = query.with_entry(|entry, _| {
        entry.waiting += 1;
        entry.waiting
    });
    let _here = Waiting(query);
    Delay::from(Duration::from_millis(u64::from(
        (4 + waiting / 10).min(1_000),
    )))
    .await;
}
