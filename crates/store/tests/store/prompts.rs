//! Prompts as a whole: describing, sharing, deleting, restoring, purging, duplicating.

use cuecard_prompt::{Code, Result, Selector, Slug};
use cuecard_store::{
    Commit, Done, Expect, KeyRole, Limit, Principal, PromptFilter, PromptInfo, PromptPatch,
    Revision, Scope,
};

use crate::support::*;

fn share(org: &Org, owner: &Principal, name: &str, scope: Scope) -> Result<Done<PromptInfo>> {
    let patch = PromptPatch {
        scope: Some(scope),
        ..PromptPatch::default()
    };
    org.store
        .update_prompt(&org.ctx(owner), &slug(name), &patch, Expect::Anything)
}

fn read(org: &Org, reader: &Principal, name: &str) -> Result<String> {
    let resolved = org
        .store
        .resolve(reader, &slug(name), &Selector::default())?;
    let json = serde_json::to_value(&resolved.version.document).unwrap();
    Ok(json["messages"][0]["content"].as_str().unwrap().to_owned())
}

#[test]
fn a_prompt_is_named_and_described() {
    let org = Org::new();
    org.commit(&org.admin, "p", "one").unwrap();
    let update = |patch, expect| {
        let ctx = org.ctx(&org.admin);
        org.store.update_prompt(&ctx, &slug("p"), &patch, expect)
    };
    let named = PromptPatch {
        name: Some(Some("Reply".to_owned())),
        description: Some(Some("To customers".to_owned())),
        scope: None,
        ..PromptPatch::default()
    };
    let done = update(named.clone(), Expect::Unchanged(Revision::new(1).unwrap())).unwrap();
    assert_eq!(done.revision.get(), 2);
    assert_eq!(done.value.name.as_deref(), Some("Reply"));
    assert_eq!(update(named, Expect::Anything).unwrap().revision.get(), 2);
    let unnamed = PromptPatch {
        name: Some(None),
        ..PromptPatch::default()
    };
    let stale = update(
        unnamed.clone(),
        Expect::Unchanged(Revision::new(1).unwrap()),
    );
    assert_eq!(code(stale), Code::PreconditionFailed);
    let info = update(unnamed, Expect::Anything).unwrap().value;
    assert_eq!(
        (info.name, info.description.as_deref()),
        (None, Some("To customers"))
    );
    let long = PromptPatch {
        name: Some(Some("x".repeat(201))),
        ..PromptPatch::default()
    };
    assert_eq!(code(update(long, Expect::Anything)), Code::BodyInvalid);
}

#[test]
fn a_shared_prompt_is_read_by_all_and_changed_by_its_owner() {
    let org = Org::new();
    let (alpha, beta) = (org.project("alpha"), org.project("beta"));
    org.commit(&alpha, "p", "alpha's").unwrap();
    let before = org.store.revision(&beta).unwrap();
    let shared = share(&org, &alpha, "p", Scope::Organization).unwrap();
    assert!(org.store.revision(&beta).unwrap() > before);
    assert_eq!(read(&org, &beta, "p").unwrap(), "alpha's");

    assert_eq!(code(org.commit(&beta, "p", "x")), Code::NotOwner);
    assert_eq!(
        code(share(&org, &beta, "p", Scope::Project)),
        Code::NotOwner
    );
    let (ctx, name, production) = (org.ctx(&beta), slug("p"), tag("production"));
    let any = Expect::Anything;
    assert_eq!(
        code(org.store.set_tag(&ctx, &name, &production, v(1), any)),
        Code::NotOwner
    );
    assert_eq!(
        code(org.store.rollback_tag(&ctx, &name, &production, any)),
        Code::NotOwner
    );
    assert_eq!(
        code(org.store.delete_tag(&ctx, &name, &production, any)),
        Code::NotOwner
    );
    assert_eq!(
        code(org.store.delete_prompt(&ctx, &name, any)),
        Code::NotOwner
    );
    assert_eq!(
        code(org.store.put_draft(&ctx, &name, &(&document("x")).into())),
        Code::NotOwner
    );
    assert_eq!(
        code(org.store.restore_prompt(&ctx, &name)),
        Code::PromptNotFound
    );

    let before = org.store.revision(&beta).unwrap();
    org.commit_with(&alpha, "p", "newer", &["production"], any)
        .unwrap();
    assert!(
        org.store.revision(&beta).unwrap() > before,
        "all readers can see it"
    );
    let by_id = org.store.slug_of(&beta, &shared.value.id).unwrap();
    assert_eq!(by_id, name);

    // A project's own prompt comes first. Creating it takes an explicit precondition.
    org.commit_with(&beta, "p", "beta's", &[], Expect::Absent)
        .unwrap();
    assert_eq!(read(&org, &beta, "p").unwrap(), "beta's");
    assert_eq!(read(&org, &alpha, "p").unwrap(), "newer");
    assert_eq!(read(&org, &org.admin, "p").unwrap(), "newer");
    assert_eq!(
        code(share(&org, &beta, "p", Scope::Organization)),
        Code::SlugTaken
    );
    assert_eq!(
        code(org.store.slug_of(&beta, &shared.value.id)),
        Code::PromptNotFound
    );
    let one = org
        .store
        .prompts(&beta, &PromptFilter::default(), None, Limit::default());
    assert_eq!(one.unwrap().items.len(), 1);

    share(&org, &alpha, "p", Scope::Project).unwrap();
    assert_eq!(code(read(&org, &org.admin, "p")), Code::PromptNotFound);
    assert!(share(&org, &beta, "p", Scope::Organization).is_ok());
    assert_eq!(read(&org, &org.admin, "p").unwrap(), "beta's");
}

#[test]
fn a_deleted_prompt_comes_back_complete() {
    let org = Org::new();
    org.commit(&org.admin, "p", "one").unwrap();
    org.commit_with(&org.admin, "p", "two", &["production"], Expect::Anything)
        .unwrap();
    let (name, any) = (slug("p"), Expect::Anything);
    org.store
        .put_draft(&org.ctx(&org.admin), &name, &(&document("three")).into())
        .unwrap();
    put_case(&org, &org.admin, "p", "usual").unwrap();
    let look = || {
        let history = org
            .store
            .history(&org.admin, &name, None, Limit::MAX)
            .unwrap();
        let tags = org.store.tags(&org.admin, &name).unwrap();
        let draft = org.store.draft(&org.admin, &name, None).unwrap();
        let cases = org.store.cases(&org.admin, &name).unwrap();
        assert_eq!(cases.len(), 1);
        (history, tags, draft, cases)
    };
    let before = look();
    let revision = org.store.revision(&org.admin).unwrap();
    let deleted = org
        .store
        .delete_prompt(&org.ctx(&org.admin), &name, any)
        .unwrap();
    assert!(deleted.value.deleted_at.is_some() && deleted.revision > revision);
    for result in [
        read(&org, &org.admin, "p").map(drop),
        org.store
            .history(&org.admin, &name, None, Limit::MAX)
            .map(drop),
        org.store.tags(&org.admin, &name).map(drop),
        org.store
            .delete_prompt(&org.ctx(&org.admin), &name, any)
            .map(drop),
    ] {
        assert_eq!(code(result), Code::PromptNotFound);
    }
    assert_eq!(code(org.commit(&org.admin, "p", "four")), Code::SlugTaken);
    let bin = PromptFilter {
        deleted: true,
        ..PromptFilter::default()
    };
    let list = |filter: &PromptFilter<'_>| {
        let page = org
            .store
            .prompts(&org.admin, filter, None, Limit::default());
        page.unwrap().items.len()
    };
    assert_eq!((list(&PromptFilter::default()), list(&bin)), (0, 1));

    let restored = org
        .store
        .restore_prompt(&org.ctx(&org.admin), &name)
        .unwrap();
    assert!(restored.revision > deleted.revision);
    assert_eq!(look(), before);
    assert_eq!((list(&PromptFilter::default()), list(&bin)), (1, 0));
    let again = org
        .store
        .restore_prompt(&org.ctx(&org.admin), &name)
        .unwrap();
    assert_eq!(again.revision, restored.revision);
}

#[test]
fn a_purged_prompt_frees_its_slug() {
    let org = Org::new();
    let (name, any) = (slug("p"), Expect::Anything);
    org.commit(&org.admin, "p", "one").unwrap();
    let id = org.commit(&org.admin, "p", "two").unwrap().value.version.id;
    assert_eq!(
        org.store.version_of(&org.admin, &id).unwrap(),
        (slug("p"), v(2))
    );
    let ctx = org.ctx(&org.admin);
    assert_eq!(
        code(org.store.purge_prompt(&ctx, &name)),
        Code::PreconditionFailed
    );
    org.store.delete_prompt(&ctx, &name, any).unwrap();
    let writer = org.principal("default", KeyRole::Write);
    assert_eq!(
        code(org.store.purge_prompt(&org.ctx(&writer), &name)),
        Code::RoleRequired
    );
    org.store.purge_prompt(&ctx, &name).unwrap();
    assert_eq!(
        code(org.store.restore_prompt(&ctx, &name)),
        Code::PromptNotFound
    );
    assert_eq!(
        code(org.store.version_of(&org.admin, &id)),
        Code::VersionNotFound
    );
    let again = org.commit(&org.admin, "p", "anew").unwrap();
    assert_eq!(again.value.version.version, v(1));
    let moves = org
        .store
        .tag_history(&org.admin, &name, &tag("production"), None, Limit::MAX);
    assert_eq!(moves.unwrap().items.len(), 1);
}

#[test]
fn a_duplicate_starts_a_history_of_its_own() {
    let org = Org::new();
    let beta = org.project("beta");
    org.commit(&org.admin, "p", "one").unwrap();
    org.commit(&org.admin, "p", "two").unwrap();
    share(&org, &org.admin, "p", Scope::Organization).unwrap();
    let copy = |actor, selector: &str, to: &str| {
        let selector = Selector::parse(selector).unwrap();
        org.store
            .duplicate_prompt(&org.ctx(actor), &slug("p"), &selector, &slug(to))
    };
    let copied = copy(&org.admin, "production", "q").unwrap().value;
    assert_eq!(
        copied.version.commit_message.as_deref(),
        Some("Duplicated from p@1")
    );
    assert_eq!(read(&org, &org.admin, "q").unwrap(), "one");
    assert_eq!(code(copy(&org.admin, "latest", "q")), Code::SlugTaken);
    assert_eq!(code(copy(&org.admin, "7", "r")), Code::VersionNotFound);
    copy(&beta, "latest", "p").unwrap();
    assert_eq!(read(&org, &beta, "p").unwrap(), "two");
}

#[test]
fn a_prompt_takes_another_slug_with_all_that_it_has() {
    let org = Org::new();
    org.commit_with(&org.admin, "p", "one", &["staging"], Expect::Anything)
        .unwrap();
    org.commit(&org.admin, "other", "x").unwrap();
    let rename = |from: &str, to: &str| {
        let patch = PromptPatch {
            slug: Some(slug(to)),
            ..PromptPatch::default()
        };
        org.store
            .update_prompt(&org.ctx(&org.admin), &slug(from), &patch, Expect::Anything)
    };
    assert_eq!(code(rename("p", "other")), Code::SlugTaken);
    let done = rename("p", "q/r").unwrap();
    assert_eq!(done.value.slug, slug("q/r"));
    assert_eq!(
        org.store.standing(&org.admin).unwrap().bindings,
        done.revision
    );
    assert_eq!(
        code(org.store.prompt(&org.admin, &slug("p"))),
        Code::PromptNotFound
    );
    let tag = org
        .store
        .tag(&org.admin, &slug("q/r"), &tag("staging"))
        .unwrap();
    assert_eq!(tag.version, v(1));
    let filter = PromptFilter {
        tag: Some(&tag.tag),
        ..Default::default()
    };
    let listed = org
        .store
        .prompts(&org.admin, &filter, None, Limit::MAX)
        .unwrap();
    assert_eq!(listed.items[0].slug, slug("q/r"));
    // The previous name is free.
    assert!(org.commit(&org.admin, "p", "new").unwrap().value.first);
    assert_eq!(code(rename("q/r", "p")), Code::SlugTaken);
}

#[test]
fn labels_stay_with_the_prompt() {
    let org = Org::new();
    org.commit(&org.admin, "p", "one").unwrap();
    let labels = serde_json::json!({ "folder": "mails", "starred": true });
    let patch = |labels: &serde_json::Value| PromptPatch {
        labels: labels.as_object().cloned(),
        ..PromptPatch::default()
    };
    let set = |patch| {
        org.store
            .update_prompt(&org.ctx(&org.admin), &slug("p"), &patch, Expect::Anything)
    };
    set(patch(&labels)).unwrap();
    org.commit(&org.admin, "p", "two").unwrap();
    let info = org.store.prompt(&org.admin, &slug("p")).unwrap();
    assert_eq!(
        (serde_json::json!(info.labels), info.latest),
        (labels, v(2))
    );
    let long = serde_json::json!({ "x": "y".repeat(4000) });
    assert_eq!(code(set(patch(&long))), Code::BodyInvalid);
}

#[test]
fn a_new_prompt_can_take_the_slug_of_a_deleted_one() {
    let org = Org::new();
    let (slug_p, content) = (slug("p"), document("new"));
    let anew = || Commit {
        slug: &slug_p,
        document: &content,
        message: None,
        author: None,
        tags: vec![],
        always: false,
        anew: true,
        beside: false,
        about: PromptPatch::default(),
        expect: Expect::Absent,
    };
    let commit = || org.store.commit(&org.ctx(&org.admin), anew());
    let delete = || {
        org.store
            .delete_prompt(&org.ctx(&org.admin), &slug_p, Expect::Anything)
            .unwrap()
    };
    let restore = |name: &Slug| org.store.restore_prompt(&org.ctx(&org.admin), name);
    org.commit_with(&org.admin, "p", "old", &["staging"], Expect::Anything)
        .unwrap();
    assert_eq!(
        code(commit()),
        Code::PreconditionFailed,
        "a prompt that is not deleted keeps its slug"
    );
    delete();
    let done = commit().unwrap().value;
    assert_eq!((done.first, done.version.version), (true, v(1)));
    assert_eq!(
        code(org.store.tag(&org.admin, &slug_p, &tag("staging"))),
        Code::TagNotFound
    );
    let filter = PromptFilter {
        deleted: true,
        ..Default::default()
    };
    let deleted = org
        .store
        .prompts(&org.admin, &filter, None, Limit::MAX)
        .unwrap();
    let aside = deleted.items[0].clone();
    assert_eq!(
        (deleted.items.len(), aside.was.as_ref()),
        (1, Some(&slug_p))
    );
    for name in [&slug_p, &aside.slug] {
        let error = restore(name).unwrap_err();
        assert_eq!(error.code(), Code::SlugTaken);
        assert!(error.detail().contains(aside.slug.as_str()), "{error}");
    }
    // Once the name is free, the older prompt can be restored under it.
    delete();
    org.store
        .purge_prompt(&org.ctx(&org.admin), &slug_p)
        .unwrap();
    let back = restore(&slug_p).unwrap().value;
    assert_eq!((back.slug, back.was), (slug_p.clone(), None));
    assert_eq!(
        org.store
            .tag(&org.admin, &slug_p, &tag("staging"))
            .unwrap()
            .version,
        v(1)
    );
}
