//! Drafts: saving, committing, deleting.

use cuecard_prompt::{Code, Selector};
use cuecard_store::{Author, DraftCommit, DraftPut, Expect, KeyRole, Limit, Native, Store};

use crate::support::*;

#[test]
fn a_draft_becomes_the_first_version() {
    let org = Org::new();
    let (name, any) = (slug("p"), Expect::Anything);
    let ctx = org.ctx(&org.admin);
    assert_eq!(
        code(org.store.draft(&org.admin, &name, None)),
        Code::DraftNotFound
    );
    let saved = org
        .store
        .put_draft(&ctx, &name, &draft(&document("one"), Expect::Absent))
        .unwrap();
    assert_eq!(saved.revision.get(), 0, "a draft is invisible to readers");
    assert_eq!(
        org.store.draft(&org.admin, &name, None).unwrap(),
        saved.value
    );
    let twice = org
        .store
        .put_draft(&ctx, &name, &draft(&document("two"), Expect::Absent));
    assert_eq!(code(twice), Code::PreconditionFailed);
    let seen = Expect::Unchanged(saved.value.info.revision);
    let saved = org
        .store
        .put_draft(&ctx, &name, &draft(&document("two"), seen))
        .unwrap();
    let stale = org
        .store
        .put_draft(&ctx, &name, &draft(&document("three"), seen));
    assert_eq!(code(stale), Code::PreconditionFailed);
    assert_eq!(
        org.store
            .drafts(&org.admin, None, None, Limit::MAX)
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
        code(org.store.delete_draft(&ctx, &name, None, any)),
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
        .put_draft(&ctx, &name, &(&document("two")).into())
        .unwrap();
    assert_eq!(saved.value.info.base, Some(v(1)));
    org.commit(&org.admin, "p", "other").unwrap();
    let kept = org
        .store
        .put_draft(&ctx, &name, &(&document("two!")).into())
        .unwrap();
    assert_eq!(
        kept.value.info.base,
        Some(v(1)),
        "a draft keeps the version that it began at as its base"
    );
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
        .put_draft(&ctx, &name, &(&document("one")).into())
        .unwrap();
    let done = org
        .store
        .commit_draft(&ctx, &name, &DraftCommit::default())
        .unwrap();
    assert!(!done.value.created);
    assert_eq!(
        code(org.store.draft(&org.admin, &name, None)),
        Code::DraftNotFound
    );
}

#[test]
fn a_draft_is_for_writers_of_its_project() {
    let org = Org::new();
    let (reader, beta) = (org.principal("default", KeyRole::Read), org.project("beta"));
    let (name, any) = (slug("p"), Expect::Anything);
    org.store
        .put_draft(&org.ctx(&org.admin), &name, &(&document("one")).into())
        .unwrap();
    assert_eq!(
        code(org.store.draft(&reader, &name, None)),
        Code::RoleRequired
    );
    assert_eq!(
        code(org.store.draft(&beta, &name, None)),
        Code::DraftNotFound
    );
    let resolved = org.store.resolve(&org.admin, &name, &Selector::Latest);
    assert_eq!(code(resolved), Code::PromptNotFound);
    org.store
        .delete_draft(&org.ctx(&org.admin), &name, None, any)
        .unwrap();
    assert_eq!(
        code(org.store.draft(&org.admin, &name, None)),
        Code::DraftNotFound
    );
}

#[test]
fn every_author_has_a_draft_of_its_own() {
    let org = Org::new();
    let (name, bea) = (slug("p"), org.principal("default", KeyRole::Write));
    org.commit(&org.admin, "p", "one").unwrap();
    org.commit(&org.admin, "p", "two").unwrap();
    let put = |actor, author: Option<&str>, text: &str, base| {
        let document = document(text);
        let put = DraftPut {
            author: author.map(self::author),
            base,
            ..(&document).into()
        };
        org.store.put_draft(&org.ctx(actor), &name, &put)
    };
    put(&org.admin, None, "admin's", None).unwrap();
    put(&bea, None, "bea's", Some(v(1))).unwrap();
    put(&org.admin, Some("Cal"), "cal's", None).unwrap();
    let of = |actor, author: Option<&str>| {
        let author = author.map(self::author);
        let draft = org.store.draft(actor, &name, author.as_ref()).unwrap();
        (draft.document, draft.info.base)
    };
    assert_eq!(of(&org.admin, None), (document("admin's"), Some(v(2))));
    assert_eq!(of(&bea, None), (document("bea's"), Some(v(1))));
    let beas = Some(bea.key.as_str());
    assert_eq!(
        of(&org.admin, beas),
        of(&bea, None),
        "all writers see a draft"
    );
    assert_eq!(of(&bea, Some("Cal")), (document("cal's"), Some(v(2))));
    put(&bea, None, "bea's!", None).unwrap();
    assert_eq!(
        of(&bea, None).1,
        Some(v(1)),
        "saving without a base keeps the base"
    );
    put(&bea, None, "bea's!", Some(v(2))).unwrap();
    assert_eq!(
        of(&bea, None).1,
        Some(v(2)),
        "saving with a base replaces it"
    );
    let nowhere = put(&bea, None, "x", Some(v(3)));
    assert_eq!(code(nowhere), Code::VersionNotFound);

    let mut listed = Vec::new();
    let mut after = None;
    loop {
        let page = org
            .store
            .drafts(&bea, None, after.as_ref(), Limit::new(1).unwrap())
            .unwrap();
        listed.extend(
            page.items
                .into_iter()
                .map(|draft| draft.author.as_str().to_owned()),
        );
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    let mut authors = vec!["Cal", org.admin.key.as_str(), bea.key.as_str()];
    authors.sort_unstable();
    assert_eq!(listed, authors);
    let other = slug("other");
    let page = org.store.drafts(&bea, Some(&other), None, Limit::MAX);
    assert!(page.unwrap().items.is_empty());

    let commit = |actor, draft: Option<&str>| {
        let commit = DraftCommit {
            draft: draft.map(author),
            ..DraftCommit::default()
        };
        let done = org.store.commit_draft(&org.ctx(actor), &name, &commit);
        done.unwrap().value.version.author
    };
    assert_eq!(
        commit(&org.admin, beas),
        bea.name,
        "the writer, not the committer"
    );
    assert_eq!(commit(&org.admin, Some("Cal")).as_deref(), Some("Cal"));
    assert_eq!(
        of(&org.admin, None).0,
        document("admin's"),
        "drafts of other authors stay"
    );
}

#[test]
fn a_prompt_has_a_hundred_drafts() {
    let org = Org::new();
    let document = document("x");
    let put = |number: i64| {
        let put = DraftPut {
            author: Some(author(&format!("author {number}"))),
            ..(&document).into()
        };
        org.store.put_draft(&org.ctx(&org.admin), &slug("p"), &put)
    };
    let most = Store::<Native>::MAX_DRAFTS;
    for number in 0..most {
        put(number).unwrap();
    }
    assert_eq!(code(put(most)), Code::LimitExceeded);
    assert!(put(0).is_ok(), "an existing draft can be saved again");
    for bad in ["", " Ada", "Ada\n", &"x".repeat(201)] {
        assert_eq!(code(Author::parse(bad)), Code::QueryInvalid, "{bad:?}");
    }
}
