//! What an entry has to serve, and to whom beside those that the policy decides on.

use std::rc::Rc;

use cuecard_freshness::{EpochRevision, Millis};
use cuecard_prompt::{Code, Error};

use super::cache_status::{CacheStatus, Handling};
use super::cacheable::{CacheQuery, Cacheable};
use super::result::{CacheResult, FoundCopy};
use crate::clock;

/// The part of an entry that can be served.
pub(super) struct Servable<T> {
    pub(super) copy: Option<Rc<T>>,
    pub(super) revision: EpochRevision,
    pub(super) error: Option<Rc<Error>>,
}

impl<T: Cacheable> Servable<T> {
    pub(super) fn serve(
        self,
        query: &CacheQuery<T>,
        age: Millis,
        handling: Handling,
        fresh: bool,
    ) -> CacheResult<T> {
        let pinned = query.pinned && fresh;
        let cache_status = CacheStatus {
            age,
            lifetime: (!pinned).then_some(query.policy.fresh),
            handling,
        };
        match self.copy {
            Some(copy) => CacheResult::Found(FoundCopy {
                copy,
                revision: self.revision,
                cache_status,
            }),
            None => {
                CacheResult::Missing(self.error.unwrap_or_else(unreachable_origin), cache_status)
            }
        }
    }

    pub(super) fn unavailable(self, retry_after: Millis) -> CacheResult<T> {
        CacheResult::Unavailable(self.error.unwrap_or_else(unreachable_origin), retry_after)
    }
}

fn unreachable_origin() -> Rc<Error> {
    Rc::new(Error::new(
        Code::OriginUnavailable,
        "the origin cannot be reached",
    ))
}

/// The result of another request's revalidation, if that was sent at `since` or later.
pub(super) fn revalidated_since<T: Cacheable>(
    query: &CacheQuery<T>,
    since: Millis,
) -> Option<CacheResult<T>> {
    let (held, servable) = query.with_entry(|entry, _| {
        let held = entry.record.confirmed_since(since)?;
        let servable = Servable {
            copy: entry.copy.clone(),
            revision: held.revision,
            error: entry.error.clone(),
        };
        Some((held, servable))
    })?;
    let there = held.missing || servable.copy.is_some();
    let age = clock::now().saturating_sub(held.checked);
    there.then(|| servable.serve(query, age, Handling::Collapsed, false))
}

/// The copy that serves where the origin fails, if there is one.
pub(super) fn copy_on_error<T: Cacheable>(query: &CacheQuery<T>) -> Option<CacheResult<T>> {
    let now = clock::now();
    let (held, servable) = query.with_entry(|entry, project| {
        let held = entry.record.held()?;
        let serves = entry.record.serves_on_error(project, &query.policy, now);
        let copy = entry.copy.clone().filter(|_| serves)?;
        let servable = Servable {
            copy: Some(copy),
            revision: held.revision,
            error: None,
        };
        Some((held, servable))
    })?;
    let age = now.saturating_sub(held.checked);
    Some(servable.serve(query, age, Handling::HitOnError, false))
}
