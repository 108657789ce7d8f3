//! Cases: named inputs that belong to a prompt, not to a version.

use cuecard_prompt::{Code, Selector};
use cuecard_store::{CaseName, Expect, KeyRole, Native, Scope, Store};
use serde_json::{Map, json};

use crate::support::*;

#[test]
fn a_case_is_saved_changed_and_removed() {
    let org = Org::new();
    let (name, usual) = (slug("p"), case("usual"));
    assert_eq!(
        code(put_case(&org, &org.admin, "p", "usual")),
        Code::PromptNotFound
    );
    org.commit(&org.admin, "p", "one").unwrap();
    let before = org.store.revision(&org.admin).unwrap();
    let saved = put_case(&org, &org.admin, "p", "usual").unwrap();
    assert_eq!(
        saved.revision, before,
        "a case changes nothing for readers of the prompt"
    );
    assert_eq!(
        org.store.case(&org.admin, &name, &usual).unwrap(),
        saved.value
    );
    let put = |number, expect| {
        let ctx = org.ctx(&org.admin);
        org.store
            .put_case(&ctx, &name, &usual, &inputs(number), expect)
    };
    let seen = Expect::Unchanged(saved.value.revision);
    assert_eq!(code(put(2, Expect::Absent)), Code::PreconditionFailed);
    put(2, seen).unwrap();
    assert_eq!(code(put(3, seen)), Code::PreconditionFailed);
    assert_eq!(
        org.store.cases(&org.admin, &name).unwrap()[0].inputs,
        inputs(2)
    );
    let delete = |expect| {
        org.store
            .delete_case(&org.ctx(&org.admin), &name, &usual, expect)
    };
    assert_eq!(code(delete(seen)), Code::PreconditionFailed);
    delete(Expect::Present).unwrap();
    assert_eq!(code(delete(Expect::Anything)), Code::CaseNotFound);
    assert_eq!(
        code(org.store.case(&org.admin, &name, &usual)),
        Code::CaseNotFound
    );
    let log = org
        .store
        .events(&org.admin, before, Default::default())
        .unwrap();
    let log: Vec<_> = log
        .items
        .iter()
        .map(|e| (&*e.action, e.detail["case"].clone()))
        .collect();
    let usual = json!("usual");
    assert_eq!(
        log,
        [
            ("case.put", usual.clone()),
            ("case.put", usual.clone()),
            ("case.delete", usual)
        ]
    );
}

#[test]
fn cases_go_where_their_prompt_goes() {
    let org = Org::new();
    let (name, copy, any) = (slug("p"), slug("copy"), Expect::Anything);
    org.commit(&org.admin, "p", "one").unwrap();
    put_case(&org, &org.admin, "p", "usual").unwrap();
    let ctx = || org.ctx(&org.admin);
    org.store
        .duplicate_prompt(&ctx(), &name, &Selector::Latest, &copy)
        .unwrap();
    org.store
        .delete_case(&ctx(), &copy, &case("usual"), any)
        .unwrap();
    assert_eq!(
        org.store.cases(&org.admin, &name).unwrap().len(),
        1,
        "a duplicate has cases of its own"
    );
    org.store.delete_prompt(&ctx(), &name, any).unwrap();
    assert_eq!(
        code(org.store.cases(&org.admin, &name)),
        Code::PromptNotFound
    );
    assert_eq!(
        code(put_case(&org, &org.admin, "p", "x")),
        Code::PromptNotFound
    );
    org.store.restore_prompt(&ctx(), &name).unwrap();
    assert_eq!(org.store.cases(&org.admin, &name).unwrap().len(), 1);
    org.store.delete_prompt(&ctx(), &name, any).unwrap();
    org.store.purge_prompt(&ctx(), &name).unwrap();
    org.commit(&org.admin, "p", "anew").unwrap();
    assert_eq!(org.store.cases(&org.admin, &name).unwrap(), []);
}

#[test]
fn cases_are_for_writers_and_changed_by_the_owner() {
    let org = Org::new();
    let (reader, beta) = (org.principal("default", KeyRole::Read), org.project("beta"));
    let name = slug("p");
    org.commit(&org.admin, "p", "one").unwrap();
    put_case(&org, &org.admin, "p", "usual").unwrap();
    assert_eq!(code(org.store.cases(&reader, &name)), Code::RoleRequired);
    assert_eq!(code(put_case(&org, &reader, "p", "x")), Code::RoleRequired);
    assert_eq!(code(org.store.cases(&beta, &name)), Code::PromptNotFound);
    let share = cuecard_store::PromptPatch {
        scope: Some(Scope::Organization),
        ..Default::default()
    };
    org.store
        .update_prompt(&org.ctx(&org.admin), &name, &share, Expect::Anything)
        .unwrap();
    assert_eq!(org.store.cases(&beta, &name).unwrap().len(), 1);
    assert_eq!(code(put_case(&org, &beta, "p", "x")), Code::NotOwner);
}

#[test]
fn a_prompt_has_room_for_so_many_cases() {
    let org = Org::new();
    org.commit(&org.admin, "p", "one").unwrap();
    for number in 0..Store::<Native>::MAX_CASES {
        put_case(&org, &org.admin, "p", &format!("case {number}")).unwrap();
    }
    assert_eq!(
        code(put_case(&org, &org.admin, "p", "more")),
        Code::LimitExceeded
    );
    put_case(&org, &org.admin, "p", "case 0").unwrap();

    org.commit(&org.admin, "q", "one").unwrap();
    let put = |name: &str, bytes: i64| {
        let inputs = Map::from_iter([("a".to_owned(), json!("x".repeat(bytes as usize - 8)))]);
        let ctx = org.ctx(&org.admin);
        org.store
            .put_case(&ctx, &slug("q"), &case(name), &inputs, Expect::Anything)
    };
    let most = Store::<Native>::MAX_CASE_BYTES;
    put("a", most / 2).unwrap();
    assert_eq!(code(put("b", most / 2 + 1)), Code::LimitExceeded);
    put("b", most / 2).unwrap();
    assert_eq!(code(put("a", most / 2 + 1)), Code::LimitExceeded);
    put("a", most / 2 - 1).unwrap();
}

#[test]
fn a_name_is_a_segment_that_urls_keep() {
    for good in [
        "a",
        "Angry customer",
        "größe 2",
        "7",
        "a..b",
        &"ä".repeat(100),
    ] {
        assert!(CaseName::parse(good).is_ok(), "{good:?}");
    }
    for bad in [
        "",
        ".",
        "..",
        ".a",
        " a",
        "a ",
        "a/b",
        "a\\b",
        "a\nb",
        "a\u{85}b",
        &"a".repeat(101),
    ] {
        assert_eq!(code(CaseName::parse(bad)), Code::CaseInvalid, "{bad:?}");
    }
}
