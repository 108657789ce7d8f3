//! The language-neutral fixtures of `tests/fixtures/render`, which every runtime also runs.
#![expect(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "helpers of tests"
)]

use std::fs;
use std::path::{Path, PathBuf};

use cuecard_prompt::json::{canonical, sha256_hex};
use cuecard_prompt::{Document, Prompt};
use serde_json::{Value, json};

fn fixtures(folder: &str) -> Vec<(PathBuf, Value)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../tests/fixtures")
        .join(folder);
    let entries = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path());
    let mut files: Vec<_> = entries
        .filter(|path| path.extension().is_some_and(|end| end == "json"))
        .collect();
    files.sort();
    let read = |path: PathBuf| {
        let value = cuecard_prompt::json::parse(&fs::read_to_string(&path).unwrap());
        (
            path.clone(),
            value.unwrap_or_else(|error| panic!("{}: {error}", path.display())),
        )
    };
    files.into_iter().map(read).collect()
}

/// Whether every member of `expected` is in `actual`.
fn includes(actual: &Value, expected: &Value) -> bool {
    match (actual, expected) {
        (Value::Object(actual), Value::Object(expected)) => expected.iter().all(|(key, value)| {
            actual
                .get(key)
                .is_some_and(|actual| includes(actual, value))
        }),
        _ => actual == expected,
    }
}

fn run(prompt: &Prompt, case: &Value, failures: &mut Vec<String>) -> Value {
    let id = &case["id"];
    let mut fail = |message: String| failures.push(format!("{id}: {message}"));
    match prompt.render(&case["inputs"]) {
        Ok(rendered) => {
            let messages = serde_json::to_value(rendered.messages).unwrap();
            if messages != case["messages"] {
                fail(format!(
                    "\n  expected {:#}\n  rendered {messages:#}",
                    case["messages"]
                ));
            }
            json!({ "id": id, "messages": messages })
        }
        Err(error) => {
            if error.code().as_str() != case["code"] {
                fail(format!("{error}"));
            }
            let problem = serde_json::to_value(error.to_problem()).unwrap();
            if let Some(at) = case.get("at")
                && !includes(&problem["at"], at)
            {
                fail(format!("expected {at}, was {}", problem["at"]));
            }
            if let Some(Value::Array(expected)) = case.get("issues") {
                let none = Vec::new();
                let found = problem
                    .get("issues")
                    .and_then(Value::as_array)
                    .unwrap_or(&none);
                let fits = found.len() == expected.len()
                    && found
                        .iter()
                        .zip(expected)
                        .all(|(found, expected)| includes(found, expected));
                if !fits {
                    fail(format!(
                        "\n  expected {:#}\n  found {found:#?}",
                        case["issues"]
                    ));
                }
            }
            json!({ "id": id, "code": error.code() })
        }
    }
}

/// Renders every case. HASH is SHA-256 over one line per case, in the order of file names and cases: the canonical JSON
/// (RFC 8785) of `{id, messages}` or `{id, code}`, and a newline.
#[test]
fn renders() {
    let mut lines = String::new();
    let mut failures = Vec::new();
    let mut count = 0;
    for (path, fixture) in fixtures("render") {
        let document = Document::from_value(fixture["prompt"].clone());
        let document =
            document.unwrap_or_else(|e| panic!("{}: {e} {:?}", path.display(), e.issues()));
        let prompt = Prompt::compile(&document);
        let prompt = prompt.unwrap_or_else(|e| panic!("{}: {e} {:?}", path.display(), e.issues()));
        for case in fixture["cases"].as_array().unwrap() {
            lines += &canonical(&run(&prompt, case, &mut failures));
            lines.push('\n');
            count += 1;
        }
    }
    let hash = sha256_hex(&lines);
    println!(
        "{count} render cases, {} failures, hash {hash}",
        failures.len()
    );
    assert!(failures.is_empty(), "{}", failures.join("\n"));
    let committed = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/fixtures/render/HASH");
    if std::env::var_os("UPDATE_CONTRACT").is_some() {
        fs::write(&committed, format!("{hash}\n")).unwrap();
    }
    assert!(
        fs::read_to_string(committed).unwrap_or_default().trim() == hash,
        "tests/fixtures/render/HASH is not current: `UPDATE_CONTRACT=1 cargo test -p cuecard-prompt --test fixtures` writes it"
    );
}
