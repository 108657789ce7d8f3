//! Every query of every operation uses an index.

use std::cell::{Cell, RefCell};
use std::collections::BTreeSet;

use cuecard_prompt::{Result, Selector, System};
use cuecard_store::{Expect, Limit, Native, PromptFilter, Revision, Sql, SqlRow, SqlValue};

use crate::faults::MUTATIONS;
use crate::support::*;

/// A database that records its queries.
struct Recorder {
    sql: Native,
    queries: RefCell<BTreeSet<String>>,
}

impl Sql for Recorder {
    fn exec(&self, query: &str, params: &[SqlValue]) -> Result<Vec<SqlRow>> {
        self.queries.borrow_mut().insert(query.to_owned());
        self.sql.exec(query, params)
    }

    fn transaction(&self, body: &mut dyn FnMut() -> Result<()>) -> Result<()> {
        self.sql.transaction(body)
    }
}

/// Tables, and aliases of tables, that a query may scan: they are small, or the query is about all rows.
const WHOLE_TABLE: &[&str] = &[
    // One row.
    "organization",
    "o",
    // Administrators list all projects, and revoking a key checks whether an admin key remains.
    "projects",
    // A short list of names.
    "tag_names",
    // The requested heads.
    "h",
];

#[test]
fn every_query_uses_an_index() {
    let recorder = Recorder {
        sql: Native::in_memory().unwrap(),
        queries: RefCell::default(),
    };
    let sql: &dyn Sql = &recorder;
    let org = Org::over(sql);
    org.commit_with(&org.admin, "p", "one", &["production"], Expect::Anything)
        .unwrap();
    recorder.queries.borrow_mut().clear();
    for (index, (name, mutation)) in MUTATIONS.iter().enumerate() {
        let mut ctx = org.ctx(&org.admin);
        ctx.idempotency = once(name, 1);
        mutation(&org.store, &ctx).unwrap();
        if index == 4 {
            read_everything(&org);
        }
    }
    let queries = recorder.queries.borrow();
    assert!(queries.len() > 60, "{}", queries.len());
    let mut bad = Vec::new();
    for query in queries.iter() {
        if query.starts_with("INSERT INTO") && !query.contains("SELECT") {
            continue;
        }
        let nulls = vec![SqlValue::Null; query.matches('?').count()];
        let explain = format!("EXPLAIN QUERY PLAN {query}");
        let plan = recorder.sql.exec(&explain, &nulls).unwrap();
        for mut row in plan {
            let _ids: [i64; 3] = [row.int().unwrap(), row.int().unwrap(), row.int().unwrap()];
            let step = row.text().unwrap();
            let table = step
                .strip_prefix("SCAN ")
                .and_then(|rest| rest.split(' ').next());
            // A snapshot takes all shared prompts, which are the only ones in this index.
            let all_shared = step == "SCAN p USING INDEX prompts_shared";
            let scan = table.is_some_and(|table| !WHOLE_TABLE.contains(&table)) && !all_shared;
            if scan || step.contains("TEMP B-TREE") {
                bad.push(format!("{step}: {query}"));
            }
        }
    }
    assert!(bad.is_empty(), "{bad:#?}");
}

/// A database that counts its queries.
struct Counter {
    sql: Native,
    count: Cell<usize>,
}

impl Sql for Counter {
    fn exec(&self, query: &str, params: &[SqlValue]) -> Result<Vec<SqlRow>> {
        self.count.set(self.count.get() + 1);
        self.sql.exec(query, params)
    }

    fn transaction(&self, body: &mut dyn FnMut() -> Result<()>) -> Result<()> {
        self.sql.transaction(body)
    }
}

#[test]
fn one_query_of_a_snapshot_is_for_many_prompts() {
    let counter = Counter {
        sql: Native::in_memory().unwrap(),
        count: Cell::new(0),
    };
    let sql: &dyn Sql = &counter;
    let org = Org::over(sql);
    let mut counts = Vec::new();
    for number in 0..160 {
        org.commit(&org.admin, &format!("p{number}"), "one")
            .unwrap();
        if [9, 159].contains(&number) {
            let before = counter.count.get();
            let taken = org
                .store
                .snapshot(&org.admin, &Selector::Latest, true, at(0));
            assert_eq!(taken.unwrap().prompts.len(), number + 1);
            counts.push(counter.count.get() - before);
        }
    }
    assert!(counts[1] - counts[0] <= 150 / 10, "{counts:?}");
}

fn read_everything(org: &Org<&dyn Sql>) {
    let (store, actor, slug) = (&org.store, &org.admin, slug("p"));
    let staging = tag("staging");
    for selector in ["production", "latest", "1"] {
        let selector = Selector::parse(selector).unwrap();
        store.resolve(actor, &slug, &selector).unwrap();
        store.pointer(actor, &slug, &selector).unwrap();
        store
            .diff(actor, &slug, &selector, &Selector::Latest)
            .unwrap();
    }
    for selector in [Selector::default(), Selector::Latest] {
        for told in [false, true] {
            store.snapshot(actor, &selector, told, at(0)).unwrap();
        }
        store
            .exports(actor, &selector, System::Basalt, at(0))
            .unwrap();
    }
    for deleted in [false, true] {
        for tag in [None, Some(&staging)] {
            let filter = PromptFilter {
                prefix: "p",
                tag,
                deleted,
            };
            store
                .prompts(actor, &filter, Some(&slug), Limit::MAX)
                .unwrap();
        }
    }
    let info = store.prompt(actor, &slug).unwrap();
    store.slug_of(actor, &info.id).unwrap();
    let history = store.history(actor, &slug, None, Limit::MAX).unwrap();
    store
        .version_of(actor, &history.items[0].version.id)
        .unwrap();
    store.tags(actor, &slug).unwrap();
    store
        .tag_history(actor, &slug, &staging, None, Limit::MAX)
        .unwrap();
    store.tag_names(actor).unwrap();
    store.tag_names_and_used(actor).unwrap();
    for of in [None, Some(&slug)] {
        store.drafts(actor, of, None, Limit::MAX).unwrap();
    }
    store.cases(actor, &slug).unwrap();
    let _ = store.case(actor, &slug, &case("c"));
    store.events(actor, Revision::ZERO, Limit::MAX).unwrap();
    store.revision(actor).unwrap();
    store.organization().unwrap();
    store.identity().unwrap();
    store.projects(actor).unwrap();
    store.keys(actor, None, None, Limit::MAX).unwrap();
    store.key(actor, &actor.key).unwrap();
    store.verify(&org.admin_key, at(0)).unwrap();
    store.clear_expired(at(0), 10).unwrap();
}
