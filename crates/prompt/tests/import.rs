//! Imports and exports of other systems' prompts, and the seed documents.
#![expect(clippy::unwrap_used, reason = "helpers of tests")]

use std::fs;
use std::path::Path;

use cuecard_prompt::{Code, Document, Prompt, System, json};
use serde_json::{Value, json};

fn files(folder: &str) -> Vec<(String, Value)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../tests/fixtures/documents")
        .join(folder);
    let read = |entry: std::io::Result<fs::DirEntry>| {
        let path = entry.unwrap().path();
        (
            path.display().to_string(),
            json::parse(&fs::read_to_string(&path).unwrap()).unwrap(),
        )
    };
    let files: Vec<_> = fs::read_dir(folder).unwrap().map(read).collect();
    assert!(!files.is_empty());
    files
}

#[test]
fn prompts_of_other_systems_load_unchanged() {
    for (path, fixture) in files("import") {
        let imported = Document::import(fixture["source"].clone());
        let imported = imported.unwrap_or_else(|e| panic!("{path}: {e} {:?}", e.issues()));
        assert_eq!(
            imported.document.to_value().unwrap(),
            fixture["document"],
            "{path}"
        );
        assert_eq!(
            imported.slug.as_deref(),
            fixture.get("slug").and_then(Value::as_str),
            "{path}"
        );
        let message = fixture.get("commitMessage").and_then(Value::as_str);
        assert_eq!(imported.commit_message.as_deref(), message, "{path}");
        assert!(
            imported.losses.iter().all(|issue| issue.code == "not_kept"),
            "{path}"
        );
        let pointers: Vec<_> = imported
            .losses
            .iter()
            .map(|issue| issue.pointer.as_str())
            .collect();
        assert_eq!(json!(pointers), fixture["notKept"], "{path}");
        // Every loss points to an existing place of the source.
        for pointer in pointers {
            assert!(
                fixture["source"].pointer(pointer).is_some(),
                "{path} {pointer}"
            );
        }
        // The strict parser accepts the importer's output.
        assert_eq!(
            Document::from_value(fixture["document"].clone()).unwrap(),
            imported.document,
            "{path}"
        );
    }
}

#[test]
fn one_prompt_in_three_shapes_is_one_document() {
    let athina = json!({
        "prompt_slug": "x", "model": "openai/gpt-4o", "parameters": { "max_tokens": 9, "temperature": 1.0 },
        "prompt": [{ "role": "system", "content": "You are {{ role }}" }, { "role": "user", "content": "Hi {{ name }}" }],
    });
    let basalt = json!({
        "slug": "x", "text": "Hi {{ name }}", "systemText": "You are {{ role }}",
        "model": { "provider": "open-ai", "client": "open-ai", "model": "gpt-4o", "version": "latest",
                   "parameters": { "temperature": 1, "maxLength": 9, "responseFormat": "text" } },
    });
    let langwatch = json!({
        "handle": "x", "prompt": "You are {{ role }}", "messages": [{ "role": "user", "content": "Hi {{ name }}" }],
        "model": "openai/gpt-4o", "temperature": 1, "maxTokens": 9, "inputs": [],
    });
    let documents = [athina, basalt, langwatch].map(|source| Document::import(source).unwrap());
    assert_eq!(documents[0], documents[1]);
    assert_eq!(documents[1], documents[2]);
    assert_eq!(
        documents[0].document.hash().unwrap(),
        documents[2].document.hash().unwrap()
    );
}

#[test]
fn what_cannot_be_imported_is_refused() {
    for source in [
        json!(null),
        json!([]),
        json!({}),
        json!({ "prompt": [] }),
        json!({ "text": "", "model": 3 }),
        json!({ "handle": "x" }),
    ] {
        let error = Document::import(source.clone()).unwrap_err();
        assert_eq!(error.code(), Code::DocumentInvalid, "{source}");
    }
}

#[test]
fn the_seed_documents_compile_without_warnings() {
    for (path, value) in files("seeds") {
        let document = Document::from_value(value.clone());
        let document = document.unwrap_or_else(|e| panic!("{path}: {e} {:?}", e.issues()));
        assert_eq!(
            document.to_value().unwrap(),
            value,
            "{path}: seeds are written in canonical spellings"
        );
        let prompt =
            Prompt::compile(&document).unwrap_or_else(|e| panic!("{path}: {e} {:?}", e.issues()));
        assert_eq!(prompt.warnings(), [], "{path}");
    }
}

#[test]
fn what_is_imported_is_exported_again_and_losses_are_listed() {
    let listed = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../../tests/fixtures/documents/exports.json"
    );
    let listed = json::parse(&fs::read_to_string(listed).unwrap()).unwrap();
    let mut found = serde_json::Map::new();
    for (path, fixture) in files("import") {
        let name = Path::new(&path)
            .file_stem()
            .unwrap()
            .to_string_lossy()
            .into_owned();
        let imported = Document::import(fixture["source"].clone()).unwrap();
        let mut losses = serde_json::Map::new();
        for (key, system) in [
            ("athina", System::Athina),
            ("basalt", System::Basalt),
            ("langwatch", System::Langwatch),
        ] {
            let exported = imported.document.export_to(system).unwrap();
            let again = Document::import_from(system, exported.value.clone());
            let again = again.unwrap_or_else(|e| panic!("{path} {key} {e} {:?}", e.issues()));
            if name.starts_with(key) {
                let mut expected = imported.document.clone();
                if system == System::Langwatch && expected.inputs.is_none() {
                    // LangWatch's format always lists inputs.
                    expected.inputs = again.document.inputs.clone();
                }
                assert_eq!(again.document, expected, "{path}");
            }
            let pointers: Vec<_> = exported.losses.iter().map(|loss| &loss.pointer).collect();
            losses.insert(key.to_owned(), json!(pointers));
        }
        found.insert(name, losses.into());
    }
    assert_eq!(Value::Object(found), listed["lost"]);
}

#[test]
fn a_text_prints_as_it_is_in_the_other_systems_languages() {
    for text in [
        "{{ name }} {% if x %}{# y #}{%- raw -%}",
        "{{{ {%{% }}}} {{{{",
        "no braces",
        "{\"a\": {\"b\": {}}}",
        "ends with a line\n",
        "ends with two\n\n",
    ] {
        let document = Document::from_value(json!({
            "messages": [{ "role": "system", "content": text }, { "role": "user", "content": text }],
            "template": { "language": "text" },
        }))
        .unwrap();
        for system in [System::Basalt, System::Langwatch] {
            let exported = document.export_to(system).unwrap();
            assert!(
                exported
                    .losses
                    .iter()
                    .any(|loss| loss.pointer == "/template")
            );
            let again = Document::import_from(system, exported.value)
                .unwrap()
                .document;
            let rendered = Prompt::compile(&again).unwrap().render(&json!({})).unwrap();
            let printed: Vec<_> = rendered
                .messages
                .iter()
                .map(|message| json!(message)["content"].clone())
                .collect();
            assert_eq!(printed, [text, text], "{system:?}");
        }
        assert_eq!(
            document.export_to(System::Athina).unwrap().value["prompt"][0]["content"],
            text
        );
    }
}

#[test]
fn two_spellings_of_a_parameter_with_two_values_are_refused() {
    let says = json!([{ "role": "user", "content": "x" }]);
    let with = |parameters: Value| json!({ "prompt": says, "parameters": parameters });
    for (system, source, place) in [
        (
            System::Athina,
            with(json!({ "maxTokens": 1, "max_completion_tokens": 2 })),
            "/parameters/max_completion_tokens",
        ),
        (
            System::Athina,
            with(json!({ "max_completion_tokens": 2, "maxTokens": 1 })),
            "/parameters/maxTokens",
        ),
        (
            System::Athina,
            with(json!({ "stop": ["a"], "stop_sequences": ["b"] })),
            "/parameters/stop_sequences",
        ),
        (
            System::Basalt,
            json!({ "text": "x", "model": { "parameters": { "topP": 1, "top_p": 0.5 } } }),
            "/model/parameters/top_p",
        ),
        (
            System::Langwatch,
            json!({ "prompt": "x", "maxTokens": 1, "max_tokens": 2 }),
            "/max_tokens",
        ),
        (
            System::Openai,
            json!({ "input": "x", "max_output_tokens": 1, "max_tokens": 2 }),
            "/maxTokens",
        ),
        (
            System::Plain,
            json!({ "prompt": "x", "parameters": { "top_k": 1, "topK": 2 } }),
            "/parameters/topK",
        ),
    ] {
        let error = Document::import_from(system, source).unwrap_err();
        assert_eq!(error.code(), Code::DocumentInvalid, "{system:?}");
        let issues: Vec<_> = error.issues().iter().collect();
        assert_eq!(issues.len(), 1, "{system:?} {issues:?}");
        assert_eq!(
            (issues[0].code.as_ref(), issues[0].pointer.as_str()),
            ("conflict", place)
        );
    }
    // With one value it is no mistake, and a null is none.
    for parameters in [
        json!({ "max_tokens": 1, "maxTokens": 1 }),
        json!({ "max_tokens": null, "maxTokens": 1 }),
        json!({ "max_tokens": 1, "maxTokens": null }),
    ] {
        let imported = Document::import_from(System::Athina, with(parameters)).unwrap();
        assert_eq!(
            json!(imported.document.parameters),
            json!({ "maxTokens": 1 })
        );
    }
}
