//! One cache key: its copy's age, the right to ask, and the two verbs around the network.

use crate::outcome::{Outcome, Settled};
use crate::policy::{Millis, Policy};
use crate::project::ProjectFreshness;
use crate::revision::EpochRevision;

/// The freshness of one cache key. The caller holds the copy itself.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Record {
    pinned: bool,
    held: Option<Held>,
    floor: EpochRevision,
    asking_until: Millis,
    asking: u32,
    retry_at: Millis,
    failures: u32,
    settled: u32,
}

/// A copy, or a confirmed absence: the state that travels between memory and slower tiers.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Held {
    /// The project's revision at which this was right.
    pub revision: EpochRevision,
    /// When the request that last confirmed it started.
    pub checked: Millis,
    /// Whether the origin said that the prompt does not exist.
    pub missing: bool,
}

/// What to do now.
#[derive(Debug)]
pub enum Lookup {
    /// Serve the copy.
    Fresh {
        /// Since the origin confirmed it, in milliseconds.
        age: Millis,
    },
    /// Serve the copy at once; where there is an attempt, settle it in the background.
    Stale {
        /// Since the origin confirmed it, in milliseconds.
        age: Millis,
        /// The right to ask the origin. `None`: another request has it, or it is too early to try again.
        refresh: Option<Attempt>,
    },
    /// Answer that the prompt does not exist; where there is an attempt, settle it in the background.
    Missing {
        /// Since the origin said so, in milliseconds.
        age: Millis,
        /// As in [`Lookup::Stale`].
        refresh: Option<Attempt>,
    },
    /// Nothing may be served before the origin has been asked.
    Fetch(Attempt),
    /// As [`Lookup::Fetch`], but another request is asking: look again when it has settled, at the latest at this time.
    Wait {
        /// When the other's right to ask expires.
        until: Millis,
    },
    /// Nothing may be served, and it is too early to ask again.
    Unavailable {
        /// How long until the next attempt, in milliseconds.
        retry_after: Millis,
    },
}

/// The right to ask the origin for one key, once. Without [`Record::settle`] it expires after [`Policy::LEASE`].
#[derive(Debug)]
#[must_use = "an attempt ends in `Record::settle`"]
pub struct Attempt {
    started: Millis,
    asking: u32,
    settled: u32,
    for_project: bool,
}

impl Record {
    /// A key whose answer can change: a tag, or the newest version.
    pub fn tag() -> Self {
        Self {
            pinned: false,
            held: None,
            floor: EpochRevision::default(),
            asking_until: 0,
            asking: 0,
            retry_at: 0,
            failures: 0,
            settled: 0,
        }
    }

    /// A key whose answer stays, until the project's names change their meaning: a version.
    pub fn version() -> Self {
        Self {
            pinned: true,
            ..Self::tag()
        }
    }

    /// The state that is held.
    pub fn held(&self) -> Option<Held> {
        self.held
    }

    /// Whether a copy is held that may be served where the origin fails.
    pub fn serves_on_error(
        &self,
        project: &ProjectFreshness,
        policy: &Policy,
        now: Millis,
    ) -> bool {
        self.held.is_some_and(|held| {
            !held.missing && (self.pinned || held.age(project, now) < policy.retention())
        })
    }

    /// Whether the last attempt failed.
    pub fn failing(&self) -> bool {
        self.failures > 0
    }

    /// Whether the copy was asked for at `since` or later, so that it is current for a request of that time, however
    /// short copies count as fresh (RFC 9111 §4: a response may be collapsed into those of requests under way).
    pub fn confirmed_since(&self, since: Millis) -> Option<Held> {
        self.held
            .filter(|held| held.checked >= since && held.revision >= self.floor)
    }

    /// Takes a slower tier's state if it is newer than this one, and returns whether it did.
    pub fn adopt(&mut self, held: Held) -> bool {
        let newer = self.held.is_none_or(|mine| {
            (mine.revision, mine.checked) < (held.revision, held.checked)
                && !(mine.missing && mine.revision == held.revision)
        });
        if newer {
            self.held = Some(held);
            self.settled = self.settled.wrapping_add(1);
        }
        newer
    }

    /// Forgets the state that is held, as the caller has no copy any more. Failures and demands still count.
    pub fn forget(&mut self) {
        self.held = None;
    }

    /// Whether it is a version, which no write but [`ProjectFreshness::invalidate_versions`] concerns.
    pub fn is_pinned(&self) -> bool {
        self.pinned && self.held.is_some_and(|held| !held.missing)
    }

    /// Requires a confirmation before the copy is served again; it still serves when the origin fails.
    pub fn invalidate(&mut self, policy: &Policy, now: Millis) {
        if let Some(held) = &mut self.held {
            held.checked = held
                .checked
                .min(now.saturating_sub(policy.revalidates_until()));
        }
    }

    /// Accepts only answers made at `revision` or later from now on, as a writer demands after a write. An older
    /// copy still serves when the origin fails. A version is not affected.
    pub fn require(&mut self, revision: EpochRevision) {
        self.floor = self.floor.max(revision);
    }

    /// What to do now. `origin_down` says that the origin counts as down, so that no reader should wait for it.
    pub fn lookup(
        &mut self,
        project: &mut ProjectFreshness,
        policy: &Policy,
        origin_down: bool,
        now: Millis,
    ) -> Lookup {
        self.clamp(policy, now);
        let Some(held) = self.held else {
            return self.ask(now);
        };
        let age = held.age(project, now);
        let pinned = self.is_pinned();
        if pinned && project.version_holds(held.revision) {
            return Lookup::Fresh { age };
        }
        let current = held.revision >= self.floor && !pinned;
        if current && age < policy.fresh_for(held.missing) {
            return held.fresh(age);
        }
        if current && !held.missing && age < policy.revalidates_until() {
            let shared = project.revision() == Some(held.revision);
            let refresh = if self.may_ask(now) && (!shared || project.lease(now)) {
                Some(self.lease(shared, now))
            } else {
                None
            };
            return Lookup::Stale { age, refresh };
        }
        if age >= policy.retention() && !pinned {
            return self.ask(now);
        }
        if origin_down || self.failing() {
            let refresh = self.may_ask(now).then(|| self.lease(false, now));
            return held.stale(age, refresh);
        }
        self.ask(now)
    }

    /// Returns an unused attempt: the origin was not asked.
    pub fn release(&mut self, attempt: Attempt, project: &mut ProjectFreshness) {
        if attempt.for_project {
            project.release();
        }
        if self.asking == attempt.asking {
            self.asking_until = 0;
        }
    }

    /// What to serve and to keep after an attempt. An answer older than the copy held by now changes nothing,
    /// nor does one that took longer than [`Policy::LEASE`].
    pub fn settle(
        &mut self,
        attempt: Attempt,
        outcome: Outcome,
        project: &mut ProjectFreshness,
        policy: &Policy,
        now: Millis,
    ) -> Settled {
        let Attempt {
            started, settled, ..
        } = attempt;
        self.release(attempt, project);
        let late = now.saturating_sub(started) > Policy::LEASE;
        let (revision, missing) = match outcome {
            _ if late => return self.failed(None, project, policy, now),
            Outcome::Modified { revision } => (revision, Some(false)),
            Outcome::Missing { revision } => (revision, Some(true)),
            Outcome::NotModified { revision } => (revision, None),
            Outcome::Failed { retry_after } => {
                return self.failed(retry_after, project, policy, now);
            }
        };
        project.confirm(revision, started);
        let alone = self.settled == settled;
        if !self.supersedes(revision, missing, alone, policy, now) {
            return self.failed(None, project, policy, now);
        }
        let checked = match self.held {
            Some(held) if held.revision == revision && held.checked <= now => {
                held.checked.max(started)
            }
            _ => started,
        };
        self.held = Some(Held {
            revision,
            checked,
            missing: missing.unwrap_or(false),
        });
        self.failures = 0;
        self.retry_at = 0;
        self.settled = self.settled.wrapping_add(1);
        match missing {
            Some(false) => Settled::Answer,
            Some(true) => Settled::Missing { age: 0 },
            None => Settled::Stored {
                age: now.saturating_sub(checked),
            },
        }
    }

    /// Whether an answer may replace or renew the copy. `alone`: nothing else was settled since it was
    /// asked for. A late "not modified" is about a copy that is no longer held; a late answer at the revision of a
    /// deletion must not bring back what is gone.
    fn supersedes(
        &self,
        revision: EpochRevision,
        missing: Option<bool>,
        alone: bool,
        policy: &Policy,
        now: Millis,
    ) -> bool {
        match (self.held, missing) {
            (None, answer) => answer.is_some(),
            (Some(held), None) => alone && !held.missing && revision >= held.revision,
            (Some(held), Some(missing)) => {
                let expired = now.saturating_sub(held.checked) >= policy.retention();
                let contradicts = held.missing && !missing && !alone;
                expired || revision > held.revision || (revision == held.revision && !contradicts)
            }
        }
    }

    fn failed(
        &mut self,
        retry_after: Option<Millis>,
        project: &ProjectFreshness,
        policy: &Policy,
        now: Millis,
    ) -> Settled {
        self.failures = self.failures.saturating_add(1);
        let retry_after = policy.pause(self.failures, retry_after);
        self.retry_at = now.saturating_add(retry_after);
        match self.held {
            Some(held) => {
                let age = held.age(project, now);
                let kept = age < policy.retention();
                match held.missing {
                    true if kept => Settled::Missing { age },
                    false if kept || self.pinned => Settled::Stored { age },
                    _ => Settled::Unavailable { retry_after },
                }
            }
            None => Settled::Unavailable { retry_after },
        }
    }

    fn ask(&mut self, now: Millis) -> Lookup {
        if self.asking_until > now {
            Lookup::Wait {
                until: self.asking_until,
            }
        } else if self.retry_at > now {
            Lookup::Unavailable {
                retry_after: self.retry_at - now,
            }
        } else {
            Lookup::Fetch(self.lease(false, now))
        }
    }

    fn may_ask(&self, now: Millis) -> bool {
        self.asking_until <= now && self.retry_at <= now
    }

    fn lease(&mut self, for_project: bool, now: Millis) -> Attempt {
        self.asking = self.asking.wrapping_add(1);
        self.asking_until = now.saturating_add(Policy::LEASE);
        Attempt {
            started: now,
            asking: self.asking,
            settled: self.settled,
            for_project,
        }
    }

    /// After the clock went back, points that lie further ahead than they were ever set would hold for too long. A copy
    /// from the future turns stale, so that a jump costs at most one extra request.
    fn clamp(&mut self, policy: &Policy, now: Millis) {
        if let Some(held) = &mut self.held
            && held.checked > now
        {
            held.checked = now.saturating_sub(policy.fresh);
        }
        if self.asking_until > now.saturating_add(Policy::LEASE) {
            self.asking_until = 0;
        }
        if self.retry_at > now.saturating_add(60_000) {
            self.retry_at = 0;
        }
    }
}

impl Held {
    fn age(&self, project: &ProjectFreshness, now: Millis) -> Millis {
        let confirmed = project.confirmed(self.revision, now).unwrap_or(0);
        now.saturating_sub(self.checked.max(confirmed))
    }

    fn fresh(&self, age: Millis) -> Lookup {
        if self.missing {
            Lookup::Missing { age, refresh: None }
        } else {
            Lookup::Fresh { age }
        }
    }

    fn stale(&self, age: Millis, refresh: Option<Attempt>) -> Lookup {
        if self.missing {
            Lookup::Missing { age, refresh }
        } else {
            Lookup::Stale { age, refresh }
        }
    }
}
