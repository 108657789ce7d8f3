//! Commits: version numbers without gaps, equal content, preconditions, retries.

use crate::support::*;
use cuecard_prompt::{Code, Selector};
use cuecard_store::{Commit, Expect, KeyRole, PromptPatch};

#[test]
fn the_first_commit_makes_the_prompt() {
    let org = Org::new();
    let writer = org.principal("default", KeyRole::Write);
    let done = org.commit_with(
        &writer,
        "support/reply",
        "Hello",
        &["staging"],
        Expect::Absent,
    );
    let committed = done.unwrap().value;
    assert!(committed.created && committed.first);
    assert_eq!(committed.version.version, v(1));
    assert_eq!(committed.version.author.as_deref(), Some("default write"));
    assert_eq!(committed.version.document, document("Hello"));
    let tags = org.store.tags(&writer, &slug("support/reply")).unwrap();
    let names: Vec<_> = tags.iter().map(|tag| tag.tag.as_str()).collect();
    assert_eq!(names, ["production", "staging"]);
    let again = org.commit_with(&writer, "support/reply", "Other", &[], Expect::Absent);
    assert_eq!(code(again), Code::PreconditionFailed);
}

#[test]
fn equal_content_makes_no_version_but_moves_tags() {
    let org = Org::new();
    let first = org.commit(&org.admin, "p", "one").unwrap();
    let again = org.commit(&org.admin, "p", "one").unwrap();
    assert!(!again.value.created);
    assert_eq!(again.value.version, first.value.version);
    assert_eq!(again.revision, first.revision);
    org.commit(&org.admin, "p", "two").unwrap();
    let tagged = org
        .commit_with(&org.admin, "p", "two", &["production"], Expect::Anything)
        .unwrap();
    assert!(!tagged.value.created);
    assert!(tagged.revision > first.revision);
    let production = org
        .store
        .tag(&org.admin, &slug("p"), &tag("production"))
        .unwrap();
    assert_eq!(production.version, v(2));
    let back = org.commit(&org.admin, "p", "one").unwrap().value;
    assert_eq!(
        (back.created, back.version.version),
        (true, v(3)),
        "a commit compares with the newest version only"
    );
    assert_eq!(back.version.hash, first.value.version.hash);
}

#[test]
fn a_lost_race_is_told() {
    let org = Org::new();
    let seen = Expect::Unchanged(org.commit(&org.admin, "p", "one").unwrap().value.revision);
    org.commit_with(&org.admin, "p", "two", &[], seen).unwrap();
    let lost = org.commit_with(&org.admin, "p", "three", &[], seen);
    assert_eq!(code(lost), Code::PreconditionFailed);
    let missing = org.commit_with(&org.admin, "q", "one", &[], Expect::Present);
    assert_eq!(code(missing), Code::PreconditionFailed);
    let latest = org
        .store
        .resolve(&org.admin, &slug("p"), &Selector::Latest)
        .unwrap();
    assert_eq!(latest.version.version, v(2));
}

#[test]
fn a_retry_gets_the_first_answer() {
    let org = Org::new();
    let slug = slug("p");
    let document = document("one");
    let commit = |expect| Commit {
        slug: &slug,
        document: &document,
        message: Some("why".to_owned()),
        author: None,
        tags: vec![],
        always: false,
        anew: false,
        beside: false,
        about: PromptPatch::default(),
        expect,
    };
    let mut ctx = org.ctx(&org.admin);
    ctx.idempotency = once("k", 1);
    let first = org.store.commit(&ctx, commit(Expect::Absent)).unwrap();
    org.commit(&org.admin, "p", "two").unwrap();
    ctx.now = at(24 * 3600);
    let again = org.store.commit(&ctx, commit(Expect::Absent)).unwrap();
    assert!(again.replayed && !first.replayed);
    assert_eq!(again.value, first.value);

    ctx.idempotency = once("k", 2);
    let other = org.store.commit(&ctx, commit(Expect::Absent));
    assert_eq!(code(other), Code::IdempotencyMismatch);
    ctx.idempotency = once("k", 1);
    let other = org
        .store
        .delete_tag(&ctx, &slug, &tag("production"), Expect::Anything);
    assert_eq!(code(other), Code::IdempotencyMismatch);
    // Idempotency keys of another caller are separate.
    let writer = org.principal("default", KeyRole::Write);
    let mut theirs = org.ctx(&writer);
    theirs.idempotency = once("k", 3);
    assert!(
        !org.store
            .commit(&theirs, commit(Expect::Anything))
            .unwrap()
            .replayed
    );

    ctx.now = at(100 * 3600);
    let late = org.store.commit(&ctx, commit(Expect::Absent));
    assert_eq!(
        code(late),
        Code::PreconditionFailed,
        "an expired answer is forgotten"
    );
}

#[test]
fn what_cannot_be_committed() {
    let org = Org::new();
    let reader = org.principal("default", KeyRole::Read);
    assert_eq!(code(org.commit(&reader, "p", "one")), Code::RoleRequired);
    let mut long = document("x");
    long.messages[0].content = "x".repeat(1 << 20).as_str().into();
    let (slug, short) = (slug("p"), document("x"));
    let commit = Commit {
        slug: &slug,
        document: &short,
        message: None,
        author: None,
        tags: vec![],
        always: false,
        anew: false,
        beside: false,
        about: PromptPatch::default(),
        expect: Expect::Anything,
    };
    let try_it = |commit| code(org.store.commit(&org.ctx(&org.admin), commit));
    let tags: Vec<_> = (0..21).map(|number| tag(&format!("t{number}"))).collect();
    let long = Commit {
        document: &long,
        ..commit.clone()
    };
    assert_eq!(try_it(long), Code::LimitExceeded);
    for commit in [
        Commit {
            message: Some("m".repeat(4001)),
            ..commit.clone()
        },
        Commit {
            author: Some("a".repeat(201)),
            ..commit.clone()
        },
        Commit {
            tags,
            ..commit.clone()
        },
    ] {
        assert_eq!(try_it(commit), Code::BodyInvalid);
    }
    assert_eq!(org.store.revision(&org.admin).unwrap().get(), 0);
}
