//! A database that refuses one statement: whichever statement fails, nothing changes.

use std::cell::Cell;

use cuecard_prompt::{Code, Error, Result, Selector};
use cuecard_store::{
    Commit, Context, DraftCommit, DraftPut, Expect, Key, KeyLimits, KeyRole, Native, NewKey,
    ProjectPatch, ProjectSlug, PromptPatch, Scope, Sql, SqlRow, SqlValue, Store,
};

use crate::support::*;

/// A database that refuses its n-th statement from now. The end of a transaction counts as a statement.
pub(crate) struct Faulty {
    sql: Native,
    run: Cell<u32>,
    fails_at: Cell<Option<u32>>,
}

impl Faulty {
    pub(crate) fn new() -> Self {
        Self {
            sql: Native::in_memory().unwrap(),
            run: Cell::new(0),
            fails_at: Cell::new(None),
        }
    }

    /// Refuses the n-th statement from now; `None`: no statement.
    pub(crate) fn fail_at(&self, statement: Option<u32>) {
        self.run.set(0);
        self.fails_at.set(statement);
    }

    /// The number of statements since `fail_at`.
    pub(crate) fn run(&self) -> u32 {
        self.run.get()
    }

    fn step(&self) -> Result<()> {
        self.run.set(self.run.get() + 1);
        if self.fails_at.get() == Some(self.run.get()) {
            return Err(Error::new(Code::Internal, "refused by the test"));
        }
        Ok(())
    }

    /// All stored rows as text.
    pub(crate) fn dump(&self) -> String {
        let query = "SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name";
        let mut dump = String::new();
        for mut table in self.sql.exec(query, &[]).unwrap() {
            let table = table.text().unwrap();
            let rows = self
                .sql
                .exec(&format!("SELECT * FROM {table}"), &[])
                .unwrap();
            dump += &format!("{table}: {rows:#?}\n");
        }
        dump
    }
}

impl Sql for Faulty {
    fn exec(&self, query: &str, params: &[SqlValue]) -> Result<Vec<SqlRow>> {
        self.step()?;
        assert!(params.len() <= 100, "a Durable Object takes 100 parameters");
        self.sql.exec(query, params)
    }

    fn transaction(&self, body: &mut dyn FnMut() -> Result<()>) -> Result<()> {
        self.sql.transaction(&mut || {
            body()?;
            self.step()
        })
    }
}

pub(crate) type Mutation = fn(&Store<&dyn Sql>, &Context<'_>) -> Result<()>;

fn commit(store: &Store<&dyn Sql>, ctx: &Context<'_>, name: &str, text: &str) -> Result<()> {
    let commit = Commit {
        slug: &slug(name),
        document: &document(text),
        message: Some("why".to_owned()),
        author: None,
        tags: vec![tag("production"), tag("staging")],
        always: false,
        anew: false,
        beside: false,
        about: PromptPatch::default(),
        expect: Expect::Anything,
    };
    store.commit(ctx, commit).map(drop)
}

fn project(name: &str) -> ProjectSlug {
    ProjectSlug::parse(name).unwrap()
}

/// Every kind of change, in an order in which each can succeed.
pub(crate) const MUTATIONS: &[(&str, Mutation)] = &[
    ("commit a new prompt", |store, ctx| {
        commit(store, ctx, "new", "one")
    }),
    ("commit a new version", |store, ctx| {
        commit(store, ctx, "p", "new")
    }),
    ("commit the same, move tags", |store, ctx| {
        store.set_tag(ctx, &slug("p"), &tag("staging"), v(1), Expect::Anything)?;
        Ok(())
    }),
    ("commit equal content", |store, ctx| {
        commit(store, ctx, "p", "new")
    }),
    ("roll a tag back", |store, ctx| {
        let done = store.rollback_tag(ctx, &slug("p"), &tag("production"), Expect::Anything);
        done.map(drop)
    }),
    ("delete a tag", |store, ctx| {
        store
            .delete_tag(ctx, &slug("p"), &tag("staging"), Expect::Anything)
            .map(drop)
    }),
    ("add a name for tags", |store, ctx| {
        store.add_tag_name(ctx, &tag("canary")).map(drop)
    }),
    ("remove a name for tags", |store, ctx| {
        store.remove_tag_name(ctx, &tag("canary")).map(drop)
    }),
    ("begin a draft", |store, ctx| {
        store
            .put_draft(ctx, &slug("p"), &(&document("d")).into())
            .map(drop)
    }),
    ("replace a draft", |store, ctx| {
        store
            .put_draft(
                ctx,
                &slug("p"),
                &DraftPut {
                    base: Some(v(1)),
                    ..(&document("e")).into()
                },
            )
            .map(drop)
    }),
    ("commit a draft", |store, ctx| {
        store
            .commit_draft(ctx, &slug("p"), &DraftCommit::default())
            .map(drop)
    }),
    ("begin another draft", |store, ctx| {
        store
            .put_draft(ctx, &slug("q"), &(&document("d")).into())
            .map(drop)
    }),
    ("throw a draft away", |store, ctx| {
        store
            .delete_draft(ctx, &slug("q"), None, Expect::Anything)
            .map(drop)
    }),
    ("save a case", |store, ctx| {
        let done = store.put_case(ctx, &slug("p"), &case("c"), &inputs(1), Expect::Anything);
        done.map(drop)
    }),
    ("save a case that goes", |store, ctx| {
        let done = store.put_case(ctx, &slug("p"), &case("d"), &inputs(1), Expect::Anything);
        done.map(drop)
    }),
    ("remove a case", |store, ctx| {
        let done = store.delete_case(ctx, &slug("p"), &case("d"), Expect::Anything);
        done.map(drop)
    }),
    ("share a prompt", |store, ctx| {
        let patch = PromptPatch {
            name: Some(Some("P".to_owned())),
            description: None,
            scope: Some(Scope::Organization),
            ..PromptPatch::default()
        };
        store
            .update_prompt(ctx, &slug("p"), &patch, Expect::Anything)
            .map(drop)
    }),
    ("duplicate a prompt", |store, ctx| {
        store
            .duplicate_prompt(ctx, &slug("p"), &Selector::Latest, &slug("copy"))
            .map(drop)
    }),
    ("delete a prompt", |store, ctx| {
        store
            .delete_prompt(ctx, &slug("p"), Expect::Anything)
            .map(drop)
    }),
    ("restore a prompt", |store, ctx| {
        store.restore_prompt(ctx, &slug("p")).map(drop)
    }),
    ("delete it again", |store, ctx| {
        store
            .delete_prompt(ctx, &slug("p"), Expect::Anything)
            .map(drop)
    }),
    ("purge a prompt", |store, ctx| {
        store.purge_prompt(ctx, &slug("p")).map(drop)
    }),
    ("make a project", |store, ctx| {
        store
            .create_project(ctx, &project("beta"), &ProjectPatch::default())
            .map(drop)
    }),
    ("change a project", |store, ctx| {
        let name = Some(Some("Beta".to_owned()));
        let patch = ProjectPatch {
            name,
            ..ProjectPatch::default()
        };
        store
            .update_project(ctx, &project("beta"), &patch)
            .map(drop)
    }),
    ("make a key", |store, ctx| {
        let beta = project("beta");
        let (project, role) = (Some(&beta), KeyRole::Read);
        store
            .create_key(
                ctx,
                &NewKey {
                    project,
                    role,
                    name: None,
                    expires_at: None,
                    limits: KeyLimits::default(),
                },
            )
            .map(drop)
    }),
    ("delete a project", |store, ctx| {
        store.delete_project(ctx, &project("beta")).map(drop)
    }),
    ("restore a project", |store, ctx| {
        store.restore_project(ctx, &project("beta")).map(drop)
    }),
    ("revoke a key", |store, ctx| {
        let keys = store.keys(ctx.actor, Some(&project("beta")), None, Default::default())?;
        store.revoke_key(ctx, &keys.items[0].id).map(drop)
    }),
];

#[test]
fn a_failed_statement_leaves_nothing_behind() {
    let faulty = Faulty::new();
    let org = Org::over(&faulty as &dyn Sql);
    org.commit_with(&org.admin, "p", "one", &["production"], Expect::Anything)
        .unwrap();
    let mut faults = 0;
    for (name, mutation) in MUTATIONS {
        let before = faulty.dump();
        let mut ctx = org.ctx(&org.admin);
        ctx.idempotency = once(name, 1);
        for statement in 1.. {
            faulty.fail_at(Some(statement));
            let outcome = mutation(&org.store, &ctx);
            faulty.fail_at(None);
            if outcome.is_ok() {
                assert!(statement > 5, "{name}: after {statement} statements");
                break;
            }
            assert_eq!(
                code(outcome),
                Code::Internal,
                "{name}: statement {statement}"
            );
            assert_eq!(faulty.dump(), before, "{name}: statement {statement}");
            faults += 1;
        }
        let after = faulty.dump();
        assert_ne!(after, before, "{name}");
        mutation(&org.store, &ctx).unwrap();
        assert_eq!(faulty.dump(), after, "{name}: a retry changes nothing");
    }
    eprintln!("{faults} faults in {} changes, 0 traces", MUTATIONS.len());
    assert!(faults > 300);
}

#[test]
fn a_failed_start_is_no_start() {
    let faulty = Faulty::new();
    let org = Org::new();
    let mut steps = Vec::new();
    for statement in 1.. {
        faulty.fail_at(Some(statement));
        let before = faulty.dump();
        let outcome = start(&faulty, &org.admin_key);
        let run = faulty.run();
        faulty.fail_at(None);
        if outcome.is_ok() {
            break;
        }
        // Steps before the failed one, migrations or the bootstrap, may have completed, but only as a whole.
        let after = faulty.dump();
        if after != before {
            steps.push(run);
        }
    }
    let store = Store::open(&faulty, at(0)).unwrap();
    let migrations = faulty
        .exec("SELECT number FROM migrations", &[])
        .unwrap()
        .len();
    assert!(steps.len() <= migrations + 1, "{steps:?}");
    assert!(store.verify(&org.admin_key, at(0)).is_ok());
}

fn start(sql: &Faulty, key: &Key) -> Result<()> {
    Store::open(sql, at(0))?.bootstrap(key, at(0)).map(drop)
}
