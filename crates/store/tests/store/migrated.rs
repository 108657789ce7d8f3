//! The current program opens stores that older programs wrote.

use cuecard_prompt::{Selector, Tag};
use cuecard_store::{
    Context, Entropy, Expect, Key, Limit, Native, OrganizationId, Principal, PromptFilter,
    PromptPatch, Revision, Store,
};
use rusqlite::Connection;

use crate::support::*;

/// The revision of the migration: one more than the newest in the file.
const MIGRATED: u64 = 37;

/// Opens the store of `stored/schema-3.sql`, and returns it with the admins of its projects.
fn schema_3() -> (Store<Native>, Principal, Principal) {
    older("")
}

/// Opens [`schema_3`] after the SQL `undone`, which reverses its last migrations.
fn older(undone: &str) -> (Store<Native>, Principal, Principal) {
    let file = std::path::PathBuf::from(env!("CARGO_TARGET_TMPDIR"))
        .join(format!("schema-3-{:?}.sqlite", std::thread::current().id()));
    let _ = std::fs::remove_file(&file);
    let connection = Connection::open(&file).unwrap();
    connection
        .execute_batch(include_str!("stored/schema-3.sql"))
        .unwrap();
    connection.execute_batch(undone).unwrap();
    connection.close().unwrap();
    let store = Store::open(Native::open(&file).unwrap(), at(100)).unwrap();
    let organization = OrganizationId::parse("acme00000000").unwrap();
    let admin = Key::generate(&organization, &Entropy::new([1; 32]));
    let mut second = [0; 32];
    second[0] = 2;
    let beta = Key::generate(&organization, &Entropy::new(second));
    let admin = store.verify(&admin, at(100)).unwrap();
    let beta = store.verify(&beta, at(100)).unwrap();
    (store, admin, beta)
}

fn context(actor: &Principal) -> Context<'_> {
    Context {
        actor,
        now: at(200),
        entropy: Entropy::new([9; 32]),
        request_id: None,
        idempotency: None,
    }
}

/// The version and revision that readers get by default.
fn by_default(store: &Store<Native>, actor: &Principal, name: &str) -> (u32, u64) {
    let resolved = store
        .resolve(actor, &slug(name), &Selector::default())
        .unwrap();
    assert_eq!(resolved.tag, Some(tag("production")));
    (resolved.version.version.get(), resolved.revision.get())
}

/// The moves of `production`, oldest first: revision, from, to.
fn moves(
    store: &Store<Native>,
    actor: &Principal,
    name: &str,
) -> Vec<(u64, Option<u32>, Option<u32>)> {
    let page = store
        .tag_history(actor, &slug(name), &Tag::production(), None, Limit::MAX)
        .unwrap();
    let number =
        |version: Option<cuecard_prompt::VersionNumber>| version.map(std::num::NonZeroU32::get);
    let items = page.items.into_iter().rev();
    items
        .map(|entry| (entry.revision.get(), number(entry.from), number(entry.to)))
        .collect()
}

#[test]
fn live_becomes_production_with_its_history() {
    let (store, admin, beta) = schema_3();
    for (actor, first) in [(&admin, 3), (&beta, 9)] {
        assert_eq!(by_default(&store, actor, "only-live"), (2, first + 5));
        let expected = [
            (first, None, Some(1)),
            (first + 3, Some(1), Some(2)),
            (first + 4, Some(2), Some(3)),
            (first + 5, Some(3), Some(2)),
        ];
        assert_eq!(moves(&store, actor, "only-live"), expected);
        // The roll-back before the migration went to 2, so the next one goes to 1, and another fails.
        let back = || {
            store.rollback_tag(
                &context(actor),
                &slug("only-live"),
                &Tag::production(),
                Expect::Anything,
            )
        };
        assert_eq!(back().unwrap().value.version, v(1));
        assert!(back().is_err());
    }
}

#[test]
fn where_both_were_production_stays_with_a_new_revision() {
    let (store, admin, _) = schema_3();
    assert_eq!(by_default(&store, &admin, "both"), (1, MIGRATED));
    let expected = [
        (15, None, Some(1)),
        (16, Some(1), Some(2)),
        (18, Some(2), Some(1)),
        (MIGRATED, Some(1), Some(1)),
    ];
    assert_eq!(moves(&store, &admin, "both"), expected);
    let back = store.rollback_tag(
        &context(&admin),
        &slug("both"),
        &Tag::production(),
        Expect::Anything,
    );
    assert_eq!(
        back.unwrap().value.version,
        v(2),
        "the tag returns to the version that `production` had before"
    );
}

#[test]
fn a_deleted_production_comes_back_where_live_was() {
    let (store, admin, _) = schema_3();
    assert_eq!(
        by_default(&store, &admin, "deleted-production"),
        (2, MIGRATED)
    );
    let history = moves(&store, &admin, "deleted-production");
    assert_eq!(history.last(), Some(&(MIGRATED, None, Some(2))));
    assert!(history.contains(&(23, Some(3), None)), "{history:?}");
    let back = store.rollback_tag(
        &context(&admin),
        &slug("deleted-production"),
        &Tag::production(),
        Expect::Anything,
    );
    assert_eq!(
        back.unwrap().value.version,
        v(1),
        "the tag returns to the version that `live` had before"
    );
}

#[test]
fn a_deleted_live_stays_deleted_and_can_be_brought_back() {
    let (store, admin, _) = schema_3();
    let name = slug("deleted-live");
    assert!(store.resolve(&admin, &name, &Selector::default()).is_err());
    let back = store.rollback_tag(
        &context(&admin),
        &name,
        &Tag::production(),
        Expect::Anything,
    );
    assert_eq!(back.unwrap().value.version, v(1));
    assert_eq!(
        by_default(&store, &admin, "deleted-live-beside-production"),
        (1, 26)
    );
}

#[test]
fn prompts_that_are_shared_or_deleted_are_migrated_too() {
    let (store, admin, beta) = schema_3();
    for reader in [&admin, &beta] {
        assert_eq!(by_default(&store, reader, "shared"), (1, 30));
    }
    let restored = store
        .restore_prompt(&context(&admin), &slug("deleted"))
        .unwrap()
        .value;
    assert_eq!(restored.tags.len(), 1);
    assert_eq!(by_default(&store, &admin, "deleted"), (1, 28));
}

#[test]
fn every_reader_asks_again_and_no_trace_of_live_is_left_but_in_the_log() {
    let (store, admin, beta) = schema_3();
    for actor in [&admin, &beta] {
        let standing = store.standing(actor).unwrap();
        assert_eq!(
            (standing.revision.get(), standing.bindings.get()),
            (MIGRATED, MIGRATED)
        );
        let filter = PromptFilter::default();
        let listed = store
            .prompts(actor, &filter, None, Limit::MAX)
            .unwrap()
            .items;
        assert!(!listed.is_empty());
        for prompt in listed {
            assert!(
                prompt
                    .tags
                    .iter()
                    .all(|pointer| pointer.tag != tag("staging")),
                "{prompt:?}"
            );
            for pointer in prompt.tags {
                assert_eq!(pointer.tag, Tag::production());
            }
        }
        let snapshot = store
            .snapshot(actor, &Selector::default(), false, at(100))
            .unwrap();
        assert_eq!(snapshot.tag, "production");
        assert!(
            snapshot
                .prompts
                .iter()
                .any(|prompt| prompt.version.slug == slug("shared"))
        );
    }
    let names: Vec<_> = store
        .tag_names(&admin)
        .unwrap()
        .into_iter()
        .map(|name| name.tag)
        .collect();
    assert_eq!(names, [tag("production"), tag("staging")]);
    let events = store
        .events(&admin, Revision::ZERO, Limit::MAX)
        .unwrap()
        .items;
    let moved = events
        .iter()
        .find(|event| event.revision.get() == 6)
        .unwrap();
    assert_eq!(
        moved.detail.get("tag").unwrap(),
        "live",
        "the log keeps the former name"
    );
    let last = events.last().unwrap();
    assert_eq!(
        (last.revision.get(), last.action.as_str(), last.at),
        (MIGRATED, "tag.rename", at(100))
    );
}

#[test]
fn an_answer_that_is_kept_for_a_retry_names_the_tag_of_now() {
    let (store, admin, _) = schema_3();
    let context = Context {
        idempotency: once("retried", 7),
        ..context(&admin)
    };
    let patch = PromptPatch {
        name: Some(Some("Only live".into())),
        ..PromptPatch::default()
    };
    let name = slug("only-live");
    let done = store
        .update_prompt(
            &Context {
                now: at(101),
                ..context
            },
            &name,
            &patch,
            Expect::Anything,
        )
        .unwrap();
    assert!(done.replayed);
    assert_eq!(done.value.tags.len(), 1);
    assert_eq!(done.value.tags.first().unwrap().tag, Tag::production());
}

#[test]
fn opened_again_it_stays_as_it_is() {
    let (store, admin, _) = schema_3();
    let before = store.revision(&admin).unwrap();
    let file = std::path::PathBuf::from(env!("CARGO_TARGET_TMPDIR"))
        .join(format!("schema-3-{:?}.sqlite", std::thread::current().id()));
    drop(store);
    let store = Store::open(Native::open(&file).unwrap(), at(300)).unwrap();
    assert_eq!(store.revision(&admin).unwrap(), before);
}

#[test]
fn what_was_named_before_names_had_a_revision_is_asked_for_again_once() {
    let (store, admin, _) = older(
        "ALTER TABLE organization DROP COLUMN shared_bindings;
         ALTER TABLE projects DROP COLUMN bindings;
         DROP TABLE tag_names;
         DELETE FROM migrations WHERE number > 1;",
    );
    let standing = store.standing(&admin).unwrap();
    assert_eq!(standing.bindings, standing.revision);
}
