//! Drafts: saved, committed, thrown away.

use cuecard_prompt::{Code, Selector};
use cuecard_store::{DraftCommit, Expect, Limit, Role};

use crate::support::*;

#[test]
fn a_draft_becomes_the_first_version() {
    let org = Org::new();
    let (name, any) = (slug("p"), Expect::Anything);
    let ctx = org.ctx(&org.admin);
    assert_eq!(
        code(org.store.draft(&org.admin, &name)),
        Code::DraftNotFound
    );
    let saved = org
        .store
        .put_draft(&ctx, &name, &document("one"), Expect::Absent)
        .unwrap();
    assert_eq!(saved.revision.get(), 0, "readers see nothing of it");
    assert_eq!(org.store.draft(&org.admin, &name).unwrap(), saved.value);
    let twice = org
        .store
        .put_draft(&ctx, &name, &document("two"), Expect::Absent);
    assert_eq!(code(twice), Code::PreconditionFailed);
    let seen = Expect::Unchanged(saved.value.info.revision);
    let saved = org
        .store
        .put_draft(&ctx, &name, &document("two"), seen)
        .unwrap();
    let stale = org.store.put_draft(&ctx, &name, &document("three"), seen);
    assert_eq!(code(stale), Code::PreconditionFailed);
    assert_eq!(
        org.store
            .drafts(&org.admin, None, Limit::MAX)
            .unwrap()
            .items
            .len(),
        1
    );

    let commit = DraftCommit {
        message: Some("from a draft".to_owned()),
        tags: vec![tag("staging")],
        expect: Expect::Unchanged(saved.value.info.revision),
        ..DraftCommit::default()
    };
    let committed = org.store.commit_draft(&ctx, &name, &commit).unwrap().value;
    assert!(committed.first);
    assert_eq!(committed.version.document, document("two"));
    assert_eq!(org.store.tags(&org.admin, &name).unwrap().len(), 2);
    assert_eq!(
        code(org.store.commit_draft(&ctx, &name, &commit)),
        Code::PreconditionFailed
    );
    let again = org.store.commit_draft(&ctx, &name, &DraftCommit::default());
    assert_eq!(code(again), Code::DraftNotFound);
    assert_eq!(
        code(org.store.delete_draft(&ctx, &name, any)),
        Code::DraftNotFound
    );
}

#[test]
fn a_draft_notices_that_somebody_committed() {
    let org = Org::new();
    let name = slug("p");
    org.commit(&org.admin, "p", "one").unwrap();
    let ctx = org.ctx(&org.admin);
    let saved = org
        .store
        .put_draft(&ctx, &name, &document("two"), Expect::Anything)
        .unwrap();
    assert_eq!(saved.value.info.base, Some(v(1)));
    org.commit(&org.admin, "p", "other").unwrap();
    let kept = org
        .store
        .put_draft(&ctx, &name, &document("two!"), Expect::Anything)
        .unwrap();
    assert_eq!(kept.value.info.base, Some(v(1)), "where it was begun");
    let with = |expect| {
        let commit = DraftCommit {
            expect,
            ..DraftCommit::default()
        };
        org.store.commit_draft(&ctx, &name, &commit)
    };
    let lost = with(Expect::Unchanged(saved.value.info.revision));
    assert_eq!(code(lost), Code::PreconditionFailed);
    assert_eq!(with(Expect::Anything).unwrap().value.version.version, v(3));
}

#[test]
fn a_draft_with_the_newest_content_makes_no_version() {
    let org = Org::new();
    let name = slug("p");
    org.commit(&org.admin, "p", "one").unwrap();
    let ctx = org.ctx(&org.admin);
    org.store
        .put_draft(&ctx, &name, &document("one"), Expect::Anything)
        .unwrap();
    let done = org
        .store
        .commit_draft(&ctx, &name, &DraftCommit::default())
        .unwrap();
    assert!(!done.value.created);
    assert_eq!(
        code(org.store.draft(&org.admin, &name)),
        Code::DraftNotFound
    );
}

#[test]
fn a_draft_is_for_writers_of_its_project() {
    let org = Org::new();
    let (reader, beta) = (org.principal("default", Role::Read), org.project("beta"));
    let (name, any) = (slug("p"), Expect::Anything);
    org.store
        .put_draft(&org.ctx(&org.admin), &name, &document("one"), any)
        .unwrap();
    assert_eq!(code(org.store.draft(&reader, &name)), Code::RoleRequired);
    assert_eq!(code(org.store.draft(&beta, &name)), Code::DraftNotFound);
    let resolved = org.store.resolve(&org.admin, &name, &Selector::Latest);
    assert_eq!(code(resolved), Code::PromptNotFound);
    org.store
        .delete_draft(&org.ctx(&org.admin), &name, any)
        .unwrap();
    assert_eq!(
        code(org.store.draft(&org.admin, &name)),
        Code::DraftNotFound
    );
}
