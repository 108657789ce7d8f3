//! Tests request bodies of model APIs. `tests/conformance/payloads` checks the same files against the types of the
//! SDKs.
#![expect(clippy::panic, clippy::unwrap_used, reason = "helpers of tests")]

use std::fs;
use std::path::Path;

use cuecard_prompt::{Code, Document, Prompt, Provider, Rendered, json};
use serde_json::{Value, json};

fn render(prompt: &Value, inputs: &Value) -> Rendered {
    let document = Document::from_value(prompt.clone());
    let document = document.unwrap_or_else(|e| panic!("{e} {:?}", e.issues()));
    Prompt::compile(&document)
        .unwrap()
        .render(inputs)
        .unwrap_or_else(|e| panic!("{e} {:?}", e.issues()))
}

#[test]
fn payloads_are_as_recorded() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/fixtures/payloads");
    let mut count = 0;
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let fixture = json::parse(&fs::read_to_string(&path).unwrap()).unwrap();
        let rendered = render(&fixture["prompt"], &fixture["inputs"]);
        for provider in Provider::ALL {
            let payload = rendered.payload(provider).unwrap();
            let losses: Vec<_> = payload
                .losses
                .iter()
                .map(|loss| json!([loss.code, loss.pointer]))
                .collect();
            let found = json!({ "body": payload.body, "losses": losses });
            let name = provider.as_str();
            assert_eq!(
                found,
                fixture["payloads"][name],
                "{} {name}\n{found:#}",
                path.display()
            );
            count += 1;
        }
    }
    assert_eq!(count, 16);
}

fn refused(prompt: Value, provider: Provider) -> Vec<String> {
    let error = render(&prompt, &json!({})).payload(provider).unwrap_err();
    assert_eq!(error.code(), Code::PayloadUnsupported);
    error
        .issues()
        .iter()
        .map(|issue| format!("{} {}", issue.code, issue.pointer))
        .collect()
}

#[test]
fn what_would_change_the_meaning_is_an_error() {
    let image =
        |url: &str| json!([{ "type": "text", "text": "x" }, { "type": "image", "image": url }]);
    let https = "https://example.com/a.png";
    for provider in Provider::ALL {
        for role in ["system", "developer"] {
            let prompt = json!({ "messages": [{ "role": role, "content": image(https) }] });
            assert_eq!(
                refused(prompt, provider),
                ["not_supported /messages/0/content/1"],
                "{provider:?} {role}"
            );
        }
        let prompt = json!({ "messages": [{ "role": "user", "content": "x" }, { "role": "tool", "content": "x" }] });
        assert_eq!(
            refused(prompt, provider),
            ["not_supported /messages/1"],
            "{provider:?}"
        );
    }
    let prompt =
        json!({ "messages": [{ "role": "user", "content": image("data:image/bmp;base64,Qk0=") }] });
    assert_eq!(
        refused(prompt, Provider::Anthropic),
        ["not_supported /messages/0/content/1/image"]
    );
}

#[test]
fn a_model_of_another_house_keeps_its_name() {
    let model = |name: &str, provider| {
        let prompt = json!({ "messages": [{ "role": "user", "content": "x" }], "model": name });
        render(&prompt, &json!({}))
            .payload(provider)
            .unwrap()
            .model
            .unwrap()
    };
    assert_eq!(model("openai/gpt-5", Provider::OpenaiChat), "gpt-5");
    assert_eq!(
        model("anthropic/claude", Provider::OpenaiChat),
        "anthropic/claude"
    );
    assert_eq!(model("anthropic/claude", Provider::Anthropic), "claude");
    assert_eq!(model("gemini/gemini-3", Provider::Gemini), "gemini-3");
    for provider in Provider::ALL {
        assert_eq!(Provider::parse(provider.as_str()), Some(provider));
    }
}
