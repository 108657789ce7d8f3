//! Inputs as template values give what the same inputs as JSON do: the same messages, or the same issues.

use cuecard_prompt::jinja::{Map, Value};
use cuecard_prompt::{Code, Document, Given, Prompt, RenderOptions};
use serde_json::{Value as Json, json};

/// Packs inputs, and counts them as `Size` does.
fn given(inputs: &Json) -> Option<Given> {
    fn size(value: &Json, given: &mut Given) {
        given.count += 1;
        match value {
            Json::String(text) => given.bytes += text.len(),
            Json::Array(items) => items.iter().for_each(|item| size(item, given)),
            Json::Object(members) => members.iter().for_each(|(key, member)| {
                given.bytes += key.len();
                size(member, given);
            }),
            _ => given.bytes += 8,
        }
    }
    let mut given = Given::default();
    size(inputs, &mut given);
    given.count -= 1;
    let Value::Dict(dict) = Value::from_json(inputs) else {
        return None;
    };
    let entries: Vec<_> = dict.map().entries().to_vec();
    given.values = Map::of_distinct(entries);
    Some(given)
}

/// Compares both ways for these inputs, and returns whether they fit the prompt.
fn compare(prompt: &Prompt, inputs: &Json) -> bool {
    let usual = prompt.messages(inputs);
    let packed = given(inputs);
    let packed = packed.and_then(|given| prompt.messages_of(&given, RenderOptions::default()));
    let Some(packed) = packed else {
        let code = usual.err().map(|error| error.code());
        assert_eq!(code, Some(Code::LimitExceeded), "{inputs}");
        return false;
    };
    let fits = usual.is_ok();
    if let Err(error) = &usual {
        assert_eq!(error.issues(), prompt.check(inputs), "{inputs}");
    }
    let [usual, packed] = [usual, packed].map(|result| match result {
        Ok(messages) => serde_json::to_value(&messages),
        Err(error) => serde_json::to_value(error.to_problem()),
    });
    assert!(usual.is_ok(), "{inputs}");
    assert_eq!(usual.ok(), packed.ok(), "{inputs}");
    fits
}

fn values() -> Vec<Json> {
    vec![
        json!(null),
        json!(true),
        json!(0),
        json!(-0.0),
        json!(1.0),
        json!(1.5),
        json!(i64::MAX),
        json!(9_007_199_254_740_992_i64),
        json!(9_007_199_254_740_993_i64),
        json!(1e300),
        json!(""),
        json!("a<ä😀"),
        json!("https://a.test/a.png"),
        json!([]),
        json!({}),
        json!(["a", "b"]),
        json!([1, 2.0, 3]),
        json!([1, 2.5]),
        json!([true, null, [{}]]),
        json!({"a": [1.0, "b"], "ä": {"c": null}}),
        json!({"a": 1}),
        json!([{"role": "user", "content": "hi"}]),
        json!([{"role": "user", "content": "hi", "extra": 1.0}, {"role": "tool", "content": 1}]),
        json!([{"role": "assistant", "content": [{"type": "text", "text": "x"}]}]),
    ]
}

const TYPES: [&str; 13] = [
    "any",
    "str",
    "int",
    "float",
    "bool",
    "image",
    "messages",
    "dict",
    "list",
    "list[str]",
    "list[int]",
    "list[float]",
    "list[bool]",
];

#[test]
fn every_type_takes_and_makes_the_same() {
    let mut fitted = 0;
    for r#type in TYPES {
        let text = "{{ a }}|{{ a is defined }}|{{ a|tojson if a is defined }}";
        let message = match r#type {
            "messages" => json!({"role": "placeholder", "content": "a"}),
            _ => json!({"role": "user", "content": "-"}),
        };
        let more = match r#type {
            "str" => json!({"enum": ["a<ä😀", "x"]}),
            "int" => json!({"enum": [0, 1]}),
            "dict" => json!({"schema": {"properties": {"a": {"type": "integer"}}}}),
            "list" | "list[str]" | "list[int]" => json!({"schema": {"minItems": 1, "maxItems": 2}}),
            _ => json!({}),
        };
        for (required, more) in [(true, json!({})), (false, json!({})), (true, more)] {
            let mut input = json!({"name": "a", "type": r#type, "required": required});
            let members = input.as_object_mut().unwrap();
            members.extend(more.as_object().unwrap().clone());
            let document = json!({
                "messages": [{"role": "system", "content": text}, message],
                "inputs": [input, {"name": "unread", "type": "int", "default": 3}],
            });
            let prompt = Prompt::compile(&Document::from_value(document).unwrap()).unwrap();
            for value in values() {
                fitted += usize::from(compare(&prompt, &json!({"a": value})));
                compare(&prompt, &json!({"a": value, "unread": 1.5}));
                compare(&prompt, &json!({"a": value, "b": 1}));
            }
            compare(&prompt, &json!({}));
        }
    }
    assert!(fitted > 150, "{fitted}");
}

#[test]
fn open_prompts_and_names_of_globals() {
    for (text, undefined) in [
        ("{{ range }} {{ a }}", "lenient"),
        ("{{ range }} {{ a }}", "strict"),
        ("{{ a.b }} {{ a.items }}", "lenient"),
        (
            "{% for k in a %}{{ k }}{{ a[k] }}{% endfor %}{{ a.title }}",
            "strict",
        ),
    ] {
        let document = json!({
            "messages": [{"role": "user", "content": text}],
            "template": {"undefined": undefined},
        });
        let prompt = Prompt::compile(&Document::from_value(document).unwrap()).unwrap();
        for value in values() {
            compare(&prompt, &json!({"a": value, "b": value, "range": value}));
            compare(&prompt, &json!({"a": value}));
            compare(&prompt, &json!({"range": value}));
        }
    }
}

#[test]
fn what_is_too_large() {
    let document = json!({"messages": [{"role": "user", "content": "{{ a|length }}"}]});
    let prompt = Prompt::compile(&Document::from_value(document).unwrap()).unwrap();
    assert!(compare(&prompt, &json!({"a": "x".repeat((4 << 20) - 1)})));
    assert!(!compare(&prompt, &json!({"a": "x".repeat(4 << 20)})));
    assert!(compare(&prompt, &json!({"a": vec![0; 99_999]})));
    assert!(!compare(&prompt, &json!({"a": vec![0; 100_000]})));
}

#[test]
fn what_no_template_reads_counts_for_nothing() {
    let open = json!({
        "messages": [{"role": "user", "content": "{{ a }}{{ a is defined }}"}],
        "template": {"undefined": "lenient"},
    });
    let open = Prompt::compile(&Document::from_value(open).unwrap()).unwrap();
    let text = |inputs: Json| {
        assert_eq!(open.check(&inputs), []);
        serde_json::to_value(open.messages(&inputs).unwrap()).unwrap()[0]["content"].clone()
    };
    assert_eq!(text(json!({})), "False");
    for unread in [json!("x".repeat(4 << 20)), json!(vec![0; 100_000])] {
        assert_eq!(text(json!({"unread": unread})), "False");
        assert_eq!(text(json!({"a": "A", "unread": unread})), "ATrue");
        assert!(!open.check(&json!({"a": unread})).is_empty());
    }
    let closed = json!({"messages": [{"role": "user", "content": "-"}]});
    let closed = Prompt::compile(&Document::from_value(closed).unwrap()).unwrap();
    let issues = closed.check(&json!({"unread": "x".repeat(4 << 20)}));
    assert_eq!(issues[0].code, "too_large");
}
