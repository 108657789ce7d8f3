//! Every input ends in a result or a coded error, never in a panic.
#![expect(clippy::unwrap_used, reason = "helpers of tests")]

use cuecard_prompt::{Document, Prompt, Provider, json};
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Value, json};

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        "[a-z{}%| ]{0,12}".prop_map(Value::from),
        ".{0,8}".prop_map(Value::from),
        select(vec![
            "str",
            "dict",
            "messages",
            "user",
            "system",
            "placeholder",
            "few_shot",
            "in_context",
            "{{ x }}",
            "json_schema",
            "text",
            "image",
            "https://a/b"
        ])
        .prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 40, 6, |inner| {
        let key = prop_oneof![
            select(vec![
                "messages",
                "role",
                "content",
                "inputs",
                "name",
                "type",
                "default",
                "enum",
                "schema",
                "outputs",
                "tools",
                "demonstrations",
                "columns",
                "rows",
                "id",
                "promptingTechnique",
                "template",
                "undefined",
                "x",
                "text",
                "parameters",
                "properties",
                "items",
                "required",
                "anyOf",
                "prompt",
                "history",
                "tool_calls",
            ])
            .prop_map(str::to_owned),
            "[a-z/~]{0,4}",
        ];
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
            prop::collection::vec((key, inner), 0..6)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

fn any_template() -> impl Strategy<Value = String> {
    let token = select(vec![
        "{{",
        "}}",
        "{%",
        "%}",
        "{#",
        "#}",
        "-",
        " ",
        "\n",
        "x",
        "y",
        "loop",
        "if",
        "endif",
        "else",
        "elif",
        "for",
        "in",
        "endfor",
        "set",
        "=",
        "endset",
        "macro",
        "endmacro",
        "call",
        "endcall",
        "with",
        "endwith",
        "filter",
        "endfilter",
        "raw",
        "endraw",
        "do",
        "break",
        "block b",
        "endblock",
        "|",
        "upper",
        "join",
        "default",
        "map",
        "is",
        "defined",
        "not",
        "and",
        "or",
        "(",
        ")",
        "[",
        "]",
        "{",
        "}",
        ",",
        ":",
        ".",
        "'",
        "\"",
        "1",
        "2.5",
        "~",
        "+",
        "**",
        "//",
        "items()",
        "namespace",
        "range",
        "é",
        "😀",
        "\\",
        "\0",
        "self",
        "recursive",
        "none",
        "true",
    ]);
    prop::collection::vec(token, 0..24)
        .prop_map(|tokens| tokens.join(if tokens.len() % 2 == 0 { " " } else { "" }))
}

/// Runs every operation on a document.
fn exercise(document: Value, inputs: &Value) {
    drop(Document::import(document.clone()));
    let Ok(document) = Document::from_value(document) else {
        return;
    };
    let value = document.to_value().unwrap();
    assert_eq!(
        Document::from_value(value).unwrap(),
        document,
        "a document reads back as itself"
    );
    assert_eq!(document.hash().unwrap().len(), 64);
    let Ok(prompt) = Prompt::compile(&document) else {
        return;
    };
    let fits = prompt.check(inputs).is_empty();
    match prompt.render(inputs) {
        Ok(rendered) => {
            assert!(fits);
            for provider in Provider::ALL {
                drop(rendered.payload(provider));
            }
        }
        Err(error) => assert_eq!(error.code().as_str() == "input_invalid", !fits, "{error}"),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn any_text_as_json(text in ".{0,60}") {
        drop(json::parse(&text));
        drop(Document::from_json(&text));
    }

    #[test]
    fn any_bytes_as_json(bytes in prop::collection::vec(any::<u8>(), 0..40)) {
        drop(json::parse_bytes(&bytes));
    }

    #[test]
    fn json_reads_back(value in any_json()) {
        let text = value.to_string();
        prop_assert_eq!(json::parse(&text).unwrap(), value.clone());
        let canonical = json::canonical(&value);
        prop_assert_eq!(json::canonical(&json::parse(&canonical).unwrap()), canonical);
    }

    #[test]
    fn any_json_as_document(document in any_json(), inputs in any_json()) {
        exercise(document, &inputs);
    }

    #[test]
    fn any_template_and_inputs(template in any_template(), x in any_json(), y in any_json(), lenient: bool) {
        let undefined = if lenient { "lenient" } else { "strict" };
        let document = json!({
            "messages": [{ "role": "system", "content": template }, { "role": "placeholder", "content": "y" }],
            "template": { "undefined": undefined },
        });
        exercise(document, &json!({ "x": x, "y": y }));
    }

    #[test]
    fn any_schema(schema in any_json(), x in any_json()) {
        let mut document = json!({ "prompt": "{{ x }}", "inputs": [{ "name": "x", "type": "dict", "schema": schema }] });
        exercise(document.clone(), &json!({ "x": x }));
        document["inputs"][0]["type"] = "list".into();
        exercise(document, &json!({ "x": x }));
    }

    #[test]
    fn a_good_document_with_any_field(
        field in select(vec!["inputs", "outputs", "tools", "toolChoice", "responseFormat", "demonstrations", "parameters", "template", "promptingTechnique"]),
        value in any_json(),
    ) {
        let mut document = json!({
            "messages": [{ "role": "user", "content": "{{ x }}" }],
            "demonstrations": { "columns": [{ "id": "x", "type": "any" }, { "id": "z", "type": "str" }], "rows": [{ "x": 1, "z": "a" }] },
            "promptingTechnique": "few_shot",
        });
        document[field] = value.clone();
        exercise(document, &json!({ "x": value }));
    }
}
