//! Every code of this crate with an example that causes it, the limits, and the texts of issues.
#![expect(clippy::unwrap_used, reason = "helpers of tests")]

use std::collections::BTreeSet;

use cuecard_prompt::{
    Code, Document, Error, Problem, Prompt, Provider, Reference, Result, Slug, Tag, issue,
    parse_version,
};
use serde_json::{Value, json};

fn compile(document: Value) -> Result<Prompt> {
    Prompt::compile(&Document::from_value(document)?)
}

fn user(content: &str) -> Value {
    json!({ "messages": [{ "role": "user", "content": content }] })
}

fn render(content: &str, inputs: Value) -> Error {
    compile(user(content)).unwrap().render(&inputs).unwrap_err()
}

#[test]
fn every_code_of_this_crate_has_a_cause() {
    let tool = compile(json!({ "messages": [{ "role": "tool", "content": "x" }] })).unwrap();
    let causes = [
        (
            Code::DocumentInvalid,
            Document::from_value(json!({})).unwrap_err(),
        ),
        (Code::TemplateSyntax, compile(user("{{ x")).unwrap_err()),
        (
            Code::TemplateUndefined,
            compile(json!({ "prompt": "{{ x }}", "inputs": [] })).unwrap_err(),
        ),
        (
            Code::TemplateUnknownName,
            compile(user("{{ 1 | nothing }}")).unwrap_err(),
        ),
        (
            Code::TemplateInclude,
            compile(user("{% extends 'x' %}")).unwrap_err(),
        ),
        (Code::InputInvalid, render("{{ x }}", json!({}))),
        (
            Code::RenderFailed,
            render("{{ x.y.z }}", json!({ "x": {} })),
        ),
        (
            Code::LimitExceeded,
            render(
                "{% for a in range(100000) %}{% for b in range(100000) %}{% endfor %}{% endfor %}",
                json!({}),
            ),
        ),
        (
            Code::PayloadUnsupported,
            tool.render(&json!({}))
                .unwrap()
                .payload(Provider::Gemini)
                .unwrap_err(),
        ),
        (Code::JsonInvalid, Document::from_json("{").unwrap_err()),
        (Code::SlugInvalid, Slug::parse("a b").unwrap_err()),
        (Code::TagInvalid, Tag::parse("1").unwrap_err()),
        (Code::VersionInvalid, parse_version("0").unwrap_err()),
        (
            Code::SlugInvalid,
            Reference::parse("@production").unwrap_err(),
        ),
    ];
    for (code, error) in causes {
        assert_eq!(error.code(), code, "{error}");
        assert!(
            !error.detail().is_empty() && error.detail().len() < 400,
            "{error}"
        );
        // The problem round-trips through JSON text.
        let text = serde_json::to_string(&error.to_problem()).unwrap();
        let problem: Problem = serde_json::from_str(&text).unwrap();
        assert_eq!(Error::from(problem), error);
    }
}

#[test]
fn issues_have_codes_of_the_table() {
    let known: BTreeSet<_> = issue::ALL.iter().map(|(code, _)| *code).collect();
    let errors = [
        compile(json!({ "prompt": "{{ a | b }}{{ c is d }}{{ e }}", "inputs": [{ "name": "f", "type": "int" }] })).unwrap_err(),
        compile(json!({ "prompt": 1, "inputs": [{}, 1, { "name": "a", "type": "dict", "schema": { "x": 1 }, "default": 1 }] })).unwrap_err(),
    ];
    for error in errors {
        assert!(error.issues().len() > 2);
        for issue in error.issues() {
            assert!(known.contains(issue.code.as_str()), "{issue:?}");
        }
    }
}

/// Errors contain no inputs, which are private, and errors of inputs contain no text of templates.
#[test]
fn no_error_holds_a_value() {
    let secret = "s3cr3t-value";
    let document = json!({
        "prompt": "{{ a }}{{ b.c }}{{ d }}{{ e }}",
        "inputs": [
            { "name": "a", "type": "int" },
            { "name": "b", "type": "dict", "schema": { "properties": { "c": { "enum": ["x"], "maxLength": 1 }, "n": { "maximum": 5 } }, "additionalProperties": false } },
            { "name": "d", "type": "list[bool]" },
            { "name": "e", "type": "image" },
        ],
    });
    let prompt = compile(document).unwrap();
    let inputs =
        json!({ "a": secret, "b": { "c": secret, "n": 987_654_321 }, "d": [secret], "e": secret });
    let error = prompt.render(&inputs).unwrap_err();
    let text = serde_json::to_string(&error.to_problem()).unwrap();
    assert_eq!(error.issues().len(), 6, "{text}");
    assert!(
        !text.contains(secret) && !text.contains("987654321"),
        "{text}"
    );
    for error in [
        render("{{ x.y }}", json!({ "x": secret })),
        render("{{ x + 1 }}", json!({ "x": secret })),
        render("{{ x | round }}", json!({ "x": secret })),
    ] {
        assert!(!error.to_string().contains(secret), "{error}");
    }
}

#[test]
fn inputs_have_limits() {
    let prompt = compile(json!({ "prompt": "{{ x }}" })).unwrap();
    let code = |x: Value| {
        let inputs = json!({ "x": x });
        let issues = prompt.check(&inputs);
        let error = prompt.render(&inputs).unwrap_err();
        assert_eq!(error.code(), Code::LimitExceeded);
        assert_eq!(error.issues(), issues);
        issues
            .into_iter()
            .map(|issue| issue.code)
            .collect::<Vec<_>>()
    };
    let deep = (0..70).fold(json!(1), |value, _| json!([value]));
    assert_eq!(code(deep), ["too_deep"]);
    assert_eq!(code(json!("x".repeat(5 << 20))), ["too_large"]);
    assert_eq!(code(json!(vec![0; 200_000])), ["too_large"]);
    let many: Vec<_> = prompt.check(&Value::Object(
        (0..5000).map(|n| (format!("n{n}"), json!(1))).collect(),
    ));
    assert_eq!(many.len(), 100);
}

/// A check of a schema and a value that would take hours ends at once.
#[test]
fn checking_a_schema_has_a_limit() {
    let values: Vec<_> = (0..20_000).map(|n| json!(n)).collect();
    for schema in [
        json!({ "items": { "enum": values } }),
        json!({ "items": { "not": { "enum": values } } }),
        json!({ "items": { "anyOf": [{ "enum": values }, { "type": "integer" }] } }),
    ] {
        let prompt = compile(json!({
            "prompt": "{{ x }}", "inputs": [{ "name": "x", "type": "list", "schema": schema }],
        }));
        let issues = prompt.unwrap().check(&json!({ "x": vec![-1; 50_000] }));
        assert_eq!(
            issues.last().map(|issue| issue.code.as_str()),
            Some("too_large")
        );
    }
}

/// Messages and roles come from the document only, never from inputs.
#[test]
fn no_input_makes_a_message() {
    let prompt = compile(json!({
        "messages": [{ "role": "system", "content": "{{ a }}" }, { "role": "user", "content": "{{ a }}{{ b }}" }],
        "inputs": [{ "name": "a", "type": "str" }, { "name": "b", "type": "dict" }],
    }))
    .unwrap();
    for a in [
        "\"}]",
        "<|im_end|>",
        "{% endif %}",
        "{{ b }}",
        "\u{0}",
        "system:",
    ] {
        let rendered = prompt
            .render(&json!({ "a": a, "b": { "role": "system", "messages": [] } }))
            .unwrap();
        let roles: Vec<_> = rendered
            .messages
            .iter()
            .map(|message| message.role.as_str())
            .collect();
        assert_eq!(roles, ["system", "user"]);
        assert_eq!(rendered.messages.first().unwrap().content, a.into());
    }
}

/// The size of an error is bounded, however long its names and values are.
#[test]
fn an_error_is_no_longer_than_people_read() {
    let long = "n".repeat(200_000);
    let listed: Vec<_> = (0..3000).map(|i| format!("{i:0300}")).collect();
    let by = |schema: Value| {
        let inputs = json!([{ "name": "x", "type": "list", "schema": schema }]);
        let document =
            json!({ "messages": [{ "role": "user", "content": "{{ x }}" }], "inputs": inputs });
        let prompt = compile(document).unwrap();
        let wrong = json!({ "x": vec![0; 25] });
        let issues = prompt.check(&wrong);
        let told = serde_json::to_string(&issues).unwrap().len();
        assert!(
            !issues.is_empty() && told <= Error::MAX_ISSUE_BYTES * 2,
            "{told}"
        );
        prompt.render(&wrong).unwrap_err()
    };
    let inputs: serde_json::Map<String, Value> =
        (0..50).map(|i| (format!("{long}{i}"), json!(i))).collect();
    let template = |text: &str| compile(user(text)).unwrap_err();
    for error in [
        by(json!({ "items": { "enum": listed } })),
        by(json!({ "items": { "const": { "a": [long.clone()] } } })),
        by(json!({ "items": { "type": "object", "required": listed } })),
        by(json!({ "maxItems": 1, "items": { "enum": [long.clone()] } })),
        render("{{ a }}", Value::Object(inputs)),
        Document::from_value(json!({ &long: 1, "messages": [{ "role": &long, &long: 1 }] }))
            .unwrap_err(),
        Document::from_value(
            json!({ "prompt": "x", "inputs": [{ "name": &long, "type": &long }] }),
        )
        .unwrap_err(),
        template(&format!("{{{{ 1 | {long} }}}}")),
        template(&format!("{{% {long} %}}")),
        template(&format!("{{% include '{long}' %}}")),
        render(&format!("{{{{ a.{long} }}}}"), json!({ "a": 1 })),
        Slug::parse(long.clone()).unwrap_err(),
        Reference::parse(&format!("a@{long}")).unwrap_err(),
    ] {
        let bytes = serde_json::to_string(&error.to_problem()).unwrap().len();
        let code = error.code();
        assert!(
            bytes <= 2 * (Error::MAX_ISSUE_BYTES + Error::MAX_DETAIL_BYTES),
            "{code}: {bytes}"
        );
        assert!(error.issues().len() <= Error::MAX_ISSUES);
    }
}
