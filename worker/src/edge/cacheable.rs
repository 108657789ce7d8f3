//! Kinds of cacheable answers: prompts, their tags, grants of keys, settings of runs.

use std::cell::Cell;
use std::rc::Rc;

use cuecard_freshness::{
    ClockCache, EpochRevision, Held, Millis, Policy, ProjectFreshness, Record,
};
use cuecard_prompt::{Code, Result};
use serde::{Deserialize, Deserializer};

use super::memory::{Entry, Share};
use crate::clock;

/// The state of one project according to [`Revisions`](super::revisions::Revisions).
#[derive(Clone, Copy, Debug, Eq, PartialEq, Deserialize)]
pub(super) struct Confirmed {
    #[serde(deserialize_with = "revision")]
    pub(super) revision: EpochRevision,
    /// The revision since which its version numbers have meant the same.
    #[serde(deserialize_with = "revision")]
    pub(super) bindings: EpochRevision,
    /// The revision since which its keys have had the same rights.
    #[serde(rename = "keysRevision", deserialize_with = "revision")]
    pub(super) keys: EpochRevision,
}

/// A revision in an answer's body, if it is a text.
pub(super) fn revision<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> std::result::Result<EpochRevision, D::Error> {
    let text = String::deserialize(deserializer)?;
    text.parse()
        .map_err(|()| serde::de::Error::custom("this is not a revision"))
}

impl Confirmed {
    /// Notes it in the freshness state of the project's content.
    pub(super) fn of_content(self, project: &mut ProjectFreshness, asked: Millis) {
        project.invalidate_versions(self.bindings.min(self.revision));
        project.confirm(self.revision, asked);
    }
}

/// A kind of cached answer.
pub(super) trait Cacheable: Sized + 'static {
    /// The query that an answer is checked against.
    type Expected: Clone + 'static;
    /// Whether the origin's answers carry the project's revision.
    const HAS_REVISION: bool;

    /// Runs `f` on the isolate's entries of this kind. `f` cannot await, so no two borrows meet.
    fn with_cache<R>(f: impl FnOnce(&mut ClockCache<Rc<str>, Entry<Self>>) -> R) -> R;

    /// Parses an answer and checks that it answers the query, and is usable.
    ///
    /// # Errors
    /// Any; the answer then counts as a failure of the origin.
    fn read(body: Vec<u8>, etag: &str, expected: &Self::Expected) -> Result<Self>;

    /// Whether an error of the origin means that the thing does not exist, rather than that something failed.
    fn means_missing(code: Code) -> bool;

    /// Whether it may replace a copy that may still be served.
    ///
    /// # Errors
    /// As [`Cacheable::read`]
    fn may_replace(&self, _before: &Self) -> Result<()> {
        Ok(())
    }

    /// The revision at which the answer was made, if its body has it.
    fn own_revision(&self) -> Option<EpochRevision> {
        None
    }

    /// The project whose revisions renew the entry: its number, and its freshness state.
    fn project(
        query: &CacheQuery<Self>,
        _copy: Option<&Self>,
    ) -> (Option<u64>, Rc<Cell<ProjectFreshness>>) {
        (query.number, query.project.clone())
    }

    /// Notes what was confirmed of the project, to a request that began at `asked`, in the entry's freshness state.
    fn confirm(
        _copy: Option<&Self>,
        project: &mut ProjectFreshness,
        confirmed: Confirmed,
        asked: Millis,
    ) {
        confirmed.of_content(project, asked);
    }

    /// Notes the project's revision at which an answer was made, where the answer is not about that project's content.
    fn note_revision(&self, _revision: EpochRevision) {}

    /// Applies an invalidation at `revision` that another isolate published: nothing older is current.
    fn invalidate(query: &CacheQuery<Self>, revision: EpochRevision) {
        query.with_entry(|entry, _| entry.record.require(revision));
    }

    /// The answer's validator.
    fn etag(&self) -> &str;

    /// The answer's bytes.
    fn body(&self) -> Vec<u8>;

    /// Its size in memory, in bytes.
    fn bytes(&self) -> usize;
}

/// A read through the caches: the cache key, and the request to the origin.
pub(super) struct CacheQuery<T: Cacheable> {
    /// A tuple of parts, each with its length, so that no two queries share a key.
    pub(super) key: Rc<str>,
    /// Path and query at the origin.
    pub(super) path: String,
    pub(super) organization: Rc<str>,
    /// The caller's `Authorization`.
    pub(super) authorization: Rc<str>,
    /// The cache key of the grant of the caller's key.
    pub(super) grant: Rc<str>,
    pub(super) policy: Policy,
    pub(super) pinned: bool,
    /// The owner of the entry's memory.
    pub(super) share: Share,
    /// The cache key of the last invalidation of what is read, see [`super::invalidation`].
    pub(super) invalidated_by: Option<Rc<str>>,
    pub(super) project: Rc<Cell<ProjectFreshness>>,
    /// The project's number in the organisation's [`Revisions`](super::revisions::Revisions), which renew the entry.
    pub(super) number: Option<u64>,
    pub(super) expected: T::Expected,
}

impl<T: Cacheable> Clone for CacheQuery<T> {
    fn clone(&self) -> Self {
        Self {
            key: self.key.clone(),
            path: self.path.clone(),
            organization: self.organization.clone(),
            authorization: self.authorization.clone(),
            grant: self.grant.clone(),
            policy: self.policy,
            pinned: self.pinned,
            share: self.share,
            invalidated_by: self.invalidated_by.clone(),
            project: self.project.clone(),
            number: self.number,
            expected: self.expected.clone(),
        }
    }
}

impl<T: Cacheable> CacheQuery<T> {
    /// Runs `f` on the entry of this key, which is created if there is none, and accounts for its size afterwards.
    pub(super) fn with_entry<R>(
        &self,
        f: impl FnOnce(&mut Entry<T>, &mut ProjectFreshness) -> R,
    ) -> R {
        T::with_cache(|cache| {
            if let Some(entry) = cache.get(&*self.key) {
                let (_, state) = T::project(self, entry.copy.as_deref());
                let mut project = state.get();
                let before = entry.copy.as_ref().map(Rc::as_ptr);
                let result = f(entry, &mut project);
                state.set(project);
                if entry.copy.as_ref().map(Rc::as_ptr) != before
                    && let Some(entry) = cache.remove(&*self.key)
                {
                    self.keep(cache, entry);
                }
                result
            } else {
                let mut entry = Entry::new(self.new_record());
                let mut project = self.project.get();
                let result = f(&mut entry, &mut project);
                self.project.set(project);
                self.keep(cache, entry);
                result
            }
        })
    }

    /// The number of the project whose revisions renew the entry, where that is known.
    pub(super) fn number(&self) -> Option<u64> {
        T::with_cache(|cache| {
            let entry = cache.peek(&*self.key)?;
            T::project(self, entry.copy.as_deref()).0
        })
    }

    /// Notes the project's confirmed state, by a request that began at `asked`, and returns whether that was new.
    pub(super) fn confirm(&self, confirmed: Confirmed, asked: Millis) -> bool {
        self.with_entry(|entry, project| {
            let before = *project;
            T::confirm(entry.copy.as_deref(), project, confirmed, asked);
            *project != before
        })
    }

    /// The record of a new entry.
    pub(super) fn new_record(&self) -> Record {
        if self.pinned {
            Record::version()
        } else {
            Record::tag()
        }
    }

    fn keep(&self, cache: &mut ClockCache<Rc<str>, Entry<T>>, entry: Entry<T>) {
        let copy = entry.copy.as_ref().map_or(0, |copy| copy.bytes());
        let bytes = self.key.len() + copy + size_of::<Entry<T>>();
        cache.put_for(self.share.owner(&entry), self.key.clone(), entry, bytes);
    }
}

/// The Cache API's form of an entry: the origin's answer, or that the thing does not exist.
pub(super) struct StoredResponse {
    pub(super) held: Held,
    pub(super) etag: String,
    pub(super) body: Vec<u8>,
}

impl StoredResponse {
    /// Without content: the revision of a change, for holders of something older.
    pub(super) fn mark(revision: EpochRevision) -> Self {
        let held = Held {
            revision,
            checked: clock::now(),
            missing: false,
        };
        Self {
            held,
            etag: String::new(),
            body: Vec::new(),
        }
    }
}
