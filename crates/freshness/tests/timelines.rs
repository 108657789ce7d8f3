//! Runs the timelines of `tests/fixtures/freshness`: reads at given times, against an origin with given answers.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test")]

use std::collections::HashMap;
use std::path::Path;

use cuecard_freshness::{
    Attempt, Lookup, Millis, Outcome, Policy, ProjectFreshness, Record, Settled,
};
use serde::Deserialize;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(rename = "about")]
    _about: String,
    #[serde(rename = "spec")]
    _spec: String,
    cases: Vec<Case>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    id: String,
    #[serde(rename = "about")]
    _about: String,
    /// The clients (`package`, `edge`) that cannot run the timeline, and the reason: see tests/timelines.mjs.
    #[serde(rename = "not", default)]
    _not: HashMap<String, String>,
    #[serde(default)]
    kind: Option<String>,
    policy: Windows,
    steps: Vec<Step>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct Windows {
    fresh: Millis,
    stale_while_revalidate: Millis,
    stale_if_error: Millis,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct Step {
    at: Millis,
    #[serde(default = "first")]
    key: String,
    /// The origin's answer to a request in this step; without one, there must be no request.
    origin: Option<String>,
    revision: Option<String>,
    retry_after: Option<Millis>,
    #[serde(default)]
    sick: bool,
    /// The name of the request that this step leaves pending.
    r#as: Option<String>,
    /// The name of the pending request that this step ends.
    answer: Option<String>,
    /// The revision of a write at this location.
    require: Option<String>,
    /// The revision at which a name of the project changed its meaning.
    rebind: Option<String>,
    expect: Option<Expect>,
}

#[derive(Debug, Default, Deserialize, PartialEq)]
#[serde(deny_unknown_fields)]
struct Expect {
    serve: String,
    age: Option<Millis>,
    until: Option<Millis>,
    /// The copy is served before the origin answers, and a request runs in the background.
    #[serde(default)]
    revalidate: bool,
    /// The origin is asked before the copy is served.
    #[serde(default)]
    asked: bool,
}

fn first() -> String {
    "first".to_owned()
}

#[derive(Default)]
struct World {
    records: HashMap<String, Record>,
    project: ProjectFreshness,
    pending: HashMap<String, (String, Attempt)>,
}

impl World {
    fn run(&mut self, case: &Case, step: &Step) -> Option<Expect> {
        let policy = Policy {
            fresh: case.policy.fresh,
            stale_while_revalidate: case.policy.stale_while_revalidate,
            stale_if_error: case.policy.stale_if_error,
        };
        if let Some(name) = &step.answer {
            let (key, attempt) = self.pending.remove(name).unwrap();
            let record = self.records.get_mut(&key).unwrap();
            let settled =
                record.settle(attempt, step.outcome(), &mut self.project, &policy, step.at);
            return Some(settled.into());
        }
        let record =
            self.records
                .entry(step.key.clone())
                .or_insert_with(|| match case.kind.as_deref() {
                    Some("version") => Record::version(),
                    _ => Record::tag(),
                });
        if let Some(revision) = &step.require {
            record.require(revision.parse().unwrap());
            return None;
        }
        if let Some(revision) = &step.rebind {
            self.project.invalidate_versions(revision.parse().unwrap());
            return None;
        }
        let lookup = record.lookup(&mut self.project, &policy, step.sick, step.at);
        let (expect, attempt) = match lookup {
            Lookup::Fresh { age } => (stored("stored", age), None),
            Lookup::Stale { age, refresh } => (stored("stored", age), refresh),
            Lookup::Missing { age, refresh } => (stored("missing", age), refresh),
            Lookup::Fetch(attempt) => (plain("pending"), Some(attempt)),
            Lookup::Wait { until } => (
                Expect {
                    until: Some(until),
                    ..plain("wait")
                },
                None,
            ),
            Lookup::Unavailable { .. } => (plain("error"), None),
        };
        let Some(attempt) = attempt else {
            assert!(step.origin.is_none(), "the step expects a request");
            return Some(expect);
        };
        if step.origin.as_deref() == Some("pending") {
            let name = step.r#as.clone().unwrap();
            self.pending.insert(name, (step.key.clone(), attempt));
            return Some(expect);
        }
        assert!(step.origin.is_some(), "the step expects no request");
        let settled: Expect = record
            .settle(attempt, step.outcome(), &mut self.project, &policy, step.at)
            .into();
        Some(if expect.serve == "pending" {
            Expect {
                asked: settled.serve == "stored"
                    || (settled.serve == "missing" && step.origin.as_deref() != Some("missing")),
                age: settled
                    .age
                    .filter(|_| step.origin.as_deref() != Some("missing")),
                ..settled
            }
        } else {
            Expect {
                revalidate: true,
                ..expect
            }
        })
    }
}

impl Step {
    fn outcome(&self) -> Outcome {
        let revision = || self.revision.as_ref().unwrap().parse().unwrap();
        match self.origin.as_deref().unwrap() {
            "modified" => Outcome::Modified {
                revision: revision(),
            },
            "not_modified" => Outcome::NotModified {
                revision: revision(),
            },
            "missing" => Outcome::Missing {
                revision: revision(),
            },
            "failed" => Outcome::Failed {
                retry_after: self.retry_after,
            },
            other => panic!("{other}"),
        }
    }
}

impl From<Settled> for Expect {
    fn from(settled: Settled) -> Self {
        match settled {
            Settled::Answer => plain("origin"),
            Settled::Stored { age } => stored("stored", age),
            Settled::Missing { age } => stored("missing", age),
            Settled::Unavailable { .. } => plain("error"),
        }
    }
}

fn plain(serve: &str) -> Expect {
    Expect {
        serve: serve.to_owned(),
        ..Expect::default()
    }
}

fn stored(serve: &str, age: Millis) -> Expect {
    Expect {
        age: Some(age),
        ..plain(serve)
    }
}

#[test]
fn every_timeline_goes_as_written() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/fixtures/freshness");
    let mut ids = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let text = std::fs::read_to_string(&path).unwrap();
        let file: File =
            serde_json::from_str(&text).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
        for case in &file.cases {
            let mut world = World::default();
            for step in &case.steps {
                let mut seen = world.run(case, step);
                if let (Some(seen), Some(expect)) = (&mut seen, &step.expect) {
                    // A step without an age accepts any age.
                    seen.age = seen.age.filter(|_| expect.age.is_some());
                }
                assert_eq!(seen, step.expect, "{} at {}", case.id, step.at);
            }
            ids.push(case.id.clone());
        }
    }
    let count = ids.len();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), count, "two timelines have the same id");
    assert!(count >= 40, "{count} timelines");
}
