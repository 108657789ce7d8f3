//! What this isolate remembers: data only, bounded by bytes, and never needed for correctness — it may vanish at any time.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use cuecard_freshness::{Breaker, Millis, Policy, Project, Record, Revision, Shelf};
use cuecard_prompt::{Error, Prompt};

use super::entry::Entry;
use super::item::rebind;
use super::settings::RunSettings;
use super::tags::Tags;
use super::verdict::Verdict;

/// An isolate has 128 MB for everything; these take at most 26.
const PROMPT_BYTES: usize = 12 << 20;
const TAG_BYTES: usize = 1 << 20;
const SETTINGS_BYTES: usize = 1 << 20;
const COMPILED_BYTES: usize = 8 << 20;
const VERDICT_BYTES: usize = 2 << 20;
const PROJECT_BYTES: usize = 1 << 20;
const BREAKER_BYTES: usize = 1 << 20;
const STORE_BYTES: usize = 1 << 20;

thread_local! {
    static MEMORY: RefCell<Memory> = RefCell::new(Memory::new());
}

/// Everything that one isolate remembers.
pub(super) struct Memory {
    pub(super) prompts: Shelf<Rc<str>, Slot<Entry>>,
    pub(super) tags: Shelf<Rc<str>, Slot<Tags>>,
    pub(super) verdicts: Shelf<Rc<str>, Slot<Verdict>>,
    pub(super) settings: Shelf<Rc<str>, Slot<RunSettings>>,
    /// By content hash: tags that point to the same content share it.
    compiled: Shelf<Rc<str>, Rc<Prompt>>,
    projects: Shelf<Rc<str>, Rc<Cell<Project>>>,
    breakers: Shelf<Rc<str>, Breaker>,
    /// By organisation.
    stores: Shelf<Rc<str>, Store>,
}

/// Which store an organisation's answers have come from.
struct Store {
    identity: Rc<str>,
    epoch: u64,
}

/// A cache key's record and its copy.
pub(super) struct Slot<T> {
    pub(super) record: Record,
    pub(super) copy: Option<Rc<T>>,
    /// The origin's own words where it said that there is nothing, and why the last attempt failed where it did.
    pub(super) error: Option<Rc<Error>>,
    /// How many requests wait for the one that asks.
    pub(super) waiting: u32,
}

impl<T> Slot<T> {
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
            prompts: Shelf::new(PROMPT_BYTES),
            tags: Shelf::new(TAG_BYTES),
            verdicts: Shelf::new(VERDICT_BYTES),
            settings: Shelf::new(SETTINGS_BYTES),
            compiled: Shelf::new(COMPILED_BYTES),
            projects: Shelf::new(PROJECT_BYTES),
            breakers: Shelf::new(BREAKER_BYTES),
            stores: Shelf::new(STORE_BYTES),
        }
    }

    /// What is known of a project; shared by all who ask.
    pub(super) fn project(&mut self, key: &str) -> Rc<Cell<Project>> {
        if let Some(project) = self.projects.get(key) {
            return project.clone();
        }
        let project = Rc::new(Cell::default());
        self.projects.put(key.into(), project.clone(), key.len());
        project
    }

    /// Has the versions that were read before `revision` confirmed, of all projects whose keys begin with `prefix`.
    pub(super) fn rebind(&mut self, prefix: &str, revision: Revision) {
        let all = self.projects.iter_mut();
        for (_, project) in all.filter(|(key, _)| key.starts_with(prefix)) {
            rebind(project, revision);
        }
    }

    /// Whether an answer at an epoch, from a store of this identity, is of the store that the organisation's answers have come
    /// from so far. A higher epoch is the operator's word that another one is meant.
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
            .put(organization.into(), Store { identity, epoch }, bytes);
    }

    /// Whether no origin has failed lately.
    pub(super) fn all_well(&self) -> bool {
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
        // Only what has failed is worth remembering.
        if breaker != Breaker::default() {
            self.breakers.put(key.into(), breaker, key.len());
        }
        result
    }

    /// Drops all verdicts whose cache keys begin with `prefix`, and returns those keys.
    pub(super) fn forget_verdicts(&mut self, prefix: &str) -> Vec<Rc<str>> {
        let all = self.verdicts.iter_mut().map(|(key, _)| key.clone());
        let keys: Vec<Rc<str>> = all.filter(|key| key.starts_with(prefix)).collect();
        for key in &keys {
            self.verdicts.remove(key);
        }
        keys
    }

    /// Drops what is known of an organisation's runs, and returns the cache keys of that.
    pub(super) fn forget_settings(&mut self, organization: &str) -> Vec<Rc<str>> {
        let prefix = RunSettings::prefix_of_all(organization);
        let all = self.settings.iter_mut().map(|(key, _)| key.clone());
        let keys: Vec<Rc<str>> = all.filter(|key| key.starts_with(&prefix)).collect();
        for key in &keys {
            self.settings.remove(key);
        }
        keys
    }

    /// Has all verdicts whose cache keys begin with `prefix` confirmed before they count again, and returns those keys.
    pub(super) fn doubt_verdicts(
        &mut self,
        prefix: &str,
        policy: &Policy,
        now: Millis,
    ) -> Vec<Rc<str>> {
        let all = self.verdicts.iter_mut();
        all.filter(|(key, _)| key.starts_with(prefix))
            .map(|(key, slot)| {
                slot.record.doubt(policy, now);
                key.clone()
            })
            .collect()
    }

    pub(super) fn compiled(&mut self, hash: &str) -> Option<Rc<Prompt>> {
        self.compiled.get(hash).map(|prompt| prompt.clone())
    }

    /// Keeps a compiled prompt; `bytes` is the size of what it was compiled from.
    pub(super) fn keep_compiled(&mut self, hash: &str, prompt: Rc<Prompt>, bytes: usize) {
        // A compiled prompt holds the document and its program.
        self.compiled.put(hash.into(), prompt, 3 * bytes);
    }
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
