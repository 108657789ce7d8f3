//! Runs every sequence of a few events in the life of one version: its prompt is deleted, restored, or purged to make
//! room for another prompt of its name, while the rest of the project also changes.
//!
//! The invariants: a copy is served for ever, without a request, until the edge learns of a change that contradicts it;
//! from then on it is served only when the origin fails, and always then; a version that is gone stays gone.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test")]

mod support;

use cuecard_freshness::{Attempt, Lookup, Millis, Outcome, ProjectFreshness, Record, Settled};

use support::{POLICY, every_sequence, revision};

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Event {
    Tick(Millis),
    Read,
    /// Deletes the prompt, or restores it unchanged.
    Toggle,
    /// Gives the name to another prompt.
    Replace,
    /// Changes another part of the project.
    Else,
    /// The edge asks about the key again, and the answer carries the last change of meaning.
    Learn,
    /// Answers the oldest pending request with the current state.
    Answer,
    /// Answers the oldest pending request with the state at the time of the request.
    AnswerLate,
    Fail,
}

/// The state at a revision.
#[derive(Clone, Copy)]
struct Truth {
    content: Option<u32>,
    /// The content that a restored prompt gets.
    kept: u32,
    bindings: usize,
}

struct Pending {
    attempt: Attempt,
    asked_at: usize,
    validator: Option<u32>,
}

struct World {
    now: Millis,
    record: Record,
    project: ProjectFreshness,
    /// The content (`None`: gone), and the revision that it is kept for.
    copy: Option<(Option<u32>, usize)>,
    pending: Vec<Pending>,
    history: Vec<Truth>,
    /// The last change of meaning that the edge knows.
    learnt: usize,
    last_served: usize,
    failed: bool,
    served: u64,
}

impl support::World for World {
    type Event = Event;

    fn new() -> Self {
        Self {
            now: 1_000_000,
            record: Record::version(),
            project: ProjectFreshness::default(),
            copy: None,
            pending: Vec::new(),
            history: vec![Truth {
                content: Some(0),
                kept: 0,
                bindings: 0,
            }],
            learnt: 0,
            last_served: 0,
            failed: false,
            served: 0,
        }
    }

    fn step(&mut self, event: Event) {
        let head = self.history.len() - 1;
        let now = self.history[head];
        match event {
            Event::Tick(span) => self.now += span,
            Event::Read => self.read(),
            Event::Toggle => self.history.push(match now.content {
                Some(_) => Truth {
                    content: None,
                    bindings: head + 1,
                    ..now
                },
                None => Truth {
                    content: Some(now.kept),
                    ..now
                },
            }),
            Event::Replace => {
                let other = head as u32 + 1;
                self.history.push(Truth {
                    content: Some(other),
                    kept: other,
                    bindings: head + 1,
                });
            }
            Event::Else => self.history.push(now),
            Event::Learn => self.learn(head),
            Event::Answer => self.answer(|_| head),
            Event::AnswerLate => self.answer(|pending| pending.asked_at),
            Event::Fail => {
                if !self.pending.is_empty() {
                    let pending = self.pending.remove(0);
                    self.settle(pending, Outcome::Failed { retry_after: None }, 0);
                }
            }
        }
    }

    fn served(&self) -> u64 {
        self.served
    }
}

impl World {
    fn learn(&mut self, at: usize) {
        let bindings = self.history[at].bindings;
        self.project.invalidate_versions(revision(bindings));
        self.learnt = self.learnt.max(bindings);
    }

    /// `None` without a copy; otherwise whether the copy agrees with every change that the edge knows.
    fn held(&self) -> Option<bool> {
        let (content, at) = self.copy?;
        content.map(|_| at >= self.learnt)
    }

    fn read(&mut self) {
        let held = self.held();
        let lookup = self
            .record
            .lookup(&mut self.project, &POLICY, false, self.now);
        let refresh = match lookup {
            Lookup::Fresh { .. } => {
                assert_eq!(
                    held,
                    Some(true),
                    "a contradicted copy is served without a request"
                );
                self.serve();
                None
            }
            Lookup::Stale { refresh, .. } => {
                assert_eq!(held, Some(false));
                assert!(
                    self.failed,
                    "a contradicted copy is served although the origin has not failed"
                );
                self.serve();
                refresh
            }
            Lookup::Missing { refresh, .. } => {
                assert_eq!(held, None);
                refresh
            }
            Lookup::Fetch(attempt) => {
                assert_ne!(held, Some(true), "a valid copy is requested again");
                Some(attempt)
            }
            Lookup::Wait { .. } => {
                assert_ne!(held, Some(true));
                assert!(
                    !self.failed || held.is_none(),
                    "a reader with a copy waits for a failed origin"
                );
                None
            }
            Lookup::Unavailable { .. } => {
                assert_eq!(held, None, "what was read before is there");
                None
            }
        };
        if let Some(attempt) = refresh {
            self.pending.push(Pending {
                attempt,
                asked_at: self.history.len() - 1,
                validator: self.copy.and_then(|(content, _)| content),
            });
        }
    }

    fn answer(&mut self, at: impl Fn(&Pending) -> usize) {
        if self.pending.is_empty() {
            return;
        }
        let pending = self.pending.remove(0);
        let at = at(&pending);
        self.learn(at);
        let revision = revision(at);
        let outcome = match self.history[at].content {
            None => Outcome::Missing { revision },
            content if content == pending.validator => Outcome::NotModified { revision },
            Some(_) => Outcome::Modified { revision },
        };
        self.settle(pending, outcome, at);
    }

    fn settle(&mut self, pending: Pending, outcome: Outcome, at: usize) {
        let before = self.held();
        let Pending { attempt, .. } = pending;
        if let Some(held) = self.record.held()
            && self.now - held.checked >= POLICY.retention()
        {
            // A copy past its end of life gives way to an older answer, because a store may have been restored.
            self.last_served = 0;
        }
        let settled = self
            .record
            .settle(attempt, outcome, &mut self.project, &POLICY, self.now);
        let kept_at = self.record.held().map(|held| held.revision.number as usize);
        self.failed = self.record.failing();
        match settled {
            Settled::Answer => {
                self.copy = Some((self.history[at].content, at));
                self.serve();
            }
            Settled::Stored { .. } => {
                let (content, _) = self.copy.unwrap();
                self.copy = Some((content, kept_at.unwrap()));
                self.serve();
            }
            Settled::Missing { .. } => {
                if matches!(outcome, Outcome::Missing { .. }) && kept_at == Some(at) {
                    self.copy = Some((None, at));
                }
                assert_eq!(
                    self.copy.unwrap().0,
                    None,
                    "the copy is gone without an answer of the origin"
                );
            }
            Settled::Unavailable { .. } => {
                assert_eq!(before, None, "what was read before is there")
            }
        }
    }

    fn serve(&mut self) {
        self.served += 1;
        let (content, at) = self.copy.unwrap();
        assert!(content.is_some(), "a version that is gone is served");
        assert_eq!(self.record.held().unwrap().revision, revision(at));
        assert_eq!(
            content, self.history[at].content,
            "the content differs from its revision's"
        );
        if self.held() == Some(true) {
            let learnt = self.history[self.learnt.max(at)].content;
            assert_eq!(content, learnt, "the content contradicts a known change");
        }
        assert!(
            at >= self.last_served,
            "an older revision follows a newer one"
        );
        self.last_served = at;
    }
}

#[test]
fn a_version_whose_prompt_goes_and_comes() {
    let alphabet = [
        Event::Tick(20_000),
        Event::Read,
        Event::Toggle,
        Event::Replace,
        Event::Learn,
        Event::Answer,
        Event::AnswerLate,
        Event::Fail,
    ];
    let (_, served) = every_sequence::<World>(&[Event::Read], &alphabet, 7);
    assert!(served > 1_000_000, "{served}");
}

#[test]
fn a_version_in_a_project_that_changes() {
    let prefix = [Event::Read, Event::Answer];
    let alphabet = [
        Event::Tick(999),
        Event::Tick(20_000),
        Event::Read,
        Event::Else,
        Event::Replace,
        Event::Learn,
        Event::Answer,
        Event::Fail,
    ];
    let (_, served) = every_sequence::<World>(&prefix, &alphabet, 7);
    assert!(served > 1_000_000, "{served}");
}
