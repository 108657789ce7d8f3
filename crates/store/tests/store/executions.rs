//! Executions of a project: storage, lists, bounds, and the limits of keys.

use std::time::Instant;

use cuecard_prompt::Code;
use cuecard_run::{Bodies, Execution, ExecutionStatus, Keeping, Recording, Usage};
use cuecard_store::{
    Entropy, ExecutionFilter, ExecutionStore, Finish, KeyLimits, Limit, Native, RunAdmission,
    Start, Timestamp,
};
use serde_json::{Map, json};

fn at(ms: i64) -> Timestamp {
    Timestamp::from_ms(1_767_225_600_000 + ms)
}

fn open() -> ExecutionStore<Native> {
    ExecutionStore::open(Native::in_memory().unwrap(), at(0)).unwrap()
}

fn execution(number: u32, ms: i64) -> Execution {
    let mut seed = [7; 32];
    seed[..4].copy_from_slice(&number.to_le_bytes());
    Execution {
        id: ExecutionStore::<Native>::new_id(at(ms), &Entropy::new(seed)),
        prompt: Some(format!("p{}", number % 10)),
        version: Some(1 + number % 3),
        hash: None,
        tag: number.is_multiple_of(2).then(|| "production".to_owned()),
        connection: "c".to_owned(),
        model: Some("m".to_owned()),
        key: "key".to_owned(),
        status: ExecutionStatus::Running,
        started_at: at(ms).to_string(),
        first_token_at: None,
        ended_at: None,
        usage: None,
        cost: None,
        issues: Vec::new(),
        error: None,
        metadata: Map::from_iter([("user".to_owned(), json!(number % 100))]),
        bodies: Bodies::default(),
    }
}

fn start(execution: Execution, limits: KeyLimits) -> Start {
    Start {
        execution,
        keeping: Keeping::default(),
        limits,
    }
}

fn finish(mut execution: Execution, tokens: u64) -> Finish {
    execution.status = ExecutionStatus::Completed;
    execution.usage = Some(Usage {
        input: Some(tokens),
        output: Some(0),
        ..Usage::default()
    });
    Finish {
        execution,
        keeping: Keeping::default(),
        started: true,
    }
}

#[test]
fn an_execution_is_kept_from_beginning_to_end() {
    let all = open();
    let one = execution(1, 0);
    let admitted = all.start(&start(one.clone(), KeyLimits::default()), at(0));
    assert_eq!(admitted.unwrap(), RunAdmission::Admitted);
    assert_eq!(
        all.get(&one.id, at(1)).unwrap().status,
        ExecutionStatus::Running
    );
    let mut end = finish(one.clone(), 5);
    end.execution.bodies.output = Some(json!("Hello"));
    all.finish(&end, at(2)).unwrap();
    let kept = all.get(&one.id, at(3)).unwrap();
    assert_eq!(kept, end.execution);
    let listed = all
        .list(&ExecutionFilter::default(), Limit::default(), at(3))
        .unwrap();
    assert_eq!(
        listed.items[0].bodies,
        Bodies::default(),
        "a list has no bodies"
    );
    all.delete(&one.id).unwrap();
    assert_eq!(
        all.get(&one.id, at(4)).unwrap_err().code(),
        Code::ExecutionNotFound
    );
    assert_eq!(
        all.delete(&one.id).unwrap_err().code(),
        Code::ExecutionNotFound
    );
    all.finish(&end, at(5)).unwrap();
    assert!(
        all.get(&one.id, at(6)).is_err(),
        "a deleted execution stays deleted"
    );
    let late = Finish {
        started: false,
        ..end
    };
    all.finish(&late, at(7)).unwrap();
    assert!(
        all.get(&one.id, at(8)).is_ok(),
        "`finish` stores an execution whose start was lost"
    );
}

#[test]
fn what_ran_when_the_worker_ended_is_interrupted_until_it_says_more() {
    let dir = std::env::temp_dir().join(format!("cuecard-executions-{}", std::process::id()));
    let file = dir.join("e.sqlite");
    std::fs::create_dir_all(&dir).unwrap();
    let one = execution(1, 0);
    let open = || ExecutionStore::open(Native::open(&file).unwrap(), at(0)).unwrap();
    open()
        .start(&start(one.clone(), KeyLimits::default()), at(0))
        .unwrap();
    let again = open();
    assert_eq!(
        again.get(&one.id, at(1)).unwrap().status,
        ExecutionStatus::Interrupted
    );
    let interrupted = ExecutionFilter {
        status: Some(ExecutionStatus::Interrupted),
        ..ExecutionFilter::default()
    };
    assert_eq!(
        again
            .list(&interrupted, Limit::MAX, at(1))
            .unwrap()
            .items
            .len(),
        1
    );
    again.beat(&one.id, at(2)).unwrap();
    assert_eq!(
        again.get(&one.id, at(3)).unwrap().status,
        ExecutionStatus::Running
    );
    assert_eq!(
        again.get(&one.id, at(120_000)).unwrap().status,
        ExecutionStatus::Interrupted,
        "an execution without a beat counts as interrupted"
    );
    again.finish(&finish(one.clone(), 1), at(130_000)).unwrap();
    again.beat(&one.id, at(130_001)).unwrap();
    assert_eq!(
        again.get(&one.id, at(130_002)).unwrap().status,
        ExecutionStatus::Completed
    );
    std::fs::remove_dir_all(dir).unwrap();
}

#[test]
fn a_key_runs_no_more_than_its_limits() {
    let all = open();
    let limits = KeyLimits {
        runs_per_minute: Some(3),
        tokens_per_day: Some(100),
    };
    let run = |number: u32, ms: i64| {
        let begun = start(execution(number, ms), limits);
        all.start(&begun, at(ms)).unwrap()
    };
    for number in 0..3 {
        assert_eq!(
            run(number, i64::from(number) * 1_000),
            RunAdmission::Admitted
        );
    }
    let limited = |limit, retry_after| RunAdmission::Limited { retry_after, limit };
    assert_eq!(run(3, 30_000), limited("runsPerMinute", 30));
    assert_eq!(run(4, 59_999), limited("runsPerMinute", 1));
    assert_eq!(run(5, 60_000), RunAdmission::Admitted);
    all.finish(&finish(execution(5, 60_000), 100), at(60_001))
        .unwrap();
    let day = 86_400_000;
    assert_eq!(
        run(6, 200_000),
        limited("tokensPerDay", (day as u64 - 200_000) / 1_000)
    );
    assert_eq!(
        run(7, day),
        RunAdmission::Admitted,
        "the day of a limit is a day in UTC"
    );
    let mut other = execution(8, 200_000);
    other.key = "another".to_owned();
    assert_eq!(
        all.start(&start(other, limits), at(200_000)).unwrap(),
        RunAdmission::Admitted
    );
    let listed = all
        .list(&ExecutionFilter::default(), Limit::MAX, at(day))
        .unwrap()
        .items;
    assert_eq!(listed.len(), 6, "a run that was not admitted is listed");
}

#[test]
fn every_filter_selects_what_it_says_and_pages_do_not_overlap() {
    let all = open();
    let mut every = Vec::new();
    for number in 0..500 {
        let one = finish(execution(number, i64::from(number) * 10), 1);
        all.finish(
            &Finish {
                started: false,
                ..one.clone()
            },
            at(0),
        )
        .unwrap();
        every.push(one.execution);
    }
    every.reverse();
    let text = |text: &str| Some(text.to_owned());
    let none = ExecutionFilter::default();
    for selection in [
        none.clone(),
        ExecutionFilter {
            prompt: text("p3"),
            ..none.clone()
        },
        ExecutionFilter {
            prompt: text("p3"),
            version: Some(2),
            ..none.clone()
        },
        ExecutionFilter {
            version: Some(2),
            tag: text("production"),
            ..none.clone()
        },
        ExecutionFilter {
            prompt: text("p4"),
            tag: text("production"),
            status: Some(ExecutionStatus::Completed),
            ..none.clone()
        },
        ExecutionFilter {
            status: Some(ExecutionStatus::Failed),
            ..none.clone()
        },
        ExecutionFilter {
            label: Some(("user".to_owned(), "42".to_owned())),
            ..none.clone()
        },
        ExecutionFilter {
            label: Some(("user".to_owned(), "42".to_owned())),
            prompt: text("p2"),
            after: Some(at(1_000)),
            ..none.clone()
        },
        ExecutionFilter {
            after: Some(at(1_000)),
            before: Some(at(2_000)),
            ..none.clone()
        },
    ] {
        let expected: Vec<&str> = every
            .iter()
            .filter(|e| fits(e, &selection))
            .map(|e| e.id.as_str())
            .collect();
        let mut got = Vec::new();
        let mut page = selection.clone();
        loop {
            let found = all.list(&page, Limit::new(7).unwrap(), at(0)).unwrap();
            got.extend(found.items.into_iter().map(|e| e.id));
            match found.next {
                Some(next) => page.cursor = Some(next),
                None => break,
            }
        }
        assert_eq!(got, expected, "{selection:?}");
    }
}

fn fits(execution: &Execution, selection: &ExecutionFilter) -> bool {
    let same = |wanted: &Option<String>, has: &Option<String>| wanted.is_none() || wanted == has;
    let started = Timestamp::parse(&execution.started_at).unwrap();
    same(&selection.prompt, &execution.prompt)
        && same(&selection.tag, &execution.tag)
        && selection
            .version
            .is_none_or(|v| execution.version == Some(v))
        && selection.status.is_none_or(|s| execution.status == s)
        && selection.after.is_none_or(|after| started >= after)
        && selection.before.is_none_or(|before| started < before)
        && selection.label.as_ref().is_none_or(|(name, value)| {
            execution
                .metadata
                .get(name)
                .is_some_and(|v| serde_json::to_string(v).is_ok_and(|text| text == *value))
        })
}

#[test]
fn ten_thousand_executions_list_as_fast_at_the_end_as_at_the_beginning() {
    let all = open();
    let mut last = String::new();
    for number in 0..10_000 {
        let one = finish(execution(number, i64::from(number)), 1);
        if number == 60 {
            last.clone_from(&one.execution.id);
        }
        all.finish(
            &Finish {
                started: false,
                ..one
            },
            at(0),
        )
        .unwrap();
    }
    let deep = ExecutionFilter {
        cursor: Some(last),
        ..ExecutionFilter::default()
    };
    #[expect(clippy::disallowed_methods, reason = "the test measures time")]
    let time = |selection: &ExecutionFilter| {
        let mut best = u128::MAX;
        for _ in 0..20 {
            let begun = Instant::now();
            let page = all.list(selection, Limit::default(), at(0)).unwrap();
            assert_eq!(page.items.len(), 50);
            best = best.min(begun.elapsed().as_micros());
        }
        best
    };
    let (first, deep) = (time(&ExecutionFilter::default()), time(&deep));
    assert!(deep < 3 * first + 200, "{deep} µs against {first} µs");
}

#[test]
fn what_was_kept_for_long_enough_goes() {
    let all = open();
    let keeping = Keeping {
        mode: Recording::Full,
        days: 2,
    };
    for number in 0..3 {
        let mut one = finish(execution(number, i64::from(number) * 86_400_000), 1);
        one.execution.bodies.output = Some(json!("Hello"));
        let one = Finish {
            keeping,
            started: false,
            ..one
        };
        all.finish(&one, at(0)).unwrap();
    }
    let day = |days: i64| at(days * 86_400_000);
    assert_eq!(
        all.purge(day(1)).unwrap(),
        Some(day(2)),
        "`purge` returns the time of the next purge"
    );
    assert_eq!(all.purge(day(3)).unwrap(), Some(day(4)));
    let left = all
        .list(&ExecutionFilter::default(), Limit::MAX, day(3))
        .unwrap()
        .items;
    assert_eq!(left.len(), 1);
    assert_eq!(all.purge(day(9)).unwrap(), None);
    let off = Keeping {
        mode: Recording::Off,
        days: 2,
    };
    all.start(
        &Start {
            keeping: off,
            ..start(execution(9, 0), KeyLimits::default())
        },
        at(0),
    )
    .unwrap();
    assert!(
        all.list(&ExecutionFilter::default(), Limit::MAX, at(0))
            .unwrap()
            .items
            .is_empty()
    );
}
