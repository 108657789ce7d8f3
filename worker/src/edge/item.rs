//! What can be cached: prompts, where their tags point, and verdicts on keys.

use std::cell::Cell;
use std::rc::Rc;

use cuecard_freshness::{Held, Policy, Project, Record, Revision, Shelf};
use cuecard_prompt::{Code, Result};

use super::memory::Slot;

/// A kind of cached answer.
pub(super) trait Item: Sized + 'static {
    /// What the caller wants, to check an answer against.
    type Want: Clone + 'static;
    /// Whether the origin stamps these with the project's revision.
    const HAS_REVISION: bool;

    /// Runs `f` on what the isolate keeps of these. `f` cannot await, so no two borrows meet.
    fn with_shelf<R>(f: impl FnOnce(&mut Shelf<Rc<str>, Slot<Self>>) -> R) -> R;

    /// Reads an answer and checks that it is what was wanted, and usable.
    ///
    /// # Errors
    /// Any; the answer then counts as a failure of the origin.
    fn read(body: Vec<u8>, etag: &str, want: &Self::Want) -> Result<Self>;

    /// Whether an error of the origin means that there is no such thing, rather than that something failed.
    fn means_missing(code: Code) -> bool;

    /// Whether it may take the place of a copy that still serves.
    ///
    /// # Errors
    /// As [`Item::read`]
    fn replaces(&self, _before: &Self) -> Result<()> {
        Ok(())
    }

    /// Takes note of the revision that an answer was made at, where that is not the item's own.
    fn heard(&self, _revision: Revision) {}

    /// Takes note of a change at `revision` that another isolate told of: nothing older is current.
    fn changed(question: &Question<Self>, revision: Revision) {
        question.slot(|slot, _| slot.record.require(revision));
    }

    /// The answer's validator.
    fn etag(&self) -> &str;

    /// The answer as it came.
    fn body(&self) -> Vec<u8>;

    /// What it takes in memory.
    fn bytes(&self) -> usize;
}

/// One question: where to look, and how to ask the origin.
pub(super) struct Question<T: Item> {
    /// The parsed tuple, every part with its length: no two questions share a key.
    pub(super) key: Rc<str>,
    /// Path and query at the origin.
    pub(super) path: String,
    pub(super) organization: Rc<str>,
    /// The caller's `Authorization`.
    pub(super) authorization: Rc<str>,
    /// The cache key of the verdict on the caller's key.
    pub(super) verdict: Rc<str>,
    pub(super) policy: Policy,
    pub(super) pinned: bool,
    /// The cache key of the last change to what is asked about, see [`super::changes`].
    pub(super) changes: Option<Rc<str>>,
    pub(super) project: Rc<Cell<Project>>,
    pub(super) want: T::Want,
}

impl<T: Item> Clone for Question<T> {
    fn clone(&self) -> Self {
        Self {
            key: self.key.clone(),
            path: self.path.clone(),
            organization: self.organization.clone(),
            authorization: self.authorization.clone(),
            verdict: self.verdict.clone(),
            policy: self.policy,
            pinned: self.pinned,
            changes: self.changes.clone(),
            project: self.project.clone(),
            want: self.want.clone(),
        }
    }
}

impl<T: Item> Question<T> {
    /// Runs `f` on the question's slot, which is made if it is not there, and accounts for its size afterwards.
    pub(super) fn slot<R>(&self, f: impl FnOnce(&mut Slot<T>, &mut Project) -> R) -> R {
        T::with_shelf(|shelf| {
            let mut project = self.project.get();
            let result = if let Some(slot) = shelf.get(&*self.key) {
                let before = slot.copy.as_ref().map(Rc::as_ptr);
                let result = f(slot, &mut project);
                if slot.copy.as_ref().map(Rc::as_ptr) != before
                    && let Some(slot) = shelf.remove(&*self.key)
                {
                    self.keep(shelf, slot);
                }
                result
            } else {
                let mut slot = Slot::new(self.record());
                let result = f(&mut slot, &mut project);
                self.keep(shelf, slot);
                result
            };
            self.project.set(project);
            result
        })
    }

    /// What is known at first.
    pub(super) fn record(&self) -> Record {
        if self.pinned {
            Record::version()
        } else {
            Record::tag()
        }
    }

    fn keep(&self, shelf: &mut Shelf<Rc<str>, Slot<T>>, slot: Slot<T>) {
        let copy = slot.copy.as_ref().map_or(0, |copy| copy.bytes());
        shelf.put(
            self.key.clone(),
            slot,
            self.key.len() + copy + size_of::<Slot<T>>(),
        );
    }
}

/// A copy on its way between memory and the Cache API: without a body, the mark that there is nothing.
pub(super) struct Stored {
    pub(super) held: Held,
    pub(super) etag: String,
    pub(super) body: Vec<u8>,
}
