//! Differences between versions, by field and by line.

use cuecard_prompt::{Code, Document, Selector};
use cuecard_store::{Commit, Diff, Expect, PromptPatch};
use serde_json::{Value, json};

use crate::support::*;

fn diff(before: Value, after: Value) -> Value {
    let org = Org::new();
    let name = slug("p");
    for value in [before, after] {
        let commit = Commit {
            slug: &name,
            document: &Document::from_value(value).unwrap(),
            message: None,
            author: None,
            tags: vec![],
            always: false,
            anew: false,
            beside: false,
            about: PromptPatch::default(),
            expect: Expect::Anything,
        };
        org.store.commit(&org.ctx(&org.admin), commit).unwrap();
    }
    let diff = org
        .store
        .diff(&org.admin, &name, &Selector::default(), &Selector::Latest);
    serde_json::to_value(diff.unwrap()).unwrap()
}

#[test]
fn fields_are_named_and_messages_paired() {
    let user = json!({ "role": "user", "content": "{{ a }}{{ b }}" });
    let before = json!({
        "messages": [
            { "role": "system", "content": "Be kind.\nBe short.\nBe right." },
            user,
            { "role": "assistant", "content": "old" },
        ],
        "inputs": [{ "name": "a", "type": "str" }, { "name": "b", "type": "int" }],
        "model": "openai/gpt-4o",
        "parameters": { "temperature": 0.5, "stop": ["x"] },
    });
    let after = json!({
        "messages": [
            { "role": "system", "content": "Be kind.\nBe long.\nBe right." },
            user,
            { "role": "user", "content": "new" },
        ],
        "inputs": [{ "name": "a", "type": "str" }, { "name": "b", "type": "float" }],
        "parameters": { "temperature": 1, "stop": ["x"], "topP": 0.5 },
    });
    assert_eq!(
        diff(before, after),
        json!({
            "slug": "p", "from": 1, "to": 2, "equal": false,
            "summary": "2 fields changed, 1 field added, 1 field removed, \
                1 message changed, 1 message added, 1 message removed",
            "fields": [
                { "field": "inputs.b.type", "kind": "changed", "before": "int", "after": "float" },
                { "field": "model", "kind": "removed", "before": "openai/gpt-4o" },
                { "field": "parameters.temperature", "kind": "changed", "before": 0.5, "after": 1 },
                { "field": "parameters.topP", "kind": "added", "after": 0.5 },
            ],
            "messages": [
                { "kind": "changed", "role": "system", "before": 0, "after": 0, "lines": [
                    { "kind": "same", "text": "Be kind." },
                    { "kind": "removed", "text": "Be short." },
                    { "kind": "added", "text": "Be long." },
                    { "kind": "same", "text": "Be right." },
                ] },
                { "kind": "same", "role": "user", "before": 1, "after": 1 },
                { "kind": "removed", "role": "assistant", "before": 2, "lines": [{ "kind": "removed", "text": "old" }] },
                { "kind": "added", "role": "user", "after": 2, "lines": [{ "kind": "added", "text": "new" }] },
            ],
        })
    );
}

#[test]
fn parts_are_lines_too() {
    let message = |url: &str| {
        json!({ "messages": [{ "role": "user", "content": [
            { "type": "text", "text": "Look:" },
            { "type": "image", "image": url },
        ] }] })
    };
    let diff = diff(
        message("https://a.example/1"),
        message("https://a.example/2"),
    );
    let texts: Vec<_> = diff["messages"][0]["lines"]
        .as_array()
        .unwrap()
        .iter()
        .collect();
    assert_eq!(
        texts[1],
        &json!({ "kind": "removed", "text": "[image] https://a.example/1" })
    );
    assert_eq!(
        texts[2],
        &json!({ "kind": "added", "text": "[image] https://a.example/2" })
    );
}

#[test]
fn a_version_does_not_differ_from_itself() {
    let org = Org::new();
    org.commit(&org.admin, "p", "one").unwrap();
    let one = Selector::parse("1").unwrap();
    let diff = org
        .store
        .diff(&org.admin, &slug("p"), &one, &Selector::Latest)
        .unwrap();
    assert!(diff.equal && diff.fields.is_empty());
    assert_eq!(diff.summary, "no difference");
    let missing = Selector::parse("2").unwrap();
    let missing = org.store.diff(&org.admin, &slug("p"), &one, &missing);
    assert_eq!(code(missing), Code::VersionNotFound);
}

#[test]
fn a_difference_tells_so_much_and_says_that_there_is_more() {
    let org = Org::new();
    let lines = |letter: &str| format!("{letter}\n").repeat(120_000);
    org.commit(&org.admin, "p", &lines("a")).unwrap();
    org.commit(&org.admin, "p", &lines("b")).unwrap();
    let (from, to) = (Selector::Version(v(1)), Selector::Latest);
    let diff = org.store.diff(&org.admin, &slug("p"), &from, &to).unwrap();
    assert!(diff.truncated && diff.messages[0].lines.is_empty());
    assert_eq!(diff.messages[0].kind, cuecard_store::ChangeKind::Changed);
    let bytes = serde_json::to_string(&diff).unwrap().len();
    assert!(bytes < 2 * Diff::MAX_BYTES, "{bytes}");
}
