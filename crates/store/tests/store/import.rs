//! The import of a history from another system: it keeps its data, happens as a whole or not at all, and only adds.

use crate::support::*;
use cuecard_prompt::{Code, Selector};
use cuecard_store::{Import, ImportedVersion, KeyRole, Limit, Revision, TakenHistory};

fn version(number: u32, text: &str) -> ImportedVersion {
    ImportedVersion {
        version: v(number),
        document: document(text),
        message: Some(format!("message {number}")),
        author: Some("ada".to_owned()),
        created_at: Some(at(-1000 + i64::from(number))),
    }
}

fn history(versions: Vec<ImportedVersion>, tags: &[(&str, u32)]) -> Import {
    Import {
        slug: slug("old/bot"),
        versions,
        tags: tags.iter().map(|(name, at)| (tag(name), v(*at))).collect(),
        description: Some("From elsewhere".to_owned()),
        dry_run: false,
    }
}

fn versions_of(org: &Org) -> Vec<(u32, String)> {
    let page = org
        .store
        .history(&org.admin, &slug("old/bot"), None, Limit::MAX)
        .unwrap();
    let text = |document: &cuecard_prompt::Document| serde_json::to_string(document).unwrap();
    page.items
        .iter()
        .map(|entry| {
            (
                entry.version.version.get(),
                text(&entry.version.clone().read().unwrap().document),
            )
        })
        .collect()
}

#[test]
fn numbers_dates_authors_messages_and_tags_are_kept() {
    let org = Org::new();
    // The versions are out of order, have gaps, and repeat content.
    let versions = vec![version(7, "seven"), version(2, "same"), version(3, "same")];
    let import = history(versions, &[("production", 3), ("staging", 7)]);
    let done = org.store.import(&org.ctx(&org.admin), &import).unwrap();
    let taken = TakenHistory {
        added: vec![v(2), v(3), v(7)],
        tags: vec![tag("production"), tag("staging")],
        ..TakenHistory::default()
    };
    assert_eq!(done.value, taken);

    let page = org
        .store
        .history(&org.admin, &slug("old/bot"), None, Limit::MAX)
        .unwrap();
    let seen: Vec<_> = page.items.iter().map(|entry| &entry.version).collect();
    let numbers: Vec<u32> = seen.iter().map(|version| version.version.get()).collect();
    assert_eq!(numbers, [7, 3, 2]);
    assert_eq!(seen[0].commit_message.as_deref(), Some("message 7"));
    assert_eq!(seen[0].author.as_deref(), Some("ada"));
    assert_eq!(seen[0].created_at, at(-993).to_string());
    let ids: std::collections::BTreeSet<_> = seen.iter().map(|version| &version.id).collect();
    assert_eq!(ids.len(), 3);

    let prompt = org.store.prompt(&org.admin, &slug("old/bot")).unwrap();
    assert_eq!((prompt.latest, prompt.created_at), (v(7), at(-998)));
    assert_eq!(prompt.description.as_deref(), Some("From elsewhere"));
    let found = |selector| org.store.resolve(&org.admin, &slug("old/bot"), &selector);
    assert_eq!(found(Selector::default()).unwrap().version.version, v(3));
    assert_eq!(found(Selector::Latest).unwrap().version.version, v(7));
    assert_eq!(code(found(Selector::Version(v(5)))), Code::VersionNotFound);

    let next = org.commit(&org.admin, "old/bot", "eight").unwrap();
    assert_eq!(next.value.version.version, v(8));
    let events = org.store.events(&org.admin, Revision::ZERO, Limit::MAX);
    let events = events.unwrap().items;
    let imported = events
        .iter()
        .find(|event| event.action == "prompt.import")
        .unwrap();

    assert_eq!(imported.detail["versions"], serde_json::json!([2, 3, 7]));
}

#[test]
fn run_again_it_only_adds() {
    let org = Org::new();
    let first = history(
        vec![version(2, "two"), version(5, "five")],
        &[("production", 2)],
    );
    let done = org.store.import(&org.ctx(&org.admin), &first).unwrap();
    let again = org.store.import(&org.ctx(&org.admin), &first).unwrap();
    assert_eq!(again.value.kept, [v(2), v(5)]);
    assert_eq!((again.value.added.len(), again.value.tags.len()), (0, 0));
    assert_eq!(again.revision, done.revision);

    // A tag that was moved here stays. A version below the newest fills its gap, and the newest stays the newest.
    let more = history(
        vec![version(2, "two"), version(3, "three"), version(5, "five")],
        &[("production", 5), ("beta", 3)],
    );
    let added = org.store.import(&org.ctx(&org.admin), &more).unwrap();
    assert_eq!(added.value.added, [v(3)]);
    assert_eq!(added.value.tags, [tag("beta")]);
    let prompt = org.store.prompt(&org.admin, &slug("old/bot")).unwrap();
    assert_eq!(prompt.latest, v(5));
    let tags = org.store.tags(&org.admin, &slug("old/bot")).unwrap();
    let tags: Vec<_> = tags
        .iter()
        .map(|tag| (tag.tag.as_str(), tag.version))
        .collect();
    assert_eq!(tags, [("beta", v(3)), ("production", v(2))]);

    let ctx = org.ctx(&org.admin);
    org.store
        .remove_version(&ctx, &slug("old/bot"), v(5))
        .unwrap();
    let after = org.store.import(&org.ctx(&org.admin), &first).unwrap();
    assert_eq!(
        (after.value.removed, after.value.added.len()),
        (vec![v(5)], 0)
    );
    assert_eq!(versions_of(&org).len(), 2);
}

#[test]
fn all_or_nothing() {
    let org = Org::new();
    org.store
        .import(&org.ctx(&org.admin), &history(vec![version(2, "two")], &[]))
        .unwrap();
    let before = versions_of(&org);
    let tried = |import: &Import| code(org.store.import(&org.ctx(&org.admin), import));
    let other = history(vec![version(1, "one"), version(2, "another")], &[]);
    assert_eq!(tried(&other), Code::PreconditionFailed);
    let broken = history(vec![version(1, "one"), version(3, "{{")], &[]);
    assert_eq!(tried(&broken), Code::TemplateSyntax);
    let nowhere = history(vec![version(1, "one")], &[("production", 9)]);
    assert_eq!(tried(&nowhere), Code::VersionNotFound);
    let twice = history(vec![version(1, "one"), version(1, "one")], &[]);
    assert_eq!(tried(&twice), Code::BodyInvalid);
    assert_eq!(versions_of(&org), before);

    let dry = Import {
        dry_run: true,
        ..history(vec![version(1, "one")], &[("production", 1)])
    };
    let said = org.store.import(&org.ctx(&org.admin), &dry).unwrap();
    assert_eq!(said.value.added, [v(1)]);
    assert_eq!(versions_of(&org), before);

    let writer = org.principal("default", KeyRole::Write);
    let import = history(vec![version(1, "one")], &[]);
    let refused = org.store.import(&org.ctx(&writer), &import);
    assert_eq!(code(refused), Code::RoleRequired);
}

#[test]
fn versions_share_the_tokens_of_one_prompt() {
    let org = Org::new();
    let import = |count: u32| {
        let text = "{{ a }}".repeat(1_000);
        let versions = (1..=count).map(|number| version(number, &text)).collect();
        org.store
            .import(&org.ctx(&org.admin), &history(versions, &[]))
    };
    let tokens = cuecard_prompt::jinja::Template::MAX_TOKENS;
    assert_eq!(Import::MAX_TOKENS, tokens);
    let error = import(20).unwrap_err();
    assert_eq!(error.code(), Code::LimitExceeded);
    assert!(import(5).is_ok());
}
