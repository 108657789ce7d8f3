//! Revalidation: one request to the origin, and its effect on the entry and on the request that caused it.

use std::rc::Rc;

use cuecard_freshness::{Attempt, Held, Outcome, Settled};
use cuecard_prompt::{Code, Error};

use super::cache_status::{CacheStatus, Handling};
use super::cacheable::{CacheQuery, Cacheable, StoredResponse};
use super::classify::{Classified, classify};
use super::context::EdgeContext;
use super::grant::Grant;
use super::result::{CacheResult, FoundCopy};
use super::{cache_api, health};
use crate::clock;

/// The result of a revalidation.
pub(super) struct Revalidated<T> {
    /// For the request that caused it.
    pub(super) result: CacheResult<T>,
    stored: Option<Rc<StoredResponse>>,
}

impl<T> Clone for Revalidated<T> {
    fn clone(&self) -> Self {
        Self {
            result: self.result.clone(),
            stored: self.stored.clone(),
        }
    }
}

impl<T: Cacheable> Revalidated<T> {
    /// Stores the outcome in the Cache API, for the location's other isolates.
    pub(super) async fn store(&self, edge: &EdgeContext, query: &CacheQuery<T>) {
        if let Some(stored) = &self.stored {
            cache_api::put(&edge.cache, &query.key, stored, &query.policy, query.pinned).await;
        }
    }
}

/// Sends the request to the origin, unless that is known to be down, and settles the attempt.
pub(super) async fn revalidate<T: Cacheable>(
    edge: &EdgeContext,
    query: &CacheQuery<T>,
    attempt: Attempt,
) -> Revalidated<T> {
    let (origin, organization) = (&edge.origin, &query.organization);
    let before = query.with_entry(|entry, _| entry.copy.clone());
    let classified = if health::admit(origin, organization) {
        let classified = classify(edge, query, before.as_deref()).await;
        health::note(origin, organization, classified.down);
        classified
    } else {
        Classified::failed(Code::OriginUnavailable, "the origin is known to be down")
    };
    if let Some(refused) = refused(&classified) {
        // A refused key tells other requests nothing: the attempt is released, and this key's cached grant removed.
        query.with_entry(|entry, project| entry.record.release(attempt, project));
        Grant::with_cache(|grants| grants.remove(&*query.grant));
        cache_api::remove(&edge.cache, &query.grant).await;
        return Revalidated {
            result: CacheResult::Unavailable(refused, 0),
            stored: None,
        };
    }
    settle(query, attempt, classified, before.is_some())
}

/// The error by which the origin refuses the caller's key, if it does.
fn refused<T>(classified: &Classified<T>) -> Option<Rc<Error>> {
    let error = classified.error.as_ref()?;
    let failed = matches!(classified.outcome, Outcome::Failed { .. });
    let refuses = matches!(
        error.code(),
        Code::KeyInvalid | Code::KeyMalformed | Code::RoleRequired
    );
    (failed && refuses).then(|| error.clone())
}

fn settle<T: Cacheable>(
    query: &CacheQuery<T>,
    attempt: Attempt,
    classified: Classified<T>,
    stale: bool,
) -> Revalidated<T> {
    let Classified {
        outcome,
        status,
        copy,
        error,
        ..
    } = classified;
    let status_of = |age, handling| CacheStatus {
        age,
        lifetime: Some(query.policy.fresh),
        handling,
    };
    let forwarded = Handling::Forwarded { status, stale };
    query.with_entry(|entry, project| {
        let now = clock::now();
        let settled = entry
            .record
            .settle(attempt, outcome, project, &query.policy, now);
        let current = match settled {
            Settled::Answer => copy.clone(),
            Settled::Stored { .. } => entry.copy.take(),
            Settled::Missing { .. } | Settled::Unavailable { .. } => None,
        };
        entry.copy = current.clone();
        entry.error = match (settled, outcome) {
            (Settled::Unavailable { .. }, _)
            | (Settled::Missing { .. }, Outcome::Missing { .. }) => error.clone(),
            (Settled::Missing { .. }, _) => entry.error.take(),
            (Settled::Answer | Settled::Stored { .. }, _) => None,
        };
        let held = entry.record.held();
        let revision = held.map(|held| held.revision).unwrap_or_default();
        let reason = || {
            let none = || {
                Rc::new(Error::new(
                    Code::OriginUnavailable,
                    "the origin cannot be reached",
                ))
            };
            error.clone().or(entry.error.clone()).unwrap_or_else(none)
        };
        let result = match (settled, current) {
            (Settled::Missing { age }, _) => {
                let handling = if matches!(outcome, Outcome::Missing { .. }) {
                    forwarded
                } else {
                    Handling::HitOnError
                };
                CacheResult::Missing(
                    entry.error.clone().unwrap_or_else(reason),
                    status_of(age, handling),
                )
            }
            (Settled::Answer, Some(copy)) => CacheResult::Found(FoundCopy {
                copy,
                revision,
                cache_status: status_of(0, forwarded),
            }),
            (Settled::Stored { age }, Some(copy)) => {
                let handling = if matches!(outcome, Outcome::NotModified { .. }) {
                    forwarded
                } else {
                    Handling::HitOnError
                };
                CacheResult::Found(FoundCopy {
                    copy,
                    revision,
                    cache_status: status_of(age, handling),
                })
            }
            (Settled::Unavailable { retry_after }, _) => {
                CacheResult::Unavailable(reason(), retry_after)
            }
            (Settled::Answer | Settled::Stored { .. }, None) => {
                CacheResult::Unavailable(reason(), 0)
            }
        };
        let is_answer = !matches!(outcome, Outcome::Failed { .. });
        let stored = held
            .filter(|_| is_answer)
            .map(|held| Rc::new(stored(held, entry.copy.as_deref(), entry.error.as_deref())));
        Revalidated { result, stored }
    })
}

fn stored<T: Cacheable>(held: Held, copy: Option<&T>, error: Option<&Error>) -> StoredResponse {
    StoredResponse {
        held,
        etag: copy.map(Cacheable::etag).unwrap_or_default().to_owned(),
        body: match (copy, error) {
            (Some(copy), _) => copy.body(),
            (None, Some(error)) => serde_json::to_vec(&error.to_problem()).unwrap_or_default(),
            (None, None) => Vec::new(),
        },
    }
}
