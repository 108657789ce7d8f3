//! Removal of versions, and commits of content that already exists.

use cuecard_prompt::{Code, Selector};
use cuecard_store::{Commit, Expect, Limit, PromptPatch};

use crate::support::*;

fn numbers(org: &Org) -> Vec<u32> {
    let page = org.store.history(&org.admin, &slug("p"), None, Limit::MAX);
    let page = page.unwrap();
    assert_eq!(page.next, None);
    page.items
        .iter()
        .map(|item| item.version.version.get())
        .collect()
}

fn remove(org: &Org, number: u32) -> Result<(), Code> {
    let ctx = org.ctx(&org.admin);
    let done = org.store.remove_version(&ctx, &slug("p"), v(number));
    done.map(drop).map_err(|error| error.code())
}

#[test]
fn a_number_stays_used_and_latest_is_the_highest_left() {
    let org = Org::new();
    for text in ["one", "two", "three", "four"] {
        org.commit(&org.admin, "p", text).unwrap();
    }
    let latest = || {
        org.store
            .resolve(&org.admin, &slug("p"), &Selector::Latest)
            .unwrap()
    };
    let before = latest().revision;
    remove(&org, 3).unwrap();
    assert_eq!(numbers(&org), [4, 2, 1]);
    assert_eq!(
        (latest().version.version, latest().revision),
        (v(4), before)
    );
    remove(&org, 4).unwrap();
    assert_eq!(numbers(&org), [2, 1]);
    assert_eq!(latest().version.version, v(2));
    assert!(
        latest().revision > before,
        "a reader's revision never goes back"
    );
    // The first content equals that of the newest remaining version, the second that of a removed one.
    assert!(!org.commit(&org.admin, "p", "two").unwrap().value.created);
    let next = org.commit(&org.admin, "p", "four").unwrap().value;
    assert_eq!((next.created, next.version.version), (true, v(5)));
    let info = org.store.prompt(&org.admin, &slug("p")).unwrap();
    assert_eq!((info.latest, info.removed), (v(5), vec![v(3), v(4)]));
    assert!(org.store.standing(&org.admin).unwrap().bindings > before);
}

#[test]
fn what_is_in_use_stays() {
    let org = Org::new();
    org.commit(&org.admin, "p", "one").unwrap();
    assert_eq!(remove(&org, 1), Err(Code::VersionInUse));
    org.commit_with(&org.admin, "p", "two", &["staging"], Expect::Anything)
        .unwrap();
    org.commit(&org.admin, "p", "three").unwrap();
    assert_eq!(remove(&org, 2), Err(Code::VersionInUse));
    assert_eq!(remove(&org, 4), Err(Code::VersionNotFound));
    let ctx = org.ctx(&org.admin);
    org.store
        .set_tag(&ctx, &slug("p"), &tag("staging"), v(3), Expect::Anything)
        .unwrap();
    remove(&org, 2).unwrap();
    assert_eq!(remove(&org, 2), Err(Code::VersionNotFound));
    // A roll-back cannot return to the removed version.
    let ctx = org.ctx(&org.admin);
    let back = org
        .store
        .rollback_tag(&ctx, &slug("p"), &tag("staging"), Expect::Anything);
    assert_eq!(code(back), Code::VersionNotFound);
    let ctx = org.ctx(&org.admin);
    let set = org
        .store
        .set_tag(&ctx, &slug("p"), &tag("x"), v(2), Expect::Anything);
    assert_eq!(code(set), Code::VersionNotFound);
    let selector = Selector::Version(v(2));
    assert_eq!(
        code(org.store.resolve(&org.admin, &slug("p"), &selector)),
        Code::VersionNotFound
    );
    assert_eq!(
        code(org.store.pointer(&org.admin, &slug("p"), &selector)),
        Code::VersionNotFound
    );
    let ctx = org.ctx(&org.admin);
    let copy = org
        .store
        .duplicate_prompt(&ctx, &slug("p"), &selector, &slug("q"));
    assert_eq!(code(copy), Code::VersionNotFound);
    assert_eq!(
        code(
            org.store
                .diff(&org.admin, &slug("p"), &selector, &Selector::Latest)
        ),
        Code::VersionNotFound
    );
    // The last version goes only with its prompt.
    let ctx = org.ctx(&org.admin);
    org.store
        .delete_tag(&ctx, &slug("p"), &tag("staging"), Expect::Anything)
        .unwrap();
    remove(&org, 3).unwrap();
    assert_eq!(remove(&org, 1), Err(Code::VersionInUse));
}

#[test]
fn only_the_owner_removes() {
    let org = Org::new();
    org.commit(&org.admin, "p", "one").unwrap();
    org.commit(&org.admin, "p", "two").unwrap();
    let other = org.project("other");
    let ctx = org.ctx(&other);
    assert_eq!(
        code(org.store.remove_version(&ctx, &slug("p"), v(2))),
        Code::PromptNotFound
    );
    let reader = org.principal("default", cuecard_store::KeyRole::Read);
    let ctx = org.ctx(&reader);
    assert_eq!(
        code(org.store.remove_version(&ctx, &slug("p"), v(2))),
        Code::RoleRequired
    );
}

#[test]
fn equal_content_makes_a_version_where_that_is_asked_for() {
    let org = Org::new();
    let (slug, document) = (slug("p"), document("one"));
    let commit = |always| Commit {
        slug: &slug,
        document: &document,
        message: Some("why".to_owned()),
        author: None,
        tags: vec![tag("staging")],
        always,
        anew: false,
        beside: false,
        about: PromptPatch::default(),
        expect: Expect::Anything,
    };
    let commit = |always| {
        org.store
            .commit(&org.ctx(&org.admin), commit(always))
            .unwrap()
            .value
    };
    assert_eq!(commit(true).version.version, v(1));
    let same = commit(false);
    assert_eq!((same.created, same.version.version), (false, v(1)));
    let again = commit(true);
    assert_eq!((again.created, again.version.version), (true, v(2)));
    assert_eq!(again.version.commit_message.as_deref(), Some("why"));
    let staging = org.store.tag(&org.admin, &slug, &tag("staging")).unwrap();
    assert_eq!(staging.version, v(2));
}
