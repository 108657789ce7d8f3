//! Compares random histories of all operations, with faults and retries, with the model.

use std::cell::Cell;

use cuecard_prompt::{Code, Result, Selector};
use cuecard_store::{
    Commit, Context, DraftCommit, DraftPut, Expect, Limit, Principal, PromptFilter, PromptPatch,
    Resolved, Revision, Scope, Store,
};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestCaseResult, TestRunner};

use crate::bindings::Keepers;
use crate::faults::Faulty;
use crate::model::{Model, Op, PROJECTS, Prompt, When};
use crate::support::*;

const SLUGS: [&str; 3] = ["a", "a/b", "c"];
const AUTHOR: &str = "Ada Lovelace";
const CASES: [&str; 2] = ["angry", "usual"];
const TAGS: [&str; 3] = ["canary", "production", "staging"];

#[derive(Clone, Debug)]
struct Step {
    project: usize,
    slug: &'static str,
    when: When,
    op: Op,
    /// The number of the statement that fails, if any.
    fault: Option<u32>,
    /// Whether the request is repeated.
    retry: bool,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let text = || (0..4u8).prop_map(|number| format!("text {number}"));
    let tag = || prop::sample::select(&TAGS[..]);
    let tags = || prop::collection::vec(tag(), 0..3);
    let author = || prop_oneof![3 => Just(None), 2 => Just(Some(AUTHOR))];
    let case = || prop::sample::select(&CASES[..]);
    // Most operations hit one prompt of one project, so that its history becomes long.
    let slug = || prop_oneof![6 => Just(SLUGS[0]), 2 => Just(SLUGS[1]), 1 => Just(SLUGS[2])];
    let project = prop_oneof![6 => Just(0), 2 => Just(1), 1 => Just(PROJECTS - 1)];
    let op = prop_oneof![
        8 => (text(), tags()).prop_map(|(text, tags)| Op::Commit(text, tags)),
        8 => (tag(), 1..5u32).prop_map(|(tag, version)| Op::Set(tag, version)),
        6 => tag().prop_map(Op::Rollback),
        2 => tag().prop_map(Op::DeleteTag),
        3 => (text(), author()).prop_map(|(text, author)| Op::PutDraft(text, author)),
        2 => (tags(), author()).prop_map(|(tags, author)| Op::CommitDraft(tags, author)),
        1 => author().prop_map(Op::DeleteDraft),
        2 => (case(), 0..9i64).prop_map(|(case, number)| Op::PutCase(case, number)),
        1 => case().prop_map(Op::DeleteCase),
        1 => prop::option::of(text()).prop_map(Op::Rename),
        3 => any::<bool>().prop_map(Op::Share),
        2 => Just(Op::Delete),
        2 => Just(Op::Restore),
        1 => Just(Op::Purge),
        2 => (prop::option::of(tag()), slug()).prop_map(|(tag, to)| Op::Duplicate(tag, to)),
    ];
    let when = prop_oneof![
        6 => Just(When::Anything),
        1 => Just(When::Absent),
        1 => Just(When::Present),
        2 => Just(When::Unchanged(0)),
        2 => (-1..6i64).prop_map(When::Unchanged),
    ];
    let fault = prop::option::weighted(0.15, 1..24u32);
    let step = (project, slug(), when, op, fault, prop::bool::weighted(0.15));
    let step = step.prop_map(|(project, slug, when, op, fault, retry)| Step {
        project,
        slug,
        when,
        op,
        fault,
        retry,
    });
    prop::collection::vec(step, 1..80)
}

#[test]
fn random_histories_agree_with_the_model() {
    let (operations, faults, retries) = (Cell::new(0), Cell::new(0), Cell::new(0));
    let count = |cell: &Cell<u32>| cell.set(cell.get() + 1);
    let mut runner = TestRunner::new(Config {
        failure_persistence: None,
        ..Config::default()
    });
    let outcome = runner.run(&steps(), |steps| {
        let faulty = Faulty::new();
        let org = Org::over(&faulty);
        let actors = [org.admin.clone(), org.project("beta"), org.project("gamma")];
        let mut model = Model {
            // Two projects and their two keys took four changes.
            clock: 4,
            ..Model::default()
        };
        let mut keepers = Keepers::default();
        for (index, step) in steps.iter().enumerate() {
            count(&operations);
            let request = index.to_string();
            let mut ctx = org.ctx(&actors[step.project]);
            ctx.idempotency = once(&request, 1);
            let clock = model.clock;
            faulty.fail_at(step.fault);
            let outcome = apply(&org.store, &ctx, step, clock);
            let failed = step
                .fault
                .is_some_and(|statement| faulty.run() >= statement);
            faulty.fail_at(None);
            let outcome = if failed {
                count(&faults);
                prop_assert_eq!(outcome.map(|_| ()), Err(Code::Internal));
                apply(&org.store, &ctx, step, clock)
            } else {
                outcome
            };
            let there = |slug| model.projects[step.project].prompts.contains_key(slug);
            let rebinds = match step.op {
                Op::Delete | Op::Share(false) => true,
                Op::Commit(..) | Op::CommitDraft(..) => !there(step.slug),
                Op::Duplicate(_, to) => !there(to),
                // Since the deletion, the slug may have meant a prompt that another project shares.
                Op::Restore => model.readable(step.project, step.slug).is_some(),
                _ => false,
            };
            let expected = model.apply(step.project, step.slug, step.when, &step.op);
            prop_assert_eq!(outcome, expected, "step {}: {:?}", index, step);
            if step.retry && expected.is_ok() {
                count(&retries);
                let again = apply(&org.store, &ctx, step, clock);
                prop_assert_eq!(again, expected, "step {} once more: {:?}", index, step);
            }
            for (p, actor) in actors.iter().enumerate() {
                let revision = org.store.revision(actor).unwrap().get();
                prop_assert_eq!(revision, model.revision(p), "step {}: {:?}", index, step);
            }
            keepers.look(&org.store, &actors, &SLUGS, rebinds)?;
            if index % 16 == 15 {
                compare(&org, &actors, &model)?;
            }
        }
        compare(&org, &actors, &model)
    });
    eprintln!(
        "{} operations, {} faults, {} retries: the store and the model agree",
        operations.get(),
        faults.get(),
        retries.get()
    );
    outcome.unwrap();
}

/// Applies the operation and returns the version that it affects, or 0.
fn apply(
    store: &Store<&Faulty>,
    ctx: &Context<'_>,
    step: &Step,
    clock: u64,
) -> std::result::Result<u32, Code> {
    let slug = slug(step.slug);
    let expect = match step.when {
        When::Anything => Expect::Anything,
        When::Absent => Expect::Absent,
        When::Present => Expect::Present,
        When::Unchanged(ago) => {
            let seen = (clock as i64 - ago).max(0);
            Expect::Unchanged(Revision::new(seen as u64).unwrap())
        }
    };
    let update = |patch: PromptPatch| store.update_prompt(ctx, &slug, &patch, expect).map(|_| 0);
    let all = |tags: &[&str]| tags.iter().map(|name| tag(name)).collect();
    let result: Result<u32> = match &step.op {
        Op::Commit(text, tags) => {
            let commit = Commit {
                slug: &slug,
                document: &document(text),
                message: None,
                author: None,
                tags: all(tags),
                always: false,
                anew: false,
                beside: false,
                about: PromptPatch::default(),
                expect,
            };
            let done = store.commit(ctx, commit);
            done.map(|done| done.value.version.version.get())
        }
        Op::Set(name, to) => {
            let done = store.set_tag(ctx, &slug, &tag(name), v(*to), expect);
            done.map(|done| done.value.version.get())
        }
        Op::Rollback(name) => {
            let done = store.rollback_tag(ctx, &slug, &tag(name), expect);
            done.map(|done| done.value.version.get())
        }
        Op::DeleteTag(name) => store.delete_tag(ctx, &slug, &tag(name), expect).map(|_| 0),
        Op::PutDraft(text, author) => {
            let document = document(text);
            let draft = DraftPut {
                author: author.map(self::author),
                ..draft(&document, expect)
            };
            store.put_draft(ctx, &slug, &draft).map(|_| 0)
        }
        Op::CommitDraft(tags, author) => {
            let commit = DraftCommit {
                draft: author.map(self::author),
                tags: all(tags),
                expect,
                ..DraftCommit::default()
            };
            let done = store.commit_draft(ctx, &slug, &commit);
            done.map(|done| done.value.version.version.get())
        }
        Op::DeleteDraft(author) => {
            let author = author.map(self::author);
            store
                .delete_draft(ctx, &slug, author.as_ref(), expect)
                .map(|_| 0)
        }
        Op::PutCase(name, number) => {
            let inputs = inputs(*number);
            store
                .put_case(ctx, &slug, &case(name), &inputs, expect)
                .map(|_| 0)
        }
        Op::DeleteCase(name) => store
            .delete_case(ctx, &slug, &case(name), expect)
            .map(|_| 0),
        Op::Rename(name) => update(PromptPatch {
            name: Some(name.clone()),
            ..PromptPatch::default()
        }),
        Op::Share(shared) => update(PromptPatch {
            scope: Some(if *shared {
                Scope::Organization
            } else {
                Scope::Project
            }),
            ..PromptPatch::default()
        }),
        Op::Delete => store.delete_prompt(ctx, &slug, expect).map(|_| 0),
        Op::Restore => store.restore_prompt(ctx, &slug).map(|_| 0),
        Op::Purge => store.purge_prompt(ctx, &slug).map(|_| 0),
        Op::Duplicate(name, to) => {
            let selector = name.map_or(Selector::Latest, |name| Selector::Tag(tag(name)));
            let done = store.duplicate_prompt(ctx, &slug, &selector, &self::slug(to));
            done.map(|done| done.value.version.version.get())
        }
    };
    result.map_err(|error| error.code())
}

/// Compares everything that a reader can see.
fn compare(org: &Org<&Faulty>, actors: &[Principal], model: &Model) -> TestCaseResult {
    let store = &org.store;
    for (p, actor) in actors.iter().enumerate() {
        for name in SLUGS {
            compare_prompt(org, actor, model, p, name)?;
        }
        let expected = SLUGS
            .into_iter()
            .filter(|name| model.readable(p, name).is_some());
        let expected: Vec<_> = expected.collect();
        let page = store
            .prompts(actor, &PromptFilter::default(), None, Limit::MAX)
            .unwrap();
        let listed: Vec<_> = page
            .items
            .iter()
            .map(|prompt| prompt.slug.as_str())
            .collect();
        prop_assert_eq!(&listed, &expected);
        let taken = store
            .snapshot(actor, &Selector::Latest, false, at(0))
            .unwrap()
            .prompts;
        let taken: Vec<_> = taken.iter().map(|one| one.version.slug.as_str()).collect();
        prop_assert_eq!(&taken, &expected);
        let bin = PromptFilter {
            deleted: true,
            ..PromptFilter::default()
        };
        let deleted = store
            .prompts(actor, &bin, None, Limit::MAX)
            .unwrap()
            .items
            .len();
        let own = model.projects[p].prompts.values();
        prop_assert_eq!(deleted, own.filter(|prompt| prompt.deleted).count());

        let mut events = Vec::new();
        let mut after = Revision::new(4);
        while let Some(from) = after {
            let page = store.events(actor, from, Limit::MAX).unwrap();
            events.extend(
                page.items
                    .into_iter()
                    .map(|entry| (entry.revision.get(), entry.action)),
            );
            after = page.next;
        }
        let expected = model.projects[p].events.iter();
        let expected: Vec<_> = expected
            .map(|(at, action)| (*at, (*action).to_owned()))
            .collect();
        prop_assert_eq!(events, expected);
    }
    Ok(())
}

fn compare_prompt(
    org: &Org<&Faulty>,
    actor: &Principal,
    model: &Model,
    p: usize,
    name: &'static str,
) -> TestCaseResult {
    let (store, slug) = (&org.store, slug(name));
    for author in [None, Some(AUTHOR)] {
        let named = author.map(self::author);
        let draft = store.draft(actor, &slug, named.as_ref()).ok();
        let draft = draft.map(|draft| (draft.document, draft.info.revision.get(), draft.info.base));
        let expected = model.projects[p].drafts.get(&(name, author));
        let expected = expected.map(|d| (document(&d.text), d.revision, d.base.map(v)));
        prop_assert_eq!(draft, expected);
    }

    let Some(prompt) = model.readable(p, name) else {
        let missing = store.prompt(actor, &slug);
        prop_assert_eq!(code(missing), Code::PromptNotFound);
        return Ok(());
    };
    let cases = store.cases(actor, &slug).unwrap().into_iter();
    let cases = cases.map(|case| {
        (
            case.name.as_str().to_owned(),
            case.inputs,
            case.revision.get(),
        )
    });
    let expected = prompt.cases.iter();
    let expected =
        expected.map(|(name, (number, revision))| ((*name).to_owned(), inputs(*number), *revision));
    prop_assert!(cases.eq(expected));
    let info = store.prompt(actor, &slug).unwrap();
    prop_assert_eq!(info.name, prompt.name.clone());
    prop_assert_eq!(info.scope == Scope::Organization, prompt.shared);
    prop_assert_eq!(info.latest.get(), prompt.head());
    prop_assert_eq!(info.revision.get(), prompt.revision);

    let check = |selector: &str, expected: Option<(u32, u64)>| {
        let selector = Selector::parse(selector).unwrap();
        let resolved = store.resolve(actor, &slug, &selector).ok();
        let expected = expected.map(|(at, revision)| expect(prompt, at, revision));
        let resolved = resolved.map(
            |Resolved {
                 version, revision, ..
             }| { (version.version.get(), version.document, revision.get()) },
        );
        prop_assert_eq!(resolved, expected);
        Ok(())
    };
    for name in TAGS {
        check(name, prompt.current(name))?;
        let moves = store.tag_history(actor, &slug, &tag(name), None, Limit::MAX);
        let moves = moves.map_or(vec![], |page| page.items);
        let number = |version: Option<std::num::NonZeroU32>| version.map(|version| version.get());
        let moves = moves
            .iter()
            .rev()
            .map(|m| (m.revision.get(), number(m.from), number(m.to)));
        let expected = prompt
            .tags
            .get(name)
            .map_or(vec![], |pointer| pointer.moves.clone());
        prop_assert_eq!(moves.collect::<Vec<_>>(), expected);
    }
    let revision_of = |version: u32| prompt.versions[version as usize - 1].1;
    check("latest", Some((prompt.head(), revision_of(prompt.head()))))?;
    for version in 1..=prompt.head() + 1 {
        let there = (version <= prompt.head()).then(|| (version, revision_of(version)));
        check(&version.to_string(), there)?;
    }
    let history = store.history(actor, &slug, None, Limit::MAX).unwrap().items;
    let history = history.iter().map(|entry| entry.version.version.get());
    prop_assert!(history.eq((1..=prompt.head()).rev()));
    Ok(())
}

fn expect(prompt: &Prompt, at: u32, revision: u64) -> (u32, cuecard_prompt::Document, u64) {
    let (text, _) = &prompt.versions[at as usize - 1];
    (at, document(text), revision)
}
