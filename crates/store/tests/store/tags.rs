//! Tags: moves, preconditions, roll-backs, histories.

use crate::support::*;
use cuecard_prompt::{Code, Selector};
use cuecard_store::{Expect, Limit, MoveKind};

#[test]
fn a_tag_moves_and_resolves() {
    let org = Org::new();
    org.commit(&org.admin, "a/b", "one").unwrap();
    org.commit_with(&org.admin, "a/b", "two", &["staging"], Expect::Anything)
        .unwrap();
    let (slug, canary) = (slug("a/b"), tag("canary"));
    let resolve = |text: &str| {
        let selector = Selector::parse(text).unwrap();
        let resolved = org.store.resolve(&org.admin, &slug, &selector)?;
        let pointer = org.store.pointer(&org.admin, &slug, &selector)?;
        assert_eq!(pointer.version, resolved.version.version);
        assert_eq!(pointer.hash, resolved.version.hash);
        assert_eq!(pointer.revision, resolved.revision);
        Ok((resolved.version.version.get(), resolved.revision.get()))
    };
    assert_eq!(resolve("production").unwrap(), (1, 1));
    assert_eq!(resolve("latest").unwrap(), (2, 2));
    assert_eq!(resolve("staging").unwrap(), (2, 2));
    assert_eq!(resolve("1").unwrap(), (1, 1));
    assert_eq!(code(resolve("3")), Code::VersionNotFound);
    assert_eq!(code(resolve("canary")), Code::TagNotFound);

    let ctx = org.ctx(&org.admin);
    let moved = org
        .store
        .set_tag(&ctx, &slug, &canary, v(1), Expect::Anything);
    assert_eq!(moved.unwrap().revision.get(), 3);
    assert_eq!(resolve("canary").unwrap(), (1, 3));
    assert_eq!(
        resolve("live").unwrap(),
        (1, 1),
        "`live` is an alias of `production`"
    );
    let missing = org
        .store
        .set_tag(&ctx, &slug, &canary, v(3), Expect::Anything);
    assert_eq!(code(missing), Code::VersionNotFound);
}

#[test]
fn of_two_moves_with_one_condition_the_first_wins() {
    let org = Org::new();
    for text in ["one", "two", "three"] {
        org.commit(&org.admin, "p", text).unwrap();
    }
    let (slug, production) = (slug("p"), tag("production"));
    let ctx = org.ctx(&org.admin);
    let set = |version, expect| {
        org.store
            .set_tag(&ctx, &slug, &production, v(version), expect)
    };
    let seen = Expect::Unchanged(
        org.store
            .tag(&org.admin, &slug, &production)
            .unwrap()
            .revision,
    );
    // The others fail even if the first move does not change the version.
    for first in [1, 2] {
        let seen = Expect::Unchanged(
            org.store
                .tag(&org.admin, &slug, &production)
                .unwrap()
                .revision,
        );
        assert!(set(first, seen).is_ok());
        for other in [1, 2, 3] {
            assert_eq!(code(set(other, seen)), Code::PreconditionFailed);
        }
    }
    assert_eq!(code(set(3, seen)), Code::PreconditionFailed);
    assert_eq!(code(set(3, Expect::Absent)), Code::PreconditionFailed);
    assert!(set(3, Expect::Present).is_ok());
    let before = org.store.revision(&org.admin).unwrap();
    assert_eq!(set(3, Expect::Anything).unwrap().revision, before);
}

#[test]
fn roll_back_goes_back_move_by_move() {
    let org = Org::new();
    for text in ["one", "two", "three"] {
        org.commit_with(&org.admin, "p", text, &["production"], Expect::Anything)
            .unwrap();
    }
    let (slug, production) = (slug("p"), tag("production"));
    let back = || {
        let ctx = org.ctx(&org.admin);
        let done = org
            .store
            .rollback_tag(&ctx, &slug, &production, Expect::Anything);
        done.map(|done| done.value.version.get())
    };
    let set = |version| {
        let ctx = org.ctx(&org.admin);
        org.store
            .set_tag(&ctx, &slug, &production, v(version), Expect::Anything)
            .unwrap();
    };
    assert_eq!(back().unwrap(), 2);
    assert_eq!(back().unwrap(), 1);
    assert_eq!(code(back()), Code::VersionNotFound);
    set(3);
    set(2);
    assert_eq!(back().unwrap(), 3);
    assert_eq!(back().unwrap(), 1);

    set(2);
    let ctx = org.ctx(&org.admin);
    org.store
        .delete_tag(&ctx, &slug, &production, Expect::Anything)
        .unwrap();
    assert_eq!(
        code(org.store.tag(&org.admin, &slug, &production)),
        Code::TagNotFound
    );
    assert_eq!(back().unwrap(), 2, "a roll-back restores a deleted tag");
    assert_eq!(back().unwrap(), 1);

    let limit = Limit::new(4).unwrap();
    let history = |before| {
        org.store
            .tag_history(&org.admin, &slug, &production, before, limit)
    };
    let page = history(None).unwrap();
    let kinds: Vec<_> = page.items.iter().map(|entry| entry.kind).collect();
    assert_eq!(
        kinds,
        [
            MoveKind::Rollback,
            MoveKind::Rollback,
            MoveKind::Delete,
            MoveKind::Set
        ]
    );
    let mut all = page.items;
    let mut next = page.next;
    while next.is_some() {
        let page = history(next).unwrap();
        all.extend(page.items);
        next = page.next;
    }
    assert_eq!(all.len(), 13);
    for (newer, older) in all.iter().zip(&all[1..]) {
        assert_eq!(
            newer.from, older.to,
            "each move starts where the last one ended"
        );
        assert!(newer.revision > older.revision);
    }
    let other = org
        .store
        .tag_history(&org.admin, &slug, &tag("other"), None, limit);
    assert_eq!(code(other), Code::TagNotFound);
}

#[test]
fn a_move_keeps_the_reason_that_it_is_given() {
    let org = Org::new();
    org.commit(&org.admin, "p", "one").unwrap();
    org.commit(&org.admin, "p", "two").unwrap();
    let (slug, production) = (slug("p"), tag("production"));
    let ctx = org.ctx(&org.admin);
    let because = Some("support asked for it");
    org.store
        .set_tag_because(&ctx, &slug, &production, v(2), because, Expect::Anything)
        .unwrap();
    org.store
        .set_tag(&ctx, &slug, &production, v(1), Expect::Anything)
        .unwrap();
    let back = Some("it was worse");
    org.store
        .rollback_tag_because(&ctx, &slug, &production, back, Expect::Anything)
        .unwrap();
    let moves = org
        .store
        .tag_history(&org.admin, &slug, &production, None, Limit::MAX)
        .unwrap();
    let reasons: Vec<_> = moves.items.iter().map(|m| m.reason.as_deref()).collect();
    assert_eq!(reasons, [back, None, because, None]);
}
