//! The freshness of a whole project: its revision is the validator that all its copies share.

use crate::policy::{Millis, Policy};
use crate::revision::EpochRevision;

/// The newest revision seen of a project, and when the origin last confirmed it.
///
/// A copy that was right at this revision is right as of the confirmation, whichever request brought it. So one
/// revalidation renews every copy of an unchanged project.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct ProjectFreshness {
    seen: Option<(EpochRevision, Millis)>,
    versions_from: EpochRevision,
    asking_until: Millis,
}

impl ProjectFreshness {
    /// The newest revision seen.
    pub fn revision(&self) -> Option<EpochRevision> {
        self.seen.map(|(revision, _)| revision)
    }

    /// Whether the store was restored to an earlier state since it was at `revision`: numbers of lost versions may
    /// have been given again.
    fn restored_since(&self, revision: EpochRevision) -> bool {
        self.seen
            .is_some_and(|(seen, _)| seen.epoch > revision.epoch)
    }

    /// Notes that an answer to a request that started at `asked` was made at `revision`; older ones change nothing.
    pub fn confirm(&mut self, revision: EpochRevision, asked: Millis) {
        match self.seen {
            Some((seen, _)) if seen > revision => {}
            Some((seen, at)) if seen == revision => self.seen = Some((seen, at.max(asked))),
            _ => self.seen = Some((revision, asked)),
        }
    }

    /// Forgets when the revision was confirmed: each copy is then as old as its own last confirmation.
    pub fn unconfirm(&mut self) {
        if let Some((_, at)) = &mut self.seen {
            *at = 0;
        }
    }

    /// Notes that at `revision` some name changed its meaning, so that versions read before have to be
    /// confirmed once. Older ones change nothing.
    pub fn invalidate_versions(&mut self, revision: EpochRevision) {
        self.versions_from = self.versions_from.max(revision);
    }

    /// Whether a version that was right at `revision` is right now, as far as is known.
    pub fn version_holds(&self, revision: EpochRevision) -> bool {
        revision >= self.versions_from && !self.restored_since(revision)
    }

    /// When the origin last confirmed `revision`, if that is still the newest. A confirmation from the future (the
    /// clock went back) counts for nothing.
    pub(crate) fn confirmed(&self, revision: EpochRevision, now: Millis) -> Option<Millis> {
        self.seen
            .filter(|&(seen, at)| seen == revision && at <= now)
            .map(|(_, at)| at)
    }

    /// Whether nobody is asking on behalf of the whole project; if so, the caller is the one from now on.
    pub(crate) fn lease(&mut self, now: Millis) -> bool {
        let free =
            self.asking_until <= now || self.asking_until > now.saturating_add(Policy::LEASE);
        if free {
            self.asking_until = now.saturating_add(Policy::LEASE);
        }
        free
    }

    pub(crate) fn release(&mut self) {
        self.asking_until = 0;
    }
}
