//! Differences between versions, by field and by line.

use cuecard_prompt::{Code, Selector};
use cuecard_store::Diff;
use serde_json::{Value, json};

use crate::support::*;

fn diff(before: Value, after: Value) -> Value {
    let org = Org::new();
    let name = slug("p");
    for value in [before, after] {
        org.commit_document("p", value);
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

/// The bytes of the answer are bounded, whatever is compared, and so are the pairs of lines.
#[test]
fn a_difference_has_one_budget_for_all_that_it_compares() {
    let metadata = |name: &str, value: Value| json!({ "messages": [{ "role": "user", "content": "x" }], "metadata": { name: value }, "model": "a" });
    let numbers = |from: usize| -> Value {
        let members = (0..2_000).map(|n| (format!("n{n}"), json!(n + from)));
        Value::Object(members.collect())
    };
    // Each of 2,000 paths would have the long name.
    let long = "k".repeat(20_000);
    let told = diff(metadata(&long, numbers(0)), metadata(&long, numbers(1)));
    assert_eq!(told["truncated"], true);
    assert_eq!(
        told["fields"],
        json!([{ "field": format!("metadata.{long}"), "kind": "changed" }])
    );
    assert_eq!(told["summary"], "1 field changed");

    // Deep inside, one number of many; and a list of named items of which only the order changed.
    let mut deep = (numbers(0), numbers(0));
    deep.1["n1999"] = json!("other");
    for _ in 0..50 {
        deep = (json!({ "x": deep.0 }), json!({ "x": deep.1 }));
    }
    let told = diff(metadata("m", deep.0), metadata("m", deep.1));
    let field = format!("metadata.m{}.n1999", ".x".repeat(50));
    assert_eq!(
        told["fields"],
        json!([{ "field": field, "kind": "changed", "before": 1999, "after": "other" }])
    );
    let items = [json!({ "name": "a" }), json!({ "name": "b" })];
    let [a, b] = &items;
    let told = diff(metadata("m", json!([a, b])), metadata("m", json!([b, a])));
    assert_eq!(
        told["fields"],
        json!([{ "field": "metadata.m", "kind": "changed", "before": [a, b], "after": [b, a] }])
    );

    // 100 messages of 300 lines, each compared with its pair; what follows is replaced once all pairs are spent.
    let messages = |step: usize| {
        let text = |m: usize| {
            (0..300)
                .map(|n| format!("{}\n", (n * step + m) % 20))
                .collect::<String>()
        };
        let messages: Vec<_> = (0..100)
            .map(|m| json!({ "role": "user", "content": text(m) }))
            .collect();
        json!({ "messages": messages })
    };
    let told = diff(messages(7), messages(13));
    let lines = |index: usize| {
        told["messages"][index]["lines"]
            .as_array()
            .map_or(0, Vec::len)
    };
    assert!(lines(0) < 590, "{}", lines(0));
    assert!((50..100).all(|index| lines(index) == 0 || lines(index) > 590));
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
