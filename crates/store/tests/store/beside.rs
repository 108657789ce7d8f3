//! A project's own prompt beside a shared prompt of the same name.

use cuecard_prompt::{Code, Result, Selector};
use cuecard_store::{
    Commit, Committed, Expect, Limit, Native, Principal, PromptFilter, PromptInfo, PromptPatch,
    Scope, Store,
};

use crate::support::*;

/// Makes a prompt in one scope, even if the project has one of this name in the other scope.
fn make(org: &Org, actor: &Principal, name: &str, text: &str, scope: Scope) -> Result<Committed> {
    commit(org, actor, name, text, Expect::Absent, &of_scope(scope))
}

fn of_scope(scope: Scope) -> PromptPatch {
    PromptPatch {
        scope: Some(scope),
        ..PromptPatch::default()
    }
}

fn commit(
    org: &Org,
    actor: &Principal,
    name: &str,
    text: &str,
    expect: Expect,
    about: &PromptPatch,
) -> Result<Committed> {
    let commit = Commit {
        slug: &slug(name),
        document: &document(text),
        message: None,
        author: None,
        tags: vec![],
        always: false,
        anew: true,
        beside: true,
        about: about.clone(),
        expect,
    };
    let done = org.store.commit(&org.ctx(actor), commit)?;
    Ok(done.value)
}

fn read(store: &Store<Native>, actor: &Principal, name: &str) -> Result<String> {
    let resolved = store.resolve(actor, &slug(name), &Selector::default())?;
    assert_eq!(resolved.version.slug, slug(name));
    let value = resolved.version.document.to_value()?;
    Ok(value["messages"][0]["content"].as_str().unwrap().to_owned())
}

fn listed(org: &Org, actor: &Principal) -> Vec<(String, Scope, Option<String>)> {
    let all = org
        .store
        .prompts(actor, &PromptFilter::default(), None, Limit::MAX);
    let row = |info: PromptInfo| {
        let name = info.shared_as.map(|name| name.to_string());
        (info.slug.to_string(), info.scope, name)
    };
    all.unwrap().items.into_iter().map(row).collect()
}

const OWN: Scope = Scope::Project;
const SHARED: Scope = Scope::Organization;

/// An organisation whose first project has both prompts, made in either order, and its second project.
fn both(own_first: bool) -> (Org, Principal) {
    let org = Org::new();
    let beta = org.project("beta");
    let order = if own_first {
        [OWN, SHARED]
    } else {
        [SHARED, OWN]
    };
    for scope in order {
        let text = if scope == OWN { "own" } else { "shared" };
        let made = make(&org, &org.admin, "p", text, scope).unwrap();
        assert!(made.first && made.created, "{text}");
    }
    (org, beta)
}

#[test]
fn a_project_reads_its_own_and_all_others_what_it_shares() {
    for own_first in [true, false] {
        let (org, beta) = both(own_first);
        assert_eq!(read(&org.store, &org.admin, "p").unwrap(), "own");
        assert_eq!(
            read(&org.store, &org.admin, "p.organization").unwrap(),
            "shared"
        );
        assert_eq!(read(&org.store, &beta, "p").unwrap(), "shared");
        assert_eq!(
            code(read(&org.store, &beta, "p.organization")),
            Code::PromptNotFound
        );
        let rows = [
            ("p".to_owned(), OWN, None),
            ("p.organization".to_owned(), SHARED, Some("p".to_owned())),
        ];
        assert_eq!(listed(&org, &org.admin), rows);
        assert_eq!(listed(&org, &beta), [("p".to_owned(), SHARED, None)]);
        let snapshot = |actor: &Principal| {
            let taken = org
                .store
                .snapshot(actor, &Selector::default(), true, at(0))
                .unwrap();
            let named = taken.prompts.into_iter().map(|prompt| {
                assert_eq!(prompt.about.unwrap().slug, prompt.version.slug);
                prompt.version.slug.to_string()
            });
            named.collect::<Vec<_>>()
        };
        assert_eq!(snapshot(&org.admin), ["p", "p.organization"]);
        assert_eq!(snapshot(&beta), ["p"]);
        let info = org.store.prompt(&beta, &slug("p")).unwrap();
        assert_eq!(org.store.slug_of(&beta, &info.id).unwrap(), slug("p"));
        assert_eq!(
            org.store.slug_of(&org.admin, &info.id).unwrap(),
            slug("p.organization")
        );
    }
}

#[test]
fn of_each_scope_there_is_one() {
    let (org, beta) = both(true);
    for scope in [OWN, SHARED] {
        let again = make(&org, &org.admin, "p", "again", scope);
        assert_eq!(code(again), Code::PreconditionFailed, "{scope:?}");
    }
    assert_eq!(
        code(make(&org, &beta, "p", "theirs", SHARED)),
        Code::SlugTaken
    );
    make(&org, &beta, "p", "theirs", OWN).unwrap();
    assert_eq!(read(&org.store, &beta, "p").unwrap(), "theirs");
    for (name, scope) in [("p", SHARED), ("p.organization", OWN)] {
        let ctx = org.ctx(&org.admin);
        let moved = org
            .store
            .update_prompt(&ctx, &slug(name), &of_scope(scope), Expect::Anything);
        assert_eq!(code(moved), Code::SlugTaken, "{name}");
    }
}

#[test]
fn the_shared_one_is_changed_under_its_slug() {
    let (org, beta) = both(false);
    let done = org.commit_with(
        &org.admin,
        "p.organization",
        "two",
        &["staging"],
        Expect::Anything,
    );
    assert_eq!(done.unwrap().value.version.version, v(2));
    let staging = Selector::Tag(tag("staging"));
    assert_eq!(
        org.store
            .resolve(&beta, &slug("p"), &staging)
            .unwrap()
            .version
            .version,
        v(2)
    );
    let filter = PromptFilter {
        tag: Some(&tag("staging")),
        ..Default::default()
    };
    for (actor, name) in [(&org.admin, "p.organization"), (&beta, "p")] {
        let found = org
            .store
            .prompts(actor, &filter, None, Limit::MAX)
            .unwrap()
            .items;
        assert_eq!(
            found.into_iter().map(|info| info.slug).collect::<Vec<_>>(),
            [slug(name)]
        );
    }
    assert_eq!(code(org.commit(&beta, "p", "x")), Code::NotOwner);
    let patch = PromptPatch {
        description: Some(Some("d".to_owned())),
        ..Default::default()
    };
    let ctx = org.ctx(&org.admin);
    let info = org
        .store
        .update_prompt(&ctx, &slug("p.organization"), &patch, Expect::Anything);
    assert_eq!(info.unwrap().value.shared_as, Some(slug("p")));
}

#[test]
fn it_gets_its_name_back_when_that_is_free() {
    let delete = |org: &Org| {
        org.store
            .delete_prompt(&org.ctx(&org.admin), &slug("p"), Expect::Anything)
            .unwrap();
    };
    let rename = |org: &Org| {
        let patch = PromptPatch {
            slug: Some(slug("q")),
            ..Default::default()
        };
        org.store
            .update_prompt(&org.ctx(&org.admin), &slug("p"), &patch, Expect::Anything)
            .unwrap();
        assert_eq!(read(&org.store, &org.admin, "q").unwrap(), "own");
    };
    for free in [&delete as &dyn Fn(&Org), &rename] {
        let (org, beta) = both(true);
        free(&org);
        assert_eq!(read(&org.store, &org.admin, "p").unwrap(), "shared");
        assert_eq!(
            code(read(&org.store, &org.admin, "p.organization")),
            Code::PromptNotFound
        );
        assert_eq!(read(&org.store, &beta, "p").unwrap(), "shared");
        org.commit(&org.admin, "p", "more").unwrap();
        assert_eq!(read(&org.store, &beta, "p").unwrap(), "shared");
        let latest = org
            .store
            .resolve(&beta, &slug("p"), &Selector::Latest)
            .unwrap();
        assert_eq!(latest.version.version, v(2));
    }
}

#[test]
fn a_deleted_one_comes_back_beside_the_shared_one() {
    let (org, beta) = both(true);
    org.commit_with(&org.admin, "p", "own", &["staging"], Expect::Anything)
        .unwrap();
    let delete = || {
        let ctx = org.ctx(&org.admin);
        let done = org.store.delete_prompt(&ctx, &slug("p"), Expect::Anything);
        done.unwrap()
    };
    let restore = |name: &str| {
        org.store
            .restore_prompt(&org.ctx(&org.admin), &slug(name))
            .map(|done| done.value)
    };
    let aside = delete().value;
    assert_eq!(aside.was, Some(slug("p")));
    assert_eq!(
        listed(&org, &org.admin),
        [("p".to_owned(), SHARED, None)],
        "one prompt, under its own name"
    );
    for name in ["p", aside.slug.as_str()] {
        let back = restore(name).unwrap();
        assert_eq!((back.slug, back.was, back.scope), (slug("p"), None, OWN));
        assert_eq!(read(&org.store, &org.admin, "p").unwrap(), "own");
        let staging = org.store.tag(&org.admin, &slug("p"), &tag("staging"));
        assert_eq!(staging.unwrap().version, v(1));
        assert_eq!(
            read(&org.store, &org.admin, "p.organization").unwrap(),
            "shared"
        );
        assert_eq!(read(&org.store, &beta, "p").unwrap(), "shared");
        assert_eq!(
            restore("p").unwrap().slug,
            slug("p"),
            "the restored prompt keeps its own slug"
        );
        delete();
    }
    // A new prompt of its scope holds the name.
    make(&org, &org.admin, "p", "new", OWN).unwrap();
    let error = restore(aside.slug.as_str()).unwrap_err();
    assert_eq!(error.code(), Code::SlugTaken);
    assert!(error.detail().contains(aside.slug.as_str()), "{error}");
}

#[test]
fn what_another_project_shares_shows_while_the_own_one_is_deleted() {
    let org = Org::new();
    let beta = org.project("beta");
    make(&org, &org.admin, "p", "shared", SHARED).unwrap();
    make(&org, &beta, "p", "own", OWN).unwrap();
    let ctx = org.ctx(&beta);
    let deleted = org.store.delete_prompt(&ctx, &slug("p"), Expect::Anything);
    let deleted = deleted.unwrap().value;
    assert_eq!((deleted.slug, deleted.was), (slug("p"), None));
    assert_eq!(read(&org.store, &beta, "p").unwrap(), "shared");
    assert_eq!(listed(&org, &beta), [("p".to_owned(), SHARED, None)]);
    for selector in [Selector::Latest, Selector::default()] {
        let taken = org.store.snapshot(&beta, &selector, true, at(0)).unwrap();
        assert_eq!(taken.prompts.len(), 1);
        let told = taken.prompts[0].about.as_ref().unwrap();
        assert_eq!((&told.slug, told.scope), (&slug("p"), SHARED));
    }
    assert_eq!(code(org.commit(&beta, "p", "more")), Code::SlugTaken);
    let again = org
        .store
        .delete_prompt(&org.ctx(&beta), &slug("p"), Expect::Anything);
    assert_eq!(code(again), Code::NotOwner);

    let before = org.store.standing(&beta).unwrap().bindings;
    let ctx = org.ctx(&beta);
    org.store.restore_prompt(&ctx, &slug("p")).unwrap();
    assert_eq!(read(&org.store, &beta, "p").unwrap(), "own");
    assert!(org.store.standing(&beta).unwrap().bindings > before);
}

#[test]
fn a_deleted_one_gives_its_name_to_a_new_one_of_its_scope() {
    for (name, scope, other) in [
        ("p", OWN, "p.organization"),
        ("p.organization", SHARED, "p"),
    ] {
        let (org, beta) = both(true);
        org.store
            .delete_prompt(&org.ctx(&org.admin), &slug(name), Expect::Anything)
            .unwrap();
        let made = make(&org, &org.admin, "p", "new", scope).unwrap();
        assert_eq!(
            (made.version.version, made.version.slug),
            (v(1), slug(name))
        );
        assert_eq!(read(&org.store, &org.admin, name).unwrap(), "new");
        let kept = if scope == OWN { "shared" } else { "own" };
        assert_eq!(read(&org.store, &org.admin, other).unwrap(), kept);
        let theirs = if scope == OWN { "shared" } else { "new" };
        assert_eq!(read(&org.store, &beta, "p").unwrap(), theirs);
    }
}

#[test]
fn a_commit_changes_content_name_and_scope_or_nothing() {
    let (org, beta) = both(true);
    org.commit(&org.admin, "q", "one").unwrap();
    let about = |name: &str, scope| PromptPatch {
        slug: Some(slug(name)),
        ..of_scope(scope)
    };
    let before = org.store.revision(&org.admin).unwrap();
    for scope in [OWN, SHARED] {
        let refused = commit(
            &org,
            &org.admin,
            "q",
            "two",
            Expect::Anything,
            &about("p", scope),
        );
        assert_eq!(code(refused), Code::SlugTaken, "{scope:?}");
        assert_eq!(org.store.revision(&org.admin).unwrap(), before);
        assert_eq!(
            org.store.prompt(&org.admin, &slug("q")).unwrap().latest,
            v(1)
        );
    }
    let done = commit(
        &org,
        &org.admin,
        "q",
        "two",
        Expect::Anything,
        &about("r", SHARED),
    )
    .unwrap();
    assert_eq!((done.version.slug, done.version.version), (slug("r"), v(2)));
    assert_eq!(org.store.prompt(&beta, &slug("r")).unwrap().scope, SHARED);
    assert_eq!(
        code(read(&org.store, &org.admin, "q")),
        Code::PromptNotFound
    );
    // Equal content makes no version, but the name still changes.
    let again = commit(
        &org,
        &org.admin,
        "r",
        "two",
        Expect::Anything,
        &about("q", OWN),
    )
    .unwrap();
    assert_eq!((again.created, again.version.slug), (false, slug("q")));
    assert_eq!(code(read(&org.store, &beta, "r")), Code::PromptNotFound);
}

#[test]
fn versions_of_a_slug_that_means_another_prompt_are_asked_for_again() {
    let org = Org::new();
    make(&org, &org.admin, "p", "shared", SHARED).unwrap();
    let before = org.store.standing(&org.admin).unwrap().bindings;
    make(&org, &org.admin, "p", "own", OWN).unwrap();
    let after = org.store.standing(&org.admin).unwrap();
    assert!(after.bindings > before && after.bindings <= after.revision);
}
