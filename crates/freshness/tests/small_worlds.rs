//! Runs every sequence of a few events in a small world: two keys of one project, and one origin with its whole
//! history.
//!
//! The invariants: a copy equals the origin's content at the revision it is kept for; nothing is served past its bound;
//! no reader of a key gets an older revision after a newer one; a deleted key stays deleted.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test")]

mod support;

use cuecard_freshness::{
    Attempt, Lookup, Millis, Outcome, Policy, ProjectFreshness, Record, Settled,
};

use support::{POLICY, every_sequence, revision};

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Event {
    Tick(Millis),
    Read(usize),
    /// Writes new content to key 0.
    Write,
    /// Deletes key 0, or restores it with its content.
    Toggle,
    /// Writes the initial content to key 0.
    RollBack,
    /// Answers the oldest pending request with the current state.
    Answer,
    /// Answers the newest pending request with the current state.
    AnswerNewest,
    /// Answers the oldest pending request with the state at the time of the request.
    AnswerLate,
    /// Answers the newest pending request from a replica that is one revision behind.
    AnswerLagging,
    Fail,
    /// The writer demands to read its own write.
    Require,
}

struct Pending {
    key: usize,
    attempt: Attempt,
    asked_at: usize,
    validator: Option<u32>,
}

/// The edge's copy of a key: its content (`None`: deleted) and the revision at which the content is correct.
type Copy = Option<(Option<u32>, usize)>;

struct World {
    now: Millis,
    records: [Record; 2],
    project: ProjectFreshness,
    copies: [Copy; 2],
    pending: Vec<Pending>,
    /// By revision: the time it began, and the content of both keys.
    history: Vec<(Millis, [Option<u32>; 2])>,
    last_served: [usize; 2],
    lagging: bool,
    served: u64,
}

impl support::World for World {
    type Event = Event;

    fn new() -> Self {
        Self {
            now: 1_000_000,
            records: [Record::tag(); 2],
            project: ProjectFreshness::default(),
            copies: [None; 2],
            pending: Vec::new(),
            history: vec![(0, [Some(0), Some(0)])],
            last_served: [0; 2],
            lagging: false,
            served: 0,
        }
    }

    fn step(&mut self, event: Event) {
        let head = self.history.len() - 1;
        match event {
            Event::Tick(span) => self.now += span,
            Event::Read(key) => self.read(key),
            Event::Write => {
                let content = [Some(head as u32 + 1), self.history[head].1[1]];
                self.history.push((self.now, content));
            }
            Event::Toggle => {
                let before = match self.history[head].1[0] {
                    Some(_) => None,
                    None => self
                        .history
                        .iter()
                        .rev()
                        .find_map(|(_, content)| content[0]),
                };
                self.history
                    .push((self.now, [before, self.history[head].1[1]]));
            }
            Event::RollBack => {
                let content = [Some(0), self.history[head].1[1]];
                self.history.push((self.now, content));
            }
            Event::Answer => self.answer(false, |_| head),
            Event::AnswerNewest => self.answer(true, |_| head),
            Event::AnswerLate => self.answer(false, |pending| pending.asked_at),
            Event::AnswerLagging => {
                self.lagging = true;
                self.answer(true, |_| head.saturating_sub(1));
            }
            Event::Fail => {
                if !self.pending.is_empty() {
                    let pending = self.pending.remove(0);
                    self.settle(pending, Outcome::Failed { retry_after: None }, 0);
                }
            }
            Event::Require => {
                self.records[0].require(revision(head));
            }
        }
    }

    fn served(&self) -> u64 {
        self.served
    }
}

impl World {
    fn read(&mut self, key: usize) {
        let record = &mut self.records[key];
        let held = record.held();
        let lookup = record.lookup(&mut self.project, &POLICY, false, self.now);
        let refresh = match lookup {
            Lookup::Fresh { .. } => {
                self.serve(key, POLICY.fresh, false);
                None
            }
            Lookup::Stale { refresh, .. } => {
                self.serve(key, POLICY.retention(), false);
                refresh
            }
            Lookup::Missing { refresh, .. } => {
                self.serve(key, POLICY.retention(), true);
                refresh
            }
            Lookup::Fetch(attempt) => Some(attempt),
            Lookup::Wait { until } => {
                assert!(until > self.now);
                None
            }
            Lookup::Unavailable { retry_after } => {
                assert!((1..=5_000).contains(&retry_after));
                None
            }
        };
        if let Some(attempt) = refresh {
            let validator = held.and(self.copies[key]).and_then(|(content, _)| content);
            self.pending.push(Pending {
                key,
                attempt,
                asked_at: self.history.len() - 1,
                validator,
            });
        }
    }

    fn answer(&mut self, newest: bool, at: impl Fn(&Pending) -> usize) {
        if self.pending.is_empty() {
            return;
        }
        let index = if newest { self.pending.len() - 1 } else { 0 };
        let pending = self.pending.remove(index);
        let at = at(&pending);
        let revision = revision(at);
        let outcome = match self.history[at].1[pending.key] {
            None => Outcome::Missing { revision },
            content if content == pending.validator => Outcome::NotModified { revision },
            Some(_) => Outcome::Modified { revision },
        };
        self.settle(pending, outcome, at);
    }

    fn settle(&mut self, pending: Pending, outcome: Outcome, at: usize) {
        let Pending { key, attempt, .. } = pending;
        let held = self.records[key].held();
        if held.is_some_and(|held| self.now - held.checked >= POLICY.retention()) {
            // A copy past its end of life is forgotten, and the order of its reads with it.
            self.last_served[key] = 0;
        }
        let settled =
            self.records[key].settle(attempt, outcome, &mut self.project, &POLICY, self.now);
        let truth = self.history[at].1[key];
        match settled {
            Settled::Answer => {
                self.copies[key] = Some((truth, at));
                self.serve(key, Policy::LEASE, false);
            }
            Settled::Stored { .. } => {
                self.renew(key);
                self.serve(key, POLICY.retention(), false);
            }
            Settled::Missing { .. } => {
                if matches!(outcome, Outcome::Missing { .. }) && self.held(key) == at {
                    self.copies[key] = Some((None, at));
                }
                self.renew(key);
                self.serve(key, POLICY.retention(), true);
            }
            Settled::Unavailable { .. } => {}
        }
    }

    fn held(&self, key: usize) -> usize {
        self.records[key].held().unwrap().revision.number as usize
    }

    /// Renews a copy: its content was also correct at a newer revision.
    fn renew(&mut self, key: usize) {
        let at = self.held(key);
        let (content, _) = self.copies[key].unwrap();
        self.copies[key] = Some((content, at));
    }

    fn serve(&mut self, key: usize, bound: Millis, missing: bool) {
        self.served += 1;
        let (content, at) = self.copies[key].unwrap();
        assert_eq!(content.is_none(), missing, "a deleted key is served");
        assert_eq!(self.held(key), at);
        assert_eq!(
            content, self.history[at].1[key],
            "the content differs from its revision's"
        );
        assert!(
            at >= self.last_served[key],
            "an older revision follows a newer one"
        );
        self.last_served[key] = at;
        if !self.lagging {
            let last_true = (0..self.history.len())
                .rev()
                .find(|&revision| self.history[revision].1[key] == content)
                .unwrap();
            let ended = self
                .history
                .get(last_true + 1)
                .map_or(self.now, |next| next.0);
            assert!(self.now - ended <= bound, "a copy is served past its bound");
        }
    }
}

#[test]
fn an_origin_that_answers_in_order_or_late() {
    let alphabet = [
        Event::Tick(999),
        Event::Tick(10_000),
        Event::Read(0),
        Event::Write,
        Event::Toggle,
        Event::Answer,
        Event::AnswerLate,
        Event::Fail,
    ];
    let (sequences, served) = every_sequence::<World>(&[Event::Read(0)], &alphabet, 7);
    assert_eq!(sequences, 2_097_152);
    assert!(served > 1_000_000, "{served}");
}

#[test]
fn two_prompts_of_one_project() {
    let alphabet = [
        Event::Tick(600),
        Event::Read(0),
        Event::Read(1),
        Event::Write,
        Event::Answer,
        Event::AnswerNewest,
        Event::Fail,
        Event::Require,
    ];
    let (_, served) = every_sequence::<World>(&[Event::Read(0)], &alphabet, 7);
    assert!(served > 1_000_000, "{served}");
}

#[test]
fn an_origin_whose_replicas_lag() {
    let alphabet = [
        Event::Tick(1_500),
        Event::Tick(10_000),
        Event::Read(0),
        Event::Write,
        Event::Toggle,
        Event::Answer,
        Event::AnswerLagging,
        Event::AnswerLate,
    ];
    let (_, served) = every_sequence::<World>(&[Event::Read(0)], &alphabet, 7);
    assert!(served > 1_000_000, "{served}");
}

#[test]
fn two_requests_for_one_key_that_overlap() {
    let prefix = [
        Event::Read(0),
        Event::Answer,
        Event::Tick(1_500),
        Event::Read(0),
        Event::Tick(9_999),
        Event::Tick(1),
        Event::Read(0),
    ];
    let alphabet = [
        Event::Write,
        Event::RollBack,
        Event::Toggle,
        Event::Tick(1_000),
        Event::Read(0),
        Event::Answer,
        Event::AnswerNewest,
        Event::AnswerLate,
    ];
    let (_, served) = every_sequence::<World>(&prefix, &alphabet, 6);
    assert!(served > 500_000, "{served}");
}
