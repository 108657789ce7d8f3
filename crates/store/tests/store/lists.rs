//! Lists, histories, the audit log and snapshots, with their pages.

use cuecard_prompt::{Code, Selector, Slug};
use cuecard_store::{
    Expect, KeyRole, Limit, Principal, PromptFilter, PromptPatch, Revision, Scope,
};
use serde_json::{Value, json};

use crate::support::*;

/// All slugs of a list. Pages of every size must give the same slugs.
fn slugs(org: &Org, actor: &Principal, filter: PromptFilter<'_>) -> Vec<String> {
    let mut lists = [1, 2, 3, 7, 100].map(|size| {
        let limit = Limit::new(size).unwrap();
        let mut all: Vec<Slug> = Vec::new();
        let mut after = None;
        loop {
            let page = org
                .store
                .prompts(actor, &filter, after.as_ref(), limit)
                .unwrap();
            assert!(page.items.len() <= size as usize);
            all.extend(page.items.into_iter().map(|prompt| prompt.slug));
            after = page.next;
            if after.is_none() {
                return all;
            }
        }
    });
    lists.sort();
    assert_eq!(lists[0], lists[4]);
    lists[0].iter().map(Slug::to_string).collect()
}

#[test]
fn prompts_are_listed_by_slug() {
    let org = Org::new();
    let beta = org.project("beta");
    for name in ["b", "a", "a/x", "a-", "a.b", "ab", "A", "a/y/z", "0"] {
        org.commit(&org.admin, name, "one").unwrap();
    }
    for name in ["a/own", "ab", "zz"] {
        org.commit(&beta, name, "one").unwrap();
        let patch = PromptPatch {
            scope: Some(Scope::Organization),
            ..PromptPatch::default()
        };
        let ctx = org.ctx(&beta);
        org.store
            .update_prompt(&ctx, &slug(name), &patch, Expect::Anything)
            .unwrap();
    }
    let all = slugs(&org, &org.admin, PromptFilter::default());
    assert_eq!(
        all,
        [
            "0", "A", "a", "a-", "a.b", "a/own", "a/x", "a/y/z", "ab", "b", "zz"
        ]
    );
    let prefix = |prefix| {
        slugs(
            &org,
            &org.admin,
            PromptFilter {
                prefix,
                ..PromptFilter::default()
            },
        )
    };
    assert_eq!(prefix("a/"), ["a/own", "a/x", "a/y/z"]);
    assert_eq!(prefix("a/x"), ["a/x"]);
    assert_eq!(prefix("a/xx"), [""; 0]);
    assert_eq!(
        slugs(&org, &beta, PromptFilter::default()),
        ["a/own", "ab", "zz"]
    );

    let staging = tag("staging");
    for (actor, name) in [
        (&org.admin, "a.b"),
        (&org.admin, "0"),
        (&beta, "zz"),
        (&beta, "ab"),
    ] {
        let ctx = org.ctx(actor);
        org.store
            .set_tag(&ctx, &slug(name), &staging, v(1), Expect::Anything)
            .unwrap();
    }
    let tagged = PromptFilter {
        tag: Some(&staging),
        ..PromptFilter::default()
    };
    assert_eq!(slugs(&org, &org.admin, tagged), ["0", "a.b", "zz"]);
    let ctx = org.ctx(&org.admin);
    org.store
        .delete_prompt(&ctx, &slug("0"), Expect::Anything)
        .unwrap();
    assert_eq!(slugs(&org, &org.admin, tagged), ["a.b", "zz"]);
    assert_eq!(
        slugs(
            &org,
            &org.admin,
            PromptFilter {
                deleted: true,
                ..tagged
            }
        ),
        ["0"]
    );

    let snapshot = |selector: &Selector| {
        let snapshot = org
            .store
            .snapshot(&org.admin, selector, false, at(9))
            .unwrap();
        assert_eq!(snapshot.revision, org.store.revision(&org.admin).unwrap());
        for prompt in &snapshot.prompts {
            let resolved = org
                .store
                .resolve(&org.admin, &prompt.version.slug, selector)
                .unwrap();
            assert_eq!(resolved.version, prompt.version.clone().read().unwrap());
            assert_eq!(resolved.revision, prompt.resolved.revision);
        }
        let slugs = snapshot
            .prompts
            .iter()
            .map(|prompt| prompt.version.slug.to_string());
        slugs.collect::<Vec<_>>()
    };
    assert_eq!(snapshot(&Selector::Tag(staging.clone())), ["a.b", "zz"]);
    assert_eq!(snapshot(&Selector::Latest), all[1..]);
    for selector in [Selector::Tag(staging.clone()), Selector::Latest] {
        let (plain, told) = (
            org.store
                .snapshot(&org.admin, &selector, false, at(9))
                .unwrap(),
            org.store
                .snapshot(&org.admin, &selector, true, at(9))
                .unwrap(),
        );
        assert_eq!(plain.prompts.len(), told.prompts.len());
        for (plain, told) in plain.prompts.iter().zip(&told.prompts) {
            assert_eq!(plain.version, told.version);
            let info = org.store.prompt(&org.admin, &told.version.slug).unwrap();
            assert_eq!(told.about, Some(info));
        }
    }
    let one = Selector::parse("1").unwrap();
    assert_eq!(
        code(org.store.snapshot(&org.admin, &one, false, at(9))),
        Code::SelectorConflict
    );

    for prefix in ["a b", "ä", "a%2F", &"a".repeat(201)] {
        let filter = PromptFilter {
            prefix,
            ..PromptFilter::default()
        };
        let list = org
            .store
            .prompts(&org.admin, &filter, None, Limit::default());
        assert_eq!(code(list), Code::QueryInvalid);
    }
    let reader = org.principal("default", KeyRole::Read);
    let bin = PromptFilter {
        deleted: true,
        ..PromptFilter::default()
    };
    let list = org.store.prompts(&reader, &bin, None, Limit::default());
    assert_eq!(code(list), Code::RoleRequired);
}

#[test]
fn a_snapshot_passes_content_on_as_it_is_stored() {
    let org = Org::new();
    let names: Vec<String> = (0..40).map(|number| format!("p{number:02}")).collect();
    for name in &names {
        org.commit(&org.admin, name, &format!("{{ é \"{name}\""))
            .unwrap();
    }
    let staging = Selector::Tag(tag("production"));
    for (selector, told) in [(&staging, false), (&Selector::Latest, true)] {
        let snapshot = org
            .store
            .snapshot(&org.admin, selector, told, at(9))
            .unwrap();
        let written: Value = serde_json::from_str(&snapshot.to_json().unwrap()).unwrap();
        assert_eq!(written["revision"], json!(snapshot.revision));
        let rows = written["prompts"].as_array().unwrap();
        assert_eq!(rows.len(), names.len());
        for (row, name) in rows.iter().zip(&names) {
            let resolved = org.store.resolve(&org.admin, &slug(name), selector);
            let resolved = resolved.unwrap();
            let mut expected = json!(resolved.version);
            expected["resolved"] = json!({ "revision": resolved.revision });
            if let Some(tag) = resolved.tag {
                expected["resolved"] = json!({ "tag": tag, "revision": resolved.revision });
            }
            if told {
                expected["about"] = json!(org.store.prompt(&org.admin, &slug(name)).unwrap());
            }
            assert_eq!(*row, expected);
            assert_eq!(
                row.to_string(),
                expected.to_string(),
                "the order of members differs"
            );
        }
    }
}

#[test]
fn a_history_is_read_newest_first() {
    let org = Org::new();
    for number in 1..=25 {
        org.commit(&org.admin, "p", &format!("text {number}"))
            .unwrap();
    }
    for size in [1, 7, 8, 9, 25, 100] {
        let limit = Limit::new(size).unwrap();
        let mut seen = Vec::new();
        let mut before = None;
        loop {
            let page = org
                .store
                .history(&org.admin, &slug("p"), before, limit)
                .unwrap();
            assert!(page.items.len() <= size as usize);
            for entry in &page.items {
                let tagged = entry.version.version == v(1);
                assert_eq!(
                    entry.tags,
                    if tagged {
                        vec![tag("production")]
                    } else {
                        vec![]
                    }
                );
            }
            seen.extend(page.items.iter().map(|entry| entry.version.version.get()));
            before = page.next;
            if before.is_none() {
                break;
            }
        }
        assert_eq!(seen, (1..=25).rev().collect::<Vec<_>>());
    }
}

#[test]
fn a_history_of_long_documents_has_short_pages() {
    let org = Org::new();
    let slug = slug("p");
    for number in 1..=9 {
        let document = json!({
            "messages": [{ "role": "user", "content": format!("{number}") }],
            "metadata": { "long": "x".repeat(400_000) },
        });
        org.commit_document("p", document);
    }
    let page = org
        .store
        .history(&org.admin, &slug, None, Limit::MAX)
        .unwrap();
    assert_eq!((page.items.len(), page.next), (8, Some(v(2))));
    let page = org
        .store
        .history(&org.admin, &slug, page.next, Limit::MAX)
        .unwrap();
    assert_eq!((page.items.len(), page.next), (1, None));
}

#[test]
fn the_audit_log_tells_every_change_once() {
    let org = Org::new();
    let beta = org.project("beta");
    let mut ctx = org.ctx(&org.admin);
    ctx.request_id = Some("request-1");
    org.commit(&org.admin, "p", "one").unwrap();
    org.commit(&beta, "q", "one").unwrap();
    org.store
        .set_tag(&ctx, &slug("p"), &tag("x"), v(1), Expect::Anything)
        .unwrap();
    org.store
        .set_tag(&ctx, &slug("p"), &tag("x"), v(1), Expect::Anything)
        .unwrap();
    let mut actions = Vec::new();
    let mut after = Some(Revision::ZERO);
    while let Some(from) = after {
        let page = org
            .store
            .events(&org.admin, from, Limit::new(1).unwrap())
            .unwrap();
        for entry in page.items {
            assert!(entry.revision > from);
            actions.push((entry.action, entry.slug, entry.request_id));
        }
        after = page.next;
    }
    let p = || Some("p".to_owned());
    assert_eq!(
        actions,
        [
            ("prompt.commit".to_owned(), p(), None),
            ("tag.set".to_owned(), p(), Some("request-1".to_owned())),
        ]
    );
    let reader = org.principal("default", KeyRole::Read);
    let denied = org.store.events(&reader, Revision::ZERO, Limit::MAX);
    assert_eq!(code(denied), Code::RoleRequired);
}
