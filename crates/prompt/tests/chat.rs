//! Chat templates of `transformers` render as by its own function, whose output tests/conformance/record_chat.py
//! recorded.
#![expect(
    clippy::unwrap_used,
    reason = "fixtures are well formed, or the test fails"
)]

use cuecard_prompt::jinja::LocalTime;
use cuecard_prompt::{Document, Prompt, RenderOptions};
use serde_json::{Value, json};

const RECORDED: &str = include_str!("../../../tests/fixtures/jinja2/huggingface/recorded.json");
const CONTEXTS: &str = include_str!("../../../tests/fixtures/jinja2/chat/contexts.json");
/// 2024-02-29 07:05:09.060
const NOW: i64 = 1_709_190_309_060;

fn compile(template: &Value) -> cuecard_prompt::Result<Prompt> {
    let document = json!({
        "messages": [{ "role": "user", "content": template }],
        "template": { "dialect": "huggingface" },
    });
    Prompt::compile(&Document::from_value(document)?)
}

/// Converts numbers as JavaScript does: an integral number becomes an integer.
fn plain(value: &Value) -> Value {
    match value {
        Value::Array(items) => items.iter().map(plain).collect(),
        Value::Object(fields) => {
            let fields = fields
                .iter()
                .map(|(name, value)| (name.clone(), plain(value)));
            Value::Object(fields.collect())
        }
        Value::Number(number) => match number.as_f64().filter(|float| float.fract() == 0.0) {
            Some(float) => format!("{float:.0}").parse::<i64>().unwrap().into(),
            None => value.clone(),
        },
        other => other.clone(),
    }
}

#[test]
fn chat_templates_render_as_in_transformers() {
    let recorded: Value = serde_json::from_str(RECORDED).unwrap();
    let contexts: Vec<Value> = serde_json::from_str(CONTEXTS).unwrap();
    let options = RenderOptions {
        now: LocalTime::from_ms(NOW),
        work: None,
    };
    let mut wrong = Vec::new();
    for case in recorded["cases"].as_array().unwrap() {
        let outputs = case["outputs"].as_array().unwrap();
        assert_eq!(outputs.len(), contexts.len());
        for (context, wanted) in contexts.iter().zip(outputs) {
            let prompt = compile(&case["template"]);
            let rendered = prompt.and_then(|prompt| prompt.render_with(&plain(context), options));
            let got = rendered.map(|rendered| json!(rendered.messages[0].content));
            if got.clone().unwrap_or_default() != *wanted {
                wrong.push(format!("{}\n  {wanted}\n  {got:?}", case["id"]));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_dialect_is_asked_for() {
    for template in [
        "{% generation %}{% endgeneration %}",
        "{{ raise_exception('no') }}",
        "{{ strftime_now('%Y') }}",
    ] {
        let document = json!({ "prompt": template, "template": { "undefined": "lenient" } });
        let prompt = Document::from_value(document).and_then(|document| Prompt::compile(&document));
        let rendered = prompt.and_then(|prompt| prompt.render(&json!({})));
        assert!(rendered.is_err(), "{template}");
    }
    // The dialect's functions are not inputs, and the caller has to pass the time.
    let prompt = compile(&json!(
        "{{ strftime_now('%Y') }}{{ raise_exception is defined }}"
    ))
    .unwrap();
    assert_eq!(prompt.inputs(), []);
    let error = prompt.render(&json!({})).unwrap_err();
    assert!(error.detail().contains("no time"), "{error}");
}

/// The error's detail is the message of `raise_exception`.
#[test]
fn an_exception_has_the_words_of_the_template() {
    let prompt = compile(&json!("{{ raise_exception('Roles must alternate') }}")).unwrap();
    let error = prompt.render(&json!({})).unwrap_err();
    assert_eq!(error.code().to_string(), "render_failed");
    assert_eq!(error.detail(), "Roles must alternate");
}

/// A host can raise the work limit of a render, up to a ceiling.
#[test]
fn a_host_can_allow_more_work() {
    let document =
        json!({ "prompt": "{% for i in range(200000) %}{% if i %}{% endif %}{% endfor %}" });
    let prompt = Prompt::compile(&Document::from_value(document).unwrap()).unwrap();
    let with = |work| {
        let options = RenderOptions { now: None, work };
        prompt.render_with(&json!({}), options).is_ok()
    };
    assert!(!with(None));
    assert!(with(Some(5_000_000)));
    assert!(!with(Some(1_000)));
}
