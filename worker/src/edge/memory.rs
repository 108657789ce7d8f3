//! The memory of this isolate: bounded by bytes, and never needed for correctness, as it may vanish at any time.

use std::cell::{Cell, RefCell};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::rc::Rc;

use cuecard_freshness::{Breaker, ClockCache, EpochRevision, ProjectFreshness, Record};
use cuecard_prompt::{Error, Prompt};

/// An isolate has 128 MB for everything; these take at most 40.
pub(super) const PROMPT_BYTES: usize = 12 << 20;
pub(super) const TAG_BYTES: usize = 1 << 20;
pub(super) const SETTINGS_BYTES: usize = 1 << 20;
const COMPILED_BYTES: usize = 8 << 20;
const SHAPED_BYTES: usize = 12 << 20;
pub(super) const GRANT_BYTES: usize = 2 << 20;
pub(super) const REVISIONS_BYTES: usize = 1 << 20;
const PROJECT_BYTES: usize = 1 << 20;
const BREAKER_BYTES: usize = 1 << 20;
const STORE_BYTES: usize = 1 << 20;

thread_local! {
    static MEMORY: RefCell<Memory> = RefCell::new(Memory::new());
}

/// The isolate's state beside its entries.
pub(super) struct Memory {
    /// By content hash: tags that point to the same content share it.
    compiled: ClockCache<Rc<str>, Rc<Prompt>>,
    /// Contents in other systems' shapes, by organisation, shape and content hash.
    shaped: ClockCache<Rc<str>, Rc<str>>,
    projects: ClockCache<Rc<str>, Rc<Cell<ProjectFreshness>>>,
    breakers: ClockCache<Rc<str>, Breaker>,
    /// By organisation.
    stores: ClockCache<Rc<str>, KnownStore>,
}

/// The identity of the store that an organisation's answers have come from.
struct KnownStore {
    identity: Rc<str>,
    epoch: u64,
}

/// A cache key's entry: its record, and its copy.
pub(super) struct Entry<T> {
    pub(super) record: Record,
    pub(super) copy: Option<Rc<T>>,
    /// The origin's problem document for a thing that does not exist, and the cause of the last failure, if any.
    pub(super) error: Option<Rc<Error>>,
    /// How many requests wait for the one that revalidates.
    pub(super) waiting: u32,
}

/// The owner of entries, so that the flood of one drops nothing of another: see [`ClockCache::put_for`].
#[derive(Clone, Copy)]
pub(super) struct Share {
    copies: u64,
    missing: u64,
}

impl Share {
    /// A project. Its queries for things that do not exist count apart from its copies.
    pub(super) fn of_project(organization: &str, project: &str) -> Self {
        let copies = hashed(&(organization, project));
        Self {
            copies,
            missing: !copies,
        }
    }

    /// An organisation's keys. Anyone can make up keys of any number of organisations, so all unknown keys count
    /// together.
    pub(super) fn of_keys(organization: &str) -> Self {
        Self {
            copies: hashed(&organization),
            missing: 0,
        }
    }

    /// The owner of an entry.
    pub(super) fn owner<T>(self, entry: &Entry<T>) -> u64 {
        if entry.copy.is_some() {
            self.copies
        } else {
            self.missing
        }
    }
}

fn hashed(value: &impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    value.hash(&mut hasher);
    hasher.finish()
}

impl<T> Entry<T> {
    pub(super) fn new(record: Record) -> Self {
        Self {
            record,
            copy: None,
            error: None,
            waiting: 0,
        }
    }
}

impl Memory {
    /// Runs `f` on the isolate's memory. `f` cannot await, so no two borrows meet.
    pub(super) fn with<R>(f: impl FnOnce(&mut Self) -> R) -> R {
        MEMORY.with_borrow_mut(f)
    }

    fn new() -> Self {
        Self {
            compiled: ClockCache::new(COMPILED_BYTES),
            shaped: ClockCache::new(SHAPED_BYTES),
            projects: ClockCache::new(PROJECT_BYTES),
            breakers: ClockCache::new(BREAKER_BYTES),
            stores: ClockCache::new(STORE_BYTES),
        }
    }

    /// The freshness state of a project; all its entries share it.
    pub(super) fn project(&mut self, key: &str) -> Rc<Cell<ProjectFreshness>> {
        if let Some(project) = self.projects.get(key) {
            return project.clone();
        }
        let project = Rc::new(Cell::default());
        self.projects.put(key.into(), project.clone(), key.len());
        project
    }

    /// Has versions that were read before `revision` revalidated, in all projects whose keys begin with `prefix`.
    pub(super) fn invalidate_versions(&mut self, prefix: &str, revision: EpochRevision) {
        let all = self.projects.iter_mut();
        for (_, project) in all.filter(|(key, _)| key.starts_with(prefix)) {
            invalidate_versions(project, revision);
        }
    }

    /// Whether an answer at an epoch, from a store of this identity, is of the store that the organisation's answers
    /// have come from so far. A higher epoch is the operator's confirmation that another one is meant.
    pub(super) fn knows_store(
        &self,
        organization: &str,
        identity: Option<&str>,
        epoch: u64,
    ) -> bool {
        self.stores
            .peek(organization)
            .is_none_or(|known| identity == Some(&*known.identity) || epoch > known.epoch)
    }

    /// Remembers the store of an organisation's answers.
    pub(super) fn keep_store(&mut self, organization: &str, identity: &str, epoch: u64) {
        let known = self.stores.get(organization);
        if known.is_some_and(|known| *known.identity == *identity && known.epoch >= epoch) {
            return;
        }
        let bytes = organization.len() + identity.len();
        let identity = identity.into();
        self.stores
            .put(organization.into(), KnownStore { identity, epoch }, bytes);
    }

    /// Whether no origin has failed recently.
    pub(super) fn has_no_failures(&self) -> bool {
        self.breakers.is_empty()
    }

    /// The circuit breaker of an origin, or of one organisation's store there.
    pub(super) fn breaker<R>(&mut self, key: &str, f: impl FnOnce(&mut Breaker) -> R) -> R {
        if let Some(breaker) = self.breakers.get(key) {
            let result = f(breaker);
            if *breaker == Breaker::default() {
                self.breakers.remove(key);
            }
            return result;
        }
        let mut breaker = Breaker::default();
        let result = f(&mut breaker);
        // Only an origin that has failed needs a breaker.
        if breaker != Breaker::default() {
            self.breakers.put(key.into(), breaker, key.len());
        }
        result
    }

    pub(super) fn compiled(&mut self, hash: &str) -> Option<Rc<Prompt>> {
        self.compiled.get(hash).map(|prompt| prompt.clone())
    }

    /// Keeps a compiled prompt; `bytes` is the size of what it was compiled from.
    pub(super) fn keep_compiled(&mut self, hash: &str, prompt: Rc<Prompt>, bytes: usize) {
        // A compiled prompt holds the document and its program.
        self.compiled.put(hash.into(), prompt, 3 * bytes);
    }

    /// A content in another system's shape.
    pub(super) fn shaped(&mut self, key: &str) -> Option<Rc<str>> {
        self.shaped.get(key).map(|shaped| shaped.clone())
    }

    pub(super) fn keep_shaped(&mut self, key: &str, shaped: Rc<str>) {
        let bytes = key.len() + shaped.len();
        self.shaped.put(key.into(), shaped, bytes);
    }
}

/// Has versions of a project that were read before `revision` revalidated.
pub(super) fn invalidate_versions(project: &Cell<ProjectFreshness>, revision: EpochRevision) {
    let mut known = project.get();
    known.invalidate_versions(revision);
    project.set(known);
}

#[cfg(test)]
mod tests {
    use cuecard_prompt::Document;

    use super::*;

    #[test]
    fn compiled_prompts_stay_within_their_bytes() {
        let document = serde_json::json!({ "messages": [{ "role": "user", "content": "Hello" }] });
        let document: Document = serde_json::from_value(document).unwrap();
        let mut memory = Memory::new();
        let bytes = COMPILED_BYTES / 10;
        let kept: Vec<_> = (0..5)
            .map(|i| {
                let prompt = Rc::new(Prompt::compile(&document).unwrap());
                let weak = Rc::downgrade(&prompt);
                memory.keep_compiled(&i.to_string(), prompt, bytes);
                weak
            })
            .collect();
        let alive = kept.iter().filter(|kept| kept.upgrade().is_some()).count();
        assert_eq!(alive, 3, "each counts as three times its source");
    }
}
