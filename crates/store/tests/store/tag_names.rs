//! Names of tags belong to the organisation, whichever project a key is of.

use cuecard_prompt::Code;
use cuecard_store::{Expect, KeyRole, Limit, Principal, Revision};

use crate::support::*;

fn names(org: &Org, actor: &Principal) -> Vec<String> {
    let names = org.store.tag_names(actor).unwrap();
    names.iter().map(|name| name.tag.to_string()).collect()
}

#[test]
fn an_organisation_begins_with_two_names() {
    let org = Org::new();
    assert_eq!(names(&org, &org.admin), ["production", "staging"]);
    let listed = org.store.tag_names(&org.admin).unwrap();
    assert!(listed.iter().all(|name| name.created_at == at(0)));
}

#[test]
fn what_one_project_adds_or_removes_all_see() {
    let org = Org::new();
    let beta = org.project("beta");
    let ctx = org.ctx(&beta);
    let added = org.store.add_tag_name(&ctx, &tag("canary")).unwrap().value;
    assert!(added.created);
    assert_eq!(added.name.created_at, ctx.now);
    assert_eq!(names(&org, &org.admin), ["canary", "production", "staging"]);
    let again = org.store.add_tag_name(&org.ctx(&org.admin), &tag("canary"));
    let again = again.unwrap().value;
    assert_eq!((again.created, again.name), (false, added.name));
    org.store
        .remove_tag_name(&org.ctx(&org.admin), &tag("staging"))
        .unwrap();
    assert_eq!(names(&org, &beta), ["canary", "production"]);
    let gone = org.store.remove_tag_name(&org.ctx(&beta), &tag("staging"));
    assert_eq!(code(gone), Code::TagNotFound);
    let default = org
        .store
        .remove_tag_name(&org.ctx(&beta), &tag("production"));
    assert_eq!(code(default), Code::TagInvalid);
}

#[test]
fn names_are_no_tags_and_a_change_is_in_the_log_of_who_made_it() {
    let org = Org::new();
    let beta = org.project("beta");
    org.commit_with(&org.admin, "p", "one", &["canary"], Expect::Anything)
        .unwrap();
    assert_eq!(names(&org, &org.admin), ["production", "staging"]);
    let used = |actor: &Principal| -> Vec<String> {
        let names = org.store.tag_names_and_used(actor).unwrap();
        names.iter().map(|name| name.tag.to_string()).collect()
    };
    assert_eq!(used(&org.admin), ["canary", "production", "staging"]);
    assert_eq!(
        used(&beta),
        ["production", "staging"],
        "the project has no prompt with this tag"
    );
    let before = org.store.revision(&beta).unwrap();
    org.store
        .add_tag_name(&org.ctx(&beta), &tag("canary"))
        .unwrap();
    org.store
        .remove_tag_name(&org.ctx(&beta), &tag("canary"))
        .unwrap();
    let tags = org.store.tags(&org.admin, &slug("p")).unwrap();
    assert!(tags.iter().any(|found| found.tag == tag("canary")));
    // Readers of prompts do not notice the change.
    assert_eq!(org.store.revision(&beta).unwrap(), before);
    let actions = |actor: &Principal| -> Vec<String> {
        let page = org.store.events(actor, Revision::ZERO, Limit::MAX).unwrap();
        let events = page.items.into_iter();
        events
            .map(|event| event.action)
            .filter(|action| action.starts_with("tag_name"))
            .collect()
    };
    assert_eq!(actions(&beta), ["tag_name.add", "tag_name.remove"]);
    assert!(actions(&org.admin).is_empty());
}

#[test]
fn readers_change_no_names_and_there_is_a_most() {
    let org = Org::new();
    let reader = org.principal("default", KeyRole::Read);
    let ctx = org.ctx(&reader);
    assert_eq!(
        code(org.store.add_tag_name(&ctx, &tag("x"))),
        Code::RoleRequired
    );
    assert_eq!(
        code(org.store.remove_tag_name(&ctx, &tag("staging"))),
        Code::RoleRequired
    );
    assert_eq!(names(&org, &reader), ["production", "staging"]);
    for number in 2..1_000 {
        let name = tag(&format!("t{number}"));
        org.store.add_tag_name(&org.ctx(&org.admin), &name).unwrap();
    }
    let over = org.store.add_tag_name(&org.ctx(&org.admin), &tag("over"));
    assert_eq!(code(over), Code::LimitExceeded);
    assert_eq!(names(&org, &org.admin).len(), 1_000);
}
