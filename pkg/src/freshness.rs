//! The policy of one client: `cuecard-freshness` behind keys and numbers. The copies themselves are JavaScript's to hold.

use std::collections::HashMap;

use cuecard_freshness::{
    Attempt, Held, Lookup, Outcome, Policy, Project, Record, Revision, Settled,
};
use serde::Serialize;
use wasm_bindgen::prelude::{JsValue, wasm_bindgen};

use crate::throw;

/// When the copies of one client may be served. Times are milliseconds of the caller's clock.
#[wasm_bindgen]
#[derive(Debug)]
pub struct Freshness {
    policy: Policy,
    project: Project,
    records: HashMap<String, Record>,
    /// Those under way, with their numbers.
    attempts: Vec<(u32, Attempt)>,
    last: u32,
}

/// What to do, in the words of `Lookup` and `Settled`.
#[derive(Default, Serialize)]
struct Verdict {
    state: &'static str,
    age: f64,
    #[serde(rename = "retryAfter")]
    retry_after: f64,
    attempt: Option<u32>,
}

#[wasm_bindgen]
impl Freshness {
    /// A client that has nothing yet.
    #[wasm_bindgen(constructor)]
    pub fn new(fresh_for: f64, stale_while_revalidate: f64, stale_if_error: f64) -> Self {
        Self {
            policy: Policy {
                fresh: millis(fresh_for),
                stale_while_revalidate: millis(stale_while_revalidate),
                stale_if_error: millis(stale_if_error),
            },
            project: Project::default(),
            records: HashMap::new(),
            attempts: Vec::new(),
            last: 0,
        }
    }

    /// What to do about `key` now: `fresh`, `stale`, `missing`, `fetch`, `wait` or `unavailable`.
    pub fn lookup(&mut self, key: &str, pinned: bool, now: f64) -> JsValue {
        let now = millis(now);
        let (project, policy) = (&mut self.project, &self.policy);
        let record = record(&mut self.records, key, pinned);
        let (state, age, retry_after, attempt) = match record.lookup(project, policy, false, now) {
            Lookup::Fresh { age } => ("fresh", age, 0, None),
            Lookup::Stale { age, refresh } => ("stale", age, 0, refresh),
            Lookup::Missing { age, refresh } => ("missing", age, 0, refresh),
            Lookup::Fetch(attempt) => ("fetch", 0, 0, Some(attempt)),
            Lookup::Wait { .. } => ("wait", 0, 0, None),
            Lookup::Unavailable { retry_after } => ("unavailable", 0, retry_after, None),
        };
        let attempt = attempt.map(|attempt| {
            self.last = self.last.wrapping_add(1);
            self.attempts.push((self.last, attempt));
            self.last
        });
        verdict(state, age, retry_after, attempt)
    }

    /// What to serve and to keep now that an attempt has ended: `answer`, `stored`, `missing` or `unavailable`.
    /// `outcome` is `modified`, `not_modified`, `missing` or `failed`; `revision` is what the answer says, if it does.
    pub fn settle(
        &mut self,
        key: &str,
        attempt: u32,
        outcome: &str,
        revision: Option<String>,
        retry_after: Option<f64>,
        now: f64,
    ) -> JsValue {
        let place = self
            .attempts
            .iter()
            .position(|(number, _)| *number == attempt);
        let attempt = place.map(|place| self.attempts.swap_remove(place));
        let (Some((_, attempt)), Some(record)) = (attempt, self.records.get_mut(key)) else {
            return JsValue::NULL;
        };
        let said = revision.and_then(|text| text.parse::<Revision>().ok());
        let known = record
            .held()
            .map(|held| held.revision)
            .max(self.project.revision());
        let revision = said.or(known).unwrap_or_default();
        let outcome = match outcome {
            "modified" => Outcome::Modified { revision },
            "not_modified" => Outcome::NotModified { revision },
            "missing" => Outcome::Missing { revision },
            _ => Outcome::Failed {
                retry_after: retry_after.map(millis),
            },
        };
        let (state, age, retry_after) = match record.settle(
            attempt,
            outcome,
            &mut self.project,
            &self.policy,
            millis(now),
        ) {
            Settled::Answer => ("answer", 0, 0),
            Settled::Stored { age } => ("stored", age, 0),
            Settled::Missing { age } => ("missing", age, 0),
            Settled::Unavailable { retry_after } => ("unavailable", 0, retry_after),
        };
        verdict(state, age, retry_after, None)
    }

    /// Takes over what was held under `key` before the instance was lost.
    pub fn adopt(&mut self, key: &str, pinned: bool, revision: &str, checked: f64, missing: bool) {
        let held = Held {
            revision: revision.parse().unwrap_or_default(),
            checked: millis(checked),
            missing,
        };
        record(&mut self.records, key, pinned).adopt(held);
    }

    /// The revision at which what is held under `key` was right.
    pub fn revision(&self, key: &str) -> Option<String> {
        let held = self.records.get(key)?.held()?;
        Some(held.revision.to_string())
    }

    /// Forgets `key`: its copy had to make room.
    pub fn forget(&mut self, key: &str) {
        self.records.remove(key);
    }
}

fn record<'a>(records: &'a mut HashMap<String, Record>, key: &str, pinned: bool) -> &'a mut Record {
    let new = || {
        if pinned {
            Record::version()
        } else {
            Record::tag()
        }
    };
    records.entry(key.to_owned()).or_insert_with(new)
}

fn verdict(state: &'static str, age: u64, retry_after: u64, attempt: Option<u32>) -> JsValue {
    throw::object(&Verdict {
        state,
        age: number(age),
        retry_after: number(retry_after),
        attempt,
    })
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "`as` saturates, and NaN is 0"
)]
fn millis(number: f64) -> u64 {
    number as u64
}

#[expect(
    clippy::cast_precision_loss,
    reason = "milliseconds of this era are exact"
)]
fn number(millis: u64) -> f64 {
    millis as f64
}
