//! Documents: the accepted forms, the stored form, and the issues of refused ones.
#![expect(clippy::panic, clippy::unwrap_used, reason = "helpers of tests")]

use cuecard_prompt::{Code, Content, Document, Issue, Role, Slug, Version};
use serde_json::{Value, json};

fn read(value: Value) -> Document {
    Document::from_value(value).unwrap_or_else(|error| panic!("{error}: {:?}", error.issues()))
}

fn issues(value: Value) -> Vec<(String, String)> {
    let error = Document::from_value(value).unwrap_err();
    assert_eq!(error.code(), Code::DocumentInvalid);
    let pair = |issue: &Issue| (issue.code.clone(), issue.pointer.clone());
    error.issues().iter().map(pair).collect()
}

fn message(content: &str) -> Value {
    json!({ "role": "user", "content": content })
}

/// A document with every field.
fn full() -> Value {
    json!({
        "messages": [
            { "role": "system", "content": "You answer {{ customer.name }}.", "name": "desk" },
            { "role": "developer", "content": "Short." },
            { "role": "placeholder", "content": "{{ history }}" },
            { "role": "user", "content": [
                { "type": "text", "text": "{{ question }}" },
                { "type": "image", "image": "{{ photo }}" },
            ] },
        ],
        "inputs": [
            { "name": "customer", "type": "dict", "schema": { "type": "object", "properties": { "name": { "type": "string" } } } },
            { "name": "history", "type": "messages", "default": [] },
            { "name": "question", "type": "str", "description": "What they ask" },
            { "name": "photo", "type": "image" },
            { "name": "tone", "type": "str", "required": false, "enum": ["warm", "dry"] },
            { "name": "scores", "type": "list[float]", "default": [1, 2.5], "schema": { "maxItems": 3 } },
        ],
        "outputs": [{ "name": "reply", "type": "json_schema", "schema": { "type": "object" } }],
        "model": "openai/gpt-4o-mini",
        "provider": "default",
        "parameters": { "temperature": 0.2, "maxTokens": 400, "topP": 1, "stop": ["END"], "seed": 7, "own": { "x": 1 } },
        "tools": [{ "type": "function", "function": { "name": "look_up", "parameters": { "type": "object" } } }],
        "toolChoice": { "type": "function", "function": { "name": "look_up" } },
        "demonstrations": {
            "columns": [{ "id": "question", "name": "Question", "type": "str" }, { "id": "reply", "type": "dict" }],
            "rows": [{ "id": "r1", "question": "Hm?", "reply": { "text": "Hm." } }],
        },
        "promptingTechnique": "few_shot",
        "template": { "language": "jinja2", "undefined": "lenient", "trimBlocks": true, "lstripBlocks": true, "keepTrailingNewline": false },
        "metadata": { "owner": "support" },
    })
}

#[test]
fn every_field_comes_back_as_it_went_in() {
    let document = read(full());
    assert_eq!(document.to_value().unwrap(), full());
    let text = serde_json::to_string(&document).unwrap();
    assert_eq!(serde_json::from_str::<Document>(&text).unwrap(), document);
    assert_eq!(Document::from_json(&text).unwrap(), document);
}

#[test]
fn optional_fields_are_left_out() {
    let document = json!({ "messages": [message("Hi")] });
    assert_eq!(read(document.clone()).to_value().unwrap(), document);
}

#[test]
fn accepted_spellings_have_one_form_and_one_hash() {
    let canonical = read(json!({
        "messages": [{ "role": "system", "content": "Be kind." }, { "role": "placeholder", "content": "{{ history }}" }],
        "inputs": [
            { "name": "history", "type": "messages" }, { "name": "a", "type": "str" }, { "name": "b", "type": "float" },
            { "name": "c", "type": "int" }, { "name": "d", "type": "bool" }, { "name": "e", "type": "dict" },
            { "name": "f", "type": "list" }, { "name": "g", "type": "list[int]", "default": [2] },
        ],
        "outputs": [{ "name": "o", "type": "float" }],
        "parameters": { "temperature": 1 },
    }));
    let spelt = read(json!({
        "parameters": { "temperature": 1.0 },
        "outputs": [{ "identifier": "o", "type": "number" }],
        "inputs": [
            { "type": "chat_messages", "identifier": "history" }, { "name": "a", "type": "string" },
            { "name": "b", "type": "number" }, { "name": "c", "type": "integer" }, { "name": "d", "type": "boolean" },
            { "name": "e", "type": "object" }, { "name": "f", "type": "array" },
            { "name": "g", "type": "list[integer]", "default": [2.0] },
        ],
        "prompt": "Be kind.",
        "messages": [{ "role": "placeholder", "name": "history" }],
    }));
    assert_eq!(spelt, canonical);
    assert_eq!(spelt.hash().unwrap(), canonical.hash().unwrap());
    let other = read(json!({ "prompt": "Be kind!" }));
    assert_ne!(other.hash().unwrap(), canonical.hash().unwrap());
}

#[test]
fn the_hash_is_sha256_of_the_canonical_text() {
    let document = read(json!({ "metadata": { "b": 1.0, "a": "é" }, "messages": [message("Hi")] }));
    // The shell command of this hash:
    //   printf '%s' '{"messages":[{"content":"Hi","role":"user"}],"metadata":{"a":"é","b":1}}' | sha256sum
    assert_eq!(
        document.hash().unwrap(),
        "03352b150fab2426a7d431a0d1bf213ff44804ef9ed26e3a916511b3639565ba"
    );
}

#[test]
fn prompt_is_a_system_message_before_the_others() {
    let document = read(json!({ "prompt": "A", "messages": [message("B")] }));
    assert_eq!(document.messages[0].role, Role::System);
    assert_eq!(document.messages[0].content, Content::from("A"));
    assert_eq!(document.messages.len(), 2);
    let said_twice =
        json!({ "prompt": "A", "messages": [{ "role": "system", "content": "A" }, message("B")] });
    assert_eq!(read(said_twice), document);
}

#[test]
fn everything_that_is_wrong_is_told_at_once() {
    let found = issues(json!({
        "mesages": [],
        "messages": [
            { "role": "sytem", "content": "x" },
            { "role": "user", "content": 3, "nmae": "x" },
            { "role": "user", "content": [{ "type": "video", "text": "x" }, { "type": "image" }, 7] },
            { "role": "user", "content": [], "name": "a b" },
            { "role": "placeholder", "content": "{{ a.b }}" },
            { "content": "x" },
            "Hi",
        ],
        "inputs": [
            { "name": "a", "type": "strng" },
            { "name": "a-b", "type": "str" },
            { "name": "c", "type": "int", "default": "x" },
            { "name": "d", "type": "str", "enum": [] },
            { "name": "d", "type": "str", "required": "yes" },
            { "name": "e", "type": "dict", "schema": { "type": "object", "propertys": {} } },
            { "name": "f", "type": "str", "schema": {} },
            { "name": "g", "identifier": "g", "type": "str" },
            { "name": "h", "type": "str", "enum": ["x"], "default": "y" },
            { "name": "true", "type": "str" },
        ],
        "model": "two words",
        "parameters": { "temperature": 3, "maxTokens": 0, "topP": "1", "stop": [1] },
        "tools": [{ "type": "function" }, { "type": "function", "function": { "name": "a b" } }],
        "toolChoice": "sometimes",
        "responseFormat": { "type": "json_schema" },
        "demonstrations": { "columns": [{ "id": "x", "type": "int" }], "rows": [{ "x": "1", "y": 2 }] },
        "promptingTechnique": "few-shot",
        "template": { "language": "liquid", "undefined": "loose", "trimBlocks": 1 },
        "metadata": [],
    }));
    let expected = [
        ("unknown_field", "/mesages"),
        ("invalid_value", "/messages/0/role"),
        ("unknown_field", "/messages/1/nmae"),
        ("wrong_type", "/messages/1/content"),
        ("invalid_value", "/messages/2/content/0/type"),
        ("missing_field", "/messages/2/content/1/image"),
        ("wrong_type", "/messages/2/content/2"),
        ("invalid_value", "/messages/3/content"),
        ("invalid_value", "/messages/3/name"),
        ("invalid_value", "/messages/4/content"),
        ("missing_field", "/messages/5/role"),
        ("wrong_type", "/messages/6"),
        ("invalid_value", "/inputs/0/type"),
        ("invalid_value", "/inputs/1/name"),
        ("wrong_type", "/inputs/2/default"),
        ("invalid_value", "/inputs/3/enum"),
        ("wrong_type", "/inputs/4/required"),
        ("unknown_keyword", "/inputs/5/schema/propertys"),
        ("invalid_value", "/inputs/6/schema"),
        ("conflict", "/inputs/7/identifier"),
        ("not_in_enum", "/inputs/8/default"),
        ("invalid_value", "/inputs/9/name"),
        ("duplicate", "/inputs/4/name"),
        ("missing_field", "/tools/0/function"),
        ("invalid_value", "/tools/1/function/name"),
        ("invalid_value", "/toolChoice"),
        ("missing_field", "/responseFormat/json_schema"),
        ("wrong_type", "/demonstrations/rows/0/x"),
        ("unknown_field", "/demonstrations/rows/0/y"),
        ("invalid_value", "/model"),
        ("invalid_value", "/parameters/temperature"),
        ("wrong_type", "/parameters/topP"),
        ("invalid_value", "/parameters/maxTokens"),
        ("wrong_type", "/parameters/stop/0"),
        ("invalid_value", "/promptingTechnique"),
        ("invalid_value", "/template/language"),
        ("invalid_value", "/template/undefined"),
        ("wrong_type", "/template/trimBlocks"),
        ("wrong_type", "/metadata"),
    ];
    let mut missing: Vec<_> = expected
        .iter()
        .map(|(c, p)| (c.to_string(), p.to_string()))
        .collect();
    let mut extra = Vec::new();
    for pair in found {
        match missing.iter().position(|wanted| *wanted == pair) {
            Some(index) => drop(missing.remove(index)),
            None => extra.push(pair),
        }
    }
    assert!(
        missing.is_empty() && extra.is_empty(),
        "missing {missing:?}, extra {extra:?}"
    );
}

#[test]
fn an_issue_helps_and_holds_no_value() {
    let error = Document::from_value(json!({ "mesages": [], "prompt": 5 })).unwrap_err();
    let [unknown, wrong] = error.issues() else {
        panic!("{:?}", error.issues())
    };
    assert_eq!(unknown.suggestion.as_deref(), Some("messages"));
    assert_eq!(wrong.expected.as_deref(), Some("str"));
    assert_eq!(wrong.received.as_deref(), Some("int"));
}

#[test]
fn null_is_not_a_way_to_leave_out() {
    let value = json!({ "messages": [message("Hi")], "model": null, "inputs": null });
    assert_eq!(
        issues(value),
        [
            ("wrong_type".into(), "/inputs".into()),
            ("wrong_type".into(), "/model".into())
        ]
    );
    for value in [
        json!(null),
        json!([]),
        json!("x"),
        json!({}),
        json!({ "messages": [] }),
    ] {
        issues(value);
    }
}

#[test]
fn integers_stay_where_every_reader_keeps_them() {
    let found = issues(
        json!({ "messages": [message("Hi")], "metadata": { "n": [9_007_199_254_740_993_i64] } }),
    );
    assert_eq!(found, [("unsafe_integer".into(), "/metadata/n/0".into())]);
}

#[test]
fn limits_have_their_own_code() {
    let big = json!({ "messages": [message(&"x".repeat(Document::MAX_BYTES))] });
    assert_eq!(
        Document::from_value(big).unwrap_err().code(),
        Code::LimitExceeded
    );
    let deep = (0..70).fold(json!(1), |value, _| json!([value]));
    let deep = json!({ "messages": [message("Hi")], "metadata": { "deep": deep } });
    assert_eq!(
        Document::from_value(deep).unwrap_err().code(),
        Code::LimitExceeded
    );
    let many = json!({ "messages": vec![message("Hi"); Document::MAX_MESSAGES + 1] });
    assert_eq!(issues(many), [("invalid_value".into(), "/messages".into())]);
    let wrong = json!({ "messages": vec![json!(1); Document::MAX_MESSAGES] });
    assert_eq!(issues(wrong).len(), 100);
}

/// The number of values, parts and parameters is limited, because many small values fit into the allowed bytes.
#[test]
fn values_parts_and_parameters_are_counted() {
    let part = json!({ "type": "text", "text": "x" });
    let parts = |messages: usize| {
        let of_one = json!({ "role": "user", "content": vec![part.clone(); 64] });
        json!({ "messages": vec![of_one; messages] })
    };
    let with = |field: &str, members: usize| {
        let members: Vec<_> = (0..members).map(|n| (format!("k{n}"), json!(n))).collect();
        let members: serde_json::Map<_, _> = members.into_iter().collect();
        json!({ "messages": [message("Hi")], field: members })
    };
    assert!(Document::from_value(parts(Document::MAX_PARTS / 64)).is_ok());
    assert!(Document::from_value(with("parameters", 256)).is_ok());
    assert!(Document::from_value(with("metadata", Document::MAX_VALUES - 10)).is_ok());

    let many = parts(Document::MAX_PARTS / 64 + 1);
    assert_eq!(
        issues(many.clone()),
        [("invalid_value".into(), "/messages".into())]
    );
    let wide = with("parameters", 257);
    assert_eq!(
        issues(wide.clone()),
        [("invalid_value".into(), "/parameters".into())]
    );
    let large = with("metadata", Document::MAX_VALUES);
    let code = |value: Value| Document::from_value(value).unwrap_err().code();
    assert_eq!(code(large.clone()), Code::LimitExceeded);
    let imported = Document::import(large.clone()).map(drop).unwrap_err();
    assert_eq!(imported.code(), Code::LimitExceeded);
    // Documents that were committed before these limits existed stay readable.
    for stored in [many, wide, large] {
        assert!(Document::from_stored(stored).is_ok());
    }
}

#[test]
fn json_text_is_read_strictly() {
    for text in [
        "",
        "{\"messages\":[],\"messages\":[]}",
        "{\"prompt\":\"\\ud800\"}",
        "{} {}",
    ] {
        assert_eq!(
            Document::from_json(text).unwrap_err().code(),
            Code::JsonInvalid
        );
    }
}

#[test]
fn a_version_is_the_document_and_more() {
    let version = Version {
        slug: Slug::parse("support/reply").unwrap(),
        version: 3.try_into().unwrap(),
        id: "v_1".into(),
        hash: read(full()).hash().unwrap(),
        commit_message: None,
        author: Some("ada".into()),
        created_at: "2026-01-01T00:00:00.000Z".into(),
        document: read(full()),
    };
    let text = serde_json::to_string(&version).unwrap();
    assert_eq!(serde_json::from_str::<Version>(&text).unwrap(), version);
    let error =
        serde_json::from_str::<Version>(&text.replace("\"placeholder\"", "\"place\"")).unwrap_err();
    assert!(error.to_string().contains("/messages/2/role"), "{error}");
}

#[test]
fn outputs_and_response_format_do_not_contradict_each_other() {
    let with = |format: Value| json!({ "messages": [message("Hi")], "outputs": [{ "name": "ok", "type": "bool" }], "responseFormat": format });
    assert_eq!(
        issues(with(json!({ "type": "text" }))),
        [("conflict".into(), "/responseFormat".into())]
    );
    read(with(
        json!({ "type": "json_schema", "json_schema": { "name": "outputs", "schema": {
        "type": "object", "properties": { "ok": { "type": "boolean" } }, "required": ["ok"], "additionalProperties": false,
    } } }),
    ));
}

/// Readers ignore fields of a later release, at every level; writers get an issue.
#[test]
fn a_field_of_a_later_release_is_for_readers_to_ignore() {
    let mut later = full();
    for place in [
        "",
        "/messages/0",
        "/inputs/0",
        "/outputs/0",
        "/template",
        "/demonstrations",
    ] {
        let at = later.pointer_mut(place).unwrap();
        at.as_object_mut()
            .unwrap()
            .insert("later".to_owned(), json!({ "a": 1 }));
    }
    assert_eq!(
        Document::from_value(later.clone())
            .unwrap_err()
            .issues()
            .len(),
        6
    );
    let document = Document::from_stored(later.clone()).unwrap();
    assert_eq!(document, read(full()));
    let hash =
        |value: &Value| cuecard_prompt::json::sha256_hex(cuecard_prompt::json::canonical(value));
    assert!(
        document
            .has_hash(&document.hash().unwrap(), &later)
            .unwrap()
    );
    assert!(document.has_hash(&hash(&later), &later).unwrap());
    assert!(!document.has_hash(&hash(&json!(1)), &later).unwrap());
}
